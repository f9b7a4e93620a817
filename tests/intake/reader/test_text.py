"""Text files of every kind become records of text."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perennial.intake.reader.delimiters import DELIMITERS
from perennial.intake.reader.refusals import Reason
from perennial.intake.reader.table import open_table
from tests.intake.reader.opening import cells, measured, refused, written


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_each_usual_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    lines = [["Name", "Last day", "Department"], ["Alice", "2026-03-31", "Sea, air; land"], ["Bob", "2026-04-30", "x"]]
    text = "".join(delimiter.join(f'"{cell}"' for cell in line) + "\r\n" for line in lines)
    table = open_table(written(tmp_path, text))
    assert table.delimiter == delimiter
    assert table.header == ("Name", "Last day", "Department")
    assert [row.cells for row in table.rows()] == lines[1:]


def test_names_of_columns_that_run_together_into_one_of_ours_are_still_two(tmp_path: Path) -> None:
    # 'ab' is German for 'from': read with semicolons, 'a,b' would be one column of that name.
    table = open_table(written(tmp_path, 'a,b\n1,"two ""words"""\n3,4\n'))
    assert (table.delimiter, table.header) == (",", ("a", "b"))
    assert [row.cells for row in table.rows()] == [["1", 'two "words"'], ["3", "4"]]


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


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_all_line_endings_count_alike(tmp_path: Path, ending: str) -> None:
    table = open_table(written(tmp_path, ending.join(["Full name;Last day", "Alice;1", "Bob;2"])))
    assert [row.number for row in table.rows()] == [2, 3]


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


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(st.lists(texts, min_size=3, max_size=3), min_size=1, max_size=6),
    delimiter=st.sampled_from(DELIMITERS),
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
