"""The audience on the desk: the rule with its numbers, the people behind them, choosing one by one."""

from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from perennial.accounts.roles import Role
from perennial.contact.models import Restriction
from perennial.departures.audience.actions import Asked, choose_person, decide_audience
from perennial.departures.enums import AudienceMode
from perennial.departures.models import Audience
from perennial.people.models import Person
from perennial.programme.actions import find_or_add_department
from tests.cast import NOW, colleague, exclude, person, programme
from tests.desk.walkers import leaver
from tests.portal.leavers import sentences as raw_sentences

pytestmark = pytest.mark.django_db

RULE = {"mode": "rule", "contract_kinds": ["employee"]}


def sentences(content: bytes) -> str:
    return unescape(raw_sentences(content))


@pytest.fixture(autouse=True)
def _at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def carla(client: Client) -> Client:
    programme()
    client.force_login(colleague(Role.COORDINATOR, name="Carla Jansen", email="carla@employer.example"))
    leaver("Alice Berg", contract_kind="employee", department=find_or_add_department(name="Water"))
    leaver("Bob Stone", contract_kind="intern")
    leaver("Charlie Reed")
    exclude(leaver("Dora Blum", contract_kind="employee"))
    return client


def names(response: Any) -> list[str]:
    return [person.called for person, _reason in response.context["rows"]]


def test_the_page_begins_with_everybody(carla: Client) -> None:
    page = sentences(carla.get("/audience/").content)
    assert "3 welcome , 0 wait , 1 excluded" in page.replace("welcome,", "welcome ,").replace("wait,", "wait ,")
    assert "What held before" not in page


def test_the_numbers_follow_what_stands_in_the_form_and_nothing_is_saved(carla: Client) -> None:
    answer = carla.post("/audience/count/", RULE, headers={"HX-Request": "true"})
    assert [template.name for template in answer.templates] == ["desk/audience/numbers.html"]
    counted = answer.context["counts"]
    assert (counted.welcome, counted.waits, counted.excluded, counted.not_meant) == (1, 1, 1, 1)
    assert "Not saved yet." in sentences(answer.content)
    assert (Audience.objects.count(), Restriction.objects.filter(kind="audience").count()) == (0, 0)


def test_without_script_a_button_counts_and_keeps_what_was_chosen(carla: Client) -> None:
    answer = carla.post("/audience/count/", RULE)
    assert answer.status_code == 200
    assert 'value="employee"' in answer.content.decode()
    assert answer.context["form"].data["mode"] == "rule"
    assert answer.context["counts"].waits == 1
    assert Audience.objects.count() == 0


def test_what_cannot_be_counted_says_so(carla: Client) -> None:
    wrong = {**RULE, "left_from": "2026-02-01", "left_until": "2026-01-01"}
    answer = carla.post("/audience/count/", wrong, headers={"HX-Request": "true"})
    assert "needs another look" in sentences(answer.content)
    for path in ("/audience/count/", "/audience/"):
        refused = carla.post(path, wrong)
        assert refused.status_code == 422
        assert "This lies before the day from which they left." in sentences(refused.content)
    assert carla.post("/audience/", {"mode": "rule", "contract_kinds": ["emperor"]}).status_code == 422
    assert carla.post("/audience/", {"mode": "rule", "departments": ["x"], "minimum_months": "-1"}).status_code == 422
    assert Audience.objects.count() == 0


def test_a_rule_is_saved_and_undone(carla: Client) -> None:
    page = carla.post("/audience/", RULE, follow=True)
    assert "Saved. The door knows it from now on." in sentences(page.content)
    assert Restriction.objects.filter(kind="audience", lifted_at=None).count() == 2
    assert 'action="/audience/put-back/0/"' in page.content.decode()
    assert "how it began" in sentences(page.content)
    again = carla.post("/audience/", RULE, follow=True)
    assert "It is for these people already." in sentences(again.content)
    back = carla.post("/audience/put-back/0/", follow=True)
    assert "What was decided before holds again." in sentences(back.content)
    assert Restriction.objects.filter(kind="audience", lifted_at=None).count() == 0
    assert "Kind of contract: Employee. decided on 14 September 2026 · Carla Jansen" in sentences(back.content)
    first = Audience.objects.earliest("pk")
    carla.post(f"/audience/put-back/{first.pk}/")
    assert Restriction.objects.filter(kind="audience", lifted_at=None).count() == 2
    assert carla.post("/audience/put-back/99999/").status_code == 404


def test_each_number_leads_to_its_people_and_says_why(carla: Client) -> None:
    carla.post("/audience/", RULE)
    for who, called, reason in (
        ("welcome", "Alice", ""),
        ("not_meant", "Bob", "another kind of contract"),
        ("waits", "Charlie", "no kind of contract on file"),
        ("excluded", "Dora", ""),
    ):
        answer = carla.get(f"/audience/people/?who={who}")
        assert [(row.called, words) for row, words in answer.context["rows"]] == [(called, reason)]
    assert carla.get("/audience/people/?who=everybody").status_code == 404
    assert names(carla.get("/audience/people/?who=waits&q=charl")) == ["Charlie"]
    assert names(carla.get("/audience/people/?who=waits&q=alice")) == []


