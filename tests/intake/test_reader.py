"""Files of every kind become rows of text, and bad ones end in one clear sentence."""

import contextlib
import json
import subprocess
import sys
import zipfile
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perennial.intake import reader
from perennial.intake.columns import Certainty, Field, settled
from perennial.intake.reader import Reason, UnreadableFile, open_table
from tests.intake import files

ROOT = Path(__file__).resolve().parents[2]


def written(tmp_path: Path, content: str | bytes, *, encoding: str = "utf-8", name: str = "leavers.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
    return path


def cells(path: Path, **choices: str) -> list[list[str]]:
    return [row.cells for row in open_table(path, **choices).rows()]


def refused(path: Path, **choices: str) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        for _row in open_table(path, **choices).rows():
            pass
    assert str(caught.value) == caught.value.sentence
    assert "%(" not in caught.value.sentence
    return caught.value


# --- CSV


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_each_usual_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    lines = [["Name", "Last day", "Department"], ["Alice", "2026-03-31", "Sea, air; land"], ["Bob", "2026-04-30", "x"]]
    text = "".join(delimiter.join(f'"{cell}"' for cell in line) + "\r\n" for line in lines)
    table = open_table(written(tmp_path, text))
    assert table.delimiter == delimiter
    assert table.header == ("Name", "Last day", "Department")
    assert [row.cells for row in table.rows()] == lines[1:]


def test_a_delimiter_given_by_the_caller_wins(tmp_path: Path) -> None:
    path = written(tmp_path, "Full name,x;Last day\nAlice,y;2026-03-31\n")
    assert open_table(path, delimiter=";").header == ("Full name,x", "Last day")
    assert refused(path, delimiter="x").reason == Reason.UNKNOWN_DELIMITER


def test_excels_sep_line_is_obeyed_and_is_no_row(tmp_path: Path) -> None:
    table = open_table(written(tmp_path, "sep=|\nFull name|Last day\nAlice; B, C|2026-03-31\n"))
    assert (table.delimiter, table.header_row) == ("|", 2)
    assert [(row.number, row.cells) for row in table.rows()] == [(3, ["Alice; B, C", "2026-03-31"])]


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
    ],
)
def test_unicode_is_recognised_with_and_without_a_mark(tmp_path: Path, encoding: str, told: str) -> None:
    table = open_table(written(tmp_path, "Voornaam;Datum uit dienst\nZoë;31-12-2025\n", encoding=encoding))
    assert (table.encoding, table.encoding_guessed) == (told, False)
    assert table.header == ("Voornaam", "Datum uit dienst")
    assert [row.cells for row in table.rows()] == [["Zoë", "31-12-2025"]]


def test_what_is_not_unicode_is_taken_as_western_and_said_to_be_a_guess(tmp_path: Path) -> None:
    path = written(tmp_path, "Name;Austrittsdatum\nJürgen Groß – €;31.12.2025\n", encoding="cp1252")
    table = open_table(path)
    assert (table.encoding, table.encoding_guessed) == ("cp1252", True)
    assert [row.cells[0] for row in table.rows()] == ["Jürgen Groß – €"]
    assert open_table(path, encoding="cp1252").encoding_guessed is False


def test_a_byte_that_is_not_utf8_far_down_changes_the_whole_file(tmp_path: Path) -> None:
    rows = "".join(f"Person {number};2026-01-01\n" for number in range(50_000))
    table = open_table(written(tmp_path, f"Full name;Last day\n{rows}Zoë;2026-01-01\n", encoding="cp1252"))
    assert table.encoding == "cp1252"
    assert [row.cells[0] for row in table.rows()][-1] == "Zoë"


@pytest.mark.parametrize("encoding", ["cp1251", "cp866", "koi8-r"])
def test_a_header_we_know_gives_a_cyrillic_code_page_away(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, "Фамилия;Имя;Дата увольнения\nПетрова;Анна;31.12.2025\n", encoding=encoding)
    table = open_table(path)
    assert (table.encoding, table.encoding_guessed) == (encoding, True)
    assert [row.cells for row in table.rows()] == [["Петрова", "Анна", "31.12.2025"]]


