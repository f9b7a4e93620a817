"""Where the header stands, which rows lie below it, and which files end in one clear sentence."""

import contextlib
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perennial.intake.columns import Field
from perennial.intake.reader.refusals import SENTENCES, Reason, UnreadableFile
from perennial.intake.reader.table import open_table
from perennial.intake.recognising import Certainty, settled
from tests.intake.reader.opening import cells, refused, written


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
    monkeypatch.setattr("perennial.intake.reader.table.MAX_TEXT_BYTES", 10)
    assert refused(written(tmp_path, "Full name;Last day\nAlice;1\n")).reason == Reason.TOO_BIG


def test_every_reason_has_its_sentence() -> None:
    assert set(SENTENCES) == set(Reason)


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=400))
def test_any_bytes_end_in_rows_or_in_a_sentence(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "x"
    path.write_bytes(content if not content.startswith(b"PK") else content[2:])
    with contextlib.suppress(UnreadableFile):
        assert all(earlier.number < later.number for earlier, later in pairwise(open_table(path).rows()))
