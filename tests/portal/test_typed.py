"""The short address on the printed sheet."""

from collections.abc import Iterator

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from perennial.departures.invitations import send_fresh_link, typed_path
from perennial.portal.leaver.typed import WRONG_AN_HOUR
from tests.cast import NOW
from tests.portal.leavers import leaver, page_of, sentences

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_nine() -> Iterator[None]:
    cache.clear()
    with time_machine.travel(NOW, tick=False):
        yield
    cache.clear()


def test_it_leads_to_the_leavers_page_and_is_kept_by_nobody(client: Client) -> None:
    departure = leaver()
    path = typed_path(departure)
    assert len(path) < 26
    answer = client.get(f"{path}/")
    assert (answer.status_code, answer["Location"]) == (302, page_of(departure))
    assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert client.get(path, follow=True).status_code == 200
    assert client.get(path.replace("-", "").upper().replace("/L/", "/l/"), follow=True).status_code == 200


def test_a_mistyped_letter_opens_nothing_and_is_told_kindly(client: Client) -> None:
    path = typed_path(leaver())
    wrong = path[:-1] + ("a" if path[-1] != "a" else "b")
    for address in (wrong, "/l/x", "/l/zzzz-aaaa-aaaa-aaaa-aaaa", "/l/ж"):
        answer = client.get(f"{address}/")
        assert answer.status_code == 404
        assert "We do not know this address" in sentences(answer.content)


def test_it_ends_when_a_fresh_link_takes_its_place(client: Client) -> None:
    departure = leaver(private="alice@home.example")
    path = typed_path(departure)
    send_fresh_link(departure=departure, now=NOW)
    assert client.get(f"{path}/").status_code == 404


def test_after_thirty_wrong_ones_nobody_is_heard_from_there_for_an_hour(client: Client) -> None:
    departure = leaver()
    right = f"{typed_path(departure)}/"
    for _ in range(WRONG_AN_HOUR):
        assert client.get("/l/abcd-abcd-abcd-abcd-abcd/").status_code == 404
    answer = client.get(right)
    assert answer.status_code == 429
    assert "camera" in sentences(answer.content)
    assert client.get(right, REMOTE_ADDR="192.0.2.7").status_code == 302
    assert client.get(page_of(departure)).status_code == 200
