"""A person's record."""

from datetime import date
from typing import Any

import pytest
from django.db.models import QuerySet

from perennial.audit.models import Event
from perennial.people.actions import (
    AddressUnusableError,
    NameMissingError,
    StintDatesError,
    add_address,
    add_person,
    add_stint,
    correct_person,
    correct_stint,
    normal_address,
    verify_address,
)
from perennial.people.directory import Filters, matching
from perennial.people.enums import AddressState, StintStatus
from perennial.people.models import EmailAddress, Person, Stint
from perennial.people.queries import latest_stint, stints_of, with_latest_stints
from tests.cast import NOW, TODAY, person

pytestmark = pytest.mark.django_db


def search(text: str) -> QuerySet[Person]:
    return matching(Filters(text=text), among=Person.objects.order_by())


def test_a_person_is_added_with_how_they_are_called_and_sorted() -> None:
    alice = add_person(full_name="  Alice \r\n van  Dam ", source="typed", by="user:3", now=NOW)
    assert (alice.full_name, alice.called, alice.sort_name) == ("Alice van Dam", "Alice", "dam, alice van")
    event = Event.objects.get()
    assert (event.deed, event.by, event.subject_key, event.details) == (
        "people.added",
        "user:3",
        alice.key,
        {"source": "typed"},
    )


@pytest.mark.parametrize("name", ["", " ", "\u2028", "\x00\x01", "\u200b", "-", "x" * 301])
def test_nobody_is_added_without_a_name_of_at_most_300_letters(name: str) -> None:
    with pytest.raises(NameMissingError):
        add_person(full_name=name, source="typed", by="test", now=NOW)
    assert Person.objects.count() == 0


@pytest.mark.parametrize("name", ["x" * 300, "مريم بنت عمران", "Ольга Смирнова", "Zoë 🌱 Peeters", "O'Brien <b>"])
def test_any_name_people_have_is_kept_as_it_is_and_found(name: str) -> None:
    someone = add_person(full_name=name, called="x\x00y", source="typed", by="test", now=NOW)
    assert Person.objects.get().full_name == name
    assert list(search(name.split()[-1])) == [someone]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Alice@Home.Example", "alice@home.example"),
        (" alice+alumni@home.example\n", "alice+alumni@home.example"),
        ("алиса@пример.example", "алиса@пример.example"),
    ],
)
def test_an_address_is_kept_in_one_way_of_writing(typed: str, kept: str) -> None:
    assert normal_address(typed) == kept


