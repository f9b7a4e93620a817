"""Jobs elsewhere, skills and companies on the desk; who said a fact; what the ledger can prove."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from perennial.accounts.models import User
from perennial.accounts.roles import Role
from perennial.consent.actions import withdraw
from perennial.consent.enums import Means
from perennial.contact.actions import record_touch
from perennial.contact.enums import Direction, TouchKind
from perennial.contact.rules import RULES
from perennial.desk.people.words import GROUPS, why
from perennial.kernel.purposes import Purpose
from perennial.people.actions import add_stint, correct_stint
from perennial.people.elsewhere import add_position
from perennial.people.models import Company, Person, Position
from tests.cast import NOW, person, programme
from tests.desk.test_people import as_role, page_of, sentences
from tests.desk.test_people import hr as hr
from tests.desk.walkers import agree, leaver

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def works_at(someone: Person, company: str, **fields: object) -> Position:
    return add_position(person=someone, company=company, source="typed", by="user:1", now=NOW, **fields)


def sources_on(page: bytes) -> dict[str, str]:
    """Each fact that tells where it comes from, with what it tells."""
    found = re.findall(
        r'<span class="told"[^>]*>(.*?)<span class="told-by"[^>]*>(.*?)</span></span>', page.decode(), re.S
    )
    return {sentences(fact.encode()).strip(): said for fact, said in found}


# Positions and skills


def test_a_job_elsewhere_is_added_corrected_and_removed(hr: Client) -> None:
    alice = person("Alice van Dam")
    assert "Nobody said yet where." in sentences(hr.get(page_of(alice)).content)
    typed = {
        "company": "Acme Ltd",
        "domain": "https://www.acme.example/jobs",
        "title": "Lead",
        "starts_on": "2026-10-01",
    }
    assert hr.post(page_of(alice, "positions/new/"), typed)["Location"] == page_of(alice)
    row = Position.objects.get()
    said = sentences(hr.get(page_of(alice)).content)
    assert "now at Acme Ltd" in said
    assert "acme.example · No relation · The company · Correct" in said
    path = page_of(alice, f"positions/{row.pk}/")
    initial = hr.get(path).context["form"].initial
    assert (initial["company"], initial["domain"], initial["title"]) == ("Acme Ltd", "acme.example", "Lead")
    assert hr.post(path, typed | {"title": "Head", "ends_on": "2027-01-01"}).status_code == 302
    page = hr.get(page_of(alice)).content
    name = User.objects.get(role=Role.HR).name
    assert sources_on(page)["Head"] == f"typed by {name} on 14 Sep 2026"
    assert "now at Acme Ltd" not in sentences(page)
    assert hr.post(path + "remove/").status_code == 302
    assert Position.objects.count() == Company.objects.count() == 0


@pytest.mark.parametrize(
    ("changes", "at_fault"),
    [
        ({"company": " "}, "company"),
        ({"company": "\x01"}, "company"),
        ({"company": "x" * 301}, "company"),
        ({"domain": "not a domain"}, "domain"),
        ({"starts_on": "2026-10-01", "ends_on": "2026-09-01"}, "ends_on"),
    ],
)
def test_a_job_that_cannot_be_is_said_in_place(hr: Client, changes: dict[str, str], at_fault: str) -> None:
    alice = person("Alice van Dam")
    response = hr.post(page_of(alice, "positions/new/"), {"company": "Acme"} | changes)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [at_fault]
    assert Position.objects.count() == Company.objects.count() == 0


def test_a_job_of_somebody_else_is_not_found(hr: Client) -> None:
    alice, bob = person("Alice van Dam"), person("Bob Stone")
    row = works_at(bob, "Acme")
    for rest in ("", "remove/"):
        assert hr.post(page_of(alice, f"positions/{row.pk}/{rest}"), {"company": "X"}).status_code == 404
    assert Position.objects.get().company.name == "Acme"


def test_skills_are_typed_with_commas_and_taken_off_by_taking_them_out(hr: Client) -> None:
    alice = person("Alice van Dam")
    hr.post(page_of(alice, "skills/"), {"skills": "SQL, <b>Chess</b>"})
    page = hr.get(page_of(alice)).content
    assert "&lt;b&gt;Chess&lt;/b&gt;" in page.decode()
    assert hr.get(page_of(alice, "skills/")).context["form"].initial == {"skills": "<b>Chess</b>, SQL"}
    hr.post(page_of(alice, "skills/"), {"skills": "SQL"})
    assert list(alice.skills.values_list("skill__name", flat=True)) == ["SQL"]
    assert hr.post(page_of(alice, "skills/"), {"skills": "x" * 101}).status_code == 422


@pytest.mark.parametrize("role", [Role.RECRUITER, Role.EDITOR])
def test_who_sees_people_sees_where_they_work_and_changes_nothing(role: Role) -> None:
    programme()
    alice = person("Alice van Dam")
    row = works_at(alice, "Acme", domain="acme.example")
    client = as_role(role)
    page = sentences(client.get(page_of(alice)).content)
    assert "now at Acme" in page
    for words in ("Add where they work now", "The company", "Add or change skills", "What we can prove"):
        assert words not in page
    assert client.get(page_of(alice, "proofs/")).status_code == 403
    assert client.get(f"/people/companies/{row.company.key}/").status_code == 403


# Who said it


def test_every_fact_says_who_said_it_and_when(hr: Client) -> None:
    carla = User.objects.get(role=Role.COORDINATOR)
    alice = person("Alice van Dam", title="Planner")
    add_stint(
        person=alice, source="typed", title="Trainee", ends_on=NOW.date() - 900 * DAY, by=f"user:{carla.pk}", now=NOW
    )
    correct_stint(
        stint=alice.stints.get(title="Planner"), manager="Bob Adams", by=f"user:{carla.pk}", now=NOW + 2 * DAY
    )
    correct_stint(stint=alice.stints.get(title="Trainee"), place=None, manager="Eva", by="user:999", now=NOW)
    told = sources_on(hr.get(page_of(alice)).content)
    assert told["Planner"] == told["Alice"] == "from test on 14 Sep 2026"
    assert told["Bob Adams"] == f"typed by {carla.name} on 16 Sep 2026"
    assert told["Trainee"] == f"typed by {carla.name} on 14 Sep 2026"
    assert told["Eva"] == "typed by a former colleague on 14 Sep 2026"


def test_what_somebody_said_of_themselves_says_so(hr: Client) -> None:
    alice = leaver("Alice van Dam")
    alice.addresses.update(source="leaver", added_by=f"person:{alice.key}")
    assert "said by themselves on 14 Sep 2026" in sentences(hr.get(page_of(alice)).content)
    assert alice.key not in sentences(hr.get(page_of(alice)).content)


# The timeline narrowed


def test_every_kind_of_touch_and_act_belongs_to_one_group() -> None:
    kinds = [kind for _words, kinds in GROUPS.values() for kind in kinds]
    assert sorted(kinds) == sorted([*TouchKind.values, "consent_granted", "consent_withdrawn"])


def test_every_rule_of_the_door_has_a_word_on_the_page() -> None:
    assert why("") == ""
    assert all(why(rule.code) for rule in RULES)


def test_the_correspondence_is_narrowed_to_a_kind_and_keeps_it_from_page_to_page(hr: Client) -> None:
    alice = leaver("Alice van Dam")
    for number in range(60):
        record_touch(
            person=alice,
            at=NOW - number * DAY,
            direction=Direction.OURS,
            kind=TouchKind.CALL if number % 10 else TouchKind.MAIL,
            purpose=Purpose.PERSONAL,
            origin=f"test:{number}",
            summary=f"Number {number:02}.",
        )
    page = hr.get(page_of(alice), {"kind": "talks"})
    assert len(page.context["entries"]) == 50
    assert {line.kind for line in page.context["entries"]} == {"Call"}
    (earlier,) = re.findall(r'href="(\?until=[^"#]+)', page.content.decode())
    further = hr.get(page_of(alice) + earlier.replace("&amp;", "&"))
    assert [line.title for line in further.context["entries"]] == [f"Number {number}." for number in (56, 57, 58, 59)]
    assert "Newest" in sentences(further.content)
    assert [line.kind for line in hr.get(page_of(alice), {"kind": "consent"}).context["entries"]] == ["Agreed"]
    assert "Nothing of this kind." in sentences(hr.get(page_of(alice), {"kind": "answers"}).content)
    assert len(hr.get(page_of(alice), {"kind": "'; DROP TABLE"}).context["entries"]) == 50


# Proofs


@pytest.mark.parametrize("many", [1, 3])
def test_what_the_ledger_can_show_takes_the_same_queries_for_one_act_and_for_three(hr: Client, many: int) -> None:
    alice = leaver("Alice van Dam", agrees=False)
    agree(alice, *list(Purpose)[:many])
    hr.get(page_of(alice, "proofs/"))
    with CaptureQueriesContext(connection) as queries:
        page = hr.get(page_of(alice, "proofs/"))
    assert len(page.context["proofs"]) == many
    # Programme, session, user; the person; the ledger, the evidence, and what was decided; that
    # somebody looked.
    assert len(queries) == 8


def test_each_act_shows_its_wording_language_version_time_and_means(hr: Client) -> None:
    alice = leaver("Alice van Dam")
    withdraw(person=alice, means=Means.ONE_CLICK, by="test", now=NOW + DAY)
    said = sentences(hr.get(page_of(alice, "proofs/")).content)
    assert "Withdrew Personal notes · E-mail When 15 September 2026, 11:00:00 CEST" in said
    assert "By what means By unsubscribing from a mail" in said
    granted = hr.get(page_of(alice, "proofs/")).context["proofs"][1].entry
    assert granted.wording.text in said
    assert "Language en Version of the wording 1" in said
    assert granted.wording.sha256 in said


def test_who_was_never_asked_has_nothing_in_the_ledger(hr: Client) -> None:
    alice = person("Alice van Dam")
    assert "Nothing is in the ledger" in sentences(hr.get(page_of(alice, "proofs/")).content)


# Companies


@pytest.mark.parametrize("many", [1, 3])
def test_the_companies_take_the_same_queries_for_one_and_for_three(hr: Client, many: int) -> None:
    for number in range(many):
        works_at(person(f"Person{number} Stone"), f"Company {number}")
        works_at(person(f"Other{number} Stone"), "Company 0")
    key = Company.objects.get(name="Company 0").key
    for path, literal in (("/people/companies/", 5), (f"/people/companies/{key}/", 6)):
        hr.get(path)
        with CaptureQueriesContext(connection) as queries:
            hr.get(path)
        # Programme, session, user; how many and which; on its own page the company.
        assert len(queries) == literal


def test_companies_are_found_by_name_domain_and_relation(hr: Client) -> None:
    alice = person("Alice van Dam")
    works_at(alice, "Acme", domain="acme.example")
    works_at(alice, "Zeta Works", ends_on=NOW.date())
    Company.objects.filter(name="Acme").update(relation="client")

    def found(**asked: str) -> list[str]:
        return [row.name for row in hr.get("/people/companies/", asked).context["page"]]

    assert found() == ["Acme", "Zeta Works"]
    assert (found(q="WORKS"), found(q="acme.ex"), found(relation="client")) == (["Zeta Works"], ["Acme"], ["Acme"])
    assert found(q="'; DROP", relation="x") == []
    assert "No company found" in sentences(hr.get("/people/companies/", {"q": "nobody"}).content)
    rows = {row.name: (row.working, row.ever) for row in hr.get("/people/companies/").context["page"]}
    assert rows == {"Acme": (1, 1), "Zeta Works": (0, 1)}


def test_an_empty_list_of_companies_says_how_they_come(hr: Client) -> None:
    assert "No company is on file yet" in sentences(hr.get("/people/companies/").content)


def test_a_company_is_corrected_and_joined_with_the_one_it_is(hr: Client) -> None:
    alice, bob = person("Alice van Dam"), person("Bob Stone")
    acme, other = works_at(alice, "Acme", domain="acme.example").company, works_at(bob, "Acme Ltd").company
    path = f"/people/companies/{other.key}/"
    assert hr.post(path, {"name": "Acme Limited", "domain": "", "relation": "client"})["Location"] == path
    said = sentences(hr.get(path).content)
    assert "Acme Limited Client" in said
    assert "Bob Stone" in said
    refused = hr.post(path, {"name": "Acme Limited", "domain": "acme.example", "relation": "client"})
    assert refused.status_code == 422
    assert "Acme has this name or domain already." in sentences(refused.content)
    assert "Join them" in sentences(refused.content)
    assert hr.post(path + "join/", {"into": acme.key})["Location"] == f"/people/companies/{acme.key}/"
    acme.refresh_from_db()
    assert (acme.relation, acme.positions.count(), Company.objects.count()) == ("client", 2, 1)
    for into in (other.key, "", acme.key):
        assert hr.post(f"/people/companies/{acme.key}/join/", {"into": into}).status_code == 404


def test_a_company_goes_only_when_nobody_works_there(hr: Client) -> None:
    row = works_at(person("Alice van Dam"), "Acme")
    path = f"/people/companies/{row.company.key}/remove/"
    assert "so it stays." in sentences(hr.post(path, follow=True).content)
    row.delete()
    assert "Removed." in sentences(hr.post(path, follow=True).content)
    assert Company.objects.count() == 0


@pytest.mark.parametrize("changes", [{"name": ""}, {"domain": "x"}, {"relation": "enemy"}])
def test_a_company_that_cannot_be_is_said(hr: Client, changes: dict[str, str]) -> None:
    company = works_at(person("Alice van Dam"), "Acme").company
    sent = {"name": "Zeta", "domain": "", "relation": "client"} | changes
    assert hr.post(f"/people/companies/{company.key}/", sent).status_code == 422
    assert Company.objects.get().name == "Acme"
