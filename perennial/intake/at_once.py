"""An import, a dry run and an undoing from beginning to end, in one call: what the commands do."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext as _

from perennial.intake import running
from perennial.intake.enums import EmptyCells, ImportState, Mode
from perennial.intake.errors_file import delete_file, write_errors
from perennial.intake.models import ImportRun
from perennial.intake.queries import columns_unknown, recognitions
from perennial.intake.reader.refusals import UnreadableFile
from perennial.intake.receiving import FileRefusedError, check_mapping, checked_source, opened, receive_file
from perennial.intake.recognising import proposed
from perennial.intake.staging import DatesAmbiguous, examine, stage
from perennial.intake.staging_table import counts, roomy_cache, throw_away_table
from perennial.intake.steps import NotNowError, ask_to_undo
from perennial.intake.upkeep import compare_what_waits
from perennial.kernel.keys import new_key
from perennial.programme.queries import today


class UnknownImportError(Exception):
    """There is no import of this key."""


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did, or would do.

    `errors_file` is the path of the rejected rows with their reasons, if any; `columns_left_out` are the columns that
    we did not know and nobody said to leave out; `key` names an import that was applied, so that it can be undone.
    """

    rows: int
    created: int
    updated: int
    unchanged: int
    rejected: int
    departures: int
    errors_file: str | None
    columns_left_out: tuple[str, ...] = ()
    # Of the unchanged: those that the mode leaves alone.
    left_alone: int = 0
    key: str | None = field(default=None, compare=False)


def run_import(
    *,
    path: Path,
    source: str,
    apply: bool,
    date_order: str | None,
    by: str,
    now: datetime,
    mode: Mode = Mode.ADD_AND_UPDATE,
    empty_cells: EmptyCells = EmptyCells.LEAVE,
) -> ImportResult:
    """Take in a file at once. Without `apply` nothing at all is written to the database. Raises FileRefusedError."""
    source = checked_source(source)
    if not apply:
        return _dry_run(
            path=Path(path), source=source, date_order=date_order, mode=mode, empty_cells=empty_cells, now=now
        )
    with Path(path).open("rb") if Path(path).is_file() else _nothing() as file:
        run = receive_file(
            chunks=iter(lambda: file.read(1 << 20), b""),
            file_name=Path(path).name,
            source=source,
            by=by,
            now=now,
            refuse_doubt=True,
        )
    run.date_order, run.mode, run.empty_cells = date_order or "", mode, empty_cells
    # Nobody is there to be asked about values.
    run.state, run.values_settled = ImportState.STAGING, True
    run.save(update_fields=["date_order", "mode", "empty_cells", "state", "values_settled"])
    worker = _claimed(run, ImportState.STAGING, ImportState.STAGING)
    running.compare(run_id=run.pk, worker=worker, now=now)
    run.refresh_from_db()
    if run.state != ImportState.READY:
        sentence = _ambiguous_sentence(run.date_example) if run.state == ImportState.MAPPING else run.failure
        _forget(run)
        raise FileRefusedError(sentence)
    ImportRun.objects.filter(pk=run.pk).update(state=ImportState.QUEUED)
    worker = _claimed(run, ImportState.QUEUED, ImportState.APPLYING)
    running.apply_all(run_id=run.pk, worker=worker, now=now)
    run = ImportRun.objects.get(pk=run.pk)
    if run.state != ImportState.DONE:
        raise FileRefusedError(run.failure or _("The import was cancelled; what was applied stays."))
    return ImportResult(
        run.rows,
        run.created,
        run.updated,
        run.unchanged,
        run.rejected,
        run.departures,
        run.errors_path or None,
        tuple(columns_unknown(header=run.header, mapping=running.mapping_of(run), source=run.source)),
        run.left_alone,
        run.key,
    )


def run_undo(*, key: str, by: str, now: datetime) -> ImportRun:
    """Undo an import at once. Raises NotNowError, UnknownImportError."""
    run = ImportRun.objects.filter(key=key).first()
    if run is None:
        raise UnknownImportError
    ask_to_undo(run, by=by, now=now)
    worker = _claimed(run, ImportState.UNDOING, ImportState.UNDOING)
    running.undo_all(run_id=run.pk, worker=worker, now=now)
    compare_what_waits()
    run.refresh_from_db()
    return run


def _dry_run(
    *, path: Path, source: str, date_order: str | None, mode: Mode, empty_cells: EmptyCells, now: datetime
) -> ImportResult:
    table = opened(path)
    mapping = proposed(recognitions(table=table, source=source))
    check_mapping(mapping, table)
    try:
        examined = examine(table=table, mapping=mapping, answer=date_order)
        with roomy_cache(), throw_away_table():
            stage(
                run_id=0,
                source=source,
                table=table,
                mapping=mapping,
                orders=examined.orders,
                today=today(now=now),
                mode=mode,
                empty_cells=empty_cells,
                with_changes=False,
                progress=lambda _done: None,
            )
            found = counts(0)
            errors = write_errors(run_id=0, key=new_key(), file_name=path.name, table=table)
    except UnreadableFile as refusal:
        raise FileRefusedError(refusal.sentence) from refusal
    except DatesAmbiguous as question:
        raise FileRefusedError(_ambiguous_sentence(question.example)) from question
    return ImportResult(
        found.rows,
        found.created,
        found.updated,
        found.unchanged,
        found.rejected,
        found.departures,
        str(errors) if errors else None,
        tuple(columns_unknown(header=table.header, mapping=mapping, source=source)),
        found.left_alone,
    )


def _ambiguous_sentence(example: str) -> str:
    return _(
        "The dates can be read in two ways (is “%(example)s” day or month first?): say which with --date-order dmy "
        "or --date-order mdy."
    ) % {"example": example}


def _claimed(run: ImportRun, state: ImportState, becomes: ImportState) -> str:
    worker = running.claim(run_id=run.pk, state=state, becomes=becomes)
    if worker is None:
        raise NotNowError
    return worker


def _forget(run: ImportRun) -> None:
    """A run that came to nothing before anything was applied leaves nothing behind."""
    running.drop_staged(run)
    delete_file(run.stored_path)
    delete_file(run.errors_path)
    run.delete()


class _nothing:  # noqa: N801 - stands where open() would
    """A file that is not there reads as empty, so that the reader says what is wrong."""

    def __enter__(self) -> "_nothing":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def read(self, _length: int) -> bytes:
        return b""
