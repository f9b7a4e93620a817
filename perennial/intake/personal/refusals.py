"""Why somebody's own export is not taken, each with its sentence. Alumni read these, so they are in four languages."""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Refusal(StrEnum):
    MISSING = "missing"
    EMPTY = "empty"
    TOO_BIG = "too_big"
    UNKNOWN = "unknown"
    PDF = "pdf"
    BROKEN_ARCHIVE = "broken_archive"
    PASSWORD = "password"  # noqa: S105 - a reason, not a secret
    ARCHIVE_INSIDE = "archive_inside"
    OUTSIDE = "outside"
    TWICE = "twice"
    ENCODING = "encoding"
    COLUMNS = "columns"
    TABLE = "table"
    TOO_MANY = "too_many"
    TOO_LONG = "too_long"
    CONTROL = "control"
    DATE = "date"
    ADDRESS = "address"
    LINK = "link"
    NOT_JSON = "not_json"
    SAID_TWICE = "said_twice"
    NUMBER = "number"
    TOO_DEEP = "too_deep"
    SHAPE = "shape"


SENTENCES: dict[Refusal, Promise] = {
    Refusal.MISSING: _("There is no file here that we can open."),
    Refusal.EMPTY: _("The file is empty."),
    Refusal.TOO_BIG: _("The file is larger than such an export ever is, so we did not open it."),
    Refusal.UNKNOWN: _("This is neither a data export of LinkedIn nor a JSON Resume."),
    Refusal.PDF: _("This is a PDF. What we can read is the archive: on LinkedIn, ask for a copy of your data."),
    Refusal.BROKEN_ARCHIVE: _("The archive is damaged: please download it anew."),
    Refusal.PASSWORD: _("The archive has a password: please send it without one."),
    Refusal.ARCHIVE_INSIDE: _("The archive has another archive in it: please unpack it and send the one inside."),
    Refusal.OUTSIDE: _("The archive names a file outside of itself, “%(text)s”, so we did not open it."),
    Refusal.TWICE: _("The archive has “%(text)s” twice, and we cannot tell which one holds."),
    Refusal.ENCODING: _("The text is not written in Unicode (UTF-8): please send the file as you downloaded it."),
    Refusal.COLUMNS: _("“%(text)s” does not have the columns that LinkedIn gives it."),
    Refusal.TABLE: _("Line %(line)s of “%(text)s” cannot be split into cells: please send it as you downloaded it."),
    Refusal.TOO_MANY: _("“%(text)s” has more than %(most)s entries."),
    Refusal.TOO_LONG: _("“%(text)s” is too long: at most %(most)s characters fit."),
    Refusal.CONTROL: _("“%(text)s” has control characters in it."),
    Refusal.DATE: _("“%(text)s” is not a date we can read."),
    Refusal.ADDRESS: _("“%(text)s” is not an e-mail address."),
    Refusal.LINK: _("“%(text)s” is not the address of a web page."),
    Refusal.NOT_JSON: _("The file is not sound JSON (line %(line)s)."),
    Refusal.SAID_TWICE: _("“%(text)s” stands twice in one place of the JSON Resume."),
    Refusal.NUMBER: _("The JSON Resume has a number in it that cannot be one of yours: “%(text)s”."),
    Refusal.TOO_DEEP: _("The JSON Resume is nested more than %(most)s levels deep."),
    Refusal.SHAPE: _("“%(text)s” is not written as a JSON Resume has it."),
}

_SHOWN = 60


class UnreadableExport(Exception):  # noqa: N818 - a refusal with a sentence, not a programming error
    """The export is not taken, and nothing of it; `sentence` (and `str()`) says why in one translatable sentence."""

    def __init__(self, reason: Refusal, *, text: str = "", line: int = 0, most: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        # Fit to stand inside a sentence: short, and nothing in it that a page or a terminal would obey.
        shown = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text[:_SHOWN])
        self.values = {"text": shown if len(text) <= _SHOWN else f"{shown}…", "line": line, "most": most}

    @property
    def sentence(self) -> str:
        return str(SENTENCES[self.reason]) % self.values

    def __str__(self) -> str:
        return self.sentence
