"""Saying what came of it: from the page of themes to a letter, by whoever runs the programme."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from perennial.accounts.models import User
from perennial.accounts.roles import Role
from perennial.consent.actions import change_preferences
from perennial.contact import rules
from perennial.departures.models import Telling, Theme
from perennial.departures.telling.actions import begin, write_letters
from perennial.desk.letters import words
from perennial.mail.models import Message
from perennial.mail.send import send_due
from tests.cast import NOW, TODAY, colleague, exclude, programme
from tests.departures.exit.saying import counted_theme
from tests.departures.test_telling import LATER, WORDS, done_action, draft, hears, sent_off
from tests.portal.leavers import sentences

pytestmark = pytest.mark.django_db

SENT = {"subject_en": "You said, we did", "body_en": "Hello,\r\n\r\nthere are more places."}


@pytest.fixture(autouse=True)
def _at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def carla(client: Client) -> User:
    owner = programme().owner
    assert owner is not None
    client.force_login(owner)
    return owner


def begun(client: Client, *ids: int) -> str:
    """The address of a draft about these actions."""
    answer = client.post("/exit/told/begin/", {"action": ids or [done_action().pk]})
    assert re.fullmatch(r"/exit/told/[\w-]{16}/", answer["Location"])
    return str(answer["Location"])


def seen_on(client: Client, path: str) -> str:
    found = re.search(r'name="seen" value="(\w+)"', client.get(f"{path}preview/").content.decode())
    assert found is not None
    return found[1]


def test_from_what_is_done_to_what_was_told(client: Client, carla: User) -> None:
    hears("Alice")
    hears("Boris", language="ru")
    exclude(hears("Dora"))
    theme = counted_theme("Parking")
    first, second = done_action(theme), done_action(theme, "A shuttle from the station.")
    page = client.get("/exit/themes/").content.decode()
    assert page.count('name="action"') == 2
    path = begun(client, first.pk, second.pk)
    edit = client.get(path).content.decode()
    text = sentences(edit.encode())
    assert "You told us: Parking. What we did: A shuttle from the station." in text
    assert "2 people hear it." in text
    assert "1 not: is not in the programme" in text
    assert "No names, and nothing by which somebody could be recognised" in text
    assert [name for name in ("en", "nl", "ru", "de") if f'name="body_{name}"' in edit] == ["en", "nl", "ru"]
    russian = {"subject_ru": "Что мы сделали", "body_ru": "Здравствуйте,\r\n\r\nмест стало больше."}
    kept = client.post(path, {**SENT, **russian, "subject_nl": "", "body_nl": "", "keep": "1"}, follow=True)
    assert "Kept as a draft." in sentences(kept.content)
    assert client.post(path, {**SENT, **russian, "look": "1"})["Location"] == f"{path}preview/"
    look = sentences(client.get(f"{path}preview/").content)
    assert "1 of them reads Dutch, and gets it in English." in look
    assert "because you agreed to &#x27;What we changed&#x27; by e-mail" in look
    assert "мест стало больше" in look
    assert "still stands as it was proposed" not in look
    sent = client.post(f"{path}send/", {"seen": seen_on(client, path)}, follow=True)
    assert "Sent off. It leaves in 10 minutes" in sentences(sent.content)
    assert f'action="{path}take-back/"' in sent.content.decode()
    write_letters(now=NOW)
    assert send_due(now=LATER, worker="w").kept == 2
    told = sentences(client.get("/exit/themes/").content)
    assert "Told on 14 Sep 2026" in told
    assert "2 letters sent" in told
    assert "there are more places." in told
    assert "Take back" not in told
    others = Client()
    others.force_login(colleague(Role.LEADERSHIP))
    assert "Told on 14 Sep 2026" in sentences(others.get("/exit/themes/").content)


def test_pressed_twice_it_is_sent_once_and_undone_it_is_a_draft(client: Client, carla: User) -> None:
    hears("Alice")
    telling = draft(carla)
    path = f"/exit/told/{telling.key}/"
    seen = seen_on(client, path)
    assert client.post(f"{path}send/", {"seen": seen})["Location"] == "/exit/themes/"
    again = client.post(f"{path}send/", {"seen": seen}, follow=True)
    assert "It is no draft any more" in sentences(again.content)
    write_letters(now=NOW)
    assert Message.objects.filter(state="queued").count() == 1
    for page in (path, f"{path}preview/"):
        assert client.get(page)["Location"] == "/exit/themes/"
    back = client.post(f"{path}take-back/", follow=True)
    assert "Taken back: nobody got it." in sentences(back.content)
    assert Message.objects.filter(state="queued").count() == 0
    assert "nothing left to take back" in sentences(client.post(f"{path}take-back/", follow=True).content)
    assert "Discarded." in sentences(client.post(f"{path}discard/", follow=True).content)
    assert client.get(path).status_code == 404


def test_what_was_changed_since_it_was_looked_at_is_looked_at_again(client: Client, carla: User) -> None:
    hears("Alice")
    path = f"/exit/told/{draft(carla).key}/"
    seen = seen_on(client, path)
    client.post(path, {**SENT, "keep": "1"})
    answer = client.post(f"{path}send/", {"seen": seen}, follow=True)
    assert "was changed meanwhile" in sentences(answer.content)
    assert Telling.objects.get().state == "draft"


@pytest.mark.parametrize(
    "wrong",
    [
        {"subject_en": ""},
        {"body_en": "  "},
        {"subject_nl": "Alleen dit", "body_nl": ""},
        {"subject_en": "x" * 251},
        {"body_en": "x" * 20_001},
        {"subject_en": "a\0b"},
        {"subject_en": "\x01", "body_en": "\x01"},
    ],
)
def test_an_unfinished_text_is_not_kept(client: Client, carla: User, wrong: dict[str, str]) -> None:
    hears("Alice")
    telling = draft(carla)
    answer = client.post(f"/exit/told/{telling.key}/", {**SENT, **wrong, "look": "1"})
    assert answer.status_code == 422
    telling.refresh_from_db()
    assert telling.contents == {"en": WORDS}


def test_a_subject_stays_one_line(client: Client, carla: User) -> None:
    hears("Alice")
    telling = draft(carla)
    client.post(f"/exit/told/{telling.key}/", {**SENT, "subject_en": "We did\r\nBcc: eve@evil.example"})
    telling.refresh_from_db()
    assert telling.contents["en"]["subject"] == "We did Bcc: eve@evil.example"
    assert "\r" not in telling.contents["en"]["body"]


def test_a_text_that_stands_as_it_was_proposed_is_pointed_out(client: Client, carla: User) -> None:
    hears("Alice")
    path = begun(client)
    look = sentences(client.get(f"{path}preview/").content)
    assert "Dutch: the text still stands as it was proposed." in look
    assert "English: the text" not in look


def test_a_theme_behind_the_wall_cannot_be_told_by_guessing(client: Client, carla: User) -> None:
    hidden = done_action(Theme.objects.create(name="Bullying by the CFO", made_by="user:2", made_at=NOW))
    undone = counted_theme("Canteen").actions.create(text="Ask", due_on=TODAY)
    for ids in ([hidden.pk], [undone.pk], ["x"], ["9" * 30], ["-1"], []):
        answer = client.post("/exit/told/begin/", {"action": ids}, follow=True)
        assert "Tick something that is done" in sentences(answer.content)
        assert "Bullying" not in sentences(answer.content)
    assert Telling.objects.count() == 0
    for key in ("nothing", "a%00b"):
        assert client.get(f"/exit/told/{key}/").status_code == 404


@pytest.mark.parametrize(
    "role", [Role.HR, Role.EXIT_INTERVIEWER, Role.RECRUITER, Role.EDITOR, Role.HOST, Role.LEADERSHIP]
)
def test_nobody_else_tells(client: Client, role: Role) -> None:
    owner = programme().owner
    assert owner is not None
    hears("Alice")
    telling = draft(owner)
    client.force_login(colleague(role))
    for rest in ("", "preview/"):
        assert client.get(f"/exit/told/{telling.key}/{rest}").status_code == 403
    for rest in ("", "send/", "test/", "discard/", "take-back/"):
        assert client.post(f"/exit/told/{telling.key}/{rest}").status_code == 403
    assert client.post("/exit/told/begin/", {"action": [done_action(Theme.objects.get()).pk]}).status_code == 403
    assert Telling.objects.get().state == "draft"


def test_one_reads_it_first_in_ones_own_mailbox(client: Client, carla: User) -> None:
    telling = draft(carla)
    answer = client.post(f"/exit/told/{telling.key}/test/", follow=True)
    assert f"to {carla.email}" in sentences(answer.content)
    [message] = Message.objects.select_related("mailing")
    assert (message.address, message.person, message.mailing.purpose) == (carla.email, None, "service")
    assert message.mailing.contents["en"] == {**WORDS, "subject": "Test: You said, we did"}


def test_where_nobody_hears_it_there_is_no_button(client: Client, carla: User) -> None:
    telling = draft(carla)
    path = f"/exit/told/{telling.key}/"
    assert "0 people hear it." in sentences(client.get(f"{path}preview/").content)
    assert 'name="seen"' not in client.get(f"{path}preview/").content.decode()
    change_preferences(person=hears("Alice"), frequency="only_personal", by="test", now=NOW)
    assert "1 not: wants personal notes only" in sentences(client.get(path).content)
    answer = client.post(f"{path}send/", {"seen": "x"}, follow=True)
    assert "Look at it once more" in sentences(answer.content)


def test_after_four_a_year_the_page_says_when_again(client: Client, carla: User) -> None:
    hears("Alice")
    theme = counted_theme("Parking")
    for number in range(4):
        path = begun(client, done_action(theme, f"Step {number}").pk)
        client.post(f"{path}send/", {"seen": seen_on(client, path)})
    path = begun(client, done_action(theme, "Step 5").pk)
    page = client.get(f"{path}preview/").content
    assert "the next may go from 14 September 2027 on" in sentences(page)
    assert b'name="seen"' not in page


def test_what_people_were_told_to_be_done_stays_done(client: Client, carla: User) -> None:
    hears("Alice")
    sent_off(carla)
    action = Telling.objects.get().actions.get()
    page = client.post(f"/exit/themes/actions/{action.pk}/", {"undo": "1"}, follow=True).content
    assert "so it stays done" in sentences(page)
    assert f"/exit/themes/actions/{action.pk}/" not in page.decode()


def test_the_pages_cost_the_same_however_many_there_are(client: Client, carla: User) -> None:
    costs: list[list[int]] = []
    theme = counted_theme("Parking")
    for many in (1, 3):
        for number in range(many):
            hears(f"Person{many}{number}", language=("nl", "de", "ru")[number])
            telling = begin(action_ids=[done_action(theme).pk], by=carla, now=NOW)
            sent_off(carla, telling)
            write_letters(now=NOW)
        path = begun(client, *[done_action(theme, f"Step {number}").pk for number in range(many)])
        costs.append([])
        for page in ("/exit/themes/", path, f"{path}preview/"):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(page).status_code == 200
            costs[-1].append(len(queries))
        client.post(f"{path}discard/")
    assert costs == [[18, 7, 9], [18, 7, 9]]


def test_a_theme_and_a_text_are_shown_as_they_are(client: Client, carla: User) -> None:
    hears("Alice")
    rough: dict[str, Any] = {"subject_en": "<b>You</b> said", "body_en": "<script>alert(1)</script> {link} {{ x }}"}
    path = begun(client, done_action(counted_theme("<i>Parking</i>"), "<u>Done</u>").pk)
    client.post(path, {**rough, "keep": "1"})
    for page in (path, f"{path}preview/", "/exit/themes/"):
        html = client.get(page).content.decode()
        assert not re.search("<script>alert|<i>Parking|<u>Done|<b>You", html)


def test_every_rule_of_the_door_is_said_in_words() -> None:
    assert {rule.code for rule in rules.RULES} == set(words.RULES)
