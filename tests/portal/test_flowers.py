"""Flowers for the first day elsewhere: asked, agreed, taken back, forgotten."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client

from perennial.accounts.roles import Role
from perennial.audit.models import Event
from perennial.departures.farewell.actions import do_step, reopen_step
from perennial.departures.farewell.flowers import forget_addresses
from perennial.departures.farewell.handing_out import keep_farewells
from perennial.departures.farewell.queries import with_due
from perennial.departures.models import ChecklistTemplate, Departure, Farewell, FarewellStep
from tests.cast import NOW, TODAY, colleague
from tests.portal.leavers import leaver, page_of, sentences

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SAID = {"step": "flowers", "first_day": "2026-10-01", "address": "Lange Straat 7\nUtrecht", "agree": "yes", "next": "1"}


@pytest.fixture(autouse=True)
def _at_nine() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def departure() -> Departure:
    """Somebody whose checklist has flowers."""
    found = leaver(how_ended="end_of_contract")
    keep_farewells(now=NOW)
    return found


def flowers() -> Any:
    return with_due(FarewellStep.objects.filter(kind="flowers")).get()


def test_it_is_asked_between_the_questions_and_the_relation_and_only_where_the_checklist_has_it(
    client: Client, departure: Departure
) -> None:
    answer = client.post(page_of(departure), {"step": "recommend", "recommend": "9", "next": "1"})
    assert answer["Location"].endswith("?step=flowers")
    assert "May we send flowers on your first day?" in sentences(client.get(answer["Location"]).content)
    ChecklistTemplate.objects.update(is_default=False)
    bob = leaver("Bob Jansen", how_ended="retirement")
    keep_farewells(now=NOW)
    answer = client.post(page_of(bob), {"step": "recommend", "recommend": "9", "next": "1"})
    assert answer["Location"].endswith("?step=relation")
    assert "flowers" not in sentences(client.get(page_of(bob), {"step": "flowers"}).content)


def test_looking_changes_nothing(client: Client, departure: Departure) -> None:
    assert client.get(page_of(departure), {"step": "flowers"}).status_code == 200
    assert Farewell.objects.get().flowers_agreed_at is None


def test_agreeing_makes_the_step_due_and_the_address_is_encrypted(client: Client, departure: Departure) -> None:
    answer = client.post(page_of(departure), SAID)
    assert answer["Location"].endswith("?step=relation")
    farewell = Farewell.objects.get()
    assert (farewell.first_day_on, farewell.flowers_address) == (TODAY + 17 * DAY, "Lange Straat 7\nUtrecht")
    assert flowers().due_on == TODAY + 15 * DAY
    with connection.cursor() as cursor:
        cursor.execute("SELECT flowers_address FROM departures_farewell")
        [(kept,)] = cursor.fetchall()
    assert "Straat" not in kept
    assert Event.objects.get(deed="departures.flowers_agreed").details == {}


def test_what_was_said_is_not_read_back_and_can_be_taken_back(client: Client, departure: Departure) -> None:
    client.post(page_of(departure), SAID)
    page = client.get(page_of(departure), {"step": "flowers"}).content.decode()
    assert "Straat" not in page
    assert "2026-10-01" not in page
    assert "You have agreed to this already" in page
    client.post(page_of(departure), {"step": "flowers", "rather-not": "1"})
    farewell = Farewell.objects.get()
    assert (farewell.first_day_on, farewell.flowers_address, farewell.flowers_agreed_at) == (None, "", None)
    assert flowers().due_on is None


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ({"agree": ""}, "Tick this too, or skip the screen"),
        ({"address": " "}, "Without an address we cannot send them"),
        ({"first_day": ""}, "Without the day we cannot send them"),
        ({"first_day": "2026-09-14"}, "This day has come already"),
        ({"first_day": "2028-10-01"}, "more than a year ahead"),
        ({"first_day": "soon"}, "We could not read this day"),
    ],
)
def test_without_day_address_and_tick_nothing_is_kept(
    client: Client, departure: Departure, missing: dict[str, str], words: str
) -> None:
    answer = client.post(page_of(departure), {**SAID, **missing})
    assert answer.status_code == 422
    assert words in sentences(answer.content)
    assert Farewell.objects.get().flowers_agreed_at is None


def test_skipping_keeps_nothing_whatever_was_begun(client: Client, departure: Departure) -> None:
    answer = client.post(page_of(departure), {**SAID, "skip": "1"})
    assert answer["Location"].endswith("?step=relation")
    assert Farewell.objects.get().first_day_on is None


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nl", "Mogen we bloemen sturen op je eerste dag?"),
        ("de", "Dürfen wir Ihnen zum ersten Tag Blumen schicken?"),
        ("ru", "Можно прислать Вам цветы в первый день?"),
    ],
)
def test_it_is_asked_in_the_leavers_language(client: Client, departure: Departure, language: str, words: str) -> None:
    answer = client.get(page_of(departure), {"step": "flowers", "lang": language})
    assert words in sentences(answer.content)


def test_the_address_is_for_those_who_order_and_goes_when_it_has_served(
    client: Client, departure: Departure, settings: Any
) -> None:
    settings.PERENNIAL_DEMO = True
    client.post(page_of(departure), SAID)
    for role, sees in ((Role.HR, True), (Role.EXIT_INTERVIEWER, False)):
        client.force_login(colleague(role))
        assert ("Lange Straat" in client.get(f"/departures/{departure.key}/").content.decode()) == sees
    done = do_step(step=flowers(), by="user:1", now=NOW)
    assert forget_addresses(now=NOW + timedelta(minutes=59)) == 0
    reopen_step(step=done, by="user:1", now=NOW)
    do_step(step=done, by="user:1", now=NOW)
    assert forget_addresses(now=NOW + timedelta(hours=1)) == 1
    assert Farewell.objects.get().flowers_address == ""
    assert Farewell.objects.get().first_day_on == TODAY + 17 * DAY


def test_the_address_goes_a_month_after_the_day_even_if_nobody_sent_anything(
    client: Client, departure: Departure
) -> None:
    client.post(page_of(departure), SAID)
    assert forget_addresses(now=NOW + 47 * DAY) == 0
    assert forget_addresses(now=NOW + 48 * DAY) == 1
