"""What exit answers are about, as an exit interviewer noted it by hand, and what came of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from perennial.departures.models.answers import AnswerGroup, ExitAnswers
from perennial.departures.models.telling import Telling
from perennial.kernel.keys import new_key


class Theme(models.Model):
    """What several people speak of: 'parking', 'decisions take long'."""

    key = models.CharField(max_length=32, unique=True, default=new_key, editable=False)
    name = models.CharField(max_length=100, unique=True)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="theme_has_a_name")]

    def __str__(self) -> str:
        return self.name


class AnswerTheme(models.Model):
    """That somebody's answers are about a theme. Behind the wall, as the answers are; `group` once it was counted."""

    answers = models.ForeignKey(ExitAnswers, on_delete=models.CASCADE, related_name="themes", db_index=False)
    theme = models.ForeignKey(Theme, on_delete=models.PROTECT, related_name="+")
    by = models.CharField(max_length=80)
    group = models.ForeignKey(AnswerGroup, null=True, blank=True, on_delete=models.SET_NULL, related_name="themed")
    held = models.BooleanField(default=False)

    class Meta:
        ordering = ["answers_id", "pk"]
        constraints = [models.UniqueConstraint(fields=["answers", "theme"], name="a_theme_once_an_answer")]


class ThemeAction(models.Model):
    """What is done about a theme, by whom and by when. It names nobody whose answers it comes of."""

    theme = models.ForeignKey(Theme, on_delete=models.PROTECT, related_name="actions")
    text = models.CharField(max_length=300)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    due_on = models.DateField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.CharField(max_length=80, blank=True)
    # Told once: a column, so that there is no second place in which it could stand.
    told_in = models.ForeignKey(Telling, null=True, blank=True, on_delete=models.PROTECT, related_name="actions")

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="theme_action_says_what"),
            models.CheckConstraint(
                condition=Q(done_at=None, done_by="") | (Q(done_at__isnull=False) & ~Q(done_by="")),
                name="theme_action_done_has_a_name",
            ),
            models.CheckConstraint(
                condition=Q(told_in=None) | Q(done_at__isnull=False), name="only_what_is_done_is_told"
            ),
        ]
