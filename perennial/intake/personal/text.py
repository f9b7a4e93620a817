"""Bytes of a text file into text: Unicode, proven by its mark or by being sound UTF-8, and nothing guessed."""

from perennial.intake.personal.refusals import Refusal, UnreadableExport
from perennial.intake.reader.encodings import codec_of, proven_encoding


def decoded(content: bytes) -> str:
    """Raises UnreadableExport."""
    encoding = codec_of(proven_encoding(content) or "utf-8")
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except UnicodeError:
        raise UnreadableExport(Refusal.ENCODING) from None
