"""Departments and places renamed and merged: nothing is lost, and whoever writes the old name means the present one."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perennial.accounts.roles import Role
from perennial.audit.models import Event
from perennial.people.actions import add_stint, correct_stint
from perennial.people.directory import Filters, matching
from perennial.people.models import Person, Stint
from perennial.people.queries import visible_to
from perennial.people.reorganising import (
    MergedWithItselfError,
    Move,
    UnitGoneError,
    merge,
    rename,
    what_moves,
)
from perennial.programme.models import Chapter, Department, DepartmentAlias, Place, PlaceAlias
from perennial.programme.structure import Tree, merged_into, named
from perennial.programme.units import UnitNameMissingError, UnitNameTakenError, let_name_go
from tests.cast import NOW, chapter, colleague, person

pytestmark = pytest.mark.django_db


def found(text: str) -> list[str]:
    people = matching(Filters(text=text), among=Person.objects.order_by())
    return list(people.order_by("sort_name").values_list("full_name", flat=True))


def test_who_worked_there_is_found_by_the_new_name_and_no_longer_by_the_old() -> None:
    streets, office = Department.objects.create(name="Streets"), Department.objects.create(name="Office")
    person("Alice", department=streets, title="Planner")
    person("Bob", department=office)
    assert rename(unit=streets, name=" Straßenbau ", by="user:1", now=NOW) == 1
    assert (found("strassenbau"), found("streets"), found("office"), found("planner")) == (
        ["Alice"],
        [],
        ["Bob"],
        ["Alice"],
    )
    assert Stint.objects.get(person__full_name="Alice").department.name == "Straßenbau"  # type: ignore[union-attr]
    event = Event.objects.get(deed="programme.department_renamed")
    alias = DepartmentAlias.objects.get()
    assert (alias.name, alias.department, alias.since) == ("Streets", streets, NOW)
    assert (event.by, event.at, event.subject_kind, event.subject_key, event.details) == (
        *("user:1", NOW, "department", str(streets.pk)),
        {"alias": alias.pk, "people": 1},
    )


def test_a_place_is_renamed_alike() -> None:
    quay = Place.objects.create(name="Quay")
    person("Alice", place=quay)
    rename(unit=quay, name="Harbour", by="user:1", now=NOW)
    assert (found("harbour"), found("quay"), named(Place, "Quay")) == (["Alice"], [], quay)
    assert Event.objects.get(deed="programme.place_renamed").subject_key == str(quay.pk)


def test_a_name_that_leads_elsewhere_is_refused_and_ones_own_former_name_is_not() -> None:
    roads, office = Department.objects.create(name="Roads"), Department.objects.create(name="Office")
    with pytest.raises(UnitNameTakenError) as refused:
        rename(unit=roads, name="Office", by="user:1", now=NOW)
    assert refused.value.unit == office
    with pytest.raises(UnitNameMissingError):
        rename(unit=roads, name="  ", by="user:1", now=NOW)
    rename(unit=roads, name="Ways", by="user:1", now=NOW)
    with pytest.raises(UnitNameTakenError):
        rename(unit=office, name="Roads", by="user:1", now=NOW)
    rename(unit=roads, name="Roads", by="user:1", now=NOW)
    assert list(DepartmentAlias.objects.values_list("name", "department__name")) == [("Ways", "Roads")]
    assert rename(unit=roads, name="Roads", by="user:1", now=NOW) == 0
    assert Event.objects.filter(deed="programme.department_renamed").count() == 2


def test_a_merge_is_counted_before_and_moves_just_that() -> None:
    works = Department.objects.create(name="Works")
    streets = Department.objects.create(name="Streets", parent=works)
    roads = Department.objects.create(name="Roads")
    Department.objects.create(name="Bridges", parent=streets)
    for name in ("Alice", "Bob"):
        person(name, department=streets)
    twice = person("Carla", department=streets, ends_on=date(2010, 1, 1))
    add_stint(person=twice, source="test", by="test", now=NOW, department=streets, starts_on=date(2012, 1, 1))
    person("Dirk", department=roads)
    host = colleague(Role.HOST)
    chapter("Of the streets", host, department=streets)
    streets.aliases.create(name="Lanes", since=NOW)
    looked_at = what_moves(streets)
    assert looked_at == Move(people=3, stints=4, below=1, chapters=1)
    gone = streets.pk
    assert merge(gone=streets, into=roads, by="user:1", now=NOW) == looked_at
    assert what_moves(roads) == Move(people=4, stints=5, below=1, chapters=1)
    assert sorted(Department.objects.values_list("name", "parent__name")) == [
        ("Bridges", "Roads"),
        ("Roads", None),
        ("Works", None),
    ]
    assert sorted(DepartmentAlias.objects.values_list("name", "department__name")) == [
        ("Lanes", "Roads"),
        ("Streets", "Roads"),
    ]
    assert merged_into(Department) == {gone: roads.pk}
    assert (found("streets"), found("roads")) == ([], ["Alice", "Bob", "Carla", "Dirk"])
    assert Chapter.objects.get().department == roads
    assert visible_to(host).count() == 4
    event = Event.objects.get(deed="programme.department_merged")
    assert (event.by, event.at, event.subject_key) == ("user:1", NOW, str(roads.pk))
    assert event.details == {
        "merged": gone,
        "alias": DepartmentAlias.objects.get(name="Streets").pk,
        "people": 3,
        "stints": 4,
    }


def test_merged_into_one_below_it_the_larger_leaves_its_place_to_the_smaller() -> None:
    top = Department.objects.create(name="Top")
    works = Department.objects.create(name="Works", parent=top)
    roads = Department.objects.create(name="Roads", parent=works)
    bridges = Department.objects.create(name="Bridges", parent=roads)
    Department.objects.create(name="Parks", parent=works)
    merge(gone=works, into=bridges, by="user:1", now=NOW)
    assert [(branch.name, branch.depth) for branch in Tree().branches()] == [
        ("Top", 0),
        ("Bridges", 1),
        ("Parks", 2),
        ("Roads", 2),
    ]


def test_a_place_that_is_merged_keeps_its_people_in_the_chapters_of_its_city() -> None:
    quay = Place.objects.create(name="Quay", city="Rotterdam", country="Netherlands")
    harbour, tower = Place.objects.create(name="Harbour"), Place.objects.create(name="Tower", city="Delft")
    person("Alice", place=quay)
    host = colleague(Role.HOST)
    chapter("Rotterdam", host, city="Rotterdam")
    merge(gone=quay, into=harbour, by="user:1", now=NOW)
    harbour.refresh_from_db()
    assert (harbour.city, harbour.country) == ("Rotterdam", "Netherlands")
    assert [each.full_name for each in visible_to(host)] == ["Alice"]
    # Where somebody said where it lies, that stays.
    merge(gone=harbour, into=tower, by="user:1", now=NOW)
    tower.refresh_from_db()
    assert (tower.city, tower.country) == ("Delft", "")
    assert sorted(PlaceAlias.objects.values_list("name", "place__name")) == [("Harbour", "Tower"), ("Quay", "Tower")]


def test_nothing_is_merged_with_itself_or_with_what_is_gone() -> None:
    roads, streets = Department.objects.create(name="Roads"), Department.objects.create(name="Streets")
    with pytest.raises(MergedWithItselfError):
        merge(gone=roads, into=roads, by="user:1", now=NOW)
    gone = Department.objects.get(pk=streets.pk)
    merge(gone=streets, into=roads, by="user:1", now=NOW)
    with pytest.raises(UnitGoneError):
        merge(gone=gone, into=roads, by="user:2", now=NOW)
    with pytest.raises(UnitGoneError):
        rename(unit=gone, name="Lanes", by="user:2", now=NOW)
    assert Event.objects.filter(by="user:2").count() == 0


def test_a_stint_typed_while_its_department_is_merged_away_lands_where_that_leads_to() -> None:
    read_before, stays = (Department.objects.create(name=name) for name in ("Quality", "Care"))
    place_before, place = (Place.objects.create(name=name) for name in ("Oslo", "Bergen"))
    stint = add_stint(person=person("Alice"), source="typed", by="test", now=NOW, department=read_before)
    merge(gone=Department.objects.get(pk=read_before.pk), into=stays, by="user:1", now=NOW)
    merge(gone=Place.objects.get(pk=place_before.pk), into=place, by="user:1", now=NOW)

    typed = add_stint(
        person=person("Bob"), source="typed", by="test", now=NOW, department=read_before, place=place_before
    )
    corrected = correct_stint(stint=stint, by="test", now=NOW, department=read_before, place=place_before)

    for each in (typed, corrected):
        each.refresh_from_db()
        assert (each.department, each.place) == (stays, place)


@pytest.mark.parametrize("kind", [Department, Place])
def test_the_id_of_what_was_merged_leads_on_whatever_becomes_of_its_name(kind: type[Department | Place]) -> None:
    first, second, third = (kind.objects.create(name=name) for name in ("A", "B", "C"))
    ids = first.pk, second.pk
    merge(gone=first, into=second, by="user:1", now=NOW)
    rename(unit=second, name="A", by="user:1", now=NOW)
    assert merged_into(kind) == {ids[0]: second.pk}
    merge(gone=kind.objects.get(pk=second.pk), into=third, by="user:1", now=NOW)
    assert merged_into(kind) == {ids[0]: third.pk, ids[1]: third.pk}
    for alias in third.aliases.all():
        let_name_go(alias=alias, by="user:1", now=NOW)
    assert named(kind, "A") is named(kind, "B") is None
    assert merged_into(kind) == {ids[0]: third.pk, ids[1]: third.pk}


@pytest.mark.parametrize("deed", ["rename", "merge"])
def test_it_costs_the_same_number_of_queries_for_one_and_for_three(deed: str) -> None:
    counts = []
    # Each time with words that are not kept yet, for those take a statement too.
    for many, letter in ((1, "a"), (3, "b")):
        gone = Department.objects.create(name=f"Streets{letter}")
        into = Department.objects.create(name=f"Roads{letter}")
        for number in range(many):
            person(f"Person {many} {number}", department=gone)
        with CaptureQueriesContext(connection) as asked:
            if deed == "rename":
                rename(unit=gone, name=f"Ways{letter}", by="user:1", now=NOW)
            else:
                merge(gone=gone, into=into, by="user:1", now=NOW)
        counts.append(len([query for query in asked if not query["sql"].startswith("UPDATE people_person")]))
    assert counts[0] == counts[1]


NAMES = ["A", "B", "C", "D"]
DEEDS = st.lists(
    st.tuples(st.sampled_from(["rename", "merge"]), st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=8
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=DEEDS)
def test_whatever_is_renamed_and_merged_every_name_there_was_leads_to_where_its_people_are(
    deeds: list[tuple[str, str, str]],
) -> None:
    Stint.objects.all().delete()
    DepartmentAlias.objects.all().delete()
    Department.objects.all().delete()
    first, ids = {}, {}
    for name in NAMES[:3]:
        there = Department.objects.create(name=name)
        first[name], ids[name] = person(f"Person of {name}", department=there), there.pk
    for deed, name, other in deeds:
        unit, target = named(Department, name), named(Department, other)
        if unit is None:
            continue
        if deed == "rename":
            try:
                rename(unit=unit, name=other, by="test", now=NOW)
            except UnitNameTakenError:
                assert target not in (None, unit)
        elif target is not None and target != unit:
            merge(gone=unit, into=target, by="test", now=NOW)
    for name, someone in first.items():
        there = named(Department, name)
        assert there is not None
        assert merged_into(Department).get(ids[name], ids[name]) == there.pk
        someone.refresh_from_db()
        assert someone.stints.get().department == there
        assert someone.search_text.endswith(there.name.lower())
    present = set(Department.objects.values_list("name", flat=True))
    assert present.isdisjoint(DepartmentAlias.objects.values_list("name", flat=True))
