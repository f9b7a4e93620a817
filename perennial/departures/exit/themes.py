"""Themes of exit answers: set by hand behind the wall and counted in closed groups.

A theme's name may tell what one person said, so outside the wall there are only those that a closed group counts. One
that nobody's answers are about any more, and that no figure and no action names, is deleted.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from perennial.audit.actions import record
from perennial.departures.exit.closing import THEMES, close_after_submission
from perennial.departures.exit.enums import QuestionKind
from perennial.departures.exit.figures import Selection, Tally, tallies
from perennial.departures.exit.wall import NothingAnsweredError
from perennial.departures.models import AnswerTheme, Departure, ExitAnswers, GroupCount, Theme, ThemeAction
from perennial.kernel.text import one_line

NAME_LENGTH = 100


class ThemesCountedError(Exception):
    """The themes of these answers are part of a figure already, and stay."""


class ThemeGoneError(Exception):
    """There is no such theme, or none that is counted; or no such action."""


class NameUnusableError(ValueError):
    """A name of nothing that is to be seen."""


class NameTakenError(Exception):
    """Another theme has this name. Which answers are about which is noted, so the two are not made one."""


def themes() -> list[Theme]:
    """All themes, by name: for exit interviewers alone."""
    return list(Theme.objects.order_by("name", "pk"))


def counted_themes() -> list[Theme]:
    """The themes that a closed group counts, by name: no others are known outside the wall."""
    return list(known_outside())


def known_outside() -> QuerySet[Theme]:
    """The same as a query, for whoever asks whether a theme is one of them."""
    return Theme.objects.filter(_counted()).order_by("name", "pk")


def themes_of(*, departure: Departure) -> set[str]:
    """The keys of the themes that were set on this leaver's answers."""
    return set(AnswerTheme.objects.filter(answers__departure=departure).values_list("theme__key", flat=True))


def theme_tally() -> Tally:
    """How many people's answers are about each theme, by the theme's key: whole groups of five and more alone."""
    return tallies(selection=Selection(), question=THEMES).get(THEMES) or Tally(THEMES, QuestionKind.MULTIPLE)


@transaction.atomic
def set_themes(*, departure: Departure, keys: Iterable[str], new: str = "", by: str, now: datetime) -> None:
    """What these answers are about, in the place of what was said before; `new` is the name of one more theme.

    Raises NothingAnsweredError, ThemesCountedError, ThemeGoneError.
    """
    answers = ExitAnswers.objects.select_for_update().filter(departure=departure, submitted_at__isnull=False).first()
    if answers is None:
        raise NothingAnsweredError
    if answers.themes.filter(group__isnull=False).exists():
        raise ThemesCountedError
    # PostgreSQL keeps no NUL, and no key of ours holds a sign that is not to be seen.
    wanted, name = {key for key in keys if key.isprintable()}, one_line(new)[:NAME_LENGTH]
    former = set(answers.themes.values_list("theme", flat=True))
    # All that are touched are locked at once and in one order, so that none is deleted under another's hands.
    locked = _locked(Q(pk__in=former) | Q(key__in=wanted) | Q(name=name))
    chosen = [theme for theme in locked if theme.key in wanted]
    if len(chosen) != len(wanted):
        raise ThemeGoneError
    if name:
        chosen.append(Theme.objects.get_or_create(name=name, defaults={"made_by": by, "made_at": now})[0])
    answers.themes.all().delete()
    AnswerTheme.objects.bulk_create(
        AnswerTheme(answers=answers, theme=theme, by=by) for theme in {theme.pk: theme for theme in chosen}.values()
    )
    forget_unused_themes(among=former)
    record(
        deed="departures.exit_themes_set",
        by=by,
        now=now,
        subject_kind="person",
        subject_key=departure.person.key,
        details={"themes": len(chosen)},
    )
    close_after_submission(now=now)


@transaction.atomic
def rename_theme(*, theme_key: str, name: str, by: str, now: datetime) -> None:
    """Calls a theme otherwise: for exit interviewers alone. It keeps its key, so what is counted of it goes on.

    Raises ThemeGoneError, NameUnusableError, NameTakenError.
    """
    theme = Theme.objects.select_for_update().filter(key=theme_key).first()
    if theme is None:
        raise ThemeGoneError
    wanted = one_line(name)[:NAME_LENGTH].strip()
    if not wanted:
        raise NameUnusableError
    if wanted == theme.name:
        return
    theme.name = wanted
    try:
        with transaction.atomic():
            theme.save(update_fields=["name"])
    except IntegrityError as error:
        raise NameTakenError from error
    # Without the names: they may tell what one person said.
    record(deed="departures.exit_theme_renamed", by=by, now=now, details={"theme": theme.key})


@transaction.atomic
def forget_unused_themes(*, among: Iterable[int]) -> None:
    """Deletes those of these themes, by id, that nobody's answers, no figure and no action names any more."""
    ids = [theme.pk for theme in _locked(Q(pk__in=set(among)))]
    used = (
        Exists(AnswerTheme.objects.filter(theme=OuterRef("pk")))
        | Exists(ThemeAction.objects.filter(theme=OuterRef("pk")))
        | _counted()
    )
    Theme.objects.filter(~Q(used), pk__in=ids).delete()


def _counted() -> Exists:
    return Exists(GroupCount.objects.filter(group__question=THEMES, option=OuterRef("key")))


def _locked(which: Q) -> list[Theme]:
    return list(Theme.objects.select_for_update().filter(which).order_by("pk"))
