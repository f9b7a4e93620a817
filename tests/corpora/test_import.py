"""Every naughty string in every field of a person, through an import file: taken as it is, or refused in a sentence."""

import csv
from pathlib import Path
from typing import Any

import pytest

from perennial.intake.values import is_blank, undisarm
from perennial.people.models import Stint
from tests.cast import NOW, programme
from tests.corpora.naughty import NAUGHTY, is_refused, normal
from tests.intake.bringing import take_in_file
from tests.intake.files import write_xlsx

pytestmark = pytest.mark.django_db

# A file with a NUL in it is refused whole; see the tests of the reader.
IN_FILES = [text for text in NAUGHTY if "\0" not in text]

HEADER = ["Employee number", "Full name", "Called", "Job title", "Department", "Location", "Manager", "Last day"]
FIELDS = {
    "Full name": "person__full_name",
    "Called": "person__called",
    "Job title": "title",
    "Department": "department__name",
}
FIELDS |= {"Location": "place__name", "Manager": "manager"}

NAMES = ("Full name", "Called")
FORMULA_STARTS = tuple("=+-@＝＋－＠")
# 'Vries, Jan' is Jan Vries, and so is whoever else has one comma.
TURNED_ROUND = {
    "Craig Cockburn, Software Specialist": "Software Specialist Craig Cockburn",
    '<BODY onload!#$%&()*~+-_.,:;?@[/|\\]^`=alert("XSS")>': ':;?@[/|\\]^`=alert("XSS")> <BODY onload!#$%&()*~+-_.',
}


def rows() -> list[list[str]]:
    """A row for each field and string; the number says which."""
    made = []
    for column in FIELDS:
        for at, text in enumerate(IN_FILES):
            row = {"Employee number": f"{column}-{at}", "Full name": "Alice van Dam", "Last day": "2026-10-14"}
            row |= {"Full name": f"Alice van Dam {column} {at}"} | {column: text}
            made.append([row.get(name, "") for name in HEADER])
    return made


def write_csv(path: Path, cells: list[list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";", quoting=csv.QUOTE_ALL).writerows(cells)
    return path


def expected(column: str, text: str) -> str | None:
    """What is kept, None where the row is refused."""
    if column in ("Job title", "Department", "Location", "Manager") and is_blank(text):
        return ""
    if is_refused(text):
        return None
    kept = normal(text)
    if column in NAMES and not any(map(str.isalpha, kept)):
        # Who is called by nothing is called by the first name.
        return "Alice" if column == "Called" and is_blank(kept) else None
    return TURNED_ROUND.get(kept, kept) if column == "Full name" else kept


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_what_is_taken_is_the_same_text_and_what_is_not_is_told_why(tmp_path: Path, ending: str) -> None:
    programme()
    path = tmp_path / f"leavers.{ending}"
    brought = rows()
    if ending == "csv":
        write_csv(path, [HEADER, *brought])
    else:
        write_xlsx(path, {"Leavers": [HEADER, *brought]})
    result: Any = take_in_file(path, source="naughty", now=NOW)
    kept = {stint["employee_number"]: stint for stint in Stint.objects.values("employee_number", *FIELDS.values())}
    wanted, told = {}, {}
    for column, name in FIELDS.items():
        for at, text in enumerate(IN_FILES):
            number = f"{column}-{at}"
            wanted[number] = expected(column, text)
            told[number] = (kept[number][name] or "") if number in kept else None
    assert told == wanted
    assert result.rejected == list(wanted.values()).count(None)
    if ending == "csv":
        check_the_refused(Path(result.errors_file), brought, result.rejected)


def check_the_refused(path: Path, brought: list[list[str]], count: int) -> None:
    """Each refused row comes back as it was, disarmed, with a sentence."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *told = csv.reader(file, delimiter=";")
    assert header[:-1] == HEADER
    by_number = {row[0]: row for row in brought}
    assert len(told) == count > 100
    for *cells, reason in told:
        assert [undisarm(cell) for cell in cells] == [undisarm(cell) for cell in by_number[cells[0]]]
        assert [cell for cell in cells if cell.lstrip()[:1] in FORMULA_STARTS] == []
        assert reason.endswith(".")
        assert reason.isprintable()
