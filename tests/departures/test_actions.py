"""Departures follow HR's records."""

from datetime import date, timedelta
from typing import Any

import pytest

from perennial.audit.models import Event
from perennial.departures.actions import NoQuestionError, answer_question, open_due, stays_after_all
from perennial.departures.exit.questionnaire import ship
from perennial.departures.invitations import draft_invitations
from perennial.departures.models import Departure
from perennial.mail.models import Message
from perennial.people.actions import correct_stint
from perennial.people.models import Person, Stint
from tests.cast import NOW, TODAY, person, programme

pytestmark = pytest.mark.django_db


def states() -> list[str]:
    return list(Departure.objects.order_by("pk").values_list("state", flat=True))


def change(someone: Person, **fields: Any) -> None:
    correct_stint(stint=Stint.objects.get(person=someone), by="test", now=NOW, **fields)


def test_a_last_day_from_sixty_days_ago_to_any_day_ahead_opens_a_departure() -> None:
    for days in (-61, -60, 0, 400):
        person(f"Somebody {days}", ends_on=TODAY + timedelta(days=days))
    assert open_due(now=NOW) == 3
    opened = Departure.objects.order_by("stint__ends_on").values_list("person__full_name", "state")
    assert list(opened) == [("Somebody -60", "open"), ("Somebody 0", "open"), ("Somebody 400", "open")]


def test_opening_again_changes_nothing_and_leaves_no_second_event() -> None:
    person()
    assert open_due(now=NOW) == 1
    assert open_due(now=NOW) == 0
    assert Departure.objects.count() == 1
    assert Event.objects.filter(deed="departures.reviewed").count() == 1
    assert Event.objects.get(deed="departures.reviewed").details == {"opened": 1}


@pytest.mark.parametrize("people", [1, 3])
def test_opening_takes_the_same_number_of_queries_for_one_and_for_three(
    people: int, django_assert_num_queries: Any
) -> None:
    programme()
    # The first to leave is asked something, so the questionnaire is written down; afterwards it is only looked for.
    ship(now=NOW)
    for number in range(people):
        person(f"Somebody {number}")
    with django_assert_num_queries(28):
        open_due(now=NOW)


def test_the_dead_are_never_asked() -> None:
    person("Alice", how_ended="death")
    person("Bob", ends_on=None, status="left", how_ended="death")
    someone = person("Charlie")
    assert open_due(now=NOW) == 1
    change(someone, how_ended="death")
    assert open_due(now=NOW) == 0
    assert states() == ["cancelled"]


def test_a_status_without_a_date_opens_a_question_and_the_date_answers_it() -> None:
    someone = person(ends_on=None, status="leaving")
    person("Bob", ends_on=None, status="active")
    assert open_due(now=NOW) == 0
    assert states() == ["question"]
    change(someone, ends_on=TODAY + timedelta(days=10))
    assert open_due(now=NOW) == 1
    assert states() == ["open"]


def test_a_question_answered_with_a_day_long_ago_is_closed() -> None:
    someone = person(ends_on=None, status="left")
    open_due(now=NOW)
    change(someone, ends_on=TODAY - timedelta(days=200))
    assert open_due(now=NOW) == 0
    assert states() == ["closed"]


def test_a_cleared_date_cancels_and_its_return_reopens() -> None:
    someone = person(status="active", ends_on=TODAY + timedelta(days=5))
    open_due(now=NOW)
    assert states() == ["open"]
    change(someone, ends_on=None)
    assert open_due(now=NOW) == 0
    assert states() == ["cancelled"]
    change(someone, ends_on=TODAY + timedelta(days=50))
    assert open_due(now=NOW) == 1
    assert states() == ["open"]


def test_active_after_leaving_cancels_even_when_the_date_stays() -> None:
    someone = person(status="leaving")
    open_due(now=NOW)
    change(someone, status="active")
    open_due(now=NOW)
    assert states() == ["cancelled"]
    open_due(now=NOW)
    assert states() == ["cancelled"]
    change(someone, status="leaving")
    assert open_due(now=NOW) == 1
    assert states() == ["open"]


def test_a_record_that_says_active_until_the_last_day_stays_open() -> None:
    someone = person(status="unknown", ends_on=TODAY + timedelta(days=3))
    open_due(now=NOW)
    change(someone, status="active")
    open_due(now=NOW)
    assert states() == ["open"]


def test_a_date_cleared_while_somebody_is_still_leaving_becomes_a_question() -> None:
    someone = person(status="leaving")
    open_due(now=NOW)
    change(someone, ends_on=None)
    open_due(now=NOW)
    assert states() == ["question"]


def test_a_departure_closes_120_days_after_the_last_day_and_a_moved_day_opens_it_again() -> None:
    someone = person()
    open_due(now=NOW)
    open_due(now=NOW + timedelta(days=120))
    assert states() == ["open"]
    open_due(now=NOW + timedelta(days=121))
    assert states() == ["closed"]
    change(someone, ends_on=TODAY + timedelta(days=150))
    open_due(now=NOW + timedelta(days=121))
    assert states() == ["open"]


def test_a_cancelled_departure_takes_its_draft_back_and_a_reopened_one_gets_another() -> None:
    programme()
    someone = person(private="alice@home.example")
    open_due(now=NOW)
    assert draft_invitations(now=NOW) == 1
    change(someone, ends_on=None)
    open_due(now=NOW)
    assert list(Message.objects.values_list("state", flat=True)) == ["discarded"]
    assert Departure.objects.get().invitation is None
    change(someone, ends_on=TODAY)
    open_due(now=NOW)
    assert draft_invitations(now=NOW) == 1
    assert sorted(Message.objects.values_list("state", flat=True)) == ["discarded", "draft"]


def test_hr_answers_a_question_with_a_day() -> None:
    person(ends_on=None, status="leaving")
    open_due(now=NOW)
    departure = Departure.objects.get()
    answer_question(departure=departure, last_day=date(2026, 10, 1), by="user:1", now=NOW)
    departure = Departure.objects.get()
    assert (departure.state, departure.stint.ends_on) == ("open", date(2026, 10, 1))
    with pytest.raises(NoQuestionError):
        answer_question(departure=departure, last_day=date(2026, 10, 2), by="user:1", now=NOW)


def test_hr_says_that_somebody_stays() -> None:
    person(ends_on=None, status="leaving")
    open_due(now=NOW)
    stays_after_all(departure=Departure.objects.get(), by="user:1", now=NOW)
    assert states() == ["cancelled"]
    assert Stint.objects.get().status == "active"
