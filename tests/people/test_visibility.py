"""Whom a colleague may know of: a host the people of their chapters, everybody else everybody."""

import itertools
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perennial.accounts.roles import Role
from perennial.people.actions import add_stint
from perennial.people.directory import Filters, find, matching
from perennial.people.models import Person, Stint
from perennial.people.queries import sees_everybody, visible_to, without_stored_only
from perennial.programme.chapters import end_chapter
from perennial.programme.models import Chapter, ChapterHost, Department, Place
from tests.cast import NOW, chapter, colleague, person

pytestmark = pytest.mark.django_db


def seen(host: object) -> list[str]:
    return list(visible_to(host).order_by("sort_name").values_list("full_name", flat=True))  # type: ignore[arg-type]


@pytest.mark.parametrize("role", [role for role in Role if role != Role.HOST])
def test_every_other_role_sees_everybody_and_is_asked_nothing_for_it(role: Role) -> None:
    person("Alice Jansen")
    user = colleague(role)
    with CaptureQueriesContext(connection) as asked:
        people = visible_to(user)
    assert (len(asked), sees_everybody(user)) == (0, True)
    assert [each.full_name for each in people] == ["Alice Jansen"]
    assert str(people.query) == str(without_stored_only(Person.objects.order_by(), person="pk").query)
    assert str(visible_to(user, also_stored_only=True).query) == str(Person.objects.order_by().query)


def test_a_host_without_a_chapter_sees_nobody() -> None:
    person("Alice Jansen")
    assert seen(colleague(Role.HOST)) == []


def test_a_chapter_of_a_department_holds_those_below_it() -> None:
    works = Department.objects.create(name="Works")
    roads = Department.objects.create(name="Roads", parent=works)
    bridges = Department.objects.create(name="Bridges", parent=roads)
    office = Department.objects.create(name="Office")
    for name, department in (("Alice", works), ("Bob", roads), ("Carla", bridges), ("Dirk", office), ("Eva", None)):
        person(name, department=department)
    host = colleague(Role.HOST)
    chapter("Roads and more", host, department=roads)
    assert seen(host) == ["Bob", "Carla"]


def test_a_chapter_of_a_city_or_country_holds_whoever_worked_at_a_place_there() -> None:
    harbour = Place.objects.create(name="Harbour", city="Rotterdam", country="Netherlands")
    tower = Place.objects.create(name="Tower", city="Rotterdam", country="Netherlands")
    quay = Place.objects.create(name="Quay", city="Antwerp", country="Belgium")
    mill = Place.objects.create(name="Mill", city="Rotterdam", country="United States")
    for name, place in (("Alice", harbour), ("Bob", tower), ("Carla", quay), ("Dirk", mill), ("Eva", None)):
        person(name, place=place)
    host, other, third = (colleague(Role.HOST, email=f"{name}@employer.example") for name in ("a", "b", "c"))
    chapter("Rotterdam", host, city="Rotterdam", country="Netherlands")
    chapter("Belgium", other, country="Belgium")
    chapter("Every Rotterdam", third, city="Rotterdam")
    assert (seen(host), seen(other), seen(third)) == (["Alice", "Bob"], ["Carla"], ["Alice", "Bob", "Dirk"])


def test_department_and_city_of_a_chapter_ask_the_same_stint() -> None:
    roads, office = Department.objects.create(name="Roads"), Department.objects.create(name="Office")
    harbour, quay = (
        Place.objects.create(name="Harbour", city="Rotterdam"),
        Place.objects.create(name="Q", city="Antwerp"),
    )
    alice = person("Alice", department=roads, place=quay, ends_on=date(2020, 1, 1))
    add_stint(person=alice, source="test", by="test", now=NOW, department=office, place=harbour)
    person("Bob", department=roads, place=harbour)
    host = colleague(Role.HOST)
    chapter("Roads of Rotterdam", host, department=roads, city="Rotterdam")
    assert seen(host) == ["Bob"]


def test_any_stint_however_long_ago_makes_one_of_a_chapter_and_nobody_stands_there_twice() -> None:
    roads, office = Department.objects.create(name="Roads"), Department.objects.create(name="Office")
    alice = person("Alice", department=roads, ends_on=date(1999, 1, 1))
    add_stint(person=alice, source="test", by="test", now=NOW, department=roads, starts_on=date(2001, 1, 1))
    add_stint(person=alice, source="test", by="test", now=NOW, department=office, starts_on=date(2011, 1, 1))
    host = colleague(Role.HOST)
    chapter("Roads", host, department=roads)
    chapter("Office", host, department=office)
    assert seen(host) == ["Alice"]


def test_a_chapter_has_several_hosts_a_host_several_chapters_and_an_ended_one_shows_nobody() -> None:
    roads, office = Department.objects.create(name="Roads"), Department.objects.create(name="Office")
    person("Alice", department=roads)
    person("Bob", department=office)
    one, two = colleague(Role.HOST, email="one@employer.example"), colleague(Role.HOST, email="two@employer.example")
    first = chapter("Roads", one, two, department=roads)
    chapter("Office", two, department=office)
    assert (seen(one), seen(two)) == (["Alice"], ["Alice", "Bob"])
    end_chapter(chapter=first, by="test", now=NOW)
    assert (seen(one), seen(two)) == ([], ["Bob"])


