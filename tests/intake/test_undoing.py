"""An import is undone as far as nothing depends on it; what stays is said."""

from collections.abc import Callable
from dataclasses import astuple
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from perennial.audit.actions import record, record_seen
from perennial.audit.models import Event
from perennial.consent.models import LedgerEntry
from perennial.contact.actions import record_touch, restrict
from perennial.contact.enums import Direction, RestrictionKind, TouchKind
from perennial.contact.models import Restriction, Touch
from perennial.departures.audience.actions import Asked, decide_audience
from perennial.departures.decisions.enums import DecisionKind, DecisionOutcome, DecisionReason
from perennial.departures.enums import AudienceMode
from perennial.departures.exit.answering import Answers, receive
from perennial.departures.invitations import change_draft, draft_invitations, hand_over
from perennial.departures.models import AudienceChoice, ConversationNote, Departure, ExitAnswers, PersonDecision
from perennial.departures.relation import leave
from perennial.intake import applying, at_once, receiving, running, steps, undo_queries, undoing, upkeep
from perennial.intake.enums import ImportState
from perennial.intake.models import AppliedBatch, FormerValue, ImportRun, LeftStanding
from perennial.intake.steps import NotNowError
from perennial.kernel.purposes import Intent, Purpose
from perennial.mail.models import Mailing, Message
from perennial.mail.queue import approve
from perennial.outreach.actions import plan
from perennial.outreach.models import Enrolment
from perennial.people.actions import add_address, add_stint, correct_person, correct_stint, verify_address
from perennial.people.models import EmailAddress, Person, Provenance, Stint, Word
from perennial.people.reorganising import merge, rename
from perennial.privacy.actions import erase
from perennial.privacy.rights.actions import ask
from perennial.privacy.rights.enums import CameBy, Checked, RequestKind
from perennial.programme.models import Department
from tests import cast
from tests.cast import NOW, TODAY
from tests.intake.bringing import everything, take_in_file

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("programme")]

HEADER = (
    "Employee number;Full name;Private e-mail;Private e-mail given on;Business e-mail;First day;Last day;Status;"
    "Job title;Department;Language"
)
ALICE = "1;Alice Moore;alice@home.example;2026-09-01;alice@employer.example;2019-01-01;2026-10-14;leaving;Nurse;Ward;en"
BOB = "2;Bob Stone;bob@home.example;2026-09-01;bob@employer.example;2018-01-01;2026-10-31;leaving;Planner;Office;nl"
CLEO = "3;Cleo Hart;;;cleo@employer.example;2017-01-01;2026-11-30;leaving;Buyer;Office;"

MINUTE = timedelta(minutes=1)
LATER = NOW + MINUTE

TakeIn = Callable[..., ImportRun]


@pytest.fixture
def bring(tmp_path: Path) -> TakeIn:
    def run(*lines: str, **asked: Any) -> ImportRun:
        path = tmp_path / "leavers.csv"
        path.write_text("\n".join([HEADER, *lines]), encoding="utf-8")
        return ImportRun.objects.get(key=take_in_file(path, **asked).key)

    return run


def letters_are_drafted(now: datetime) -> None:
    """What the scheduler does by itself within a minute."""
    draft_invitations(now=now)
    plan(now=now)


def undone(run: ImportRun) -> tuple[int, ...]:
    """People, periods, addresses, departures and values that went, after the look that said the same beforehand."""
    run.refresh_from_db()
    before = undo_queries.undo_look(run)
    after = at_once.run_undo(key=run.key, by="user:1", now=LATER)
    result = undo_queries.undo_result(after)
    assert after.state == ImportState.UNDONE
    assert (before.taken, before.sentences) == (result.taken, result.sentences)
    return astuple(result.taken)


def sentences(run: ImportRun) -> list[str]:
    return undo_queries.undo_result(ImportRun.objects.get(pk=run.pk)).sentences


def somebody(number: str) -> Person:
    return Stint.objects.get(employee_number=number).person


def nothing_of_people() -> bool:
    return not any(
        table.objects.exists() for table in (Person, Stint, EmailAddress, Departure, Enrolment, Message, Mailing)
    )


