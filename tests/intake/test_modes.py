"""What an import may do, and what an empty cell means."""

from datetime import date
from typing import Any

import pytest

from perennial.departures.actions import open_due
from perennial.departures.models import Departure
from perennial.intake.applying import apply_batch
from perennial.intake.columns import Field
from perennial.intake.enums import EmptyCells, ImportState, Mode
from perennial.intake.models import ImportRun, StagedChange, StagedRow
from perennial.intake.receiving import receive_file
from perennial.intake.rows import CLEARED
from perennial.intake.running import mapping_of
from perennial.intake.steps import apply, choose_columns
from perennial.people.models import EmailAddress, Person, Provenance, Stint
from tests import cast
from tests.cast import NOW, TODAY
from tests.intake.bringing import HEADER, counted, everything

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("programme")]

ALICE = "1;Alice Winter;;;;2010-01-01;2026-10-14;"
MOVED = "1;Alice Winter;alice@home.example;;;2010-01-01;2026-11-14;"
RETURN = "1;Alice Winter;;;;2027-01-01;;active"
BOB = "2;Bob Summer;;;;2012-01-01;2026-10-14;"
BOB_BEFORE = "2;Bob Summer;;;;2001-01-01;2003-10-14;left"


@pytest.mark.parametrize("again", [MOVED, RETURN])
def test_adding_leaves_alone_who_is_on_file(take_in: Any, again: str) -> None:
    take_in(ALICE)
    before = everything()
    dry = take_in(again, ALICE.replace("1;Alice Winter", "3;Zoe Spring"), mode=Mode.ADD, apply=False)
    result = take_in(again, ALICE.replace("1;Alice Winter", "3;Zoe Spring"), mode=Mode.ADD)
    assert counted(dry) == counted(result) == (1, 0, 1, 0)
    assert (dry.left_alone, result.left_alone, dry.departures, result.departures) == (1, 1, 1, 1)
    Person.objects.get(full_name="Zoe Spring").delete()
    assert everything() == before


def test_adding_brings_all_periods_of_somebody_new(take_in: Any) -> None:
    for lines in ([BOB, BOB_BEFORE], [BOB_BEFORE, BOB]):
        assert counted(take_in(*lines, mode=Mode.ADD)) == (1, 1, 0, 0)
        assert Stint.objects.count() == 2
        Person.objects.all().delete()


def test_only_updating_brings_nobody_new(take_in: Any) -> None:
    take_in(ALICE)
    result = take_in(MOVED, BOB_BEFORE, BOB, mode=Mode.ONLY_UPDATE)
    assert (counted(result), result.left_alone) == ((0, 1, 2, 0), 2)
    assert list(Stint.objects.values_list("ends_on", flat=True)) == [date(2026, 11, 14)]
    assert EmailAddress.objects.get().address == "alice@home.example"


def test_only_updating_brings_a_new_period_of_somebody_on_file(take_in: Any) -> None:
    take_in(ALICE)
    assert counted(take_in(RETURN, mode=Mode.ONLY_UPDATE)) == (0, 1, 0, 0)
    # Known through a row of the same file only: the address in both.
    lines = [
        "1;Alice Winter;a@home.example;;;2010-01-01;2026-10-14;",
        "7;Alice Winter;a@home.example;;;1999-01-01;2001-01-01;",
    ]
    assert counted(take_in(*lines, mode=Mode.ONLY_UPDATE)) == (0, 2, 0, 0)
    assert (Person.objects.count(), Stint.objects.count()) == (1, 3)


def test_what_a_mode_leaves_alone_is_no_difference() -> None:
    someone = cast.person("Alice Winter", employee_number="1", starts_on=date(2010, 1, 1))
    Stint.objects.update(source="hr")
    run = compared([MOVED, BOB], mode=Mode.ADD)
    assert (run.state, run.created, run.updated, run.unchanged, run.left_alone) == (ImportState.READY, 1, 0, 1, 1)
    assert StagedChange.objects.filter(run=run).count() == 0
    assert someone.stints.get().ends_on == TODAY


def compared(lines: list[str], *, header: str = HEADER, **asked: Any) -> ImportRun:
    content = "\n".join([header, *lines]).encode()
    run = receive_file(chunks=[content], file_name="l.csv", source="hr", by="user:1", now=NOW)
    choose_columns(run=run, mapping=mapping_of(run), by="user:1", now=NOW, **asked)
    return run


@pytest.mark.parametrize("mode", [Mode.ADD, Mode.ONLY_UPDATE])
@pytest.mark.parametrize("lines", [[BOB, BOB_BEFORE], [BOB_BEFORE, BOB]])
def test_a_mode_holds_when_something_was_written_since_it_was_compared(mode: Mode, lines: list[str]) -> None:
    run = compared(lines, mode=mode)
    other = compared([BOB.replace("2026-10-14", "2026-12-31"), "3;Zoe Spring;;;;2012-01-01;2026-10-14;"])
    apply(run=other, by="user:1", now=NOW)
    before = everything()
    ImportRun.objects.filter(pk=run.pk).update(state=ImportState.APPLYING, worker="w")
    while apply_batch(run_id=run.pk, worker="w", now=NOW, today=TODAY):
        pass
    assert everything() == before


DETAILS = (
    "Employee number;Full name;Called;Last day;Job title;Department;Location;Manager;Kind of contract;How it ended"
)
FULL = "1;Alice Winter;Lies;2026-10-14;Engineer;Bridges;Leeds;Mara Smit;employee;resignation"
BARE = "1;Alice Winter;;2026-10-14;;-;;n/a;;"
EMPTIED = ("Alice", "", None, None, "", "", "")


