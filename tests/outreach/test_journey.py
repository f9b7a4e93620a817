"""The farewell journey, walked: what is drafted when, for whom, in which words, and what happens when things change."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perennial.accounts.roles import Role
from perennial.audit.models import Event
from perennial.consent.actions import change_preferences, grant_request, request_consents, withdraw
from perennial.consent.enums import Means
from perennial.contact.actions import record_touch, restrict
from perennial.contact.enums import Direction, RestrictionKind, TouchKind
from perennial.departures.actions import open_due
from perennial.departures.models import Departure
from perennial.kernel.purposes import Purpose
from perennial.mail.enums import MessageState
from perennial.mail.models import Message
from perennial.mail.queue import approve, put_aside
from perennial.mail.send import send_due
from perennial.operate.tick import tick
from perennial.outreach.actions import plan
from perennial.outreach.enums import StepState
from perennial.outreach.journeys import FAREWELL, Step, draft, find_step
from perennial.outreach.models import Enrolment, StepOutcome
from perennial.outreach.queries import (
    letters,
    letters_on_their_way,
    letters_to_look_at,
    passed_over,
    passed_over_by_rule,
)
from perennial.people.actions import correct_stint, verify_address
from perennial.people.enums import StintStatus
from perennial.people.models import Person
from perennial.programme.enums import Stage
from tests.cast import NOW, TODAY, colleague, person, programme

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
TWO_WEEKS, THREE_MONTHS = 14 * DAY, 91 * DAY


@pytest.fixture(autouse=True)
def house() -> None:
    programme(owner=colleague(Role.COORDINATOR, name="Carla Jansen"))


def leaver(name: str = "Alice van Dam", *, ends_on: date | None = TODAY, agrees: bool = True, **more: Any) -> Person:
    """Somebody whose departure stands open; with a confirmed address, and a yes to personal notes if `agrees`."""
    address = name.split()[0].lower() + "@home.example"
    someone = person(name, ends_on=ends_on, private=address, **more)
    verify_address(address=someone.addresses.get(), by="test", now=NOW)
    if agrees:
        agree(someone)
    open_due(now=NOW)
    return someone


def agree(someone: Person, *, at: datetime = NOW) -> None:
    request = request_consents(
        person=someone,
        address=someone.addresses.get(),
        purposes=["personal"],
        channels=[],
        language="nl",
        by="test",
        now=at,
    )
    grant_request(request=request, ip=None, by="test", now=at)


def move_last_day(someone: Person, day: date | None, *, at: datetime = NOW, **more: Any) -> None:
    correct_stint(stint=someone.stints.get(), ends_on=day, by="test", now=at, **more)
    open_due(now=at)


def drafts() -> list[tuple[str, str]]:
    return [(letter.recipient_name, letter.mailing.origin) for letter in letters_to_look_at()]


def outcomes() -> list[tuple[str, str, str]]:
    rows = StepOutcome.objects.order_by("enrolment", "step").values_list("step", "state", "rule")
    return list(rows)


FIRST = "journey:farewell/two_weeks"
SECOND = "journey:farewell/three_months"


def test_two_weeks_after_the_last_day_a_letter_is_drafted_and_not_a_day_before() -> None:
    leaver()
    assert plan(now=NOW + TWO_WEEKS - DAY).drafted == 0
    assert drafts() == []
    planned = plan(now=NOW + TWO_WEEKS)
    assert (planned.drafted, planned.dropped, planned.cancelled, dict(planned.skipped)) == (1, 0, 0, {})
    assert drafts() == [("Alice van Dam", FIRST)]
    assert outcomes() == [("two_weeks", StepState.DRAFTED, "")]


def test_the_day_is_that_of_the_programme() -> None:
    leaver()
    last_minute = datetime(2026, 9, 27, 21, 59, tzinfo=UTC)
    assert plan(now=last_minute).drafted == 0
    # It is night; a draft disturbs nobody.
    assert plan(now=last_minute + timedelta(minutes=1)).drafted == 1


def test_the_letter_names_the_manager_in_the_persons_language_and_is_signed_by_the_owner() -> None:
    leaver(language="en", manager="Mara Smit")
    plan(now=NOW + TWO_WEEKS)
    letter = letters_to_look_at().get()
    content = letter.mailing.contents["en"]
    assert content["subject"] == "How are you, Alice?"
    assert content["body"].startswith("Dear Alice,\n\nTwo weeks have gone by since your last day at Employer & Sons.")
    assert "liked to say, to Mara Smit or to us," in content["body"]
    assert content["body"].endswith("Warm regards,\nCarla Jansen")
    mailing = letter.mailing
    assert (mailing.purpose, mailing.intent, mailing.sender_name, mailing.reply_to, mailing.automatic) == (
        "personal",
        "give",
        "Carla Jansen",
        "coordinator@employer.example",
        False,
    )
    assert letter.address == ""


@pytest.mark.parametrize(
    ("language", "written_in"), [("nl", "nl"), ("de", "de"), ("ru", "ru"), ("", "de"), ("fr", "de")]
)
def test_the_language_is_the_persons_or_else_the_programmes(language: str, written_in: str) -> None:
    programme(language="de")
    leaver(language=language)
    plan(now=NOW + TWO_WEEKS)
    letter = letters_to_look_at().get()
    assert (letter.language, list(letter.mailing.contents)) == (written_in, [written_in])


def test_every_language_has_words_of_its_own() -> None:
    for step in FAREWELL.steps:
        letters_in = [
            draft(step=step, language=language, called="A", organisation="E", manager=manager, sender="C").body
            for language in ("en", "nl", "de", "ru")
            for manager in ("M", "")
        ]
        assert len(set(letters_in)) == len(letters_in)


@pytest.mark.parametrize("manager", ["", "Mara Smit"])
@pytest.mark.parametrize("step", FAREWELL.steps, ids=lambda step: step.code)
def test_a_letter_says_nothing_in_anybodys_name(step: Step, manager: str) -> None:
    body = draft(step=step, language="en", called="Bob", organisation="E", manager=manager, sender="C").body
    for claim in ("speak of you", "asked me", "say hello", "sends", "misses", "miss you", "built here"):
        assert claim not in body
    # In other languages too the manager stands in no sentence as its subject.
    for language, words in (("nl", "aan Mara|bijvoorbeeld Mara"), ("de", "Sie Mara|Beispiel Mara"), ("ru", r"\(Mara")):
        said = draft(step=step, language=language, called="B", organisation="E", manager=manager, sender="C").body
        assert bool(re.search(words, said)) == bool(manager)


@pytest.mark.parametrize(
    ("listed", "written"),
    [("Weiß, Sören", "Sören Weiß"), ("Boer, Fenna de", "Fenna de Boer"), ("Smit,", "Smit,"), ("A, B, C", "A, B, C")],
)
def test_a_manager_listed_by_family_name_is_turned_round(listed: str, written: str) -> None:
    step = find_step(journey="farewell", step="two_weeks")
    letter = draft(step=step, language="de", called="B", organisation="E", manager=listed, sender="C")
    assert f"das Sie {written} oder uns" in letter.body


def test_without_a_manager_nobody_is_named_and_names_cannot_break_the_letter() -> None:
    step = find_step(journey="farewell", step="two_weeks")
    letter = draft(
        step=step,
        language="en",
        called="Bob\r\nBcc: x {link}",
        organisation="100% E %(sender)s",
        manager=" \n",
        sender="Carla",
    )
    assert letter.subject == "How are you, Bob Bcc: x (link)?"
    assert "liked to say, or something practical" in letter.body
    assert "100% E %(sender)s" in letter.body
    with pytest.raises(KeyError):
        find_step(journey="farewell", step="ten_years")


def test_after_three_months_comes_the_second_letter() -> None:
    leaver()
    plan(now=NOW + TWO_WEEKS)
    planned = plan(now=NOW + THREE_MONTHS)
    assert planned.drafted == 1
    assert drafts() == [("Alice van Dam", FIRST), ("Alice van Dam", SECOND)]


def test_without_consent_it_is_skipped_with_the_rule_and_said_once() -> None:
    leaver(agrees=False)
    assert dict(plan(now=NOW + TWO_WEEKS).skipped) == {"consent": 1}
    assert dict(plan(now=NOW + TWO_WEEKS + DAY).skipped) == {}
    outcome = passed_over().get()
    assert (outcome.state, outcome.rule, outcome.at) == (StepState.SKIPPED, "consent", NOW + TWO_WEEKS)
    assert passed_over_by_rule() == [("skipped", "consent", 1)]


def test_who_agrees_within_three_weeks_gets_the_letter_after_all() -> None:
    alice = leaver(agrees=False)
    plan(now=NOW + TWO_WEEKS)
    agree(alice, at=NOW + TWO_WEEKS + 20 * DAY)
    assert plan(now=NOW + TWO_WEEKS + 21 * DAY).drafted == 1
    assert outcomes() == [("two_weeks", StepState.DRAFTED, "")]


def test_a_step_more_than_three_weeks_late_is_dropped_and_said_with_its_rule() -> None:
    alice = leaver(agrees=False)
    plan(now=NOW + TWO_WEEKS)
    agree(alice, at=NOW + TWO_WEEKS + 21 * DAY)
    planned = plan(now=NOW + TWO_WEEKS + 22 * DAY)
    assert (planned.drafted, planned.dropped) == (0, 1)
    assert outcomes() == [("two_weeks", StepState.DROPPED, "consent")]
    assert passed_over_by_rule() == [("dropped", "consent", 1)]
    assert plan(now=NOW + TWO_WEEKS + 23 * DAY).dropped == 0
    # The next step is not harmed.
    assert plan(now=NOW + THREE_MONTHS).drafted == 1


def test_somebody_taken_in_late_has_the_first_step_dropped() -> None:
    leaver(ends_on=TODAY - 50 * DAY)
    planned = plan(now=NOW)
    assert (planned.drafted, planned.dropped) == (0, 1)
    assert outcomes() == [("two_weeks", StepState.DROPPED, "")]


def test_who_asked_for_a_pause_waits_and_the_list_says_until_when() -> None:
    alice = leaver()
    change_preferences(person=alice, not_now_until=TODAY + TWO_WEEKS + 5 * DAY, by="test", now=NOW)
    assert dict(plan(now=NOW + TWO_WEEKS).skipped) == {"not_now": 1}
    outcome = passed_over().get()
    until = datetime(2026, 10, 2, 22, 0, tzinfo=UTC)
    assert (outcome.state, outcome.rule, outcome.until) == (StepState.WAITING, "not_now", until)
    change_preferences(person=alice, not_now_until=TODAY + TWO_WEEKS + 9 * DAY, by="test", now=NOW)
    assert dict(plan(now=NOW + TWO_WEEKS + DAY).skipped) == {}
    assert passed_over().get().until == until + 4 * DAY
    assert plan(now=NOW + TWO_WEEKS + 9 * DAY).drafted == 1


def test_a_restriction_that_was_for_good_and_gets_an_end_is_said_as_it_is() -> None:
    alice = leaver()
    restriction = restrict(
        person=alice, kind=RestrictionKind.RESTRICTION, reason="x", starts_on=TODAY, by="user:1", now=NOW
    )
    plan(now=NOW + TWO_WEEKS)
    assert outcomes() == [("two_weeks", StepState.SKIPPED, "restricted")]
    restriction.ends_on = TODAY + TWO_WEEKS + 3 * DAY
    restriction.save()
    plan(now=NOW + TWO_WEEKS)
    assert outcomes() == [("two_weeks", StepState.WAITING, "restricted")]


def test_who_heard_from_us_a_week_ago_waits_for_the_budget() -> None:
    alice = leaver()
    change_preferences(person=alice, frequency="monthly", by="test", now=NOW)
    record_touch(
        person=alice,
        at=NOW + 7 * DAY,
        direction=Direction.OURS,
        kind=TouchKind.CALL,
        purpose=Purpose.PERSONAL,
        origin="test",
    )
    assert dict(plan(now=NOW + TWO_WEEKS).skipped) == {"frequency": 1}
    assert plan(now=NOW + TWO_WEEKS + 21 * DAY).dropped == 0
    assert outcomes() == [("two_weeks", StepState.WAITING, "frequency")]
    assert plan(now=NOW + TWO_WEEKS + 22 * DAY).dropped == 1


def test_a_last_day_moved_ahead_takes_the_draft_back_and_redoes_it_on_the_new_day() -> None:
    alice = leaver()
    plan(now=NOW + TWO_WEEKS)
    moved = TODAY + 30 * DAY
    move_last_day(alice, moved, at=NOW + TWO_WEEKS)
    assert plan(now=NOW + TWO_WEEKS).cancelled == 1
    assert (drafts(), outcomes()) == ([], [])
    assert plan(now=NOW + 30 * DAY + TWO_WEEKS - DAY).drafted == 0
    assert plan(now=NOW + 30 * DAY + TWO_WEEKS).drafted == 1
    assert drafts() == [("Alice van Dam", FIRST)]


@pytest.mark.parametrize("agrees", [False, True])
def test_a_last_day_moved_ahead_redoes_what_was_skipped_or_dropped(agrees: bool) -> None:
    alice = leaver(ends_on=TODAY - (50 if agrees else 20) * DAY, agrees=agrees)
    plan(now=NOW)
    assert [state for _step, state, _rule in outcomes()] == [StepState.DROPPED if agrees else StepState.SKIPPED]
    move_last_day(alice, TODAY + 10 * DAY)
    plan(now=NOW)
    assert outcomes() == []
    if not agrees:
        agree(alice)
    assert plan(now=NOW + 24 * DAY).drafted == 1


def test_a_letter_that_was_sent_stays_done_when_the_day_moves() -> None:
    alice = leaver()
    plan(now=NOW + TWO_WEEKS)
    approve(message_ids=[letters_to_look_at().get().pk], by="user:1", now=NOW + TWO_WEEKS)
    assert send_due(now=NOW + TWO_WEEKS, worker="test").kept == 1
    move_last_day(alice, TODAY + 30 * DAY, at=NOW + 15 * DAY)
    assert plan(now=NOW + 15 * DAY).cancelled == 0
    assert plan(now=NOW + 44 * DAY).drafted == 0
    assert [letter.state for letter in letters()] == [MessageState.KEPT]


def test_a_letter_that_was_put_aside_is_not_drafted_again() -> None:
    leaver()
    plan(now=NOW + TWO_WEEKS)
    put_aside(message_id=letters_to_look_at().get().pk, by="user:1", now=NOW + TWO_WEEKS)
    assert plan(now=NOW + TWO_WEEKS + DAY).drafted == 0
    assert drafts() == []


def test_a_cancelled_departure_takes_back_drafts_and_queued_letters() -> None:
    alice, bob = leaver(status="leaving"), leaver("Bob Stone", status="leaving")
    plan(now=NOW + TWO_WEEKS)
    [hers, his] = letters_to_look_at()
    approve(message_ids=[his.pk], by="user:1", now=NOW + TWO_WEEKS)
    assert list(letters_on_their_way()) == [his]
    for someone in (alice, bob):
        move_last_day(someone, None, at=NOW + TWO_WEEKS, status=StintStatus.ACTIVE)
    assert plan(now=NOW + TWO_WEEKS).cancelled == 2
    assert [letter.state for letter in letters()] == [MessageState.DISCARDED] * 2
    assert send_due(now=NOW + TWO_WEEKS, worker="test").handled == 0
    assert outcomes() == []
    assert Event.objects.get(deed="outreach.taken_back").details == {"journey": "farewell", "letters": 2}
    assert hers.pk in [letter.pk for letter in letters()]


def test_who_withdraws_after_the_draft_gets_no_letter() -> None:
    alice = leaver()
    plan(now=NOW + TWO_WEEKS)
    withdraw(person=alice, means=Means.ONE_CLICK, by="test", now=NOW + TWO_WEEKS)
    approve(message_ids=[letters_to_look_at().get().pk], by="user:1", now=NOW + TWO_WEEKS)
    report = send_due(now=NOW + TWO_WEEKS, worker="test")
    assert (report.kept, report.skipped) == (0, {"consent": 1})


def test_in_preparation_nothing_is_drafted() -> None:
    programme(Stage.PREPARATION)
    leaver()
    assert dict(plan(now=NOW + TWO_WEEKS).skipped) == {"stage": 1}
    programme(Stage.LIVE)
    assert plan(now=NOW + TWO_WEEKS + DAY).drafted == 1


def test_one_departure_walks_the_journey_once() -> None:
    leaver()
    for _ in range(3):
        plan(now=NOW)
    assert Enrolment.objects.count() == Departure.objects.count() == 1


def test_planning_costs_the_same_for_one_and_for_many(django_assert_max_num_queries: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    costs = []
    for names in (["Alice"], ["Bob", "Charlie", "Dora", "Erin", "Frank"]):
        for name in names:
            leaver(name)
        with CaptureQueriesContext(connection) as queries:
            assert plan(now=NOW + TWO_WEEKS).drafted == len(names)
        costs.append(len(queries))
    assert costs[0] == costs[1]


def picture() -> tuple[Any, ...]:
    """All that a tick may change, without keys and randoms."""
    return (
        outcomes(),
        sorted(Message.objects.values_list("recipient_name", "mailing__origin", "state", "skip_rule")),
        sorted(Departure.objects.values_list("person__full_name", "state")),
    )


@pytest.mark.slow
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    days=st.lists(st.integers(0, 130), min_size=1, max_size=3),
    times=st.integers(2, 4),
    agrees=st.booleans(),
)
def test_any_number_of_ticks_at_one_moment_leave_the_same_state(days: list[int], times: int, agrees: bool) -> None:
    Person.objects.all().delete()
    leaver(agrees=agrees)
    leaver("Bob Stone", agrees=not agrees, status="leaving")
    for day in sorted(days):
        tick(now=NOW + day * DAY, worker="one")
        once = picture()
        for _ in range(times):
            again = tick(now=NOW + day * DAY, worker="another")
            assert (again.drafted, again.sent, dict(again.skipped)) == (0, 0, {})
        assert picture() == once


def test_a_tick_reports_the_work_it_did() -> None:
    leaver()
    leaver("Bob Stone", agrees=False)
    first = tick(now=NOW, worker="test")
    assert (first.drafted, first.sent) == (2, 0)  # the invitations to the exit conversation
    report = tick(now=NOW + TWO_WEEKS, worker="test")
    assert (report.drafted, report.queued, report.sent, dict(report.skipped)) == (1, 0, 0, {"consent": 1})
    approve(message_ids=[letters_to_look_at().get().pk], by="user:1", now=NOW + TWO_WEEKS)
    at_night = datetime(2026, 9, 28, 20, 0, tzinfo=UTC)
    report = tick(now=at_night, worker="test")
    assert (report.sent, report.queued) == (0, 1)
    report = tick(now=at_night + timedelta(hours=12), worker="test")
    assert (report.sent, report.queued) == (1, 0)
