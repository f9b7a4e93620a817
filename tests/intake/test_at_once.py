"""Files taken in from end to end: what is written, what is foretold, what is refused as a whole, what remains."""

import os
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from perennial.audit.models import Event
from perennial.departures.actions import open_due
from perennial.departures.models import Departure
from perennial.intake.at_once import ImportResult
from perennial.intake.enums import ImportState
from perennial.intake.errors_file import folder
from perennial.intake.models import ImportRun, StagedChange, StagedRow
from perennial.intake.reader.table import open_table
from perennial.intake.receiving import FileRefusedError
from perennial.intake.template import LANGUAGES, csv_template, xlsx_template
from perennial.people.actions import add_address, add_stint, refresh_search_text
from perennial.people.models import Person, Stint
from perennial.programme.models import Department, Place
from tests import cast
from tests.cast import NOW, TODAY
from tests.intake.bringing import HEADER, counted, everything, take_in_file
from tests.intake.files import write_ods, write_xlsx

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("programme")]


def test_a_new_leaver_becomes_a_person_with_stint_addresses_and_departure(take_in: Any) -> None:
    result = take_in(
        "0042;Vries, Fenna de;Fenna@Home.Example;2026-09-01;f.vries@employer.example;2019-03-01;2026-10-14;leaving;"
        "Engineer;Bridges;Utrecht;Mara Smit;permanent;resignation;Dutch",
        header=HEADER + ";Job title;Department;Location;Manager;Kind of contract;How it ended;Language",
    )
    assert result == ImportResult(1, 1, 0, 0, 0, 1, None)
    person = Person.objects.get()
    assert (person.full_name, person.called, person.sort_name, person.language) == (
        "Fenna de Vries",
        "Fenna",
        "vries, fenna de",
        "nl",
    )
    stint = person.stints.get()
    assert (stint.source, stint.employee_number, stint.title, stint.manager) == ("hr", "0042", "Engineer", "Mara Smit")
    assert (stint.department.name, stint.place.name) == ("Bridges", "Utrecht")
    assert (stint.starts_on, stint.ends_on) == (date(2019, 3, 1), date(2026, 10, 14))
    assert (stint.status, stint.contract_kind, stint.how_ended) == ("leaving", "employee", "resignation")
    private, business = person.addresses.get(kind="private"), person.addresses.get(kind="business")
    assert (private.address, private.given_on, private.state) == ("fenna@home.example", date(2026, 9, 1), "unverified")
    assert (business.address, business.given_on, business.state) == ("f.vries@employer.example", None, "unverified")
    assert Departure.objects.get().stint == stint


def test_the_record_is_what_the_actions_of_people_would_have_written(take_in: Any) -> None:
    take_in("1;Zoë Ångström;zoe@home.example;;z@employer.example;2019-03-01;2026-10-14;left")
    imported = Person.objects.get()
    by_hand = cast.person("Zoë Ångström", ends_on=TODAY)
    assert (imported.sort_name, imported.called) == (by_hand.sort_name, by_hand.called)
    before = imported.search_text
    refresh_search_text(person=imported)
    assert imported.search_text == before
    address = imported.addresses.get(kind="private")
    assert (
        add_address(person=by_hand, address="zoe@home.example", kind="private", source="x", now=NOW).fingerprint
        == address.fingerprint
    )


def test_a_dry_run_says_the_same_and_writes_nothing_at_all(take_in: Any) -> None:
    lines = ["1;Alice Winter;;;;;2026-10-14;", "2;Bob Summer;;;;;2020-01-31;", "3;Charlie;;;;;;"]
    before = {model: model.objects.count() for model in (Person, Stint, Event, ImportRun, StagedRow, Department)}
    with CaptureQueriesContext(connection) as queries:
        dry = take_in(*lines, apply=False)
    assert counted(dry) == (2, 0, 0, 1)
    assert {model: model.objects.count() for model in before} == before
    written = [
        query["sql"]
        for query in queries.captured_queries
        if query["sql"].startswith(("INSERT", "UPDATE", "DELETE")) and "intake_stagedrow" not in query["sql"]
    ]
    assert written == []
    wet = take_in(*lines)
    assert (counted(wet), wet.departures) == (counted(dry), dry.departures)
    assert (dry.departures, Departure.objects.count()) == (1, 1)


