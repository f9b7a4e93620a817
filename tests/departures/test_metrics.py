"""What is counted: capture and consent."""

from dataclasses import replace
from datetime import timedelta

import pytest

from perennial.consent.actions import withdraw
from perennial.consent.enums import Means
from perennial.contact.actions import lift
from perennial.departures.actions import open_due
from perennial.departures.exit.answering import Answers, receive
from perennial.departures.metrics import Span, capture_counts_over, consent_counts_over
from perennial.departures.models import Departure
from perennial.departures.relation import Relation
from perennial.mail.confirmation import confirm
from perennial.mail.models import Message
from perennial.people.actions import add_stint, correct_stint
from perennial.people.models import Person, Stint
from tests.cast import NOW, TODAY, exclude, person, programme

pytestmark = pytest.mark.django_db

PERIOD = Span(TODAY - timedelta(days=30), TODAY, NOW - timedelta(days=1), NOW + timedelta(days=1))


def captured() -> tuple[int, int]:
    """(leavers who stay in touch, eligible leavers) of the period."""
    (counts,) = capture_counts_over(spans=[PERIOD])
    return counts


def agreed(span: Span = PERIOD) -> tuple[int, int]:
    """(screens with a yes, screens submitted) of the span."""
    (counts,) = consent_counts_over(spans=[span])
    return counts


def answer(someone: Person, *purposes: str) -> None:
    relation = Relation(
        purposes=purposes,
        channels=["email"],
        frequency="",
        language="",
        private_email=f"{someone.pk}@home.example" if purposes else "",
        shown_in="en",
    )
    receive(
        departure=Departure.objects.get(person=someone),
        answers=Answers(),
        relation=relation,
        submit=True,
        shown_in="en",
        ip=None,
        by=f"person:{someone.key}",
        now=NOW,
    )


def press_the_button(someone: Person) -> None:
    link = Message.objects.get(address=f"{someone.pk}@home.example").link_path
    confirm(token=link.split("/")[2], ip=None, now=NOW)


def test_whoever_confirmed_an_address_and_agrees_to_something_is_captured() -> None:
    programme()
    alice, bob, _charlie = person("Alice"), person("Bob"), person("Charlie")
    open_due(now=NOW)
    answer(alice, "newsletter")
    assert captured() == (0, 3)
    press_the_button(alice)
    answer(bob, "events")
    press_the_button(bob)
    assert captured() == (2, 3)
    withdraw(person=bob, means=Means.PREFERENCES, by="test", now=NOW)
    assert captured() == (1, 3)


def test_only_eligible_leavers_of_the_period_are_counted() -> None:
    programme()
    person("Alice")
    person("Bob", ends_on=TODAY + timedelta(days=1))
    person("Before our time", ends_on=TODAY - timedelta(days=300))
    person("Unknown", ends_on=None, status="left")
    dead, excluded, stays = person("Dead"), person("Excluded"), person("Stays", status="leaving")
    open_due(now=NOW)
    for someone, change in ((dead, {"how_ended": "death"}), (stays, {"status": "active"})):
        correct_stint(stint=Stint.objects.get(person=someone), by="test", now=NOW, **change)
    open_due(now=NOW)
    exclusion = exclude(excluded)
    assert captured() == (0, 1)
    lift(restriction=exclusion, by="user:1", now=NOW)
    assert captured() == (0, 2)


def test_a_person_with_two_stints_is_one_leaver() -> None:
    programme()
    alice = person("Alice")
    add_stint(person=alice, source="test", ends_on=TODAY - timedelta(days=3), by="test", now=NOW)
    open_due(now=NOW)
    assert captured() == (0, 1)


def test_the_consent_rate_counts_what_was_submitted_last() -> None:
    programme()
    alice, bob, charlie = person("Alice"), person("Bob"), person("Charlie")
    open_due(now=NOW)
    answer(alice, "newsletter", "events")
    answer(bob)
    answer(charlie, "newsletter")
    answer(charlie)
    assert agreed() == (1, 3)
    assert agreed(replace(PERIOD, since=NOW + timedelta(seconds=1))) == (0, 0)
