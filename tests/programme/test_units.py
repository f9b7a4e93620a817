"""Departments as a tree and places with their city: added, moved, called; and no ring, whatever happens at once."""

import contextlib
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perennial.audit.models import Event
from perennial.programme.actions import find_or_add_department, find_or_add_place
from perennial.programme.models import Department, Place
from perennial.programme.structure import Tree, departments_with_below, present_names
from perennial.programme.units import (
    RingError,
    UnitNameMissingError,
    UnitNameTakenError,
    add_department,
    add_place,
    let_name_go,
    locate_place,
    move_department,
)
from tests.cast import NOW
from tests.examples import examples

pytestmark = pytest.mark.django_db


def department(name: str, parent: Department | None = None) -> Department:
    return add_department(name=name, parent=parent, by="user:1", now=NOW)


def move(of: Department, parent: Department | None) -> Department:
    return move_department(department=of, parent=parent, by="user:2", now=NOW)


def test_the_tree_is_told_with_each_department_followed_by_those_below_it() -> None:
    works = department("Works")
    roads = department("Roads", works)
    department("Bridges", roads)
    department("Archive", works)
    department("Office")
    assert [(branch.name, branch.depth) for branch in Tree().branches()] == [
        ("Office", 0),
        ("Works", 0),
        ("Archive", 1),
        ("Roads", 1),
        ("Bridges", 2),
    ]
    assert len(departments_with_below(works.pk)) == 4
    assert departments_with_below(roads.pk) == [roads.pk, Department.objects.get(name="Bridges").pk]


def test_moving_is_noted_with_who_and_from_where() -> None:
    works, roads = department("Works"), department("Roads")
    move(roads, works)
    assert Department.objects.get(name="Roads").parent == works
    event = Event.objects.get(deed="programme.department_moved")
    assert (event.by, event.at, event.subject_key) == ("user:2", NOW, str(roads.pk))
    assert event.details == {"former": None, "parent": works.pk}
    move(roads, works)
    assert Event.objects.filter(deed="programme.department_moved").count() == 1


def test_a_department_cannot_belong_to_itself_or_to_one_below_it() -> None:
    works = department("Works")
    roads = department("Roads", works)
    bridges = department("Bridges", roads)
    for parent in (works, roads, bridges):
        with pytest.raises(RingError):
            move(works, parent)
    assert Department.objects.get(name="Works").parent is None
    assert not Event.objects.filter(deed="programme.department_moved").exists()


@settings(max_examples=examples(50), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.tuples(st.integers(0, 4), st.none() | st.integers(0, 4)), max_size=12))
def test_whatever_is_moved_every_department_stays_in_the_tree_once(moves: list[tuple[int, int | None]]) -> None:
    Department.objects.update(parent=None)
    Department.objects.all().delete()
    rows = [department(f"Department {number}") for number in range(5)]
    for which, parent in moves:
        with contextlib.suppress(RingError):
            move(rows[which], None if parent is None else rows[parent])
    assert sorted(branch.pk for branch in Tree().branches()) == sorted(row.pk for row in rows)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_move_two_departments_below_each_other_at_once_one_is_refused() -> None:
    for turn in range(8):
        one, two = department(f"One {turn}"), department(f"Two {turn}")
        answers = at_once(lambda one=one, two=two: move(one, two), lambda one=one, two=two: move(two, one))
        assert sorted(type(answer).__name__ for answer in answers) == ["Department", "RingError"]
        assert len(Tree().branches()) == 2 * (turn + 1)


def test_a_name_is_needed_and_leads_to_one_only() -> None:
    roads = department("Roads")
    for name in ("", "  ", "x" * 301):
        with pytest.raises(UnitNameMissingError):
            department(name)
    with pytest.raises(UnitNameTakenError) as refused:
        department(" Roads ")
    assert refused.value.unit == roads
    roads.aliases.create(name="Streets", since=NOW)
    with pytest.raises(UnitNameTakenError):
        department("Streets")
    # A place may be called like a department.
    add_place(name="Roads", city="", country="", by="user:1", now=NOW)


def test_a_former_name_leads_to_the_present_department_until_it_is_let_go() -> None:
    roads = department("Roads")
    alias = roads.aliases.create(name="Streets", since=NOW)
    assert find_or_add_department(name=" Streets ") == roads
    assert present_names(Department) == {"Roads": "Roads", "Streets": "Roads"}
    let_name_go(alias=alias, by="user:1", now=NOW)
    streets = find_or_add_department(name="Streets")
    assert streets is not None
    assert streets != roads
    assert Event.objects.get(deed="programme.department_name_let_go").subject_key == str(roads.pk)
    assert find_or_add_department(name=" ") is None


def test_a_place_lies_in_a_city_and_a_country_and_who_said_so_is_noted() -> None:
    quay = find_or_add_place(name="Quay 7")
    assert quay is not None
    assert (quay.city, quay.country) == ("", "")
    locate_place(place=quay, city=" Rotterdam ", country="Netherlands", by="user:3", now=NOW)
    quay.refresh_from_db()
    assert (quay.city, quay.country) == ("Rotterdam", "Netherlands")
    locate_place(place=quay, city="Rotterdam", country="Netherlands", by="user:3", now=NOW)
    event = Event.objects.get(deed="programme.place_located")
    assert (event.by, event.details) == ("user:3", {"fields": ["city", "country"]})
    assert Place.objects.get() == quay


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """Each deed in a thread and with a connection of its own, all beginning together. What was raised is returned."""
    gate = threading.Barrier(len(deeds))
    results: list[Any] = [None] * len(deeds)

    def run(place: int, deed: Callable[[], Any]) -> None:
        gate.wait()
        try:
            results[place] = deed()
        except Exception as error:  # noqa: BLE001 - it is what the test looks at
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results
