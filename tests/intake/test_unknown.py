"""Values that nobody knows are asked about once, with their number of rows, and remembered for their source."""

from typing import Any

import pytest

from perennial.intake.columns import Field
from perennial.intake.enums import ImportState
from perennial.intake.models import ImportRun, SourceValue
from perennial.intake.queries import source_page, values_said
from perennial.intake.receiving import receive_file
from perennial.intake.remembering import forget_value, remember_values
from perennial.intake.running import mapping_of
from perennial.intake.steps import NotNowError, choose_columns, choose_values
from perennial.intake.unknown import MOST_ASKED
from perennial.people.models import Stint
from perennial.programme.models import Department, Place
from tests.cast import NOW
from tests.intake.bringing import counted, reasons

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("programme")]

HEADER = "Employee number;Full name;Last day;Status;How it ended;Kind of contract;Language;Department;Location"
STRANGE = "1;Alice Winter;2026-10-14;Z1;VO-7;Flexi;Frysk;Bridges;AMS-HQ"
KNOWN = "2;Bob Summer;2026-10-14;left;resignation;employee;nl;Bridges;Amsterdam"


def compared(*lines: str, source: str = "hr", header: str = HEADER) -> ImportRun:
    content = "\n".join([header, *lines]).encode()
    run = receive_file(chunks=[content], file_name="l.csv", source=source, by="user:1", now=NOW)
    choose_columns(run=run, mapping=mapping_of(run), by="user:1", now=NOW)
    return run


def asked(run: ImportRun) -> list[tuple[str, str, int]]:
    return [(value["field"], value["text"], value["rows"]) for value in run.unknown_values]


def stint(number: str) -> tuple[Any, ...]:
    (found,) = Stint.objects.filter(employee_number=number).values_list(
        *("status", "how_ended", "contract_kind", "person__language", "department__name", "place__name")
    )
    return tuple(found)


def test_unknown_values_are_asked_once_with_their_rows_and_used_the_next_time(take_in: Any) -> None:
    Place.objects.create(name="Amsterdam")
    run = compared(STRANGE, STRANGE.replace("1;Alice", "3;Zoe").replace("VO-7", "vo-7 "), KNOWN)
    assert run.state == ImportState.MAPPING
    assert asked(run) == [
        ("status", "Z1", 2),
        ("how_ended", "VO-7", 2),
        ("contract_kind", "Flexi", 2),
        ("language", "Frysk", 2),
        ("place", "AMS-HQ", 2),
    ]
    meanings = {
        (Field.STATUS, "Z1"): "left",
        (Field.HOW_ENDED, "VO-7"): "resignation",
        (Field.CONTRACT_KIND, "Flexi"): "",
        (Field.LANGUAGE, "Frysk"): "nl",
        (Field.PLACE, "AMS-HQ"): "Amsterdam",
    }
    choose_values(run=run, meanings=meanings, by="user:1", now=NOW)
    assert (run.state, run.created, run.unknown_values) == (ImportState.READY, 3, [])
    with pytest.raises(NotNowError):
        choose_values(run=run, meanings={}, by="user:1", now=NOW)
    # What is left as it is is not asked again.
    assert compared(STRANGE).state == ImportState.READY
    # Nor has it been said of another source.
    assert compared(STRANGE, source="other").state == ImportState.MAPPING
    assert counted(take_in(STRANGE, header=HEADER)) == (1, 0, 0, 0)
    assert stint("1") == ("left", "resignation", "other", "nl", "Bridges", "Amsterdam")
    assert list(Place.objects.values_list("name", flat=True)) == ["Amsterdam"]


def test_the_first_departments_and_places_are_not_asked_about() -> None:
    assert asked(compared(KNOWN)) == []
    Department.objects.create(name="Roads")
    assert asked(compared(KNOWN)) == [("department", "Bridges", 1)]


def test_a_name_in_another_spelling_and_a_former_one_are_known() -> None:
    Department.objects.create(name="BRIDGES")
    Place.objects.create(name="amsterdam")
    assert compared(KNOWN).state == ImportState.READY


def test_blank_cells_and_cells_nobody_can_read_are_no_values() -> None:
    Department.objects.create(name="Roads")
    run = compared("1;Alice Winter;2026-10-14;-;n/a;;;" + "x" * 301 + ";")
    assert (run.state, run.rejected) == (ImportState.READY, 1)


def test_the_command_asks_nothing_and_rejects_as_before(take_in: Any) -> None:
    line = "1;Alice Winter;;Z1;VO-7;;;;"
    for apply in (False, True):
        result = take_in(line, header=HEADER, apply=apply)
        assert counted(result) == (0, 0, 0, 1)
        assert reasons(result) == ["There is neither a last day nor a status that we know."]
    remember_values(source="hr", meanings={(Field.STATUS, "z1"): "left"}, by="user:1", now=NOW)
    for apply in (False, True):
        assert counted(take_in(line, header=HEADER, apply=apply)) == (1, 0, 0, 0)
    assert stint("1")[:2] == ("left", "other")


def test_what_was_said_goes_before_what_we_know_ourselves(take_in: Any) -> None:
    remember_values(source="hr", meanings={(Field.HOW_ENDED, "Resignation"): "retirement"}, by="user:1", now=NOW)
    take_in(KNOWN, header=HEADER)
    assert stint("2")[1] == "retirement"


def test_what_a_value_means_can_be_seen_and_forgotten() -> None:
    meanings = {(Field.HOW_ENDED, "VO-7"): "resignation", (Field.STATUS, "Z1"): "", (Field.PLACE, "Hof"): ""}
    remember_values(source="hr", meanings=meanings, by="user:1", now=NOW)
    assert values_said("hr") == {Field.HOW_ENDED: {"vo-7": "resignation"}, Field.STATUS: {"z1": ""}}
    page = source_page("hr")
    assert page is not None
    assert [(str(each.label), each.text, each.meaning) for each in page.values] == [
        ("How it ended", "VO-7", "Resigned"),
        ("Status", "Z1", ""),
    ]
    value = page.values[0].pk
    assert not forget_value(source="other", value=value, by="user:1", now=NOW)
    assert forget_value(source="hr", value=value, by="user:1", now=NOW)
    assert values_said("hr") == {Field.STATUS: {"z1": ""}}


def test_no_meaning_is_taken_that_is_none_of_ours() -> None:
    with pytest.raises(ValueError, match="fired with joy"):
        remember_values(source="hr", meanings={(Field.HOW_ENDED, "x"): "fired with joy"}, by="user:1", now=NOW)
    assert not SourceValue.objects.exists()


def test_only_the_values_with_the_most_rows_are_asked_about() -> None:
    lines = [f"{n};Person {n};2026-10-14;;reason {n % 40 + 100};;;;" for n in range(100)]
    run = compared(*lines)
    assert len(run.unknown_values) == MOST_ASKED
    assert {rows for _field, _text, rows in asked(run)} == {2, 3}
    choose_values(run=run, meanings={}, by="user:1", now=NOW)
    assert (run.state, run.created) == (ImportState.READY, 100)


def test_columns_chosen_anew_ask_anew() -> None:
    run = compared("1;Alice Winter;2026-10-14;Z1;;;;;")
    assert asked(run) == [("status", "Z1", 1)]
    mapping = {field: at for field, at in mapping_of(run).items() if field is not Field.STATUS}
    choose_columns(run=run, mapping=mapping, by="user:1", now=NOW)
    assert (run.state, run.unknown_values) == (ImportState.READY, [])
