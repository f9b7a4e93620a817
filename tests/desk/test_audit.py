"""The audit trail: who saw and changed what."""

import ast
import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import perennial
from perennial.accounts.models import User
from perennial.accounts.roles import Role
from perennial.audit.actions import record
from perennial.audit.models import Event
from perennial.audit.queries import Wanted, page_of
from perennial.desk.audit.words import DEEDS, KINDS, deed_words
from perennial.privacy.actions import erase
from tests.cast import NOW, colleague, person, programme
from tests.portal.leavers import sentences

pytestmark = pytest.mark.django_db
# Of a module that records: 'people.added'; not the path of a page or of code.
DEED = re.compile(
    r"(accounts|audit|consent|contact|departures|intake|mail|outreach|people|privacy|programme)\.[a-z]+_?[a-z_]*"
)


@pytest.fixture(autouse=True)
def _at_nine() -> Iterator[None]:
    programme()
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def carla(client: Client) -> Client:
    client.force_login(User.objects.get(role=Role.COORDINATOR))
    return client


def signed_in(role: Role) -> Client:
    client = Client()
    client.force_login(colleague(role, name=f"Nora {role.label}"))
    return client


def seen(**fields: Any) -> list[str]:
    return list(Event.objects.filter(deed="people.seen", **fields).values_list("by", flat=True))


def test_opening_a_person_is_written_down_once_a_day_for_each_colleague(carla: Client) -> None:
    alice, bob = person("Alice van Dam"), person("Bob Jansen")
    hr = signed_in(Role.HR)
    for _time in range(3):
        carla.get(f"/people/{alice.key}/")
    hr.get(f"/people/{alice.key}/")
    carla.get(f"/people/{bob.key}/")
    assert len(seen(subject_key=alice.key)) == 2
    assert len(set(seen(subject_key=alice.key))) == 2
    assert len(seen(subject_key=bob.key)) == 1
    # The day is the programme's own: in Amsterdam it is past midnight.
    with time_machine.travel(NOW.replace(hour=22, minute=1), tick=False):
        carla.force_login(User.objects.get(role=Role.COORDINATOR))
        carla.get(f"/people/{alice.key}/")
    assert len(seen(subject_key=alice.key)) == 3


def test_a_page_that_is_not_for_somebody_was_not_seen_by_them() -> None:
    alice = person("Alice van Dam")
    assert signed_in(Role.HOST).get(f"/people/{alice.key}/").status_code == 404
    assert signed_in(Role.LEADERSHIP).get(f"/people/{alice.key}/").status_code == 403
    assert seen() == []


def test_each_opening_of_proofs_is_written_down(carla: Client) -> None:
    alice = person("Alice van Dam")
    for _time in range(2):
        carla.get(f"/people/{alice.key}/proofs/")
    assert Event.objects.filter(deed="people.proofs_opened", subject_key=alice.key).count() == 2


def test_a_persons_page_leads_to_who_saw_and_changed_it(carla: Client) -> None:
    alice = person("Alice van Dam")
    page = carla.get(f"/people/{alice.key}/").content.decode()
    assert f"/audit/?person={alice.key}" in page
    said = sentences(carla.get(f"/audit/?person={alice.key}").content)
    assert "Opened the person&#x27;s page" in said
    assert "Added the person" in said
    assert "Carla Coordinator" in said


def test_it_is_searched_by_name_colleague_deed_and_day(carla: Client) -> None:
    alice, bob = person("Alice van Dam"), person("Bob Jansen")
    nora = colleague(Role.HR, name="Nora HR")
    days = {0: alice, 1: bob, 9: alice}
    for days_ago, someone in days.items():
        record(
            deed="people.corrected",
            by=f"user:{nora.pk}",
            now=NOW - timedelta(days=days_ago),
            subject_kind="person",
            subject_key=someone.key,
            details={"fields": ["called"]},
        )

    def found(**asked: str) -> list[tuple[str, str]]:
        return [(line.what, line.whom) for line in carla.get("/audit/", asked).context["lines"]]

    corrected = "Corrected name or language"
    assert found(by=f"user:{nora.pk}") == [
        (corrected, "Alice van Dam"),
        (corrected, "Bob Jansen"),
        (corrected, "Alice van Dam"),
    ]
    assert found(person="Bob Jansen", what="people.corrected") == [(corrected, "Bob Jansen")]
    assert found(person=alice.key, what="people", since="2026-09-10")[0] == (corrected, "Alice van Dam")
    assert found(what="people.corrected", since="2026-09-13", until="2026-09-13") == [(corrected, "Bob Jansen")]
    assert found(what="people.corrected", until="2026-09-05") == [(corrected, "Alice van Dam")]
    assert found(what="accounts", by=f"user:{nora.pk}") == []


