"""The ledger replayed for everybody by one statement: to now, to any time, and against what is kept as agreed."""

import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perennial.consent.actions import RequestGoneError, grant_request, request_consents, withdraw
from perennial.consent.enums import Act, Means
from perennial.consent.models import ConsentState, LedgerEntry
from perennial.consent.queries import wording_for
from perennial.consent.replay import Difference, differences, state_at
from perennial.kernel.purposes import Channel, Purpose
from perennial.people.models import Person
from perennial.privacy.actions import erase
from tests.cast import NOW, person, programme
from tests.examples import examples

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
STORIES = st.lists(
    st.tuples(
        st.sampled_from(["ask and press", "ask", "press", "withdraw", "withdraw all", "erase"]),
        st.integers(0, 2),
        st.lists(st.sampled_from([Purpose.PERSONAL, Purpose.EVENTS, Purpose.SURVEYS]), min_size=1, max_size=2),
        st.lists(st.sampled_from([Channel.EMAIL, Channel.PHONE]), max_size=2),
        # Also back: the clocks of two machines differ.
        st.integers(-1, 3),
    ),
    max_size=14,
)


def ask(someone: Person, *purposes: str, channels: Any = (), at: datetime = NOW) -> Any:
    return request_consents(
        person=someone,
        address=someone.addresses.get(),
        purposes=purposes,
        channels=channels,
        language="nl",
        by="p",
        now=at,
    )


def agree(someone: Person, *purposes: str, at: datetime = NOW) -> None:
    grant_request(request=ask(someone, *purposes, at=at), ip=None, by="p", now=at)


def one_by_one(acts: list[LedgerEntry]) -> set[tuple[str, str, str]]:
    """The plainest replay there is: act by act in the order of writing."""
    held: set[tuple[str, str, str]] = set()
    for act in acts:
        what = (act.person_key, act.purpose, act.channel)
        held = held | {what} if act.act == Act.GRANTED else held - {what}
    return held


def as_set(grants: Any) -> set[tuple[str, str, str]]:
    return set(grants.values_list("person_key", "purpose", "channel"))


@pytest.mark.slow
@settings(max_examples=examples(30), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(story=STORIES)
def test_whatever_happens_the_replay_is_the_state_now_and_at_every_moment_before(story: Any) -> None:
    programme()
    people = [person(f"Alice {n}", private=f"a{n}-{LedgerEntry.objects.count()}@home.example") for n in range(3)]
    keys, waiting, gone, at = {each.key for each in people}, dict[int, Any](), set[int](), NOW
    for deed, who, purposes, channels, days in story:
        at += days * DAY
        if who in gone:
            continue
        someone = people[who]
        if deed.startswith("ask"):
            waiting[who] = ask(someone, *purposes, channels=channels, at=at)
        if deed.endswith("press") and who in waiting:
            with contextlib.suppress(RequestGoneError):
                grant_request(request=waiting[who], ip=None, by="p", now=at)
        if deed.startswith("withdraw"):
            only = purposes if deed == "withdraw" else None
            withdraw(person=someone, means=Means.PREFERENCES, by="p", now=at, purposes=only)
        if deed == "erase":
            erase(person=someone, by="user:1", now=at)
            gone.add(who)
    assert list(differences()) == []
    acts = [act for act in LedgerEntry.objects.order_by("pk") if act.person_key in keys]
    kept = ConsentState.objects.filter(granted=True, person__key__in=keys)
    assert one_by_one(acts) == set(kept.values_list("person__key", "purpose", "channel"))
    assert {row for row in as_set(state_at()) if row[0] in keys} == one_by_one(acts)
    for moment in {act.at for act in acts}:
        held = one_by_one([act for act in acts if act.at <= moment])
        assert {row for row in as_set(state_at(moment)) if row[0] in keys} == held
        for key in keys:
            assert as_set(state_at(moment, person_key=key)) == {row for row in held if row[0] == key}


def test_what_held_is_told_to_the_microsecond() -> None:
    programme()
    alice = person(private="alice@home.example")
    agree(alice, "personal")
    withdraw(person=alice, means=Means.ONE_CLICK, by="p", now=NOW + DAY)
    blink = timedelta(microseconds=1)
    assert state_at(NOW - blink).count() == 0
    assert state_at(NOW).count() == state_at(NOW + DAY - blink).count() == 1
    assert state_at(NOW + DAY).count() == state_at().count() == 0


def fake(someone: Person, purpose: str, act: str) -> LedgerEntry:
    return LedgerEntry.objects.create(
        person_key=someone.key,
        purpose=purpose,
        channel="email",
        act=act,
        means="double_opt_in",
        wording=wording_for(purpose=purpose, language="nl"),
        at=NOW,
        by="t",
    )


def of(someone: Person, kind: str, purpose: str = "personal") -> list[Difference]:
    return [Difference(someone.key, purpose, "email", kind)]


PLANTED: dict[str, tuple[str, Callable[[Person], object]]] = {
    "an act that the state does not know": ("older", lambda alice: fake(alice, "personal", "withdrawn")),
    "an act of which no state is kept": ("missing", lambda alice: ConsentState.objects.all().delete()),
    "a state turned around": ("differs", lambda alice: ConsentState.objects.update(granted=False)),
    "a state of another time": ("differs", lambda alice: ConsentState.objects.update(since=NOW - DAY)),
    "a state of another meaning": ("differs", lambda alice: ConsentState.objects.update(meaning=2)),
}


@pytest.mark.parametrize("what", PLANTED)
def test_each_difference_is_found_and_named(what: str) -> None:
    programme()
    alice, bob = person(private="alice@home.example"), person("Bob Stone", private="bob@home.example")
    agree(alice, "personal")
    kind, plant = PLANTED[what]
    assert list(differences()) == []
    plant(alice)
    agree(bob, "personal", "events")
    assert list(differences()) == of(alice, kind)


def test_a_state_without_any_act_and_an_agreement_of_nobody_are_found() -> None:
    programme()
    alice = person(private="alice@home.example")
    agree(alice, "personal")
    entry = LedgerEntry.objects.get()
    ConsentState.objects.create(person=alice, purpose="events", channel="email", granted=True, since=NOW, entry=entry)
    assert list(differences()) == of(alice, "unfounded", "events")
    ConsentState.objects.filter(purpose="events").delete()
    key = alice.key
    alice.delete()
    assert list(differences()) == [Difference(key, "personal", "email", "nobody")]


@pytest.mark.parametrize("many", [1, 3])
def test_one_statement_whatever_the_number_of_people(many: int) -> None:
    programme()
    for number in range(many):
        agree(person(f"Alice {number}", private=f"a{number}@home.example"), "personal", "events")
    with CaptureQueriesContext(connection) as queries:
        assert list(differences()) == []
    assert len(queries) == 1
