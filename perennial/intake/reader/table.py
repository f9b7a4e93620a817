"""A file of unknown kind - CSV, XLSX or ODS - as a table: a header and rows of text below it."""

import codecs
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perennial.intake.reader import text, workbook
from perennial.intake.reader.limits import MAX_COLUMNS, MAX_TEXT_BYTES, MAX_WORKBOOK_BYTES
from perennial.intake.reader.records import SAMPLE_BYTES, SAMPLE_ROWS, Record
from perennial.intake.reader.refusals import Reason, UnreadableFile
from perennial.intake.recognising import Recognition, header_score, recognise


class Kind(StrEnum):
    TEXT = "text"
    WORKBOOK = "workbook"


class Row(NamedTuple):
    """One row: its number as the user sees it, as many cells as the header has, and what else stood there.

    `problem` is a sentence where the row itself can't be split into cells (quotation marks that don't match);
    its one cell is then the text as it stands in the file.
    """

    number: int
    cells: list[str]
    extra: list[str]
    problem: Promise | None


MISQUOTED = _("The quotation marks in this row do not match.")


@dataclass(frozen=True, kw_only=True)
class Table:
    """A file understood as far as its header; `rows()` reads it from the start each time it is called."""

    path: Path
    kind: Kind
    header: tuple[str, ...]
    header_row: int
    recognitions: tuple[Recognition, ...]
    sample: tuple[Row, ...]
    # Text only. `encoding_guessed` is true where nothing in the file proves the encoding; `encoding_hint` is what
    # statistics say then, to be offered beside a preview and never taken unasked.
    encoding: str = ""
    encoding_guessed: bool = False
    encoding_hint: str = ""
    delimiter: str = ""
    # Workbooks only.
    sheet: str = ""
    sheets: tuple[str, ...] = field(default=())
    # Whether a plain five-digit number in a date column is Excel's number of a day.
    serials: bool = False

    def rows(self) -> Iterator[Row]:
        """Stream the rows below the header; `UnreadableFile` may still come, where the damage stands further on."""
        if self.kind is Kind.TEXT:
            found = text.records(self.path, encoding=self.encoding, delimiter=self.delimiter)
        else:
            found = workbook.records(self.path, sheet=self.sheet)
        with closing(found):
            yield from _rows(found, header=self.header, header_row=self.header_row)


def open_table(
    path: str | os.PathLike[str], *, encoding: str | None = None, delimiter: str | None = None, sheet: str | None = None
) -> Table:
    """Find out what a file is by its content, and where its header stands; `UnreadableFile` says why not."""
    place = Path(path).absolute()
    try:
        if not place.is_file():
            raise UnreadableFile(Reason.MISSING)
        size = place.stat().st_size
        with place.open("rb") as file:
            head = file.read(SAMPLE_BYTES)
    except OSError:
        raise UnreadableFile(Reason.MISSING) from None
    if not head.removeprefix(codecs.BOM_UTF8).strip(b"\xff\xfe \t\r\n"):
        raise UnreadableFile(Reason.EMPTY)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        if size > MAX_WORKBOOK_BYTES:
            raise UnreadableFile(Reason.TOO_BIG)
        return _workbook_table(place, sheet=sheet)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise UnreadableFile(Reason.PASSWORD if workbook.is_encrypted(place) else Reason.OLD_WORKBOOK)
    if size > MAX_TEXT_BYTES:
        raise UnreadableFile(Reason.TOO_BIG)
    return _text_table(place, head, encoding=encoding, delimiter=delimiter)


def _text_table(path: Path, head: bytes, *, encoding: str | None, delimiter: str | None) -> Table:
    writing = text.how_written(path, head, encoding=encoding, delimiter=delimiter)
    with closing(text.records(path, encoding=writing.encoding, delimiter=writing.delimiter)) as records:
        sample = list(islice(records, SAMPLE_ROWS))
    number, header = _find_header(sample)
    return Table(
        path=path,
        kind=Kind.TEXT,
        header=header,
        header_row=number,
        recognitions=tuple(recognise(header)),
        sample=tuple(_rows(sample, header=header, header_row=number)),
        encoding=writing.encoding,
        encoding_guessed=writing.encoding_guessed,
        encoding_hint=writing.encoding_hint,
        delimiter=writing.delimiter,
    )


def _workbook_table(path: Path, *, sheet: str | None) -> Table:
    look = workbook.look_inside(path, sheet=sheet)
    number, header = _find_header(look.sample)
    return Table(
        path=path,
        kind=Kind.WORKBOOK,
        header=header,
        header_row=number,
        recognitions=tuple(recognise(header)),
        sample=tuple(_rows(look.sample, header=header, header_row=number)),
        sheet=look.sheet,
        sheets=look.sheets,
        serials=look.serials,
    )


def _rows(records: Iterable[Record], *, header: Sequence[str], header_row: int) -> Iterator[Row]:
    width = len(header)
    names = list(header)
    empty: list[str] = []
    for number, cells, sound in records:
        if number <= header_row:
            continue
        count = len(cells)
        if not sound:
            yield Row(number, cells, empty, MISQUOTED)
        elif count == width:
            if cells != names:
                yield Row(number, cells, empty, None)
        elif count < width:
            yield Row(number, cells + [""] * (width - count), empty, None)
        else:
            extra = cells[width:]
            yield Row(number, cells[:width], extra if any(extra) else empty, None)


def _find_header(sample: Sequence[Record]) -> tuple[int, tuple[str, ...]]:
    """Return the header's row number and cells: the row that names most fields, else the first of full width."""
    if not sample:
        raise UnreadableFile(Reason.EMPTY)
    sound = [(number, cells) for number, cells, is_sound in sample if is_sound]
    if not sound:
        raise UnreadableFile(Reason.UNTERMINATED_QUOTE, line=sample[0][0])
    scores = [header_score(cells) for _number, cells in sound]
    best = max(scores)
    if best >= 1:
        number, cells = sound[scores.index(best)]
    else:
        widths = [sum(1 for cell in cells if cell.strip()) for _number, cells in sound]
        number, cells = sound[widths.index(max(widths))]
    names = [" ".join(cell.split()) for cell in cells]
    while names and not names[-1]:
        names.pop()
    if len(names) > MAX_COLUMNS:
        raise UnreadableFile(Reason.TOO_MANY_COLUMNS, line=number, most=MAX_COLUMNS)
    if not any(row > number for row, _cells, _sound in sample):
        raise UnreadableFile(Reason.ONLY_A_HEADER)
    return number, tuple(names)