def test_cyrillic_names_below_english_column_names_are_not_taken_as_western(tmp_path: Path) -> None:
    path = written(tmp_path, "Full name;Last day\nПетрова Анна;31.12.2025\n", encoding="cp1251")
    assert cells(path) == [["Петрова Анна", "31.12.2025"]]


def test_an_encoding_given_by_the_caller_wins_and_a_wrong_one_names_the_line(tmp_path: Path) -> None:
    path = written(tmp_path, "Name;Datum uit dienst\nPiet;1\nZoë;2\n", encoding="cp1252")
    assert cells(path, encoding="mac-roman")[1][0] == "ZoÎ"
    refusal = refused(path, encoding="UTF8")
    assert (refusal.reason, refusal.line) == (Reason.ENCODING, 3)
    assert refusal.sentence == "Line 3 is not written in UTF-8: choose another encoding or save the file as UTF-8."


@pytest.mark.parametrize("name", ["rot13", "zip", "klingon", "utf-7", "idna", "a" * 500, "utf-8\0"])
def test_an_encoding_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    assert refused(written(tmp_path, "Name;Last day\nAlice;1\n"), encoding=name).reason == Reason.UNKNOWN_ENCODING


def test_title_and_blank_rows_above_the_header_are_passed_over(tmp_path: Path) -> None:
    text = "Uitstroom 2025;;;\n\n;;;\nGemaakt door HR op 1 mei;;;\nNr;Achternaam;Voornaam;Datum uit dienst\n"
    table = open_table(written(tmp_path, f"{text}7;Vries;Jan;31-12-2025\n"))
    assert table.header_row == 5
    assert settled(table.recognitions) == {Field.LAST_NAME: 1, Field.FIRST_NAME: 2, Field.ENDS_ON: 3}
    assert [(row.number, row.cells) for row in table.rows()] == [(6, ["7", "Vries", "Jan", "31-12-2025"])]


def test_a_header_without_a_name_we_know_is_the_first_full_row(tmp_path: Path) -> None:
    table = open_table(written(tmp_path, "A list\n\nfoo;bar;baz\n1;2;3\n"))
    assert (table.header_row, table.header) == (3, ("foo", "bar", "baz"))
    assert {recognition.certainty for recognition in table.recognitions} == {Certainty.NONE}


def test_a_row_has_the_number_of_the_line_it_begins_in(tmp_path: Path) -> None:
    text = 'Full name;Last day\n\n"Alice\nof two lines";1\n;\nBob;2\n  ; \nCharlie;3'
    table = open_table(written(tmp_path, text))
    assert [(row.number, row.cells[0]) for row in table.rows()] == [
        (3, "Alice\nof two lines"),
        (6, "Bob"),
        (8, "Charlie"),
    ]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_all_line_endings_count_alike(tmp_path: Path, ending: str) -> None:
    table = open_table(written(tmp_path, ending.join(["Full name;Last day", "Alice;1", "Bob;2"])))
    assert [row.number for row in table.rows()] == [2, 3]


def test_ragged_rows_are_padded_and_what_is_too_much_is_kept(tmp_path: Path) -> None:
    table = open_table(written(tmp_path, "Full name;Last day;Department\nAlice\nBob;1;2;;\nCharlie;1;2;3;4\n"))
    assert [(row.cells, row.extra) for row in table.rows()] == [
        (["Alice", "", ""], []),
        (["Bob", "1", "2"], []),
        (["Charlie", "1", "2"], ["3", "4"]),
    ]


def test_a_header_repeated_on_every_page_is_no_row(tmp_path: Path) -> None:
    assert cells(written(tmp_path, "Full name;Last day\nAlice;1\nFull name;Last day\nBob;2\n")) == [
        ["Alice", "1"],
        ["Bob", "2"],
    ]


def test_a_row_with_mismatched_quotes_is_reported_and_the_others_are_read(tmp_path: Path) -> None:
    table = open_table(written(tmp_path, 'Full name;Last day\nAlice;1\n"Bob "B" Summer";2\nCharlie;3\n'))
    rows = list(table.rows())
    assert [row.number for row in rows] == [2, 3, 4]
    assert (rows[1].cells, str(rows[1].problem)) == (
        ['"Bob "B" Summer";2'],
        "The quotation marks in this row do not match.",
    )
    assert [row.problem for row in (rows[0], rows[2])] == [None, None]


