"""What is said (Mailing) and to whom (Message). The Message table is the queue."""

from django.db import models
from django.db.models import Q

from perennial.kernel import lookups as _lookups  # noqa: F401 - makes `among` known, which the queue asks with
from perennial.kernel.keys import new_key, new_random
from perennial.kernel.purposes import Intent, Purpose
from perennial.mail.enums import ENDED, MessageState, Priority
from perennial.people.models import Person
from perennial.programme.models import Topic


class Mailing(models.Model):
    """Content, per language, with purpose and sender. Frozen when the first message leaves the draft state."""

    key = models.CharField(max_length=32, unique=True, default=new_key, editable=False)
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    intent = models.CharField(max_length=10, choices=Intent.choices, default=Intent.NEUTRAL)
    # What it is about; the door is asked with it. Topics are retired and never deleted.
    topic = models.ForeignKey(Topic, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # Where it came from ('journey:farewell/two_weeks', 'departures:invitation', 'mail:confirmation', 'accounts').
    origin = models.CharField(max_length=80)
    sender_name = models.CharField(max_length=200, blank=True)
    reply_to = models.CharField(max_length=320, blank=True)
    # Written by a machine and not looked at by a human: carries Auto-Submitted (RFC 3834).
    automatic = models.BooleanField(default=False)
    # The person asked for it a moment ago (a confirmation, a fresh link, what the law lets them ask): neither the stage
    # of the programme nor a restriction of contact keeps an answer back.
    answer = models.BooleanField(default=False, db_default=False)
    # {"nl": {"subject": "...", "body": "..."}}; a body is plain text with paragraphs and may hold {link}. With it may
    # go a "calendar", a file as RFC 5545 has it.
    contents = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    frozen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]


class Message(models.Model):
    """One mailing to one recipient. It has an address and may have a person; staff mail has none."""

    # No index of its own: the unique constraint below begins with it.
    mailing = models.ForeignKey(Mailing, on_delete=models.CASCADE, related_name="messages", db_index=False)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.CASCADE, related_name="messages")
    # Empty until it is sent where there is a person: the door picks the address.
    address = models.CharField(max_length=320, blank=True)
    recipient_name = models.CharField(max_length=300, blank=True)
    language = models.CharField(max_length=10)
    # The signed path that stands for {link} in the body. Secret; never shown in production.
    link_path = models.CharField(max_length=300, blank=True)
    random = models.CharField(max_length=40, default=new_random)
    state = models.CharField(max_length=10, choices=MessageState.choices)
    # The rule of the door that decided, where the message was skipped or has to wait.
    skip_rule = models.CharField(max_length=20, blank=True)
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.ORDINARY)
    # How often the mail server put this message off or hung up on it, or a worker died over it.
    attempts = models.PositiveSmallIntegerField(default=0)
    # When it may go at the earliest; empty when it is not in the queue.
    not_before = models.DateTimeField(null=True, blank=True)
    # The holder of the lease it is in, while it is being sent.
    leased_by = models.CharField(max_length=80, blank=True)
    # An attempt broke off and nobody knows whether the mail went, so it may arrive twice (with the same Message-ID).
    uncertain = models.BooleanField(default=False)
    # The server had the whole mail once and its answer was lost: one retry and no more.
    handed_over = models.BooleanField(default=False)
    # Message-ID without angle brackets, the same over all attempts.
    message_id = models.CharField(max_length=320, blank=True)
    last_error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            # The condition is one that SQLite, too, can see is met by `not_before <= ?`.
            models.Index(
                fields=["priority", "not_before", "id"],
                condition=Q(not_before__isnull=False),
                name="messages_to_send",
            ),
            models.Index(fields=["state", "-created_at"]),
        ]
        constraints = [
            models.UniqueConstraint(fields=["mailing", "person"], name="one_message_per_mailing_and_person"),
            models.CheckConstraint(condition=Q(state__in=MessageState.values), name="message_state_is_known"),
            models.CheckConstraint(
                condition=Q(person__isnull=False) | ~Q(address=""), name="message_has_a_person_or_an_address"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[MessageState.QUEUED, MessageState.SENDING]) | Q(not_before__isnull=False),
                name="a_queued_message_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=ENDED) | Q(not_before__isnull=True), name="an_ended_message_left_the_queue"
            ),
        ]


class Lease(models.Model):
    """A worker's hold on the messages of one claim, in real time. It is gone when the last of them is done."""

    # A name of its own for each claim; it stands on the messages.
    holder = models.CharField(max_length=80, unique=True)
    until = models.DateTimeField(db_index=True)
    # The messages the mail server is about to hear of, written down before it does: should the worker die, nobody
    # knows whether they went.
    begun = models.JSONField(default=list)

    class Meta:
        ordering = ["until", "pk"]