def test_of_several_of_one_name_one_is_chosen(carla: Client) -> None:
    first, second = person("Alice van Dam"), person("Alice Jansen")
    page = carla.get("/audit/", {"person": "alice"})
    assert [row.key for row in page.context["namesakes"]] == [first.key, second.key]
    assert page.context["lines"] == []
    assert "Nobody is called like this" in sentences(carla.get("/audit/", {"person": "Zebedee Quux"}).content)


def test_who_was_erased_is_found_by_the_key_and_by_nothing_else(carla: Client) -> None:
    alice = person("Alice van Dam")
    key = alice.key
    erase(person=alice, by="test", now=NOW)
    said = sentences(carla.get("/audit/", {"person": key}).content)
    assert f"erased ({key})" in said
    assert "Erased the person" in said
    assert "Alice van Dam" not in said


@pytest.mark.parametrize("many", [1, 3])
def test_a_page_costs_the_same_for_one_and_for_three(carla: Client, many: int) -> None:
    for number in range(many):
        record(
            deed="people.corrected",
            by=f"user:{colleague(Role.HR, email=f'hr{number}@employer.example').pk}",
            now=NOW,
            subject_kind="person",
            subject_key=person(f"Person{number}").key,
        )
    carla.get("/audit/")
    with CaptureQueriesContext(connection) as queries:
        page = carla.get("/audit/")
    assert len(page.context["lines"]) >= many
    # Session, user, the programme; colleagues to choose from; the events; names of colleagues and of people.
    assert len(queries) == 7


def test_pages_follow_one_another_without_a_gap_or_a_repetition() -> None:
    person("Alice van Dam")
    for number in range(7):
        record(deed="test.one", by="system", now=NOW + timedelta(hours=number // 3))
    wanted = Wanted(deeds=("test.one",))
    walked: list[int] = []
    after = ""
    for _page in range(10):
        page = page_of(wanted, size=2, after=after)
        walked += [event.pk for event in page.events]
        after = page.further
        if not after:
            break
    every = list(Event.objects.filter(deed="test.one").order_by("-at", "-pk").values_list("pk", flat=True))
    assert walked == every
    for nonsense in ("x", "~", "2026-01-01~1", "2026-01-01T00:00:00+00:00~x", "9999-01-01T00:00:00+00:00~1"):
        assert page_of(wanted, size=2, after=nonsense).events[0].pk == every[0]


def test_the_file_holds_no_formula_and_that_it_was_taken_is_written_down(carla: Client) -> None:
    alice = person("=HYPERLINK(Alice)")
    answer = carla.post("/audit/export/", {"person": alice.key})
    assert "no-store" in answer["Cache-Control"]
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0] == ["When", "Who", "What", "About whom", "Details"]
    assert len(rows) > 1
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    event = Event.objects.get(deed="audit.exported")
    assert (event.subject_key, event.details) == (alice.key, {"rows": len(rows) - 1})
    assert carla.post("/audit/export/", {"person": "Zebedee Quux"}).status_code == 422


def test_a_wrong_day_is_said_in_its_place(carla: Client) -> None:
    answer = carla.get("/audit/", {"since": "yesterday"})
    assert (answer.status_code, "since" in answer.context["form"].errors) == (422, True)
    assert carla.get("/audit/", {"by": "user:999999"}).status_code == 422


def test_nobody_but_the_coordinator_searches_it() -> None:
    for role in (Role.HR, Role.EXIT_INTERVIEWER, Role.LEADERSHIP):
        assert signed_in(role).get("/audit/").status_code == 403


def test_every_deed_is_told_in_words() -> None:
    written, families = _deeds_of_the_source()
    assert len(written) > 90
    assert sorted(written - set(DEEDS)) == []
    assert sorted(start for start in families if not any(deed.startswith(start) for deed in DEEDS)) == []
    assert {deed for _words, deeds in KINDS.values() for deed in deeds} <= set(DEEDS)
    # What an add-on may write one day is told by its code.
    assert deed_words("orchard.apple_picked") == "orchard: apple picked"


def _deeds_of_the_source() -> tuple[set[str], set[str]]:
    """Deeds that stand in the code as they are, and how those begin that are put together there."""
    deeds, families = set(), set()
    sources = Path(perennial.__file__).parent.rglob("*.py")
    for path in (each for each in sources if "migrations" not in each.parts):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            if getattr(node.func, "attr", "") == "get_model":
                continue
            for said in [*node.args[:1], *(word.value for word in node.keywords if word.arg == "deed")]:
                if isinstance(said, ast.Constant) and DEED.fullmatch(str(said.value)):
                    deeds.add(str(said.value))
                elif isinstance(said, ast.JoinedStr) and isinstance(said.values[0], ast.Constant):
                    begins = str(said.values[0].value)
                    families |= {begins} if DEED.match(begins + "x") else set()
    return deeds, families
