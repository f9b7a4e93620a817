"""Letters: look, keep, send, put aside, take back; and who was passed over, with the rule."""

from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from perennial.accounts.models import User
from perennial.accounts.roles import Role
from perennial.consent.actions import change_preferences, withdraw
from perennial.consent.enums import Means
from perennial.departures.invitations import draft_invitations
from perennial.desk.letters import views
from perennial.mail.enums import MessageState
from perennial.mail.models import Message
from perennial.mail.queue import approve, put_aside
from perennial.mail.send import send_due
from perennial.outreach.actions import plan
from perennial.outreach.models import StepOutcome
from perennial.outreach.queries import letters
from tests.cast import NOW, TODAY, colleague, programme
from tests.desk.walkers import draft_letters, leaver
from tests.portal.leavers import sentences

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def carla() -> User:
    user = colleague(name="Carla Jansen")
    programme(owner=user)
    return user


@pytest.fixture
def editor(client: Client, carla: User) -> Client:
    """Ed, who writes to people and does nothing else here."""
    client.force_login(colleague(Role.EDITOR, name="Ed Visser", email="ed@employer.example"))
    return client


@pytest.fixture
def letter(carla: User) -> Message:
    """A draft to Alice, two weeks after her last day."""
    leaver("Alice van Dam", ends_on=TODAY - 14 * DAY)
    draft_letters(at=NOW)
    return letters().get()


def said(response: Any) -> str:
    return unescape(sentences(response.content))


def path_of(letter: Message, rest: str = "") -> str:
    return f"/letters/{letter.pk}/{rest}"


WORDS = {"subject": "How is the garden?", "body": "Dear Alice,\n\nhow is it?"}


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_takes_the_same_queries_for_one_and_for_three(editor: Client, many: int) -> None:
    for number in range(many):
        leaver(f"Person{number} Stone", ends_on=TODAY - 14 * DAY)
    draft_letters(at=NOW)
    editor.get("/letters/")
    with CaptureQueriesContext(connection) as queries:
        response = editor.get("/letters/")
    assert said(response).count("How are you, Person") == many
    # Programme, session, user; how many, and the letters.
    assert len(queries) == 5


def test_an_empty_list_says_when_letters_come(editor: Client) -> None:
    assert "No letter waits for you Two weeks and three months after somebody's last day" in said(
        editor.get("/letters/")
    )
    assert "Nobody was passed over" in said(editor.get("/letters/passed-over/"))


def test_a_letter_is_shown_with_what_the_door_says(editor: Client, letter: Message) -> None:
    response = editor.get(path_of(letter))
    assert response.context["form"].initial["subject"] == "How are you, Alice?"
    assert "Agreed to 'Personal notes' by e-mail on 14 September 2026." in said(response)
    with CaptureQueriesContext(connection) as queries:
        editor.get(path_of(letter))
    assert [query["sql"] for query in queries if not query["sql"].startswith("SELECT")] == []


def test_a_draft_is_kept_as_it_was_left(editor: Client, letter: Message) -> None:
    response = editor.post(path_of(letter), {**WORDS, "keep": "1"})
    assert response["Location"] == path_of(letter)
    letter.refresh_from_db()
    assert (letter.state, letter.mailing.contents["en"]) == (MessageState.DRAFT, WORDS)


def test_a_letter_goes_out_in_the_name_of_who_sends_it(editor: Client, letter: Message) -> None:
    response = editor.post(path_of(letter), {**WORDS, "send": "1"}, follow=True)
    assert "Your letter to Alice is on its way." in said(response)
    letter.refresh_from_db()
    assert letter.state == MessageState.QUEUED
    mailing = letter.mailing
    assert (mailing.sender_name, mailing.reply_to, mailing.contents["en"]) == (
        "Ed Visser",
        "ed@employer.example",
        WORDS,
    )
    assert send_due(now=NOW, worker="test").kept == 1
    letter.refresh_from_db()
    assert (letter.state, letter.address) == (MessageState.KEPT, "alice@home.example")