def test_formula_cells_are_plain_text(tmp_path: Path) -> None:
    path = written(tmp_path, 'Full name;Last day\n"=HYPERLINK(""http://x"",""y"")";1\n@SUM(A1);2\n')
    assert [row[0] for row in cells(path)] == ['=HYPERLINK("http://x","y")', "@SUM(A1)"]


def test_long_names_and_other_scripts_come_through(tmp_path: Path) -> None:
    names = ["A" * 300, "שרה כהן", "محمد علي", "Пётр Ильич", "山田太郎"]
    path = written(tmp_path, "Full name;Last day\n" + "".join(f"{name};1\n" for name in names))
    assert [row[0] for row in cells(path)] == names


@pytest.mark.parametrize("name", ["leavers.xlsx", "leavers.pdf", "leavers"])
def test_the_name_of_a_file_says_nothing_of_its_kind(tmp_path: Path, name: str) -> None:
    assert cells(written(tmp_path, "Full name;Last day\nAlice;1\n", name=name)) == [["Alice", "1"]]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", Reason.EMPTY),
        (b"\xef\xbb\xbf", Reason.EMPTY),
        (b"\xff\xfe", Reason.EMPTY),
        (b"\r\n \r\n\t\r\n", Reason.EMPTY),
        (b";;;\n;;;\n", Reason.EMPTY),
        (b"Full name;Last day\n", Reason.ONLY_A_HEADER),
        (b"Leavers\n\nFull name;Last day\n;\n", Reason.ONLY_A_HEADER),
        (b"%PDF-1.7\n1 0 obj", Reason.BINARY),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Reason.BINARY),
        (bytes(range(256)) * 20, Reason.BINARY),
        (b"\0" * 5_000, Reason.BINARY),
        (b"Full name;Last day\nAli\0ce;1\n" + b"Bob;2\n" * 50, Reason.NUL_BYTES),
        (b"<html><table><tr><td>Name</td></tr></table></html>", Reason.WEB_PAGE),
        (b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>', Reason.WEB_PAGE),
        (b"PK\x03\x04 and nothing more", Reason.BROKEN),
        (b"PK\x05\x06" + b"\0" * 18, Reason.BINARY),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, Reason.OLD_WORKBOOK),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0" + "EncryptedPackage".encode("utf-16-le"), Reason.PASSWORD),
        (b'Full name;Last day\nAlice;1\nBob;"2\nCharlie;3\n', Reason.UNTERMINATED_QUOTE),
        (b'Full name;Last day\nAlice;1\nBob;"2\n' + b"Charlie;3\n" * 50_000, Reason.UNTERMINATED_QUOTE),
        (b"Full name;Last day\nAlice;1\n" + b"B" * 40_000 + b";1\n", Reason.CELL_TOO_LONG),
        (b"Full name;Last day\nAlice;1\n" + b"B" * 400_000 + b";1\n", Reason.CELL_TOO_LONG),
        (b"Full name;Last day\nAlice;1\n" + b"B;" * 4_000_000 + b"1\n", Reason.LINE_TOO_LONG),
        (b"Full name;Last day\nAlice;1\n" + b"B;" * 1_000 + b"\n", Reason.TOO_MANY_COLUMNS),
        (b"Full name;Last day;" + b"x;" * 300 + b"\nAlice;1\n", Reason.TOO_MANY_COLUMNS),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, content: bytes, reason: Reason) -> None:
    assert refused(written(tmp_path, content)).reason == reason


def test_damage_further_on_names_its_line(tmp_path: Path) -> None:
    fine = b"Full name;Last day\n" + b"Alice;1\n" * 20_000
    assert refused(written(tmp_path, fine + b"Bob;\0\n")).line == 20_002
    assert refused(written(tmp_path, fine + b'Bob;"x\nCharlie;1\n')).line == 20_002
    assert (
        str(refused(written(tmp_path, fine + b'Bob;"x\n'))) == "A quotation mark opened in line 20002 is never closed."
    )


