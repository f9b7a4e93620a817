"""What a colleague said of the files of a source is known for the next of them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perennial.audit.models import Event
from perennial.intake.columns import Field
from perennial.intake.models import ImportRun, SourceColumn
from perennial.intake.queries import columns_said, source_page, sources
from perennial.intake.receiving import FileRefusedError, receive_file
from perennial.intake.recognising import contested, header_key, proposed, recalled, recognise
from perennial.intake.remembering import forget_column, remember_columns
from perennial.intake.steps import read_differently
from perennial.people.models import Person, Stint
from tests.cast import NOW
from tests.intake.bringing import counted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("programme")]


def say(header: str, mapping: dict[Field, int], *, source: str = "hr") -> None:
    remember_columns(source=source, header=header.split(";"), mapping=mapping, by="user:1", now=NOW)


OURS = "Kol A;Kol B;Kol C"
SAID = {Field.FULL_NAME: 0, Field.ENDS_ON: 1}


def test_what_was_joined_by_hand_survives_added_removed_and_reordered_columns(take_in: Any) -> None:
    with pytest.raises(FileRefusedError):
        take_in("Alice Winter;2026-10-14;x", header=OURS)
    say(OURS, SAID)
    assert counted(take_in("Alice Winter;2026-10-14;x", header=OURS)) == (1, 0, 0, 0)
    assert counted(take_in("y;2026-10-15;z;Bob Summer", header="Kol C;KOL  B;Kol D;kol-a")) == (1, 0, 0, 0)
    assert counted(take_in("2026-10-16;Zoe Spring", header="Kol B;Kol A")) == (1, 0, 0, 0)
    assert sorted(Stint.objects.values_list("person__full_name", "ends_on__day")) == [
        ("Alice Winter", 14),
        ("Bob Summer", 15),
        ("Zoe Spring", 16),
    ]


def test_what_is_said_of_one_source_is_not_said_of_another(take_in: Any) -> None:
    say(OURS, SAID)
    with pytest.raises(FileRefusedError):
        take_in("Alice Winter;2026-10-14;x", header=OURS, source="other")


def test_a_column_left_out_on_purpose_stays_out(take_in: Any) -> None:
    header = "Full name;Last day;Job title"
    say(header, {Field.FULL_NAME: 0, Field.ENDS_ON: 1})
    take_in("Alice Winter;2026-10-14;Engineer", header=header)
    assert Stint.objects.get().title == ""


def test_what_was_said_goes_before_what_a_name_says() -> None:
    found = recalled(recognise(["Full name", "Last day", "Datum"]), {"datum": Field.ENDS_ON})
    assert proposed(found) == {Field.FULL_NAME: 0, Field.ENDS_ON: 2}


def test_two_columns_that_were_said_to_be_one_are_asked_again() -> None:
    found = recalled(recognise(["Full name", "Tot", "Datum"]), {"datum": Field.ENDS_ON, "tot": Field.ENDS_ON})
    assert contested(found) == {Field.ENDS_ON: [1, 2]}
    assert proposed(found) == {Field.FULL_NAME: 0}


def test_a_name_that_two_columns_bear_is_not_remembered() -> None:
    say("Name;Datum;Datum;", {Field.FULL_NAME: 0, Field.ENDS_ON: 1})
    assert columns_said("hr") == {"name": Field.FULL_NAME}
    twice = recalled(recognise(["Datum", "Datum"]), {"datum": None})
    assert [each.field for each in twice] == [Field.ENDS_ON, Field.ENDS_ON]


def test_the_last_word_counts() -> None:
    say(OURS, SAID)
    say("kol-a;Kol B", {Field.LAST_NAME: 0})
    assert columns_said("hr") == {"kola": Field.LAST_NAME, "kolb": None, "kolc": None}
    assert SourceColumn.objects.get(header_key="kola").header == "kol-a"


def test_unknown_columns_are_told_and_those_left_out_on_purpose_are_not(take_in: Any) -> None:
    header = "Full name;Last day;Shoe size;Cost centre code;Why this row was not taken in;"
    for apply in (False, True):
        result = take_in("Alice Winter;2026-10-14;44;7;;", header=header, apply=apply)
        assert result.columns_left_out == ("Shoe size", "Cost centre code")
    say("Shoe size", {})
    assert take_in("Alice Winter;2026-10-14;44;7;;", header=header).columns_left_out == ("Cost centre code",)


def test_another_source_of_an_upload_brings_what_was_said_of_it() -> None:
    say(OURS, SAID, source="payroll")
    content = f"{OURS}\nAlice Winter;2026-10-14;x\n".encode()
    run = receive_file(chunks=[content], file_name="l.csv", source="hr", by="user:1", now=NOW)
    assert run.mapping == {}
    read_differently(run=run, encoding="utf-8", delimiter=";", sheet=None, source="payroll")
    assert run.mapping == {"full_name": 0, "ends_on": 1}


def test_what_is_remembered_can_be_seen_and_forgotten(take_in: Any) -> None:
    say(OURS, SAID)
    take_in("Alice Winter;2026-10-14;x", header=OURS)
    page = source_page("hr")
    assert page is not None
    assert [(each.header, str(each.meaning)) for each in page.columns] == [
        ("Kol A", "Full name"),
        ("Kol B", "Last day"),
        ("Kol C", ""),
    ]
    assert page.runs == list(ImportRun.objects.all())
    column = page.columns[0].pk
    assert not forget_column(source="other", column=column, by="user:1", now=NOW)
    assert forget_column(source="hr", column=column, by="user:1", now=NOW)
    assert not forget_column(source="hr", column=column, by="user:1", now=NOW)
    assert Event.objects.filter(deed="intake.column_forgotten").count() == 1
    with pytest.raises(FileRefusedError):
        take_in("Bob Summer;2026-10-14;x", header=OURS)
    assert Person.objects.count() == 1
    assert source_page("nobody") is None
    assert sources() == ["hr"]


@given(st.lists(st.text(max_size=250), max_size=12), st.data())
def test_whatever_columns_are_called_they_are_known_again_in_any_order(names: list[str], data: st.DataObject) -> None:
    """Without a database: what `remember_columns` would keep, read back for the same columns in another order."""
    fields = data.draw(st.permutations(list(Field)))[: len(names)]
    keys = [header_key(name) for name in names]
    said: dict[str, Field | None] = {
        key: field for key, field in zip(keys, fields, strict=False) if key and keys.count(key) == 1
    }
    shuffled = data.draw(st.permutations(names))
    found = recalled(recognise(shuffled), said)
    assert {header_key(each.header): each.field for each in found if header_key(each.header) in said} == said
