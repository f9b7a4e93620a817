"""The ledger and the state beside it: whatever happens, one is the other replayed."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perennial.audit.models import Event
from perennial.consent import wordings
from perennial.consent.actions import (
    DAYS_TO_CONFIRM,
    NothingAskedError,
    RequestGoneError,
    change_preferences,
    drop_unconfirmed,
    grant_request,
    request_consents,
    withdraw,
)
from perennial.consent.enums import Act, Means
from perennial.consent.models import (
    ConsentRequest,
    ConsentState,
    Evidence,
    LedgerEntry,
    Preference,
    RequestedConsent,
    Wording,
)
from perennial.consent.queries import granted, preference_of, replayed, wording_for
from perennial.kernel.purposes import CONSENT_PURPOSES, Channel, Frequency, Purpose
from perennial.people.actions import add_address, verify_address
from perennial.people.directory import Filters, matching
from perennial.people.models import Person
from tests.cast import NOW, TODAY, person, programme
from tests.examples import examples

pytestmark = pytest.mark.django_db

WEEK = timedelta(days=DAYS_TO_CONFIRM)


@pytest.fixture
def alice() -> Person:
    programme()
    return person("Alice van Dam", private="alice@home.example")


def found(text: str) -> QuerySet[Person]:
    return matching(Filters(text=text), among=Person.objects.order_by())


def ask(alice: Person, *purposes: str, channels: Any = (), at: datetime = NOW, **more: Any) -> ConsentRequest:
    return request_consents(
        person=alice,
        address=more.pop("address", None) or alice.addresses.earliest("pk"),
        purposes=purposes,
        channels=channels,
        language="nl",
        by=f"person:{alice.key}",
        now=at,
        **more,
    )


def press(request: ConsentRequest, at: datetime = NOW) -> list[LedgerEntry]:
    return grant_request(request=request, ip="192.0.2.7", by="person", now=at)


# What a person can do, one after the other, in any order: each operation is a name and a choice.
OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(["ask", "press", "press again", "withdraw", "withdraw all", "leave a channel", "drop"]),
        st.lists(st.sampled_from(CONSENT_PURPOSES), min_size=1, max_size=3),
        st.lists(st.sampled_from(Channel), max_size=2),
        st.integers(0, 4),
    ),
    max_size=12,
)


@settings(max_examples=examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(operations=OPERATIONS)
def test_the_state_is_the_ledger_replayed_and_the_ledger_only_grows(operations: Any) -> None:
    alice = somebody()
    at, requests, agreed, waiting = NOW, [], set(), None
    rows: list[dict[str, Any]] = []
    for name, purposes, channels, days in operations:
        at += timedelta(days=days)
        if name == "ask":
            requests.append(ask(alice, *purposes, channels=channels, at=at))
            waiting = {(p, c) for p in purposes for c in channels or [Channel.EMAIL]}
            asked_at = at
        elif name.startswith("press") and requests:
            held = waiting is not None and asked_at > at - WEEK
            try:
                press(requests[-1], at)
                assert held
                agreed |= waiting or set()
                waiting = None
            except RequestGoneError:
                assert not held
        elif name.startswith("withdraw") or name == "leave a channel":
            only = purposes if name == "withdraw" else None
            ways = channels if name == "leave a channel" else None
            gone = {(p, c) for p, c in agreed if (only is None or p in only) and (ways is None or c in ways)}
            count = withdraw(person=alice, means=Means.PREFERENCES, by="p", now=at, purposes=only, channels=ways)
            assert count == len(gone)
            agreed -= gone
            if waiting is not None:
                waiting = {
                    (p, c) for p, c in waiting if not ((only is None or p in only) and (ways is None or c in ways))
                } or None
        elif name == "drop":
            drop_unconfirmed(now=at)
            if waiting is not None and asked_at <= at - WEEK:
                waiting = None
        assert granted(person=alice) == replayed(person_key=alice.key) == agreed
        now_there = list(LedgerEntry.objects.filter(person_key=alice.key).order_by("pk").values())
        assert now_there[: len(rows)] == rows
        rows = now_there


def somebody() -> Person:
    """Hypothesis plays many stories in one test; each is about somebody who has said nothing yet."""
    programme()
    return person("Alice van Dam", private=f"alice-{Person.objects.count()}@home.example")


def test_no_statement_changes_or_deletes_a_ledger_row(alice: Person) -> None:
    statements: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        press(ask(alice, "newsletter", "events", channels=["email", "phone"]))
        withdraw(person=alice, means=Means.ONE_CLICK, by="p", now=NOW, purposes=["newsletter"])
        press(ask(alice, "newsletter"))
        withdraw(person=alice, means=Means.PREFERENCES, by="p", now=NOW)
        drop_unconfirmed(now=NOW + WEEK)
    written = [sql for sql in statements if '"consent_ledgerentry"' in sql and not sql.startswith("SELECT")]
    assert LedgerEntry.objects.count() == 10
    assert [sql for sql in written if not sql.startswith("INSERT")] == []


def test_a_tick_holds_nothing_before_the_button_is_pressed(alice: Person) -> None:
    request = ask(alice, "personal", "newsletter")
    assert granted(person=alice) == set()
    entries = press(request)
    assert [(entry.purpose, entry.channel, entry.act, entry.means) for entry in entries] == [
        ("newsletter", "email", Act.GRANTED, Means.DOUBLE_OPT_IN),
        ("personal", "email", Act.GRANTED, Means.DOUBLE_OPT_IN),
    ]
    assert granted(person=alice) == {("newsletter", "email"), ("personal", "email")}


def test_each_purpose_and_channel_is_one_entry_of_its_own(alice: Person) -> None:
    press(ask(alice, "personal", "events", channels=["email", "phone", "post"]))
    assert len(granted(person=alice)) == LedgerEntry.objects.count() == 6


def test_the_button_works_once(alice: Person) -> None:
    request = ask(alice, "personal")
    press(request)
    with pytest.raises(RequestGoneError):
        press(request)
    assert LedgerEntry.objects.count() == 1


def test_the_button_works_for_seven_days(alice: Person) -> None:
    moment = timedelta(microseconds=1)
    request = ask(alice, "personal")
    with pytest.raises(RequestGoneError):
        press(request, NOW + WEEK)
    assert drop_unconfirmed(now=NOW + WEEK - moment) == 0
    press(request, NOW + WEEK - moment)
    assert granted(person=alice) == {("personal", "email")}


def test_a_new_request_replaces_the_one_that_waits(alice: Person) -> None:
    first = ask(alice, "personal")
    second = ask(alice, "events")
    with pytest.raises(RequestGoneError):
        press(first)
    press(second)
    assert granted(person=alice) == {("events", "email")}


@pytest.mark.parametrize("purposes", [(), ("service",), ("unknown",)])
def test_nothing_that_can_be_agreed_to_is_no_request(alice: Person, purposes: tuple[str, ...]) -> None:
    with pytest.raises(NothingAskedError):
        ask(alice, *purposes)
    assert ConsentRequest.objects.count() == 0


def test_unconfirmed_after_seven_days_everything_that_came_with_it_goes(alice: Person) -> None:
    typed = add_address(
        person=alice, address="alice@mistyped.example", kind="private", source="leaver", given_on=TODAY, now=NOW
    )
    ask(alice, "personal", address=typed, ip="192.0.2.7")
    assert list(found("mistyped")) == [alice]
    assert drop_unconfirmed(now=NOW + WEEK) == 1
    assert ConsentRequest.objects.count() == RequestedConsent.objects.count() == Evidence.objects.count() == 0
    assert list(alice.addresses.values_list("address", flat=True)) == ["alice@home.example"]
    assert list(found("mistyped")) == []
    assert list(found("alice@home.example")) == [alice]
    event = Event.objects.get(deed="consent.requests_expired")
    assert event.details == {"requests": 1, "addresses": 1}
    assert drop_unconfirmed(now=NOW + WEEK) == 0
    assert Event.objects.filter(deed="consent.requests_expired").count() == 1


def test_an_address_that_hr_had_already_stays_when_nobody_confirms_it(alice: Person) -> None:
    ask(alice, "personal")
    drop_unconfirmed(now=NOW + WEEK)
    assert list(alice.addresses.values_list("address", "source")) == [("alice@home.example", "test")]


def test_a_confirmed_address_stays(alice: Person) -> None:
    typed = add_address(
        person=alice, address="alice@new.example", kind="private", source="leaver", given_on=TODAY, now=NOW
    )
    press(ask(alice, "personal", address=typed))
    verify_address(address=typed, by="p", now=NOW)
    drop_unconfirmed(now=NOW + 2 * WEEK)
    assert alice.addresses.filter(address="alice@new.example").count() == 1


def test_a_mistyped_address_goes_too_when_its_request_was_replaced(alice: Person) -> None:
    typed = add_address(
        person=alice, address="alice@mistyped.example", kind="private", source="leaver", given_on=TODAY, now=NOW
    )
    ask(alice, "personal", address=typed)
    right = ask(alice, "personal")
    press(right)
    assert drop_unconfirmed(now=NOW + WEEK - timedelta(seconds=1)) == 0
    assert alice.addresses.count() == 2
    drop_unconfirmed(now=NOW + WEEK)
    assert alice.addresses.count() == 1


def test_withdrawing_drops_what_waits_for_confirmation(alice: Person) -> None:
    request = ask(alice, "personal", "events")
    withdraw(person=alice, means=Means.PREFERENCES, by="p", now=NOW, purposes=["events"])
    press(request)
    assert granted(person=alice) == {("personal", "email")}
    late = ask(alice, "newsletter")
    assert withdraw(person=alice, means=Means.PREFERENCES, by="p", now=NOW) == 1
    with pytest.raises(RequestGoneError):
        press(late)
    assert granted(person=alice) == set()


def test_withdrawing_is_in_force_at_once_and_earlier_entries_stay(alice: Person) -> None:
    press(ask(alice, "personal"))
    assert withdraw(person=alice, means=Means.ONE_CLICK, by="p", now=NOW + timedelta(hours=1)) == 1
    assert withdraw(person=alice, means=Means.ONE_CLICK, by="p", now=NOW + timedelta(hours=2)) == 0
    assert list(LedgerEntry.objects.order_by("pk").values_list("act", "means")) == [
        (Act.GRANTED, Means.DOUBLE_OPT_IN),
        (Act.WITHDRAWN, Means.ONE_CLICK),
    ]
    state = ConsentState.objects.get()
    assert (state.granted, state.since) == (False, NOW + timedelta(hours=1))


def test_two_clocks_that_differ_do_not_turn_a_withdrawal_around(alice: Person) -> None:
    press(ask(alice, "personal"), NOW + timedelta(seconds=2))
    withdraw(person=alice, means=Means.ONE_CLICK, by="p", now=NOW + timedelta(seconds=1))
    assert granted(person=alice) == replayed(person_key=alice.key) == set()


def test_one_persons_withdrawal_is_nobody_elses(alice: Person) -> None:
    bob = person("Bob Stone", private="bob@home.example")
    press(ask(alice, "personal"))
    press(ask(bob, "personal"))
    waiting = ask(bob, "events")
    withdraw(person=alice, means=Means.ONE_CLICK, by="p", now=NOW)
    assert granted(person=bob) == {("personal", "email")}
    press(waiting)


def test_the_wording_in_force_is_written_down_word_for_word_and_once(alice: Person) -> None:
    wording = wording_for(purpose="newsletter", language="en")
    assert wording.text == (
        "Send me news from Employer & Sons: what became of projects and of the people I worked with."
    )
    assert wording_for(purpose="newsletter", language="en") == wording
    assert Wording.objects.count() == wording.version == 1


def test_a_changed_text_gets_a_new_version_and_an_old_consent_keeps_its_own(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    [entry] = press(ask(alice, "personal"))
    former = entry.wording
    assert former is not None
    # The number beside the sentence was forgotten; the text decides.
    monkeypatch.setitem(wordings.WORDINGS, Purpose.PERSONAL, wordings.Sentence(1, "Ring me whenever you like."))
    changed = wording_for(purpose="personal", language="nl")
    assert (changed.version, changed.text) == (2, "Ring me whenever you like.")
    entry.refresh_from_db()
    assert entry.wording == former
    assert former.text != changed.text
    # A number with a gap is taken as it stands, and a text that was in force before keeps its number.
    monkeypatch.setitem(wordings.WORDINGS, Purpose.PERSONAL, wordings.Sentence(7, "Ring me on Sundays."))
    assert wording_for(purpose="personal", language="nl").version == 7
    monkeypatch.setitem(wordings.WORDINGS, Purpose.PERSONAL, wordings.Sentence(8, "Ring me whenever you like."))
    assert wording_for(purpose="personal", language="nl") == changed


def test_a_renamed_organisation_is_a_new_wording(alice: Person) -> None:
    first = wording_for(purpose="newsletter", language="en")
    programme(organisation="Employer & Daughters")
    second = wording_for(purpose="newsletter", language="en")
    assert (first.version, second.version) == (1, 2)


def test_every_purpose_that_can_be_agreed_to_has_its_sentence() -> None:
    assert set(wordings.WORDINGS) == set(CONSENT_PURPOSES)


def test_the_frequency_asked_for_holds_once_it_is_confirmed(alice: Person) -> None:
    request = ask(alice, "personal", frequency="monthly")
    assert preference_of(person=alice).frequency == Frequency.QUARTERLY
    press(request)
    assert preference_of(person=alice).frequency == Frequency.MONTHLY


def test_preferences_change_one_by_one_and_leave_a_trace_only_when_they_do(alice: Person) -> None:
    link = preference_of(person=alice).link_random
    change_preferences(person=alice, frequency="twice_a_year", by="p", now=NOW)
    change_preferences(person=alice, not_now_until=TODAY, by="p", now=NOW)
    change_preferences(person=alice, frequency="twice_a_year", not_now_until=TODAY, by="p", now=NOW)
    row = Preference.objects.get()
    assert (row.frequency, row.not_now_until, row.link_random) == (Frequency.TWICE_A_YEAR, TODAY, link)
    change_preferences(person=alice, not_now_until=None, by="p", now=NOW)
    assert preference_of(person=alice).not_now_until is None
    assert Event.objects.filter(deed="consent.preferences_changed").count() == 3
    with pytest.raises(ValueError, match="often"):
        change_preferences(person=alice, frequency="often", by="p", now=NOW)
