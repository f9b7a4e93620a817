"""Names and plain text."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perennial.kernel.text import called_from, one_line, search_text, searchable, sort_name_from, spellings

NAMES = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=300)


@pytest.mark.parametrize(
    ("full_name", "sorted_as", "called"),
    [
        ("Fenna de Boer", "Boer, Fenna de", "Fenna"),
        ("Vries, Jan de", "Vries, Jan de", "Jan"),
        ("Anna Maria Schmidt", "Schmidt, Anna Maria", "Anna"),
        ("Maria da Silva Santos", "Silva Santos, Maria da", "Maria"),
        ("Jan van der Berg-de Wit", "Berg-de Wit, Jan van der", "Jan"),
        ("Ludwig von und zu Stein", "und zu Stein, Ludwig von", "Ludwig"),
        ("Ольга Смирнова", "Смирнова, Ольга", "Ольга"),
        ("فاطمة بن علي", "علي, فاطمة بن", "فاطمة"),
        ("דוד לוי", "לוי, דוד", "דוד"),
        ("李明", "李明", "李明"),
        ("Madonna", "Madonna", "Madonna"),
        ("Jan de", "de, Jan", "Jan"),
        ("Vries,", "Vries,", ""),
        ("", "", ""),
    ],
)
def test_a_name_sorts_by_the_family_name_and_a_letter_begins_with_the_first(
    full_name: str, sorted_as: str, called: str
) -> None:
    assert sort_name_from(full_name) == searchable(sorted_as)
    assert called_from(full_name) == called


@given(NAMES)
def test_no_letter_of_a_name_is_lost_in_sorting_and_it_fits_its_column(name: str) -> None:
    name = one_line(name)
    sorted_as = sort_name_from(name)
    # Written in one breath the letters are the same; marks that stand for themselves may go with their spaces.
    kept = sorted("".join(sorted_as.replace(",", "").split()))
    assert (
        kept == sorted("".join(searchable(name.replace(",", " , ")).replace(",", "").split())) or len(sorted_as) == 310
    )
    assert len(sorted_as) <= 310


def test_a_name_of_300_letters_keeps_them_all() -> None:
    name = " ".join(["Wolfeschlegelsteinhausenbergerdorff"] * 8) + " " + "x" * 12
    assert len(name) == 300
    assert len(sort_name_from(name)) == 301


@pytest.mark.parametrize(
    "dirty",
    [
        "Alice\r\nBcc: bob@elsewhere.example",
        "Alice\nBcc: bob@elsewhere.example",
        "Alice\rBcc: bob@elsewhere.example",
        "Alice\u2028Bcc: bob@elsewhere.example",
        "Alice\u2029Bcc: bob@elsewhere.example",
        "Alice\x85Bcc: bob@elsewhere.example",
        "Alice\x0b\x0c\x00\x7fBcc: bob@elsewhere.example",
        "  Alice \t Bcc: bob@elsewhere.example \x00",
    ],
)
def test_what_could_begin_a_new_header_becomes_a_space(dirty: str) -> None:
    assert one_line(dirty) == "Alice Bcc: bob@elsewhere.example"


@given(NAMES)
def test_one_line_is_one_line_whatever_comes(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert [letter for letter in line if unicodedata.category(letter) in ("Cc", "Zl", "Zp")] == []
    assert one_line(line) == line


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("peeters", "Zoë Peeters"),
        ("zoe", "Zoë Peeters"),
        ("ZOË", "Zoë Peeters"),
        ("kramer", "Tobias Krämer"),
        ("strasse", "Frau Straße"),
        ("soren", "Søren Ødegård"),
        ("odegard", "Søren Ødegård"),
        ("lukasz", "Łukasz Żak"),
        ("смирнова", "Ольга СМИРНОВА"),
        ("семен", "Семён Дежнёв"),
        ("istanbul", "İstanbul"),
        ("ana", "A\u0301na"),
    ],
)
def test_a_search_finds_a_name_without_its_accents_and_whatever_its_case(typed: str, kept: str) -> None:
    assert searchable(typed) in searchable(kept)


@given(NAMES)
def test_a_name_is_found_by_itself_in_any_case(name: str) -> None:
    assert searchable(searchable(name)) == searchable(name)
    assert searchable(unicodedata.normalize("NFD", name)) == searchable(unicodedata.normalize("NFC", name))


@given(NAMES)
def test_a_text_is_found_by_every_spelling_of_every_word_in_it(text: str) -> None:
    looked_through = search_text(text)
    for word in text.split():
        for spelling in spellings(word):
            assert spelling in looked_through
            # A spelling is as the search compares it, so asking for it again asks for the same.
            assert searchable(spelling) == spelling


@given(NAMES, NAMES)
def test_two_texts_are_compared_as_one_after_the_other(one: str, other: str) -> None:
    together = searchable(f"{one} {other}")
    assert together == f"{searchable(one)} {searchable(other)}".strip()


@given(NAMES)
def test_cleaning_a_line_loses_no_letter_and_cleaning_it_again_changes_nothing(text: str) -> None:
    line = one_line(text)
    assert one_line(line) == line == " ".join(line.split(" "))
    kept = [letter for letter in text if not letter.isspace() and unicodedata.category(letter) != "Cc"]
    assert [letter for letter in line if letter != " "] == kept


@given(NAMES)
def test_what_somebody_is_called_is_a_word_of_the_name(name: str) -> None:
    assert called_from(name) in ["", *name.replace(",", " , ").split(), *name.split(",", 1)[-1].split()]
