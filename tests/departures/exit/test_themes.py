"""Themes set by hand: counted in closed groups like answers, frozen with them, and what is done about them."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from perennial.audit.models import Event
from perennial.departures.exit.closing import close_groups
from perennial.departures.exit.figures import Shown
from perennial.departures.exit.theme_actions import ActionUnusableError, actions_due, mark_done, plan_action
from perennial.departures.exit.themes import (
    NameTakenError,
    NameUnusableError,
    ThemeGoneError,
    ThemesCountedError,
    counted_themes,
    rename_theme,
    set_themes,
    theme_tally,
    themes,
    themes_of,
)
from perennial.departures.exit.wall import NothingAnsweredError
from perennial.departures.models import AnswerGroup, AnswerTheme, Departure, Theme, ThemeAction
from perennial.privacy.actions import erase
from tests.cast import NOW, TODAY, colleague
from tests.departures.exit.saying import counted_theme, leavers, say

pytestmark = pytest.mark.django_db

BY: dict[str, Any] = {"by": "user:1", "now": NOW}


def about(departure: Departure, *names: str) -> None:
    for name in names:
        Theme.objects.get_or_create(name=name, defaults={"made_by": "user:1", "made_at": NOW})
    keys = Theme.objects.filter(name__in=names).values_list("key", flat=True)
    set_themes(departure=departure, keys=keys, **BY)


def counted() -> dict[str, int]:
    names = {theme.key: theme.name for theme in themes()}
    return {names[key]: count for key, count in theme_tally().options.items()}


@pytest.fixture
def rows() -> list[Departure]:
    found = leavers(6)
    for departure in found:
        say(departure, keep="Parking")
    return found


def test_four_count_for_nothing_and_five_at_once(rows: list[Departure]) -> None:
    for departure in rows[:4]:
        about(departure, "Parking", "Decisions take long")
    assert theme_tally().shown is Shown.FEW
    about(rows[4], "Canteen")
    assert (theme_tally().n, counted()) == (5, {"Parking": 4, "Decisions take long": 4, "Canteen": 1})
    assert set(AnswerTheme.objects.values_list("group", flat=True)) == {AnswerGroup.objects.get().pk}


def test_where_all_are_about_the_same_nothing_is_said(rows: list[Departure]) -> None:
    for departure in rows[:5]:
        about(departure, "Parking")
    assert theme_tally().n == 0
    assert AnswerTheme.objects.filter(held=True).count() == 5
    about(rows[5], "Canteen")
    close_groups(now=NOW)
    assert theme_tally().n == 0


def test_what_was_counted_stays_also_after_an_erasure(rows: list[Departure]) -> None:
    for number, departure in enumerate(rows[:5]):
        about(departure, "Parking" if number else "Canteen")
    with pytest.raises(ThemesCountedError):
        about(rows[0], "Parking")
    erase(person=rows[0].person, by="user:1", now=NOW)
    assert counted() == {"Parking": 4, "Canteen": 1}


def test_until_then_they_may_be_set_anew_and_a_new_one_is_made_once(rows: list[Departure]) -> None:
    set_themes(departure=rows[0], keys=[], new="  Parking   space ", **BY)
    set_themes(departure=rows[1], keys=[], new="Parking space", **BY)
    [theme] = themes()
    assert (theme.name, themes_of(departure=rows[0])) == ("Parking space", {theme.key})
    set_themes(departure=rows[0], keys=[], **BY)
    assert themes_of(departure=rows[0]) == set()
    with pytest.raises(ThemeGoneError):
        set_themes(departure=rows[0], keys=["nothing"], **BY)


def test_only_what_was_answered_has_themes() -> None:
    [departure] = leavers(1)
    with pytest.raises(NothingAnsweredError):
        about(departure, "Parking")


def test_a_theme_becomes_an_action_with_an_owner_and_a_day() -> None:
    leo = colleague()
    theme = counted_theme("Parking")
    said: dict[str, Any] = {"theme_key": theme.key, "owner": leo, "due_on": TODAY, **BY}
    action = plan_action(text=" Ask the  city ", **said)
    assert action.text == "Ask the city"
    assert list(actions_due(user_id=leo.pk, day=TODAY - timedelta(days=1))) == []
    assert list(actions_due(user_id=leo.pk, day=TODAY)) == [action]
    mark_done(action_id=action.pk, done=True, **BY)
    assert list(actions_due(user_id=leo.pk, day=TODAY)) == []
    mark_done(action_id=action.pk, done=False, **BY)
    assert list(actions_due(user_id=leo.pk, day=TODAY)) == [action]
    with pytest.raises(ActionUnusableError):
        plan_action(text=" ", **said)
    with pytest.raises(ThemeGoneError):
        plan_action(text="x", **{**said, "theme_key": "nothing"})
    with pytest.raises(ThemeGoneError):
        mark_done(action_id=action.pk + 1, done=True, **BY)
    with pytest.raises(IntegrityError), transaction.atomic():
        ThemeAction.objects.update(done_at=NOW, done_by="")


def test_outside_the_wall_there_is_no_theme_that_no_closed_group_counts(rows: list[Departure]) -> None:
    for number, departure in enumerate(rows[:4]):
        about(departure, "Parking" if number else "Bullying by the CFO")
    assert counted_themes() == []
    key = Theme.objects.get(name="Parking").key
    with pytest.raises(ThemeGoneError):
        plan_action(theme_key=key, text="Ask", owner=colleague(email="leo@employer.example"), due_on=TODAY, **BY)
    about(rows[4], "Parking")
    about(rows[5], "Canteen")
    assert [theme.name for theme in counted_themes()] == ["Bullying by the CFO", "Parking"]


def test_a_theme_goes_with_the_last_answers_that_are_about_it_but_not_from_a_figure(rows: list[Departure]) -> None:
    about(rows[0], "Her drinking", "Parking")
    about(rows[1], "Parking", "His drinking")
    about(rows[0], "Parking")
    assert [theme.name for theme in themes()] == ["His drinking", "Parking"]
    erase(person=rows[1].person, by="user:1", now=NOW)
    assert [theme.name for theme in themes()] == ["Parking"]
    counted_theme("Canteen").actions.create(text="Ask", due_on=TODAY)
    about(rows[0], "Canteen")
    about(rows[0])
    assert [theme.name for theme in themes()] == ["Canteen"]


def test_a_name_is_one_line_and_a_key_that_nobody_has_is_none(rows: list[Departure]) -> None:
    set_themes(departure=rows[0], keys=["no\0key"], new="Long\0 days\nand nights", **BY)
    assert list(Theme.objects.values_list("name", flat=True)) == ["Long days and nights"]


def test_a_theme_is_called_otherwise_and_what_is_counted_of_it_goes_on(rows: list[Departure]) -> None:
    for departure in rows[:4]:
        about(departure, "Parking", "Decisions take long")
    about(rows[4], "Canteen")
    key = Theme.objects.get(name="Parking").key
    rename_theme(theme_key=key, name="  Where\nto park ", by="user:7", now=NOW)
    assert Theme.objects.get(key=key).name == "Where to park"
    assert counted() == {"Where to park": 4, "Decisions take long": 4, "Canteen": 1}
    assert "Where to park" in [theme.name for theme in counted_themes()]
    event = Event.objects.get(deed="departures.exit_theme_renamed")
    assert (event.by, event.subject_key, event.details) == ("user:7", "", {"theme": key})


def test_two_themes_do_not_have_one_name_and_none_is_without(rows: list[Departure]) -> None:
    about(rows[0], "Parking", "Canteen")
    parking = Theme.objects.get(name="Parking").key
    for name, refusal in (("Canteen ", NameTakenError), (" \u2028", NameUnusableError)):
        with pytest.raises(refusal):
            rename_theme(theme_key=parking, name=name, **BY)
    with pytest.raises(ThemeGoneError):
        rename_theme(theme_key="nobody's", name="Noise", **BY)
    rename_theme(theme_key=parking, name="Parking", **BY)
    assert sorted(Theme.objects.values_list("name", flat=True)) == ["Canteen", "Parking"]
    assert not Event.objects.filter(deed="departures.exit_theme_renamed").exists()
