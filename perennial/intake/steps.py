"""What is said of an import that was received, step by step, and what is then done in the background."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Sum

from perennial.audit.actions import record
from perennial.intake import running
from perennial.intake.columns import Field
from perennial.intake.dates import DateOrder
from perennial.intake.enums import AT_WORK, OVER, EmptyCells, ImportState, Mode
from perennial.intake.models import ImportRun
from perennial.intake.queries import recognitions
from perennial.intake.receiving import check_mapping, checked_source, opened, reading
from perennial.intake.recognising import proposed
from perennial.intake.remembering import remember_columns, remember_values
from perennial.intake.tasks import enqueue
from perennial.intake.undo_queries import undoable
from perennial.kernel.clock import now as clock_now
from perennial.kernel.keys import new_key


class NotNowError(Exception):
    """The import is in a state in which this cannot be done."""


def read_differently(
    *, run: ImportRun, encoding: str | None, delimiter: str | None, sheet: str | None, source: str
) -> None:
    """Read the file of a run in another encoding, with another separator, or another sheet of it.

    Raises FileRefusedError, NotNowError.
    """
    source = checked_source(source)
    table = opened(Path(run.stored_path), encoding=encoding, delimiter=delimiter, sheet=sheet)
    meant = proposed(recognitions(table=table, source=source))
    mapping = {each.value: position for each, position in meant.items()}
    changed = ImportRun.objects.filter(pk=run.pk, state__in=[ImportState.MAPPING, ImportState.READY]).update(
        state=ImportState.MAPPING,
        source=source,
        mapping=mapping,
        date_order="",
        date_example="",
        unknown_values=[],
        values_settled=False,
        **reading(table),
    )
    if not changed:
        raise NotNowError
    run.refresh_from_db()


def choose_columns(
    *,
    run: ImportRun,
    mapping: Mapping[Field, int],
    by: str,
    now: datetime,
    date_order: str = "",
    mode: Mode = Mode.ADD_AND_UPDATE,
    empty_cells: EmptyCells = EmptyCells.LEAVE,
) -> None:
    """Say which column is what, answer the question about dates if there is one, and have the file compared.

    What is said of the columns is remembered for the next file of this source.
    Raises FileRefusedError where a needed column is missing, NotNowError.
    """
    table = opened(Path(run.stored_path), encoding=run.encoding, delimiter=run.delimiter, sheet=run.sheet)
    if any(not 0 <= position < len(table.header) for position in mapping.values()):
        raise NotNowError
    check_mapping(mapping, table)
    order = DateOrder(date_order).value if date_order else ""
    with transaction.atomic():
        changed = ImportRun.objects.filter(pk=run.pk, state__in=[ImportState.MAPPING, ImportState.READY]).update(
            mapping={each.value: position for each, position in mapping.items()},
            date_order=order,
            date_example="",
            mode=mode,
            empty_cells=empty_cells,
            unknown_values=[],
            values_settled=False,
            **_to_compare(),
        )
        if not changed:
            raise NotNowError
        remember_columns(source=run.source, header=table.header, mapping=mapping, by=by, now=now)
        record(deed="intake.columns_chosen", by=by, now=now, subject_kind="import", subject_key=run.key)
    enqueue(run.pk, ImportState.STAGING)
    run.refresh_from_db()


def choose_values(*, run: ImportRun, meanings: Mapping[tuple[Field, str], str], by: str, now: datetime) -> None:
    """Say what values mean that nobody knew, have that remembered for this source, and the file compared.

    An empty meaning leaves a value as it is. Raises NotNowError.
    """
    with transaction.atomic():
        held = ImportRun.objects.select_for_update().get(pk=run.pk)
        if held.state != ImportState.MAPPING or not held.unknown_values:
            raise NotNowError
        ImportRun.objects.filter(pk=run.pk).update(unknown_values=[], values_settled=True, **_to_compare())
        remember_values(source=run.source, meanings=meanings, by=by, now=now)
        record(deed="intake.values_chosen", by=by, now=now, subject_kind="import", subject_key=run.key)
    enqueue(run.pk, ImportState.STAGING)
    run.refresh_from_db()


def apply(*, run: ImportRun, by: str, now: datetime) -> None:
    """Have the differences of a compared run applied in the background. Raises NotNowError."""
    with transaction.atomic():
        changed = ImportRun.objects.filter(pk=run.pk, state=ImportState.READY).update(
            state=ImportState.QUEUED, worker="", heartbeat_at=clock_now()
        )
        if not changed:
            raise NotNowError
        record(deed="intake.apply_asked", by=by, now=now, subject_kind="import", subject_key=run.key)
    enqueue(run.pk, ImportState.QUEUED)
    run.refresh_from_db()


def cancel(*, run: ImportRun, by: str, now: datetime) -> None:
    """Stop an import after the batch in hand; what was applied stays. Raises NotNowError when it is over already."""
    with transaction.atomic():
        held = ImportRun.objects.select_for_update().get(pk=run.pk)
        # What is half undone is undone to the end.
        if held.state in OVER - {ImportState.FAILED} or held.undone_by:
            raise NotNowError
        record(deed="intake.cancel_asked", by=by, now=now, subject_kind="import", subject_key=run.key)
        if held.worker and held.state in AT_WORK and not running.is_abandoned(held):
            held.cancel_requested = True
            held.save(update_fields=["cancel_requested"])
        else:
            # Nobody is at work on it.
            held.worker = new_key()
            held.save(update_fields=["worker"])
            running.cancelled(held, worker=held.worker, now=now)
    run.refresh_from_db()


def resume(*, run: ImportRun, by: str, now: datetime) -> None:
    """Go on with an import whose process was killed, or that stopped on an error. Raises NotNowError."""
    with transaction.atomic():
        held = ImportRun.objects.select_for_update().get(pk=run.pk)
        if held.state == ImportState.FAILED and held.undone_by:
            held.state = ImportState.UNDOING
        elif held.state == ImportState.FAILED and held.stored_path:
            compared = held.compared_at is not None and held.staged.exists()
            held.state = ImportState.QUEUED if compared else ImportState.STAGING
        elif not running.is_abandoned(held):
            raise NotNowError
        held.worker, held.heartbeat_at, held.failure = "", clock_now(), ""
        held.save(update_fields=["state", "worker", "heartbeat_at", "failure"])
        record(deed="intake.resumed", by=by, now=now, subject_kind="import", subject_key=run.key)
    enqueue(held.pk, ImportState(held.state))
    run.refresh_from_db()


def undo(*, run: ImportRun, by: str, now: datetime) -> None:
    """Have an import undone in the background, as far as nothing depends on it. Raises NotNowError."""
    ask_to_undo(run, by=by, now=now)
    enqueue(run.pk, ImportState.UNDOING)
    run.refresh_from_db()


def ask_to_undo(run: ImportRun, *, by: str, now: datetime) -> None:
    if run.state == ImportState.FAILED:
        # What it wrote before it stopped is all there will be.
        cancel(run=run, by=by, now=now)
    with transaction.atomic():
        changed = ImportRun.objects.filter(undoable(now=now), pk=run.pk).update(
            state=ImportState.UNDOING,
            worker="",
            heartbeat_at=clock_now(),
            cancel_requested=False,
            failure="",
            progress_done=0,
            progress_total=run.batches.aggregate(rows=Sum("rows"))["rows"] or 0,
            undone_by=by,
        )
        if not changed:
            raise NotNowError
        record(deed="intake.undo_asked", by=by, now=now, subject_kind="import", subject_key=run.key)


def _to_compare() -> dict[str, Any]:
    """What a run that is to be compared begins with."""
    return {
        "state": ImportState.STAGING,
        "worker": "",
        "heartbeat_at": clock_now(),
        "progress_done": 0,
        "progress_total": 0,
        "failure": "",
    }
