"""The journal of erasures: a file in the data folder, out of reach of the database and its backups.

An old backup that is put back brings back people who were erased since; this file says who. One line an erasure, as
JSON: the person's key, keyed fingerprints, when. It is only ever added to. Each line carries a checksum over itself and
the line before, so that a line that is cut, changed or missing in between is found.

A journal that is damaged is not guessed at: `run` and `restore` refuse with a sentence. Only a last line that was cut
off in the middle, as a power cut leaves it, is written anew from the table `Erasure`, which had it before.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

NAME = "erased.jsonl"


class JournalDamagedError(Exception):
    """The journal cannot be believed; the message is a sentence for the operator."""


@dataclass(frozen=True)
class Entry:
    key: str
    marks: frozenset[str]
    at: datetime


def path() -> Path:
    return Path(settings.PERENNIAL_DATA_DIR) / NAME


def entries() -> list[Entry]:
    """All of the journal; nothing where there is none yet. Raises JournalDamagedError, also for a last line cut off."""
    try:
        content = path().read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise JournalDamagedError(f"{path()} cannot be read ({error.strerror}); this user must own it.") from error
    whole, cut, _sum = _read(content)
    if cut:
        raise JournalDamagedError(
            f"The last line of {path()} is cut off, so somebody who was erased may be missing in it. Start Perennial "
            "on the database that wrote it, which mends it, or put back a whole copy; if there is neither, remove that "
            "line and erase whom it was about by hand."
        )
    return whole


def append(new: Iterable[Entry]) -> int:
    """Adds those that the journal does not hold, and has them on the disk before it returns how many.

    A last line cut off is taken away first. Raises JournalDamagedError.
    """
    with _locked() as handle:
        content = _all(handle)
        whole, cut, checksum = _read(content)
        if cut:
            os.ftruncate(handle, len(content) - cut)
        held: dict[str, frozenset[str]] = {}
        for entry in whole:
            held[entry.key] = held.get(entry.key, frozenset()) | entry.marks
        lines = []
        for entry in new:
            if entry.key in held and entry.marks <= held[entry.key]:
                continue
            held[entry.key] = held.get(entry.key, frozenset()) | entry.marks
            line, checksum = _line(entry, checksum)
            lines.append(line)
        if lines:
            _write(handle, b"".join(lines))
        os.fsync(handle)
    return len(lines)


@contextmanager
def _locked() -> Iterator[int]:
    """The file, for one process at a time: each line builds on the one before."""
    handle = os.open(path(), os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


def _all(handle: int) -> bytes:
    return os.pread(handle, os.fstat(handle).st_size, 0)


def _write(handle: int, content: bytes) -> None:
    while content:
        content = content[os.write(handle, content) :]


def _line(entry: Entry, before: str) -> tuple[bytes, str]:
    told = {"key": entry.key, "marks": sorted(entry.marks), "at": entry.at.isoformat()}
    checksum = _checksum(before, told)
    return json.dumps({**told, "sum": checksum}).encode() + b"\n", checksum


def _checksum(before: str, told: Mapping[str, object]) -> str:
    return hashlib.sha256((before + json.dumps(told, sort_keys=True)).encode()).hexdigest()


def _read(content: bytes) -> tuple[list[Entry], int, str]:
    """The entries, how many bytes of a last line are cut off, and the last checksum."""
    *lines, rest = content.split(b"\n")
    found, checksum = [], ""
    for number, line in enumerate(lines, start=1):
        try:
            told = json.loads(line)
            said = told.pop("sum")
            checksum = _checksum(checksum, told)
            if said != checksum:
                raise ValueError("checksum")
            found.append(Entry(told["key"], frozenset(told["marks"]), datetime.fromisoformat(told["at"])))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise JournalDamagedError(
                f"Line {number} of {path()}, the journal of erasures, is damaged, or one before it is missing: people "
                "who were erased could come back. Put back a whole copy of the file; where there is none, move it away "
                "and start Perennial on the database that wrote it, which writes it anew."
            ) from error
    return found, len(rest), checksum
