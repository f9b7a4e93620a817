"""The farewell at the desk: steps on the departure's page, the board, what is late."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from perennial.accounts.roles import Role
from perennial.contact.models import Touch
from perennial.departures.actions import open_due, review_person
from perennial.departures.farewell.handing_out import keep_farewells, take_over
from perennial.departures.models import ChecklistTemplate, Departure, Farewell, FarewellStep
from perennial.people.models import Stint
from tests.cast import NOW, TODAY, colleague, person, programme
from tests.portal.leavers import sentences

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def hr(client: Client, settings: Any) -> Client:
    settings.PERENNIAL_DEMO = True
    programme()
    client.force_login(colleague(Role.HR, name="Hanna Visser"))
    return client


def leaver(name: str = "Alice van Dam", *, code: str = "full", **fields: Any) -> Departure:
    """Somebody who leaves in ten days by the checklist of that code."""
    fields.setdefault("ends_on", TODAY + 10 * DAY)
    someone = person(name, **fields)
    review_person(person=someone, now=NOW)
    departure = Departure.objects.get(person=someone)
    FarewellStep.objects.filter(departure=departure).delete()
    Farewell.objects.filter(departure=departure).update(template=ChecklistTemplate.objects.get(code=code))
    take_over(farewells=Farewell.objects.filter(departure=departure).values_list("pk", flat=True))
    return departure


def page_of(departure: Departure, rest: str = "") -> str:
    return f"/departures/{departure.key}/{rest}"


def step(departure: Departure, kind: str) -> FarewellStep:
    return FarewellStep.objects.get(departure=departure, kind=kind)


def test_the_page_tells_the_way_with_its_days_and_who_owes_what(hr: Client) -> None:
    departure = leaver()
    said = sentences(hr.get(page_of(departure)).content)
    at = [
        said.index(words)
        for words in (
            "The whole farewell: 0 of 9 settled.",
            "We learnt of it",
            "Exit conversation HR · in 3 days",
            "Recommendation on LinkedIn Manager · in 5 days",
            "Farewell moment with a speech Manager · in 10 days",
            "A note that the door stays open Coordinator · in 11 days",
            "Flowers for the first day elsewhere Coordinator · only when the leaver names the day and agrees",
        )
    ]
    assert at == sorted(at)


def test_done_with_its_cost_left_out_with_its_reason_and_undone(hr: Client) -> None:
    departure = leaver()
    box, thanks = step(departure, "box"), step(departure, "thanks")
    answer = hr.post(page_of(departure, f"steps/{box.pk}/"), {"cost": "24,95", "currency": "eur"}, follow=True)
    said = sentences(answer.content)
    assert "Done: Farewell box with personal things." in said
    assert "1 of 9 settled. It cost EUR 24.95." in said
    assert "September 14, 2026 · Hanna Visser" in said.replace("14 September 2026", "September 14, 2026")
    assert Touch.objects.get(kind="gift").person == departure.person
    hr.post(page_of(departure, f"steps/{thanks.pk}/"), {"skip": "1", "reason": "Mara is ill"})
    thanks.refresh_from_db()
    assert (thanks.state, thanks.reason) == ("skipped", "Mara is ill")
    for each in (box, thanks):
        assert "Open again" in sentences(hr.post(page_of(departure, f"steps/{each.pk}/reopen/"), follow=True).content)
    assert FarewellStep.objects.exclude(state="open").count() == 0
    assert not Touch.objects.filter(kind="gift").exists()


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"skip": "1", "reason": " "}, "Say in a few words why this is left out."),
        ({"cost": "a lot", "currency": "EUR"}, "Write an amount like 24.95."),
        ({"cost": "5", "currency": "Euro"}, "at most 3 characters"),
        ({"cost": "5", "currency": ""}, "Write three letters, like EUR."),
        ({"cost": "-5", "currency": "EUR"}, "greater than or equal to 0"),
    ],
)
def test_what_cannot_be_read_is_said_beside_the_field_and_nothing_is_settled(
    hr: Client, sent: dict[str, str], words: str
) -> None:
    departure = leaver()
    answer = hr.post(page_of(departure, f"steps/{step(departure, 'box').pk}/"), sent)
    assert answer.status_code == 422
    assert words in sentences(answer.content)
    assert step(departure, "box").state == "open"


def test_whoever_comes_second_is_told_kindly(hr: Client) -> None:
    departure = leaver()
    thanks, flowers = step(departure, "thanks"), step(departure, "flowers")
    hr.post(page_of(departure, f"steps/{thanks.pk}/"))
    said = sentences(hr.post(page_of(departure, f"steps/{thanks.pk}/"), follow=True).content)
    assert "Somebody was there before you" in said
    said = sentences(hr.post(page_of(departure, f"steps/{flowers.pk}/"), follow=True).content)
    assert "has not agreed to flowers" in said
    hr.post(page_of(departure, f"steps/{thanks.pk}/reopen/"))
    said = sentences(hr.post(page_of(departure, f"steps/{thanks.pk}/reopen/"), follow=True).content)
    assert "This step stands open already." in said


def test_an_exit_interviewer_sees_the_farewell_and_settles_nothing(hr: Client, client: Client) -> None:
    departure = leaver()
    client.force_login(colleague(Role.EXIT_INTERVIEWER))
    answer = client.get(page_of(departure))
    assert "Exit conversation HR · in 3 days" in sentences(answer.content)
    assert "/steps/" not in answer.content.decode()
    assert client.post(page_of(departure, f"steps/{step(departure, 'box').pk}/")).status_code == 403


def test_a_step_of_another_departure_is_missing(hr: Client) -> None:
    alice, bob = leaver("Alice van Dam"), leaver("Bob Jansen")
    assert hr.post(page_of(alice, f"steps/{step(bob, 'box').pk}/")).status_code == 404
    assert step(bob, "box").state == "open"


@pytest.mark.parametrize("code", ["starter", "full"])
def test_the_page_takes_the_same_queries_for_three_steps_and_for_nine(
    hr: Client, code: str, django_assert_num_queries: Any
) -> None:
    departure = leaver(code=code)
    hr.get(page_of(departure))
    with django_assert_num_queries(16):
        hr.get(page_of(departure))


@pytest.mark.parametrize("people", [1, 3])
def test_the_board_tells_what_is_next_who_owes_it_and_what_is_late(
    hr: Client, people: int, django_assert_num_queries: Any
) -> None:
    for number in range(people):
        leaver(f"Somebody {number}", ends_on=TODAY + 4 * DAY)
    Departure.objects.update(opened_at=NOW - 30 * DAY)
    hr.get("/departures/")
    with django_assert_num_queries(11):
        said = sentences(hr.get("/departures/").content)
    assert said.count("Exit conversation · HR · 3 days late") == people
    assert f"Something is late ({people})" in said


def test_the_board_can_show_only_what_is_late(hr: Client) -> None:
    leaver("Alice van Dam", ends_on=TODAY + 4 * DAY)
    Departure.objects.update(opened_at=NOW - 30 * DAY)
    leaver("Bob Jansen", ends_on=TODAY + 40 * DAY)
    said = sentences(hr.get("/departures/?view=late").content)
    assert ("Alice van Dam" in said, "Bob Jansen" in said) == (True, False)


def test_whoever_is_about_to_go_without_a_word_is_pointed_out_on_the_board_and_on_today(hr: Client) -> None:
    departure = leaver("Alice van Dam", ends_on=TODAY + 4 * DAY)
    leaver("Bob Jansen", ends_on=TODAY + 4 * DAY)
    assert "nothing but administration" not in sentences(hr.get("/").content)
    FarewellStep.objects.filter(departure=departure).update(
        state="skipped", reason="No time", settled_at=NOW, settled_by="user:1"
    )
    assert "1 leaver is about to go with nothing but administration." in sentences(hr.get("/").content)
    said = sentences(hr.get("/departures/?view=nothing-personal").content)
    assert ("Alice van Dam" in said, "Bob Jansen" in said) == (True, False)
    assert "A word of thanks takes five minutes." in said


def test_two_hundred_departures_stand_on_one_board(hr: Client, django_assert_max_num_queries: Any) -> None:
    for number in range(200):
        person(f"Somebody {number:03}", ends_on=TODAY + (number % 60) * DAY)
    open_due(now=NOW)
    keep_farewells(now=NOW)
    with django_assert_max_num_queries(15):
        said = sentences(hr.get("/departures/").content)
    assert said.count("Somebody") == 200
    for title in ("Within a week", "Within a month", "Later"):
        assert title in said


def test_today_has_my_steps_of_the_week_and_done_there_comes_back_there(hr: Client) -> None:
    departure = leaver(ends_on=TODAY + 4 * DAY)
    said = sentences(hr.get("/").content)
    assert "Exit conversation for Alice van Dam ." in said
    assert "A note that the door stays open for" not in said
    box = step(departure, "box")
    answer = hr.post(page_of(departure, f"steps/{box.pk}/?from=today"))
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert step(departure, "box").state == "done"
    said = sentences(hr.get("/").content)
    assert "Farewell box with personal things for" not in said
    assert "Undo" in said


def test_what_managers_owe_comes_to_hr_only_when_it_is_late(hr: Client) -> None:
    leaver(ends_on=TODAY - DAY)
    assert "Personal thanks from the manager for" not in sentences(hr.get("/").content)
    Departure.objects.update(opened_at=NOW - 30 * DAY)
    said = sentences(hr.get("/").content)
    assert "Personal thanks from the manager for Alice van Dam . The manager owes it, a day late." in said


def test_a_coordinator_sees_the_coordinators_steps(hr: Client, client: Client) -> None:
    leaver(ends_on=TODAY + 4 * DAY)
    client.force_login(colleague(email="other@employer.example"))
    said = sentences(client.get("/").content)
    assert "A note that the door stays open for Alice van Dam ." in said
    assert "Exit conversation for" not in said


def test_what_is_three_weeks_late_is_on_the_board_and_no_longer_on_today(hr: Client) -> None:
    leaver(ends_on=TODAY - 14 * DAY)
    Departure.objects.update(opened_at=NOW - 60 * DAY)
    said = sentences(hr.get("/").content)
    assert "Exit conversation for Alice van Dam . 21 days late." in said
    Stint.objects.update(ends_on=TODAY - 15 * DAY)
    assert "Exit conversation for Alice van Dam" not in sentences(hr.get("/").content)
    assert "Exit conversation · HR · 22 days late" in sentences(hr.get("/departures/?view=late").content)
