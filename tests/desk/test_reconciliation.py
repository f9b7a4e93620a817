"""The page 'who should have been invited and was not, and why'."""

import csv
from collections.abc import Iterator
from html import unescape
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from perennial.accounts.roles import Role
from perennial.audit.models import Event
from perennial.departures.actions import open_due
from perennial.departures.enums import Outcome
from perennial.departures.invitations import draft_invitations
from perennial.programme.actions import find_or_add_department
from tests.cast import NOW, colleague, exclude, person, programme
from tests.portal.leavers import sentences as raw_sentences

pytestmark = pytest.mark.django_db

PAGE = "/departures/reconciliation/"
PERIOD = {"first_day": "2026-09-01", "last_day": "2026-09-14"}


@pytest.fixture(autouse=True)
def _at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def hr(client: Client) -> Client:
    programme()
    client.force_login(colleague(Role.HR, name="Hanna Visser"))
    return client


def sentences(response: Any) -> str:
    return unescape(raw_sentences(response.content))


def test_each_reason_is_a_number_that_leads_to_its_people(hr: Client) -> None:
    person("Alice Berg", private="alice@home.example", department=find_or_add_department(name="Water"))
    exclude(person("Bob Stone"))
    person("Charlie Reed", ends_on=None, status="left")
    open_due(now=NOW)
    draft_invitations(now=NOW)
    page = hr.get(PAGE)
    text = sentences(page)
    assert "From 15 September 2025 to 14 September 2026: 0 of 2 leavers were invited." in text
    assert "1 Excluded" in text
    assert "1 Nobody has sent it" in text
    assert "1 leaver of whom we learnt in this time has no last day on file" in text
    behind = hr.get(PAGE, {**PERIOD, "outcome": "not_sent"})
    assert [row.full_name for row, _stint, _departure in behind.context["rows"]] == ["Alice Berg"]
    undated = hr.get(PAGE, {**PERIOD, "outcome": "without-day"})
    assert [row.full_name for row, _stint, _departure in undated.context["rows"]] == ["Charlie Reed"]
    assert hr.get(PAGE, {**PERIOD, "outcome": "nonsense"}).status_code == 404


def test_a_period_that_cannot_be_read_is_shown_again(hr: Client) -> None:
    for sent in ({"first_day": "2026-09-14", "last_day": "2026-09-01"}, {"first_day": "soon", "last_day": ""}):
        assert hr.get(PAGE, sent).status_code == 422
        assert hr.post(f"{PAGE}export/", sent).status_code == 422
    assert Event.objects.filter(deed="departures.reconciliation_exported").count() == 0


def test_an_empty_period_says_what_to_do(hr: Client) -> None:
    assert "Nobody left in this time" in sentences(hr.get(PAGE))


def test_the_file_disarms_what_a_spreadsheet_could_run_and_is_written_down(hr: Client) -> None:
    person("=HYPERLINK(1) Berg", department=find_or_add_department(name="@Water"))
    exclude(person("Bob Stone"))
    open_due(now=NOW)
    answer = hr.post(f"{PAGE}export/", PERIOD)
    assert answer["Content-Disposition"] == 'attachment; filename="who-was-invited.csv"'
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert list(csv.reader(StringIO(text))) == [
        ["Full name", "Department", "Location", "Last day", "Invited", "What came of it"],
        ["'=HYPERLINK(1) Berg", "'@Water", "", "2026-09-14", "no", "No address, and no sheet handed over"],
        ["Bob Stone", "", "", "2026-09-14", "no", "Excluded"],
    ]
    event = Event.objects.get(deed="departures.reconciliation_exported")
    assert event.details == {"rows": 2, "first_day": "2026-09-01", "last_day": "2026-09-14", "outcome": "all"}
    one = hr.post(f"{PAGE}export/", {**PERIOD, "outcome": "excluded"})
    assert len(b"".join(one.streaming_content).splitlines()) == 2  # type: ignore[attr-defined]
    assert hr.post(f"{PAGE}export/", {**PERIOD, "outcome": "nonsense"}).status_code == 404


@pytest.mark.parametrize("role", [Role.RECRUITER, Role.HOST, Role.EDITOR, Role.LEADERSHIP])
def test_who_does_not_see_departures_does_not_see_who_was_not_invited(client: Client, role: Role) -> None:
    programme()
    client.force_login(colleague(role))
    assert client.get(PAGE).status_code == 403
    assert client.post(f"{PAGE}export/", PERIOD).status_code == 403


@pytest.mark.parametrize("many", [1, 3])
def test_the_page_costs_the_same_for_one_and_for_three(hr: Client, many: int) -> None:
    for number in range(many):
        person(f"Leaver{number} Stone", department=find_or_add_department(name=f"Department {number}"))
    open_due(now=NOW)
    asked = {**PERIOD, "outcome": "no_address"}
    hr.get(PAGE, asked)
    with CaptureQueriesContext(connection) as queries:
        response = hr.get(PAGE, asked)
    assert len(response.context["rows"]) == many
    assert len(queries) == 15


@pytest.mark.parametrize(("role", "outcome"), [(Role.HR, "died"), (Role.EXIT_INTERVIEWER, "called_off")])
def test_that_somebody_died_is_for_those_who_keep_the_records(client: Client, role: Role, outcome: str) -> None:
    programme()
    person("Alice Berg", how_ended="death")
    open_due(now=NOW)
    client.force_login(colleague(role))
    assert client.get(PAGE, PERIOD).context["missed"] == [(Outcome(outcome), 1)]
    behind = client.get(PAGE, {**PERIOD, "outcome": outcome})
    assert [row.full_name for row, _stint, _departure in behind.context["rows"]] == ["Alice Berg"]
    file = b"".join(client.post(f"{PAGE}export/", PERIOD).streaming_content).decode()  # type: ignore[attr-defined]
    assert str(Outcome(outcome).label) in file
    if outcome != "died":
        assert str(Outcome.DIED.label) not in file
        assert client.get(PAGE, {**PERIOD, "outcome": "died"}).status_code == 404
        assert client.post(f"{PAGE}export/", {**PERIOD, "outcome": "died"}).status_code == 404