def test_new_people_go_with_all_that_was_made_of_them(bring: TakeIn) -> None:
    run = bring(ALICE, BOB, CLEO)
    letters_are_drafted(NOW + timedelta(seconds=1))
    assert Message.objects.count() == Mailing.objects.count() == Enrolment.objects.count() == 3
    assert undone(run) == (3, 0, 0, 0, 0)
    assert nothing_of_people()
    assert not Word.objects.exists()
    assert sentences(run) == []
    [event] = Event.objects.filter(deed="intake.batch_undone")
    assert (event.by, event.details["people"], event.details["left"]) == ("user:1", 3, 0)
    assert Event.objects.get(deed="intake.undone").subject_key == run.key


def test_an_import_undone_can_be_brought_again(bring: TakeIn) -> None:
    first = bring(ALICE, BOB)
    what_was_there = everything()
    undone(first)
    again = bring(ALICE, BOB)
    assert (again.created, again.departures) == (2, 2)
    assert everything() == what_was_there


def test_changed_fields_get_their_former_value_back(bring: TakeIn) -> None:
    bring(ALICE, BOB)
    before = everything()
    opened = set(Departure.objects.values_list("pk", flat=True))
    second = bring(
        "1;Alice M. Moore;alice@home.example;;alice@employer.example;2019-01-01;2026-12-31;left;Head nurse;Wards;de",
        BOB,
        now=NOW + timedelta(seconds=1),
    )
    assert second.updated == 1
    assert everything() != before
    assert undone(second) == (0, 0, 0, 0, 6)
    assert everything() == before
    assert set(Departure.objects.values_list("pk", flat=True)) == opened


def test_periods_and_addresses_that_were_added_to_somebody_on_file_go(bring: TakeIn) -> None:
    bring(ALICE)
    before = everything()
    second = bring(
        ALICE.replace("alice@home.example;2026-09-01", "alice@other.example;2026-09-02"),
        "1;Alice Moore;;;;2027-01-01;2028-01-31;leaving;Nurse;;",
        now=NOW + timedelta(seconds=1),
    )
    assert (Stint.objects.count(), EmailAddress.objects.count(), Departure.objects.count()) == (2, 3, 2)
    assert undone(second) == (0, 1, 1, 0, 0)
    assert everything() == before
    assert Departure.objects.count() == 1


def test_a_departure_that_an_import_brought_goes_when_its_last_day_does(bring: TakeIn) -> None:
    bring("1;Alice Moore;;;alice@employer.example;2019-01-01;;active;Nurse;Ward;en")
    before = everything()
    second = bring(ALICE.replace("alice@home.example;2026-09-01", ";"), now=NOW + timedelta(seconds=1))
    letters_are_drafted(NOW + timedelta(seconds=2))
    assert Departure.objects.count() == Message.objects.count() == 1
    assert undone(second) == (0, 0, 0, 1, 2)
    assert everything() == before
    assert not Departure.objects.exists()
    assert not Message.objects.exists()
    assert not Mailing.objects.exists()


def test_a_day_that_was_given_is_taken_back(bring: TakeIn) -> None:
    bring(ALICE.replace("2026-09-01", ""))
    second = bring(ALICE, now=NOW + timedelta(seconds=1))
    address = EmailAddress.objects.get(address="alice@home.example")
    assert address.given_on == date(2026, 9, 1)
    assert undone(second) == (0, 0, 0, 0, 1)
    address.refresh_from_db()
    assert address.given_on is None


# --- what later depends on it


def answers(person: Person) -> None:
    receive(
        departure=person.departures.get(),
        answers=Answers(given={"reason": ["pay"], "recommend": 9}),
        submit=True,
        ip=None,
        shown_in="en",
        relation=None,
        by=f"person:{person.key}",
        now=LATER,
    )


def agrees(person: Person) -> None:
    leave(person=person, by=f"person:{person.key}", now=LATER)


def is_invited(person: Person) -> None:
    hand_over(departure=person.departures.get(), by="user:2", now=LATER)


def is_written_to(person: Person) -> None:
    letters_are_drafted(LATER)
    [letter] = Message.objects.filter(person=person)
    approve(message_ids=[letter.pk], by="user:2", now=LATER)


def has_a_letter_worked_on(person: Person) -> None:
    letters_are_drafted(LATER)
    change_draft(departure=person.departures.get(), subject="Bye", body="Dear, {link}", by="user:2", now=LATER)


def is_noted(person: Person) -> None:
    record_touch(
        person=person,
        at=LATER,
        direction=Direction.OURS,
        kind=TouchKind.NOTE,
        purpose=Purpose.PERSONAL,
        intent=Intent.NEUTRAL,
        origin="desk:1",
    )


def is_restricted(person: Person) -> None:
    restrict(
        person=person,
        kind=RestrictionKind.RESTRICTION,
        reason="other",
        starts_on=TODAY,
        by="user:2",
        now=LATER,
    )


