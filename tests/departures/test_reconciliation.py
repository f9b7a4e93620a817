"""Every leaver of a period stands in exactly one place: invited, or not and why."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from perennial.audit.actions import record
from perennial.contact.actions import lift, restrict
from perennial.contact.enums import RestrictionKind
from perennial.departures.actions import open_due
from perennial.departures.audience.actions import Asked, decide_audience
from perennial.departures.enums import Outcome
from perennial.departures.exit.answering import Answers, save_answers
from perennial.departures.invitations import draft_invitations, hand_over, invite
from perennial.departures.models import Departure
from perennial.departures.reconciliation import leavers, reconcile, without_day
from perennial.mail.models import Message
from perennial.operate.tick import tick
from perennial.people.enums import ContractKind
from perennial.people.models import Person, Stint
from perennial.privacy.actions import erase
from perennial.programme.actions import change_stage
from perennial.programme.enums import Stage
from tests.cast import NOW, TODAY, exclude, person, programme

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
FROM = TODAY - 30 * DAY


def gone(name: str, days_ago: int = 3, **more: Any) -> Person:
    private = more.pop("private", f"{name.lower()}@home.example")
    return person(name, ends_on=TODAY - days_ago * DAY, private=private, **more)


def departure(called: str) -> Departure:
    return Departure.objects.get(person__called=called)


def outcomes(*, at: Any = NOW, first_day: Any = FROM, last_day: Any = TODAY) -> dict[str, str]:
    """Where each leaver stands; the numbers must say the same."""
    rows = leavers(first_day=first_day, last_day=last_day, now=at, tells_death=True)
    found = {row.person.called: row.outcome for row in rows}
    told = reconcile(first_day=first_day, last_day=last_day, now=at, tells_death=True)
    assert told.outcomes == {each: list(found.values()).count(each.value) for each in Outcome}
    assert told.leavers == len(found)
    for each in Outcome:
        behind = leavers(first_day=first_day, last_day=last_day, now=at, outcome=each, tells_death=True)
        assert {row.person.called for row in behind} == {name for name, where in found.items() if where == each}
    return found


def send(called: str) -> None:
    invite(departure=departure(called), by="user:1", sender_name="Carla", reply_to="", now=NOW)


def test_whoever_was_reached_is_told_by_which_way() -> None:
    programme()
    for name in ("Alice", "Bob", "Charlie"):
        gone(name)
    open_due(now=NOW)
    send("Alice")
    hand_over(departure=departure("Bob"), by="user:1", now=NOW)
    send("Charlie")
    save_answers(
        departure=departure("Charlie"),
        answers=Answers(given={"reason": ["pay"], "recommend": 9}),
        language="en",
        now=NOW,
    )
    assert outcomes() == {"Alice": "by_mail", "Bob": "on_paper", "Charlie": "answered"}


def test_each_reason_why_nobody_invited_them() -> None:
    programme()
    for name in ("Drafted", "Excluded", "Restricted", "Failed", "Died", "Stays"):
        gone(name, status="left", contract_kind="employee")
    gone("Intern", contract_kind="intern")
    gone("Mute", private="", contract_kind="employee")
    open_due(now=NOW)
    gone("Late", days_ago=29, contract_kind="employee")
    exclude(Person.objects.get(called="Excluded"))
    restrict(
        person=Person.objects.get(called="Restricted"),
        kind=RestrictionKind.RESTRICTION,
        reason="cool_off",
        starts_on=TODAY - 5 * DAY,
        by="user:1",
        now=NOW,
    )
    decide_audience(asked=Asked(contract_kinds=(ContractKind.EMPLOYEE,)), by="user:1", now=NOW)
    draft_invitations(now=NOW)
    send("Failed")
    Message.objects.filter(person__called="Failed").update(state="failed", not_before=None, done_at=NOW)
    Stint.objects.filter(person__called="Died").update(how_ended="death")
    Stint.objects.filter(person__called="Stays").update(status="active")
    Departure.objects.filter(person__called="Stays").update(was_leaving=True, state="cancelled")
    assert outcomes() == {
        "Drafted": "not_sent",
        "Excluded": "excluded",
        "Restricted": "restricted",
        "Failed": "failed",
        "Died": "died",
        "Stays": "called_off",
        "Intern": "audience",
        "Mute": "no_address",
        # No departure was opened for this one yet.
        "Late": "too_late",
    }


def test_a_last_day_we_learn_of_after_sixty_days_comes_too_late() -> None:
    programme()
    gone("Alice", days_ago=61)
    gone("Bob", days_ago=60)
    tick(now=NOW, worker="test")
    assert outcomes(first_day=TODAY - 90 * DAY) == {"Alice": "too_late", "Bob": "not_sent"}


def test_what_was_decided_afterwards_explains_nothing_of_the_past() -> None:
    programme()
    alice = gone("Alice", private="")
    tick(now=NOW, worker="test")
    much_later = NOW + 200 * DAY
    tick(now=much_later, worker="test")
    exclude(alice, starts_on=TODAY + 190 * DAY, review_on=TODAY + 191 * DAY)
    assert outcomes(at=much_later, last_day=TODAY + 200 * DAY) == {"Alice": "no_address"}
    past = exclude(alice, starts_on=TODAY - 10 * DAY)
    lift(restriction=past, by="user:1", now=much_later)
    assert outcomes(at=much_later, last_day=TODAY + 200 * DAY) == {"Alice": "excluded"}


def test_what_was_drafted_and_never_sent_is_told_after_the_departure_has_closed() -> None:
    programme()
    gone("Alice")
    tick(now=NOW, worker="test")
    tick(now=NOW + 200 * DAY, worker="test")
    assert departure("Alice").invitation is None
    assert outcomes(at=NOW + 200 * DAY) == {"Alice": "not_sent"}


def test_before_the_programme_is_live_nobody_could_be_invited() -> None:
    programme(Stage.PREPARATION)
    gone("Alice")
    tick(now=NOW, worker="test")
    assert outcomes() == {"Alice": "stage"}
    live_at = NOW + 150 * DAY
    change_stage(stage="live", by="user:1", now=live_at)
    tick(now=live_at, worker="test")
    assert outcomes(at=live_at) == {"Alice": "stage"}
    soon = NOW + 3 * DAY
    change_stage(stage="preparation", by="user:1", now=live_at)
    change_stage(stage="live", by="user:1", now=live_at + DAY)
    assert outcomes(at=soon + 150 * DAY) == {"Alice": "stage"}


def test_only_the_days_of_the_period_count_and_none_ahead() -> None:
    programme()
    for days in (31, 30, 0, -1):
        gone(f"Day{days}", days_ago=days)
    open_due(now=NOW)
    assert set(outcomes()) == {"Day30", "Day0"}
    assert set(outcomes(last_day=TODAY + 9 * DAY)) == {"Day30", "Day0"}


def test_leavers_without_a_last_day_are_told_beside_the_period() -> None:
    programme()
    person("Alice", ends_on=None, status="left")
    open_due(now=NOW)
    person("Bob", ends_on=None, status="left")
    open_due(now=NOW + 40 * DAY)
    assert [row.person.called for row in without_day(first_day=FROM, last_day=TODAY)] == ["Alice"]
    assert reconcile(first_day=FROM, last_day=TODAY, now=NOW, tells_death=True).without_day == 1
    assert outcomes() == {}


def test_of_who_was_erased_a_number_is_left() -> None:
    programme()
    for name in ("Alice", "Bob", "Charlie"):
        gone(name)
    open_due(now=NOW)
    send("Alice")
    record(deed="privacy.erased", by="user:1", now=NOW - 60 * DAY, subject_kind="person", subject_key="long ago")
    erase(person=Person.objects.get(called="Alice"), by="user:1", now=NOW)
    erase(person=Person.objects.get(called="Bob"), by="user:1", now=NOW)
    told = reconcile(first_day=FROM, last_day=TODAY, now=NOW, tells_death=True)
    assert (told.leavers, told.erased, told.erased_invited) == (1, 2, 1)


@pytest.mark.parametrize("people", [1, 3])
def test_it_takes_the_same_statements_for_one_and_for_three(people: int) -> None:
    programme()
    for number in range(people):
        gone(f"Leaver{number}")
    open_due(now=NOW)
    with CaptureQueriesContext(connection) as queries:
        told = reconcile(first_day=FROM, last_day=TODAY, now=NOW, tells_death=True)
    assert told.leavers == people
    # The programme (three times), since when it is live; outcomes, those without a day, who was erased.
    assert len(queries) == 7
