"""Rejected rows come back with the reason in words."""

import stat
from pathlib import Path
from typing import Any

import pytest

from perennial.intake.errors_file import folder
from perennial.people.models import Person
from tests.intake.bringing import HEADER, counted, reasons, take_in_file

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("programme")]


def test_rejected_rows_come_back_with_their_reason_and_can_be_corrected_and_brought_again(take_in: Any) -> None:
    result = take_in(
        "1;=cmd;no-address;;;;2026-10-14;", "2;Bob Summer;;;;;2026-10-14;", "3;-Carl;;-;;2027-01-01;2026-10-14;"
    )
    assert counted(result) == (1, 0, 0, 2)
    path = Path(result.errors_file or "")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.parent == folder()
    assert stat.S_IMODE(folder().stat().st_mode) == 0o700
    text = path.read_text(encoding="utf-8-sig")
    assert "'=cmd" in text
    assert "'-Carl" in text
    assert reasons(result) == [
        "“no-address” is not an e-mail address.",
        "The first day (2027-01-01) lies after the last day (2026-10-14).",
    ]
    corrected = path.with_name("corrected.csv")
    corrected.write_text(
        text.replace("no-address", "yes@home.example").replace("2027-01-01", "2020-01-01"), encoding="utf-8-sig"
    )
    again = take_in_file(corrected)
    assert counted(again) == (2, 0, 0, 0)
    assert sorted(Person.objects.values_list("full_name", flat=True)) == ["-Carl", "=cmd", "Bob Summer"]


def test_a_row_rejected_twice_has_one_column_of_reasons(take_in: Any) -> None:
    first = take_in("1;Alice;;;;;;")
    second = take_in_file(Path(first.errors_file or ""))
    with Path(second.errors_file or "").open(encoding="utf-8-sig") as file:
        assert file.readline().strip() == HEADER + ";Why this row was not taken in"


def test_a_long_name_right_to_left_and_cyrillic(take_in: Any) -> None:
    result = take_in(
        f"1;{'A' * 300};;;;;2026-10-14;",
        f"2;{'A' * 301};;;;;2026-10-14;",
        "3;محمد علي;;;;;2026-10-14;",
        "4;Анна Ёлкина;;;;;2026-10-14;",
    )
    assert counted(result) == (3, 0, 0, 1)
    assert reasons(result)[0].endswith("is too long: at most 300 characters fit.")
    assert "елкина" in Person.objects.get(full_name="Анна Ёлкина").search_text


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1;;;;;;2026-10-14;", "There is no name."),
        ("1;Alice;;;;;;", "There is neither a last day nor a status that we know."),
        ("1;Alice;;;;;;gibberish", "There is neither a last day nor a status that we know."),
        ("1;Alice;;;;;31-02-2026;", "“31-02-2026” is not a date we can read."),
        (
            "1;Alice;a@home.example;2027-01-01;;;2026-10-14;",
            "The day on which the private address was given (2027-01-01) lies ahead.",
        ),
        (
            "1;Alice;;;;;2026-10-14;;;x",
            "The row has more cells than there are columns: a text with a separator needs quotation marks.",
        ),
        ('1;"Al"ice;;;;;2026-10-14;', "The quotation marks in this row do not match."),
    ],
)
def test_a_bad_row_is_refused_in_words_and_the_good_ones_apply(take_in: Any, line: str, reason: str) -> None:
    result = take_in(line, "2;Bob Summer;;;;;2026-10-14;")
    assert (counted(result), reasons(result)) == ((1, 0, 0, 1), [reason])