@pytest.mark.parametrize(
    "address",
    [
        "",
        "alice",
        "alice@home",
        "@home.example",
        "alice@@home.example",
        "alice@home..example",
        "al ice@home.example",
        "alice@home.example\r\nBcc: bob@elsewhere.example",
        "alice@home.example\u2028",
        "a,b@home.example",
        "Alice <alice@home.example>",
        "x" * 250 + "@home.example",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    if address.endswith("\u2028"):
        assert normal_address(address) == "alice@home.example"  # white space at the ends is trimmed, whatever its kind
        return
    with pytest.raises(AddressUnusableError):
        normal_address(address)


def test_an_address_given_twice_is_one_and_keeps_the_first_day_it_was_given() -> None:
    alice = person()
    first = add_address(person=alice, address="alice@home.example", kind="private", source="upload", now=NOW)
    again = add_address(
        person=alice, address="ALICE@home.example", kind="private", source="leaver", given_on=TODAY, now=NOW
    )
    later = add_address(
        person=alice,
        address="alice@home.example",
        kind="private",
        source="upload",
        given_on=date(2026, 12, 1),
        now=NOW,
    )
    assert first.pk == again.pk == later.pk
    row = EmailAddress.objects.get()
    assert (row.source, row.given_on, row.state) == ("upload", TODAY, AddressState.UNVERIFIED)


def test_only_the_owner_makes_an_address_verified() -> None:
    alice = person(private="alice@home.example")
    address = alice.addresses.get()
    assert address.verified_at is None
    verify_address(address=address, by=f"person:{alice.key}", now=NOW)
    address.refresh_from_db()
    assert (address.state, address.verified_at) == (AddressState.VERIFIED, NOW)


def test_a_person_is_found_by_address_and_title_after_every_correction() -> None:
    alice = person("Alice van Dam", private="alice@home.example", title="Hydrologist")
    bob = person("Bob Stone", title="Planner")
    assert list(search("alice@home")) == [alice]
    assert list(search("HYDRO dam")) == [alice]
    correct_stint(stint=alice.stints.get(), title="Géodésiste", by="test", now=NOW)
    assert list(search("hydrologist")) == []
    assert list(search("geodesiste")) == [alice]
    correct_person(person=alice, full_name="Alice Grün", called="", language="de", by="test", now=NOW)
    assert list(search("dam")) == []
    assert list(search("grun")) == [alice]
    assert list(search("")) == [alice, bob] or list(search("")) == [bob, alice]


@pytest.mark.parametrize("text", ["%", "_", "\\", "'", '"', "100% sure", "%%%%%%%%% " * 50, "\x00"])
def test_signs_that_mean_something_to_a_database_mean_nothing_in_a_search(text: str) -> None:
    person()
    assert list(search(text)) == [] or text == "\x00"


def test_a_correction_names_the_fields_that_changed_and_none_of_their_texts() -> None:
    alice = person()
    before = Event.objects.count()
    correct_person(person=alice, full_name="Alice Grün", called="Alice", language="de", by="user:3", now=NOW)
    correct_stint(stint=alice.stints.get(), title="Planner", manager="Bob", by="user:3", now=NOW)
    assert list(Event.objects.order_by("pk").values_list("deed", "details"))[before:] == [
        ("people.corrected", {"fields": ["full_name", "language"]}),
        ("people.stint_corrected", {"fields": ["manager", "title"]}),
    ]


def test_a_correction_that_changes_nothing_leaves_no_trace() -> None:
    alice = person()
    before = Event.objects.count()
    correct_stint(stint=alice.stints.get(), manager="Mara Smit", by="user:3", now=NOW)
    assert Event.objects.count() == before


def test_a_stint_does_not_end_before_it_starts_nor_begin_twice_under_one_number() -> None:
    alice = person(ends_on=None)
    with pytest.raises(StintDatesError):
        add_stint(person=alice, source="typed", starts_on=TODAY, ends_on=date(2020, 1, 1), by="test", now=NOW)
    add_stint(person=alice, source="typed", employee_number="7", starts_on=TODAY, by="test", now=NOW)
    with pytest.raises(StintDatesError):
        add_stint(person=person("Bob"), source="typed", employee_number="7", starts_on=TODAY, by="test", now=NOW)
    # A returned number, and the same number of another source, are other stints.
    add_stint(person=alice, source="typed", employee_number="7", starts_on=date(2027, 1, 1), by="test", now=NOW)
    add_stint(person=alice, source="other", employee_number="7", starts_on=TODAY, by="test", now=NOW)
    assert alice.stints.count() == 4
    stint = alice.stints.get(source="other")
    with pytest.raises(StintDatesError):
        correct_stint(stint=stint, ends_on=date(2020, 1, 1), by="test", now=NOW)
    stint.refresh_from_db()
    assert stint.ends_on is None


@pytest.mark.parametrize(
    ("stints", "latest"),
    [
        ([("Planner", date(2020, 1, 1), date(2021, 1, 1)), ("Lead", date(2022, 1, 1), date(2023, 1, 1))], "Lead"),
        ([("Planner", date(2020, 1, 1), date(2021, 1, 1)), ("Lead", date(2022, 1, 1), None)], "Lead"),
        ([("Lead", None, None), ("Planner", date(2020, 1, 1), date(2030, 1, 1))], "Lead"),
        ([("Planner", None, None), ("Lead", date(2020, 1, 1), None)], "Lead"),
        ([("Planner", None, date(2021, 1, 1)), ("Lead", date(2020, 1, 1), date(2021, 1, 1))], "Lead"),
    ],
)
def test_the_head_line_and_the_list_speak_of_the_same_stint(stints: list[tuple[str, Any, Any]], latest: str) -> None:
    alice = add_person(full_name="Alice van Dam", source="test", by="test", now=NOW)
    for title, starts_on, ends_on in stints:
        add_stint(person=alice, source="test", title=title, starts_on=starts_on, ends_on=ends_on, by="test", now=NOW)
    stint = latest_stint(alice)
    assert stint is not None
    assert stint.title == latest
    assert next(iter(stints_of(alice))).title == latest
    assert with_latest_stints(Person.objects.all()).get().stints_latest_first[0].title == latest  # type: ignore[attr-defined]


def test_somebody_without_a_stint_has_no_latest_one() -> None:
    alice = add_person(full_name="Alice van Dam", source="test", by="test", now=NOW)
    assert latest_stint(alice) is None
    assert with_latest_stints(Person.objects.all()).get().stints_latest_first == []  # type: ignore[attr-defined]
    assert Stint(status=StintStatus.ACTIVE).title == ""
