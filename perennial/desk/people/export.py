"""A file of the people who are found: CSV or XLSX, cells that a spreadsheet could run disarmed."""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

import xlsxwriter
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from perennial.desk.people.columns import Column
from perennial.intake.values import cell_of
from perennial.people.models import Person
from perennial.people.queries import with_latest_stints, with_life_elsewhere

FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
CHUNK = 1_000
# As many as a sheet holds beside its header.
MOST_ROWS_OF_A_SHEET = 1_048_575
SHEET_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


class TooManyForASheetError(Exception):
    """A sheet ends after 1,048,576 rows; CSV does not."""


def write_people(*, people: QuerySet[Person], columns: Sequence[Column], kind: str) -> tuple[IO[bytes], int]:
    """A temporary file of `people` by name, open at its beginning, and how many rows it has."""
    header = [_("Full name"), *(str(column.label) for column in columns)]
    rows = ([person.full_name, *(_cell(column.value(person)) for column in columns)] for person in _by_name(people))
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever sends it closes it, and with that it is gone
    count = _write_csv(file, header, rows) if kind == "csv" else _write_xlsx(file, header, rows)
    file.seek(0)
    return file, count


def _by_name(people: QuerySet[Person]) -> Iterator[Any]:
    return with_life_elsewhere(with_latest_stints(people.order_by("sort_name", "pk"))).iterator(chunk_size=CHUNK)


def _cell(value: object) -> str:
    """Days as ISO 8601, which every reader of ours and theirs understands."""
    return "" if value is None else str(value)


def _write_csv(file: IO[bytes], header: Sequence[str], rows: Iterable[Sequence[str]]) -> int:
    # With its mark, so that a spreadsheet takes it for UTF-8.
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    count = 0
    for row in rows:
        writer.writerow([cell_of(cell) for cell in row])
        count += 1
    text.detach()
    return count


def _write_xlsx(file: IO[bytes], header: Sequence[str], rows: Iterable[Sequence[str]]) -> int:
    count = 0
    with xlsxwriter.Workbook(file, SHEET_OPTIONS) as book:
        sheet = book.add_worksheet("Perennial")
        for place, title in enumerate(header):
            sheet.write_string(0, place, title)
        for count, row in enumerate(rows, start=1):
            if count > MOST_ROWS_OF_A_SHEET:
                raise TooManyForASheetError
            for place, cell in enumerate(row):
                if cell:
                    sheet.write_string(count, place, cell_of(cell))
    return count
