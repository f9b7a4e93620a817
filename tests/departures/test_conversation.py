"""Exit conversations: planned, moved, called off, held; the calendar file; the notes behind the wall."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes, policy
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perennial.accounts.models import User
from perennial.accounts.roles import Role
from perennial.audit.models import Event
from perennial.consent.models import ConsentRequest, LedgerEntry
from perennial.contact.models import Touch
from perennial.departures.actions import open_due, review_person
from perennial.departures.conversation.calendar_file import for_colleague, for_leaver
from perennial.departures.conversation.enums import Way
from perennial.departures.conversation.mails import Sender
from perennial.departures.conversation.notes import keep_notes, open_notes
from perennial.departures.conversation.outcome import (
    NotYetHeldError,
    note_declined,
    note_did_not_happen,
    note_held,
    take_back,
)
from perennial.departures.conversation.planning import (
    AlreadyPlannedError,
    LeaderUnfitError,
    NotPlannableError,
    NotPlannedError,
    Plan,
    TimeUnfitError,
    call_off,
    move_conversation,
    plan_conversation,
)
from perennial.departures.conversation.queries import who_may_lead
from perennial.departures.endings import NotYetInvitableError, set_invite_from
from perennial.departures.farewell.enums import StepKind
from perennial.departures.farewell.handing_out import keep_farewells
from perennial.departures.invitations import InvitationRefusedError
from perennial.departures.models import ConversationNote, Departure, ExitConversation, FarewellStep
from perennial.mail.enums import MessageState
from perennial.mail.models import Message
from perennial.mail.render import render
from perennial.operate.tick import tick
from perennial.people.actions import add_address, correct_stint
from perennial.privacy.actions import erase
from tests.cast import NOW, TODAY, colleague, person, programme
from tests.examples import examples

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
HANNA = Sender(name="Hanna Visser", reply_to="hanna@employer.example")


def leaver(full_name: str = "Alice van Dam", **fields: Any) -> Departure:
    programme()
    fields.setdefault("language", "en")
    fields.setdefault("ends_on", TODAY + 10 * DAY)
    someone = person(full_name, status="leaving", **fields)
    add_address(person=someone, address="alice@employer.example", kind="business", source="test", now=NOW)
    open_due(now=NOW)
    return Departure.objects.select_related("person", "stint").get(person=someone)


def xenia() -> User:
    found = User.objects.filter(email="xenia@employer.example").first()
    return found or colleague(Role.EXIT_INTERVIEWER, name="Xenia Day", email="xenia@employer.example")


def plan(days: float = 3, **fields: Any) -> Plan:
    given: dict[str, Any] = {"leader": xenia(), "starts_at": NOW + days * DAY, "minutes": 45, "way": Way.IN_PERSON}
    return Plan(**{**given, "place": "Room 3", **fields})


def planned(departure: Departure, *, tell: Sender | None = None, **fields: Any) -> ExitConversation:
    return plan_conversation(departure=departure, plan=plan(**fields), tell=tell, by="user:1", now=NOW)


# The calendar file, read by a reader of our own (RFC 5545 3.1)


def read(file: bytes) -> dict[str, str]:
    """The properties of the one event in `file` and the method, by name; parameters stay in front of the value."""
    assert file.endswith(b"\r\n")
    assert b"\n" not in file.replace(b"\r\n", b"")
    lines = file.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    text = file.replace(b"\r\n ", b"").decode()
    found: dict[str, str] = {}
    for line in text.split("\r\n")[:-1]:
        name, sign, value = re.fullmatch(r"([A-Z-]+)([:;])(.*)", line, re.DOTALL).groups()  # type: ignore[union-attr]
        if name in ("BEGIN", "END"):
            continue
        assert name not in found, name
        found[name] = value if sign == ":" else f";{value}"
    assert text.startswith("BEGIN:VCALENDAR\r\n")
    assert text.count("BEGIN:VEVENT\r\n") == text.count("END:VEVENT\r\n") == 1
    return found


def unescaped(value: str) -> str:
    return re.sub(r"\\([\\;,nN])", lambda found: "\n" if found[1] in "nN" else found[1], value)


def test_the_file_is_what_a_calendar_reads_and_rises_when_the_conversation_moves() -> None:
    row = planned(leaver())
    first = read(for_colleague(conversation=row))
    assert (first["METHOD"], first["VERSION"], first["STATUS"], first["SEQUENCE"]) == (
        "PUBLISH",
        "2.0",
        "CONFIRMED",
        "0",
    )
    assert (first["DTSTART"], first["DTEND"]) == ("20260917T090000Z", "20260917T094500Z")
    assert first["DTSTAMP"] == "20260914T090000Z"
    assert unescaped(first["SUMMARY"]) == "Exit conversation with Alice van Dam"
    assert "ATTENDEE" not in first
    assert re.fullmatch(r"[A-Za-z0-9_-]{16,64}", first["UID"])
    moved = move_conversation(conversation=row, plan=plan(days=4), tell=None, by="user:1", now=NOW + DAY)
    second = read(for_colleague(conversation=moved))
    assert (second["UID"], second["SEQUENCE"], second["DTSTART"]) == (first["UID"], "1", "20260918T090000Z")
    assert second["DTSTAMP"] == "20260915T090000Z"
    off = call_off(conversation=moved, tell=None, by="user:1", now=NOW + DAY)
    third = read(for_colleague(conversation=off))
    assert (third["METHOD"], third["STATUS"], third["UID"], third["SEQUENCE"]) == (
        "CANCEL",
        "CANCELLED",
        first["UID"],
        "2",
    )


def test_moving_to_where_it_is_already_is_no_new_version() -> None:
    row = planned(leaver())
    same = move_conversation(conversation=row, plan=plan(), tell=None, by="user:1", now=NOW + DAY)
    assert (same.sequence, same.changed_at) == (0, NOW)


@pytest.mark.parametrize(("day", "hour"), [(date(2026, 10, 24), 7), (date(2026, 10, 25), 8), (date(2027, 3, 28), 7)])
def test_nine_in_the_morning_stays_nine_over_both_nights_in_which_the_clock_turns(day: date, hour: int) -> None:
    row = planned(leaver(), starts_at=datetime.combine(day, time(9), AMSTERDAM))
    starts = datetime.strptime(read(for_colleague(conversation=row))["DTSTART"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    assert starts.hour == hour
    assert starts.astimezone(AMSTERDAM).hour == 9


@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.text(max_size=300), name=st.text(min_size=1, max_size=80))
def test_whatever_is_typed_neither_breaks_the_file_nor_adds_to_it(place: str, name: str) -> None:
    with transaction.atomic():
        departure = leaver()
        row = planned(departure, place=place.replace("\x00", ""), way=Way.PHONE)
        row.departure.person.full_name = name
        file = for_leaver(conversation=row, attendee="alice@home.example", organisation="Employer", language="de")
        told = read(file)
        assert unescaped(told.get("LOCATION", "")) == row.place
        assert set(told) <= {
            *("METHOD", "VERSION", "PRODID", "UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "CLASS"),
            *("STATUS", "LOCATION", "ORGANIZER", "ATTENDEE"),
        }
        transaction.set_rollback(True)


# Mail to the leaver


@pytest.mark.parametrize("language", ["en", "nl", "de", "ru"])
@pytest.mark.parametrize("ending", ["resignation", "dismissal", "retirement"])
def test_the_leaver_is_written_to_in_their_language_with_an_entry_for_the_calendar(language: str, ending: str) -> None:
    row = planned(leaver(language=language, how_ended=ending), tell=HANNA)
    message = row.message
    assert message is not None
    assert (message.state, message.language, message.mailing.reply_to) == ("queued", language, HANNA.reply_to)
    mail = render(message, reveal=True)
    for words in ("11:00", "45", "Room 3", "Alice", "Xenia Day"):
        assert words in mail.text
    assert "!" not in mail.text
    assert "%(" not in mail.text + mail.subject
    assert ending not in mail.text.casefold()
    message.address = "alice@employer.example"
    parsed: Any = message_from_bytes(render(message, reveal=True).as_bytes(boundary="=_b"), policy=policy.default)
    parts = list(parsed.iter_parts())
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html", "text/calendar"]
    assert parts[2]["Content-Type"].params["method"] == "REQUEST"
    told = read(parts[2].get_payload(decode=True))
    assert told["METHOD"] == "REQUEST"
    assert told["UID"] == row.uid
    assert told["ATTENDEE"].endswith(":mailto:alice@employer.example")
    assert "RSVP=TRUE" in told["ATTENDEE"]
    assert told["ORGANIZER"].endswith(":mailto:xenia@employer.example")
    if language != "en":
        assert "would like to talk" not in mail.text


def test_a_moved_one_is_told_anew_and_the_earlier_mail_does_not_leave_any_more() -> None:
    row = planned(leaver(), tell=HANNA)
    first = row.message
    moved = move_conversation(conversation=row, plan=plan(days=5), tell=HANNA, by="user:1", now=NOW)
    assert first is not None
    first.refresh_from_db()
    assert first.state == MessageState.DISCARDED
    assert moved.message is not None
    assert "another time" in moved.message.mailing.contents["en"]["subject"]
    assert read(moved.message.mailing.contents["en"]["calendar"].encode())["SEQUENCE"] == "1"


def test_who_was_told_is_told_that_it_is_called_off_and_who_was_not_is_not() -> None:
    departure = leaver()
    row = planned(departure, tell=HANNA)
    Message.objects.update(state=MessageState.KEPT, not_before=None, done_at=NOW)
    row = call_off(conversation=row, tell=HANNA, by="user:1", now=NOW)
    assert row.message is not None
    told = read(row.message.mailing.contents["en"]["calendar"].encode())
    assert (told["METHOD"], told["STATUS"], told["SEQUENCE"]) == ("CANCEL", "CANCELLED", "1")
    assert "called off" in row.message.mailing.contents["en"]["body"]
    # Another one, whose mail has not left: nobody is told of the end of what they never heard of.
    again = planned(departure, tell=HANNA)
    again = call_off(conversation=again, tell=HANNA, by="user:1", now=NOW)
    assert again.message is not None
    again.message.refresh_from_db()
    assert again.message.state == MessageState.DISCARDED
    assert Message.objects.count() == 3


def test_after_redundancy_no_mail_before_the_day_that_hr_sets() -> None:
    departure = leaver(how_ended="redundancy")
    with pytest.raises(NotYetInvitableError):
        planned(departure, tell=HANNA)
    assert ExitConversation.objects.count() == Message.objects.count() == 0
    planned(departure)
    set_invite_from(departure=departure, day=TODAY, by="user:1", now=NOW)
    row = ExitConversation.objects.get()
    assert move_conversation(conversation=row, plan=plan(), tell=HANNA, by="user:1", now=NOW).message is not None


def test_without_an_address_no_mail_and_nothing_is_kept() -> None:
    departure = leaver()
    departure.person.addresses.all().delete()
    with pytest.raises(InvitationRefusedError) as caught:
        planned(departure, tell=HANNA)
    assert caught.value.rule == "no_address"
    assert ExitConversation.objects.count() == 0


# Who and when


def test_only_an_exit_interviewer_or_hr_leads_and_only_who_can_sign_in() -> None:
    departure = leaver()
    carla = User.objects.get(role=Role.COORDINATOR)
    gone = colleague(Role.EXIT_INTERVIEWER, email="gone@employer.example", is_active=False)
    recruiter = colleague(Role.RECRUITER)
    for leader in (carla, gone, recruiter):
        with pytest.raises(LeaderUnfitError):
            planned(departure, leader=leader)
    hr = colleague(Role.HR, name="Hanna Visser")
    assert set(who_may_lead()) == {hr, xenia()}
    assert planned(departure, leader=hr).leader == hr


@pytest.mark.parametrize("fields", [{"days": 0}, {"days": -1}, {"minutes": 5}, {"minutes": 600}])
def test_it_lies_ahead_and_takes_a_fair_while(fields: dict[str, Any]) -> None:
    with pytest.raises(TimeUnfitError):
        planned(leaver(), **fields)


def test_one_conversation_is_planned_at_a_time() -> None:
    departure = leaver()
    row = planned(departure)
    with pytest.raises(AlreadyPlannedError):
        planned(departure)
    with pytest.raises(IntegrityError), transaction.atomic():
        ExitConversation.objects.create(
            departure=departure, starts_at=NOW, changed_at=NOW, minutes=30, way="phone", planned_by="user:1"
        )
    note_declined(conversation=row, reason="They would rather not.", by="user:1", now=NOW)
    for deed in (note_held, note_did_not_happen):
        with pytest.raises(NotPlannedError):
            deed(conversation=row, by="user:1", now=NOW + 3 * DAY)
    with pytest.raises(NotPlannedError):
        move_conversation(conversation=row, plan=plan(), tell=None, by="user:1", now=NOW)
    planned(departure)
    with pytest.raises(AlreadyPlannedError):
        take_back(conversation=row, by="user:1", now=NOW)


# How it went


def step(departure: Departure) -> FarewellStep:
    keep_farewells(now=NOW)
    return FarewellStep.objects.get(departure=departure, kind=StepKind.EXIT_CONVERSATION)


def test_held_stands_in_the_history_and_settles_the_step_and_can_be_taken_back() -> None:
    departure = leaver()
    todo = step(departure)
    row = planned(departure)
    with pytest.raises(NotYetHeldError):
        note_held(conversation=row, by="user:1", now=NOW + 2 * DAY)
    then = NOW + 3 * DAY
    held = note_held(conversation=row, by="user:1", now=then)
    todo.refresh_from_db()
    assert (held.state, todo.state) == ("held", "done")
    assert Touch.objects.get(origin=f"conversation:{row.uid}").kind == "meeting"
    take_back(conversation=held, by="user:1", now=then)
    todo.refresh_from_db()
    row.refresh_from_db()
    assert (row.state, row.settled_by, todo.state) == ("planned", "", "open")
    assert not Touch.objects.filter(origin__startswith="conversation:").exists()


def test_declining_needs_no_reason_and_leaves_the_step_out() -> None:
    departure = leaver()
    todo = step(departure)
    row = planned(departure, tell=HANNA)
    declined = note_declined(conversation=row, reason="The leaver would rather not.", by="user:1", now=NOW)
    todo.refresh_from_db()
    assert (declined.state, todo.state, todo.reason) == ("declined", "skipped", "The leaver would rather not.")
    # The mail that had not left goes nowhere, and the colleague's calendar forgets it.
    assert Message.objects.get().state == MessageState.DISCARDED
    assert read(for_colleague(conversation=declined))["METHOD"] == "CANCEL"
    take_back(conversation=declined, by="user:1", now=NOW)
    todo.refresh_from_db()
    assert todo.state == "open"


def test_what_did_not_happen_leaves_the_step_to_be_done() -> None:
    departure = leaver()
    todo = step(departure)
    row = planned(departure)
    with pytest.raises(NotYetHeldError):
        note_did_not_happen(conversation=row, by="user:1", now=NOW)
    note_did_not_happen(conversation=row, by="user:1", now=NOW + 4 * DAY)
    todo.refresh_from_db()
    assert todo.state == "open"
    assert Touch.objects.filter(origin__startswith="conversation:").count() == 0


@pytest.mark.parametrize("change", [{"how_ended": "death"}, {"status": "active", "ends_on": None}])
def test_who_has_died_or_stays_is_not_talked_to_and_nobody_is_written_to(change: dict[str, Any]) -> None:
    departure = leaver()
    row = planned(departure, tell=HANNA)
    correct_stint(stint=departure.stint, by="user:1", now=NOW, **change)
    review_person(person=departure.person, now=NOW)
    row.refresh_from_db()
    assert (row.state, row.settled_by, row.sequence) == ("called_off", "system", 1)
    for days in (0, 1, 30):
        tick(now=NOW + days * DAY, worker="test")
    assert [message.state for message in Message.objects.filter(mailing__origin="departures:conversation")] == [
        MessageState.DISCARDED
    ]
    departure.refresh_from_db()
    with pytest.raises(NotPlannableError):
        planned(departure)


# Notes


def test_notes_are_encrypted_opened_with_a_trace_and_go_with_the_person() -> None:
    departure = leaver()
    assert keep_notes(
        departure=departure, notes={"improve": "The lamp", "pay": " "}, opened=False, by="user:7", now=NOW
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM departures_conversationnote")
        assert "lamp" not in str(cursor.fetchall())
    assert open_notes(departure=departure, by="user:7", now=NOW) == {"improve": "The lamp"}
    event = Event.objects.get(deed="departures.conversation_notes_opened")
    assert (event.by, event.subject_key, event.details) == ("user:7", departure.person.key, {"notes": 1})
    erase(person=departure.person, by="user:1", now=NOW)
    assert ConversationNote.objects.count() == 0
    assert "lamp" not in str(list(Event.objects.values_list("details", flat=True)))


def test_who_has_not_opened_the_notes_adds_to_them_and_takes_nothing_away() -> None:
    departure = leaver()
    write: Callable[..., int] = keep_notes
    write(departure=departure, notes={"improve": "First"}, opened=False, by="user:7", now=NOW)
    assert write(departure=departure, notes={"improve": "Second"}, opened=False, by="user:8", now=NOW) == 1
    assert write(departure=departure, notes={"improve": ""}, opened=False, by="user:8", now=NOW) == 0
    assert open_notes(departure=departure, by="user:7", now=NOW) == {"improve": "First\n\nSecond"}
    assert write(departure=departure, notes={"improve": ""}, opened=True, by="user:7", now=NOW) == 1
    assert open_notes(departure=departure, by="user:7", now=NOW) == {}


def test_what_is_noted_about_staying_in_touch_is_no_consent() -> None:
    departure = leaver()
    said = {"expects_of_us": "Send me news and openings", "we_said": "We will"}
    keep_notes(departure=departure, notes=said, opened=False, by="user:7", now=NOW)
    assert LedgerEntry.objects.count() == ConsentRequest.objects.count() == 0


@pytest.mark.parametrize(
    "wrong",
    [{"state": "maybe"}, {"way": "letter"}, {"minutes": 5}, {"state": "held"}, {"settled_by": "user:1"}],
)
def test_the_database_refuses_what_the_actions_would_never_write(wrong: dict[str, Any]) -> None:
    fields: dict[str, Any] = {
        "starts_at": NOW,
        "changed_at": NOW,
        "minutes": 30,
        "way": "phone",
        "planned_by": "user:1",
    }
    departure = leaver()
    with pytest.raises(IntegrityError), transaction.atomic():
        ExitConversation.objects.create(departure=departure, **{**fields, **wrong})


def test_what_waits_to_be_sent_stays_here_when_redundancy_is_recorded() -> None:
    departure = leaver()
    row = planned(departure, tell=HANNA)
    correct_stint(stint=departure.stint, how_ended="redundancy", by="user:1", now=NOW)
    review_person(person=departure.person, now=NOW)
    tick(now=NOW, worker="test")
    row.refresh_from_db()
    assert (row.state, row.message and row.message.state) == ("planned", "discarded")
    call_off(conversation=row, tell=HANNA, by="user:1", now=NOW)
    assert Message.objects.filter(mailing__origin="departures:conversation").count() == 1


def test_who_was_told_before_redundancy_was_recorded_is_told_that_it_is_called_off() -> None:
    departure = leaver()
    row = planned(departure, tell=HANNA)
    tick(now=NOW, worker="test")
    correct_stint(stint=departure.stint, how_ended="redundancy", by="user:1", now=NOW)
    review_person(person=departure.person, now=NOW)
    called_off = call_off(conversation=row, tell=HANNA, by="user:1", now=NOW)
    assert called_off.message_id not in (None, row.message_id)
