"""Workbooks become records of text, within limits that hold whatever the file tries."""

import contextlib
import zipfile
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from perennial.intake.reader import workbook
from perennial.intake.reader.limits import MAX_ENTRIES, MAX_WORKBOOK_BYTES
from perennial.intake.reader.refusals import Reason, UnreadableFile
from perennial.intake.reader.table import open_table
from tests.intake import files
from tests.intake.reader.opening import cells, measured, refused, written


def test_a_workbook_gives_whole_numbers_and_iso_days(tmp_path: Path) -> None:
    rows = [
        ["Personeelsnummer", "Naam", "Datum uit dienst", "x"],
        [12345, "Alice", date(2025, 12, 31), 1.5],
        [1e15, "0042", datetime(2025, 12, 31, 8, 30), True],  # noqa: DTZ001 - a spreadsheet knows no zones
        ["007", "=1+1", 46022, -3],
    ]
    table = open_table(files.write_xlsx(tmp_path / "a.xlsx", {"Leavers": rows}))
    assert [(row.number, row.cells) for row in table.rows()] == [
        (2, ["12345", "Alice", "2025-12-31", "1.5"]),
        (3, ["1000000000000000", "0042", "2025-12-31 08:30:00", "TRUE"]),
        (4, ["007", "=1+1", "46022", "-3"]),
    ]
    assert table.serials is True


def test_the_name_of_a_workbook_says_nothing_of_its_kind(tmp_path: Path) -> None:
    path = files.write_xlsx(tmp_path / "leavers.xlsx", {"L": [["Full name", "Last day"], ["Alice", 1]]})
    assert cells(path.rename(tmp_path / "leavers.csv")) == [["Alice", "1"]]


def test_a_workbook_that_counts_from_1904_has_no_day_numbers(tmp_path: Path) -> None:
    rows = [["Full name", "Last day"], ["Alice", date(2025, 12, 31)]]
    table = open_table(files.write_xlsx(tmp_path / "a.xlsx", {"L": rows}, from_1904=True))
    assert table.serials is False
    assert [row.cells for row in table.rows()] == [["Alice", "2025-12-31"]]


def test_an_ods_file_is_read(tmp_path: Path) -> None:
    rows = [["Leavers"], [], ["Full name", "Last day", "Employee number"], ["Zoë", date(2025, 12, 31), 12345.0]]
    table = open_table(files.write_ods(tmp_path / "a.ods", rows))
    assert (table.header_row, table.sheet) == (3, "Leavers")
    assert [(row.number, row.cells) for row in table.rows()] == [(4, ["Zoë", "2025-12-31", "12345"])]


def test_the_sheet_with_the_leavers_is_found_and_another_can_be_asked_for(tmp_path: Path) -> None:
    sheets = {
        "Read me": [["How to fill this in"], ["Be careful"]],
        "Leavers": [["Leavers of May"], ["Achternaam", "Uit dienst"], ["Vries", "1-1-2026"]],
        "Old": [["Full name", "Last day"], ["Bob", "2"]],
    }
    path = files.write_xlsx(tmp_path / "a.xlsx", sheets)
    table = open_table(path)
    assert (table.sheet, table.sheets, table.header_row) == ("Leavers", ("Read me", "Leavers", "Old"), 2)
    assert cells(path, sheet="Old") == [["Bob", "2"]]
    assert refused(path, sheet="New").reason == Reason.NO_SHEET


def test_rows_of_a_workbook_can_be_left_half_read(tmp_path: Path) -> None:
    rows = [["Full name", "Last day"], *([f"Person {number}", "x"] for number in range(5_000))]
    table = open_table(files.write_xlsx(tmp_path / "a.xlsx", {"L": rows}))
    some = table.rows()
    assert next(some).cells[0] == "Person 0"
    some.close()  # type: ignore[attr-defined]
    assert len(list(table.rows())) == 5_000


def test_an_empty_workbook_and_one_with_only_a_header_say_so(tmp_path: Path) -> None:
    assert refused(files.write_xlsx(tmp_path / "a.xlsx", {"L": []})).reason == Reason.EMPTY
    path = files.write_xlsx(tmp_path / "b.xlsx", {"L": [["Full name", "Last day"]]})
    assert refused(path).reason == Reason.ONLY_A_HEADER


SHEET = (
    files.SHEET_HEAD
    + b'<row r="1">'
    + files.text_cell("A1", "Full name")
    + files.text_cell("B1", "Last day")
    + b'</row><row r="2">'
    + files.text_cell("A2", "Alice")
    + files.text_cell("B2", "1")
    + b"</row>"
    + files.SHEET_TAIL
)


def test_a_workbook_written_by_hand_is_read(tmp_path: Path) -> None:
    assert cells(files.write_parts(tmp_path / "a.xlsx", files.parts(SHEET))) == [["Alice", "1"]]


