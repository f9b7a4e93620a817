"""Takes the files we know out of a ZIP; whatever else lies in it is never unpacked."""

import io
import struct
import zipfile
import zlib
from collections.abc import Collection

from perennial.intake.personal.limits import MAX_ENTRIES, MAX_FILE_BYTES, MAX_UNPACKED_BYTES
from perennial.intake.personal.refusals import Refusal, UnreadableExport

_CHUNK = 1 << 16
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, NotImplementedError),
    # A password, and what a broken header makes of a lookup.
    *(RuntimeError, KeyError, IndexError, OverflowError),
)


def files_of(content: bytes, *, wanted: Collection[str]) -> dict[str, bytes]:
    """The wanted files (names in small letters, in whatever folder) that are in the archive. Raises UnreadableExport.

    The sizes in the headers are not believed: bytes are counted as they come out.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_ENTRIES:
                raise UnreadableExport(Refusal.TOO_BIG)
            found = _sorted_out(entries, wanted)
            left = MAX_UNPACKED_BYTES
            unpacked = {}
            for name, entry in found.items():
                unpacked[name] = _unpacked(archive, entry, most=min(left, MAX_FILE_BYTES))
                left -= len(unpacked[name])
            return unpacked
    except _BROKEN:
        raise UnreadableExport(Refusal.BROKEN_ARCHIVE) from None


def _sorted_out(entries: list[zipfile.ZipInfo], wanted: Collection[str]) -> dict[str, zipfile.ZipInfo]:
    found: dict[str, zipfile.ZipInfo] = {}
    for entry in entries:
        # As it stands in the archive: ZipInfo cuts a name at a NUL and turns separators.
        steps = entry.orig_filename.replace("\\", "/").split("/")
        if steps[0] == "" or ".." in steps or ":" in steps[0] or "\0" in entry.orig_filename:
            raise UnreadableExport(Refusal.OUTSIDE, text=entry.orig_filename)
        name = steps[-1].casefold()
        if name.endswith((".zip", ".7z", ".rar", ".gz", ".tar")):
            raise UnreadableExport(Refusal.ARCHIVE_INSIDE)
        if entry.flag_bits & 0x1:
            raise UnreadableExport(Refusal.PASSWORD)
        if name in wanted:
            if name in found:
                raise UnreadableExport(Refusal.TWICE, text=steps[-1])
            found[name] = entry
    return found


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, *, most: int) -> bytes:
    pieces = []
    size = 0
    with archive.open(entry) as file:
        while piece := file.read(_CHUNK):
            size += len(piece)
            if size > most:
                raise UnreadableExport(Refusal.TOO_BIG)
            pieces.append(piece)
    return b"".join(pieces)