def test_what_a_host_finds_is_of_their_chapters_by_words_by_mistyped_words_and_by_filters() -> None:
    roads, office = Department.objects.create(name="Roads"), Department.objects.create(name="Office")
    person("Alice Jansen", department=roads)
    person("Bob Jansen", department=office)
    person("Zoë Hidden", department=office)
    host = colleague(Role.HOST)
    chapter("Roads", host, department=roads)

    def found(**filters: object) -> tuple[list[str], int]:
        answer = find(among=visible_to(host), filters=Filters(**filters), size=25)  # type: ignore[arg-type]
        return [each.full_name for each in answer.people], answer.count

    assert found() == (["Alice Jansen"], 1)
    assert found(text="jansen") == (["Alice Jansen"], 1)
    assert found(text="jnasen") == (["Alice Jansen"], 1)
    assert found(text="hiden") == ([], 0)
    assert found(text="hidden") == ([], 0)
    assert found(department=roads.pk) == (["Alice Jansen"], 1)
    assert found(department=office.pk) == ([], 0)
    assert found(department=office.pk, text="jansen") == ([], 0)
    assert found(left_from=date(2000, 1, 1)) == (["Alice Jansen"], 1)


def test_a_page_that_begins_at_somebody_hidden_is_the_first() -> None:
    roads = Department.objects.create(name="Roads")
    person("Alice", department=roads)
    person("Carla", department=roads)
    hidden = person("Bob")
    host = colleague(Role.HOST)
    chapter("Roads", host, department=roads)
    page = find(among=visible_to(host), filters=Filters(), size=5, after=hidden.key)
    assert [each.full_name for each in page.people] == ["Alice", "Carla"]


@pytest.mark.parametrize("filters", [Filters(), Filters(text="jansen"), Filters(text="jnasen")])
def test_looking_costs_a_host_the_same_number_of_queries_for_one_and_for_three(filters: Filters) -> None:
    counts = []
    host = colleague(Role.HOST)
    for number in range(3):
        department = Department.objects.create(name=f"Department {number}")
        place = Place.objects.create(name=f"Place {number}", city=f"City {number}")
        person(f"Person {number} Jansen", department=department, place=place)
        chapter(f"Chapter {number}", host, department=department)
        chapter(f"City {number}", host, city=place.city)
        if number != 1:
            with CaptureQueriesContext(connection) as asked:
                assert find(among=visible_to(host), filters=filters, size=25).count == number + 1
            counts.append(len(asked))
    assert counts[0] == counts[1]


# One host after the other: an example must not meet the account of an earlier one.
NUMBERS = itertools.count()
STINTS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), min_size=1, max_size=3)
CHAPTERS = st.lists(
    st.tuples(
        st.integers(0, 4), st.sampled_from(["", "Delft", "Gent"]), st.sampled_from(["", "NL", "BE"]), st.booleans()
    ),
    max_size=3,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=st.lists(STINTS, min_size=1, max_size=5), chapters=CHAPTERS, parents=st.tuples(*[st.integers(0, 3)] * 3))
def test_a_host_sees_exactly_whom_the_words_of_the_rule_say(
    people: list[list[tuple[int, int]]],
    chapters: list[tuple[int, str, str, bool]],
    parents: tuple[int, int, int],
) -> None:
    """The rule once more, one by one and by hand: somebody of one running chapter by one of their stints."""
    for model in (Stint, Person, ChapterHost, Chapter):
        model.objects.all().delete()
    Department.objects.update(parent=None)
    Department.objects.all().delete()
    Place.objects.all().delete()
    host = colleague(Role.HOST, email=f"host{next(NUMBERS)}@employer.example")
    # Department 0 stands for none; the parent of each was made before it, so there is no ring.
    parent_of = {1: 0, 2: parents[0] % 2, 3: parents[1] % 3, 4: parents[2] % 4}
    departments: dict[int, Department | None] = {0: None}
    for number, parent in parent_of.items():
        departments[number] = Department.objects.create(name=f"D{number}", parent=departments[parent])
    where = {0: ("", ""), 1: ("Delft", "NL"), 2: ("Gent", "BE"), 3: ("Delft", "BE")}
    places: dict[int, Place | None] = {0: None}
    for number in (1, 2, 3):
        places[number] = Place.objects.create(name=f"P{number}", city=where[number][0], country=where[number][1])
    for number, stints in enumerate(people):
        someone = person(f"Person {number}", department=departments[stints[0][0]], place=places[stints[0][1]])
        for start, (department, place) in enumerate(stints[1:]):
            add_stint(
                person=someone,
                source="test",
                by="test",
                now=NOW,
                starts_on=date(2000 + start, 1, 1),
                department=departments[department],
                place=places[place],
            )
    chapters = [each for each in chapters if each[0] or each[1] or each[2]]
    for number, (department, city, country, ended) in enumerate(chapters):
        row = chapter(f"C{number}", host, department=departments[department], city=city, country=country)
        if ended:
            end_chapter(chapter=row, by="test", now=NOW)

    def below(department: int, top: int) -> bool:
        while department and department != top:
            department = parent_of[department]
        return department == top

    expected = [
        f"Person {number}"
        for number, stints in enumerate(people)
        if any(
            not ended
            and (not top or below(department, top))
            and (not city or where[place][0] == city)
            and (not country or where[place][1] == country)
            for top, city, country, ended in chapters
            for department, place in stints
        )
    ]
    assert seen(host) == expected
    assert sorted(each.full_name for each in matching(Filters(text="person"), among=visible_to(host))) == expected
