"""All exclusions that stand, and what is due of them."""

from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from perennial.accounts.models import User
from perennial.accounts.roles import Role
from perennial.contact.models import Restriction
from tests.cast import NOW, TODAY, colleague, exclude, person, programme
from tests.portal.leavers import sentences as raw_sentences

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def sentences(content: bytes) -> str:
    return unescape(raw_sentences(content))


@pytest.fixture(autouse=True)
def _at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def hanna() -> User:
    programme()
    return colleague(Role.HR, name="Hanna Visser")


@pytest.fixture
def hr(client: Client, hanna: User) -> Client:
    client.force_login(hanna)
    return client


def keys(client: Client) -> list[str]:
    return [item.key for item in client.get("/").context["items"] if item.key.startswith("exclusion.")]


def as_colleague(role: Role, **fields: Any) -> Client:
    client = Client()
    client.force_login(colleague(role, **fields))
    return client


def test_an_exclusion_is_written_on_the_persons_page_with_its_owner(hr: Client, hanna: User) -> None:
    mara = colleague(Role.COORDINATOR, name="Mara Vos", email="mara@employer.example")
    rita = colleague(Role.RECRUITER, name="Rita", email="rita@employer.example")
    someone = person()
    sent = {"kind": "exclusion", "reason": "conflict", "review_on": "2026-12-01", "ends_on": "2027-03-01"}
    page = f"/people/{someone.key}/restrictions/new/"
    assert hr.post(page, sent | {"owner": rita.pk}).status_code == 422
    assert hr.post(page, sent | {"owner": mara.pk}).status_code == 302
    assert Restriction.objects.get().owner == mara
    assert "Mara Vos answers for it" in sentences(hr.get(f"/people/{someone.key}/").content)
    hr.post(page, sent)
    assert Restriction.objects.latest("pk").owner == hanna


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"reason": "other"}, "Somebody is excluded for one of these only"),
        ({"ends_on": ""}, "An exclusion needs a day on which it ends."),
        ({"review_on": ""}, "An exclusion needs a day on which somebody looks at it again."),
        ({"purpose": "events"}, "An exclusion is from everything."),
        ({"ends_on": "2026-11-01"}, "before somebody looks at it again"),
    ],
)
def test_what_an_exclusion_lacks_is_said(hr: Client, change: dict[str, str], sentence: str) -> None:
    someone = person()
    sent = {"kind": "exclusion", "reason": "conflict", "review_on": "2026-12-01", "ends_on": "2027-03-01"}
    refused = hr.post(f"/people/{someone.key}/restrictions/new/", sent | change)
    assert refused.status_code == 422
    assert sentence in sentences(refused.content)
    assert Restriction.objects.count() == 0


def test_all_that_stand_are_shown_with_what_is_due(hr: Client, hanna: User) -> None:
    exclude(person("Alice Berg"), by=hanna)
    exclude(person("Bob Stone"), by=hanna, review_on=TODAY, ends_on=TODAY + DAY)
    exclude(person("Charlie Reed"), by=hanna, starts_on=TODAY - 9 * DAY, review_on=TODAY - 3 * DAY, ends_on=TODAY - DAY)
    page = hr.get("/exclusions/")
    assert [(row.person.called, due) for row, _reason, due in page.context["rows"]] == [
        ("Charlie", "Has ended: prolong it, or say that it is over."),
        ("Bob", "Look at it again."),
        ("Alice", ""),
    ]
    assert "Due now (2)" in sentences(page.content)
    assert "Hanna Visser" in sentences(page.content)
    assert [row.person.called for row, *_ in hr.get("/exclusions/?view=due").context["rows"]] == ["Charlie", "Bob"]


def test_what_is_due_stands_on_the_owners_today_until_it_is_settled(hr: Client, hanna: User) -> None:
    soon = exclude(person("Alice Berg"), by=hanna, review_on=TODAY)
    other = colleague(Role.HR, name="Ines", email="ines.other@employer.example")
    exclude(person("Bob Stone"), by=other, review_on=TODAY)
    exclude(person("Charlie Reed"), by=hanna, review_on=TODAY + DAY)
    assert keys(hr) == [f"exclusion.{soon.pk}"]
    assert keys(as_colleague(Role.COORDINATOR, email="carla.c@employer.example")) == []
    sent = {"review_on": "2026-12-01", "ends_on": "2027-01-01"}
    assert hr.post(f"/exclusions/{soon.pk}/", sent)["Location"] == "/exclusions/"
    assert keys(hr) == []


def test_when_the_owner_has_gone_a_coordinator_looks_at_it(hr: Client, hanna: User) -> None:
    orphan = exclude(person("Alice Berg"), by=hanna, review_on=TODAY)
    carla = as_colleague(Role.COORDINATOR, email="carla.c@employer.example")
    assert keys(carla) == []
    User.objects.filter(pk=hanna.pk).update(is_active=False)
    assert keys(carla) == [f"exclusion.{orphan.pk}"]
    assert "Whoever answered for it has gone." in sentences(carla.get("/").content)
    assert "(gone)" in sentences(carla.get("/exclusions/").content)


def test_one_that_has_ended_comes_back_late_and_is_lifted_for_good(hr: Client, hanna: User) -> None:
    ended = exclude(
        person("Alice Berg"), by=hanna, starts_on=TODAY - 9 * DAY, review_on=TODAY - 5 * DAY, ends_on=TODAY - DAY
    )
    [item] = [item for item in hr.get("/").context["items"] if item.key.startswith("exclusion.")]
    assert (item.late, item.action_url) == (True, f"/exclusions/{ended.pk}/")
    assert hr.get(f"/exclusions/{ended.pk}/").status_code == 200
    hr.post(f"/exclusions/{ended.pk}/lift/")
    assert keys(hr) == []
    assert hr.get(f"/exclusions/{ended.pk}/").status_code == 404
    assert "Nobody is excluded" in sentences(hr.get("/exclusions/").content)


@pytest.mark.parametrize(
    "sent",
    [
        {"review_on": "2026-09-14", "ends_on": "2027-01-01"},
        {"review_on": "2026-12-01", "ends_on": "2026-11-01"},
        {"review_on": "soon", "ends_on": "2026-11-01"},
        {},
    ],
)
def test_it_is_prolonged_to_days_that_make_sense(hr: Client, hanna: User, sent: dict[str, str]) -> None:
    row = exclude(person(), by=hanna)
    assert hr.post(f"/exclusions/{row.pk}/", sent).status_code == 422
    row.refresh_from_db()
    assert row.ends_on == TODAY + 365 * DAY


def test_it_is_handed_to_another_colleague(hr: Client, hanna: User) -> None:
    row = exclude(person(), by=hanna)
    mara = colleague(Role.COORDINATOR, name="Mara Vos", email="mara@employer.example")
    host = colleague(Role.HOST, email="host@employer.example")
    hr.post(f"/exclusions/{row.pk}/owner/", {"owner": host.pk})
    row.refresh_from_db()
    assert row.owner == hanna
    page = hr.post(f"/exclusions/{row.pk}/owner/", {"owner": mara.pk}, follow=True)
    assert "Mara Vos answers for it from now on." in sentences(page.content)
    row.refresh_from_db()
    assert row.owner == mara


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_costs_the_same_for_one_and_for_three(hr: Client, hanna: User, many: int) -> None:
    for number in range(many):
        exclude(person(f"Person{number}"), by=hanna)
    hr.get("/exclusions/")
    with CaptureQueriesContext(connection) as queries:
        response = hr.get("/exclusions/")
    assert len(response.context["rows"]) == many
    assert len(queries) == 7
