"""Reads text files (CSV of any kind) into records, streaming."""

import codecs
import csv
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perennial.intake.reader.delimiters import DELIMITERS, likely_delimiter
from perennial.intake.reader.encodings import (
    codec_of,
    decoded,
    first_undecodable_line,
    hinted_encoding,
    is_marked,
    known_encoding,
    likely_encoding,
    proven_encoding,
    refuse_undecodable,
)
from perennial.intake.reader.limits import MAX_CELL, MAX_COLUMNS, MAX_LINE
from perennial.intake.reader.records import Record
from perennial.intake.reader.refusals import Reason, UnreadableFile

_BINARY_STARTS = (
    *(b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8"),
    *(b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!", b"\x7fELF", b"MZ\x90", b"SQLite format 3", b"{\\rtf"),
)
_CONTROLS = [bytes([code]) for code in range(1, 32) if code not in (9, 10, 11, 12, 13, 27)]


@dataclass(frozen=True, slots=True)
class Writing:
    """How a text file is written. What is said of the encoding, `Table` explains."""

    encoding: str
    encoding_guessed: bool
    encoding_hint: str
    delimiter: str


def how_written(path: Path, head: bytes, *, encoding: str | None, delimiter: str | None) -> Writing:
    """Find out the encoding and the delimiter, or take those that somebody chose. Raises UnreadableFile."""
    _refuse_binary(head)
    if delimiter is not None and delimiter not in DELIMITERS:
        raise UnreadableFile(Reason.UNKNOWN_DELIMITER)
    guessed = False
    hint = ""
    if encoding is not None:
        chosen = known_encoding(encoding)
    else:
        chosen = proven_encoding(head) or "utf-8"
        if chosen == "utf-8" and not head.startswith(codecs.BOM_UTF8) and first_undecodable_line(path, chosen):
            guessed = True
            hint = hinted_encoding(head)
            chosen = likely_encoding(head)
    refuse_undecodable(path, chosen)
    return Writing(chosen, guessed, hint, delimiter or likely_delimiter(decoded(head, chosen)))


def _refuse_binary(head: bytes) -> None:
    if head.startswith(_BINARY_STARTS):
        raise UnreadableFile(Reason.BINARY)
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()[:200].lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<table", b"<meta", b"<head")):
        raise UnreadableFile(Reason.WEB_PAGE)
    if is_marked(head) or proven_encoding(head) is not None:
        return
    strange = sum(head.count(byte) for byte in _CONTROLS)
    nuls = head.count(0)
    if (strange + nuls) * 20 > len(head):
        raise UnreadableFile(Reason.BINARY)
    if nuls:
        raise UnreadableFile(Reason.NUL_BYTES, line=head[: head.index(0)].count(b"\n") + 1)


def records(path: Path, *, encoding: str, delimiter: str) -> Generator[Record, None, None]:
    """Stream the records with something in them: line number, cells, and whether it could be split into cells."""
    with path.open("r", encoding=codec_of(encoding), errors="strict", newline="") as stream:
        lines = _Lines(stream)
        split = csv.reader(lines, delimiter=delimiter, strict=True)
        first = True
        while True:
            lines.pending.clear()
            number = lines.number + 1
            try:
                cells = next(split)
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
