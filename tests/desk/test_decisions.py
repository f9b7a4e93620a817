"""Decisions about people at the desk: two colleagues, and who sees what of it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from perennial.accounts.models import User
from perennial.accounts.roles import Role
from perennial.contact.models import Restriction
from perennial.departures.decisions.actions import keep_decisions
from perennial.departures.models import PersonDecision
from perennial.people.models import Person
from perennial.programme.models import Department
from tests.cast import NOW, TODAY, chapter, colleague, person, programme
from tests.portal.leavers import sentences

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
ASKED = {
    "outcome": "not",
    "reason": "conduct",
    "explanation": "What happened in March",
    "evidence": "Letter of the 3rd of April",
    "review_on": "2026-12-01",
    "ends_on": "2027-09-14",
}


@pytest.fixture(autouse=True)
def _at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


Desk = Callable[[Role], Client]


@pytest.fixture
def desk() -> Desk:
    """A browser of the colleague with this role."""
    programme()

    def client_of(role: Role) -> Client:
        client = Client()
        client.force_login(User.objects.filter(role=role).first() or colleague(role, name=f"Somebody {role.label}"))
        return client

    return client_of


def propose_path(someone: Person, kind: str = "eligibility") -> str:
    return f"/people/{someone.key}/decisions/{kind}/"


def propose(client: Client, someone: Person, kind: str = "eligibility", **fields: Any) -> PersonDecision:
    response = client.post(propose_path(someone, kind), {**ASKED, **fields})
    assert response.status_code == 302, response.context["form"].errors
    return PersonDecision.objects.latest("pk")


def items(client: Client) -> list[str]:
    return [strip_tags(str(item.sentence)) for item in client.get("/").context["items"]]


def test_one_colleague_proposes_and_another_approves(desk: Desk) -> None:
    alice = person()
    hr, coordinator = desk(Role.HR), desk(Role.COORDINATOR)
    form = sentences(hr.get(propose_path(alice)).content)
    for never in ("sick leave", "parental leave", "works council", "whistle", "complaint"):
        assert never in form
    row = propose(hr, alice)
    page = f"/decisions/{row.pk}/"
    assert "It waits for a second colleague" in sentences(hr.get(page).content)
    assert "Would you decide so too?" not in sentences(hr.get(page).content)
    said = sentences(hr.post(page + "approve/", follow=True).content)
    assert "You proposed it yourself. Another colleague has to look at it." in said
    assert Restriction.objects.count() == 0

    sentence = "A decision about Alice van Dam waits for a second colleague."
    assert sentence in items(coordinator)
    assert sentence not in items(hr)
    assert "Alice van Dam" in sentences(coordinator.get("/decisions/").content)
    said = sentences(coordinator.get(page).content)
    assert "Would you decide so too?" in said
    assert "Letter of the 3rd of April" in said
    coordinator.post(page + "approve/")
    row.refresh_from_db()
    assert (row.state, Restriction.objects.get().reason) == ("in_force", "decided_not")
    assert sentence not in items(coordinator)
    told = sentences(hr.get(f"/people/{alice.key}/").content)
    assert "Welcome in the programme: Not" in told
    assert "It follows from what two colleagues decided" in told
    # It is changed where it was decided, not by lifting what the door was told.
    assert hr.post(f"/people/{alice.key}/restrictions/{Restriction.objects.get().pk}/lift/").status_code == 404


def test_a_proposal_is_undone_until_somebody_has_answered(desk: Desk) -> None:
    alice = person()
    hr = desk(Role.HR)
    row = propose(hr, alice)
    page = hr.get(f"/decisions/{row.pk}/")
    assert page.content.decode().count(f'action="/decisions/{row.pk}/withdraw/"') == 2
    assert "Undo" in sentences(page.content)
    assert "Something is proposed already" in sentences(hr.post(propose_path(alice), ASKED, follow=True).content)
    said = sentences(desk(Role.COORDINATOR).post(f"/decisions/{row.pk}/withdraw/", follow=True).content)
    assert "Only whoever proposed it takes it back." in said
    hr.post(f"/decisions/{row.pk}/withdraw/")
    row.refresh_from_db()
    assert row.state == "withdrawn"
    said = sentences(desk(Role.COORDINATOR).post(f"/decisions/{row.pk}/approve/", follow=True).content)
    assert "This has changed in the meantime; nothing was written." in said


def test_whoever_does_not_approve_leaves_everything_as_it_was(desk: Desk) -> None:
    alice = person()
    row = propose(desk(Role.HR), alice, "rehire", outcome="no")
    desk(Role.COORDINATOR).post(f"/decisions/{row.pk}/decline/")
    row.refresh_from_db()
    assert (row.state, Restriction.objects.count()) == ("declined", 0)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"outcome": ""}, "outcome"),
        ({"outcome": "yes"}, "outcome"),
        ({"reason": ""}, "reason"),
        ({"reason": "sick_leave"}, "reason"),
        ({"reason": "good_standing"}, "reason"),
        ({"outcome": "welcome"}, "reason"),
        ({"explanation": ""}, "explanation"),
        ({"evidence": " "}, "evidence"),
        ({"review_on": ""}, "review_on"),
        ({"review_on": "2026-09-14"}, "review_on"),
        ({"ends_on": ""}, "ends_on"),
        ({"ends_on": "2026-10-01"}, "ends_on"),
        ({"ends_on": "2028-09-15"}, "ends_on"),
    ],
)
def test_what_is_incomplete_is_asked_for_and_nothing_is_written(desk: Desk, fields: dict[str, str], field: str) -> None:
    response = desk(Role.HR).post(propose_path(person()), {**ASKED, **fields})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert PersonDecision.objects.count() == 0


def test_it_is_looked_at_again_ended_and_seen_to_have_run_out(desk: Desk) -> None:
    alice = person()
    hr, coordinator = desk(Role.HR), desk(Role.COORDINATOR)
    row = propose(hr, alice)
    coordinator.post(f"/decisions/{row.pk}/approve/")
    with time_machine.travel(NOW + 80 * DAY, tick=False):
        hr, coordinator = desk(Role.HR), desk(Role.COORDINATOR)
        assert "Look again at the decision about Alice van Dam." in items(hr)
        # Its owner is reminded, nobody else.
        assert "Look again at the decision about Alice van Dam." not in items(coordinator)
        assert hr.post(f"/decisions/{row.pk}/look-again/", {"review_on": "2026-12-01"}).status_code == 422
        assert hr.post(f"/decisions/{row.pk}/look-again/", {"review_on": ""}).status_code == 422
        hr.post(f"/decisions/{row.pk}/look-again/", {"review_on": "2027-03-01"})
        assert items(hr) == []
    ran_out = NOW + 400 * DAY
    with time_machine.travel(ran_out, tick=False):
        coordinator = desk(Role.COORDINATOR)
        keep_decisions(now=ran_out)
        User.objects.filter(role=Role.HR).update(is_active=False)
        # Whoever answered for it has gone: the coordinator sees it.
        assert "The decision about Alice van Dam has run out." in items(coordinator)
        coordinator.post(f"/decisions/{row.pk}/end/")
        assert items(coordinator) == []
    row.refresh_from_db()
    assert row.state == "over"


def test_what_the_person_says_stays_beside_it_and_is_printed_for_them(desk: Desk) -> None:
    alice = person()
    hr = desk(Role.HR)
    row = propose(hr, alice)
    assert hr.post(f"/decisions/{row.pk}/appeal/", {"said": ""}).status_code == 422
    hr.post(f"/decisions/{row.pk}/appeal/", {"said": "I was never asked"})
    assert "I was never asked" in sentences(hr.get(f"/decisions/{row.pk}/").content)
    printed = sentences(hr.get(f"/people/{alice.key}/proofs/").content)
    for told in ("What happened in March", "Letter of the 3rd of April", "I was never asked", "Waits for a second"):
        assert told in printed
    assert "What was decided about this person" not in sentences(hr.get(f"/people/{person('Bob').key}/proofs/").content)


@pytest.mark.parametrize("role", [Role.RECRUITER, Role.EXIT_INTERVIEWER, Role.EDITOR, Role.HOST])
def test_others_are_told_to_ask_hr_and_never_why(desk: Desk, role: Role) -> None:
    alice = person(department=None)
    client = desk(role)
    if role is Role.HOST:
        water = Department.objects.create(name="Water")
        alice.stints.update(department=water)
        chapter("Water", User.objects.get(role=Role.HOST), department=water)
    assert "Ask HR before" not in sentences(client.get(f"/people/{alice.key}/").content)
    row = propose(desk(Role.HR), alice, "rehire", outcome="conditional", reason="other_work")
    desk(Role.COORDINATOR).post(f"/decisions/{row.pk}/approve/")
    page = client.get(f"/people/{alice.key}/").content
    assert "Ask HR before you approach this person." in sentences(page)
    for secret in ("other work", "conditions", "March", "3rd of April", "decisions/"):
        assert secret not in page.decode()
    why = client.get(f"/people/{alice.key}/why/?purpose=vacancies").content.decode()
    assert "conditions" not in why
    assert client.get(f"/decisions/{row.pk}/").status_code == 403
    assert client.get(propose_path(alice)).status_code == 403
    assert items(client) == []
    # Those who decide need no such line: they see what was decided.
    assert "Ask HR before" not in sentences(desk(Role.HR).get(f"/people/{alice.key}/").content)


def test_unknown_decisions_and_kinds_are_missing(desk: Desk) -> None:
    hr = desk(Role.HR)
    assert hr.get("/decisions/999/").status_code == 404
    assert hr.get("/decisions/?view=all").status_code == 404
    assert hr.get(propose_path(person(), "salary")).status_code == 404


@pytest.mark.parametrize("many", [1, 3])
@pytest.mark.parametrize("view", ["waiting", "due", "holding"])
def test_the_list_costs_the_same_for_one_and_for_three(desk: Desk, many: int, view: str) -> None:
    hr, coordinator = desk(Role.HR), desk(Role.COORDINATOR)
    for number in range(many):
        row = propose(hr, person(f"Somebody {number}"))
        if view != "waiting":
            coordinator.post(f"/decisions/{row.pk}/approve/")
    PersonDecision.objects.update(review_on=TODAY)
    hr.get("/decisions/")
    with CaptureQueriesContext(connection) as queries:
        response = hr.get(f"/decisions/?view={view}")
    assert len(response.context["rows"]) == many
    # Programme, session, user; the day; three numbers, which is counted again for the pages; the rows and their names.
    assert len(queries) == 10
