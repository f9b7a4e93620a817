"""The way in: somebody's own export, of whichever kind, as a record. Pure: nothing is saved and nobody is looked up."""

from pathlib import Path

from perennial.intake.personal import json_resume, linkedin
from perennial.intake.personal.limits import MAX_ARCHIVE_BYTES, MAX_FILE_BYTES
from perennial.intake.personal.record import PersonalRecord
from perennial.intake.personal.refusals import Refusal, UnreadableExport
from perennial.intake.personal.text import decoded


def read_export(source: Path | bytes) -> PersonalRecord:
    """Read LinkedIn's archive, a CSV file out of it, or a JSON Resume; its content says which it is.

    Raises UnreadableExport, and then nothing is taken.
    """
    content = source if isinstance(source, bytes) else _content(source)
    if len(content) > MAX_ARCHIVE_BYTES:
        raise UnreadableExport(Refusal.TOO_BIG)
    if not content.strip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"):
        raise UnreadableExport(Refusal.EMPTY)
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return linkedin.record_of_archive(content)
    if content.startswith(b"%PDF"):
        raise UnreadableExport(Refusal.PDF)
    if len(content) > MAX_FILE_BYTES:
        raise UnreadableExport(Refusal.TOO_BIG)
    if decoded(content).lstrip()[:1] in ("{", "["):
        return json_resume.record_of_resume(content)
    return linkedin.record_of_file(content)


def _content(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise UnreadableExport(Refusal.MISSING)
        with path.open("rb") as file:
            return file.read(MAX_ARCHIVE_BYTES + 1)
    except (OSError, ValueError):
        raise UnreadableExport(Refusal.MISSING) from None
