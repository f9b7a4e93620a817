"""LinkedIn's data export: the ZIP of CSV files that 'Get a copy of your data' sends, or one file out of it.

The files and their columns: the archive as members found and described it, for instance
github.com/Cytrogen/hexo-processor-linkedin-data (README) and the headers that many public parsers test against; that
whoever has no entries of a kind gets no such file: LinkedIn Help, answer a1339364. LinkedIn writes these names in
English; no export with other names was found, so one is refused instead of guessed at.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from perennial.intake.personal.archive import files_of
from perennial.intake.personal.limits import MAX_CELL, MAX_COLUMNS, MAX_ROWS
from perennial.intake.personal.record import (
    Address,
    Certificate,
    Education,
    Language,
    Link,
    PersonalRecord,
    PositionHeld,
)
from perennial.intake.personal.refusals import Refusal, UnreadableExport
from perennial.intake.personal.text import decoded
from perennial.intake.personal.values import line, mail_address, once_each, partial_date, web_address
from perennial.intake.reader.delimiters import DELIMITERS


@dataclass(frozen=True)
class _File:
    """A file we read, by the columns without which it is not that file."""

    name: str
    must_have: frozenset[str]
    # Whether it is known, where its name is not, by having no other column: 'Name' stands in many files.
    alone: bool = False


PROFILE = _File("Profile.csv", frozenset({"first name", "last name", "headline"}))
POSITIONS = _File("Positions.csv", frozenset({"company name", "title", "started on", "finished on"}))
EDUCATION = _File("Education.csv", frozenset({"school name", "degree name"}))
SKILLS = _File("Skills.csv", frozenset({"name"}), alone=True)
LANGUAGES = _File("Languages.csv", frozenset({"name", "proficiency"}))
CERTIFICATES = _File("Certifications.csv", frozenset({"name", "authority"}))
ADDRESSES = _File("Email Addresses.csv", frozenset({"email address", "confirmed", "primary"}))
FILES = (PROFILE, POSITIONS, EDUCATION, SKILLS, LANGUAGES, CERTIFICATES, ADDRESSES)
_BY_NAME = {file.name.casefold(): file for file in FILES}

# LinkedIn puts a note of a few lines above the header of some files.
_LOOKED_THROUGH = 10
# [PORTFOLIO:https://alice.example,BLOG:https://blog.example]
_BETWEEN_LINKS = re.compile(r",(?=\s*(?:[A-Z_]+:|https?://|www\.))")
_LABEL = re.compile(r"([A-Z_]+):(?!//)(.*)", re.DOTALL)

_Row = Mapping[str, str]


class _Table(NamedTuple):
    file: _File
    rows: list[_Row]


def record_of_archive(content: bytes) -> PersonalRecord:
    """Read the export as LinkedIn sends it. Raises UnreadableExport; files that are missing say nothing."""
    tables: dict[_File, list[_Row]] = {}
    for name, text in files_of(content, wanted=_BY_NAME).items():
        file = _BY_NAME[name]
        if text.strip():
            table = _table(decoded(text), among=(file,))
            if table is None:
                raise UnreadableExport(Refusal.COLUMNS, text=file.name)
            tables[file] = table.rows
    if not tables:
        raise UnreadableExport(Refusal.UNKNOWN)
    return _record(tables)


def record_of_file(content: bytes) -> PersonalRecord:
    """Read one CSV file out of the export; which one, its columns say. Raises UnreadableExport."""
    table = _table(decoded(content), among=FILES)
    if table is None:
        raise UnreadableExport(Refusal.UNKNOWN)
    return _record({table.file: table.rows})


def _table(text: str, *, among: Sequence[_File]) -> _Table | None:
    """The rows below the header, wherever it stands among the first lines and whatever separates the columns."""
    for delimiter in (",", *DELIMITERS):
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        for _ in range(_LOOKED_THROUGH):
            try:
                header = next(lines)
            except (StopIteration, csv.Error):
                break
            names = [name.strip().casefold() for name in header]
            for file in among:
                named = len(among) == 1
                if file.must_have <= set(names) and (named or not file.alone or file.must_have == set(names)):
                    if any(names.count(name) > 1 for name in file.must_have) or len(names) > MAX_COLUMNS:
                        raise UnreadableExport(Refusal.COLUMNS, text=file.name)
                    return _Table(file, list(_rows(lines, names, file)))
    return None


def _rows(lines: Any, names: Sequence[str], file: _File) -> Iterator[_Row]:
    taken = 0
    while True:
        # The reader counts lines, also those within a cell.
        at = lines.line_num + 1
        try:
            cells = next(lines)
        except StopIteration:
            return
        except csv.Error:
            raise UnreadableExport(Refusal.TABLE, text=file.name, line=at) from None
        if not any(cell.strip() for cell in cells):
            continue
        taken += 1
        if taken > MAX_ROWS:
            raise UnreadableExport(Refusal.TOO_MANY, text=file.name, most=MAX_ROWS)
        if any(cells[len(names) :]):
            raise UnreadableExport(Refusal.TABLE, text=file.name, line=at)
        for cell in cells:
            if len(cell) > MAX_CELL:
                raise UnreadableExport(Refusal.TOO_LONG, text=cell, most=MAX_CELL)
        yield dict(zip(names, [*cells, *[""] * len(names)], strict=False))


def _record(tables: Mapping[_File, list[_Row]]) -> PersonalRecord:
    profile = next(iter(tables.get(PROFILE, [])), {})
    return PersonalRecord(
        name=line(f"{profile.get('first name', '')} {profile.get('last name', '')}"),
        headline=line(profile.get("headline", "")),
        place=line(profile.get("geo location", "")),
        positions=tuple(_position(row) for row in tables.get(POSITIONS, [])),
        education=tuple(_education(row) for row in tables.get(EDUCATION, [])),
        skills=once_each([line(row["name"]) for row in tables.get(SKILLS, [])]),
        languages=tuple(
            Language(name=name, level=line(row.get("proficiency", "")))
            for row in tables.get(LANGUAGES, [])
            if (name := line(row["name"]))
        ),
        certificates=tuple(_certificate(row) for row in tables.get(CERTIFICATES, []) if line(row["name"])),
        links=tuple(_links(profile.get("websites", ""))),
        addresses=tuple(_address(row) for row in tables.get(ADDRESSES, []) if line(row["email address"])),
    )


def _position(row: _Row) -> PositionHeld:
    return PositionHeld(
        company=line(row["company name"]),
        title=line(row.get("title", "")),
        place=line(row.get("location", "")),
        since=partial_date(row.get("started on", "")),
        until=partial_date(row.get("finished on", "")),
    )


def _education(row: _Row) -> Education:
    return Education(
        school=line(row["school name"]),
        degree=line(row.get("degree name", "")),
        since=partial_date(row.get("start date", "")),
        until=partial_date(row.get("end date", "")),
    )


def _certificate(row: _Row) -> Certificate:
    return Certificate(
        name=line(row["name"]),
        issuer=line(row.get("authority", "")),
        url=web_address(row.get("url", "")),
        since=partial_date(row.get("started on", "")),
        until=partial_date(row.get("finished on", "")),
    )


def _address(row: _Row) -> Address:
    return Address(
        address=mail_address(row["email address"]),
        confirmed=line(row.get("confirmed", "")).casefold() == "yes",
        primary=line(row.get("primary", "")).casefold() == "yes",
    )


def _links(cell: str) -> Iterator[Link]:
    said = line(cell, most=MAX_CELL)
    if said.startswith("[") and said.endswith("]"):
        said = said[1:-1]
    for part in _BETWEEN_LINKS.split(said):
        labelled = _LABEL.fullmatch(part.strip())
        label, url = (labelled[1], labelled[2]) if labelled else ("", part)
        if page := web_address(url):
            yield Link(url=page, label=label.replace("_", " ").capitalize())
