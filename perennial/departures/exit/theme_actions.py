"""What is done about themes of exit answers: planned for a colleague and a day, done, or after all not yet."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from perennial.accounts.models import User
from perennial.audit.actions import record
from perennial.departures.exit.themes import ThemeGoneError, known_outside
from perennial.departures.models import Theme, ThemeAction


class ActionToldError(Exception):
    """People were told that it is done, or are about to be."""


class ActionUnusableError(ValueError):
    """An action that does not say what is done."""


@transaction.atomic
def plan_action(*, theme_key: str, text: str, owner: User, due_on: date, by: str, now: datetime) -> ThemeAction:
    """Something is done about a theme, by a colleague, until a day. Raises ThemeGoneError, ActionUnusableError."""
    theme = known_outside().select_for_update().filter(key=theme_key).first()
    if theme is None:
        raise ThemeGoneError
    said = " ".join(text.split())
    if not said:
        raise ActionUnusableError
    action = ThemeAction.objects.create(theme=theme, text=said, owner=owner, due_on=due_on)
    record(deed="departures.theme_action_planned", by=by, now=now, details={"action": action.pk})
    return action


@transaction.atomic
def mark_done(*, action_id: int, done: bool, by: str, now: datetime) -> None:
    """It is done, or after all not yet. Raises ThemeGoneError, ActionToldError."""
    action = ThemeAction.objects.select_for_update().filter(pk=action_id).first()
    if action is None:
        raise ThemeGoneError
    if action.told_in_id is not None:
        raise ActionToldError
    action.done_at, action.done_by = (now, by) if done else (None, "")
    action.save(update_fields=["done_at", "done_by"])
    record(
        deed="departures.theme_action_done" if done else "departures.theme_action_reopened",
        by=by,
        now=now,
        details={"action": action_id},
    )


def actions_of(found: Sequence[Theme]) -> QuerySet[ThemeAction]:
    """What is done about these themes: what is open first, the earliest day first."""
    return (
        ThemeAction.objects.filter(theme__in=found).select_related("theme", "owner").order_by("done_at", "due_on", "pk")
    )


def actions_due(*, user_id: int, day: date) -> QuerySet[ThemeAction]:
    """What this colleague has taken on and has not done, due by `day`."""
    return (
        ThemeAction.objects.filter(owner=user_id, done_at=None, due_on__lte=day)
        .select_related("theme")
        .order_by("due_on", "pk")
    )