@pytest.mark.parametrize(
    ("changes", "at_fault"),
    [({"subject": ""}, "subject"), ({"subject": "x" * 251}, "subject"), ({"body": ""}, "body")],
)
def test_an_empty_letter_is_not_sent(editor: Client, letter: Message, changes: dict[str, str], at_fault: str) -> None:
    response = editor.post(path_of(letter), {**WORDS, **changes, "send": "1"})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [at_fault]
    letter.refresh_from_db()
    assert letter.state == MessageState.DRAFT


def test_nothing_typed_in_a_letter_reaches_a_header_or_the_page(editor: Client, letter: Message) -> None:
    nasty = {"subject": "Hi\r\nBcc: bob@x.example", "body": "</textarea><script>alert(1)</script>"}
    editor.post(path_of(letter), {**nasty, "keep": "1"})
    letter.refresh_from_db()
    assert letter.mailing.contents["en"]["subject"] == "Hi Bcc: bob@x.example"
    assert "<script>alert" not in editor.get(path_of(letter)).content.decode()


@pytest.mark.parametrize(
    ("happens", "words", "state"),
    [
        (
            lambda alice: withdraw(person=alice, means=Means.ONE_CLICK, by="test", now=NOW),
            "The door says no just now, so your letter to Alice stays a draft.",
            MessageState.DRAFT,
        ),
        (
            lambda alice: change_preferences(person=alice, not_now_until=TODAY + 9 * DAY, by="test", now=NOW),
            "Your letter to Alice goes out as soon as the door says yes.",
            MessageState.QUEUED,
        ),
    ],
)
def test_who_sends_is_told_when_the_door_does_not_say_yes(
    editor: Client, letter: Message, happens: Any, words: str, state: MessageState
) -> None:
    happens(letter.person)
    assert words in said(editor.post(path_of(letter), {**WORDS, "send": "1"}, follow=True))
    letter.refresh_from_db()
    assert (letter.state, letter.mailing.contents["en"]["subject"]) == (state, WORDS["subject"])
    assert send_due(now=NOW, worker="test").kept == 0


def test_a_letter_put_aside_is_gone_from_the_list_and_not_drafted_again(editor: Client, letter: Message) -> None:
    assert editor.post(path_of(letter, "aside/"))["Location"] == "/letters/"
    letter.refresh_from_db()
    assert letter.state == MessageState.DISCARDED
    assert plan(now=NOW).drafted == 0
    assert "No letter waits for you" in said(editor.get("/letters/"))


GONE = "This letter is no draft any more: it was sent, put aside or taken back meanwhile."


@pytest.mark.parametrize("gone", ["sent", "put aside"])
def test_who_comes_second_is_told_and_changes_nothing(editor: Client, letter: Message, gone: str) -> None:
    if gone == "sent":
        approve(message_ids=[letter.pk], by="user:1", now=NOW, sender_name="Carla Jansen")
    else:
        put_aside(message_id=letter.pk, by="user:1", now=NOW)
    before = Message.objects.values().get(), letter.mailing.contents
    for answer in (
        editor.get(path_of(letter), follow=True),
        editor.post(path_of(letter), {**WORDS, "send": "1"}, follow=True),
        editor.post(path_of(letter), {**WORDS, "keep": "1"}, follow=True),
        editor.post(path_of(letter, "aside/"), follow=True),
    ):
        assert answer.redirect_chain == [("/letters/", 302)]
        assert GONE in said(answer)
    assert (Message.objects.values().get(), letters().get().mailing.contents) == before