def test_a_rule_being_tried_out_leads_to_its_people_too(carla: Client) -> None:
    answer = carla.post("/audience/count/", {"mode": "rule", "contract_kinds": ["intern"]})
    link = "/audience/people/?who=welcome" + answer.context["asked"]
    tried = carla.get(link)
    assert names(tried) == ["Bob"]
    assert "it is not saved" in sentences(tried.content)
    assert carla.get("/audience/people/?who=welcome&mode=nonsense").status_code == 404


def test_people_are_chosen_one_by_one_with_the_aim_in_view(carla: Client) -> None:
    carla.post("/audience/", {"mode": "list"})
    page = carla.get("/audience/people/?who=waits")
    assert names(page) == ["Alice", "Charlie", "Bob"]
    assert "Ambassadors and employer brand." in sentences(page.content)
    assert "nobody has decided yet" in sentences(page.content)
    alice = Person.objects.get(called="Alice")
    chosen = carla.post(f"/audience/people/{alice.key}/welcome/", {"back": "/audience/people/?who=waits"}, follow=True)
    assert chosen.redirect_chain == [("/audience/people/?who=waits", 302)]
    assert names(chosen) == ["Charlie", "Bob"]
    assert names(carla.get("/audience/people/?who=welcome")) == ["Alice"]
    carla.post(f"/audience/people/{alice.key}/not-meant/")
    assert names(carla.get("/audience/people/?who=not_meant")) == ["Alice"]
    undone = carla.post(f"/audience/people/{alice.key}/undecided/", follow=True)
    assert names(undone) == ["Alice", "Charlie", "Bob"]
    for path in (f"/audience/people/{alice.key}/perhaps/", "/audience/people/nobody/welcome/"):
        assert carla.post(path).status_code == 404


def test_the_undo_of_a_choice_brings_the_former_one_back(carla: Client) -> None:
    carla.post("/audience/", {"mode": "list"})
    alice = Person.objects.get(called="Alice")
    carla.post(f"/audience/people/{alice.key}/welcome/", follow=True)
    page = carla.post(f"/audience/people/{alice.key}/not-meant/", follow=True)
    assert f'action="/audience/people/{alice.key}/welcome/"' in page.content.decode()


@pytest.mark.parametrize("back", ["https://elsewhere.example/", "//elsewhere.example/audience/people/", "/people/"])
def test_nobody_is_led_elsewhere(carla: Client, back: str) -> None:
    alice = Person.objects.get(called="Alice")
    answer = carla.post(f"/audience/people/{alice.key}/welcome/", {"back": back})
    assert answer["Location"] == "/audience/people/?who=waits"


def test_a_rule_of_the_house_is_not_lifted_by_hand_nor_written_in_the_form(carla: Client) -> None:
    carla.post("/audience/", RULE)
    bob = Person.objects.get(called="Bob")
    row = bob.restrictions.get()
    assert carla.post(f"/people/{bob.key}/restrictions/{row.pk}/lift/").status_code == 404
    assert "It follows from whom the programme is for" in sentences(carla.get(f"/people/{bob.key}/").content)
    for kind, reason in (("audience", "not_meant"), ("restriction", "waits")):
        refused = carla.post(f"/people/{bob.key}/restrictions/new/", {"kind": kind, "reason": reason})
        assert refused.status_code == 422


def test_leavers_for_whom_it_is_not_settled_stand_on_today_and_in_a_part_of_their_own(carla: Client) -> None:
    carla.post("/audience/", RULE)
    keys = [item.key for item in carla.get("/").context["items"]]
    assert "audience-waits" in keys
    page = carla.get("/departures/?view=kept-out")
    text = sentences(page.content)
    assert "Not invited (3)" in text
    assert [word in text for word in ("Bob Stone", "Charlie Reed", "Dora Blum", "Alice Berg")] == [
        True,
        True,
        True,
        False,
    ]
    assert "Is not invited" in text
    someone = Person.objects.get(called="Bob").departures.get()
    assert "there is no invitation" in sentences(carla.get(f"/departures/{someone.key}/").content)


@pytest.mark.parametrize("many", [1, 3])
@pytest.mark.parametrize("mode", list(AudienceMode))
def test_the_people_cost_the_same_for_one_and_for_three(client: Client, many: int, mode: AudienceMode) -> None:
    programme()
    client.force_login(colleague(email="carla@employer.example"))
    for number in range(many):
        person(f"Person{number} Stone")
    decide_audience(asked=Asked(mode=mode, minimum_months=3 if mode is AudienceMode.RULE else 0), by="user:1", now=NOW)
    client.get("/audience/people/?who=waits")
    with CaptureQueriesContext(connection) as queries:
        response = client.get("/audience/people/?who=waits")
    assert len(names(response)) == many
    assert len(queries) == 11


@pytest.mark.parametrize("many", [1, 3])
def test_the_rule_costs_the_same_for_one_and_for_three(client: Client, many: int) -> None:
    programme()
    client.force_login(colleague(email="carla@employer.example"))
    for number in range(many):
        choose_person(person=person(f"Person{number} Stone"), welcome=True, by="user:1", now=NOW)
        find_or_add_department(name=f"Department {number}")
    for months in (3, 4):
        decide_audience(asked=Asked(minimum_months=months), by="user:1", now=NOW)
    client.get("/audience/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/audience/")
    assert len(queries) == 11
