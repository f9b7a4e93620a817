"""Reads a file of unknown kind - CSV, XLSX or ODS - into rows of text, streaming, within limits that hold."""

import codecs
import csv
import json
import os
import re
import select
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import charset_normalizer
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perennial.intake.columns import Recognition, header_score, recognise

MAX_TEXT_BYTES = 1024**3
MAX_WORKBOOK_BYTES = 50 * 1024**2
MAX_INFLATED_BYTES = 150 * 1024**2
MAX_ENTRIES = 2_000
MAX_SHEETS = 20
MAX_COLUMNS = 200
# What Excel holds in a cell.
MAX_CELL = 32_767
MAX_LINE = 1_000_000
WORKBOOK_MEMORY = 250 * 1024**2
WORKBOOK_SECONDS = 60
# How long we wait, all waits together, for a workbook's rows; the time our caller takes over them is not counted.
WORKBOOK_PATIENCE = 120.0

DELIMITERS = (";", ",", "\t", "|")
# What a person may choose from; the first is assumed where a file is not Unicode and nothing else speaks.
ENCODINGS = (
    *(
        "cp1252",
        "utf-8",
        "cp1251",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "iso8859-1",
        "iso8859-15",
        "cp1250",
        "iso8859-2",
    ),
    *("cp850", "cp437", "mac-roman", "koi8-r", "cp866", "iso8859-5", "mac-cyrillic", "utf-32"),
)
_CYRILLIC = ("cp1251", "cp866", "koi8-r", "mac-cyrillic")

_SAMPLE_BYTES = 1 << 16
_SAMPLE_ROWS = 40
_PROGRAM = Path(__file__).with_name("workbook_program.py")


class Reason(StrEnum):
    MISSING = "missing"
    EMPTY = "empty"
    ONLY_A_HEADER = "only_a_header"
    BINARY = "binary"
    WEB_PAGE = "web_page"
    NUL_BYTES = "nul_bytes"
    ENCODING = "encoding"
    UNKNOWN_ENCODING = "unknown_encoding"
    UNKNOWN_DELIMITER = "unknown_delimiter"
    TOO_BIG = "too_big"
    TOO_SLOW = "too_slow"
    PASSWORD = "password"  # noqa: S105 - a reason, not a secret
    BROKEN = "broken"
    OLD_WORKBOOK = "old_workbook"
    DOCUMENT_TYPE = "document_type"
    NO_SHEET = "no_sheet"
    UNTERMINATED_QUOTE = "unterminated_quote"
    LINE_TOO_LONG = "line_too_long"
    CELL_TOO_LONG = "cell_too_long"
    TOO_MANY_COLUMNS = "too_many_columns"


SENTENCES: dict[Reason, Promise] = {
    Reason.MISSING: _("There is no file here that we can open."),
    Reason.EMPTY: _("The file is empty."),
    Reason.ONLY_A_HEADER: _("The file has column names but no rows below them."),
    Reason.BINARY: _("This is not a table we can read: export the list as CSV, XLSX or ODS."),
    Reason.WEB_PAGE: _(
        "This is a web page or an XML file with the name of a spreadsheet: open it in a spreadsheet program "
        "and save it as XLSX or CSV."
    ),
    Reason.NUL_BYTES: _("The file has NUL bytes in it (line %(line)s), so it is damaged or no text: export it anew."),
    Reason.ENCODING: _(
        "Line %(line)s is not written in %(encoding)s: choose another encoding or save the file as UTF-8."
    ),
    Reason.UNKNOWN_ENCODING: _("“%(encoding)s” is not an encoding we know."),
    Reason.UNKNOWN_DELIMITER: _("Columns are separated by a semicolon, a comma, a tab or a vertical bar."),
    Reason.TOO_BIG: _("The file is too big to be opened safely: save the list as CSV, or split it."),
    Reason.TOO_SLOW: _("The workbook took too long to open: save the list as CSV, or split it."),
    Reason.PASSWORD: _("The workbook has a password: save it without one, or save the list as CSV."),
    Reason.BROKEN: _("The workbook is damaged: open it in a spreadsheet program and save it anew as XLSX or CSV."),
    Reason.OLD_WORKBOOK: _("This is a workbook of an older or a binary kind (XLS, XLSB): save it as XLSX or CSV."),
    Reason.DOCUMENT_TYPE: _(
        "The workbook declares a document type, which no spreadsheet program writes: save it anew as XLSX or CSV."
    ),
    Reason.NO_SHEET: _("The workbook has no visible sheet of that name."),
    Reason.UNTERMINATED_QUOTE: _("A quotation mark opened in line %(line)s is never closed."),
    Reason.LINE_TOO_LONG: _("Line %(line)s has more than %(most)s characters."),
    Reason.CELL_TOO_LONG: _("A cell in line %(line)s has more than %(most)s characters."),
    Reason.TOO_MANY_COLUMNS: _("The file has more than %(most)s columns (line %(line)s)."),
}


