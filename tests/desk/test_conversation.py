"""Exit conversations at the desk: planned, moved, settled; the guide; the notes and who may open them."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from perennial.accounts.models import User
from perennial.accounts.roles import Role
from perennial.audit.models import Event
from perennial.departures.actions import open_due
from perennial.departures.conversation.notes import keep_notes
from perennial.departures.models import ConversationNote, Departure, ExitConversation
from perennial.mail.models import Message
from perennial.people.actions import add_address
from tests.cast import NOW, TODAY, colleague, person, programme
from tests.portal.leavers import sentences

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
Desk = Callable[[Role], Client]


@pytest.fixture(autouse=True)
def _at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def desk() -> Desk:
    """A browser of the colleague with this role."""
    programme()

    def client_of(role: Role) -> Client:
        client = Client()
        client.force_login(User.objects.filter(role=role).first() or colleague(role, name=f"Somebody {role.label}"))
        return client

    return client_of


def departure(full_name: str = "Alice van Dam", **fields: Any) -> Departure:
    fields.setdefault("language", "nl")
    fields.setdefault("ends_on", TODAY + 10 * DAY)
    someone = person(full_name, status="leaving", **fields)
    address = f"{full_name.split()[0].lower()}@employer.example"
    add_address(person=someone, address=address, kind="business", source="test", now=NOW)
    open_due(now=NOW)
    return Departure.objects.get(person=someone)


def page_of(row: Departure, rest: str = "") -> str:
    return f"/departures/{row.key}/{rest}"


def asked(**fields: Any) -> dict[str, Any]:
    leader = User.objects.filter(role=Role.EXIT_INTERVIEWER).first() or colleague(Role.EXIT_INTERVIEWER)
    given = {"leader": leader.pk, "day": "2026-09-17", "time": "11:00", "minutes": 45, "way": "in_person"}
    return {**given, "place": "Room 3", **fields}


def items(client: Client) -> list[str]:
    return [strip_tags(str(item.sentence)) for item in client.get("/").context["items"]]


def test_hr_plans_it_and_the_leaver_is_written_to_only_when_asked(desk: Desk) -> None:
    row, hr, x = departure(), desk(Role.HR), desk(Role.EXIT_INTERVIEWER)
    assert "Nothing is planned yet." in sentences(hr.get(page_of(row)).content)
    said = sentences(hr.post(page_of(row, "conversation/"), asked(), follow=True).content)
    assert "Planned. Nobody was written to." in said
    assert "17 September 2026, 11:00, about 45 minutes" in said
    assert Message.objects.filter(mailing__origin="departures:conversation").count() == 0
    form = hr.get(page_of(row, "conversation/")).context["form"]
    assert (form.initial["time"].isoformat(), form.initial["place"]) == ("11:00:00", "Room 3")
    hr.post(page_of(row, "conversation/"), asked(time="14:30", tell="on"))
    message = Message.objects.get(mailing__origin="departures:conversation")
    assert (message.language, message.mailing.sender_name, message.state) == ("nl", "Somebody HR", "queued")
    conversation = ExitConversation.objects.get()
    assert (conversation.starts_at.hour, conversation.starts_at.minute, conversation.sequence) == (12, 30, 1)
    assert "Talk with Alice van Dam on 17 September at 14:30." in items(x)
    assert not any("Talk with" in item for item in items(hr))


def test_the_calendar_file_is_offered_for_download(desk: Desk) -> None:
    row, x = departure(), desk(Role.EXIT_INTERVIEWER)
    assert x.get(page_of(row, "conversation/calendar.ics")).status_code == 404
    x.post(page_of(row, "conversation/"), asked())
    file = x.get(page_of(row, "conversation/calendar.ics"))
    assert file["Content-Type"] == "text/calendar; charset=utf-8"
    assert file["Content-Disposition"] == 'attachment; filename="conversation.ics"'
    assert b"METHOD:PUBLISH\r\n" in file.content
    x.post(page_of(row, "conversation/called-off/"))
    assert b"METHOD:CANCEL\r\n" in x.get(page_of(row, "conversation/calendar.ics")).content


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"day": "2026-09-13"}, "day"),
        ({"day": "soon"}, "day"),
        ({"time": "late"}, "time"),
        ({"minutes": 1}, "minutes"),
        ({"place": ""}, "place"),
        ({"leader": 999}, "leader"),
        ({"way": "letter"}, "way"),
    ],
)
def test_what_does_not_fit_is_asked_for(desk: Desk, fields: dict[str, Any], field: str) -> None:
    response = desk(Role.HR).post(page_of(departure(), "conversation/"), asked(**fields))
    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])
    assert ExitConversation.objects.count() == 0


def test_a_mail_that_may_not_go_is_told_where_it_was_asked_for(desk: Desk) -> None:
    row = departure(how_ended="redundancy")
    response = desk(Role.HR).post(page_of(row, "conversation/"), asked(tell="on"))
    assert "Nobody is invited before HR has set a day." in " ".join(response.context["form"].errors["tell"])
    assert ExitConversation.objects.count() == 0


def test_how_it_went_is_said_afterwards_and_can_be_undone(desk: Desk) -> None:
    row, x = departure(), desk(Role.EXIT_INTERVIEWER)
    x.post(page_of(row, "conversation/"), asked())
    said = sentences(x.post(page_of(row, "conversation/held/"), follow=True).content)
    assert "It lies ahead." in said
    with time_machine.travel(NOW + 4 * DAY, tick=False):
        x = desk(Role.EXIT_INTERVIEWER)
        assert "How did the conversation with Alice van Dam go?" in items(x)
        page = x.post(page_of(row, "conversation/held/"), follow=True)
        assert "Noted: you have talked." in sentences(page.content)
        assert page_of(row, "conversation/take-back/") in page.content.decode()
        assert ExitConversation.objects.get().state == "held"
        assert not any("conversation" in item for item in items(x))
        x.post(page_of(row, "conversation/take-back/"))
        assert ExitConversation.objects.get().state == "planned"
        x.post(page_of(row, "conversation/declined/"))
        assert "Plan another one" in sentences(x.get(page_of(row)).content)
    assert x.post(page_of(row, "conversation/forgotten/")).status_code == 404


def test_whose_leader_has_gone_is_told_to_the_coordinator(desk: Desk) -> None:
    row = departure()
    desk(Role.HR).post(page_of(row, "conversation/"), asked())
    coordinator = desk(Role.COORDINATOR)
    assert not any("Talk with" in item for item in items(coordinator))
    User.objects.filter(role=Role.EXIT_INTERVIEWER).update(is_active=False)
    assert "Talk with Alice van Dam on 17 September at 11:00." in items(coordinator)


def test_the_guide_has_the_questions_in_the_leavers_language_and_what_is_never_asked(desk: Desk) -> None:
    row = departure(how_ended="dismissal")
    keep_notes(departure=row, notes={"improve": "The lamp"}, opened=False, by="user:7", now=NOW)
    page = desk(Role.HR).get(page_of(row, "guide/"))
    said = sentences(page.content)
    codes = [topic.code for topic in page.context["topics"]]
    # A talk is no form: what is asked by single matters on the page is one topic.
    assert [code for code in codes if code.startswith("satisfied")] == ["satisfied_work"]
    assert "improve" in codes
    # Nobody asks why who was sent away.
    assert "reason" not in codes
    assert "Wil je van ons horen, en waarover?" in said
    for never in ("health", "union", "religion", "orientation", "pregnancy"):
        assert never in said
    assert "gives no permission" in said
    assert "Notes are kept by exit interviewers only." in said
    assert "lamp" not in page.content.decode()


def test_notes_stay_closed_until_they_are_opened_which_is_logged(desk: Desk) -> None:
    row, x = departure(), desk(Role.EXIT_INTERVIEWER)
    first = x.get(page_of(row, "notes/"))
    assert "improve" in first.context["form"].fields
    assert "expects_of_us" in first.context["form"].fields
    x.post(page_of(row, "notes/"), {"improve": "The lamp", "expects_of_us": "News"})
    closed = x.get(page_of(row, "notes/"))
    assert closed.context["form"] is None
    assert "The notes are closed" in sentences(closed.content)
    assert "lamp" not in closed.content.decode()
    assert not Event.objects.filter(deed="departures.conversation_notes_opened").exists()
    opened = x.post(page_of(row, "notes/"), {"open": "1"})
    assert "The lamp" in opened.content.decode()
    event = Event.objects.get(deed="departures.conversation_notes_opened")
    assert (event.by, event.subject_key) == (f"user:{User.objects.get(role=Role.EXIT_INTERVIEWER).pk}", row.person.key)
    x.post(page_of(row, "notes/"), {"opened": "1", "improve": "The window", "expects_of_us": ""})
    assert list(ConversationNote.objects.values_list("question", "text")) == [("improve", "The window")]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.EXIT_INTERVIEWER])
def test_nobody_else_finds_a_note_on_any_page(desk: Desk, role: Role) -> None:
    row = departure()
    keep_notes(departure=row, notes={"improve": "The lamp"}, opened=False, by="user:7", now=NOW)
    client = desk(role)
    assert client.get(page_of(row, "notes/")).status_code == 403
    assert client.post(page_of(row, "notes/"), {"open": "1"}).status_code == 403
    assert client.post(page_of(row, "notes/"), {"improve": "Mine"}).status_code == 403
    for path in (page_of(row), page_of(row, "guide/"), f"/people/{row.person.key}/", "/", "/departures/"):
        page = client.get(path)
        assert "lamp" not in page.content.decode()
        assert page_of(row, "notes/") not in page.content.decode()
    assert ConversationNote.objects.get().text == "The lamp"
    assert not Event.objects.filter(deed="departures.conversation_notes_opened").exists()


@pytest.mark.parametrize("many", [1, 3])
def test_today_tells_of_one_and_of_three_conversations_for_the_same_price(desk: Desk, many: int) -> None:
    x = desk(Role.EXIT_INTERVIEWER)
    for number in range(many):
        x.post(page_of(departure(f"Somebody{number} Kok"), "conversation/"), asked())
    x.get("/")
    with CaptureQueriesContext(connection) as queries:
        response = x.get("/")
    assert sum(item.key.startswith("conversation.") for item in response.context["items"]) == many
    assert len(queries) == QUERIES


QUERIES = 12