def is_chosen(person: Person) -> None:
    AudienceChoice.objects.create(person=person, welcome=True, by="user:2", at=LATER)


def is_talked_with(person: Person) -> None:
    ConversationNote.objects.create(
        departure=person.departures.get(), question="reason", text="…", by="user:2", at=LATER
    )


def is_decided_about(person: Person) -> None:
    PersonDecision.objects.create(
        person=person,
        kind=DecisionKind.ELIGIBILITY,
        outcome=DecisionOutcome.WELCOME,
        reason=DecisionReason.GOOD_STANDING,
        proposed_by="user:2",
        proposed_at=LATER,
    )


def is_corrected(person: Person) -> None:
    correct_person(person=person, full_name="Bob Stones", called="Bob", language="nl", by="user:2", now=LATER)


def has_a_corrected_period(person: Person) -> None:
    correct_stint(stint=person.stints.get(), title="Chief planner", by="user:2", now=LATER)


def asks_for_a_copy(person: Person) -> None:
    ask(
        person=person,
        kind=RequestKind.COPY,
        came_by=CameBy.LETTER,
        checked_by=Checked.KNOWN,
        by="user:2",
        now=LATER,
    )


def returns(person: Person) -> None:
    stint = {"starts_on": date(2027, 1, 1), "ends_on": None}
    add_stint(person=person, source="typed", by="system", now=LATER, **stint)


def gives_an_address(person: Person) -> None:
    add_address(person=person, address="bob@elsewhere.example", kind="private", source="typed", now=LATER)


@pytest.mark.parametrize(
    ("happens", "why"),
    [
        (answers, "they have answered since"),
        (agrees, "they have answered since"),
        (is_invited, "they were invited since"),
        (is_written_to, "they were invited since"),
        (has_a_letter_worked_on, "a colleague has worked on a letter to them since"),
        (is_noted, "a contact with them was noted since"),
        (is_restricted, "contact with them was restricted since"),
        (is_chosen, "a colleague has decided since whether they are welcome"),
        (is_talked_with, "their farewell or exit conversation has begun since"),
        (is_decided_about, "a colleague has decided since whether they are welcome"),
        (asks_for_a_copy, "they have asked something about their data since"),
        (is_corrected, "a colleague or a later import has changed it since"),
        (has_a_corrected_period, "a colleague or a later import has changed it since"),
        (returns, "something was added to their record since"),
        (gives_an_address, "something was added to their record since"),
    ],
)
def test_somebody_on_whom_something_depends_stays_as_they_are(
    bring: TakeIn, happens: Callable[[Person], None], why: str
) -> None:
    run = bring(ALICE, BOB)
    bob = somebody("2")
    happens(bob)
    counts = [table.objects.count() for table in (Touch, Restriction, LedgerEntry, ExitAnswers)]
    assert undone(run) == (1, 0, 0, 0, 0)
    assert sentences(run) == [f"1 person stays: {why}."]
    assert list(Person.objects.all()) == [bob]
    assert bob.stints.filter(employee_number="2").exists()
    assert bob.addresses.filter(address="bob@home.example").exists()
    assert Departure.objects.filter(person=bob).exists()
    assert counts == [table.objects.count() for table in (Touch, Restriction, LedgerEntry, ExitAnswers)]
    [line] = undo_queries.undo_result(ImportRun.objects.get(pk=run.pk)).left
    assert (line.person_key, str(line.why)) == (bob.key, why)


def test_three_who_answered_are_told_together(bring: TakeIn) -> None:
    run = bring(ALICE, BOB, CLEO)
    for number in ("1", "2", "3"):
        answers(somebody(number))
    assert undone(run) == (0, 0, 0, 0, 0)
    assert sentences(run) == ["3 people stay: they have answered since."]


def test_what_a_later_import_changed_stays_until_that_is_undone(bring: TakeIn) -> None:
    first = bring(ALICE, BOB)
    before = everything()
    second = bring(ALICE.replace("2026-10-14", "2026-12-31"), now=NOW + timedelta(seconds=1))
    third = bring(ALICE.replace("2026-10-14", "2027-01-31"), now=NOW + timedelta(seconds=2))
    assert undone(second) == (0, 0, 0, 0, 0)
    assert sentences(second) == [
        "Last day of 1 person stays as it is: a colleague or a later import has changed it since."
    ]
    assert somebody("1").stints.get().ends_on == date(2027, 1, 31)
    assert undone(third) == (0, 0, 0, 0, 1)
    assert somebody("1").stints.get().ends_on == date(2026, 12, 31)
    assert before != everything()
    assert undone(first) == (2, 0, 0, 0, 0)
    assert nothing_of_people()