def details() -> tuple[Any, ...]:
    (found,) = Stint.objects.values_list(
        *("person__called", "title", "department__name", "place__name", "manager", "contract_kind", "how_ended")
    )
    return tuple(found)


def test_an_empty_cell_leaves_what_is_on_file_unless_it_is_said_to_clear_it(take_in: Any) -> None:
    take_in(FULL, header=DETAILS)
    full = details()
    assert counted(take_in(BARE, header=DETAILS)) == (0, 0, 1, 0)
    assert details() == full
    assert counted(take_in(BARE, header=DETAILS, empty_cells=EmptyCells.CLEAR, apply=False)) == (0, 1, 0, 0)
    assert details() == full
    assert counted(take_in(BARE, header=DETAILS, empty_cells=EmptyCells.CLEAR)) == (0, 1, 0, 0)
    assert details() == EMPTIED
    assert "bridges" not in Person.objects.get().search_text
    assert counted(take_in(BARE, header=DETAILS, empty_cells=EmptyCells.CLEAR)) == (0, 0, 1, 0)


def test_a_column_that_is_not_there_clears_nothing(take_in: Any) -> None:
    take_in(FULL, header=DETAILS)
    full = details()
    assert counted(
        take_in(
            "1;Alice Winter;2026-10-14;",
            header="Employee number;Full name;Last day;Job title",
            empty_cells=EmptyCells.CLEAR,
        )
    ) == (0, 1, 0, 0)
    assert details() == (full[0], "", *full[2:])


def test_names_numbers_addresses_days_and_language_are_never_cleared(take_in: Any) -> None:
    header = HEADER + ";Language"
    take_in(
        "1;Alice Winter;alice@home.example;2026-09-01;a@employer.example;2010-01-01;2026-10-14;leaving;de",
        header=header,
    )
    before = everything()
    result = take_in(";Alice Winter;alice@home.example;;;;2026-10-14;;", header=header, empty_cells=EmptyCells.CLEAR)
    assert counted(result) == (0, 0, 1, 0)
    assert everything() == before


def test_no_empty_cell_undoes_a_death(take_in: Any) -> None:
    header = "Employee number;Full name;Last day;Job title;How it ended"
    take_in("1;Alice Winter;2026-10-14;Engineer;", header=header)
    Stint.objects.update(how_ended="death")
    open_due(now=NOW)
    for title in ("Engineer", "Planner"):
        result = take_in(f"1;Alice Winter;2026-10-14;{title};", header=header, empty_cells=EmptyCells.CLEAR)
        assert result.departures == 0
        assert list(Stint.objects.values_list("title", "how_ended")) == [(title, "death")]
    assert set(Departure.objects.values_list("state", flat=True)) == {"cancelled"}
    # Another word of HR's does: the record was wrong.
    take_in("1;Alice Winter;2026-10-14;Planner;resigned", header=header, empty_cells=EmptyCells.CLEAR)
    assert Stint.objects.get().how_ended == "resignation"


def test_what_is_emptied_stands_among_the_differences() -> None:
    someone = cast.person("Alice Winter", employee_number="1", title="Engineer", manager="Mara Smit")
    Stint.objects.update(source="hr")
    header = "Employee number;Full name;Last day;Job title;Manager"
    run = compared([f"1;Alice Winter;{TODAY};;"], header=header, empty_cells=EmptyCells.CLEAR)
    assert sorted(StagedChange.objects.filter(run=run).values_list("field", "before", "after")) == [
        ("manager", "Mara Smit", ""),
        ("title", "Engineer", ""),
    ]
    apply(run=run, by="user:1", now=NOW)
    stint = someone.stints.get()
    assert (stint.title, stint.manager) == ("", "")
    noted = Provenance.objects.filter(stint=stint, source="hr").values_list("field", flat=True)
    assert sorted(noted) == ["manager", "title"]


def test_who_is_no_longer_said_to_have_died_gets_a_departure(take_in: Any) -> None:
    header = "Employee number;Full name;Last day;How it ended"
    assert take_in("1;Alice Winter;2026-10-14;died", header=header).departures == 0
    asked = {"header": header, "empty_cells": EmptyCells.CLEAR}
    assert take_in("1;Alice Winter;2026-10-14;", **asked).departures == 0
    assert take_in("1;Alice Winter;2026-10-14;resigned", apply=False, **asked).departures == 1
    assert take_in("1;Alice Winter;2026-10-14;resigned", **asked).departures == 1
    assert open_due(now=NOW) == 0


def test_contradictions_are_told_apart_from_bad_cells() -> None:
    cast.person("Alice Winter", employee_number="1", starts_on=date(2010, 1, 1))
    Stint.objects.update(source="hr")
    run = compared(
        [
            "1;Somebody Else;;;;2001-01-01;2005-01-01;",
            "2;Bob Summer;;;;;2026-10-14;",
            "2;Bob Summer;;;;;2026-10-15;",
            "3;Zoe Spring;;;;;never;",
            "4;;;;;;2026-10-14;",
        ]
    )
    assert (run.rejected, run.conflicts) == (5, 3)
    conflicts = StagedRow.objects.filter(run=run, conflict=True).order_by("number")
    assert list(conflicts.values_list("number", flat=True)) == [2, 3, 4]


def test_every_field_that_can_be_cleared_is_one_of_a_stint() -> None:
    assert {Field(name) for name in CLEARED} == {
        *(Field.TITLE, Field.DEPARTMENT, Field.PLACE, Field.MANAGER, Field.CONTRACT_KIND, Field.HOW_ENDED)
    }
    assert len(set(CLEARED.values())) == len(CLEARED)
