"""The front door of a house that nobody has set up yet."""

import pytest
from django.test import Client

from perennial.programme.queries import current, set_up_path
from tests.cast import programme
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
