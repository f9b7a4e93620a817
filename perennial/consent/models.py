"""The ledger of grants and withdrawals, what waits for confirmation, and preferences."""

from typing import Any

from django.db import models
from django.db.models import Q

from perennial.consent.enums import Act, Basis, EvidenceKind, Means
from perennial.kernel.guards import NeverChanged, NeverDeleted
from perennial.kernel.keys import new_random
from perennial.kernel.purposes import Channel, Frequency, Purpose
from perennial.people.models import EmailAddress, Person
from perennial.programme.models import Topic


class Wording(models.Model):
    """The sentence a person agreed to, word for word. Rows are only ever added.

    `version` counts the texts of a language, `meaning` what they say in all of them: it is raised by a material change.
    """

    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    language = models.CharField(max_length=10)
    version = models.PositiveIntegerField()
    meaning = models.PositiveIntegerField(default=1)
    basis = models.CharField(max_length=20, choices=Basis.choices, default=Basis.CONSENT)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["purpose", "language", "-version", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["purpose", "language", "version"], name="one_wording_per_version"),
            NeverChanged(name="no_wording_is_changed"),
            NeverDeleted(name="no_wording_is_deleted"),
        ]


class ConsentRequest(models.Model):
    """What somebody asked of us on a page and has not yet confirmed from their mailbox. Deleted after seven days."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="consent_requests")
    address = models.ForeignKey(EmailAddress, on_delete=models.CASCADE)
    language = models.CharField(max_length=10)
    frequency = models.CharField(max_length=20, choices=Frequency.choices, blank=True)
    random = models.CharField(max_length=40, default=new_random)
    requested_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-requested_at", "-pk"]
        indexes = [models.Index(fields=["requested_at"], condition=Q(confirmed_at=None), name="unconfirmed_requests")]


class RequestedConsent(models.Model):
    request = models.ForeignKey(ConsentRequest, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    wording = models.ForeignKey(Wording, on_delete=models.PROTECT)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["request", "purpose", "channel"], name="asked_once_a_purpose_and_channel")
        ]


class LedgerEntry(models.Model):
    """One grant or withdrawal. Append-only; keys and codes only, so that it may outlive the person's record."""

    person_key = models.CharField(max_length=32)
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    act = models.CharField(max_length=10, choices=Act.choices)
    means = models.CharField(max_length=20, choices=Means.choices)
    wording = models.ForeignKey(Wording, null=True, blank=True, on_delete=models.PROTECT)
    at = models.DateTimeField()
    by = models.CharField(max_length=80)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["person_key", "at"])]
        constraints = [
            models.CheckConstraint(
                condition=~Q(act="granted") | Q(wording__isnull=False), name="a_grant_names_its_wording"
            ),
            NeverChanged(name="no_act_is_changed"),
            NeverDeleted(name="no_act_is_deleted"),
        ]


class ConsentState(models.Model):
    """What holds now: the ledger replayed, kept in the same transaction so that the door can ask in SQL."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="consent_states")
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    granted = models.BooleanField()
    since = models.DateTimeField()
    # Of the wording last agreed to, so that the door need not look it up.
    meaning = models.PositiveIntegerField(default=1)
    entry = models.ForeignKey(LedgerEntry, on_delete=models.PROTECT)

    class Meta:
        ordering = ["person_id", "purpose", "channel"]
        constraints = [
            models.UniqueConstraint(fields=["person", "purpose", "channel"], name="one_state_per_purpose_and_channel")
        ]


def unless_confirmed(collector: Any, field: Any, rows: Any, using: str) -> None:
    """What nobody confirmed goes with its request. A proof of what was confirmed stays when, say, the address goes."""
    unconfirmed = rows.filter(request__confirmed_at=None)
    models.CASCADE(collector, field, unconfirmed, using)
    models.SET_NULL(collector, field, rows.exclude(pk__in=unconfirmed.values("pk")), using)


class Evidence(models.Model):
    """What proves entries: where they came from, what was ticked, the mail as sent. It holds personal data and expires.

    `expires_on` is empty while what it proves holds, and set on the day that ends (`evidence.py`).
    """

    person_key = models.CharField(max_length=32, db_index=True)
    request = models.ForeignKey(ConsentRequest, null=True, blank=True, on_delete=unless_confirmed)
    kind = models.CharField(max_length=30, choices=EvidenceKind.choices)
    at = models.DateTimeField()
    ip = models.GenericIPAddressField(null=True, blank=True)
    address = models.CharField(max_length=320, blank=True)
    content = models.TextField(blank=True)
    expires_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["expires_on"])]


class Proving(models.Model):
    """That a piece of evidence proves an entry. One confirmation proves all that was ticked."""

    evidence = models.ForeignKey(Evidence, on_delete=models.CASCADE, related_name="proves")
    entry = models.ForeignKey(LedgerEntry, on_delete=models.PROTECT, related_name="proven_by")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["evidence", "entry"], name="each_entry_once_a_piece_of_evidence")
        ]


class Preference(models.Model):
    """How often, and not before when. `link_random` is the secret half of the person's preference link."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="preference")
    frequency = models.CharField(max_length=20, choices=Frequency.choices, default=Frequency.QUARTERLY)
    not_now_until = models.DateField(null=True, blank=True)
    link_random = models.CharField(max_length=40, default=new_random)
    # What was chosen before the last change on the page, and when that was: to tell what changed, and to take it back.
    before = models.JSONField(null=True, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)


class UnwantedTopic(models.Model):
    """A topic that somebody would rather not read about. What is not wanted is kept, so that a new topic reaches all
    who agreed to its purpose.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="unwanted_topics")
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()

    class Meta:
        ordering = ["person_id", "topic_id"]
        constraints = [models.UniqueConstraint(fields=["person", "topic"], name="a_topic_once_a_person")]


class Vouching(models.Model):
    """That a new address needs a second word: from the address on file, or from a colleague where none works any more.

    A link to somebody's choices may be passed on; whoever holds it must not lead their mail to another mailbox. It ends
    with its request, after seven days.
    """

    request = models.OneToOneField(ConsentRequest, on_delete=models.CASCADE, related_name="vouching")
    # Where we ask; empty where nothing on file works, and when that address was taken off the record since.
    on_file = models.ForeignKey(EmailAddress, null=True, on_delete=models.SET_NULL, related_name="+")
    random = models.CharField(max_length=40, default=new_random)
    # When the button was pressed in the new mailbox, and when somebody vouched for it: in either order.
    mailbox_at = models.DateTimeField(null=True)
    vouched_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
