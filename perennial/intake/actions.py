"""Takes files of HR's in: from the command at once, from the desk step by step."""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Q, Sum
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from perennial.audit.actions import record
from perennial.intake import running
from perennial.intake.columns import Field
from perennial.intake.dates import DateOrder
from perennial.intake.enums import AT_WORK, OVER, EmptyCells, ImportState, Mode
from perennial.intake.errors_file import delete_file, folder, open_private, write_errors
from perennial.intake.models import SOURCE_LENGTH, AppliedBatch, FormerValue, ImportRun, LeftStanding
from perennial.intake.queries import columns_unknown, recognitions
from perennial.intake.reader.refusals import UnreadableFile
from perennial.intake.reader.table import Table, open_table
from perennial.intake.recognising import contested, proposed
from perennial.intake.remembering import remember_columns, remember_values
from perennial.intake.rows import NAME_FIELDS, WHEN_FIELDS
from perennial.intake.staging import DatesAmbiguous, examine, stage
from perennial.intake.staging_table import counts, roomy_cache, throw_away_table
from perennial.intake.undo_queries import KEPT_FOR, undoable
from perennial.kernel.clock import now as clock_now
from perennial.kernel.keys import new_key
from perennial.kernel.text import one_line
from perennial.programme.queries import today

DEFAULT_SOURCE = "upload"


class FileRefusedError(Exception):
    """The file as a whole cannot be taken in; the message is one sentence for whoever brought it."""


class UnknownImportError(Exception):
    """There is no import of this key."""


class NotNowError(Exception):
    """The import is in a state in which this cannot be done."""


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
    source = _checked_source(source)
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
        sentence = ambiguous_sentence(run.date_example) if run.state == ImportState.MAPPING else run.failure
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


def receive_file(
    *,
    chunks: Iterable[bytes],
    file_name: str,
    source: str,
    by: str,
    now: datetime,
    refuse_doubt: bool = False,
    watched_path: str = "",
) -> ImportRun:
    """Keep a file that was brought and see what it is. Raises FileRefusedError, and then keeps nothing.

    With `refuse_doubt` a column that is needed and not recognised is a refusal; else it is a question on the page.
    """
    source = _checked_source(source)
    key = new_key()
    stored = folder() / f"{key}.file"
    try:
        with os.fdopen(open_private(stored), "wb") as out:
            for chunk in chunks:
                out.write(chunk)
        table = _opened(stored)
        mapping = proposed(recognitions(table=table, source=source))
        if refuse_doubt:
            _check_mapping(mapping, table)
        with transaction.atomic():
            run = ImportRun.objects.create(
                key=key,
                source=source,
                file_name=one_line(file_name)[:300] or key,
                stored_path=str(stored),
                owns_file=True,
                watched_path=watched_path,
                state=ImportState.MAPPING,
                language=get_language() or "en",
                started_by=by,
                created_at=now,
                mapping={each.value: position for each, position in mapping.items()},
                **_reading(table),
            )
            record(deed="intake.received", by=by, now=now, subject_kind="import", subject_key=key)
    except BaseException:
        stored.unlink(missing_ok=True)
        raise
    return run


def read_differently(
    *, run: ImportRun, encoding: str | None, delimiter: str | None, sheet: str | None, source: str
) -> None:
    """Read the file of a run in another encoding, with another separator, or another sheet of it.

    Raises FileRefusedError, NotNowError.
    """
    source = _checked_source(source)
    table = _opened(Path(run.stored_path), encoding=encoding, delimiter=delimiter, sheet=sheet)
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
        **_reading(table),
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
    table = _opened(Path(run.stored_path), encoding=run.encoding, delimiter=run.delimiter, sheet=run.sheet)
    if any(not 0 <= position < len(table.header) for position in mapping.values()):
        raise NotNowError
    _check_mapping(mapping, table)
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
    _enqueue(run.pk, ImportState.STAGING)
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
    _enqueue(run.pk, ImportState.STAGING)
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
    _enqueue(run.pk, ImportState.QUEUED)
    run.refresh_from_db()