def test_the_same_file_twice_changes_nothing(take_in: Any) -> None:
    lines = [
        "1;Alice Winter;alice@home.example;2026-09-01;a@employer.example;2019-03-01;2026-10-14;leaving",
        ";Bob Summer;;;b@employer.example;;2026-09-30;",
        ";Charlie;;;;;2026-09-30;",
        ";Daan Vos;;;;;;leaving",
    ]
    assert counted(take_in(*lines)) == (4, 0, 0, 0)
    before = everything()
    assert counted(take_in(*lines)) == (0, 0, 4, 0)
    assert counted(take_in(*lines, apply=False)) == (0, 0, 4, 0)
    assert everything() == before


def test_upper_case_addresses_make_no_second_person(take_in: Any) -> None:
    take_in(";Alice Winter;;;alice@employer.example;;2026-10-14;")
    assert counted(take_in(";Alice Winter;;;ALICE@Employer.Example;;2026-10-14;")) == (0, 0, 1, 0)


def test_a_changed_row_updates_and_an_empty_cell_leaves_what_is_there(take_in: Any) -> None:
    header = HEADER + ";Job title;Manager"
    take_in("1;Alice Winter;;;;2019-03-01;2026-10-14;leaving;Engineer;Mara Smit", header=header)
    result = take_in("1;Alice Winter;;;;;2026-11-14;;Senior engineer;", header=header)
    assert counted(result) == (0, 1, 0, 0)
    stint = Stint.objects.get()
    assert (stint.title, stint.manager, stint.status) == ("Senior engineer", "Mara Smit", "leaving")
    assert (stint.starts_on, stint.ends_on) == (date(2019, 3, 1), date(2026, 11, 14))
    assert "senior engineer" in Person.objects.get().search_text


def test_a_last_day_is_taken_back_only_where_the_cell_is_empty_and_the_status_is_active(take_in: Any) -> None:
    take_in("1;Alice Winter;;;;;2026-10-14;leaving", "2;Bob Summer;;;;;2026-10-14;leaving")
    assert Departure.objects.filter(state="open").count() == 2
    result = take_in("1;Alice Winter;;;;;;active", "2;Bob Summer;;;;;;leaving")
    assert counted(result) == (0, 1, 1, 0)
    assert Stint.objects.get(employee_number="1").ends_on is None
    assert Stint.objects.get(employee_number="2").ends_on == date(2026, 10, 14)
    assert Departure.objects.get(state="cancelled").person.full_name == "Alice Winter"


def test_without_the_column_a_last_day_stays(take_in: Any) -> None:
    take_in("1;Alice Winter;;;;;2026-10-14;leaving")
    take_in("1;Alice Winter;active", header="Employee number;Full name;Status")
    assert Stint.objects.get().ends_on == date(2026, 10, 14)


def test_a_status_without_a_date_opens_a_question(take_in: Any) -> None:
    result = take_in("1;Alice Winter;;;;;;leaving")
    assert (counted(result), result.departures) == ((1, 0, 0, 0), 0)
    assert Departure.objects.get().state == "question"
    answered = take_in("1;Alice Winter;;;;;2026-10-14;leaving")
    assert (counted(answered), answered.departures) == ((0, 1, 0, 0), 1)
    assert Departure.objects.get().state == "open"


@pytest.mark.parametrize(
    ("days", "opens"), [(-61, 0), (-60, 1), (0, 1), (30, 1), (400, 1)], ids=lambda value: str(value)
)
def test_departures_are_foretold_as_they_will_open(take_in: Any, days: int, opens: int) -> None:
    line = f"1;Alice Winter;;;;;{TODAY + timedelta(days=days)};"
    assert take_in(line, apply=False).departures == opens
    assert take_in(line).departures == opens
    assert Departure.objects.count() == opens


def test_who_died_opens_no_departure(take_in: Any) -> None:
    result = take_in("1;Alice Winter;;;;;2026-09-01;left;died", header=HEADER + ";How it ended")
    assert (result.created, result.departures, open_due(now=NOW)) == (1, 0, 0)


