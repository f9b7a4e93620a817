"""Erasures, what people asked about their data, their own page, holds against retention, records of its runs."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from perennial.accounts.models import User
from perennial.kernel.encryption import EncryptedTextField
from perennial.kernel.keys import new_key
from perennial.people.models import Person
from perennial.privacy.rights.enums import CameBy, Checked, Field, RequestKind, RequestState


class Erasure(models.Model):
    """One erasure. Keys, keyed fingerprints and counts alone, so that it may outlive whom it is about.

    `settled_at` is set once the journal has it and the database's own leftovers are wiped; until then the tick goes on.
    """

    person_key = models.CharField(max_length=32, unique=True)
    # Keyed fingerprints by which a feed would bring the person back.
    marks = models.JSONField(default=list)
    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    # What could not be counted afterwards: rule -> how many.
    kept = models.JSONField(default=dict)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["at"], condition=Q(settled_at=None), name="erasures_to_settle")]


class Request(models.Model):
    """One thing that somebody asked about their data, with its term, what became of it, and why.

    It outlives an erasure as proof: then the words are gone, and `person_key` names nobody on file.
    """

    key = models.CharField(max_length=32, unique=True, default=new_key, editable=False)
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="requests")
    person_key = models.CharField(max_length=32, db_index=True)
    kind = models.CharField(max_length=20, choices=RequestKind.choices)
    # Of a correction: what is wrong.
    field = models.CharField(max_length=20, choices=Field.choices, blank=True)
    # What the person said, and what they read as answer.
    words = EncryptedTextField(blank=True)
    answer = EncryptedTextField(blank=True)
    # Who else was told of a correction or an erasure (Art. 19 GDPR), as a colleague noted it.
    recipients_told = EncryptedTextField(blank=True)
    came_by = models.CharField(max_length=20, choices=CameBy.choices)
    checked_by = models.CharField(max_length=20, choices=Checked.choices)
    received_on = models.DateField()
    asked_at = models.DateTimeField()
    noted_by = models.CharField(max_length=80)
    # The term as the law sets it, and the day by which we must have answered: later once a notice has gone out in time.
    first_due_on = models.DateField()
    due_on = models.DateField()
    extended_at = models.DateTimeField(null=True, blank=True)
    extension_reason = EncryptedTextField(blank=True)
    state = models.CharField(max_length=10, choices=RequestState.choices, default=RequestState.OPEN)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.CharField(max_length=80, blank=True)
    # Of a restriction: when the person was told that it will be lifted, and when it was.
    lifting_told_at = models.DateTimeField(null=True, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["due_on", "pk"]
        indexes = [models.Index(fields=["due_on"], condition=Q(state="open"), name="requests_that_are_open")]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind", "field"], condition=Q(state="open"), name="one_open_request_of_a_kind"
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(kind="restriction", state="done", lifted_at=None),
                name="one_standing_restriction_a_person",
            ),
            models.CheckConstraint(
                condition=Q(state="open", answered_at=None) | ~Q(state="open") & Q(answered_at__isnull=False),
                name="what_is_not_open_was_answered",
            ),
            models.CheckConstraint(
                condition=Q(extended_at=None, due_on=F("first_due_on"))
                | Q(extended_at__isnull=False, due_on__gt=F("first_due_on")),
                name="later_only_with_a_notice",
            ),
            models.CheckConstraint(condition=Q(kind="correction") ^ Q(field=""), name="only_corrections_have_a_field"),
            models.CheckConstraint(
                condition=Q(kind="restriction") | Q(lifting_told_at=None, lifted_at=None),
                name="only_restrictions_are_lifted",
            ),
        ]


class DataCopy(models.Model):
    """The file that answers a request: made once, fetched by the person alone, deleted after seven days."""

    request = models.OneToOneField(Request, on_delete=models.CASCADE, related_name="file")
    # Beside the request's, which an erasure only empties: the file goes with the person.
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    # The bytes of the file in base 64; empty until it is made.
    content = EncryptedTextField(blank=True)
    ordered_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["ordered_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(made_at=None, expires_at=None) | Q(made_at__isnull=False, expires_at__isnull=False),
                name="what_is_made_expires",
            )
        ]


class Visit(models.Model):
    """One browser at somebody's own page: first it waits for the code, then it is open for twenty minutes.

    Without a person where nobody has the address that was typed: whoever asks sees no difference.
    """

    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="+")
    # Fingerprints of what the browser's cookie holds, and of the code that was mailed.
    cookie = models.CharField(max_length=64, unique=True)
    code = models.CharField(max_length=64, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    code_until = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField()

    class Meta:
        ordering = ["asked_at", "pk"]
        indexes = [models.Index(fields=["ends_at"])]


class HoldReason(models.TextChoices):
    """Why somebody's data may not be let go yet. Codes, so that they can be counted."""

    DISPUTE = "dispute", _("A dispute or a claim")
    AUTHORITY = "authority", _("An authority asked for it")
    LAW = "law", _("A law asks to keep it")
    OWN_WISH = "own_wish", _("The person asked for it")


class Hold(models.Model):
    """That retention leaves somebody alone, until a day, with a colleague who answers for it."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="holds")
    owner = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=20, choices=HoldReason.choices)
    sentence = models.CharField(max_length=300)
    ends_on = models.DateField()
    by = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["ends_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(reason__in=HoldReason.values), name="a_hold_has_a_reason"),
            models.CheckConstraint(condition=~Q(sentence=""), name="a_hold_is_explained"),
        ]


class RunState(models.TextChoices):
    ANNOUNCED = "announced", _("Announced")
    RUNNING = "running", _("Running")
    CANCELLED = "cancelled", _("Stopped")
    DONE = "done", _("Done")


class RetentionRun(models.Model):
    """One deletion of what is due, and the record of it: how many of which kind, by which policy. It names nobody."""

    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.RUNNING)
    # When it began, or was counted where it is only announced; and the version of the policy then.
    at = models.DateTimeField()
    # Of one that is announced: the day on which it begins, or is counted anew as long as it may not begin by itself.
    begins_on = models.DateField(null=True, blank=True)
    policy_version = models.CharField(max_length=40)
    # Kind -> how many were due when it began, and how many have gone.
    due = models.JSONField(default=dict)
    gone = models.JSONField(default=dict)
    # Kind -> country -> the term that held: '30 months'.
    rules = models.JSONField(default=dict)
    by = models.CharField(max_length=80)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=RunState.values), name="retention_run_state_is_known"),
            models.UniqueConstraint(fields=["state"], condition=Q(state="running"), name="one_retention_run_at_a_time"),
            models.UniqueConstraint(fields=["state"], condition=Q(state="announced"), name="one_retention_run_to_come"),
            models.CheckConstraint(
                condition=Q(state="announced") ^ Q(begins_on=None), name="what_is_announced_has_its_day"
            ),
        ]
