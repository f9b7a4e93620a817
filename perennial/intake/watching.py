"""A folder into which HR's system drops its lists: each is taken in as it comes and put aside with what came of it.

A file wanders: `<folder>/<source>/` -> `.taken/` -> `done/` or `refused/`. To move it into `.taken/` is to claim it;
what a killed process left there is taken up again. All else is the work of an import as always: compared and applied in
the background, and where columns, dates or values are in question it waits for a colleague.
"""

import fcntl
import json
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction

from perennial.audit.actions import record
from perennial.intake import actions
from perennial.intake.actions import DEFAULT_SOURCE, FileRefusedError, NotNowError
from perennial.intake.enums import ImportState
from perennial.intake.models import ImportRun
from perennial.intake.running import mapping_of
from perennial.intake.undo_queries import KEPT_FOR
from perennial.kernel.clock import now as clock_now
from perennial.kernel.keys import new_key
from perennial.kernel.text import one_line

# Left alone until nothing about it has changed for so long: whoever writes it may still be at it.
SETTLED_AFTER = 60.0
TAKEN, DONE, REFUSED = ".taken", "done", "refused"
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
    with _alone(folder) as ours:
        if not ours:
            return watched
        for place, source in _places(folder):
            for path in _dropped(place):
                _move(path, place / TAKEN / f"{new_key()}.{path.name}")
            for path in _taken(place):
                _receive(path, place, source, now, watched)
        for run in ImportRun.objects.exclude(watched_path="").order_by("pk"):
            _go_on(run, now, watched)
        _forget_old(folder, now)
    return watched


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


def _places(folder: Path) -> list[tuple[Path, str]]:
    """The folder itself, and one for each source below it."""
    below = sorted(path for path in folder.iterdir() if path.name not in (DONE, REFUSED))
    sources = [path for path in below if not path.name.startswith(".") and not path.is_symlink() and path.is_dir()]
    return [(folder, DEFAULT_SOURCE), *((path, one_line(path.name)) for path in sources)]


def _dropped(place: Path) -> list[Path]:
    """Files that are whole. The kernel notes every change of a file, its size, its name or its time in `st_ctime`."""
    found = []
    for path in sorted(place.iterdir()):
        if path.name.startswith(".") or path.name.lower().endswith(_UNFINISHED):
            continue
        try:
            about = path.lstat()
        except FileNotFoundError:
            continue
        # No symlink, which could lead anywhere, no folder, no pipe.
        if stat.S_ISREG(about.st_mode) and about.st_ctime <= clock_now().timestamp() - SETTLED_AFTER:
            found.append(path)
    return found


def _taken(place: Path) -> list[Path]:
    """Files that were claimed and have no import yet."""
    try:
        paths = sorted((place / TAKEN).iterdir())
    except FileNotFoundError:
        return []
    known = set(ImportRun.objects.exclude(watched_path="").values_list("watched_path", flat=True))
    return [path for path in paths if str(path) not in known and stat.S_ISREG(path.lstat().st_mode)]


def _receive(path: Path, place: Path, source: str, now: datetime, watched: Watched) -> None:
    name = path.name.partition(".")[2] or path.name
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file, transaction.atomic():
            run = actions.receive_file(
                chunks=iter(lambda: file.read(1 << 20), b""), file_name=name, source=source, by=BY, now=now
            )
            run.watched_path = str(path)
            run.save(update_fields=["watched_path"])
    except FileRefusedError as refusal:
        record(deed="intake.drop_refused", by=BY, now=now, details={"source": source})
        _put_aside(path, place / REFUSED, name, now, {"refused": str(refusal)})
        watched.refused += 1
        return
    watched.taken += 1
    try:
        actions.choose_columns(run=run, mapping=mapping_of(run), by=BY, now=now)
    except FileRefusedError:
        # A column that is needed is not known: a colleague says which it is, and it is remembered.
        return


def _go_on(run: ImportRun, now: datetime, watched: Watched) -> None:
    path = Path(run.watched_path)
    place = path.parent.parent
    if run.state == ImportState.READY:
        try:
            actions.apply(run=run, by=BY, now=now)
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
    name = path.name.partition(".")[2] or path.name
    errors = Path(run.errors_path) if run.errors_path else None
    went_well = run.state in (ImportState.DONE, ImportState.UNDONE)
    _put_aside(path, place / (DONE if went_well else REFUSED), name, now, answer, errors=errors)
    ImportRun.objects.filter(pk=run.pk).update(watched_path="")
    watched.put_aside += 1


def _put_aside(
    path: Path, folder: Path, name: str, now: datetime, answer: dict[str, object], *, errors: Path | None = None
) -> None:
    """The file, what came of it as JSON, and the rejected rows side by side. The file last: till then all is redone."""
    stem = f"{now:%Y%m%d-%H%M%S}-" + path.name.partition(".")[0]
    _private(folder)
    if errors is not None and errors.is_file():
        answer["errors_file"] = f"{stem}-rejected{errors.suffix}"
        shutil.copyfile(errors, folder / f"{stem}-rejected{errors.suffix}")
        os.chmod(folder / f"{stem}-rejected{errors.suffix}", 0o600)
    handle = os.open(folder / f"{stem}.json", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        json.dump({"file": name, **answer}, out, ensure_ascii=False, indent=1)
    if path.exists():
        _move(path, folder / f"{stem}-{name}")


def _move(path: Path, to: Path) -> None:
    _private(to.parent)
    os.rename(path, to)


def _private(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)


def _forget_old(folder: Path, now: datetime) -> None:
    """What was put aside holds personal data, and is kept as long as the import can be undone."""
    oldest = (now - KEPT_FOR).timestamp()
    for place, _source in _places(folder):
        for aside in (place / DONE, place / REFUSED):
            for path in aside.iterdir() if aside.is_dir() else ():
                if path.lstat().st_ctime < oldest:
                    path.unlink()