def test_imports_undone_from_the_last_to_the_first_leave_nothing(bring: TakeIn) -> None:
    first = bring(ALICE)
    second = bring(ALICE.replace("2026-10-14", "2026-12-31"), BOB, now=NOW + timedelta(seconds=1))
    assert undone(second) == (1, 0, 0, 0, 1)
    assert undone(first) == (1, 0, 0, 0, 0)
    assert nothing_of_people()


def test_a_last_day_stays_once_its_departure_has_seen_something(bring: TakeIn) -> None:
    bring("1;Alice Moore;;;alice@employer.example;2019-01-01;;active;Nurse;Ward;en")
    second = bring(ALICE.replace("Nurse", "Head nurse"), now=NOW + timedelta(seconds=1))
    answers(somebody("1"))
    assert undone(second) == (0, 0, 1, 0, 1)
    stint = somebody("1").stints.get()
    assert (stint.title, stint.status, stint.ends_on) == ("Nurse", "leaving", date(2026, 10, 14))
    assert sorted(sentences(second)) == [
        "Last day of 1 person stays as it is: they have answered since.",
        "Status of 1 person stays as it is: they have answered since.",
    ]


def test_an_address_that_was_confirmed_since_stays(bring: TakeIn) -> None:
    bring(ALICE.replace("alice@home.example;2026-09-01", ";"))
    second = bring(ALICE, now=NOW + timedelta(seconds=1))
    address = EmailAddress.objects.get(address="alice@home.example")
    verify_address(address=address, by="person:x", now=LATER)
    assert undone(second) == (0, 0, 0, 0, 0)
    assert sentences(second) == ["An address of 1 person stays: they have said since what we may do."]


def test_a_day_that_no_longer_fits_is_not_given_back(bring: TakeIn) -> None:
    bring(ALICE)
    second = bring(ALICE.replace("2026-10-14", "2027-10-14"), now=NOW + timedelta(seconds=1))
    correct_stint(stint=somebody("1").stints.get(), starts_on=date(2027, 1, 1), by="user:2", now=LATER)
    assert undone(second) == (0, 0, 0, 0, 0)
    assert sentences(second) == [
        "Last day of 1 person stays as it is: what stood there before contradicts what is on file now."
    ]


def test_a_number_that_somebody_else_has_by_now_is_not_given_back(bring: TakeIn) -> None:
    bring(ALICE)
    second = bring(ALICE.replace("2019-01-01", "2019-02-01"), now=NOW + timedelta(seconds=1))
    other = cast.person("Dora Field", ends_on=None, employee_number="x")
    Stint.objects.filter(person=other).update(source="hr", employee_number="1", starts_on=date(2019, 1, 1))
    assert undone(second) == (0, 0, 0, 0, 0)
    assert Stint.objects.get(person__full_name="Alice Moore").starts_on == date(2019, 2, 1)
    assert sentences(second) == [
        "First day of 1 person stays as it is: what stood there before contradicts what is on file now."
    ]


def test_what_stands_there_again_was_said_by_whoever_said_it_then(bring: TakeIn) -> None:
    bring(ALICE)
    correct_stint(stint=somebody("1").stints.get(), title="Head nurse", by="user:2", now=NOW)
    second = bring(ALICE.replace("Ward", "Clinic"), now=NOW + timedelta(seconds=1))
    assert set(Provenance.objects.values_list("field", "source")) == {("title", "hr"), ("department", "hr")}
    assert undone(second) == (0, 0, 0, 0, 2)
    assert set(Provenance.objects.values_list("field", "source")) == {("title", "user:2")}


def test_a_department_that_was_merged_since_is_given_back_as_what_it_became(bring: TakeIn) -> None:
    bring(ALICE, CLEO)
    second = bring(ALICE.replace("Ward", "Clinic"), now=NOW + timedelta(seconds=1))
    for gone, into in (("Ward", "Office"), ("Clinic", "Beds")):
        merge(
            gone=Department.objects.get(name=gone),
            into=Department.objects.get_or_create(name=into)[0],
            by="user:2",
            now=LATER,
        )
    assert undone(second) == (0, 0, 0, 0, 1)
    stint = somebody("1").stints.get()
    assert stint.department is not None
    assert stint.department.name == "Office"


