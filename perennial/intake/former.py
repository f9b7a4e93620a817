"""What stood in a field before a batch changed it: written down in the batch's own transaction, read when it is undone.

A value is kept as text: a day as ISO writes it, a department or a place by its id, nothing as the empty text.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import connection, models

from perennial.intake.models import FormerValue

# Which fields belong to which row of a person's; a name occurs once.
OF_PERSON = ("full_name", "sort_name", "called", "language", "country")
OF_STINT = (
    *("title", "manager", "contract_kind", "how_ended", "status", "department", "place", "starts_on", "ends_on"),
    *("source", "employee_number"),
)
OF_ADDRESS = ("given_on",)
# Fields of a stint that make a departure, or move it.
LEADING = frozenset({"starts_on", "ends_on", "status", "how_ended"})
_DAYS = frozenset({"starts_on", "ends_on", "given_on"})
_IDS = frozenset({"department", "place"})
# How a name is sorted, and which feed a stint belongs to, are said by nobody in particular.
_UNSAID = ("sort_name", "source")

# A change is looked for in each field of each row, in one pass over the rows.
_KEEP = """
    INSERT INTO {kept} (run_id, batch, person_ref, row_ref, field, before, after, said_by, said_at)
    SELECT %(run)s, %(batch)s, found.person_id, row_id, found.field, before, after, COALESCE(v.source, ''), v.at FROM (
        SELECT {person} AS person_id, {table}.id AS row_id, f.field AS field,
            CASE f.field {before} END AS before, CASE f.field {after} END AS after
        FROM {table}, ({fields}) f, {rows}) found
    LEFT JOIN people_provenance v ON v.{of}_id = found.row_id AND v.field = found.field
    WHERE before <> after"""

# DISTINCT, because rows of one file may say the same of one stint.
_NOTE = """
    INSERT INTO people_provenance ({of}_id, field, source, at)
    SELECT DISTINCT row_ref, field, %(source)s, %(now)s FROM {kept}
    WHERE run_id = %(run)s AND batch = %(batch)s AND field IN ({fields})
    ON CONFLICT ({of}_id, field) DO UPDATE SET source = excluded.source, at = excluded.at"""


def keep_former(
    cursor: Any, model: type[models.Model], *, rows: str, becomes: Mapping[str, str], parameters: Mapping[str, Any]
) -> None:
    """Write down what `rows` of `model` are about to lose. `becomes`: the SQL of what each column is about to hold."""
    table = model._meta.db_table
    of = {"people_person": "person", "people_stint": "stint", "people_emailaddress": "address"}[table]
    names = {column: column.removesuffix("_id") for column in becomes}
    after = {names[column]: _text(names[column], sql) for column, sql in becomes.items()}
    cursor.execute(
        _KEEP.format(
            kept=FormerValue._meta.db_table,
            table=table,
            of=of,
            person="people_person.id" if of == "person" else f"{table}.person_id",
            fields=" UNION ALL ".join(f"SELECT '{name}' AS field" for name in names.values()),
            before=" ".join(f"WHEN '{name}' THEN {_text(name, f'{table}.{column}')}" for column, name in names.items()),
            after=" ".join(f"WHEN '{name}' THEN {sql}" for name, sql in after.items()),
            rows=rows,
        ),
        parameters,
    )


def note_sources(cursor: Any, *, parameters: Mapping[str, Any]) -> None:
    """Write down that the feed says what the batch changed, as `people.provenance.note_source` does for one row."""
    for of, names in (("person", OF_PERSON), ("stint", OF_STINT), ("address", OF_ADDRESS)):
        fields = ", ".join(f"'{name}'" for name in names if name not in _UNSAID)
        cursor.execute(_NOTE.format(of=of, kept=FormerValue._meta.db_table, fields=fields), parameters)


def column_of(name: str) -> str:
    """The column in which a field is kept."""
    return f"{name}_id" if name in _IDS else name


def as_text(value: object) -> str:
    """A value of a field as it is kept."""
    return "" if value is None else str(value)


def as_value(field: str, text: str) -> Any:
    """The value that `as_text` made a text of."""
    if field in _DAYS:
        return date.fromisoformat(text) if text else None
    if field in _IDS:
        return int(text) if text else None
    return text


def _text(field: str, sql: str) -> str:
    if field in _DAYS and connection.vendor == "postgresql":
        # However the server is set to write days.
        return f"COALESCE(TO_CHAR({sql}, 'YYYY-MM-DD'), '')"
    if field in _DAYS | _IDS:
        return f"COALESCE(CAST({sql} AS TEXT), '')"
    return f"CAST({sql} AS TEXT)"