@pytest.mark.parametrize("encoding", ["ascii", "utf-16-le", "utf-16-be"])
def test_a_document_type_is_refused(tmp_path: Path, encoding: str) -> None:
    trick = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'.encode(encoding)
    path = files.write_parts(tmp_path / "a.xlsx", files.parts(trick + SHEET))
    assert refused(path).reason == Reason.DOCUMENT_TYPE


def test_a_picture_may_have_a_document_type(tmp_path: Path) -> None:
    entries = files.parts(SHEET) | {"xl/media/logo.svg": b"<!DOCTYPE svg><svg/>"}
    assert cells(files.write_parts(tmp_path / "a.xlsx", entries)) == [["Alice", "1"]]


def test_broken_binary_and_foreign_archives_say_so(tmp_path: Path) -> None:
    whole = files.write_parts(tmp_path / "a.xlsx", files.parts(SHEET)).read_bytes()
    assert refused(written(tmp_path, whole[:400])).reason == Reason.BROKEN
    assert refused(written(tmp_path, whole[:60] + b"garbage" + whole[67:])).reason == Reason.BROKEN
    assert refused(files.write_parts(tmp_path / "b", {"word/document.xml": b"<w/>"})).reason == Reason.BINARY
    assert refused(files.write_parts(tmp_path / "c", {"xl/workbook.bin": b"x"})).reason == Reason.OLD_WORKBOOK
    assert refused(files.write_parts(tmp_path / "d", files.parts(b"<worksheet><sheetData>"))).reason in (
        Reason.BROKEN,
        Reason.EMPTY,
    )


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_damaged_workbook_ends_in_rows_or_in_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = files.write_parts(tmp_path_factory.mktemp("damaged") / "a.xlsx", files.parts(SHEET))
    content = bytearray(path.read_bytes())
    for _time in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    with contextlib.suppress(UnreadableFile):
        assert all(row.cells for row in open_table(path).rows())


def test_an_encrypted_entry_is_a_password(tmp_path: Path) -> None:
    path = files.write_parts(tmp_path / "a.xlsx", files.parts(SHEET))
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert refused(written(tmp_path, bytes(content))).reason == Reason.PASSWORD


def test_too_many_entries_columns_or_letters_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(MAX_ENTRIES + 1):
            archive.writestr(f"xl/{number}.xml", b"")
    assert refused(path).reason == Reason.TOO_BIG
    wide = files.write_xlsx(tmp_path / "b.xlsx", {"L": [["Full name", "Last day"] + ["x"] * 300, ["Alice"]]})
    assert refused(wide).reason == Reason.TOO_MANY_COLUMNS
    row = b'<row r="3">' + files.text_cell("A3", "B" * 40_000) + b"</row>"
    long = SHEET.replace(b"</sheetData>", row + b"</sheetData>")
    refusal = refused(files.write_parts(tmp_path / "c.xlsx", files.parts(long)))
    assert (refusal.reason, refusal.line) == (Reason.CELL_TOO_LONG, 3)


def test_a_cell_in_the_last_corner_costs_no_memory(tmp_path: Path) -> None:
    corner = b'<row r="1048576">' + files.text_cell("XFD1048576", "x") + b"</row></sheetData>"
    path = files.write_parts(tmp_path / "a.xlsx", files.parts(SHEET.replace(b"</sheetData>", corner)))
    assert measured(path)["reason"] in (Reason.TOO_BIG, Reason.TOO_MANY_COLUMNS)
    assert measured(path)["megabytes"] < 256


