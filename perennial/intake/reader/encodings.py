"""In which encoding a text file is written: proven, guessed with care, or chosen by somebody."""

import codecs
import csv
import re
from itertools import islice
from pathlib import Path

import charset_normalizer

from perennial.intake.reader.delimiters import likely_delimiter, tolerant
from perennial.intake.reader.records import SAMPLE_ROWS
from perennial.intake.reader.refusals import Reason, UnreadableFile
from perennial.intake.recognising import header_score

# What a person may choose from; the first is assumed where a file is not Unicode and nothing else speaks.
ENCODINGS = (
    *("cp1252", "utf-8", "cp1251", "utf-16", "utf-16-le", "utf-16-be", "iso8859-1", "iso8859-15", "cp1250"),
    *("iso8859-2", "cp850", "cp437", "mac-roman", "koi8-r", "cp866", "iso8859-5", "mac-cyrillic", "utf-32"),
)
_CYRILLIC = ("cp1251", "cp866", "koi8-r", "mac-cyrillic")

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def is_marked(head: bytes) -> bool:
    return any(head.startswith(bom) for bom, _name in _BOMS)


def proven_encoding(head: bytes) -> str | None:
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


def known_encoding(name: str) -> str:
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


def codec_of(encoding: str) -> str:
    """UTF-8 with or without its mark is one encoding to a user."""
    return "utf-8-sig" if encoding == "utf-8" else encoding


def decoded(head: bytes, encoding: str) -> str:
    text = codecs.getincrementaldecoder(codec_of(encoding))("replace").decode(head)
    return text.removeprefix("\ufeff")


def first_undecodable_line(path: Path, encoding: str) -> int:
    """Return the number of the first line that is not in this encoding, 0 where all are; in flat memory."""
    decoder = codecs.getincrementaldecoder(codec_of(encoding))("strict")
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


def refuse_undecodable(path: Path, encoding: str) -> None:
    line = first_undecodable_line(path, encoding)
    if line:
        raise UnreadableFile(Reason.ENCODING, line=line, encoding=encoding.upper())


def likely_encoding(head: bytes) -> str:
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
        text = decoded(head, encoding)
        rows = islice(csv.reader(text.splitlines(), delimiter=likely_delimiter(text)), SAMPLE_ROWS)
        scores[encoding] = max((header_score(row) for row in tolerant(rows)), default=0.0)
    best = max(scores.values())
    return default if scores[default] == best else max(scores, key=lambda encoding: scores[encoding])


def hinted_encoding(head: bytes) -> str:
    """Return what charset-normalizer takes the file for, where that is something we offer."""
    match = charset_normalizer.from_bytes(head).best()
    if match is None:
        return ""
    try:
        return known_encoding(match.encoding)
    except UnreadableFile:
        return ""
