"""What a process at work does with an import: claims, compares, applies, ends it. Safe to kill at any point."""

import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import override

from perennial.audit.actions import record
from perennial.departures.actions import open_due
from perennial.departures.audience.actions import keep_audience
from perennial.departures.farewell.handing_out import keep_farewells
from perennial.intake.applying import TakenOver, apply_batch, newest_rows
from perennial.intake.columns import Field
from perennial.intake.enums import AT_WORK, EmptyCells, ImportState, Mode, Outcome
from perennial.intake.errors_file import delete_file, write_errors
from perennial.intake.models import FormerValue, ImportRun, StagedChange, StagedRow
from perennial.intake.queries import values_said
from perennial.intake.reader.refusals import UnreadableFile
from perennial.intake.reader.table import Table, open_table
from perennial.intake.rows import Names
from perennial.intake.staging import DatesAmbiguous, examine, stage
from perennial.intake.staging_table import Counts, counts, roomy_cache
from perennial.intake.undoing import undo_batch
from perennial.intake.unknown import SeenValues
from perennial.kernel.clock import now as clock_now
from perennial.people.words import forget_unheld
from perennial.programme.models import Department, Place
from perennial.programme.queries import today
from perennial.programme.structure import present_names

# A process at work gives a sign with every chunk and batch, every second or so.
ABANDONED_AFTER = timedelta(seconds=60)

logger = logging.getLogger("perennial.intake")


def claim(*, run_id: int, state: ImportState, becomes: ImportState) -> str | None:
    """Take an import in hand: return the name under which this process works on it, None if another one does."""
    worker = secrets.token_urlsafe(12)
    idle = Q(worker="") | Q(heartbeat_at=None) | Q(heartbeat_at__lt=clock_now() - ABANDONED_AFTER)
    claimed = ImportRun.objects.filter(idle, pk=run_id, state__in=[state, becomes]).update(
        state=becomes, worker=worker, heartbeat_at=clock_now(), failure=""
    )
    return worker if claimed else None


def is_abandoned(run: ImportRun) -> bool:
    """Whether a process should be at work on `run` and gave no sign for a minute."""
    if run.state not in AT_WORK:
        return False
    return run.heartbeat_at is None or run.heartbeat_at < clock_now() - ABANDONED_AFTER


def abandoned() -> Q:
    """The same as a condition on imports."""
    return Q(state__in=AT_WORK) & (Q(heartbeat_at=None) | Q(heartbeat_at__lt=clock_now() - ABANDONED_AFTER))


def compare(*, run_id: int, worker: str, now: datetime) -> None:
    """Stage the file of a run beside what is on file. Ends in ready, in a question, or failed with a sentence."""
    run = ImportRun.objects.get(pk=run_id)
    with _ending_well(run, worker, now), override(run.language), roomy_cache():
        drop_staged(run)
        table = opened(run)
        mapping = mapping_of(run)
        values = None if run.values_settled else SeenValues(mapping)
        try:
            examined = examine(table=table, mapping=mapping, answer=run.date_order or None, values=values)
        except DatesAmbiguous as question:
            _update(run, worker, state=ImportState.MAPPING, date_example=question.example[:60], worker_after="")
            return
        unknown = unknown_values(values, source=run.source) if values else []
        if unknown:
            _update(run, worker, state=ImportState.MAPPING, unknown_values=unknown, worker_after="")
            return
        _update(run, worker, progress_total=examined.rows, progress_done=0)
        seen = newest_rows()
        stage(
            run_id=run.pk,
            source=run.source,
            table=table,
            mapping=mapping,
            orders=examined.orders,
            today=today(now=now),
            mode=Mode(run.mode),
            empty_cells=EmptyCells(run.empty_cells),
            with_changes=True,
            progress=_sign(run, worker),
        )
        delete_file(run.errors_path)
        errors = write_errors(run_id=run.pk, key=run.key, file_name=run.file_name, table=table)
        found = counts(run.pk)
        _update(
            run,
            worker,
            state=ImportState.READY,
            seen=seen,
            compare_again=False,
            compared_at=now,
            applied_pass=0,
            applied_number=0,
            progress_done=0,
            progress_total=found.created + found.updated,
            errors_path=str(errors or ""),
            worker_after="",
            **_as_fields(found),
        )


def apply_all(*, run_id: int, worker: str, now: datetime) -> None:
    """Apply batch after batch, then open what departures are due. Ends in done, cancelled, or failed with why."""
    run = ImportRun.objects.get(pk=run_id)
    with _ending_well(run, worker, now), override(run.language), roomy_cache():
        day = today(now=now)
        while apply_batch(run_id=run.pk, worker=worker, now=now, today=day):
            pass
        open_due(now=now)
        keep_audience(now=now)
        keep_farewells(now=now)
        run.refresh_from_db()
        found = counts(run.pk)
        errors = run.errors_path
        if found.rejected != run.rejected:
            delete_file(errors)
            errors = str(write_errors(run_id=run.pk, key=run.key, file_name=run.file_name, table=opened(run)) or "")
        finish(run, ImportState.DONE, worker=worker, now=now, errors_path=errors, **_as_fields(found))


