"""What colleagues do when somebody asks about their data."""

import io
import json
import zipfile
from typing import Any

import pytest
from django.test import Client

from perennial.accounts.roles import Role
from perennial.audit.models import Event
from perennial.departures.models import ConversationNote, Departure
from perennial.privacy.actions import erase
from tests.cast import NOW, colleague, person, programme
from tests.desk.walkers import leaver
from tests.portal.leavers import sentences

pytestmark = pytest.mark.django_db


@pytest.fixture
def hr(client: Client) -> Client:
    programme()
    client.force_login(colleague(Role.HR, name="Hanna Jong", email="hanna@employer.example"))
    return client


def test_a_copy_is_fetched_by_a_button_without_what_is_behind_the_wall_and_that_is_written_down(hr: Client) -> None:
    alice = leaver("Alice van Dam")
    departure = Departure.objects.get(person=alice)
    ConversationNote.objects.create(departure=departure, question="improve", text="Kielwasser", by="user:1", at=NOW)
    assert f"/people/{alice.key}/copy/" in hr.get(f"/people/{alice.key}/").content.decode()
    assert hr.get(f"/people/{alice.key}/copy/").status_code == 405
    response: Any = hr.post(f"/people/{alice.key}/copy/")
    assert response["Content-Type"] == "application/zip"
    assert "no-store" in response["Cache-Control"]
    with zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))) as archive:
        told = json.loads(archive.read("data.json"))
        page = archive.read("index.html").decode()
    assert told["held"]["people.person"][0]["full_name"] == "Alice van Dam"
    assert told["complete"] is False
    assert "departures.conversationnote" not in told["held"]
    assert "Kielwasser" not in page
    event = Event.objects.get(deed="privacy.copied")
    assert (event.subject_key, event.details["complete"]) == (alice.key, False)


def test_before_and_after_an_erasure_it_is_said_what_is_kept_and_why(hr: Client) -> None:
    alice = leaver("Alice van Dam", private="alice@home.example")
    before = sentences(hr.get(f"/people/{alice.key}/erase/").content)
    assert "What would be kept" in before
    assert "Proof of consent" in before
    erase(person=alice, by="user:1", now=NOW)
    response = hr.get(f"/people/erased/{alice.key}/")
    said = sentences(response.content)
    assert "Accountability" in said
    assert "Alice" not in said
    assert hr.get("/people/erased/nobody/").status_code == 404


@pytest.mark.parametrize("people", [1, 3])
def test_the_page_after_an_erasure_asks_as_much_however_many_were_erased(
    hr: Client, people: int, django_assert_num_queries: Any
) -> None:
    someone = [person(f"Person {number}", private=f"p{number}@home.example") for number in range(people)]
    for each in someone:
        erase(person=each, by="user:1", now=NOW)
    hr.get(f"/people/erased/{someone[0].key}/")
    with django_assert_num_queries(QUERIES):
        hr.get(f"/people/erased/{someone[0].key}/")


QUERIES = 7
