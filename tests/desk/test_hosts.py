"""What a host meets at the desk: the people of their chapters, and not a trace of anybody else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from perennial.accounts.models import User
from perennial.accounts.roles import Role
from perennial.audit.models import Event
from perennial.contact.actions import record_touch
from perennial.contact.enums import Direction, TouchKind
from perennial.contact.models import Touch
from perennial.intake.reader.table import open_table
from perennial.kernel.purposes import Intent, Purpose
from perennial.people.models import Person
from perennial.programme.models import Department
from tests.cast import NOW, chapter, colleague, person, programme
from tests.portal.leavers import sentences

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def roads(db: None) -> Department:
    return Department.objects.create(name="Roads")


@pytest.fixture
def host(client: Client) -> User:
    """Signed in with `client`."""
    programme()
    user = colleague(Role.HOST)
    client.force_login(user)
    return user


def touch(someone: Person, number: int) -> None:
    record_touch(
        person=someone,
        at=NOW,
        direction=Direction.OURS,
        kind=TouchKind.CALL,
        purpose=Purpose.PERSONAL,
        intent=Intent.GIVE,
        origin=f"test:{number}",
        summary="about the canteen",
    )


@pytest.mark.parametrize("path", ["/", "/people/", "/people/?q=alice", "/people/?left_from=2020-01-01"])
def test_a_host_without_a_chapter_is_told_whom_to_ask(client: Client, host: User, path: str) -> None:
    person("Alice van Dam")
    said = sentences(client.get(path).content)
    assert "You have no chapter yet" in said
    assert "Ask the coordinator to make you host of one" in said
    assert "Alice" not in said.replace("alice", "")


def test_a_chapter_without_people_says_how_they_come(client: Client, host: User, roads: Department) -> None:
    chapter("Road builders", host, department=roads)
    person("Alice van Dam")
    said = sentences(client.get("/people/").content)
    assert "Of your chapters: Road builders" in said
    assert "Nobody belongs to your chapters yet" in said


def test_list_search_and_files_hold_the_people_of_the_chapter(
    client: Client, host: User, roads: Department, tmp_path: Path
) -> None:
    chapter("Road builders", host, department=roads)
    person("Alice van Dam", department=roads)
    person("Bob Stone")
    assert [each.full_name for each in client.get("/people/").context["found"].people] == ["Alice van Dam"]
    assert "1 person" in sentences(client.get("/people/").content)
    assert "Nobody found" in sentences(client.get("/people/?q=stnoe").content)
    for kind in ("csv", "xlsx"):
        answer = client.post("/people/export/", {"format": kind})
        path = tmp_path / f"people.{kind}"
        path.write_bytes(b"".join(answer.streaming_content))  # type: ignore[arg-type]
        assert [row.cells[0] for row in open_table(str(path)).rows()] == ["Alice van Dam"]
    assert [event.details["rows"] for event in Event.objects.filter(deed="people.exported")] == [1, 1]


def test_who_is_hidden_and_who_is_not_there_look_the_same(client: Client, host: User, roads: Department) -> None:
    chapter("Road builders", host, department=roads)
    alice, bob = person("Alice van Dam", department=roads), person("Bob Stone")
    for rest in ("", "why/", "why/?purpose=events"):
        assert client.get(f"/people/{alice.key}/{rest}").status_code == 200
        hidden, missing = client.get(f"/people/{bob.key}/{rest}"), client.get(f"/people/unknown/{rest}")
        assert (hidden.status_code, missing.status_code) == (404, 404)
        assert sentences(hidden.content) == sentences(missing.content)
    note = {"what": "called", "summary": "about the canteen"}
    assert client.post(f"/people/{bob.key}/contact/", note).status_code == 404
    assert not Touch.objects.exists()
    assert client.post(f"/people/{alice.key}/contact/", note).status_code == 302
    assert Touch.objects.get().person == alice


def test_the_month_counts_for_a_host_the_people_they_see(client: Client, host: User, roads: Department) -> None:
    chapter("Road builders", host, department=roads)
    touch(person("Alice van Dam", department=roads), 1)
    touch(person("Bob Stone"), 2)
    touch(person("Carla Winter"), 3)
    said = sentences(client.get("/").content)
    assert "This month in your chapters 1 person reached. Given 1×, asked 0×." in said
    client.force_login(colleague(Role.RECRUITER))
    assert "This month 3 people reached. Given 3×, asked 0×." in sentences(client.get("/").content)


@pytest.mark.parametrize("path", ["/", "/people/", "/people/?q=person"])
def test_pages_cost_a_host_the_same_for_one_and_for_three(
    client: Client, host: User, roads: Department, path: str
) -> None:
    chapter("Road builders", host, department=roads)
    counts = []
    for number in range(3):
        touch(person(f"Person {number}", department=roads), number)
        client.get(path)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[2]
