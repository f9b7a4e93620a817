"""Cells are read as what they are, and what goes out is harmless."""

import csv
import io
import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from perennial.intake.values import (
    Remembered,
    UnreadableValue,
    cell_of,
    disarm,
    email_address,
    employee_number,
    person_name,
    plain_text,
    text_or_blank,
    undisarm,
)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("alice@company.example", "alice@company.example"),
        (" Alice.Winter+x@Company.EXAMPLE ", "alice.winter+x@company.example"),
        ("mailto:bob@home.example", "bob@home.example"),
        ("<bob@home.example>", "bob@home.example"),
        ("o'brien@a-b.example", "o'brien@a-b.example"),
        ("bob@büro.example", "bob@xn--bro-hoa.example"),
        ("'-bob@home.example", "-bob@home.example"),
        ("", ""),
        ("-", ""),
        ("n.v.t.", ""),
    ],
)
def test_an_address_is_read(text: str, address: str) -> None:
    assert email_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "alice",
        "alice@",
        "@company.example",
        "alice@company",
        "alice@@company.example",
        "alice@company..example",
        ".alice@company.example",
        "alice@-company.example",
        "alice@company.example\r\nBcc: bob@home.example",
        "alice@company.example\n",
        "\nalice@company.example",
        "alice@company.example\x00",
        "alice@company.example\u2028",
        "alice\u00a0@company.example",
        "alice\u200b@company.example",
        "ali ce@company.example",
        "alice@company.example, bob@home.example",
        "алиса@company.example",
        "alice@[127.0.0.1]",
        "Alice <alice@company.example>",
        f"{'a' * 65}@company.example",
        f"alice@{'a' * 250}.example",
        f"alice@{'ü' * 250}.example",
        "alice@ü..example",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(UnreadableValue) as caught:
        email_address(text)
    assert "\n" not in str(caught.value)
    assert "\r" not in str(caught.value)


@given(st.text(max_size=60))
def test_an_address_that_is_accepted_has_nothing_in_it_that_could_split_a_header(text: str) -> None:
    try:
        address = email_address(text)
    except UnreadableValue:
        return
    assert address.isascii()
    assert address.isprintable()
    assert " " not in address
    assert address == address.lower()
    assert email_address(address) == address


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("  Alice   Winter ", "Alice Winter"),
        ("Alice\u00a0Winter", "Alice Winter"),
        ("Zoe\u0308", "Zoë"),
        ("Пётр Ильич", "Пётр Ильич"),
        ("محمد علي", "محمد علي"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("'t Hart", "'t Hart"),
        ("A" * 300, "A" * 300),
        ("'=Alice", "=Alice"),
        ("=1+A1", "=1+A1"),
        ("\ufeffBob", "Bob"),
        ("", ""),
        ("-", ""),
    ],
)
def test_a_name_is_read(text: str, name: str) -> None:
    assert person_name(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "Alice\nWinter",
        "Alice\r\nBcc: x",
        "Alice\tWinter",
        "Al\x07ice",
        "Alice\u2028",
        "\u202eecilA",
        "Zoë\n",
        "A" * 301,
        "12",
    ],
)
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(UnreadableValue):
        person_name(text)


@given(st.text(max_size=80))
def test_text_that_is_accepted_stays_as_it_is_and_has_one_line(text: str) -> None:
    try:
        plain = plain_text(text)
    except UnreadableValue:
        return
    assert not any(unicodedata.category(letter) in ("Cc", "Zl", "Zp") for letter in plain)
    assert plain == plain.strip()
    assert "  " not in plain
    assume(undisarm(plain) == plain)
    assert plain_text(plain) == plain


def test_repeated_texts_are_read_once() -> None:
    remembered = Remembered(text_or_blank)
    first = remembered["  Bridges "]
    assert remembered["  Bridges "] is first
    assert (first, remembered["n/a"]) == ("Bridges", "")
    with pytest.raises(UnreadableValue, match="at most 300 characters"):
        remembered["Bridges " * 40]


def test_a_column_that_never_repeats_itself_is_not_remembered_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("perennial.intake.values._MOST_REMEMBERED", 2)
    remembered = Remembered(text_or_blank)
    assert [remembered[text] for text in ("a", "b", "c", "c")] == ["a", "b", "c", "c"]
    assert len(remembered) == 2


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12345", "12345"),
        ("12345.0", "12345"),
        ("00042", "00042"),
        (" A-17 ", "A-17"),
        ("-", ""),
        ("", ""),
        ("12.5", "12.5"),
    ],
)
def test_an_employee_number_stays_text(text: str, number: str) -> None:
    assert employee_number(text) == number


def test_a_refusal_shows_a_short_and_harmless_piece_of_the_cell() -> None:
    with pytest.raises(UnreadableValue) as caught:
        plain_text("x\n" * 500)
    assert "x\N{REPLACEMENT CHARACTER}x" in str(caught.value)
    assert len(str(caught.value)) < 130


@pytest.mark.parametrize(
    "cell", ["=1+1", "+31612345678", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "\u00a0=1"]
)
def test_a_cell_that_could_be_a_formula_is_disarmed_and_read_back(cell: str) -> None:
    assert disarm(cell) == f"'{cell}"
    assert undisarm(disarm(cell)) == cell


@pytest.mark.parametrize("cell", ["", "Alice", "'t Hart", "1-2", "a=b", "0042", " Bob"])
def test_a_harmless_cell_stays_as_it_is(cell: str) -> None:
    assert disarm(cell) == cell
    assert undisarm(cell) == cell


@given(st.text(max_size=30) | st.text("'=+-@ ", max_size=6))
def test_every_text_on_file_comes_back_from_its_cell(text: str) -> None:
    cell = cell_of(text)
    assert undisarm(cell) == text
    assert disarm(cell) == cell


@given(st.text(max_size=30))
def test_no_cell_leaves_as_a_formula_and_all_come_back(cell: str) -> None:
    out = disarm(cell)
    assert not out.lstrip().startswith(("=", "+", "-", "@"))
    assert not out.startswith(("\t", "\r", "\n"))
    if not (cell.startswith("'") and undisarm(cell) != cell):
        assert undisarm(out) == cell
    file = io.StringIO()
    csv.writer(file).writerow([out])
    assert file.getvalue().lstrip('"')[:1] not in ("=", "+", "-", "@")
