"""Which checklist a departure gets, and that it gets it once."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from perennial.audit.models import Event
from perennial.departures.actions import open_due, review_person
from perennial.departures.audience.actions import Asked, decide_audience, keep_audience
from perennial.departures.farewell.actions import do_step
from perennial.departures.farewell.choosing import Chooser, Facts
from perennial.departures.farewell.enums import StepKind, StepState
from perennial.departures.farewell.handing_out import keep_farewells
from perennial.departures.farewell.queries import open_steps
from perennial.departures.farewell.shipped import SHIPPED, ship_checklists
from perennial.departures.models import ChecklistStep, ChecklistTemplate, Departure, Farewell, FarewellStep
from perennial.people.actions import correct_stint
from perennial.people.enums import ContractKind
from perennial.people.models import Person, Stint
from perennial.programme.models import Department
from tests.cast import NOW, TODAY, exclude, person, programme

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _programme() -> None:
    programme()


def leaver(name: str = "Alice van Dam", **fields: Any) -> Departure:
    fields.setdefault("ends_on", TODAY + timedelta(days=20))
    someone = person(name, **fields)
    review_person(person=someone, now=NOW)
    return Departure.objects.get(person=someone)


def kinds(departure: Departure) -> list[str]:
    return list(FarewellStep.objects.filter(departure=departure).order_by("position").values_list("kind", flat=True))


def checklist(name: str, **fields: Any) -> ChecklistTemplate:
    template = ChecklistTemplate.objects.create(name=name, created_at=NOW, **fields)
    ChecklistStep.objects.create(template=template, kind=StepKind.THANKS, owner="manager", anchor="last_day")
    return template


def change(someone: Person, **fields: Any) -> None:
    correct_stint(stint=Stint.objects.get(person=someone), by="test", now=NOW, **fields)
    review_person(person=someone, now=NOW)


def test_without_anything_said_a_leaver_gets_the_three_steps_to_begin_with() -> None:
    assert kinds(leaver()) == ["exit_conversation", "thanks", "door_open"]
    assert Event.objects.get(deed="departures.checklists_handed_out").details == {"begun": 1, "chosen_anew": 0}


@pytest.mark.parametrize(
    ("how_ended", "there", "missing"),
    [
        ("redundancy", "recommendation", "farewell_moment"),
        ("dismissal", "exit_conversation", "box"),
        ("retirement", "farewell_moment", "flowers"),
        ("end_of_contract", "flowers", "box"),
    ],
)
def test_each_way_of_leaving_has_its_own_steps(how_ended: str, there: str, missing: str) -> None:
    found = kinds(leaver(how_ended=how_ended))
    assert there in found
    assert missing not in found


def test_a_dismissal_has_nothing_festive() -> None:
    festive = {"farewell_moment", "box", "flowers", "key_ring", "next_event", "recommendation"}
    assert festive & set(kinds(leaver(how_ended="dismissal"))) == set()


def test_after_a_death_there_is_no_checklist() -> None:
    someone = person(how_ended="death")
    question = person("Bob", ends_on=None, status="left", how_ended="death")
    open_due(now=NOW)
    keep_farewells(now=NOW)
    assert (Farewell.objects.count(), FarewellStep.objects.count()) == (0, 0)
    assert someone.departures.count() == question.departures.count() == 0
    known_later = leaver("Charlie")
    change(known_later.person, how_ended="death")
    assert open_steps(day=TODAY).count() == 0


def test_whoever_is_not_meant_or_excluded_gets_no_steps() -> None:
    decide_audience(asked=Asked(contract_kinds=(ContractKind.EMPLOYEE,)), by="user:1", now=NOW)
    intern = leaver("Alice", contract_kind="intern")
    excluded = person("Bob", contract_kind="employee", ends_on=TODAY)
    exclude(excluded)
    review_person(person=excluded, now=NOW)
    welcome = leaver("Charlie", contract_kind="employee")
    assert list(Farewell.objects.values_list("departure", flat=True)) == [welcome.pk]
    assert kinds(intern) == []
    # Who is excluded later keeps the rows and is asked for nothing.
    exclude(welcome.person)
    assert open_steps(day=TODAY).count() == 0


def test_handing_out_again_changes_nothing() -> None:
    leaver()
    before = list(FarewellStep.objects.values_list("pk", flat=True))
    events = Event.objects.count()
    assert keep_farewells(now=NOW) == 0
    assert list(FarewellStep.objects.values_list("pk", flat=True)) == before
    assert Event.objects.count() == events


def test_nothing_is_handed_out_before_the_programme_is_set_up() -> None:
    programme(set_up_at=None)
    leaver()
    assert (ChecklistTemplate.objects.count(), Farewell.objects.count()) == (0, 0)


def test_whoever_left_weeks_before_we_heard_of_it_gets_no_checklist_that_is_late_at_once() -> None:
    assert kinds(leaver("Alice", ends_on=TODAY - timedelta(days=15))) == []
    assert kinds(leaver("Bob", ends_on=TODAY - timedelta(days=14))) != []


@pytest.mark.parametrize("people", [1, 3])
def test_handing_out_takes_the_same_number_of_queries_for_one_and_for_three(
    people: int, django_assert_num_queries: Any
) -> None:
    ship_checklists(language="en", now=NOW)
    for number in range(people):
        person(f"Somebody {number}")
    open_due(now=NOW)
    keep_audience(now=NOW)
    with django_assert_num_queries(14):
        assert keep_farewells(now=NOW) == people
    assert FarewellStep.objects.count() == 3 * people
    with django_assert_num_queries(9):
        assert keep_farewells(now=NOW) == 0


def test_shipped_checklists_come_once_in_the_language_of_the_programme_and_stay_as_they_are_left() -> None:
    assert ship_checklists(language="nl", now=NOW) == len(SHIPPED)
    assert ship_checklists(language="en", now=NOW) == 0
    default = ChecklistTemplate.objects.get(is_default=True)
    assert default.code == "starter"
    ChecklistTemplate.objects.filter(code="full").update(name="Ours", retired_at=NOW)
    assert ship_checklists(language="en", now=NOW) == 0
    assert ChecklistTemplate.objects.get(code="full").name == "Ours"


def test_the_order_among_checklists_that_fit_is_the_one_written_down() -> None:
    house = Department.objects.create(name="House")
    team = Department.objects.create(name="Team", parent=house)
    default = checklist("Default", is_default=True)
    checklist("Asks for nothing")
    interns = checklist("Interns", contract_kinds=["intern"])
    in_house = checklist("House", departments=[house.pk])
    interns_in_house = checklist("Interns of the house", departments=[house.pk], contract_kinds=["intern"])
    in_team = checklist("Team", departments=[team.pk])
    retired = checklist("Retirement", how_ended=["retirement"])
    checklist("Retirement, made later", how_ended=["retirement"])
    gone = checklist("Not in use", how_ended=["dismissal"])
    ChecklistTemplate.objects.filter(pk=gone.pk).update(retired_at=NOW)
    chooser = Chooser()
    chosen = [
        (Facts("", "employee", 0), default),
        (Facts("dismissal", "employee", 0), default),
        (Facts("", "intern", 0), interns),
        (Facts("", "employee", house.pk), in_house),
        (Facts("", "intern", house.pk), interns_in_house),
        (Facts("", "employee", team.pk), in_team),
        (Facts("", "intern", team.pk), in_team),
        (Facts("retirement", "intern", team.pk), retired),
        (Facts("death", "intern", team.pk), None),
    ]
    assert [chooser.choose(facts) for facts, _template in chosen] == [template for _facts, template in chosen]


def test_another_way_of_leaving_changes_what_is_not_done_and_keeps_what_is() -> None:
    departure = leaver(how_ended="resignation")
    done = do_step(step=FarewellStep.objects.get(departure=departure, kind="exit_conversation"), by="user:1", now=NOW)
    change(departure.person, how_ended="retirement")
    found = FarewellStep.objects.filter(departure=departure)
    assert set(found.values_list("kind", flat=True)) == {
        *("exit_conversation", "box", "thanks", "farewell_moment", "key_ring", "door_open", "next_event")
    }
    # The conversation was held, so the new checklist does not ask for it a second time.
    assert list(found.filter(kind="exit_conversation").values_list("pk", "state")) == [(done.pk, "done")]
    assert Farewell.objects.get().template.code == "retirement"
    change(departure.person, how_ended="resignation")
    assert kinds(departure) == ["exit_conversation", "thanks", "door_open"]


def test_a_cancelled_departure_asks_for_nothing_and_comes_back_with_what_it_had() -> None:
    departure = leaver()
    do_step(step=FarewellStep.objects.get(departure=departure, kind="thanks"), by="user:1", now=NOW)
    change(departure.person, ends_on=None)
    assert open_steps(day=TODAY).count() == 0
    change(departure.person, ends_on=TODAY + timedelta(days=40))
    assert sorted(open_steps(day=TODAY).values_list("kind", flat=True)) == ["door_open", "exit_conversation"]
    assert FarewellStep.objects.get(kind="thanks").state == StepState.DONE


def test_the_database_refuses_a_second_step_of_the_same_kind_and_half_told_ones() -> None:
    step = FarewellStep.objects.filter(departure=leaver()).first()
    assert step is not None
    for wrong in (
        {"state": "done"},
        {"state": "skipped", "settled_at": NOW, "settled_by": "user:1"},
        {"cost": 5, "cost_currency": "EUR"},
        {"state": "done", "settled_at": NOW, "settled_by": "user:1", "cost": 5},
        {"state": "nonsense", "settled_at": NOW, "settled_by": "user:1"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            FarewellStep.objects.filter(pk=step.pk).update(**wrong)
    step.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        step.save(force_insert=True)
