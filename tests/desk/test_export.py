"""What is taken out of the directory comes in again and changes nothing, whatever people are called."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from perennial.departures.actions import open_due
from perennial.desk.people.columns import COLUMNS
from perennial.desk.people.export import write_people
from perennial.intake.values import is_blank
from perennial.people.actions import add_address, add_person, add_stint
from perennial.people.enums import ContractKind, HowEnded, StintStatus
from perennial.people.models import Person
from perennial.programme.models import Department, Place
from tests.cast import NOW
from tests.intake.bringing import everything, in_a_world_of_its_own, take_in_file

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# Formulas, separators, quotation marks, names that are turned round, scripts, full-width forms.
LETTERS = "abZéßЯжاい=+-@'\"`;,|/\\<>&%(){}#.:0\uff1d\uff0b "
NAMES = [
    *("=HYPERLINK(1)", "'=x", "''+x", "'t Hart", "Vries, Jan de", "Smith, Jr.", "Vries, de, Jan", "Jan de Vries"),
    *("Смирнова Ольга Петровна", "Анна Мария Милошевич", "Ольга Петровна Смирнова", '"; DROP', "a;b", "none x"),
]


def as_on_file(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


TEXTS = st.text(LETTERS, max_size=10).map(as_on_file).filter(lambda text: text == "" or not is_blank(text))
WHO = (st.sampled_from(NAMES) | TEXTS).filter(lambda name: any(map(str.isalpha, name)))


@dataclass(frozen=True)
class Somebody:
    name: str
    title: str = ""
    department: str = ""
    place: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    status: str = StintStatus.UNKNOWN
    contract_kind: str = ""
    how_ended: str = ""
    language: str = ""
    private: bool = False
    business: bool = False
    was_here_before: bool = False


PEOPLE = st.lists(
    st.builds(
        Somebody,
        name=WHO,
        title=TEXTS,
        department=TEXTS,
        place=TEXTS,
        starts_on=st.sampled_from([None, date(2010, 1, 1), date(2015, 6, 1)]),
        ends_on=st.sampled_from([None, date(2020, 1, 31), date(2026, 10, 14)]),
        status=st.sampled_from(StintStatus.values),
        contract_kind=st.sampled_from(["", *ContractKind.values]),
        how_ended=st.sampled_from(["", *HowEnded.values]),
        language=st.sampled_from(["", "nl", "de"]),
        private=st.booleans(),
        business=st.booleans(),
        was_here_before=st.booleans(),
    ),
    min_size=1,
    max_size=4,
)
NUMBERS = ["0042", "-5", "'=7", "A 1"]


def typed_in(people: Sequence[Somebody]) -> None:
    for at, each in enumerate(people):
        person = add_person(full_name=each.name, language=each.language, source="hr", by="t", now=NOW)
        stint = {"person": person, "source": "hr", "by": "t", "now": NOW, "employee_number": NUMBERS[at]}
        if each.was_here_before and each.starts_on:
            add_stint(**stint, starts_on=date(2001, 1, 1), ends_on=date(2005, 1, 31), status="left")
        add_stint(
            **stint,
            starts_on=each.starts_on,
            ends_on=each.ends_on,
            status=each.status,
            title=each.title,
            department=Department.objects.get_or_create(name=each.department)[0] if each.department else None,
            place=Place.objects.get_or_create(name=each.place)[0] if each.place else None,
            contract_kind=each.contract_kind,
            how_ended=each.how_ended,
        )
        for kind in ("private", "business"):
            if getattr(each, kind):
                add_address(person=person, address=f"{at}@{kind}.example", kind=kind, source="hr", now=NOW)
    open_due(now=NOW)


@pytest.mark.slow
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(people=PEOPLE, kind=st.sampled_from(["csv", "xlsx"]), source=st.sampled_from(["hr", "another system"]))
@example(people=[Somebody(name, ends_on=date(2020, 1, 31)) for name in NAMES[:4]], kind="csv", source="hr")
@example(people=[Somebody(name, ends_on=date(2020, 1, 31)) for name in NAMES[4:8]], kind="xlsx", source="x")
@example(people=[Somebody(name, ends_on=date(2020, 1, 31)) for name in NAMES[8:12]], kind="csv", source="x")
def test_an_export_comes_in_again_and_changes_nothing(people: list[Somebody], kind: str, source: str) -> None:
    def work() -> None:
        typed_in(people)
        before = everything()
        with TemporaryDirectory() as place:
            path = Path(place) / f"people.{kind}"
            file, rows = write_people(people=Person.objects.all(), columns=COLUMNS, kind=kind)
            with file:
                path.write_bytes(file.read())
            result = take_in_file(path, source=source)
        assert (result.rows, result.created, result.updated, result.departures) == (rows, 0, 0, 0)
        # Where people work now is nothing HR tells us.
        assert result.columns_left_out == ("Works at", "Works there as", "Skills")
        assert everything() == before
        if source == "hr":
            # Who has neither a last day nor a status is nobody to take in, and stays as they are.
            unclear = [each for each in people if each.ends_on is None and each.status == StintStatus.UNKNOWN]
            assert result.rejected == len(unclear)

    in_a_world_of_its_own(work)