def test_it_is_given_back_as_what_it_became_when_its_name_was_taken_up_again(bring: TakeIn) -> None:
    bring(ALICE, CLEO)
    second = bring(ALICE.replace("Ward", "Clinic"), now=NOW + timedelta(seconds=1))
    office = Department.objects.get(name="Office")
    merge(gone=Department.objects.get(name="Ward"), into=office, by="user:2", now=LATER)
    rename(unit=office, name="Ward", by="user:2", now=LATER)
    assert undone(second) == (0, 0, 0, 0, 1)
    assert somebody("1").stints.get().department == office


# --- how it goes


def test_a_second_period_in_the_same_file_goes_with_the_person_it_made(bring: TakeIn, monkeypatch: Any) -> None:
    monkeypatch.setattr(applying, "BATCH", 1)
    run = bring(ALICE, "1;Alice Moore;;;;2015-01-01;2016-01-31;left;Trainee;;", BOB)
    assert (Person.objects.count(), Stint.objects.count(), AppliedBatch.objects.count()) == (2, 3, 3)
    assert undone(run) == (2, 0, 0, 0, 0)
    assert nothing_of_people()


def test_each_batch_is_undone_whole_and_it_goes_on_where_it_stopped(bring: TakeIn, monkeypatch: Any) -> None:
    monkeypatch.setattr(applying, "BATCH", 1)
    run = bring(ALICE, BOB, CLEO)
    ours, calls = undoing._drop, []

    def breaks(model: Any, ids: list[int]) -> None:
        ours(model, ids)
        if model is Person:
            calls.append(ids)
            if len(calls) == 2:
                raise RuntimeError("disk full")

    monkeypatch.setattr(undoing, "_drop", breaks)
    with pytest.raises(RuntimeError):
        at_once.run_undo(key=run.key, by="user:1", now=LATER)
    run.refresh_from_db()
    assert (run.state, run.progress_done, run.undone["people"]) == (ImportState.FAILED, 1, 1)
    assert sorted(Stint.objects.values_list("employee_number", flat=True)) == ["1", "2"]
    with pytest.raises(NotNowError):
        steps.cancel(run=run, by="user:1", now=LATER)
    steps.resume(run=run, by="user:1", now=LATER)
    run.refresh_from_db()
    assert (run.state, run.progress_done, run.undone["people"]) == (ImportState.UNDONE, 3, 3)
    assert nothing_of_people()


def test_a_process_that_lost_the_undoing_does_nothing_more(bring: TakeIn) -> None:
    run = bring(ALICE)
    steps.ask_to_undo(run, by="user:1", now=LATER)
    assert running.claim(run_id=run.pk, state=ImportState.UNDOING, becomes=ImportState.UNDOING) is not None
    running.undo_all(run_id=run.pk, worker="lost", now=LATER)
    assert Person.objects.count() == 1


def test_it_can_be_asked_for_once_and_for_thirty_days(bring: TakeIn) -> None:
    run = bring(ALICE)
    assert undo_queries.can_undo(run, now=NOW + timedelta(days=29))
    assert not undo_queries.can_undo(run, now=NOW + timedelta(days=30))
    with pytest.raises(NotNowError):
        steps.undo(run=run, by="user:1", now=NOW + timedelta(days=31))
    steps.undo(run=run, by="user:1", now=LATER)
    assert not Person.objects.exists()
    with pytest.raises(NotNowError):
        steps.undo(run=run, by="user:1", now=LATER)


def test_what_it_takes_is_forgotten_after_thirty_days(bring: TakeIn) -> None:
    bring(ALICE)
    second = bring(ALICE.replace("Nurse", "Head nurse"), BOB, now=NOW + timedelta(seconds=1))
    answers(somebody("2"))
    undone(second)
    assert (AppliedBatch.objects.count(), LeftStanding.objects.count()) == (2, 1)
    third = bring(ALICE.replace("Nurse", "Matron"), now=NOW + timedelta(seconds=3))
    assert FormerValue.objects.filter(run=third).count() == 1
    upkeep.forget_old(now=NOW + timedelta(days=29))
    assert (AppliedBatch.objects.count(), FormerValue.objects.count(), LeftStanding.objects.count()) == (3, 1, 1)
    upkeep.forget_old(now=NOW + timedelta(days=31))
    assert (AppliedBatch.objects.count(), FormerValue.objects.count(), LeftStanding.objects.count()) == (0, 0, 0)


