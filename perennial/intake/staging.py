"""Brings a file into the staging table, each row with what it will do."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from perennial.intake.columns import DATE_FIELDS, Field
from perennial.intake.dates import DateOrder, OrderEvidence
from perennial.intake.deciding import decide
from perennial.intake.enums import EmptyCells, Mode
from perennial.intake.groups import settle_groups
from perennial.intake.known import KnownPeople, dead_addresses
from perennial.intake.modes import leave_alone
from perennial.intake.queries import values_said
from perennial.intake.reader.table import Table
from perennial.intake.rows import Names, NormalRow, RowReader, RowRefused
from perennial.intake.staging_table import (
    CHANGE_COLUMNS,
    CHANGE_TABLE,
    CHUNK,
    COLUMNS,
    ROW_TABLE,
    SHOWN_REJECTS,
    analyse,
    refused_tuple,
    staged_tuple,
    unhurried_commit,
    write_rows,
)
from perennial.intake.unknown import SeenValues
from perennial.programme.models import Department, Place
from perennial.programme.policy import refused_residences
from perennial.programme.structure import present_names

Progress = Callable[[int], None]


class DatesAmbiguous(Exception):  # noqa: N818 - a question, not an error
    """Day and month can't be told apart; `example` is a date of the file that could be two days."""

    def __init__(self, example: str) -> None:
        super().__init__(example)
        self.example = example


@dataclass(frozen=True, slots=True)
class Examined:
    rows: int
    orders: dict[Field, DateOrder]


def examine(
    *, table: Table, mapping: Mapping[Field, int], answer: str | None, values: SeenValues | None = None
) -> Examined:
    """Read the whole file once: is it readable to its end, how many rows, and in which order are its dates?

    `values` sees every row, where somebody wants to know what stands in them.

    A column whose own dates do not tell follows the other date columns of the file, then `answer`.
    Raises UnreadableFile, DatesAmbiguous.
    """
    evidence = {each: OrderEvidence(serials=table.serials) for each in mapping if each in DATE_FIELDS}
    looks = [(mapping[each], found.seen, found.see) for each, found in evidence.items()]
    rows = 0
    for row in table.rows():
        rows += 1
        if row.problem is None:
            cells = row.cells
            for position, seen, see in looks:
                if cells[position] not in seen:
                    see(cells[position])
            if values is not None:
                values.see(cells)
    orders = {each: found.order for each, found in evidence.items()}
    proven = {order for order in orders.values() if order in (DateOrder.DMY, DateOrder.MDY)}
    for each, order in orders.items():
        if order is not DateOrder.AMBIGUOUS:
            continue
        if len(proven) == 1 and not evidence[each].contradicts_itself:
            orders[each] = next(iter(proven))
        elif answer:
            orders[each] = DateOrder(answer)
        else:
            raise DatesAmbiguous(evidence[each].example)
    return Examined(rows, orders)


def stage(
    *,
    run_id: int,
    source: str,
    table: Table,
    mapping: Mapping[Field, int],
    orders: Mapping[Field, DateOrder],
    today: date,
    mode: Mode,
    empty_cells: EmptyCells,
    with_changes: bool,
    progress: Progress,
) -> None:
    """Write every row of the file into the staging table, decided beside what is on file."""
    reader = RowReader(
        header=table.header,
        mapping=mapping,
        orders=orders,
        serials=table.serials,
        departments=Names(present_names(Department)),
        places=Names(present_names(Place)),
        today=today,
        said=values_said(source),
        empty_cells=empty_cells,
        refused_countries=refused_residences(on=today),
    )
    known = KnownPeople(source=source, today=today)
    read: list[NormalRow] = []
    refused: list[tuple[Any, ...]] = []
    shown = done = 0

    def flush() -> None:
        nonlocal done
        decided, changes = _decided(run_id, read, known)
        done += len(read) + len(refused)
        with transaction.atomic():
            unhurried_commit()
            write_rows(ROW_TABLE, COLUMNS, [*decided, *refused])
            if with_changes:
                write_rows(CHANGE_TABLE, CHANGE_COLUMNS, changes)
            progress(done)
        read.clear()
        refused.clear()

    for row in table.rows():
        try:
            read.append(reader.read(row))
        except RowRefused as refusal:
            shown += 1
            refused.append(
                refused_tuple(run_id, NormalRow(row.number), refusal, row if shown <= SHOWN_REJECTS else None)
            )
        if len(read) + len(refused) >= CHUNK:
            flush()
    if read or refused:
        flush()
    # Before anything joins the table with itself: with the statistics of an empty table that takes hours.
    analyse()
    settle_groups(run_id=run_id, with_changes=with_changes)
    leave_alone(run_id=run_id, mode=mode, with_changes=with_changes)


def _decided(
    run_id: int, rows: Sequence[NormalRow], known: KnownPeople
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    known.about(rows)
    dead = dead_addresses(rows)
    decided, changes = [], []
    for row in rows:
        try:
            decision = decide(row, known)
        except RowRefused as refusal:
            said = NormalRow(row.number) if refusal.unsaid else row
            decided.append(refused_tuple(run_id, said, refusal, None, conflict=refusal.contradicts))
            continue
        decided.append(staged_tuple(run_id, row, decision, dead))
        changes += [
            (run_id, row.number, str(each.field), each.before[:320], each.after[:320]) for each in decision.changes
        ]
    return decided, changes
