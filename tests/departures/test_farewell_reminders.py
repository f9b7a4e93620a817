"""Reminders: staff once a day, managers once a week, the leaver once."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from perennial.accounts.models import User
from perennial.accounts.roles import Role
from perennial.departures.actions import review_person
from perennial.departures.conversation.enums import Way
from perennial.departures.conversation.outcome import note_declined
from perennial.departures.conversation.planning import Plan, plan_conversation
from perennial.departures.exit.answering import Answers, receive
from perennial.departures.farewell.actions import do_step
from perennial.departures.farewell.handing_out import take_over
from perennial.departures.farewell.manager import write_to_manager
from perennial.departures.farewell.reminders import (
    DIGEST_ORIGIN,
    LEAVER_ORIGIN,
    remind,
    remind_leavers,
    remind_managers,
    remind_staff,
    wish_digest,
)
from perennial.departures.invitations import draft_invitations, invite
from perennial.departures.models import ChecklistTemplate, Departure, Farewell, FarewellStep
from perennial.departures.relation import leave
from perennial.mail.models import Message
from perennial.mail.send import send_due
from perennial.operate.tick import tick
from perennial.people.actions import correct_stint
from perennial.programme.enums import Stage
from tests.cast import NOW, TODAY, colleague, exclude, person, programme

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
WEEK = 7 * DAY


def leaver(name: str = "Alice van Dam", *, ends_on: date = TODAY + 20 * DAY, **fields: Any) -> Departure:
    """Somebody whose page is open, with the whole farewell and an address that may be used."""
    programme()
    someone = person(name, ends_on=ends_on, private=f"{name.split()[0].lower()}@home.example", language="nl", **fields)
    review_person(person=someone, now=NOW)
    found = Departure.objects.get(person=someone)
    FarewellStep.objects.filter(departure=found).delete()
    Farewell.objects.filter(departure=found).update(template=ChecklistTemplate.objects.get(code="full"))
    take_over(farewells=Farewell.objects.filter(departure=found).values_list("pk", flat=True))
    return found


def invited(name: str = "Alice van Dam", **fields: Any) -> Departure:
    """The same, and the invitation has gone out."""
    found = leaver(name, **fields)
    draft_invitations(now=NOW)
    invite(departure=found, by="user:1", sender_name="Hanna Visser", reply_to="hr@employer.example", now=NOW)
    send_due(now=NOW, worker="test")
    assert Message.objects.get(mailing__origin="departures:invitation", person=found.person).state == "kept"
    return found


def reminders() -> list[Message]:
    return list(Message.objects.filter(mailing__origin=LEAVER_ORIGIN).order_by("pk"))


def digests() -> list[Message]:
    return list(Message.objects.filter(mailing__origin=DIGEST_ORIGIN).order_by("pk"))


def body(message: Message) -> str:
    return str(message.mailing.contents[message.language]["body"])


def test_a_leaver_is_reminded_a_week_after_the_invitation_in_their_language() -> None:
    departure = invited()
    assert remind_leavers(now=NOW + WEEK - timedelta(seconds=1)) == 0
    assert remind_leavers(now=NOW + WEEK) == 1
    [message] = reminders()
    assert (message.state, message.language, message.person) == ("queued", "nl", departure.person)
    assert (message.mailing.purpose, message.mailing.intent) == ("service", "neutral")
    assert message.mailing.contents["nl"]["subject"] == "Je pagina staat nog open, Alice"


def test_it_can_never_be_two() -> None:
    invited()
    for hours in range(0, 24 * 20, 7):
        tick(now=NOW + WEEK + timedelta(hours=hours), worker="test")
    assert len(reminders()) == 1
    # Not even when the departure is called off and comes back, or another one follows.
    departure = Departure.objects.get()
    correct_stint(stint=departure.stint, ends_on=None, by="test", now=NOW)
    review_person(person=departure.person, now=NOW + 10 * DAY)
    correct_stint(stint=departure.stint, ends_on=TODAY + 60 * DAY, by="test", now=NOW)
    review_person(person=departure.person, now=NOW + 11 * DAY)
    draft_invitations(now=NOW + 11 * DAY)
    departure.refresh_from_db()
    for days in (11, 20, 30, 40):
        tick(now=NOW + days * DAY, worker="test")
    assert len(reminders()) == 1


def _begins(departure: Departure) -> None:
    receive(
        departure=departure,
        answers=Answers(given={"recommend": 9}),
        relation=None,
        submit=False,
        shown_in="nl",
        ip=None,
        by="person",
        now=NOW,
    )


@pytest.mark.parametrize(
    "before",
    [
        _begins,
        lambda departure: leave(person=departure.person, by="person", now=NOW),
        lambda departure: exclude(departure.person),
        lambda departure: correct_stint(stint=departure.stint, ends_on=TODAY + 6 * DAY, by="test", now=NOW),
        lambda departure: Departure.objects.update(state="cancelled"),
    ],
    ids=["began to answer", "left the programme", "excluded", "has gone", "cancelled"],
)
def test_nobody_is_reminded_who_answered_declined_or_has_gone(before: Any) -> None:
    before(invited())
    assert remind_leavers(now=NOW + WEEK) == 0
    assert reminders() == []


def test_a_reminder_that_waits_is_taken_back_when_the_leaver_leaves() -> None:
    departure = invited()
    remind_leavers(now=NOW + WEEK)
    leave(person=departure.person, by="person", now=NOW + WEEK)
    assert [message.state for message in reminders()] == ["discarded"]


def test_the_door_is_asked() -> None:
    departure = invited()
    departure.person.addresses.update(state="dead")
    assert remind_leavers(now=NOW + WEEK) == 0


@pytest.mark.parametrize("people", [1, 3])
def test_when_it_is_nobodys_turn_it_costs_the_same_for_one_and_for_three(
    people: int, django_assert_num_queries: Any
) -> None:
    for number in range(people):
        invited(f"Person{number} Stone")
    with django_assert_num_queries(6):
        remind_leavers(now=NOW)
    assert remind_leavers(now=NOW + WEEK) == people


def test_staff_hear_once_a_day_what_is_theirs_and_nobody_is_named() -> None:
    leaver(ends_on=TODAY + 4 * DAY)
    Departure.objects.update(opened_at=NOW - 30 * DAY)
    hr = colleague(Role.HR, name="Hanna Visser")
    colleague(Role.EXIT_INTERVIEWER)
    assert remind_staff(now=NOW) == 0  # nobody has signed in yet
    User.objects.update(last_login=NOW)
    assert remind_staff(now=NOW) == 2
    assert remind_staff(now=NOW + timedelta(hours=5)) == 0
    told = {message.address: message for message in digests()}
    assert set(told) == {hr.email, "coordinator@employer.example"}
    text = body(told[hr.email])
    assert "Late:\n- Exit conversation: 1\n- Recommendation on LinkedIn: 1" in text
    assert "Due in the coming week:\n- Farewell box with personal things: 1" in text
    assert "door stays open" not in text
    assert "A note that the door stays open: 1" in body(told["coordinator@employer.example"])
    assert not any("Alice" in body(message) for message in digests())
    assert told[hr.email].link_path == "/departures/?view=late"
    assert remind_staff(now=NOW + DAY) == 2


def test_staff_hear_nothing_when_there_is_nothing() -> None:
    leaver(ends_on=TODAY + 60 * DAY)
    colleague(Role.HR)
    assert remind_staff(now=NOW) == 0
    assert digests() == []


def test_a_colleague_can_switch_it_off_and_on_and_who_is_away_is_left_alone() -> None:
    leaver(ends_on=TODAY + 4 * DAY)
    User.objects.all().delete()
    hr = colleague(Role.HR, last_login=NOW)
    wish_digest(user=hr, wanted=False, now=NOW)
    assert remind_staff(now=NOW) == 0
    wish_digest(user=hr, wanted=True, now=NOW)
    User.objects.update(away_from=TODAY, away_until=TODAY + DAY)
    assert remind_staff(now=NOW) == 0
    User.objects.update(away_from=TODAY + DAY, away_until=TODAY + DAY)
    assert remind_staff(now=NOW) == 1


def test_managers_hear_of_their_late_steps_once_a_week_however_many_leave_them() -> None:
    departures = [leaver(name, ends_on=TODAY + 5 * DAY) for name in ("Alice van Dam", "Bob Jansen")]
    for departure in departures:
        write_to_manager(
            departure=departure,
            email="mara@employer.example",
            language="en",
            sender_name="Hanna",
            reply_to="hr@employer.example",
            by="user:1",
            now=NOW,
        )
    assert remind_managers(now=NOW + 6 * DAY) == 0
    assert remind_managers(now=NOW + 7 * DAY) == 1
    assert remind_managers(now=NOW + 8 * DAY) == 0
    assert remind_managers(now=NOW + 14 * DAY) == 1
    mails = Message.objects.filter(address="mara@employer.example", mailing__automatic=True).order_by("pk")
    assert [message.mailing.contents["en"]["subject"] for message in mails] == [
        "Saying goodbye to Alice van Dam: still open",
        "Saying goodbye to Bob Jansen: still open",
    ]
    assert "- Recommendation on LinkedIn\n" in body(mails[0])
    for step in FarewellStep.objects.filter(owner="manager"):
        do_step(step=step, by="manager:x", now=NOW)
    assert remind_managers(now=NOW + 30 * DAY) == 0


@pytest.mark.parametrize(
    ("stage", "at", "sent"),
    [
        (Stage.LIVE, NOW, 1),
        (Stage.PREPARATION, NOW, 0),
        (Stage.LIVE, NOW + 5 * DAY, 0),
        (Stage.LIVE, NOW.replace(hour=4), 0),
    ],
    ids=["a Monday at eleven", "in preparation", "a Saturday", "before eight"],
)
def test_staff_are_written_to_on_working_days_after_the_quiet_hours(stage: Stage, at: datetime, sent: int) -> None:
    leaver(ends_on=TODAY + 10 * DAY)
    colleague(Role.HR, last_login=NOW)
    FarewellStep.objects.exclude(owner="hr").delete()
    programme(stage=stage)
    assert remind(now=at).staff == sent


def test_whoever_would_rather_not_talk_is_not_reminded() -> None:
    departure = invited()
    talk = Plan(leader=colleague(Role.EXIT_INTERVIEWER), starts_at=NOW + DAY, minutes=30, way=Way.PHONE)
    row = plan_conversation(departure=departure, plan=talk, tell=None, by="user:1", now=NOW)
    note_declined(conversation=row, reason="would rather not", by="user:1", now=NOW)
    assert remind_leavers(now=NOW + WEEK) == 0
