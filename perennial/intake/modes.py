"""What an import that only adds, or only updates, leaves alone."""

# ruff: noqa: S608 - statements are put together from constants of ours; values are parameters

from django.db import connection, transaction

from perennial.intake.deciding import Decision
from perennial.intake.enums import Mode, Outcome
from perennial.intake.staging_table import CHANGE_TABLE, ROW_TABLE

# Rows that follow the one that makes their person.
_FOLLOWS_NEW = f"""(follows = TRUE AND person_ref IS NULL AND person_key IN (
    SELECT lead.person_key FROM {ROW_TABLE} lead WHERE lead.run_id = %(run)s AND lead.outcome = 'new'))"""
# What is left alone, one after the other: SQLite sees what a statement changes while it is still looking.
_UNWANTED = {
    Mode.ADD_AND_UPDATE: (),
    Mode.ADD: (f"outcome = 'changed' AND NOT {_FOLLOWS_NEW}",),
    Mode.ONLY_UPDATE: (f"outcome = 'changed' AND {_FOLLOWS_NEW}", "outcome = 'new'"),
}


def leave_alone(*, run_id: int, mode: Mode, with_changes: bool) -> None:
    """Take from compared rows what the mode does not allow. Comes after rows of one file were settled together."""
    parameters = {"run": run_id}
    with transaction.atomic(), connection.cursor() as cursor:
        for unwanted in _UNWANTED[mode]:
            cursor.execute(
                f"UPDATE {ROW_TABLE} SET outcome = 'left_alone', writes = '', opens_departure = FALSE "
                f"WHERE run_id = %(run)s AND {unwanted}",
                parameters,
            )
        if with_changes and _UNWANTED[mode]:
            cursor.execute(
                f"DELETE FROM {CHANGE_TABLE} WHERE run_id = %(run)s AND number IN ("
                f"SELECT number FROM {ROW_TABLE} WHERE run_id = %(run)s AND outcome = 'left_alone')",
                parameters,
            )


def left_alone(decision: Decision, *, mode: Mode, made_here: str) -> None:
    """The same for a row that is compared again; `made_here` is the key of the person whom a row before it made."""
    person = decision.person
    allowed = {
        Mode.ADD_AND_UPDATE: True,
        Mode.ADD: person is None or person.key == made_here,
        Mode.ONLY_UPDATE: person is not None,
    }[mode]
    if not allowed and decision.outcome in (Outcome.NEW, Outcome.CHANGED):
        decision.outcome, decision.writes, decision.opens_departure = Outcome.LEFT_ALONE, "", False