def test_names_in_parts_are_put_together_and_sorted(take_in: Any) -> None:
    header = "Voornaam;Tussenvoegsel;Achternaam;Datum uit dienst"
    take_in(
        "Jan;van der;Berg;31-12-2025", "Ana María;;García Márquez;31-12-2025", ";;Vries, de;31-12-2025", header=header
    )
    assert sorted(Person.objects.values_list("full_name", "sort_name", "called")) == [
        ("Ana María García Márquez", "garcia marquez, ana maria", "Ana"),
        ("Jan van der Berg", "berg, jan van der", "Jan"),
        ("de Vries", "vries, de", "de"),
    ]


def test_a_name_that_begins_with_the_familys_is_turned_round(take_in: Any) -> None:
    take_in(
        "Смирнова Ольга Петровна;31-12-2025",
        "Волков Дмитрий;31-12-2025",
        "Ким;31-12-2025",
        header="ФИО;Дата увольнения",
    )
    take_in("Орлова Вера Ивановна;31-12-2025", "Anna Maria Bos;31-12-2025", header="Full name;Last day")
    assert sorted(Person.objects.values_list("full_name", "sort_name", "called")) == [
        ("Anna Maria Bos", "bos, anna maria", "Anna"),
        ("Вера Ивановна Орлова", "орлова, вера ивановна", "Вера"),
        ("Дмитрий Волков", "волков, дмитрии", "Дмитрий"),
        ("Ким", "ким", "Ким"),
        ("Ольга Петровна Смирнова", "смирнова, ольга петровна", "Ольга"),
    ]


def test_departments_and_places_are_made_once_by_name(take_in: Any) -> None:
    Department.objects.create(name="Sales")
    header = "Employee number;Full name;Last day;Department;Location"
    take_in("1;Alice;2026-10-14;sales;Leeds", "2;Bob;2026-10-14;Sales;Leeds", "3;Charlie;2026-10-14;;", header=header)
    assert list(Department.objects.values_list("name", flat=True)) == ["Sales"]
    assert list(Place.objects.values_list("name", flat=True)) == ["Leeds"]
    assert Stint.objects.get(employee_number="3").department is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_our_own_template_is_taken_in_as_it_is(tmp_path: Path, language: str, ending: str) -> None:
    made = csv_template if ending == "csv" else xlsx_template
    path = tmp_path / f"leavers.{ending}"
    path.write_bytes(made(language=language, today=TODAY))
    result = take_in_file(path)
    assert (counted(result), result.departures) == ((2, 0, 0, 0), 2)
    assert counted(take_in_file(path)) == (0, 0, 2, 0)


def test_a_workbook_is_taken_in_and_its_rejected_rows_come_back_as_a_workbook(tmp_path: Path) -> None:
    rows = [
        ["Leavers of 2026", None, None, None],
        ["Personalnummer", "Vollständiger Name", "Austrittsdatum", "Private E-Mail"],
        ["001", "Jürgen Groß", date(2026, 10, 14), "=1+1"],
        ["002", "Anna Bauer", date(2026, 10, 14), "anna@home.example"],
    ]
    path = write_xlsx(tmp_path / "Austritte.xlsx", {"Liste": rows})
    result = take_in_file(path)
    assert counted(result) == (1, 0, 0, 1)
    assert result.errors_file is not None
    assert result.errors_file.endswith(".xlsx")
    table = open_table(result.errors_file)
    assert [row.cells[:3] for row in table.rows()] == [["001", "Jürgen Groß", "2026-10-14"]]
    assert "e-mail" in next(table.rows()).cells[-1]


def test_an_ods_is_taken_in(tmp_path: Path) -> None:
    path = write_ods(tmp_path / "l.ods", [["Name", "Last day"], ["Alice Winter", date(2026, 10, 14)]])
    assert counted(take_in_file(path)) == (1, 0, 0, 0)


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        ("Number;Last day", "No column was recognised as the name."),
        ("Full name;Shoe size", "No column was recognised as the last day or the status."),
        ("Full name;Last day;End date", "More than one column could be meant"),
    ],
)
@pytest.mark.parametrize("apply", [True, False])
def test_a_missing_column_is_named_with_what_to_do(take_in: Any, header: str, sentence: str, apply: bool) -> None:
    with pytest.raises(FileRefusedError) as refusal:
        take_in("1;2;3", header=header, apply=apply)
    assert str(refusal.value).startswith(sentence)
    assert (ImportRun.objects.count(), StagedRow.objects.count()) == (0, 0)