def test_the_childs_environment_holds_none_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program is swapped for one that tells what it sees."""
    monkeypatch.setenv("PERENNIAL_SECRET_KEY", "secret")
    program = tmp_path / "program.py"
    program.write_text(
        "import json, os, struct, sys\n"
        "body = json.dumps(['sheets', sorted(os.environ), False]).encode()\n"
        "sys.stdout.buffer.write(struct.pack('>I', len(body)) + body)\n"
    )
    monkeypatch.setattr(workbook, "_PROGRAM", program)
    frame = next(workbook._frames(tmp_path / "x", sheet=None, look=1))
    assert "PERENNIAL_SECRET_KEY" not in frame[1]
    assert set(frame[1]) <= {"LC_CTYPE", "LD_LIBRARY_PATH"}


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("import time; time.sleep(30)", Reason.TOO_SLOW),
        ("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)", Reason.TOO_SLOW),
        ("import os; os.abort()", Reason.TOO_BIG),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", Reason.BROKEN),
        ("import sys; sys.stdout.buffer.write(b'\\xff' * 100)", Reason.BROKEN),
    ],
)
def test_a_child_that_hangs_or_dies_ends_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, reason: Reason
) -> None:
    path = files.write_parts(tmp_path / "a.xlsx", files.parts(SHEET))
    fake = tmp_path / "program.py"
    fake.write_text(program)
    monkeypatch.setattr(workbook, "_PROGRAM", fake)
    monkeypatch.setattr(workbook, "WORKBOOK_PATIENCE", 1.0)
    assert refused(path).reason == reason


@pytest.mark.parametrize("claimed_size", [None, 1_000])
def test_a_bomb_of_ten_gigabytes_stays_small_and_says_so(tmp_path: Path, claimed_size: int | None) -> None:
    """Its headers may tell the truth or lie; bytes are counted as they come out."""
    path = files.write_bomb(tmp_path / "bomb.xlsx", gigabytes=10, claimed_size=claimed_size)
    assert path.stat().st_size < MAX_WORKBOOK_BYTES
    outcome = measured(path)
    assert outcome["reason"] == Reason.TOO_BIG
    assert outcome["sentence"] == "The file is too big to be opened safely: save the list as CSV, or split it."
    assert outcome["megabytes"] < 256
    assert outcome["seconds"] < 30


def test_the_childs_limits_hold_where_the_counting_is_fooled(tmp_path: Path) -> None:
    path = files.write_bomb(tmp_path / "bomb.xlsx", gigabytes=2, claimed_size=1_000)
    outcome = measured(path, most_bytes=1 << 40)
    assert outcome["reason"] in (Reason.TOO_BIG, Reason.TOO_SLOW, Reason.BROKEN, Reason.EMPTY)
    assert outcome["megabytes"] < 256


MERGED = [
    ["Leavers of May", "", "", ""],
    ["Department", "Full name", "Last day", "Location"],
    ["Bridges", "Alice", "2026-10-14", "Leeds"],
    ["Bridges", "Bob", "2026-10-14", "York"],
    ["", "", "", ""],
    ["Bridges", "Zoe", "2026-10-15", "York"],
    ["Roads", "Yara", "2026-10-15", "York"],
    ["", "Max", "2026-10-15", ""],
]
MERGES = [(2, 5, 0), (3, 6, 3)]


@pytest.mark.parametrize("name", ["a.xlsx", "a.ods"])
def test_a_cell_merged_over_rows_stands_in_each_and_makes_no_row_of_an_empty_one(tmp_path: Path, name: str) -> None:
    table = open_table(files.write_merged(tmp_path / name, MERGED, MERGES))
    assert (table.header_row, table.header) == (2, tuple(MERGED[1]))
    assert [(row.number, row.cells) for row in table.rows()] == [
        (number, MERGED[number - 1]) for number in (3, 4, 6, 7, 8)
    ]


def test_a_cell_merged_over_columns_stays_in_the_first(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("L")
        # The table begins at C3, so that columns count from there.
        sheet.write_row("C3", ["Full name", "Last day", "Department", "Location"])
        sheet.merge_range("E4:F5", "Bridges")
        sheet.write_row("C4", ["Alice", "2026-10-14"])
        sheet.write_row("C5", ["Bob", "2026-10-15"])
    assert cells(path) == [["Alice", "2026-10-14", "Bridges", ""], ["Bob", "2026-10-15", "Bridges", ""]]


@pytest.mark.parametrize("span", ["0", "-3", "x", "99999999999", "1048576", ""])
def test_a_span_that_is_none_does_no_harm(tmp_path: Path, span: str) -> None:
    path = files.write_merged(tmp_path / "a.ods", MERGED, MERGES)
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    entries["content.xml"] = entries["content.xml"].replace(b'rows-spanned="4"', f'rows-spanned="{span}"'.encode())
    found = cells(files.write_parts(tmp_path / "b.ods", entries))
    assert [row[1] for row in found] == ["Alice", "Bob", "Zoe", "Yara", "Max"]


SHEETS = st.lists(st.lists(st.sampled_from(["", "x", "y", " "]), min_size=3, max_size=3), min_size=1, max_size=12)


@settings(max_examples=25, deadline=None)
@given(SHEETS, st.data())
def test_merged_cells_read_as_if_each_had_the_text(rows: list[list[str]], data: st.DataObject) -> None:
    header = ["Department", "Full name", "Last day"]
    merges, at = [], 1
    while at < len(rows):
        last = data.draw(st.integers(at, len(rows)))
        if last > at:
            merges.append((at, last, 0))
        at = last + 1
    expected = []
    for line, row in enumerate(rows, start=1):
        first = next((first for first, last, _column in merges if first < line <= last), None)
        own = ["" if first is not None else row[0], *row[1:]]
        if any(cell.strip() for cell in own):
            expected.append([rows[first - 1][0] if first is not None else row[0], *row[1:]])
    with TemporaryDirectory() as place:
        for name in ("a.xlsx", "a.ods"):
            path = files.write_merged(Path(place) / name, [header, *rows], merges)
            if not expected:
                assert refused(path).reason is Reason.ONLY_A_HEADER
            elif name == "a.xlsx":
                assert cells(path) == expected
            else:
                # ODF keeps white space at the ends of a text in an element of its own.
                assert [[cell.strip() for cell in row] for row in cells(path)] == [
                    [cell.strip() for cell in row] for row in expected
                ]
