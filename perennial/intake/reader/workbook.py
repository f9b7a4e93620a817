"""Reads a workbook (XLSX, ODS) into records: a program of its own unpacks it, within hard limits."""

import json
import os
import select
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perennial.intake.reader.limits import (
    MAX_CELL,
    MAX_COLUMNS,
    MAX_ENTRIES,
    MAX_INFLATED_BYTES,
    MAX_SHEETS,
    WORKBOOK_MEMORY,
    WORKBOOK_PATIENCE,
    WORKBOOK_SECONDS,
)
from perennial.intake.reader.records import SAMPLE_ROWS, Record
from perennial.intake.reader.refusals import Reason, UnreadableFile
from perennial.intake.recognising import header_score

_PROGRAM = Path(__file__).with_name("workbook_program.py")
_LONGEST_FRAME = 64 * 1024**2


@dataclass(frozen=True, slots=True)
class Look:
    """What a first look into a workbook found; `serials` as in `Table`."""

    sheet: str
    sheets: tuple[str, ...]
    serials: bool
    sample: list[Record]


def look_inside(path: Path, *, sheet: str | None) -> Look:
    """Take the sheet asked for, else the first whose header names two fields, else the first with rows in it."""
    sheets: tuple[str, ...] = ()
    serials = False
    looks: list[tuple[str, list[Record]]] = []
    with closing(_frames(path, sheet=sheet, look=SAMPLE_ROWS)) as frames:
        for name, *content in frames:
            if name == "sheets":
                sheets, serials = tuple(content[0]), content[1]
            elif name == "look":
                rows = [(number, cells, True) for number, cells in content[1]]
                if rows:
                    looks.append((content[0], rows))
                if max((header_score(cells) for _number, cells, _sound in rows), default=0) >= 2:
                    looks = looks[-1:]
                    break
    if not looks:
        raise UnreadableFile(Reason.EMPTY)
    chosen, sample = looks[0]
    return Look(chosen, sheets, serials, sample)


def records(path: Path, *, sheet: str) -> Generator[Record, None, None]:
    with closing(_frames(path, sheet=sheet, look=0)) as frames:
        for name, *content in frames:
            if name == "rows":
                for number, cells in content[0]:
                    yield number, cells, True


def _frames(path: Path, *, sheet: str | None, look: int) -> Generator[list[Any], None, None]:
    """Run the workbook program and hand on what it says; it never outlives this generator."""
    order = {
        "sheet": sheet,
        "look": look,
        "memory": WORKBOOK_MEMORY,
        "seconds": WORKBOOK_SECONDS,
        "most_bytes": MAX_INFLATED_BYTES,
        "most_entries": MAX_ENTRIES,
        "most_sheets": MAX_SHEETS,
        "most_columns": MAX_COLUMNS,
        "longest_cell": MAX_CELL,
    }
    # Nothing of our own environment goes along: it holds keys.
    environment = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    child = subprocess.Popen(  # noqa: S603 - our own program, arguments as a list
        [sys.executable, "-I", str(_PROGRAM), str(path), json.dumps(order)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env=environment,
    )
    try:
        assert child.stdout is not None
        stream = _Patient(child.stdout.fileno(), patience=WORKBOOK_PATIENCE)
        while True:
            head = stream.read(4)
            if len(head) < 4:
                raise _death(child.wait(timeout=10))
            (length,) = struct.unpack(">I", head)
            body = stream.read(length) if length <= _LONGEST_FRAME else b""
            if len(body) < length or length > _LONGEST_FRAME:
                raise _death(child.wait(timeout=10) if length <= _LONGEST_FRAME else 0)
            frame: list[Any] = json.loads(body)
            if frame[0] == "end":
                return
            if frame[0] == "error":
                reason = Reason(frame[1])
                most = {Reason.CELL_TOO_LONG: MAX_CELL, Reason.TOO_MANY_COLUMNS: MAX_COLUMNS}.get(reason, 0)
                raise UnreadableFile(reason, line=frame[2], most=most)
            yield frame
    finally:
        child.kill()
        child.wait()
        if child.stdout is not None:
            child.stdout.close()


def _death(code: int) -> UnreadableFile:
    """Say what a child that ended without a word most likely died of."""
    if code == -signal.SIGXCPU:
        return UnreadableFile(Reason.TOO_SLOW)
    # Without memory, the parser aborts and Python ends with an error; the kernel kills.
    if code in (-signal.SIGABRT, -signal.SIGKILL, 1):
        return UnreadableFile(Reason.TOO_BIG)
    return UnreadableFile(Reason.BROKEN)


class _Patient:
    """Reads from a pipe, waiting no longer than `patience` seconds in all."""

    def __init__(self, descriptor: int, *, patience: float) -> None:
        self._descriptor = descriptor
        self._patience = patience

    def read(self, length: int) -> bytes:
        """Return so many bytes, fewer where the stream ends."""
        parts: list[bytes] = []
        while length > 0:
            began = time.monotonic()
            poll = select.poll()
            poll.register(self._descriptor, select.POLLIN)
            ready = poll.poll(max(self._patience, 0) * 1000)
            self._patience -= time.monotonic() - began
            if not ready:
                raise UnreadableFile(Reason.TOO_SLOW)
            part = os.read(self._descriptor, min(length, 1 << 20))
            if not part:
                break
            parts.append(part)
            length -= len(part)
        return b"".join(parts)


def is_encrypted(path: Path) -> bool:
    """Tell an encrypted XLSX from an old XLS: both are the same container, one names its encrypted stream."""
    mark = "EncryptedPackage".encode("utf-16-le")
    with path.open("rb") as file:
        tail = b""
        while chunk := file.read(1 << 20):
            if mark in tail + chunk:
                return True
            tail = chunk[-len(mark) :]
    return False
