"""A folder into which HR's system drops its lists: each is taken in as it comes and put aside with what came of it.

A file wanders: `<folder>/<source>/` -> `.taken/` -> `done/` or `refused/`. To move it into `.taken/` is to claim it;
what a killed process left there is taken up again. All else is the work of an import as always: compared and applied in
the background, and where columns, dates or values are in question it waits for a colleague. One odd file or folder
keeps nothing else from going on; see `drop_folder` for what may be met there.
"""

import fcntl
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from stat import S_ISREG

from django.db import transaction

from perennial.audit.actions import record
from perennial.intake import steps
from perennial.intake.drop_folder import DONE, REFUSED, TAKEN, Place, files, ours, place, places, put_aside, safe_name
from perennial.intake.enums import ImportState
from perennial.intake.models import ImportRun
from perennial.intake.receiving import DEFAULT_SOURCE, FileRefusedError, receive_file
from perennial.intake.running import mapping_of
from perennial.intake.steps import NotNowError
from perennial.intake.undo_queries import KEPT_FOR
from perennial.kernel.clock import now as clock_now
from perennial.kernel.keys import new_key
from perennial.kernel.text import one_line

logger = logging.getLogger(__name__)

# Left alone until nothing about it has changed for so long: whoever writes it may still be at it.
SETTLED_AFTER = 60.0
_UNFINISHED = (".part", ".tmp")
BY = "watched folder"


@dataclass(slots=True)
class Watched:
    """What one look at the folder did."""

    taken: int = 0
    refused: int = 0
    applied: int = 0
    put_aside: int = 0


def watch(*, folder: Path, now: datetime) -> Watched:
    """Take in what was dropped and is whole, go on with what is ready, put aside what is over.

    Safe from any number of processes: only one looks at a time, and who comes second leaves it at that.
    """
    watched = Watched()
    with _alone(folder) as alone:
        if not alone:
            return watched
        for held in places(folder):
            source = DEFAULT_SOURCE if held.path == folder else one_line(held.path.name)
            with _one_at_a_time():
                _take_in(held, source, now, watched)
        for run in ImportRun.objects.exclude(watched_path="").order_by("pk"):
            with _one_at_a_time():
                _go_on(run, folder, now, watched)
        for held in places(folder):
            with _one_at_a_time():
                _forget_old(held, now)
    return watched


def _take_in(held: Place, source: str, now: datetime, watched: Watched) -> None:
    for name in _dropped(held):
        with _one_at_a_time():
            _claim(name, held)
    for name in _taken(held):
        with _one_at_a_time():
            _receive(name, held, source, now, watched)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """What goes wrong with one file is tried again at the next look. Its name may tell of people and is not logged."""
    try:
        yield
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        logger.error("A file of the watched folder has to wait. (%s: %s)", type(error).__name__, reason)


@contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """Whether nobody else looks at the folder; a process that is killed lets go of it."""
    handle = os.open(folder / ".watched", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


def _dropped(held: Place) -> list[str]:
    """Files that are whole. The kernel notes every change of a file, its size, its name or its time in `st_ctime`."""
    settled = clock_now().timestamp() - SETTLED_AFTER
    return [
        name
        for name, about in files(held.handle)
        if not name.startswith(".") and not name.lower().endswith(_UNFINISHED) and about.st_ctime <= settled
    ]


def _claim(name: str, held: Place) -> None:
    with ours(TAKEN, within=held.handle, make=True) as taken:
        os.rename(name, safe_name(f"{new_key()}.{name}"), src_dir_fd=held.handle, dst_dir_fd=taken)


def _taken(held: Place) -> list[str]:
    """Files that were claimed and have no import yet."""
    known = set(ImportRun.objects.exclude(watched_path="").values_list("watched_path", flat=True))
    try:
        with ours(TAKEN, within=held.handle) as taken:
            return [name for name, _about in files(taken) if str(held.path / TAKEN / name) not in known]
    except FileNotFoundError:
        return []


def _receive(claimed: str, held: Place, source: str, now: datetime, watched: Watched) -> None:
    name = safe_name(_given(claimed))
    with ours(TAKEN, within=held.handle) as taken:
        if safe_name(claimed) != claimed:
            os.rename(claimed, safe_name(claimed), src_dir_fd=taken, dst_dir_fd=taken)
            claimed = safe_name(claimed)
        try:
            run = _received(claimed, taken, name, held, source, now)
        except FileRefusedError as refusal:
            with transaction.atomic():
                record(deed="intake.drop_refused", by=BY, now=now, details={"source": source})
                _put_aside(claimed, held, REFUSED, now, {"refused": str(refusal)})
            watched.refused += 1
            return
    watched.taken += 1
    try:
        steps.choose_columns(run=run, mapping=mapping_of(run), by=BY, now=now)
    except FileRefusedError:
        # A column that is needed is not known: a colleague says which it is, and it is remembered.
        return


def _received(claimed: str, taken: int, name: str, held: Place, source: str, now: datetime) -> ImportRun:
    try:
        handle = os.open(claimed, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=taken)
    except PermissionError:
        raise FileRefusedError("Perennial may not read this file. Let its user read it, and drop it again.") from None
    with os.fdopen(handle, "rb") as file:
        if not S_ISREG(os.fstat(handle).st_mode):
            raise OSError("no plain file any more")
        return receive_file(
            chunks=iter(lambda: file.read(1 << 20), b""),
            file_name=name,
            source=source,
            by=BY,
            now=now,
            watched_path=str(held.path / TAKEN / claimed),
        )


def _go_on(run: ImportRun, folder: Path, now: datetime, watched: Watched) -> None:
    if run.state == ImportState.READY:
        try:
            steps.apply(run=run, by=BY, now=now)
        except NotNowError:
            return
        watched.applied += 1
        run.refresh_from_db()
    if run.state not in (ImportState.DONE, ImportState.CANCELLED, ImportState.FAILED, ImportState.UNDONE):
        return
    counts = {
        name: getattr(run, name) for name in ("rows", "created", "updated", "unchanged", "rejected", "departures")
    }
    answer: dict[str, object] = {"key": run.key, "source": run.source, "state": run.state, **counts}
    if run.failure:
        answer["refused"] = run.failure
    path = Path(run.watched_path)
    kept = DONE if run.state in (ImportState.DONE, ImportState.UNDONE) else REFUSED
    where = path.parent.parent
    if where.is_dir() and folder in (where, where.parent):
        with place(where, folder) as held:
            _put_aside(path.name, held, kept, now, answer)
        watched.put_aside += 1
    else:
        logger.warning("The folder of an import is gone (%s): its file is not put aside.", run.key)
    ImportRun.objects.filter(pk=run.pk).update(watched_path="")


def _given(claimed: str) -> str:
    """The name under which a claimed file was dropped."""
    return claimed.partition(".")[2] or claimed


def _put_aside(claimed: str, held: Place, kept: str, now: datetime, answer: dict[str, object]) -> None:
    """The file, and what came of it as JSON. The file last: till then all is redone.

    The rejected rows stay with the import, where they are served, and found when somebody is erased.
    """
    stem = f"{now:%Y%m%d-%H%M%S}-" + claimed.partition(".")[0]
    with ours(kept, within=held.handle, make=True) as folder:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
        handle = os.open(f"{stem}.json", flags, 0o600, dir_fd=folder)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as out:
                json.dump({"file": _given(claimed), **answer}, out, ensure_ascii=False, indent=1)
            # It is gone where somebody in it was erased.
            with suppress(FileNotFoundError), ours(TAKEN, within=held.handle) as taken:
                os.rename(claimed, safe_name(f"{stem}-{_given(claimed)}"), src_dir_fd=taken, dst_dir_fd=folder)
        except BaseException:
            # The next look writes it again, under the time of then.
            os.unlink(f"{stem}.json", dir_fd=folder)
            raise


def _forget_old(held: Place, now: datetime) -> None:
    """What was put aside holds personal data, and is kept as long as the import can be undone."""
    oldest = (now - KEPT_FOR).timestamp()
    for handle, name, about in put_aside(held):
        if about.st_ctime < oldest:
            os.unlink(name, dir_fd=handle)
