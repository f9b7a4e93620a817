"""The outbox: what became of each message, without its secrets."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from perennial.accounts.roles import Role
from perennial.mail.enums import MessageState
from perennial.mail.models import Message
from perennial.mail.send import send_due
from tests.cast import NOW, colleague, person, programme
from tests.mail.people import agreed, fresh, letter

pytestmark = pytest.mark.django_db


@pytest.fixture
def carla(client: Client, settings: Any) -> Client:
    # A second factor is asked for outside the demo; that is another test's subject.
    settings.PERENNIAL_DEMO = True
    programme()
    client.force_login(colleague(email="carla@employer.example"))
    return client


def test_it_lists_messages_newest_first_with_person_and_state(carla: Client) -> None:
    letter(agreed(), subject="The first")
    send_due(now=NOW, worker="w")
    letter(person("Bob"), subject="The second")
    page = carla.get("/outbox/").content.decode()
    assert page.index("The second") < page.index("The first")
    assert "Alice van Dam" in page
    assert str(MessageState.KEPT.label) in page
    assert str(MessageState.QUEUED.label) in page


def test_the_order_is_that_of_the_times_it_shows(carla: Client) -> None:
    early = letter(agreed(), subject="Written first, sent last")
    late = letter(person("Bob"), subject="Written last, sent first")
    Message.objects.filter(pk=late.pk).update(
        state=MessageState.KEPT, not_before=None, created_at=NOW - timedelta(days=1), done_at=NOW + timedelta(days=1)
    )
    Message.objects.filter(pk=early.pk).update(
        state=MessageState.KEPT, not_before=None, created_at=NOW - timedelta(days=2), done_at=NOW + timedelta(days=2)
    )
    page = carla.get("/outbox/").content.decode()
    assert page.index("Written first, sent last") < page.index("Written last, sent first")
    assert page.index("16 Sep 2026") < page.index("15 Sep 2026")


def test_a_draft_is_not_among_them(carla: Client) -> None:
    letter(person(), subject="Only a draft", state=MessageState.DRAFT)
    assert "Only a draft" not in carla.get("/outbox/").content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_statements_for_one_row_and_for_three(
    carla: Client, count: int, django_assert_num_queries: Any
) -> None:
    for at in range(count):
        letter(person(f"Person {at}"))
    with django_assert_num_queries(5):
        page = carla.get("/outbox/")
    assert page.content.count(b"How are you?") == count


def test_it_can_be_filtered(carla: Client) -> None:
    letter(agreed(), subject="A kept one")
    send_due(now=NOW, worker="w")
    letter(person("Bob"), subject="A waiting one")
    for query, kept, waiting in (("state=kept", 1, 0), ("state=queued", 0, 1), ("purpose=personal", 1, 1)):
        page = carla.get(f"/outbox/?{query}").content.decode()
        assert (page.count("A kept one"), page.count("A waiting one")) == (kept, waiting)
    assert "Nothing like this" in carla.get("/outbox/?purpose=events").content.decode()
    assert carla.get("/outbox/?state=nonsense&page=99").status_code == 200


def test_empty_it_says_what_to_do(carla: Client) -> None:
    assert "Nothing has been sent yet" in carla.get("/outbox/").content.decode()


def test_in_the_demo_the_links_can_be_followed(carla: Client) -> None:
    message = letter(person(), purpose="service", body="{link}", link_path="/leaver/1.secret-half.x/")
    assert (
        'href="http://localhost:8000/leaver/1.secret-half.x/"' in carla.get(f"/outbox/{message.pk}/").content.decode()
    )


def test_outside_the_demo_secrets_are_hidden(carla: Client, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("perennial.web.middleware.lacks_second_factor", lambda user: False, raising=False)
    monkeypatch.setattr("perennial.web.context.lacks_second_factor", lambda user: False)
    message = letter(agreed(), body="<b>{link}</b>", link_path="/leaver/1.secret-half.x/")
    shown = carla.get(f"/outbox/{message.pk}/").content.decode()
    settings.PERENNIAL_DEMO = False
    hidden = carla.get(f"/outbox/{message.pk}/").content.decode()
    assert [secret in shown for secret in ("secret-half", message.random)] == [True, True]
    assert [secret in hidden for secret in ("secret-half", message.random)] == [False, False]
    assert "are hidden here" in hidden
    assert ['href="http://localhost:8000/' in page for page in (shown, hidden)] == [True, False]
    assert "<b>" not in hidden


def test_what_failed_can_be_tried_again_by_a_press_not_by_a_look(carla: Client) -> None:
    message = letter(agreed())
    Message.objects.update(state=MessageState.FAILED, not_before=None, done_at=NOW, last_error="550 no such user")
    page = carla.get(f"/outbox/{message.pk}/").content.decode()
    assert "550 no such user" in page
    assert carla.get(f"/outbox/{message.pk}/retry/").status_code == 405
    assert fresh(message).state == "failed"
    assert carla.post(f"/outbox/{message.pk}/retry/").status_code == 302
    assert fresh(message).state == "queued"
    assert carla.post(f"/outbox/{message.pk}/retry/", follow=True).status_code == 200


def test_a_missing_message_and_a_draft_look_the_same(carla: Client) -> None:
    draft = letter(person(), state=MessageState.DRAFT)
    assert carla.get(f"/outbox/{draft.pk}/").status_code == 404
    assert carla.get("/outbox/999999/").status_code == 404


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.COORDINATOR])
def test_only_the_coordinator_sees_it(client: Client, settings: Any, role: Role) -> None:
    settings.PERENNIAL_DEMO = True
    programme()
    message = letter(person())
    client.force_login(colleague(role))
    assert client.get("/outbox/").status_code == 403
    assert client.get(f"/outbox/{message.pk}/").status_code == 403
    assert client.post(f"/outbox/{message.pk}/retry/").status_code == 403


def test_only_what_is_a_link_in_the_mail_is_one_on_its_page(carla: Client) -> None:
    message = letter(agreed(), body="See www.elsewhere.example, eve@evil.example or https://good.example/x?a=1&b=<2>.")
    send_due(now=NOW, worker="w")
    page = carla.get(f"/outbox/{message.pk}/").content.decode()
    assert '<a href="https://good.example/x?a=1&amp;b=">https://good.example/x?a=1&amp;b=</a>&lt;2&gt;.' in page
    assert 'href="http://www.elsewhere' not in page
    assert "mailto:eve" not in page