def cancel(*, run: ImportRun, by: str, now: datetime) -> None:
    """Stop an import after the batch in hand; what was applied stays. Raises NotNowError when it is over already."""
    with transaction.atomic():
        held = ImportRun.objects.select_for_update().get(pk=run.pk)
        # What is half undone is undone to the end.
        if held.state in OVER - {ImportState.FAILED} or held.undone_by:
            raise NotNowError
        record(deed="intake.cancel_asked", by=by, now=now, subject_kind="import", subject_key=run.key)
        if held.worker and held.state in AT_WORK and not is_abandoned(held):
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
        elif not is_abandoned(held):
            raise NotNowError
        held.worker, held.heartbeat_at, held.failure = "", clock_now(), ""
        held.save(update_fields=["state", "worker", "heartbeat_at", "failure"])
        record(deed="intake.resumed", by=by, now=now, subject_kind="import", subject_key=run.key)
    _enqueue(held.pk, ImportState(held.state))
    run.refresh_from_db()


def undo(*, run: ImportRun, by: str, now: datetime) -> None:
    """Have an import undone in the background, as far as nothing depends on it. Raises NotNowError."""
    _ask_to_undo(run, by=by, now=now)
    _enqueue(run.pk, ImportState.UNDOING)
    run.refresh_from_db()


def run_undo(*, key: str, by: str, now: datetime) -> ImportRun:
    """Undo an import at once. Raises NotNowError, UnknownImportError."""
    run = ImportRun.objects.filter(key=key).first()
    if run is None:
        raise UnknownImportError
    _ask_to_undo(run, by=by, now=now)
    worker = _claimed(run, ImportState.UNDOING, ImportState.UNDOING)
    running.undo_all(run_id=run.pk, worker=worker, now=now)
    compare_what_waits()
    run.refresh_from_db()
    return run


def _ask_to_undo(run: ImportRun, *, by: str, now: datetime) -> None:
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


def compare_what_waits() -> None:
    """Compare anew the lists that wait to be applied: what they were compared with may have gone."""
    for pk in ImportRun.objects.filter(state=ImportState.READY).order_by("pk").values_list("pk", flat=True):
        again = ImportRun.objects.filter(pk=pk, state=ImportState.READY).update(
            state=ImportState.STAGING, worker="", heartbeat_at=clock_now(), progress_done=0, progress_total=0
        )
        if again:
            _enqueue(pk, ImportState.STAGING)


def resume_abandoned(*, now: datetime) -> int:
    """Go on with every import whose process gave no sign for a minute. Returns how many; safe to call from anywhere."""
    resumed = 0
    for run in ImportRun.objects.filter(_abandoned()).order_by("pk"):
        try:
            resume(run=run, by="system", now=now)
        except NotNowError:
            # Another process was quicker.
            continue
        resumed += 1
    return resumed


def forget_old(*, now: datetime) -> int:
    """Delete files and rows of imports a month after they came. Returns how many runs it cleared."""
    old = ImportRun.objects.filter(created_at__lt=now - KEPT_FOR).exclude(state__in=AT_WORK)
    cleared = 0
    kept = Q(errors_path__gt="") | Q(stored_path__gt="") | Q(staged__isnull=False) | ~Q(header=[])
    for run in old.filter(kept).distinct():
        running.drop_staged(run)
        delete_file(run.errors_path)
        if run.owns_file:
            delete_file(run.stored_path)
        run.errors_path = run.stored_path = ""
        run.unknown_values, run.header = [], []
        if run.state not in OVER:
            run.state = ImportState.CANCELLED
        run.save(update_fields=["errors_path", "stored_path", "unknown_values", "header", "state"])
        cleared += 1
    cleared += _forget_how_to_undo(now)
    _sweep(now)
    return cleared


def _forget_how_to_undo(now: datetime) -> int:
    """What it takes to undo an import is kept for as long as that may be asked. Returns of how many runs it went."""
    over = ImportRun.objects.filter(finished_at__lt=now - KEPT_FOR).exclude(state__in=AT_WORK)
    runs = list(over.filter(Q(batches__isnull=False) | Q(left_standing__isnull=False)).distinct())
    for run in runs:
        with transaction.atomic():
            FormerValue.objects.filter(run=run).delete()
            AppliedBatch.objects.filter(run=run).delete()
            LeftStanding.objects.filter(run=run).delete()
    return len(runs)