def test_of_two_who_send_at_one_moment_the_second_is_told(
    editor: Client, letter: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up = views.get_object_or_404

    def sent_meanwhile(rows: Any, **found: Any) -> Any:
        seen = looked_up(rows, **found)
        approve(message_ids=[letter.pk], by="user:1", now=NOW, sender_name="Carla Jansen")
        return seen

    monkeypatch.setattr(views, "get_object_or_404", sent_meanwhile)
    assert GONE in said(editor.post(path_of(letter), {**WORDS, "send": "1"}, follow=True))
    assert letters().get().mailing.sender_name == "Carla Jansen"


def test_a_letter_is_taken_back_until_it_has_left(editor: Client, letter: Message) -> None:
    approve(message_ids=[letter.pk], by="user:1", now=NOW)
    assert editor.post(path_of(letter, "take-back/"))["Location"] == path_of(letter)
    letter.refresh_from_db()
    assert (letter.state, letter.mailing.frozen_at) == (MessageState.DRAFT, None)
    approve(message_ids=[letter.pk], by="user:1", now=NOW)
    send_due(now=NOW, worker="test")
    response = editor.post(path_of(letter, "take-back/"), follow=True)
    assert "It has left already." in said(response)
    letter.refresh_from_db()
    assert letter.state == MessageState.KEPT


def test_an_invitation_is_no_letter_of_the_editors(editor: Client, carla: User) -> None:
    leaver("Bob Stone", ends_on=TODAY + 10 * DAY)
    draft_invitations(now=NOW)
    invitation = Message.objects.get()
    for method, rest in (("get", ""), ("post", ""), ("post", "aside/"), ("post", "take-back/")):
        assert getattr(editor, method)(path_of(invitation, rest)).status_code == 404
    approve(message_ids=[invitation.pk], by="user:1", now=NOW)
    assert editor.post(path_of(invitation, "take-back/")).status_code == 404
    invitation.refresh_from_db()
    assert invitation.state == MessageState.QUEUED


def test_what_is_not_there_is_not_found_and_deeds_are_posted(editor: Client, letter: Message) -> None:
    for rest in ("", "aside/", "take-back/"):
        assert editor.post(f"/letters/999999/{rest}").status_code == 404
    for rest in ("aside/", "take-back/"):
        assert editor.get(path_of(letter, rest)).status_code == 405


@pytest.mark.parametrize("role", [Role.HR, Role.EXIT_INTERVIEWER, Role.RECRUITER, Role.HOST, Role.LEADERSHIP])
def test_others_see_neither_letters_nor_who_was_passed_over(client: Client, letter: Message, role: Role) -> None:
    client.force_login(colleague(role, email="other@employer.example"))
    for path in ("/letters/", path_of(letter), "/letters/passed-over/"):
        assert client.get(path).status_code == 403


@pytest.mark.parametrize("many", [1, 3])
def test_who_was_passed_over_is_listed_with_the_rule(editor: Client, many: int) -> None:
    for number in range(many):
        leaver(f"Person{number} Stone", ends_on=TODAY - 14 * DAY, agrees=False)
    plan(now=NOW)
    editor.get("/letters/passed-over/")
    with CaptureQueriesContext(connection) as queries:
        response = editor.get("/letters/passed-over/")
    text = said(response)
    assert f"Skipped: has not agreed to this: {many}" in text
    assert text.count("31 Aug 2026 Skipped: has not agreed to this 14 Sep 2026") == many
    # Programme, session, user; how many, the rows, and how many by rule.
    assert len(queries) == 6


@pytest.mark.parametrize(
    ("state", "rule", "words"),
    [
        ("dropped", "", "Dropped, three weeks late"),
        ("dropped", "frequency", "Dropped, three weeks late: heard from us not long ago"),
        ("waiting", "not_now", "Waits: asked for a pause, until 1 Oct 2026"),
        ("skipped", "suppressed", "Skipped: mail came back"),
    ],
)
def test_why_somebody_was_passed_over_is_said_in_words(editor: Client, state: str, rule: str, words: str) -> None:
    leaver("Alice van Dam", ends_on=TODAY - 14 * DAY, agrees=False)
    plan(now=NOW)
    until = NOW + 17 * DAY if state == "waiting" else None
    StepOutcome.objects.update(state=state, rule=rule, until=until)
    assert words in said(editor.get("/letters/passed-over/"))