def undo_all(*, run_id: int, worker: str, now: datetime) -> None:
    """Undo batch after batch, then bring departures in line. Ends in undone, or failed with why."""
    run = ImportRun.objects.get(pk=run_id)
    with _ending_well(run, worker, now), override(run.language), roomy_cache():
        while undo_batch(run_id=run.pk, worker=worker, now=now):
            pass
        open_due(now=now)
        forget_unheld()
        with transaction.atomic():
            ended = ImportRun.objects.filter(pk=run.pk, worker=worker).update(
                state=ImportState.UNDONE, worker="", heartbeat_at=None, undone_at=now
            )
            if not ended:
                raise TakenOver
            FormerValue.objects.filter(run_id=run.pk).delete()
            run.refresh_from_db()
            record(
                deed="intake.undone",
                by=run.undone_by,
                now=now,
                subject_kind="import",
                subject_key=run.key,
                details={**run.undone, "left": run.left_standing.count()},
            )


def cancelled(run: ImportRun, *, worker: str, now: datetime) -> None:
    """End a run that was cancelled; what was applied stays, whole batches each."""
    if run.applied_number or run.applied_pass:
        opened_now = open_due(now=now)
        keep_audience(now=now)
        keep_farewells(now=now)
        done = StagedRow.objects.filter(run=run).filter(
            Q(follows=False, number__lte=run.applied_number)
            if run.applied_pass == 0
            else Q(follows=False) | Q(follows=True, number__lte=run.applied_number)
        )
        finish(
            run,
            ImportState.CANCELLED,
            worker=worker,
            now=now,
            created=done.filter(outcome=Outcome.NEW).count(),
            updated=done.filter(outcome=Outcome.CHANGED).count(),
            departures=opened_now,
        )
    else:
        finish(run, ImportState.CANCELLED, worker=worker, now=now, created=0, updated=0, departures=0)


def finish(run: ImportRun, state: ImportState, *, worker: str, now: datetime, **fields: object) -> None:
    """Write down the end of a run, and forget its file and its rows, but for those that were rejected."""
    ended = ImportRun.objects.filter(pk=run.pk, worker=worker).update(
        state=state, worker="", heartbeat_at=None, finished_at=now, stored_path="", unknown_values=[], **fields
    )
    if not ended:
        raise TakenOver
    if run.owns_file:
        delete_file(run.stored_path)
    StagedChange.objects.filter(run=run).delete()
    StagedRow.objects.filter(run=run).exclude(outcome=Outcome.REJECTED).delete()
    run.refresh_from_db()
    record(
        deed=f"intake.{state.value}",
        by=run.started_by,
        now=now,
        subject_kind="import",
        subject_key=run.key,
        details={
            "source": run.source,
            "rows": run.rows,
            "created": run.created,
            "updated": run.updated,
            "unchanged": run.unchanged,
            "rejected": run.rejected,
            "departures": run.departures,
        },
    )


def opened(run: ImportRun) -> Table:
    """The file of a run as it was chosen to be read. Raises UnreadableFile."""
    return open_table(
        run.stored_path, encoding=run.encoding or None, delimiter=run.delimiter or None, sheet=run.sheet or None
    )


def unknown_values(values: SeenValues, *, source: str) -> list[dict[str, object]]:
    found = values.unknown(
        said=values_said(source),
        departments=Names(present_names(Department)),
        places=Names(present_names(Place)),
    )
    return [each.as_json for each in found]


def mapping_of(run: ImportRun) -> dict[Field, int]:
    return {Field(name): position for name, position in run.mapping.items()}


def drop_staged(run: ImportRun) -> None:
    StagedChange.objects.filter(run=run).delete()
    StagedRow.objects.filter(run=run).delete()


@contextmanager
def _ending_well(run: ImportRun, worker: str, now: datetime) -> Iterator[None]:
    """However the work ends, the run says so."""
    try:
        yield
    except TakenOver:
        run.refresh_from_db()
        if run.worker == worker and run.cancel_requested:
            cancelled(run, worker=worker, now=now)
    except UnreadableFile as refusal:
        _fail(run, worker, refusal.sentence)
    except Exception:  # the edge of the background work: said on the page, logged with its trace, raised on
        logger.exception("Import %s stopped.", run.key)
        _fail(run, worker, _("Something went wrong on our side. What was applied stays; nothing is half done."))
        raise


def _fail(run: ImportRun, worker: str, sentence: str) -> None:
    ImportRun.objects.filter(pk=run.pk, worker=worker).update(
        state=ImportState.FAILED, failure=sentence[:500], worker="", heartbeat_at=None
    )


def _sign(run: ImportRun, worker: str) -> Callable[[int], None]:
    def give(done: int) -> None:
        _update(run, worker, progress_done=done)

    return give


def _update(run: ImportRun, worker: str, *, worker_after: str | None = None, **fields: object) -> None:
    """Write to the run while it is ours; raises TakenOver when it no longer is, or shall be cancelled."""
    written = ImportRun.objects.filter(pk=run.pk, worker=worker, cancel_requested=False).update(
        heartbeat_at=clock_now(), worker=worker if worker_after is None else worker_after, **fields
    )
    if not written:
        raise TakenOver


def _as_fields(found: Counts) -> dict[str, int]:
    return {
        "rows": found.rows,
        "created": found.created,
        "updated": found.updated,
        "unchanged": found.unchanged,
        "left_alone": found.left_alone,
        "rejected": found.rejected,
        "conflicts": found.conflicts,
        "departures": found.departures,
    }
