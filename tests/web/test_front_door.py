"""The front door: of a house that nobody has set up yet, and of one that sends no mail."""

from typing import Any

import pytest
from django.test import Client

from perennial.accounts.roles import Role
from perennial.operate.configuration import MailServer
from perennial.programme.queries import current, set_up_path
from tests.cast import colleague, programme
from tests.portal.leavers import sentences

pytestmark = pytest.mark.django_db


def test_an_empty_installation_says_where_its_link_is_and_not_the_link(client: Client) -> None:
    link = set_up_path()
    assert link is not None
    page = client.get("/", follow=True)
    said = sentences(page.content)
    for words in (
        "Nothing is set up here yet",
        "in the terminal, or in the journal of its service",
        "journalctl -u perennial",
        "every start prints it again",
        "perennial setup",
    ):
        assert words in said
    assert link not in page.content.decode()
    assert current().set_up_random not in page.content.decode()
    assert 'type="password"' not in page.content.decode()


def test_once_it_is_set_up_the_front_door_asks_who_it_is(client: Client) -> None:
    programme()
    page = client.get("/", follow=True).content.decode()
    assert "Nothing is set up here yet" not in page
    assert 'type="password"' in page


@pytest.mark.parametrize(
    ("path", "answers"),
    [
        ("/account/sign-in/code/", {"email": "bob@employer.example"}),
        ("/account/password/reset/", {"email": "bob@employer.example"}),
    ],
)
@pytest.mark.parametrize("known", [True, False])
def test_without_a_mail_server_nobody_is_told_that_mail_is_on_its_way(
    client: Client, settings: Any, path: str, answers: dict[str, str], known: bool
) -> None:
    programme()
    if known:
        colleague(Role.HR, email="bob@employer.example")
    before = sentences(client.get(path).content)
    after = sentences(client.post(path, answers, follow=True).content)
    assert ["mail is kept and not sent" in said for said in (before, after)] == [True, True]
    assert "on its way" not in after
    settings.PERENNIAL_MAIL_SERVER = MailServer("mail.example.org")
    settings.ACCOUNT_RATE_LIMITS = False
    assert "mail is kept" not in sentences(client.get(path).content)
    again = sentences(client.post(path, answers, follow=True).content)
    assert ("mail is kept" in again, "on its way" in again) == (False, True)
