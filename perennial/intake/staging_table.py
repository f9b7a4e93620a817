"""The staging table: what stands in it, how it is filled, counted and thrown away."""

# ruff: noqa: S608 - statements are put together from constants of ours; values are parameters

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.db import connection, transaction

from perennial.intake.deciding import Decision
from perennial.intake.enums import Outcome
from perennial.intake.models import StagedChange, StagedRow
from perennial.intake.reader.table import Row
from perennial.intake.rows import NormalRow, RowRefused
from perennial.kernel.keys import new_key

CHUNK = 4_000
# So many rejected rows are kept as they stand in the file, to be shown beside their reason.
SHOWN_REJECTS = 200

ROW_TABLE = StagedRow._meta.db_table
CHANGE_TABLE = StagedChange._meta.db_table
# What a NormalRow brings along, in the order of COLUMNS.
SAID = (
    *("number", "full_name", "called", "sort_name", "name_key", "employee_number", "business_email", "private_email"),
    *("given_on", "starts_on", "ends_on", "clears_end", "status", "title", "department", "place", "manager"),
    *("contract_kind", "how_ended", "language", "country", "written", "clears"),
)
DECIDED = (
    *("search_text", "business_mark", "private_mark", "outcome", "person_ref", "stint_ref", "person_key", "follows"),
    *("writes", "dead", "opens_departure", "reason", "conflict", "fault", "cells", "unsaid"),
)
COLUMNS = ("run_id", *SAID, *DECIDED)
CHANGE_COLUMNS = ("run_id", "number", "field", "before", "after")

# --- filling

_said = attrgetter(*SAID)


def staged_tuple(
    run_id: int, row: NormalRow, decision: Decision, dead: frozenset[str], *, person_key: str = ""
) -> tuple[Any, ...]:
    """A row of the staging table, in the order of COLUMNS. `person_key`: of a new person, where it has one already."""
    writes = decision.writes
    adds = "n" in writes or "a" in writes
    return (
        run_id,
        *_said(row),
        row.search_text if decision.outcome is Outcome.NEW else "",
        row.business_mark if adds else "",
        row.private_mark if adds else "",
        decision.outcome.value,
        decision.person.pk if decision.person else None,
        decision.stint.pk if decision.stint else None,
        decision.person.key if decision.person else person_key or new_key(),
        False,
        writes,
        ("b" if row.business_email in dead else "") + ("p" if row.private_email in dead else "") if dead else "",
        decision.opens_departure,
        "",
        False,
        None,
        None,
        False,
    )


def refused_tuple(
    run_id: int, row: NormalRow, refusal: RowRefused, original: Row | None, *, conflict: bool = False
) -> tuple[Any, ...]:
    kept = None if refusal.unsaid else original
    cells = json.dumps(kept.cells, ensure_ascii=False) if kept is not None else None
    return (
        run_id,
        *_said(row),
        *("", "", "", Outcome.REJECTED.value, None, None, "", False, "", "", False),
        str(refusal)[:600],
        conflict,
        refusal.position,
        cells,
        refusal.unsaid,
    )


def write_rows(table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """COPY on PostgreSQL, executemany on SQLite; in the caller's transaction."""
    if not rows:
        return
    names = ", ".join(columns)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    else:
        marks = ", ".join(["%s"] * len(columns))
        with connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)


def analyse() -> None:
    """Tell PostgreSQL what it has just been filled with, so that it does not plan for an empty table."""
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            # A small sample will do: the plan hangs on how many rows there are and that numbers hardly repeat.
            cursor.execute("SET LOCAL default_statistics_target = 10")
            cursor.execute(f"ANALYZE {ROW_TABLE}")


# --- counting


@dataclass(slots=True)
class Counts:
    """What an import does, or would do, to how many rows; those left alone are unchanged, conflicts are rejected."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    left_alone: int = 0
    rejected: int = 0
    conflicts: int = 0
    departures: int = 0


def counts(run_id: int) -> Counts:
    rows: dict[str, int] = {}
    conflicts = departures = 0
    for outcome, number, contradicting, opening in _rows(
        "SELECT outcome, COUNT(*), SUM(CASE WHEN conflict THEN 1 ELSE 0 END), "
        f"SUM(CASE WHEN opens_departure THEN 1 ELSE 0 END) FROM {ROW_TABLE} WHERE run_id = %s GROUP BY outcome",
        [run_id],
    ):
        rows[outcome] = number
        conflicts += contradicting
        departures += opening
    left_alone = rows.get(Outcome.LEFT_ALONE, 0)
    return Counts(
        rows=sum(rows.values()),
        created=rows.get(Outcome.NEW, 0),
        updated=rows.get(Outcome.CHANGED, 0),
        unchanged=rows.get(Outcome.SAME, 0) + left_alone,
        left_alone=left_alone,
        rejected=rows.get(Outcome.REJECTED, 0),
        conflicts=conflicts,
        departures=departures,
    )


def _rows(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


# --- what the database is told beforehand


def unhurried_commit() -> None:
    """Let the transaction under way be committed without waiting for the disk, a tenth of an import on PostgreSQL.

    A crash of the server may lose it whole, and with it the word on how far we are: the import then goes on before it.
    The commit that ends comparing or applying does wait, and brings all before it to the disk. SQLite never waits.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = off")


@contextmanager
def roomy_cache() -> Iterator[None]:
    """SQLite's usual 2 MB of pages write the same page of an index again and again; 64 MB save a fifth of the time."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA cache_size")
        (usual,) = cursor.fetchone()
        cursor.execute("PRAGMA cache_size = -65536")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA cache_size = {int(usual)}")


@contextmanager
def throw_away_table() -> Iterator[None]:
    """For a dry run: a temporary table of the staging table's name stands before it, and the database stays as it is.

    Both databases look for a name among the temporary tables first, so every statement here works on either.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {ROW_TABLE} AS SELECT * FROM {ROW_TABLE} LIMIT 0")
        try:
            cursor.execute(f"CREATE INDEX {ROW_TABLE}_throw_away ON {ROW_TABLE} (number)")
            yield
        finally:
            temporary = "pg_temp" if connection.vendor == "postgresql" else "temp"
            cursor.execute(f"DROP TABLE {temporary}.{ROW_TABLE}")
