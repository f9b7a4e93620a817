"""The directory: who is found by which words and filters, and that its pages lose and repeat nobody."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perennial.people import directory
from perennial.people.actions import add_stint
from perennial.people.directory import Filters, find, matching
from perennial.people.elsewhere import add_position
from perennial.people.enums import ContractKind, Sort, StintStatus
from perennial.people.models import Person
from perennial.people.skills import set_skills
from perennial.programme.models import Department
from tests.cast import NOW, person

pytestmark = pytest.mark.django_db

EVERYBODY = Person.objects.order_by()


def found(text: str = "", **filters: Any) -> list[str]:
    return [each.full_name for each in find(among=EVERYBODY, filters=Filters(text=text, **filters), size=25).people]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("zoe", "Zoë Peeters"),
        ("mueller", "Jürgen Müller"),
        ("muller", "Jürgen Müller"),
        ("MÜLLER", "Jürgen Müller"),
        ("müller", "Hanna Mueller"),
        ("smirnova", "Ольга Смирнова"),
        ("смирнова", "Ольга Смирнова"),
        ("смирнова", "Anna Smirnova"),
        ("lukasz zolc", "Łukasz Żółć"),
        ("strasse", "Uwe Straße"),
        ("aeroe", "Mads Ærø"),
        ("boer fen", "Fenna de Boer"),
    ],
)
def test_a_name_is_found_however_its_letters_are_written(typed: str, name: str) -> None:
    person(name)
    for other in range(3):
        person(f"Somebody {other}")
    assert found(typed) == [name]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("jnasen", "Alice Jansen"),
        ("janssen", "Alice Jansen"),
        ("smirnva", "Ольга Смирнова"),
        ("fena", "Fenna de Boer"),
        ("krmaer", "Tobias Krämer"),
        ("bakekr jan", "Jan Bakker"),
    ],
)
def test_who_is_mistyped_is_found_and_it_is_said_that_the_spelling_differs(typed: str, name: str) -> None:
    for each in ("Alice Jansen", "Ольга Смирнова", "Fenna de Boer", "Jan Bakker", "Tobias Krämer", "Wim Zwart"):
        person(each)
    answer = find(among=EVERYBODY, filters=Filters(text=typed), size=25)
    assert [each.full_name for each in answer.people] == [name]
    assert answer.near


@pytest.mark.parametrize("typed", ["qqqq", "xy", "%", "_", "\\", "'; DROP TABLE people_person; --", "nobody at all"])
def test_what_resembles_nobody_finds_nobody(typed: str) -> None:
    person("Alice Jansen")
    assert found(typed) == []


def test_nobody_is_nearly_found_beside_a_filter_that_excludes_them() -> None:
    water = Department.objects.create(name="Water")
    person("Alice Jansen")
    assert found("jnasen", department=water.pk) == []


def test_filters_ask_all_of_one_stint() -> None:
    water, roads = Department.objects.create(name="Water"), Department.objects.create(name="Roads")
    person("Alice Jansen", department=water, ends_on=date(2020, 5, 1), status="left")
    person("Bob Jansen", department=roads, ends_on=date(2024, 5, 1), contract_kind="intern", status="left")
    person("Carla Jansen", department=water, ends_on=date(2024, 5, 1), status="left")
    assert found(department=water.pk) == ["Alice Jansen", "Carla Jansen"]
    assert found(department=water.pk, left_from=date(2024, 1, 1)) == ["Carla Jansen"]
    assert found(left_from=date(2020, 5, 1), left_until=date(2020, 5, 1)) == ["Alice Jansen"]
    assert found("bob", status=StintStatus.LEFT, contract_kind=ContractKind.INTERN) == ["Bob Jansen"]
    assert found("bob", department=water.pk) == []


def test_people_are_found_by_where_they_work_and_what_they_can() -> None:
    water = Department.objects.create(name="Water")
    alice, bob = person("Alice Jansen", department=water), person("Bob Jansen")
    for someone, company in ((alice, "Müller & Söhne"), (bob, "Acme Ltd")):
        add_position(
            person=someone, company=company, domain=f"{someone.called}.example", source="typed", by="user:1", now=NOW
        )
    set_skills(person=bob, names=["Geographic information"], source="typed", by="user:1", now=NOW)
    assert (found("mueller"), found("acme jansen"), found("geographic")) == (
        ["Alice Jansen"],
        ["Bob Jansen"],
        ["Bob Jansen"],
    )
    assert (found(company="ACME"), found(company="alice.example"), found(company="%")) == (
        ["Bob Jansen"],
        ["Alice Jansen"],
        [],
    )
    assert (found(skill="INFORMATION"), found(skill="chess")) == (["Bob Jansen"], [])
    assert (found(company="müller", department=water.pk), found(company="acme", department=water.pk)) == (
        ["Alice Jansen"],
        [],
    )
    assert (found("jnasen", company="acme"), found("jansen", company="acme", skill="chess")) == (["Bob Jansen"], [])


def ordered(sort: Sort, **asked: Any) -> list[str]:
    return [each.called for each in find(among=EVERYBODY, filters=Filters(**asked), size=25, sort=sort).people]


@pytest.mark.parametrize("most", [2, 1000])
def test_an_order_is_by_the_latest_time_here_and_puts_last_who_has_none(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "MOST_FOUND", most)
    oe, zeta = Department.objects.create(name="Ökologie"), Department.objects.create(name="zeta")
    person("Anna Bos", ends_on=date(2020, 1, 1), department=zeta)
    person("Bas Bos", ends_on=None)
    person("Carla Bos", ends_on=date(2024, 1, 1), department=oe)
    back = person("Daan Bos", ends_on=date(2026, 1, 1))
    add_stint(person=back, source="test", starts_on=date(2026, 2, 1), department=oe, by="test", now=NOW)
    assert ordered(Sort.LAST_DAY) == ["Carla", "Anna", "Bas", "Daan"][:most]
    assert ordered(Sort.DEPARTMENT) == ["Carla", "Daan", "Anna", "Bas"][:most]
    assert ordered(Sort.LAST_DAY, department=oe.pk) == ["Carla", "Daan"]
    assert ordered(Sort.DEPARTMENT, text="bos")[:2] == ["Carla", "Daan"] or most == 2


@pytest.mark.parametrize("sort", [Sort.LAST_DAY, Sort.DEPARTMENT])
def test_every_order_has_pages_that_lose_and_repeat_nobody(sort: Sort) -> None:
    for number in range(7):
        person(f"Person{number} Bos", ends_on=date(2026, 1, 1 + number % 3))
    pages = [find(among=EVERYBODY, filters=Filters(), size=3, sort=sort)]
    while pages[-1].after:
        pages.append(find(among=EVERYBODY, filters=Filters(), size=3, sort=sort, after=pages[-1].after))
    seen = [each.pk for page in pages for each in page.people]
    assert (len(seen), len(set(seen))) == (7, 7)
    back = find(among=EVERYBODY, filters=Filters(), size=3, sort=sort, before=pages[-1].before)
    assert [each.pk for each in back.people] == seen[3:6]


NAMES = st.lists(st.sampled_from(["Anna Bos", "Bas Bos", "Öz Ünal", "Zoë Vos", "Ольга Смирнова"]), max_size=12)


@settings(max_examples=40, deadline=None)
@given(names=NAMES, size=st.integers(1, 4), text=st.sampled_from(["", "o", "bos"]))
def test_pages_lose_nobody_and_repeat_nobody_in_either_direction(names: list[str], size: int, text: str) -> None:
    Person.objects.all().delete()
    for name in names:
        person(name)
    filters = Filters(text=text)
    everybody = list(matching(filters, among=EVERYBODY).order_by("sort_name", "pk").values_list("pk", flat=True))
    pages = [find(among=EVERYBODY, filters=filters, size=size)]
    while pages[-1].after:
        pages.append(find(among=EVERYBODY, filters=filters, size=size, after=pages[-1].after))
    assert [each.pk for page in pages for each in page.people] == everybody
    assert pages[0].before == ""
    back = [pages[-1]]
    while back[-1].before:
        back.append(find(among=EVERYBODY, filters=filters, size=size, before=back[-1].before))
    assert [each.pk for page in reversed(back) for each in page.people] == everybody


def test_a_page_that_begins_at_nobody_is_the_first() -> None:
    person("Alice Jansen")
    assert [each.full_name for each in find(among=EVERYBODY, filters=Filters(), size=5, after="unknown").people] == [
        "Alice Jansen"
    ]


def test_of_too_many_some_are_shown_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "MOST_FOUND", 3)
    for number in range(5):
        person(f"Alice Jansen {number}")
    answer = find(among=EVERYBODY, filters=Filters(text="jansen"), size=2)
    assert (len(answer.people), answer.count, answer.many) == (2, 3, True)
    further = find(among=EVERYBODY, filters=Filters(text="jansen"), size=2, after=answer.after)
    assert (len(further.people), further.after) == (1, "")
    # Everybody is everybody, however many they are.
    seen, page = [], find(among=EVERYBODY, filters=Filters(), size=2)
    while True:
        seen += [each.pk for each in page.people]
        if not page.after:
            break
        page = find(among=EVERYBODY, filters=Filters(), size=2, after=page.after)
    assert (len(seen), page.many) == (5, True)


@pytest.mark.parametrize("few", [0, 1, 5_000])
def test_a_word_and_a_filter_find_the_same_whichever_is_asked_first(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "FEW", few)
    water, ground = Department.objects.create(name="Water"), Department.objects.create(name="Ground")
    for name, department in (("Alice Jansen", water), ("Bob Jansen", ground), ("Carla Stone", water)):
        person(name, department=department)
    person("Dora Jansen", department=water)
    assert found("jansen", department=water.pk) == ["Alice Jansen", "Dora Jansen"]
    assert found("stone", department=ground.pk) == []


@pytest.mark.parametrize("stints_each", [1, 4])
@pytest.mark.parametrize("text", ["", "jansen"])
def test_of_people_with_many_stints_none_is_counted_twice(
    stints_each: int, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "MOST_FOUND", 3)
    monkeypatch.setattr(directory, "STINTS_READ", 4)
    monkeypatch.setattr(directory, "FEW", 1)
    water = Department.objects.create(name="Water")

    def arrive(name: str) -> None:
        someone = person(name, department=water, starts_on=date(2010, 1, 1), ends_on=date(2010, 6, 1))
        for year in range(1, stints_each):
            fields = {"starts_on": date(2010 + year, 1, 1), "ends_on": date(2010 + year, 6, 1)}
            add_stint(person=someone, source="test", by="test", now=NOW, department=water, **fields)

    for number in range(3):
        arrive(f"Alice Jansen {number}")
    answer = find(among=EVERYBODY, filters=Filters(text=text, department=water.pk), size=25)
    assert (answer.count, answer.many) == (3, False)
    arrive("Alice Jansen 3")
    answer = find(among=EVERYBODY, filters=Filters(text=text, department=water.pk), size=25)
    assert (answer.count, answer.many) == (3, True)
