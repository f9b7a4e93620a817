"""The checklists at the desk: for whom, which steps, and for whom a change holds."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from perennial.audit.models import Event
from perennial.departures.actions import review_person
from perennial.departures.farewell.actions import do_step
from perennial.departures.farewell.shipped import ship_checklists
from perennial.departures.models import ChecklistStep, ChecklistTemplate, Departure, FarewellStep
from tests.cast import NOW, TODAY, person, programme
from tests.portal.leavers import sentences

pytestmark = pytest.mark.django_db
STEP = {"kind": "box", "title": "", "owner": "hr", "offset_days": "-3", "anchor": "last_day", "currency": "EUR"}


@pytest.fixture(autouse=True)
def _at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def carla(client: Client, settings: Any) -> Client:
    settings.PERENNIAL_DEMO = True
    owner = programme().owner
    assert owner is not None
    client.force_login(owner)
    ship_checklists(language="en", now=NOW)
    return client


def leaver(name: str = "Alice van Dam") -> Departure:
    someone = person(name, ends_on=TODAY + timedelta(days=20))
    review_person(person=someone, now=NOW)
    return Departure.objects.get(person=someone)


def starter() -> ChecklistTemplate:
    return ChecklistTemplate.objects.get(code="starter")


def kinds(departure: Departure) -> set[str]:
    return set(FarewellStep.objects.filter(departure=departure).values_list("kind", flat=True))


def page(template: ChecklistTemplate, rest: str = "") -> str:
    return f"/departures/checklists/{template.pk}/{rest}"


def test_the_list_says_for_whom_each_is_and_its_steps(carla: Client, django_assert_num_queries: Any) -> None:
    carla.get("/departures/checklists/")
    with django_assert_num_queries(6):
        said = sentences(carla.get("/departures/checklists/").content)
    ChecklistTemplate.objects.create(name="Interns", contract_kinds=["intern"], created_at=NOW)
    with django_assert_num_queries(6):
        more = sentences(carla.get("/departures/checklists/").content)
    assert "To begin with: three steps For everybody for whom no other fits Exit conversation · Personal thanks" in said
    assert "On retirement Retired Conversation about the years here" in said
    assert "Interns Intern No steps yet." in more


def test_a_checklist_says_in_words_from_which_day_each_step_is_reckoned(carla: Client) -> None:
    carla.post(page(starter(), "steps/new/"), STEP | {"offset_days": "1", "anchor": "notice"})
    said = sentences(carla.get(page(starter())).content)
    assert "HR · 7 days before the last day" in said
    assert "Manager · The last day" in said
    assert "HR · 1 day after the day we learnt of it" in said


def test_a_step_added_holds_from_then_on_and_for_those_leaving_now_only_where_asked(carla: Client) -> None:
    alice = leaver()
    carla.post(page(starter(), "steps/new/"), STEP)
    assert "box" not in kinds(alice)
    assert "box" in kinds(leaver("Bob Jansen"))
    said = sentences(carla.get(page(starter(), "steps/new/")).content)
    assert "Also for the 2 who are leaving now, where it is not done" in said
    carla.post(page(starter(), "steps/new/"), {**STEP, "kind": "key_ring", "also_now": "1"})
    assert "key_ring" in kinds(alice)


def test_a_step_changed_touches_what_is_open_only_where_asked_and_never_what_is_done(carla: Client) -> None:
    alice, bob = leaver(), leaver("Bob Jansen")
    thanks = ChecklistStep.objects.get(template=starter(), kind="thanks")
    do_step(step=FarewellStep.objects.get(departure=bob, kind="thanks"), by="user:1", now=NOW)
    sent = {**STEP, "kind": "thanks", "title": "A handwritten card", "owner": "hr"}
    carla.post(page(starter(), f"steps/{thanks.pk}/"), sent)
    assert set(FarewellStep.objects.filter(kind="thanks").values_list("title", flat=True)) == {""}
    carla.post(page(starter(), f"steps/{thanks.pk}/"), {**sent, "also_now": "1", "usual_cost": "4,50"})
    told = dict(FarewellStep.objects.filter(kind="thanks").values_list("departure", "title"))
    assert told == {alice.pk: "A handwritten card", bob.pk: ""}
    thanks.refresh_from_db()
    assert (str(thanks.usual_cost), thanks.currency) == ("4.50", "EUR")


def test_a_step_taken_out_stays_with_who_has_it_unless_asked(carla: Client) -> None:
    alice = leaver()
    thanks = ChecklistStep.objects.get(template=starter(), kind="thanks")
    door = ChecklistStep.objects.get(template=starter(), kind="door_open")
    carla.post(page(starter(), f"steps/{thanks.pk}/retire/"))
    assert kinds(alice) == {"exit_conversation", "thanks", "door_open"}
    assert kinds(leaver("Bob Jansen")) == {"exit_conversation", "door_open"}
    carla.post(page(starter(), f"steps/{door.pk}/retire/"), {"also_now": "1"})
    assert kinds(alice) == {"exit_conversation", "thanks"}
    assert carla.get(page(starter(), f"steps/{door.pk}/")).status_code == 404


def test_steps_are_put_in_another_order(carla: Client) -> None:
    def order() -> list[str]:
        return list(starter().steps.order_by("position", "pk").values_list("kind", flat=True))

    door = ChecklistStep.objects.get(template=starter(), kind="door_open")
    carla.post(page(starter(), f"steps/{door.pk}/move/"), {"up": "1"})
    assert order() == ["exit_conversation", "door_open", "thanks"]
    for _press in range(3):
        carla.post(page(starter(), f"steps/{door.pk}/move/"), {"down": "1"})
    assert order() == ["exit_conversation", "thanks", "door_open"]


def test_a_checklist_of_ones_own_says_for_whom_it_is(carla: Client) -> None:
    answer = carla.post("/departures/checklists/new/", {"name": "Interns"})
    assert answer.status_code == 422
    assert "Say for whom it is" in sentences(answer.content)
    far = carla.post("/departures/checklists/new/", {"name": "Interns", "departments": ["99999999999999999999"]})
    assert far.status_code == 422
    carla.post("/departures/checklists/new/", {"name": "Interns", "contract_kinds": ["intern"]})
    made = ChecklistTemplate.objects.get(name="Interns")
    carla.post(page(made), {"name": "Interns and temporary", "contract_kinds": ["intern", "temporary"]})
    made.refresh_from_db()
    assert (made.name, made.contract_kinds) == ("Interns and temporary", ["intern", "temporary"])
    deeds = Event.objects.filter(subject_kind="checklist").order_by("pk").values_list("deed", flat=True)
    assert list(deeds) == ["departures.checklist_added", "departures.checklist_changed"]


def test_there_is_always_one_for_everybody_else(carla: Client) -> None:
    full = ChecklistTemplate.objects.get(code="full")
    said = sentences(carla.post(page(starter(), "retire/"), follow=True).content)
    assert "Choose another one for that first." in said
    carla.post(page(full, "default/"))
    assert [row.code for row in ChecklistTemplate.objects.filter(is_default=True)] == ["full"]
    carla.post(page(starter(), "retire/"))
    assert carla.get(page(starter())).status_code == 404
    assert "farewell_moment" in kinds(leaver())


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"kind": "other"}, "Say what it is."),
        ({"kind": "flowers"}, "Flowers are for the first day elsewhere"),
        ({"usual_cost": "4", "currency": ""}, "Write three letters, like EUR."),
        ({"offset_days": "1000"}, "less than or equal to 365"),
    ],
)
def test_what_does_not_fit_is_said(carla: Client, sent: dict[str, str], words: str) -> None:
    answer = carla.post(page(starter(), "steps/new/"), {**STEP, **sent})
    assert answer.status_code == 422
    assert words in sentences(answer.content)
