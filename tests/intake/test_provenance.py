"""What an import changed says so, field by field, and what it left says what it said before."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from perennial.people.actions import add_person, add_stint, correct_stint
from perennial.people.models import Person, Provenance, Stint
from perennial.programme.models import Department, DepartmentAlias
from tests.cast import NOW, TODAY
from tests.intake.bringing import HEADER

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=1)
FULL = HEADER + ";Job title;Department;Location;Manager;Kind of contract;How it ended;Language;Called"


def fields(**of: Any) -> dict[str, str]:
    return dict(Provenance.objects.filter(**of).values_list("field", "source"))


def test_new_people_name_their_feed_and_take_no_further_row(take_in: Any) -> None:
    take_in("1;Alice Winter;a@home.example;2026-09-01;;2019-03-01;2026-10-14;leaving")
    alice = Person.objects.get()
    assert (alice.source, alice.added_by, alice.stints.get().source) == ("hr", "", "hr")
    assert Provenance.objects.count() == 0


def test_every_field_that_a_row_can_change_is_noted_and_no_other(take_in: Any) -> None:
    before = "1;Alice Winter;;;;;2026-10-14;leaving;Planner;Water;Delft;Mara Smit;permanent;;nl;Alice"
    take_in(before, header=FULL)
    take_in("1;Alice Winter;;;;;2026-11-14;;Planner;Roads;;;;;;", header=FULL, source="hr", now=LATER)
    assert fields() == {"ends_on": "hr", "department": "hr"}
    assert set(Provenance.objects.values_list("at", "stint")) == {(LATER, Stint.objects.get().pk)}
    everything = "1;Alice Winter;;;;2019-04-01;2026-12-14;left;Lead;Water;Utrecht;Bob;temporary;resignation;de;Ali"
    assert take_in(everything, header=FULL).updated == 1
    assert take_in("1;Alice Winter-Vos;;;;2019-04-01;2026-12-14;;;;;;;;;", header=FULL).updated == 1
    assert set(fields(stint__isnull=False)) == {
        *("title", "department", "place", "manager", "contract_kind", "how_ended", "status", "starts_on", "ends_on")
    }
    assert set(fields(person__isnull=False)) == {"full_name", "called", "language"}
    # Said as often as one likes, it is noted once a field.
    count = Provenance.objects.count()
    assert take_in(everything.replace("Water", "Bridges"), header=FULL).updated == 1
    assert Provenance.objects.count() == count


def test_a_former_name_of_the_department_changes_nothing_and_notes_nothing(take_in: Any) -> None:
    header = HEADER + ";Department;Job title"
    take_in("1;Alice Winter;;;;;2026-10-14;leaving;Water;Planner", header=header)
    DepartmentAlias.objects.create(name="Waterways", department=Department.objects.get(), since=NOW)
    take_in("1;Alice Winter;;;;;2026-10-14;leaving;Waterways;Lead", header=header)
    assert fields() == {"title": "hr"}


def test_a_day_taken_back_is_noted(take_in: Any) -> None:
    take_in("1;Alice Winter;;;;;2026-10-14;leaving")
    take_in("1;Alice Winter;;;;;;active")
    assert fields() == {"ends_on": "hr", "status": "hr"}


def test_a_feed_that_takes_a_typed_stint_over_notes_its_number_and_leaves_who_typed_the_rest(take_in: Any) -> None:
    alice = add_person(full_name="Alice Winter", source="typed", by="user:3", now=NOW)
    add_stint(person=alice, source="typed", title="Planner", ends_on=TODAY, by="user:3", now=NOW)
    take_in(f"7;Alice Winter;;;;;{TODAY};")
    stint = Stint.objects.get()
    assert (stint.source, stint.added_by, fields()) == ("hr", "user:3", {"employee_number": "hr"})


def test_an_import_speaks_last_where_it_changes_what_a_colleague_corrected(take_in: Any) -> None:
    take_in("1;Alice Winter;;;;;2026-10-14;;Planner", header=HEADER + ";Job title")
    stint = Stint.objects.get()
    correct_stint(stint=stint, title="Lead", manager="Bob", by="user:3", now=LATER)
    take_in("1;Alice Winter;;;;;2026-10-14;;Head", header=HEADER + ";Job title")
    assert fields() == {"title": "hr", "manager": "user:3"}


def test_the_day_an_address_was_given_is_noted(take_in: Any) -> None:
    take_in("1;Alice Winter;a@home.example;;;;2026-10-14;leaving")
    take_in("1;Alice Winter;a@home.example;2026-09-01;;;2026-10-14;leaving")
    assert fields(address__address="a@home.example") == {"given_on": "hr"}


def test_rows_of_one_file_may_say_the_same_of_one_stint(take_in: Any) -> None:
    take_in("1;Alice Winter;;;;;2026-10-14;leaving")
    take_in("1;Alice Winter;;;;;2026-11-14;leaving", "1;Alice Winter;;;;;2026-11-14;leaving")
    assert fields() == {"ends_on": "hr"}


def test_as_many_statements_are_sent_for_one_changed_row_as_for_three(take_in: Any) -> None:
    sent = []
    for many in (1, 3):
        lines = [f"{many}{row};Alice Winter {many}{row};;;;;2026-10-14;leaving" for row in range(many)]
        take_in(*lines)
        with CaptureQueriesContext(connection) as queries:
            take_in(*[line.replace("10-14", "11-14") for line in lines])
        sent.append(sum("people_provenance" in query["sql"] for query in queries.captured_queries))
    # What stood there before, with who said that, and who says it now: of persons, stints and addresses.
    assert sent == [6, 6]
