"""What is done about many people at once: asked with their number, done in one go, written down once, undone."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from perennial.accounts.models import User
from perennial.accounts.roles import Role
from perennial.audit.models import Event
from perennial.contact.actions import (
    RestrictionDatesError,
    lift,
    name_exclusion_owner,
    prolong,
    restrict,
    restrict_together,
)
from perennial.contact.enums import RestrictionKind
from perennial.contact.models import Restriction
from perennial.people.enums import Sort
from perennial.people.models import Person
from perennial.programme.models import Department
from tests.cast import NOW, TODAY, colleague, person
from tests.desk.test_people import as_role, names, sentences
from tests.desk.test_people import hr as hr

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
EXCLUSION = {"reason": "conflict", "review_on": "2027-01-01", "ends_on": "2027-06-01"}


@pytest.fixture(autouse=True)
def _at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def crowd() -> list[Person]:
    water = Department.objects.create(name="Water")
    return [person(f"Person{number} Stone", department=water if number < 3 else None) for number in range(5)]


def of(*people: Person) -> dict[str, Any]:
    return {"ticked": "1", "person": [each.key for each in people]}


def kept(kind: RestrictionKind) -> list[str]:
    return sorted(Restriction.objects.filter(kind=kind, lifted_at=None).values_list("person__called", flat=True))


# The test group


def test_those_ticked_join_the_test_group_after_a_yes_to_their_number(hr: Client, crowd: list[Person]) -> None:
    asked = hr.post("/people/test-group/", of(*crowd[:2]))
    said = sentences(asked.content)
    assert "Add 2 people to the test group?" in said
    assert "Person0 Stone Person1 Stone" in said
    assert Restriction.objects.count() == 0
    done = hr.post("/people/test-group/", of(*crowd[:2]) | {"sure": "2"}, follow=True)
    assert "2 people are in the test group from now on." in sentences(done.content)
    assert kept(RestrictionKind.TEST_GROUP) == ["Person0", "Person1"]
    row, hanna = Restriction.objects.first(), User.objects.get(role=Role.HR)
    assert row is not None
    assert (row.reason, row.starts_on, row.by, row.created_at) == ("trying_out", TODAY, f"user:{hanna.pk}", NOW)
    event = Event.objects.get(deed="contact.restricted_together")
    assert (event.by, event.details) == (row.by, {"kind": "test_group", "reason": "trying_out", "people": 2})


def test_everybody_found_joins_and_who_is_in_it_is_counted_apart(hr: Client, crowd: list[Person]) -> None:
    hr.post("/people/test-group/", of(crowd[0]) | {"sure": "1"})
    asked = {"department": str(Department.objects.get().pk), "q": "stone"}
    said = sentences(hr.post("/people/test-group/", asked).content)
    assert "Add 2 people to the test group?" in said
    assert "1 person of those is in already." in said
    hr.post("/people/test-group/", asked | {"sure": "2"})
    assert kept(RestrictionKind.TEST_GROUP) == ["Person0", "Person1", "Person2"]


def test_what_the_page_hands_on_is_what_was_asked_for(hr: Client, crowd: list[Person]) -> None:
    page = hr.post("/people/test-group/", {"q": "person3"}).content.decode()
    sent = {name: unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)}
    sent.pop("csrfmiddlewaretoken", None)
    assert sent == {"q": "person3", "sure": "1"}
    hr.post("/people/test-group/", sent)
    assert kept(RestrictionKind.TEST_GROUP) == ["Person3"]


def test_a_number_that_has_changed_is_asked_about_anew(hr: Client, crowd: list[Person]) -> None:
    for sure in ("4", "6", "", "x"):
        assert "Add 5 people" in sentences(hr.post("/people/test-group/", {"sure": sure}).content)
    assert Restriction.objects.count() == 0


@pytest.mark.parametrize("path", ["test-group", "exclude"])
def test_nobody_ticked_changes_nothing_and_says_so(hr: Client, crowd: list[Person], path: str) -> None:
    said = sentences(hr.post(f"/people/{path}/", {"ticked": "1", "sure": "5"}, follow=True).content)
    assert "Nobody to" in said
    assert Restriction.objects.count() == 0


def test_who_left_the_test_group_may_join_again(hr: Client, crowd: list[Person]) -> None:
    row = restrict(
        person=crowd[0], kind=RestrictionKind.TEST_GROUP, reason="trying_out", starts_on=TODAY, by="user:1", now=NOW
    )
    lift(restriction=row, by="user:1", now=NOW)
    hr.post("/people/test-group/", of(crowd[0]) | {"sure": "1"})
    assert kept(RestrictionKind.TEST_GROUP) == ["Person0"]


# Exclusion


def test_those_ticked_are_excluded_with_a_reason_a_day_to_look_again_and_an_end(
    hr: Client, crowd: list[Person]
) -> None:
    asked = sentences(hr.post("/people/exclude/", of(*crowd[:2])).content)
    assert "Exclude 2 people?" in asked
    assert "Person0 Stone Person1 Stone" in asked
    hr.post("/people/exclude/", of(*crowd[:2]) | EXCLUSION | {"sure": "2"})
    rows = Restriction.objects.order_by("person").values_list("person", "kind", "reason", "review_on", "ends_on")
    days = (date(2027, 1, 1), date(2027, 6, 1))
    assert list(rows) == [(each.pk, "exclusion", "conflict", *days) for each in crowd[:2]]
    assert Event.objects.filter(deed="contact.restricted_together").count() == 1


@pytest.mark.parametrize(
    ("changes", "at_fault"),
    [
        ({"reason": ""}, "reason"),
        ({"reason": "own_wish"}, "reason"),
        ({"review_on": ""}, "review_on"),
        ({"review_on": "2026-01-01"}, "review_on"),
        ({"ends_on": "2026-12-31"}, "ends_on"),
        ({"ends_on": ""}, "ends_on"),
    ],
)
def test_an_exclusion_that_lacks_something_excludes_nobody(
    hr: Client, crowd: list[Person], changes: dict[str, str], at_fault: str
) -> None:
    response = hr.post("/people/exclude/", of(*crowd[:2]) | EXCLUSION | {"sure": "2"} | changes)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [at_fault]
    assert Restriction.objects.count() == 0


def test_everybody_found_is_never_excluded_at_once(hr: Client, crowd: list[Person]) -> None:
    hr.post("/people/exclude/", EXCLUSION | {"q": "stone", "sure": "5"})
    assert Restriction.objects.count() == 0


# Undoing


def test_what_was_done_together_is_undone_together_by_whoever_did_it(hr: Client, crowd: list[Person]) -> None:
    done = hr.post("/people/test-group/", of(*crowd[:2]) | {"sure": "2"}, follow=True).content.decode()
    (undo,) = re.findall(r'action="(/people/together/[^"]+)"', done)
    assert as_role(Role.COORDINATOR).post(undo).status_code == 404
    assert hr.get(undo).status_code == 405
    assert "Undone for 2 people." in sentences(hr.post(undo, follow=True).content)
    assert kept(RestrictionKind.TEST_GROUP) == []
    assert hr.post(undo).status_code == 404
    event = Event.objects.get(deed="contact.restrictions_lifted_together")
    assert event.details == {"kind": "test_group", "people": 2}


def excluded_and_undo(client: Client, crowd: list[Person]) -> str:
    """Three are excluded; the address at which that is taken back."""
    done = client.post("/people/exclude/", of(*crowd[:3]) | EXCLUSION | {"sure": "3"}, follow=True).content.decode()
    (undo,) = re.findall(r'action="(/people/together/[^"]+)"', done)
    return str(undo)


def test_what_somebody_decided_since_is_left_standing_and_said(hr: Client, crowd: list[Person]) -> None:
    undo = excluded_and_undo(hr, crowd)
    other = colleague(Role.COORDINATOR, email="other@employer.example")
    longer, owned = (Restriction.objects.get(person=each) for each in crowd[:2])
    prolong(
        restriction=longer,
        review_on=date(2027, 1, 1),
        ends_on=date(2027, 7, 1),
        by=f"user:{other.pk}",
        now=NOW,
    )
    name_exclusion_owner(restriction=owned, owner=other, by=f"user:{other.pk}", now=NOW)
    said = sentences(hr.post(undo, follow=True).content)
    assert "Undone for 1 person. For 2 people it stands" in said
    assert kept(RestrictionKind.EXCLUSION) == ["Person0", "Person1"]
    assert "Undone" not in sentences(hr.post(undo, follow=True).content)
    assert kept(RestrictionKind.EXCLUSION) == ["Person0", "Person1"]
    event = Event.objects.get(deed="contact.restrictions_lifted_together")
    assert event.details == {"kind": "exclusion", "people": 1}


@pytest.mark.parametrize(("after", "left"), [(60 * 60, []), (60 * 60 + 1, ["Person0", "Person1", "Person2"])])
def test_it_is_undone_within_an_hour(hr: Client, crowd: list[Person], after: int, left: list[str]) -> None:
    undo = excluded_and_undo(hr, crowd)
    with time_machine.travel(NOW + timedelta(seconds=after), tick=False):
        said = sentences(hr.post(undo, follow=True).content)
    assert ("Undone for 3 people." in said, "For 3 people it stands" in said) == (not left, bool(left))
    assert kept(RestrictionKind.EXCLUSION) == left


@pytest.mark.parametrize("rest", ["restriction/1", "nonsense/1", "test_group/" + "9" * 30])
def test_there_is_nothing_to_undo_of_what_never_was(hr: Client, rest: str) -> None:
    assert hr.post(f"/people/together/{rest}/back/").status_code == 404


# Who may, and what it costs


@pytest.mark.parametrize("role", [Role.RECRUITER, Role.EDITOR, Role.HOST])
def test_who_may_not_edit_people_is_neither_offered_nor_allowed_it(hr: Client, crowd: list[Person], role: Role) -> None:
    client = as_role(role)
    for path in ("test-group", "exclude"):
        assert client.post(f"/people/{path}/", of(*crowd) | EXCLUSION | {"sure": "5"}).status_code == 403
        assert f"/people/{path}/" not in client.get("/people/").content.decode()
        assert f"/people/{path}/" in hr.get("/people/").content.decode()
    assert Restriction.objects.count() == 0


@pytest.mark.parametrize("many", [1, 3])
def test_it_takes_the_same_statements_for_one_and_for_three(hr: Client, crowd: list[Person], many: int) -> None:
    with CaptureQueriesContext(connection) as queries:
        hr.post("/people/test-group/", of(*crowd[:many]) | {"sure": str(many)})
    written = [query["sql"] for query in queries if query["sql"].startswith("INSERT")]
    assert [sql.split()[2].strip('"') for sql in written] == ["contact_restriction", "audit_event"]


def test_a_decision_about_many_does_not_end_before_it_begins(crowd: list[Person]) -> None:
    with pytest.raises(RestrictionDatesError):
        restrict_together(
            people=Person.objects.all(),
            kind=RestrictionKind.RESTRICTION,
            reason="other",
            starts_on=TODAY,
            ends_on=TODAY - DAY,
            by="user:1",
            now=NOW,
        )


# Files and orders


def test_a_file_holds_those_ticked_and_nobody_else(hr: Client, crowd: list[Person]) -> None:
    answer = hr.post("/people/export/", of(*crowd[1:3]) | {"format": "csv", "q": "person4"})
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[arg-type]
    assert [line.split(",")[0] for line in lines] == ["Full name", "Person1 Stone", "Person2 Stone"]
    assert Event.objects.get(deed="people.exported").details["rows"] == 2
    said = hr.post("/people/export/", {"ticked": "1", "format": "csv"}, follow=True)
    assert "Nobody was ticked." in sentences(said.content)


def test_the_list_is_put_in_an_order_by_a_press_on_a_column(hr: Client) -> None:
    person("Anna Bos", ends_on=date(2020, 1, 1))
    person("Bas Bos", ends_on=date(2024, 1, 1))
    page = hr.get("/people/")
    assert names(page) == ["Anna Bos", "Bas Bos"]
    links = [unescape(link) for link in re.findall(r'<th scope="col"[^>]*><a href="([^"]+)"', page.content.decode())]
    assert links == ["?sort=department", "?sort=last_day"]
    by_day = hr.get("/people/?sort=last_day")
    assert names(by_day) == ["Bas Bos", "Anna Bos"]
    assert 'aria-sort="descending"' in by_day.content.decode()
    for nonsense in ("full_name", "-ends_on", "search_text; DROP TABLE", "person__key"):
        assert names(hr.get("/people/", {"sort": nonsense})) == ["Anna Bos", "Bas Bos"]
    assert Sort.values == ["name", "last_day", "department"]