class UnreadableFile(Exception):  # noqa: N818 - a refusal with a sentence, not a programming error
    """The file as a whole can't be read; `sentence` (and `str()`) says why in one translatable sentence."""

    def __init__(self, reason: Reason, *, line: int = 0, encoding: str = "", most: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line
        self.values = {"line": line, "encoding": encoding, "most": most}

    @property
    def sentence(self) -> str:
        return str(SENTENCES[self.reason]) % self.values

    def __str__(self) -> str:
        return self.sentence


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
            records = _text_records(self.path, encoding=self.encoding, delimiter=self.delimiter)
        else:
            records = _workbook_records(self.path, sheet=self.sheet)
        with closing(records):
            yield from _rows(records, header=self.header, header_row=self.header_row)


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
            head = file.read(_SAMPLE_BYTES)
    except OSError:
        raise UnreadableFile(Reason.MISSING) from None
    if not head.removeprefix(codecs.BOM_UTF8).strip(b"\xff\xfe \t\r\n"):
        raise UnreadableFile(Reason.EMPTY)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        if size > MAX_WORKBOOK_BYTES:
            raise UnreadableFile(Reason.TOO_BIG)
        return _open_workbook(place, sheet=sheet)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise UnreadableFile(Reason.PASSWORD if _is_encrypted(place) else Reason.OLD_WORKBOOK)
    if size > MAX_TEXT_BYTES:
        raise UnreadableFile(Reason.TOO_BIG)
    return _open_text(place, head, encoding=encoding, delimiter=delimiter)


# --- rows, of whatever kind

_Record = tuple[int, list[str], bool]


def _rows(records: Iterable[_Record], *, header: Sequence[str], header_row: int) -> Iterator[Row]:
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


def _find_header(sample: Sequence[_Record]) -> tuple[int, tuple[str, ...]]:
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


# --- text


def _open_text(path: Path, head: bytes, *, encoding: str | None, delimiter: str | None) -> Table:
    _refuse_binary(head)
    if delimiter is not None and delimiter not in DELIMITERS:
        raise UnreadableFile(Reason.UNKNOWN_DELIMITER)
    guessed = False
    hint = ""
    if encoding is not None:
        chosen = _known_encoding(encoding)
    else:
        chosen = _proven_encoding(head) or "utf-8"
        if chosen == "utf-8" and not head.startswith(codecs.BOM_UTF8) and _first_undecodable_line(path, chosen):
            guessed = True
            hint = _hint(head)
            chosen = _likely_encoding(head)
    _refuse_undecodable(path, chosen)
    separator = delimiter or _likely_delimiter(_decoded(head, chosen))
    with closing(_text_records(path, encoding=chosen, delimiter=separator)) as records:
        sample = list(islice(records, _SAMPLE_ROWS))
    number, header = _find_header(sample)
    return Table(
        path=path,
        kind=Kind.TEXT,
        header=header,
        header_row=number,
        recognitions=tuple(recognise(header)),
        sample=tuple(_rows(sample, header=header, header_row=number)),
        encoding=chosen,
        encoding_guessed=guessed,
        encoding_hint=hint,
        delimiter=separator,
    )


_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BINARY_STARTS = (
    *(b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8"),
    *(b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!", b"\x7fELF", b"MZ\x90", b"SQLite format 3", b"{\\rtf"),
)


def _refuse_binary(head: bytes) -> None:
    if head.startswith(_BINARY_STARTS):
        raise UnreadableFile(Reason.BINARY)
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()[:200].lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<table", b"<meta", b"<head")):
        raise UnreadableFile(Reason.WEB_PAGE)
    if any(head.startswith(bom) for bom, _name in _BOMS) or _proven_encoding(head) is not None:
        return
    strange = sum(head.count(byte) for byte in _CONTROLS)
    nuls = head.count(0)
    if (strange + nuls) * 20 > len(head):
        raise UnreadableFile(Reason.BINARY)
    if nuls:
        raise UnreadableFile(Reason.NUL_BYTES, line=head[: head.index(0)].count(b"\n") + 1)


_CONTROLS = [bytes([code]) for code in range(1, 32) if code not in (9, 10, 11, 12, 13, 27)]


def _proven_encoding(head: bytes) -> str | None:
    """Return the encoding that a byte order mark, or the NULs of UTF-16 without one, give away."""
    for bom, name in _BOMS:
        if head.startswith(bom):
            return name
    even, odd = head[0:2000:2].count(0), head[1:2000:2].count(0)
    half = max(len(head[:2000]) // 2, 1)
    if odd > 0.3 * half and even == 0:
        return "utf-16-le"
    if even > 0.3 * half and odd == 0:
        return "utf-16-be"
    return None


def _known_encoding(name: str) -> str:
    wanted = name.strip()
    try:
        looked_up = codecs.lookup(wanted).name
    except (LookupError, ValueError):
        raise UnreadableFile(Reason.UNKNOWN_ENCODING, encoding=wanted[:40]) from None
    if looked_up in ("utf-8-sig", "ascii"):
        return "utf-8"
    for known in ENCODINGS:
        if codecs.lookup(known).name == looked_up:
            return known
    raise UnreadableFile(Reason.UNKNOWN_ENCODING, encoding=wanted[:40])


def _codec(encoding: str) -> str:
    """UTF-8 with or without its mark is one encoding to a user."""
    return "utf-8-sig" if encoding == "utf-8" else encoding


def _decoded(head: bytes, encoding: str) -> str:
    text = codecs.getincrementaldecoder(_codec(encoding))("replace").decode(head)
    return text.removeprefix("\ufeff")


def _first_undecodable_line(path: Path, encoding: str) -> int:
    """Return the number of the first line that is not in this encoding, 0 where all are; in flat memory."""
    decoder = codecs.getincrementaldecoder(_codec(encoding))("strict")
    lines = 1
    with path.open("rb") as file:
        while True:
            chunk = file.read(1 << 20)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeError as error:
                # The decoder may have held back a few bytes of the chunk before; no line ends among them.
                before = error.object[: error.start] if isinstance(error, UnicodeDecodeError) else b""
                return lines + before.count(b"\n")
            if not chunk:
                return 0
            lines += text.count("\n")


def _refuse_undecodable(path: Path, encoding: str) -> None:
    line = _first_undecodable_line(path, encoding)
    if line:
        raise UnreadableFile(Reason.ENCODING, line=line, encoding=encoding.upper())


def _likely_encoding(head: bytes) -> str:
    """Choose for a file that is not Unicode: what makes its header readable, else Western, else Cyrillic.

    Statistics are not trusted here: they took short Western lists for a DOS code page. Two things are plain, though: a
    column name that we know, and that no Western language has three accented letters in a row as a rule.
    """
    default = ENCODINGS[0]
    runs = [len(run) for run in re.findall(rb"[\x80-\xff]+", head)]
    if sum(run for run in runs if run >= 3) * 2 > sum(runs):
        default = _CYRILLIC[0]
    scores = {}
    for encoding in dict.fromkeys((default, ENCODINGS[0], *_CYRILLIC, "mac-roman", "cp850")):
        text = _decoded(head, encoding)
        rows = islice(csv.reader(text.splitlines(), delimiter=_likely_delimiter(text)), _SAMPLE_ROWS)
        scores[encoding] = max((header_score(row) for row in _tolerant(rows)), default=0.0)
    best = max(scores.values())
    return default if scores[default] == best else max(scores, key=lambda encoding: scores[encoding])


def _hint(head: bytes) -> str:
    """Return what charset-normalizer takes the file for, where that is something we offer."""
    match = charset_normalizer.from_bytes(head).best()
    if match is None:
        return ""
    try:
        return _known_encoding(match.encoding)
    except UnreadableFile:
        return ""


def _tolerant(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    while True:
        try:
            yield next(rows)
        except StopIteration:
            return
        except csv.Error:
            continue


def _likely_delimiter(text: str) -> str:
    """Choose the delimiter under which most fields are recognised, then most rows have the same many cells."""
    lines = text.splitlines(keepends=True)
    if lines and (told := re.fullmatch(r"sep=(.)\s*", lines[0], re.IGNORECASE)) and told[1] in DELIMITERS:
        return told[1]
    if len(lines) > 1 and len(text) >= _SAMPLE_BYTES // 4:
        # The last line is likely cut off.
        lines.pop()
    best = DELIMITERS[0]
    best_score = (0.0, 0.0)
    for delimiter in DELIMITERS:
        rows = [row for row in _tolerant(islice(csv.reader(lines, delimiter=delimiter), _SAMPLE_ROWS)) if any(row)]
        if not rows:
            continue
        widths = [len(row) for row in rows]
        usual = max(set(widths), key=lambda width: (widths.count(width), width))
        recognised = max(header_score(row) for row in rows)
        evenness = widths.count(usual) / len(widths) * min(usual - 1, 30)
        score = (recognised if max(widths) > 1 else recognised / 2, evenness)
        if score > best_score:
            best, best_score = delimiter, score
    return best


class _Lines:
    """Hands lines to the CSV reader, each bounded, and remembers those of the record under way."""

    def __init__(self, stream: Any) -> None:
        self._readline = stream.readline
        self.number = 0
        self.pending: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line: str = self._readline(MAX_LINE)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) >= MAX_LINE:
            raise UnreadableFile(Reason.LINE_TOO_LONG, line=self.number, most=MAX_LINE)
        self.pending.append(line)
        return line


def _text_records(path: Path, *, encoding: str, delimiter: str) -> Generator[_Record, None, None]:
    """Stream the records with something in them: line number, cells, and whether it could be split into cells."""
    with path.open("r", encoding=_codec(encoding), errors="strict", newline="") as stream:
        lines = _Lines(stream)
        records = csv.reader(lines, delimiter=delimiter, strict=True)
        first = True
        while True:
            lines.pending.clear()
            number = lines.number + 1
            try:
                cells = next(records)
            except StopIteration:
                return
            except csv.Error as error:
                text = "".join(lines.pending)
                if "\0" in text:
                    raise UnreadableFile(Reason.NUL_BYTES, line=number) from None
                if "unexpected end" in str(error):
                    raise UnreadableFile(Reason.UNTERMINATED_QUOTE, line=number) from None
                if "field limit" in str(error):
                    if len(lines.pending) > 1:
                        raise UnreadableFile(Reason.UNTERMINATED_QUOTE, line=number) from None
                    raise UnreadableFile(Reason.CELL_TOO_LONG, line=number, most=MAX_CELL) from None
                yield number, [text.rstrip("\r\n")], False
                continue
            except UnicodeError:
                raise UnreadableFile(Reason.ENCODING, line=number, encoding=encoding.upper()) from None
            # One join answers three questions about all cells at once.
            joined = "".join(cells)
            if not joined or joined.isspace():
                continue
            if "\0" in joined:
                raise UnreadableFile(Reason.NUL_BYTES, line=number)
            if len(joined) > MAX_CELL and any(len(cell) > MAX_CELL for cell in cells):
                raise UnreadableFile(Reason.CELL_TOO_LONG, line=number, most=MAX_CELL)
            if len(cells) > MAX_COLUMNS:
                if any(cells[MAX_COLUMNS:]):
                    raise UnreadableFile(Reason.TOO_MANY_COLUMNS, line=number, most=MAX_COLUMNS)
                del cells[MAX_COLUMNS:]
            if first:
                first = False
                if number == 1 and re.fullmatch(r"sep=.?", lines.pending[0].strip(), re.IGNORECASE):
                    continue
            yield number, cells, True


# --- workbooks


def _open_workbook(path: Path, *, sheet: str | None) -> Table:
    """Take the sheet asked for, else the first whose header names two fields, else the first with rows in it."""
    sheets: tuple[str, ...] = ()
    serials = False
    looks: list[tuple[str, list[_Record]]] = []
    with closing(_frames(path, sheet=sheet, look=_SAMPLE_ROWS)) as frames:
        for name, *content in frames:
            if name == "sheets":
                sheets, serials = tuple(content[0]), content[1]
            elif name == "look":
                rows = [(number, cells, True) for number, cells in content[1]]
                if rows:
                    looks.append((content[0], rows))
                if max((header_score(cells) for _number, cells, _sound in rows), default=0) >= 2:
                    looks = looks[-1:]
                    break
    if not looks:
        raise UnreadableFile(Reason.EMPTY)
    chosen, sample = looks[0]
    number, header = _find_header(sample)
    return Table(
        path=path,
        kind=Kind.WORKBOOK,
        header=header,
        header_row=number,
        recognitions=tuple(recognise(header)),
        sample=tuple(_rows(sample, header=header, header_row=number)),
        sheet=chosen,
        sheets=sheets,
        serials=serials,
    )


def _workbook_records(path: Path, *, sheet: str) -> Generator[_Record, None, None]:
    with closing(_frames(path, sheet=sheet, look=0)) as frames:
        for name, *content in frames:
            if name == "rows":
                for number, cells in content[0]:
                    yield number, cells, True


def _frames(path: Path, *, sheet: str | None, look: int) -> Generator[list[Any], None, None]:
    """Run the workbook program and hand on what it says; it never outlives this generator."""
    order = {
        "sheet": sheet,
        "look": look,
        "memory": WORKBOOK_MEMORY,
        "seconds": WORKBOOK_SECONDS,
        "most_bytes": MAX_INFLATED_BYTES,
        "most_entries": MAX_ENTRIES,
        "most_sheets": MAX_SHEETS,
        "most_columns": MAX_COLUMNS,
        "longest_cell": MAX_CELL,
    }
    # Nothing of our own environment goes along: it holds keys.
    environment = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    child = subprocess.Popen(  # noqa: S603 - our own program, arguments as a list
        [sys.executable, "-I", str(_PROGRAM), str(path), json.dumps(order)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env=environment,
    )
    try:
        assert child.stdout is not None
        stream = _Patient(child.stdout.fileno(), patience=WORKBOOK_PATIENCE)
        while True:
            head = stream.read(4)
            if len(head) < 4:
                raise _death(child.wait(timeout=10))
            (length,) = struct.unpack(">I", head)
            body = stream.read(length) if length <= _LONGEST_FRAME else b""
            if len(body) < length or length > _LONGEST_FRAME:
                raise _death(child.wait(timeout=10) if length <= _LONGEST_FRAME else 0)
            frame: list[Any] = json.loads(body)
            if frame[0] == "end":
                return
            if frame[0] == "error":
                reason = Reason(frame[1])
                most = {Reason.CELL_TOO_LONG: MAX_CELL, Reason.TOO_MANY_COLUMNS: MAX_COLUMNS}.get(reason, 0)
                raise UnreadableFile(reason, line=frame[2], most=most)
            yield frame
    finally:
        child.kill()
        child.wait()
        if child.stdout is not None:
            child.stdout.close()


_LONGEST_FRAME = 64 * 1024**2


def _death(code: int) -> UnreadableFile:
    """Say what a child that ended without a word most likely died of."""
    if code == -signal.SIGXCPU:
        return UnreadableFile(Reason.TOO_SLOW)
    # Without memory, the parser aborts and Python ends with an error; the kernel kills.
    if code in (-signal.SIGABRT, -signal.SIGKILL, 1):
        return UnreadableFile(Reason.TOO_BIG)
    return UnreadableFile(Reason.BROKEN)


class _Patient:
    """Reads from a pipe, waiting no longer than `patience` seconds in all."""

    def __init__(self, descriptor: int, *, patience: float) -> None:
        self._descriptor = descriptor
        self._patience = patience

    def read(self, length: int) -> bytes:
        """Return so many bytes, fewer where the stream ends."""
        parts: list[bytes] = []
        while length > 0:
            began = time.monotonic()
            poll = select.poll()
            poll.register(self._descriptor, select.POLLIN)
            ready = poll.poll(max(self._patience, 0) * 1000)
            self._patience -= time.monotonic() - began
            if not ready:
                raise UnreadableFile(Reason.TOO_SLOW)
            part = os.read(self._descriptor, min(length, 1 << 20))
            if not part:
                break
            parts.append(part)
            length -= len(part)
        return b"".join(parts)


def _is_encrypted(path: Path) -> bool:
    """Tell an encrypted XLSX from an old XLS: both are the same container, one names its encrypted stream."""
    mark = "EncryptedPackage".encode("utf-16-le")
    with path.open("rb") as file:
        tail = b""
        while chunk := file.read(1 << 20):
            if mark in tail + chunk:
                return True
            tail = chunk[-len(mark) :]
    return False
