"""A departure, what the leaver answers, what the leaver says we may do; and for whom the programme is."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q

from perennial.departures.enums import AudienceMode, DepartureState, Reason
from perennial.kernel.encryption import EncryptedTextField
from perennial.kernel.keys import new_key, new_random
from perennial.mail.models import Message
from perennial.people.models import Person, Stint


class Departure(models.Model):
    """One stint coming to its end. The last day is the stint's; this row says what we do about it."""

    key = models.CharField(max_length=32, unique=True, default=new_key, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="departures")
    stint = models.OneToOneField(Stint, on_delete=models.CASCADE, related_name="departure")
    state = models.CharField(max_length=10, choices=DepartureState.choices)
    opened_at = models.DateTimeField()
    # HR's record said 'leaving' or 'left' since this was opened: 'active' after that means that it is off. A record
    # that says 'active' until the last day, as many do, does not.
    was_leaving = models.BooleanField(default=False)
    link_random = models.CharField(max_length=40, default=new_random)
    # Set when a fresh link was asked for; else the end follows from the last day.
    link_expires_at = models.DateTimeField(null=True, blank=True)
    # Of the invitation's text as it was drafted, to see whether a human has changed it.
    drafted_sha256 = models.CharField(max_length=64, blank=True)
    invitation = models.ForeignKey(Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    handed_over_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["stint__ends_on", "pk"]
        indexes = [models.Index(fields=["state", "opened_at"])]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=DepartureState.values), name="departure_state_is_known")
        ]


class AnswerBatch(models.Model):
    """A closed group of at least five answers, counted when it closed.

    Figures are published batch by batch, never answer by answer. The counts stay as they are when a person in it is
    erased: a figure that moved with one person would tell what that person said.
    """

    closed_at = models.DateTimeField()
    promoters = models.PositiveIntegerField()
    passives = models.PositiveIntegerField()
    detractors = models.PositiveIntegerField()

    class Meta:
        ordering = ["closed_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(promoters__gte=5 - models.F("passives") - models.F("detractors")),
                name="a_batch_has_at_least_five",
            )
        ]


class ExitAnswers(models.Model):
    """What the leaver answered. Behind the wall: only figures over closed batches leave this module."""

    departure = models.OneToOneField(Departure, on_delete=models.CASCADE, related_name="answers")
    recommend = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MaxValueValidator(10)])
    improve = EncryptedTextField(blank=True)
    language = models.CharField(max_length=10)
    started_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    batch = models.ForeignKey(AnswerBatch, null=True, blank=True, on_delete=models.SET_NULL, related_name="members")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(recommend__isnull=True) | Q(recommend__lte=10), name="recommend_is_zero_to_ten"
            )
        ]


class ExitReason(models.Model):
    answers = models.ForeignKey(ExitAnswers, on_delete=models.CASCADE, related_name="reasons")
    code = models.CharField(max_length=20, choices=Reason.choices)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["answers", "code"], name="a_reason_once")]


class RelationAnswer(models.Model):
    """The relation screen as submitted: agreed to anything, or kindly declined, on it or by leaving entirely."""

    departure = models.OneToOneField(Departure, on_delete=models.CASCADE, related_name="relation")
    submitted_at = models.DateTimeField()
    agreed = models.BooleanField()


class Audience(models.Model):
    """For whom the programme is, as somebody decided it. The latest row holds; a former one can be put back.

    What is empty asks for nothing; `departments` and `places` are ids. One that is gone fits nobody.
    """

    mode = models.CharField(max_length=10, choices=AudienceMode.choices, default=AudienceMode.RULE)
    contract_kinds = models.JSONField(default=list)
    departments = models.JSONField(default=list)
    places = models.JSONField(default=list)
    # Whole months of one stint.
    minimum_months = models.PositiveSmallIntegerField(default=0)
    left_from = models.DateField(null=True, blank=True)
    left_until = models.DateField(null=True, blank=True)
    by = models.CharField(max_length=80)
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(mode__in=AudienceMode.values), name="audience_mode_is_known"),
            models.CheckConstraint(
                condition=Q(left_from=None) | Q(left_until=None) | Q(left_until__gte=models.F("left_from")),
                name="audience_period_has_two_ends",
            ),
        ]


class AudienceChoice(models.Model):
    """What a colleague decided about one person where people are chosen one by one. No row: nobody has decided."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="audience_choice")
    welcome = models.BooleanField()
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