def test_what_is_no_file_is_missing(tmp_path: Path) -> None:
    assert refused(tmp_path).reason == Reason.MISSING
    assert refused(tmp_path / "nothing").reason == Reason.MISSING


def test_a_text_that_is_too_big_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_TEXT_BYTES", 10)
    assert refused(written(tmp_path, "Full name;Last day\nAlice;1\n")).reason == Reason.TOO_BIG


def test_every_reason_has_its_sentence() -> None:
    assert set(reader.SENTENCES) == set(Reason)


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(st.lists(texts, min_size=3, max_size=3), min_size=1, max_size=6),
    delimiter=st.sampled_from(reader.DELIMITERS),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_is_written_quoted_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], delimiter: str, encoding: str
) -> None:
    header = ["Full name", "Last day", "Department"]
    quoted = [delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in [header, *rows]]
    path = tmp_path_factory.mktemp("csv") / "x.csv"
    path.write_bytes("\r\n".join(quoted).encode(encoding))
    expected = [row for row in rows if "".join(row).strip() and row != header]
    if expected:
        assert cells(path) == expected


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=400))
def test_any_bytes_end_in_rows_or_in_a_sentence(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "x"
    path.write_bytes(content if not content.startswith(b"PK") else content[2:])
    with contextlib.suppress(UnreadableFile):
        assert all(earlier.number < later.number for earlier, later in pairwise(open_table(path).rows()))


# --- workbooks


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
        for number in range(reader.MAX_ENTRIES + 1):
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
    monkeypatch.setattr(reader, "_PROGRAM", program)
    frame = next(reader._frames(tmp_path / "x", sheet=None, look=1))
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
    monkeypatch.setattr(reader, "_PROGRAM", fake)
    monkeypatch.setattr(reader, "WORKBOOK_PATIENCE", 1.0)
    assert refused(path).reason == reason


# --- bombs and big files, each in a process of its own so that its memory can be measured

_MEASURE = """
import json, resource, sys, time
from django.conf import settings
settings.configure(USE_I18N=False)
from perennial.intake import reader
if sys.argv[2]:
    reader.MAX_INFLATED_BYTES = int(sys.argv[2])
began, reason, sentence, count = time.monotonic(), "", "", 0
try:
    for row in reader.open_table(sys.argv[1]).rows():
        count += 1
except reader.UnreadableFile as refusal:
    reason, sentence = refusal.reason, refusal.sentence
with open("/proc/self/status") as status:
    own = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
# `ru_maxrss` of this very process would be that of the test run that started it.
most = max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
print(json.dumps({"reason": reason, "sentence": sentence, "rows": count, "megabytes": most / 1024,
                  "seconds": time.monotonic() - began}))
"""


def measured(path: Path, *, most_bytes: int | None = None) -> dict[str, object]:
    ended = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(path), str(most_bytes or "")],
        capture_output=True,
        cwd=ROOT,
        check=True,
        timeout=180,
    )
    return json.loads(ended.stdout)


@pytest.mark.parametrize("claimed_size", [None, 1_000])
def test_a_bomb_of_ten_gigabytes_stays_small_and_says_so(tmp_path: Path, claimed_size: int | None) -> None:
    """Its headers may tell the truth or lie; bytes are counted as they come out."""
    path = files.write_bomb(tmp_path / "bomb.xlsx", gigabytes=10, claimed_size=claimed_size)
    assert path.stat().st_size < reader.MAX_WORKBOOK_BYTES
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


def test_a_million_rows_of_csv_take_no_more_memory_than_ten_thousand(tmp_path: Path) -> None:
    small, large = tmp_path / "small.csv", tmp_path / "large.csv"
    for path, count in ((small, 10_000), (large, 1_000_000)):
        with path.open("w") as file:
            file.write("Full name;Last day;Department\n")
            for number in range(count):
                file.write(f"Person {number};2026-01-31;Department {number % 30}\n")
    one, other = measured(small), measured(large)
    assert (one["rows"], other["rows"]) == (10_000, 1_000_000)
    assert other["megabytes"] < one["megabytes"] + 10
