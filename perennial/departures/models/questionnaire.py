"""What leavers are asked: versions of a questionnaire, each question with its wording in every language."""

from django.db import models
from django.db.models import Q

from perennial.departures.exit.enums import QuestionKind, QuestionnaireState


class Questionnaire(models.Model):
    """One version of what leavers are asked.

    Only a draft changes: what was published may have answers, and a question that changed under its answers would
    make them say something else. At most one version is a draft, at most one is published.
    """

    number = models.PositiveIntegerField(unique=True)
    state = models.CharField(max_length=10, choices=QuestionnaireState.choices, default=QuestionnaireState.DRAFT)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    published_by = models.CharField(max_length=80, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=QuestionnaireState.values), name="questionnaire_state_is_known"
            ),
            models.UniqueConstraint(
                fields=["state"], condition=Q(state__in=["draft", "published"]), name="one_draft_and_one_published"
            ),
            models.CheckConstraint(
                condition=Q(state="draft", published_at=None) | (~Q(state="draft") & Q(published_at__isnull=False)),
                name="published_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return str(self.number)


class Question(models.Model):
    """One question. Wordings are objects of language and text: `{"en": "...", "nl": "..."}`.

    `code` means the same in every version, and is the field's name on the leaver's page. Questions with the same
    `screen` stand together. `variants` are other wordings where they fit better: `gone` once the last day has passed,
    or a code of HowEnded, as HR recorded it.
    """

    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.CASCADE, related_name="questions")
    code = models.CharField(max_length=40)
    kind = models.CharField(max_length=10, choices=QuestionKind.choices)
    # Questions of one subject matter each (work, pay, manager), which together are the satisfaction.
    about = models.CharField(max_length=40, blank=True)
    screen = models.PositiveSmallIntegerField()
    position = models.PositiveSmallIntegerField()
    texts = models.JSONField(default=dict)
    variants = models.JSONField(default=dict, blank=True)
    hints = models.JSONField(default=dict, blank=True)
    # How a stint ended, as HR recorded it (codes of HowEnded): whom this question is not put to.
    left_out_after = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["questionnaire_id", "screen", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["questionnaire", "code"], name="a_question_once_a_version"),
            models.CheckConstraint(condition=Q(kind__in=QuestionKind.values), name="question_kind_is_known"),
            models.CheckConstraint(condition=Q(about="") | Q(kind="scale"), name="satisfaction_is_a_scale"),
            models.CheckConstraint(condition=~Q(code=""), name="question_has_a_code"),
        ]

    def __str__(self) -> str:
        return self.code


class Option(models.Model):
    """A ready answer of a question with one or several answers. `code` means the same in every version."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="options")
    code = models.CharField(max_length=40)
    position = models.PositiveSmallIntegerField()
    texts = models.JSONField(default=dict)

    class Meta:
        ordering = ["question_id", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["question", "code"], name="an_option_once_a_question"),
            models.CheckConstraint(condition=~Q(code=""), name="option_has_a_code"),
        ]

    def __str__(self) -> str:
        return self.code
