"""What the leaver answers, the closed groups in which that is counted, and what the leaver says we may do."""

from django.db import models
from django.db.models import Q

from perennial.departures.exit.enums import Band, Ending, QuestionKind, Review
from perennial.departures.models.departure import Departure
from perennial.departures.models.questionnaire import Option, Question, Questionnaire
from perennial.kernel.encryption import EncryptedTextField


class AnswerGroup(models.Model):
    """A closed group of at least five answers to one question, counted when it closed.

    Figures are sums over whole groups, never over answers. The counts stay as they are when a person in it is erased:
    a figure that moved with one person would tell what that person said. A group says of its people only what its
    label says: the department (or one that holds theirs), length of service, how it ended for the employer; empty is
    'mixed'.
    """

    question = models.CharField(max_length=40)
    kind = models.CharField(max_length=10, choices=QuestionKind.choices)
    closed_at = models.DateTimeField()
    # Closed at once, where a small cell was full; or in a round over everything that waited.
    in_a_round = models.BooleanField(default=True)
    # The id a department had: where it was merged into another, `programme` knows which one that is now.
    department = models.BigIntegerField(null=True, blank=True)
    band = models.CharField(max_length=12, choices=Band.choices, blank=True)
    ending = models.CharField(max_length=12, choices=Ending.choices, blank=True)
    # How many people answered.
    n = models.PositiveIntegerField()
    # Of a scale: sum and sum of squares, where they were kept, and how many answered 9-10, 7-8, 0-6.
    total = models.PositiveIntegerField(null=True, blank=True)
    squares = models.PositiveIntegerField(null=True, blank=True)
    promoters = models.PositiveIntegerField(default=0)
    passives = models.PositiveIntegerField(default=0)
    detractors = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["closed_at", "pk"]
        indexes = [models.Index(fields=["question", "closed_at"])]
        constraints = [
            models.CheckConstraint(condition=Q(n__gte=5), name="a_group_has_at_least_five"),
            models.CheckConstraint(
                condition=~Q(kind="scale") | Q(n=models.F("promoters") + models.F("passives") + models.F("detractors")),
                name="a_scale_is_counted_whole",
            ),
        ]


class GroupCount(models.Model):
    """How many of a group chose a ready answer. An answer that nobody chose has no row."""

    group = models.ForeignKey(AnswerGroup, on_delete=models.CASCADE, related_name="counts", db_index=False)
    option = models.CharField(max_length=40)
    count = models.PositiveIntegerField()

    class Meta:
        ordering = ["group_id", "pk"]
        constraints = [models.UniqueConstraint(fields=["group", "option"], name="an_option_once_a_group")]


class ExitAnswers(models.Model):
    """That a leaver answered. Behind the wall: only figures over closed groups leave this module."""

    departure = models.OneToOneField(Departure, on_delete=models.CASCADE, related_name="answers")
    # The version that was begun with: a new one is not put under somebody's hands.
    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="+")
    language = models.CharField(max_length=10)
    started_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)


class Answer(models.Model):
    """One answer to one question: a ready answer (several rows where several were ticked), a number, or a text.

    `group` is set once it was counted; what was counted no longer changes.
    """

    answers = models.ForeignKey(ExitAnswers, on_delete=models.CASCADE, related_name="given")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+")
    option = models.ForeignKey(Option, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField(null=True, blank=True)
    text = EncryptedTextField(blank=True)
    review = models.CharField(max_length=10, choices=Review.choices, blank=True)
    reviewed_by = models.CharField(max_length=80, blank=True)
    group = models.ForeignKey(AnswerGroup, null=True, blank=True, on_delete=models.SET_NULL, related_name="members")
    # Could have been counted, but for all of its cell having answered alike: it waits for five others.
    held = models.BooleanField(default=False)

    class Meta:
        ordering = ["answers_id", "pk"]
        indexes = [models.Index(fields=["answers"], condition=Q(group=None), name="answers_that_wait")]
        constraints = [
            models.UniqueConstraint(
                fields=["answers", "question"], condition=Q(option=None), name="a_number_or_text_once"
            ),
            models.UniqueConstraint(
                fields=["answers", "option"], condition=Q(option__isnull=False), name="a_ready_answer_once"
            ),
            models.CheckConstraint(
                condition=Q(option=None, number=None)
                | Q(text="", option=None, number__lte=10)
                | Q(text="", option__isnull=False, number=None),
                name="an_answer_is_one_thing",
            ),
        ]


class RelationAnswer(models.Model):
    """The relation screen as submitted: agreed to anything, or kindly declined, on it or by leaving entirely."""

    departure = models.OneToOneField(Departure, on_delete=models.CASCADE, related_name="relation")
    submitted_at = models.DateTimeField()
    agreed = models.BooleanField()