def test_the_erased_leave_nothing_in_what_is_kept_to_undo(bring: TakeIn) -> None:
    bring(ALICE, BOB)
    second = bring(
        ALICE.replace("Alice Moore", "Alice M. Moore"), BOB.replace("Planner", "Chief"), now=NOW + timedelta(seconds=1)
    )
    erase(person=somebody("1"), by="user:1", now=LATER)
    assert list(FormerValue.objects.values_list("before", "after")) == [("Planner", "Chief")]
    assert undone(second) == (0, 0, 0, 0, 1)
    assert list(Person.objects.values_list("full_name", flat=True)) == ["Bob Stone"]


def test_whom_the_audience_keeps_out_is_no_reason_to_stay(bring: TakeIn) -> None:
    """The rule wrote that down by itself, and nobody decided anything about them."""
    decide_audience(asked=Asked(mode=AudienceMode.LIST), by="user:1", now=NOW)
    run = bring(ALICE, BOB)
    assert Restriction.objects.filter(kind=RestrictionKind.AUDIENCE).count() == 2
    steps.undo(run=run, by="user:1", now=LATER)
    assert not Person.objects.exists()


def test_a_list_that_waits_is_compared_anew(bring: TakeIn, tmp_path: Path) -> None:
    run = bring(ALICE, BOB)
    path = tmp_path / "next.csv"
    path.write_text("\n".join([HEADER, BOB]), encoding="utf-8")
    waiting = receiving.receive_file(
        chunks=[path.read_bytes()], file_name="next.csv", source="hr", by="user:1", now=NOW
    )
    steps.choose_columns(run=waiting, mapping=running.mapping_of(waiting), by="user:1", now=NOW)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.unchanged) == (ImportState.READY, 1)
    steps.undo(run=run, by="user:1", now=LATER)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.created, waiting.unchanged) == (ImportState.READY, 1, 0)


def test_who_was_only_looked_at_goes(bring: TakeIn) -> None:
    run = bring(ALICE, BOB)
    key = somebody("2").key
    record_seen(deed="people.seen", by="user:2", now=LATER, on=TODAY, subject_kind="person", subject_key=key, most=9)
    record(deed="privacy.copied", by="user:2", now=LATER, subject_kind="person", subject_key=key)
    assert undone(run) == (2, 0, 0, 0, 0)


@pytest.mark.parametrize("count", [1, 3])
def test_undoing_asks_as_often_for_three_as_for_one(bring: TakeIn, count: int) -> None:
    bring(*[ALICE, BOB, CLEO][:count])
    changed = [line.replace(";leaving;", ";left;") for line in (ALICE, BOB, CLEO)][:count]
    run = bring(*changed, now=NOW + timedelta(seconds=1))
    steps.ask_to_undo(run, by="user:1", now=LATER)
    worker = running.claim(run_id=run.pk, state=ImportState.UNDOING, becomes=ImportState.UNDOING)
    assert worker is not None
    with CaptureQueriesContext(connection) as asked:
        assert undoing.undo_batch(run_id=run.pk, worker=worker, now=LATER)
    assert len(asked) == {"sqlite": 64, "postgresql": 67}[connection.vendor]


def test_whatever_hangs_on_a_person_is_known_to_undoing() -> None:
    """A new model that points at these is a reason to stay (`depending`) or goes with them: decide, then list it."""
    begun = {"Farewell.departure", "FarewellStep.departure", "ExitConversation.departure", "ConversationNote.departure"}
    known = {
        Person: {
            *("Stint.person", "EmailAddress.person", "Position.person", "PersonSkill.person", "Provenance.person"),
            *("Departure.person", "Enrolment.person", "Message.person", "Touch.person", "Restriction.person"),
            *("ConsentRequest.person", "ConsentState.person", "Preference.person", "AudienceChoice.person"),
            # Who asked, or chose a topic, is known by the trail; their files and visits go with them.
            *("PersonDecision.person", "Hold.person", "Request.person", "UnwantedTopic.person"),
            *("DataCopy.person", "Visit.person"),
        },
        Stint: {"Departure.stint", "Provenance.stint"},
        EmailAddress: {"ConsentRequest.address", "Provenance.address", "Vouching.on_file"},
        Departure: {"ExitAnswers.departure", "RelationAnswer.departure", "Enrolment.departure", *begun},
    }
    for model, names in known.items():
        relations = undoing.hanging_on(model)
        assert {f"{each.related_model.__name__}.{each.field.name}" for each in relations} == names
