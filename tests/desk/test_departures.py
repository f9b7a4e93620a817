"""The pages of departures at the desk."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client

from perennial.accounts.roles import Role
from perennial.contact.actions import restrict
from perennial.contact.enums import RestrictionKind
from perennial.contact.models import Touch
from perennial.departures.actions import open_due
from perennial.departures.exit.answering import Answers, receive
from perennial.departures.exit.questionnaire import ship
from perennial.departures.farewell.handing_out import keep_farewells
from perennial.departures.invitations import draft_invitations, link_path, typed_path
from perennial.departures.models import Departure
from perennial.departures.queries import without_private_address
from perennial.departures.relation import Relation
from perennial.mail.models import Message
from perennial.people.actions import add_address
from perennial.people.models import Stint
from perennial.programme.enums import Stage
from tests.cast import NOW, TODAY, colleague, person, programme
from tests.portal.leavers import sentences

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def hr(client: Client, settings: Any) -> Client:
    settings.PERENNIAL_DEMO = True
    programme()
    client.force_login(colleague(Role.HR, name="Hanna Visser"))
    return client


def departure(full_name: str = "Alice van Dam", **fields: Any) -> Departure:
    fields.setdefault("ends_on", TODAY + timedelta(days=10))
    fields.setdefault("language", "en")
    someone = person(full_name, **fields)
    open_due(now=NOW)
    return Departure.objects.get(person=someone)


def page_of(row: Departure, rest: str = "") -> str:
    return f"/departures/{row.key}/{rest}"


def letter(row: Departure, hr: Client) -> dict[str, str]:
    form = hr.get(page_of(row)).context["form"]
    return {"subject": form.initial["subject"], "body": form.initial["body"]}


@pytest.mark.parametrize("people", [1, 3])
def test_the_list_takes_the_same_queries_for_one_and_for_three(
    hr: Client, django_assert_num_queries: Any, people: int
) -> None:
    for number in range(people):
        departure(f"Somebody {number}", private=f"somebody{number}@home.example")
    draft_invitations(now=NOW)
    hr.get("/departures/")
    with django_assert_num_queries(11):
        answer = hr.get("/departures/")
    assert sentences(answer.content).count("Somebody") == people


def test_every_icon_that_a_card_repeats_is_drawn_once_on_the_page(hr: Client) -> None:
    for number in range(3):
        departure(f"Somebody {number}", ends_on=TODAY - timedelta(days=2))
    page = hr.get("/departures/").content.decode()
    named = re.findall(r'<use href="#icon-([a-z-]+)"', page)
    assert len(named) >= 3
    assert [page.count(f'<symbol id="icon-{name}"') for name in named] == [1] * len(named)


def test_the_list_tells_the_time_to_the_last_day_and_what_is_late_in_words(hr: Client) -> None:
    departure("Alice van Dam", ends_on=TODAY + timedelta(days=10))
    departure("Bob Jansen", ends_on=TODAY - timedelta(days=2))
    departure("Charlie Smit", ends_on=TODAY + timedelta(days=60))
    departure("Dora Kok", ends_on=None, status="leaving")
    Departure.objects.update(opened_at=NOW - timedelta(days=30))
    said = sentences(hr.get("/departures/").content)
    for words in (
        "The last day is in 10 days Invite: 4 days late",
        "The last day was 2 days ago Invite: 16 days late",
        "The last day is in 60 days Invite",
        "No last day is known HR says when",
        "To do (4)",
        "Why we do not write to everybody who left long ago",
    ):
        assert words in said


@pytest.mark.parametrize(
    ("days", "words"), [(0, "Invite today"), (1, "Invite: a day late"), (3, "Invite: 3 days late")]
)
def test_nobody_is_late_with_what_they_could_not_know(hr: Client, days: int, words: str) -> None:
    row = departure(ends_on=TODAY - timedelta(days=18))
    Departure.objects.update(opened_at=NOW - timedelta(days=days))
    assert f"The last day was 18 days ago {words}" in sentences(hr.get("/departures/").content)
    assert ("Invited (late)" in sentences(hr.get(page_of(row)).content)) == (days > 0)


def test_exactly_those_who_are_about_to_be_lost_can_be_seen(hr: Client) -> None:
    departure("Alice van Dam", ends_on=TODAY)
    departure("Bob Jansen", ends_on=TODAY + timedelta(days=7))
    departure("Charlie Smit", ends_on=TODAY + timedelta(days=8))
    departure("Dora Kok", ends_on=TODAY - timedelta(days=1))
    departure("Eva Bos", ends_on=TODAY, private="eva@home.example")
    departure("Farid Aziz", ends_on=None, status="leaving")
    invited = departure("Greta Maas", ends_on=TODAY)
    hr.post(page_of(invited, "handed-over/"))
    said = sentences(hr.get("/departures/?view=losing-touch").content)
    names = ("Alice", "Bob", "Charlie", "Dora", "Eva", "Farid", "Greta")
    assert [name for name in names if name in said] == ["Alice", "Bob", "Greta"]
    assert "Leave this week without a private address (3)" in said
    assert without_private_address(first_day=TODAY, last_day=TODAY + timedelta(days=7)).count() == 3


def test_nobody_about_to_be_lost_is_said_kindly_and_not_offered(hr: Client) -> None:
    departure(private="alice@home.example")
    assert "without a private address" not in sentences(hr.get("/departures/").content)
    assert "Nobody is about to be lost" in sentences(hr.get("/departures/?view=losing-touch").content)


def test_an_empty_list_says_what_opens_a_departure(hr: Client) -> None:
    assert "A departure opens by itself" in sentences(hr.get("/departures/").content)
    assert hr.get("/departures/", {"view": "nonsense"}).status_code == 404


def test_the_invitation_goes_out_in_the_name_of_whoever_sends_it(hr: Client) -> None:
    row = departure(private="alice@home.example")
    draft_invitations(now=NOW)
    seen = letter(row, hr)
    assert "Hanna Visser" in seen["body"]
    answer = hr.post(page_of(row, "invite/"), {**seen, "send": "1"})
    assert answer.status_code == 302
    message = Message.objects.get()
    assert (message.state, message.mailing.sender_name, message.mailing.reply_to) == (
        "queued",
        "Hanna Visser",
        "hr@employer.example",
    )
    assert message.mailing.contents["en"]["body"] == seen["body"].replace("\r\n", "\n")
    assert (message.mailing.purpose, message.link_path) == ("service", link_path(row))


def test_what_is_sent_is_what_stood_in_the_form(hr: Client) -> None:
    row = departure(private="alice@home.example")
    hr.post(page_of(row, "invite/"), {"subject": "Goodbye", "body": "Dear Alice,\n\n{link}", "keep": "1"})
    draft_invitations(now=NOW)
    assert letter(row, hr) == {"subject": "Goodbye", "body": "Dear Alice,\n\n{link}"}
    hr.post(page_of(row, "invite/"), {**letter(row, hr), "send": "1"})
    assert Message.objects.get().mailing.contents["en"]["subject"] == "Goodbye"


def test_a_letter_without_the_link_is_refused(hr: Client) -> None:
    row = departure(private="alice@home.example")
    answer = hr.post(page_of(row, "invite/"), {"subject": "Goodbye", "body": "Dear Alice", "send": "1"})
    assert answer.status_code == 422
    assert "Keep {link} somewhere in the letter" in sentences(answer.content)
    assert Message.objects.count() == 0


def test_an_invitation_is_sent_once_and_can_be_taken_back_until_it_leaves(hr: Client) -> None:
    row = departure(private="alice@home.example")
    seen = letter(row, hr)
    hr.post(page_of(row, "invite/"), {**seen, "send": "1"})
    again = hr.post(page_of(row, "invite/"), {**seen, "send": "1"}, follow=True)
    assert "on its way already" in sentences(again.content)
    assert Message.objects.count() == 1
    hr.post(page_of(row, "take-back/"))
    assert Message.objects.get().state == "draft"
    Message.objects.update(state="sent")
    assert "It has left already" in sentences(hr.post(page_of(row, "take-back/"), follow=True).content)


def test_without_an_address_there_is_a_sheet_to_hand_over(hr: Client) -> None:
    row = departure(ends_on=TODAY - timedelta(days=1))
    said = sentences(hr.get(page_of(row)).content)
    assert "There is no address that may be used" in said
    assert "The sheet to print" in said
    seen = {"subject": "Goodbye", "body": "{link}", "send": "1"}
    assert "no address that may be used" in sentences(hr.post(page_of(row, "invite/"), seen, follow=True).content)
    sheet = hr.get(page_of(row, "sheet/")).content.decode()
    assert f"localhost:8000{typed_path(row)}" in sheet
    assert "<svg" in sheet
    assert "style=" not in sheet
    hr.post(page_of(row, "handed-over/"))
    row.refresh_from_db()
    assert row.handed_over_at == NOW
    assert list(Touch.objects.values_list("kind", "direction")) == [("handed_over", "ours")]
    assert "Handed over" not in sentences(hr.get(page_of(row, "sheet/")).content)


def test_a_business_address_serves_until_the_last_day(hr: Client) -> None:
    today = departure("Alice van Dam", ends_on=TODAY)
    gone = departure("Bob Jansen", ends_on=TODAY - timedelta(days=1))
    for row in (today, gone):
        name = f"{row.person.pk}@employer.example"
        add_address(person=row.person, address=name, kind="business", source="hr", now=NOW)
    assert draft_invitations(now=NOW) == 1
    assert Message.objects.get().person == today.person


@pytest.mark.parametrize("stage", [Stage.PREPARATION, Stage.SOFT_LAUNCH])
def test_before_the_programme_is_live_nothing_leaves_and_the_page_says_so(hr: Client, stage: Stage) -> None:
    programme(stage)
    row = departure(private="alice@home.example")
    assert draft_invitations(now=NOW) == 0
    said = sentences(hr.get(page_of(row)).content)
    why = {
        Stage.PREPARATION: "The programme is in preparation: nothing leaves the house, so Alice is not invited yet",
        Stage.SOFT_LAUNCH: "Soft launch: only the test group is written to, and Alice is not in it.",
    }
    assert why[stage] in said
    assert "The sheet to print" not in said
    shown = hr.get(page_of(row, "sheet/"), follow=True).content.decode()
    assert link_path(row) not in shown
    assert typed_path(row) not in shown
    hr.post(page_of(row, "handed-over/"))
    hr.post(page_of(row, "invite/"), {"subject": "Goodbye", "body": "{link}", "send": "1"})
    row.refresh_from_db()
    assert (row.handed_over_at, Message.objects.count()) == (None, 0)


@pytest.mark.parametrize("stage", [Stage.PREPARATION, Stage.SOFT_LAUNCH])
def test_before_the_programme_is_live_the_letter_can_be_read(hr: Client, stage: Stage) -> None:
    programme(stage)
    row = departure()
    page = hr.get(page_of(row))
    said = sentences(page.content)
    assert "Dear Alice," in said
    assert "[here comes the button to the leaver's page]" in unescape(said)
    assert "Hanna Visser" in said
    assert "{link}" not in said
    assert link_path(row) not in page.content.decode()


def test_before_the_programme_is_live_the_page_leads_to_what_changes_it(hr: Client) -> None:
    programme(Stage.PREPARATION)
    row = departure(private="alice@home.example")
    page = hr.get(page_of(row)).content.decode()
    assert "/programme/" not in page
    assert f'action="/people/{row.person.key}/restrictions/new/"' in page
    hr.post(f"/people/{row.person.key}/restrictions/new/", {"kind": "test_group"})
    said = sentences(hr.get(page_of(row)).content)
    assert "In the soft launch Alice is, as a member of the test group." in said
    assert "Add to the test group" not in said
    programme(Stage.SOFT_LAUNCH)
    said = sentences(hr.get(page_of(row)).content)
    assert "Soft launch: Alice is in the test group, so this letter really goes out." in said
    programme(Stage.PREPARATION)
    hr.force_login(colleague(email="carla-2@employer.example"))
    assert 'href="/programme/#stage-heading"' in hr.get(page_of(row)).content.decode()
    hr.force_login(colleague(Role.EXIT_INTERVIEWER))
    page = hr.get(page_of(row)).content.decode()
    assert ["/programme/" in page, "restrictions/new" in page, "Dear Alice" in page] == [False, False, False]


def test_in_the_soft_launch_the_test_group_is_invited(hr: Client) -> None:
    programme(Stage.SOFT_LAUNCH)
    row = departure(private="alice@home.example")
    restrict(person=row.person, kind=RestrictionKind.TEST_GROUP, reason="pilot", starts_on=TODAY, by="user:1", now=NOW)
    assert draft_invitations(now=NOW) == 1


def test_of_somebody_who_has_gone_the_page_speaks_in_the_past(hr: Client) -> None:
    row = departure(ends_on=TODAY)
    assert "Alice van Dam leaves" in sentences(hr.get(page_of(row)).content)
    hr.post(page_of(row, "handed-over/"))
    for days, title, link in (
        (0, "Alice van Dam leaves", "The link works until"),
        (1, "Alice van Dam has left", "The link works until"),
        (100, "Alice van Dam has left", "The link worked until"),
    ):
        Stint.objects.update(ends_on=TODAY - timedelta(days=days))
        said = sentences(hr.get(page_of(row)).content)
        assert (title in said, link in said) == (True, True)


def test_a_question_is_answered_by_entering_the_day(hr: Client) -> None:
    row = departure(ends_on=None, status="leaving")
    assert "When is the last day?" in sentences(hr.get(page_of(row)).content)
    wrong = hr.post(page_of(row, "last-day/"), {"last_day": "soon"})
    assert (wrong.status_code, "We could not read this day" in sentences(wrong.content)) == (422, True)
    hr.post(page_of(row, "last-day/"), {"last_day": "2026-10-01"})
    row.refresh_from_db()
    assert row.state == "open"
    again = hr.post(page_of(row, "last-day/"), {"last_day": "2026-10-02"}, follow=True)
    assert "filled in in the meantime" in sentences(again.content)


def test_a_last_day_before_the_first_is_refused(hr: Client) -> None:
    row = departure(ends_on=None, status="leaving", starts_on=TODAY)
    answer = hr.post(page_of(row, "last-day/"), {"last_day": "2020-01-01"})
    assert (answer.status_code, "before the first day" in sentences(answer.content)) == (422, True)


def test_somebody_who_stays_after_all_is_no_departure(hr: Client) -> None:
    row = departure(ends_on=None, status="leaving")
    hr.post(page_of(row, "stays/"))
    row.refresh_from_db()
    assert row.state == "cancelled"


def test_nobody_at_the_desk_reads_the_answers(hr: Client) -> None:
    row = departure()
    receive(
        departure=row,
        answers=Answers(given={"reason": ["manager"], "improve": "More daylight", "recommend": 3}),
        relation=None,
        submit=True,
        shown_in="en",
        ip=None,
        by="person:x",
        now=NOW,
    )
    for role in (Role.HR, Role.COORDINATOR, Role.EXIT_INTERVIEWER):
        client = Client()
        client.force_login(colleague(role, email=f"{role.value}-2@employer.example"))
        for path in (page_of(row), "/departures/", f"/people/{row.person.key}/", page_of(row, "sheet/")):
            shown = client.get(path).content.decode()
            assert "More daylight" not in shown
            assert "Working with my manager" not in shown


def test_an_exit_interviewer_sees_departures_and_invites_nobody(hr: Client) -> None:
    row = departure(private="alice@home.example")
    hr.force_login(colleague(Role.EXIT_INTERVIEWER))
    assert hr.get(page_of(row)).status_code == 200
    assert link_path(row) not in hr.get(page_of(row)).content.decode()
    for rest in ("invite/", "handed-over/", "last-day/", "stays/", "take-back/"):
        assert hr.post(page_of(row, rest)).status_code == 403
    assert hr.get(page_of(row, "sheet/")).status_code == 403


@pytest.mark.parametrize("name", ["שרה כהן", "Наталья Ильинична", "x" * 300, "<b>Bob</b>"])
def test_any_name_has_a_page_and_a_sheet(hr: Client, name: str) -> None:
    row = departure(name)
    for rest in ("", "sheet/"):
        answer = hr.get(page_of(row, rest))
        assert answer.status_code == 200
        assert "<b>Bob" not in answer.content.decode()


def test_somebody_who_answered_from_the_sheet_is_told_as_answered_and_not_invited_again(hr: Client) -> None:
    row = departure(private="alice@home.example")
    draft_invitations(now=NOW)
    receive(
        departure=row,
        answers=Answers(),
        relation=Relation(purposes=[], channels=[], frequency="", language="", private_email="", shown_in="en"),
        submit=True,
        shown_in="en",
        ip=None,
        by="person:x",
        now=NOW,
    )
    said = sentences(hr.get(page_of(row)).content)
    assert "Alice has said what we may do." in said
    for stale in ("Waits to be looked at", "Put aside"):
        assert stale not in said
    answer = hr.post(page_of(row, "invite/"), {"subject": "x", "body": "{link}"}, follow=True)
    assert "This leaver has answered already" in sentences(answer.content)
    answer = hr.post(page_of(row, "take-back/"), follow=True)
    assert "This leaver has answered already" in sentences(answer.content)
    assert Message.objects.get().state == "discarded"


@pytest.mark.parametrize(
    ("language", "words"),
    [("nl", "typ dit adres"), ("de", "tippen Sie diese Adresse"), ("ru", "наберите этот адрес"), ("en", "type this")],
)
def test_the_sheet_speaks_one_language_and_its_address_can_be_typed(hr: Client, language: str, words: str) -> None:
    row = departure(language=language)
    page = hr.get(page_of(row, "sheet/")).content.decode()
    sheet = page.split('class="handout')[1]
    assert words in sheet
    assert f"{typed_path(row)}</strong>" in sheet
    assert "/leaver/" not in sheet
    if language != "en":
        assert "Point the camera" not in sheet
        assert "A code that opens" not in sheet


def test_after_redundancy_hr_sets_from_when_on_one_may_invite(hr: Client) -> None:
    row = departure(how_ended="redundancy", private="alice@home.example")
    draft_invitations(now=NOW)
    page = hr.get(page_of(row))
    said = sentences(page.content)
    assert "Nobody is invited before HR has set a day." in said
    assert page.context["form"] is None
    assert page_of(row, "sheet/") not in page.content.decode()
    assert hr.get(page_of(row, "sheet/")).status_code == 302
    hr.post(page_of(row, "invite/"), {"subject": "Hello", "body": "Dear Alice {link}", "send": "1"})
    hr.post(page_of(row, "handed-over/"))
    assert (Message.objects.count(), Touch.objects.count()) == (0, 0)
    [item] = [item for item in hr.get("/").context["items"] if item.key.startswith("invite")]
    assert sentences(str(item.sentence).encode()) == "Say from when on Alice van Dam may be invited."
    assert "HR says from when" in sentences(hr.get("/departures/").content)

    hr.post(page_of(row, "invite-from/"), {"invite_from": "2026-09-20"})
    assert "HR has set a day: nobody is invited before 20 September 2026." in sentences(hr.get(page_of(row)).content)
    assert [item for item in hr.get("/").context["items"] if item.key.startswith("invite")] == []
    hr.post(page_of(row, "invite-from/"), {"invite_from": "not a day"})
    row.refresh_from_db()
    assert row.invite_from == TODAY + timedelta(days=6)

    hr.post(page_of(row, "invite-from/"), {"invite_from": "2026-09-14"})
    draft_invitations(now=NOW)
    assert hr.get(page_of(row)).context["form"] is not None
    [item] = [item for item in hr.get("/").context["items"] if item.key.startswith("invite")]
    assert sentences(str(item.sentence).encode()) == "Invite Alice van Dam to the exit conversation."


def test_who_resigned_waits_for_no_day(hr: Client) -> None:
    row = departure(how_ended="resignation")
    assert "Invite from" not in sentences(hr.get(page_of(row)).content)
    said = sentences(hr.post(page_of(row, "invite-from/"), {"invite_from": "2026-09-20"}, follow=True).content)
    assert "This departure needs no such day any more; nothing was written." in said


def test_a_year_that_nobody_can_mean_is_refused_and_breaks_no_page(hr: Client) -> None:
    row = departure(status="leaving")
    stint = row.stint
    form = {"status": "leaving", "ends_on": "9999-12-31"}
    answer = hr.post(f"/people/{row.person.key}/stints/{stint.pk}/", form)
    assert answer.status_code == 422
    assert "Check the year: this day is too far away." in sentences(answer.content)
    # As it may stand on file from before that was asked.
    Stint.objects.filter(pk=stint.pk).update(ends_on=date(9999, 12, 31))
    keep_farewells(now=NOW)
    for path in ("/departures/", page_of(row), "/"):
        assert hr.get(path).status_code == 200


@pytest.mark.parametrize("asked", ["since=0001-01", "until=9999-12", "until=9999-12&by=month"])
def test_months_of_other_ages_are_refused(hr: Client, asked: str) -> None:
    ship(now=NOW)
    for path in ("/exit/", "/exit/questions/reason/"):
        assert hr.get(f"{path}?{asked}").status_code == 422