def is_abandoned(run: ImportRun) -> bool:
    """Whether a process should be at work on `run` and gave no sign for a minute."""
    if run.state not in AT_WORK:
        return False
    return run.heartbeat_at is None or run.heartbeat_at < clock_now() - running.ABANDONED_AFTER


def ambiguous_sentence(example: str) -> str:
    return _(
        "The dates can be read in two ways (is “%(example)s” day or month first?): say which with --date-order dmy "
        "or --date-order mdy."
    ) % {"example": example}


def _dry_run(
    *, path: Path, source: str, date_order: str | None, mode: Mode, empty_cells: EmptyCells, now: datetime
) -> ImportResult:
    table = _opened(path)
    mapping = proposed(recognitions(table=table, source=source))
    _check_mapping(mapping, table)
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
        raise FileRefusedError(ambiguous_sentence(question.example)) from question
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


def _opened(
    path: Path, *, encoding: str | None = None, delimiter: str | None = None, sheet: str | None = None
) -> Table:
    try:
        return open_table(path, encoding=encoding or None, delimiter=delimiter or None, sheet=sheet or None)
    except UnreadableFile as refusal:
        raise FileRefusedError(refusal.sentence) from refusal


def _reading(table: Table) -> dict[str, object]:
    return {
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "sheet": table.sheet[:100],
        "header": list(table.header),
    }


def _check_mapping(mapping: Mapping[Field, int], table: Table) -> None:
    """Raises FileRefusedError with which column is missing and what to do."""
    rivals = contested(table.recognitions)
    for needed, sentence in (
        (
            NAME_FIELDS,
            _("No column was recognised as the name. Call it “Full name”, or “First name” and “Last name”."),
        ),
        (WHEN_FIELDS, _("No column was recognised as the last day or the status. Call one “Last day” or “Status”.")),
    ):
        if any(each in mapping for each in needed):
            continue
        claims = [position for each in needed for position in rivals.get(each, ())]
        if claims:
            names = ", ".join(f"“{table.header[position]}”" for position in claims)
            raise FileRefusedError(
                _("More than one column could be meant (%(names)s). %(sentence)s")
                % {"names": names, "sentence": sentence}
            )
        found = ", ".join(f"“{name}”" for name in table.header[:8] if name)
        raise FileRefusedError(_("%(sentence)s The file has: %(found)s.") % {"sentence": sentence, "found": found})


def _checked_source(source: str) -> str:
    name = one_line(source)
    if not name or len(name) > SOURCE_LENGTH:
        raise FileRefusedError(
            ngettext(
                "The source needs a name of at most %(most)s character.",
                "The source needs a name of at most %(most)s characters.",
                SOURCE_LENGTH,
            )
            % {"most": SOURCE_LENGTH}
        )
    return name


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


def _sweep(now: datetime) -> None:
    """Files of dry runs belong to no run."""
    kept = set(ImportRun.objects.exclude(errors_path="").values_list("errors_path", flat=True))
    kept |= set(ImportRun.objects.exclude(stored_path="").values_list("stored_path", flat=True))
    for path in folder().iterdir():
        if str(path) not in kept and path.stat().st_mtime < (now - KEPT_FOR).timestamp():
            path.unlink(missing_ok=True)


def _abandoned() -> Q:
    return Q(state__in=AT_WORK) & (Q(heartbeat_at=None) | Q(heartbeat_at__lt=clock_now() - running.ABANDONED_AFTER))


def _enqueue(run_id: int, state: ImportState) -> None:
    # tasks imports this module.
    from perennial.intake import tasks

    work: dict[ImportState, Callable[[int], None]] = {
        ImportState.STAGING: tasks.compare,
        ImportState.QUEUED: tasks.apply,
        ImportState.APPLYING: tasks.apply,
        ImportState.UNDOING: tasks.undo,
    }
    work[state](run_id)


class _nothing:  # noqa: N801 - stands where open() would
    """A file that is not there reads as empty, so that the reader says what is wrong."""

    def __enter__(self) -> "_nothing":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def read(self, _length: int) -> bytes:
        return b""
