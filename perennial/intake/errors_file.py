"""The file of rejected rows: as it was given, with the reason in a last column, fit to be corrected and re-imported."""

import csv
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

import xlsxwriter
from django.conf import settings
from django.utils.text import get_valid_filename
from django.utils.translation import gettext, gettext_lazy, override

from perennial.intake.enums import Outcome
from perennial.intake.models import StagedRow
from perennial.intake.reader.table import Kind, Row, Table
from perennial.intake.staging_table import SHOWN_REJECTS
from perennial.intake.values import disarm

REASON_HEADER = gettext_lazy("Why this row was not taken in")
_MOST_SHEET_ROWS = 1_048_575
_MOST_CELL = 32_000


def folder() -> Path:
    """Where files of imports are kept; nobody but this user may look into it."""
    path = Path(settings.PERENNIAL_DATA_DIR) / "intake"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def write_errors(*, run_id: int, key: str, file_name: str, table: Table) -> Path | None:
    """Write the rejected rows of a run, None where there are none. Also keeps the first of them to be shown.

    Of a row that must leave nothing behind stands its reason alone, with the row's number in the source file.
    Reads the source file once more instead of keeping every row twice.
    """
    rejected = StagedRow.objects.filter(run_id=run_id, outcome=Outcome.REJECTED)
    count = rejected.count()
    if not count:
        return None
    as_sheet = table.kind is Kind.WORKBOOK and count <= _MOST_SHEET_ROWS
    stem = get_valid_filename(Path(file_name).stem)[:60] or "import"
    path = folder() / f"{stem}-rejected-{key}.{'xlsx' if as_sheet else 'csv'}"
    reasons = rejected.order_by("number").values_list("number", "reason", "unsaid").iterator(chunk_size=2000)
    keep = _kept_columns(table.header)
    shown: list[tuple[str, int]] = []
    with _sheet(path) if as_sheet else _text(path, table.delimiter or ";") as out:
        out.write([*(table.header[at] for at in keep), gettext("Why this row was not taken in")])
        for row, reason, unsaid in _rejected_rows(table, reasons):
            if unsaid:
                out.write([*("" for _at in keep), reason])
                continue
            cells = row.cells if row.problem is None else [*row.cells, *[""] * len(table.header)][: len(table.header)]
            out.write([*(cells[at] for at in keep), reason])
            if len(shown) < SHOWN_REJECTS:
                shown.append((json.dumps(row.cells, ensure_ascii=False), row.number))
    for cells_text, number in shown:
        StagedRow.objects.filter(run_id=run_id, number=number, cells=None).update(cells=json.loads(cells_text))
    return path


def delete_file(path: str) -> None:
    """Delete a file of an import, if it is still there and one of ours."""
    if path and Path(path).parent == folder():
        with suppress(FileNotFoundError):
            Path(path).unlink()


def open_private(path: Path) -> int:
    """A descriptor of a new file that only this user may read."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)


def _kept_columns(header: Sequence[str]) -> list[int]:
    """All columns but the reasons that an earlier file of rejected rows brought along."""
    return [at for at, name in enumerate(header) if not is_reason(name)]


def is_reason(name: str) -> bool:
    """Whether a column of this name holds the reasons of a file of rejected rows, in whichever language."""
    for language, _name in settings.LANGUAGES:
        with override(language):
            if name == str(REASON_HEADER):
                return True
    return False


def _rejected_rows(table: Table, reasons: Iterator[tuple[int, str, bool]]) -> Iterator[tuple[Row, str, bool]]:
    """Both streams come in the order of the row's number."""
    wanted = next(reasons, None)
    if wanted is None:
        return
    for row in table.rows():
        if row.number == wanted[0]:
            yield row, wanted[1], wanted[2]
            wanted = next(reasons, None)
            if wanted is None:
                return


class _Out(Protocol):
    def write(self, cells: Sequence[str]) -> None: ...


class _TextOut:
    def __init__(self, writer: Any) -> None:
        self._writer = writer

    def write(self, cells: Sequence[str]) -> None:
        self._writer.writerow([disarm(cell) for cell in cells])


class _SheetOut:
    def __init__(self, sheet: xlsxwriter.worksheet.Worksheet) -> None:
        self._sheet = sheet
        self._line = 0

    def write(self, cells: Sequence[str]) -> None:
        for column, cell in enumerate(cells):
            if cell:
                self._sheet.write_string(self._line, column, disarm(cell)[:_MOST_CELL])
        self._line += 1


@contextmanager
def _text(path: Path, delimiter: str) -> Iterator[_Out]:
    # UTF-8 with its mark: the reason may hold letters that the encoding of their file lacks.
    with os.fdopen(open_private(path), "w", encoding="utf-8-sig", newline="") as file:
        yield _TextOut(csv.writer(file, delimiter=delimiter, lineterminator="\r\n"))


@contextmanager
def _sheet(path: Path) -> Iterator[_Out]:
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with os.fdopen(open_private(path), "wb") as file, xlsxwriter.Workbook(file, options) as book:
        yield _SheetOut(book.add_worksheet("Perennial"))
