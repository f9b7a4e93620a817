"""What the leaver answers, and what the leaver says we may do."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q

from perennial.departures.enums import Reason
from perennial.departures.models.departure import Departure
from perennial.kernel.encryption import EncryptedTextField


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
