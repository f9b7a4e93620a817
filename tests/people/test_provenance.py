"""Where what stands in a field comes from."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from perennial.people.actions import add_address, add_person, add_stint, correct_person, correct_stint
from perennial.people.models import EmailAddress, Person, Provenance, Stint
from tests.cast import NOW, TODAY, person

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=1)


def noted() -> list[tuple[str, str, object]]:
    return list(Provenance.objects.order_by("field").values_list("field", "source", "at"))


def test_whoever_adds_a_row_stands_on_it_and_needs_no_other() -> None:
    alice = add_person(full_name="Alice van Dam", source="typed", by="user:3", now=NOW)
    stint = add_stint(person=alice, source="typed", title="Planner", by="user:3", now=NOW)
    address = add_address(person=alice, address="a@home.example", kind="private", source="typed", by="user:4", now=NOW)
    assert (alice.source, alice.added_by, alice.created_at) == ("typed", "user:3", NOW)
    assert (stint.source, stint.added_by, address.source, address.added_by) == ("typed", "user:3", "typed", "user:4")
    assert noted() == []


def test_a_field_that_is_corrected_says_by_whom_and_the_others_stay_as_they_came() -> None:
    alice = person()
    correct_person(person=alice, full_name="Alice Grün", called="Alice", language="nl", by="user:3", now=NOW)
    assert noted() == [("full_name", "user:3", NOW)]
    correct_stint(stint=alice.stints.get(), title="Lead", manager="Mara Smit", by="user:4", now=LATER)
    row = Provenance.objects.get(field="title")
    assert (row.stint, row.person, row.source, row.at) == (alice.stints.get(), None, "user:4", LATER)
    assert Provenance.objects.count() == 2


def test_who_said_it_last_counts() -> None:
    stint = person().stints.get()
    correct_stint(stint=stint, title="Lead", by="user:3", now=NOW)
    correct_stint(stint=stint, title="Head", by="user:4", now=LATER)
    correct_stint(stint=stint, title="Head", by="user:5", now=LATER)
    assert noted() == [("title", "user:4", LATER)]


def test_the_day_an_address_was_given_may_come_from_somebody_else_than_the_address() -> None:
    alice = person()
    fields = {"person": alice, "address": "a@home.example", "kind": "private", "source": "hr"}
    add_address(**fields, now=NOW)
    row = add_address(**fields, given_on=TODAY, by="user:3", now=LATER)
    assert [(each.address, each.field, each.source) for each in Provenance.objects.all()] == [
        (row, "given_on", "user:3")
    ]


def test_with_the_person_all_of_it_goes() -> None:
    alice = person(private="a@home.example")
    correct_person(person=alice, full_name="Alice Grün", called="", language="nl", by="user:3", now=NOW)
    correct_stint(stint=alice.stints.get(), title="Lead", by="user:3", now=NOW)
    alice.delete()
    assert Provenance.objects.count() == 0


def test_a_word_is_about_one_row() -> None:
    alice = person()
    for rows in ({}, {"person": alice, "stint": alice.stints.get()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Provenance.objects.create(**rows, field="title", source="hr", at=NOW)


def test_whoever_was_on_file_before_came_with_their_first_stint() -> None:
    alice, bob = person("Alice van Dam"), person("Bob Stone")
    add_stint(person=alice, source="other", by="test", now=LATER)
    Stint.objects.filter(person=bob).delete()
    Person.objects.update(source="")
    import_module("perennial.people.migrations.0002_companies_skills_provenance").name_sources(apps, None)
    assert dict(Person.objects.values_list("full_name", "source")) == {"Alice van Dam": "test", "Bob Stone": ""}
    assert EmailAddress.objects.count() == 0
