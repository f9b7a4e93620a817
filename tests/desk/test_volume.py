"""How much of the directory one colleague takes in a day."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from perennial.accounts.models import User
from perennial.accounts.roles import Role
from perennial.audit.actions import record, record_seen
from perennial.audit.models import Event
from perennial.desk.people import volume
from perennial.people.models import Person
from tests.cast import NOW, TODAY, colleague, person, programme
from tests.portal.leavers import sentences

pytestmark = pytest.mark.django_db
EVERYBODY = {"format": "csv"}


@pytest.fixture(autouse=True)
def _at_nine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    programme(owner=colleague())
    for name, number in (("MOST_PAGES", 3), ("NEAR_PAGES", 2), ("MOST_ROWS", 3), ("NEAR_ROWS", 2)):
        monkeypatch.setattr(volume, name, number)
        monkeypatch.setattr(f"perennial.desk.today.volume.{name}", number)
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def rita(client: Client) -> Client:
    client.force_login(colleague(Role.RECRUITER, name="Rita Vos"))
    return client


@pytest.fixture
def people() -> list[Person]:
    return [person(f"Person Number{number}") for number in range(4)]


def taken(client: Client, address: str, asked: dict[str, Any]) -> HttpResponse:
    """The answer, its file read to the end."""
    answer = client.post(address, asked)
    if answer.streaming:
        b"".join(answer.streaming_content)  # type: ignore[arg-type]
    return answer


def today_of_the_coordinator() -> str:
    client = Client()
    client.force_login(User.objects.get(role=Role.COORDINATOR))
    return sentences(client.get("/").content)


def test_the_limits_are_generous() -> None:
    """As they stand in the module: in the other tests they are low."""
    text = Path(volume.__file__).read_text(encoding="utf-8")
    assert [line in text for line in ("MOST_PAGES = 500\n", "MOST_ROWS = 20_000\n", "* 4 // 5")] == [True] * 3


def test_pages_of_people_end_for_the_day_and_those_seen_still_open(rita: Client, people: list[Person]) -> None:
    statuses = [rita.get(f"/people/{someone.key}/").status_code for someone in people]
    assert statuses == [200, 200, 200, 429]
    answer = rita.get(f"/people/{people[3].key}/")
    said = sentences(answer.content)
    assert "You have opened the pages of 3 people today" in said
    assert people[3].full_name not in said
    # In Amsterdam it is eleven o'clock.
    assert answer["Retry-After"] == str(13 * 60 * 60 + 1)
    assert rita.get(f"/people/{people[0].key}/").status_code == 200
    assert Event.objects.filter(deed="people.seen").count() == 3


def test_another_colleague_and_another_day_have_their_own_count(rita: Client, people: list[Person]) -> None:
    for someone in people:
        rita.get(f"/people/{someone.key}/")
    hanna = Client()
    hanna.force_login(colleague(Role.HR))
    assert hanna.get(f"/people/{people[3].key}/").status_code == 200
    with time_machine.travel(NOW.replace(hour=22, minute=1), tick=False):
        rita.force_login(User.objects.get(role=Role.RECRUITER))
        assert rita.get(f"/people/{people[3].key}/").status_code == 200


def test_whoever_does_not_see_somebody_learns_nothing_by_the_limit(people: list[Person]) -> None:
    host = Client()
    host.force_login(colleague(Role.HOST))
    assert {host.get(f"/people/{someone.key}/").status_code for someone in people} == {404}


def test_files_end_for_the_day_once_so_many_people_were_in_them(rita: Client, people: list[Person]) -> None:
    chosen = {**EVERYBODY, "ticked": "yes", "person": [someone.key for someone in people[:2]]}
    assert taken(rita, "/people/export/", chosen).status_code == 200
    # Below the limit a file may be larger than what is left.
    assert taken(rita, "/people/export/", EVERYBODY).status_code == 200
    for asked in (chosen, EVERYBODY):
        answer = taken(rita, "/people/export/", asked)
        assert answer.status_code == 429
        assert "You have taken files of 3 people or more today" in sentences(answer.content)
    assert Event.objects.filter(deed="people.exported").count() == 2


def test_the_file_of_who_was_invited_counts_as_well(people: list[Person]) -> None:
    client = Client()
    client.force_login(colleague(Role.HR))
    period = {"first_day": "2026-01-01", "last_day": "2026-12-31"}
    assert taken(client, "/departures/reconciliation/export/", period).status_code == 200
    rows = Event.objects.get(deed="departures.reconciliation_exported").details["rows"]
    assert rows >= volume.MOST_ROWS
    assert taken(client, "/departures/reconciliation/export/", period).status_code == 429
    assert taken(client, "/people/export/", EVERYBODY).status_code == 429


def test_a_look_costs_one_statement_and_a_second_look_two(rita: Client, people: list[Person]) -> None:
    for expected in (1, 2, 2):
        with CaptureQueriesContext(connection) as queries:
            rita.get(f"/people/{people[0].key}/")
        assert len([query for query in queries if "audit_event" in query["sql"]]) == expected


def test_a_file_costs_one_statement_more(rita: Client, people: list[Person]) -> None:
    for _time in range(2):
        with CaptureQueriesContext(connection) as queries:
            taken(rita, "/people/export/", {**EVERYBODY, "ticked": "yes", "person": people[0].key})
        # What was taken today, and that this was taken.
        assert len([query for query in queries if "audit_event" in query["sql"]]) == 2


def test_the_coordinator_sees_on_today_who_comes_near(rita: Client, people: list[Person]) -> None:
    rita.get(f"/people/{people[0].key}/")
    assert "Rita Vos" not in today_of_the_coordinator()
    rita.get(f"/people/{people[1].key}/")
    said = today_of_the_coordinator()
    assert "Rita Vos has opened the pages of 2 people today." in said
    assert "After 3 no more open until tomorrow. Ask whether it is for their work." in said
    assert "in files today" not in said
    taken(rita, "/people/export/", EVERYBODY)
    assert "Rita Vos has taken 4 people in files today." in today_of_the_coordinator()
    for role in (Role.HR, Role.EDITOR):
        other = Client()
        other.force_login(colleague(role))
        assert "has opened the pages" not in sentences(other.get("/").content)


def test_the_item_leads_to_what_was_opened_and_is_put_off_for_the_day(rita: Client, people: list[Person]) -> None:
    for someone in people[:2]:
        rita.get(f"/people/{someone.key}/")
    carla = Client()
    carla.force_login(User.objects.get(role=Role.COORDINATOR))
    item = next(item for item in carla.get("/").context["items"] if item.key.startswith("seen."))
    lines = carla.get(item.action_url).context["lines"]
    assert [line.whom for line in lines] == [people[1].full_name, people[0].full_name]
    carla.post(item.later_url)
    assert [item.key for item in carla.get("/").context["items"] if item.key.startswith("seen.")] == []
    with time_machine.travel(NOW.replace(day=15), tick=False):
        for someone in people[:2]:
            record_seen(
                deed="people.seen",
                by=f"user:{User.objects.get(role=Role.RECRUITER).pk}",
                now=NOW.replace(day=15),
                on=TODAY.replace(day=15),
                subject_kind="person",
                subject_key=someone.key,
                most=3,
            )
        carla.force_login(User.objects.get(role=Role.COORDINATOR))
        assert [item.key for item in carla.get("/").context["items"]] == [item.key.replace("-14", "-15")]


def test_what_was_taken_yesterday_is_over(rita: Client, people: list[Person]) -> None:
    who = f"user:{User.objects.get(role=Role.RECRUITER).pk}"
    record(deed="people.exported", by=who, now=NOW.replace(day=13), details={"rows": 1_000})
    assert taken(rita, "/people/export/", EVERYBODY).status_code == 200