@pytest.mark.parametrize("apply", [True, False])
def test_ambiguous_dates_are_asked_with_an_example_and_never_guessed(take_in: Any, apply: bool) -> None:
    header, line = "Full name;Last day", "Alice Winter;03/04/2026"
    with pytest.raises(FileRefusedError) as refusal:
        take_in(line, header=header, apply=apply)
    assert "--date-order" in str(refusal.value)
    assert "03/04/2026" in str(refusal.value)
    assert (Person.objects.count(), ImportRun.objects.count(), StagedRow.objects.count()) == (0, 0, 0)
    take_in(line, header=header, date_order="mdy")
    assert Stint.objects.get().ends_on == date(2026, 3, 4)


def test_another_date_column_of_the_same_file_may_tell(take_in: Any) -> None:
    take_in("Alice Winter;13/01/2020;03/04/2026", header="Full name;First day;Last day")
    assert Stint.objects.get().ends_on == date(2026, 4, 3)


@pytest.mark.parametrize("apply", [True, False])
def test_damage_further_on_refuses_the_whole_file_before_anything_is_written(tmp_path: Path, apply: bool) -> None:
    path = tmp_path / "l.csv"
    good = "".join(f"{number};Person {number};2026-10-14\n" for number in range(5000))
    path.write_text("Employee number;Full name;Last day\n" + good + '9;"never closed;2026-10-14\n')
    before = set(folder().iterdir())
    with pytest.raises(FileRefusedError):
        take_in_file(path, apply=apply)
    assert (Person.objects.count(), StagedRow.objects.count(), ImportRun.objects.count()) == (0, 0, 0)
    assert set(folder().iterdir()) == before


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n\x00", b"Full name;Last day\n"])
def test_a_file_that_is_no_list_is_refused_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(FileRefusedError):
        take_in_file(path)
    with pytest.raises(FileRefusedError):
        take_in_file(tmp_path / "missing.csv")


def test_an_empty_column_does_no_harm(take_in: Any) -> None:
    assert counted(take_in("1;;Alice;2026-10-14", header="Employee number;;Full name;Last day")) == (1, 0, 0, 0)


def test_when_it_is_over_only_rejected_rows_and_their_file_remain(take_in: Any) -> None:
    take_in("1;Alice;;;;;2026-10-14;", "2;Bob;;;;;;")
    run = ImportRun.objects.get()
    assert (run.state, run.rows, run.created, run.rejected) == (ImportState.DONE, 2, 1, 1)
    assert list(StagedRow.objects.values_list("number", flat=True)) == [3]
    assert StagedChange.objects.count() == 0
    assert run.stored_path == ""
    assert os.path.exists(run.errors_path)
    assert [each.name for each in folder().iterdir() if each.name.startswith(run.key)] == []


def test_every_batch_leaves_one_event_without_a_name(take_in: Any) -> None:
    take_in("1;Alice;;;;;2026-10-14;", "2;Bob;;;;;2026-10-14;")
    event = Event.objects.get(deed="intake.batch_applied")
    assert (event.details, event.by) == ({"created": 2, "updated": 0, "from": 0, "to": 3}, "test")
    assert Event.objects.filter(deed="intake.done").count() == 1


def test_another_stint_written_by_hand_is_left_alone(take_in: Any) -> None:
    person = cast.person("Alice Winter", employee_number="1", starts_on=date(2010, 1, 1), ends_on=date(2012, 1, 31))
    Stint.objects.update(source="hr")
    add_stint(person=person, source="typed", ends_on=None, starts_on=date(2020, 1, 1), title="Adviser", by="t", now=NOW)
    take_in("1;Alice Winter;;;;2010-01-01;2012-01-31;left")
    assert person.stints.get(title="Adviser").status == "unknown"
