"""Why a file as a whole cannot be read, each with its sentence."""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Reason(StrEnum):
    MISSING = "missing"
    EMPTY = "empty"
    ONLY_A_HEADER = "only_a_header"
    BINARY = "binary"
    WEB_PAGE = "web_page"
    NUL_BYTES = "nul_bytes"
    ENCODING = "encoding"
    UNKNOWN_ENCODING = "unknown_encoding"
    UNKNOWN_DELIMITER = "unknown_delimiter"
    TOO_BIG = "too_big"
    TOO_SLOW = "too_slow"
    PASSWORD = "password"  # noqa: S105 - a reason, not a secret
    BROKEN = "broken"
    OLD_WORKBOOK = "old_workbook"
    DOCUMENT_TYPE = "document_type"
    NO_SHEET = "no_sheet"
    UNTERMINATED_QUOTE = "unterminated_quote"
    LINE_TOO_LONG = "line_too_long"
    CELL_TOO_LONG = "cell_too_long"
    TOO_MANY_COLUMNS = "too_many_columns"


SENTENCES: dict[Reason, Promise] = {
    Reason.MISSING: _("There is no file here that we can open."),
    Reason.EMPTY: _("The file is empty."),
    Reason.ONLY_A_HEADER: _("The file has column names but no rows below them."),
    Reason.BINARY: _("This is not a table we can read: export the list as CSV, XLSX or ODS."),
    Reason.WEB_PAGE: _(
        "This is a web page or an XML file with the name of a spreadsheet: open it in a spreadsheet program "
        "and save it as XLSX or CSV."
    ),
    Reason.NUL_BYTES: _("The file has NUL bytes in it (line %(line)s), so it is damaged or no text: export it anew."),
    Reason.ENCODING: _(
        "Line %(line)s is not written in %(encoding)s: choose another encoding or save the file as UTF-8."
    ),
    Reason.UNKNOWN_ENCODING: _("“%(encoding)s” is not an encoding we know."),
    Reason.UNKNOWN_DELIMITER: _("Columns are separated by a semicolon, a comma, a tab or a vertical bar."),
    Reason.TOO_BIG: _("The file is too big to be opened safely: save the list as CSV, or split it."),
    Reason.TOO_SLOW: _("The workbook took too long to open: save the list as CSV, or split it."),
    Reason.PASSWORD: _("The workbook has a password: save it without one, or save the list as CSV."),
    Reason.BROKEN: _("The workbook is damaged: open it in a spreadsheet program and save it anew as XLSX or CSV."),
    Reason.OLD_WORKBOOK: _("This is a workbook of an older or a binary kind (XLS, XLSB): save it as XLSX or CSV."),
    Reason.DOCUMENT_TYPE: _(
        "The workbook declares a document type, which no spreadsheet program writes: save it anew as XLSX or CSV."
    ),
    Reason.NO_SHEET: _("The workbook has no visible sheet of that name."),
    Reason.UNTERMINATED_QUOTE: _("A quotation mark opened in line %(line)s is never closed."),
    Reason.LINE_TOO_LONG: _("Line %(line)s has more than %(most)s characters."),
    Reason.CELL_TOO_LONG: _("A cell in line %(line)s has more than %(most)s characters."),
    Reason.TOO_MANY_COLUMNS: _("The file has more than %(most)s columns (line %(line)s)."),
}


class UnreadableFile(Exception):  # noqa: N818 - a refusal with a sentence, not a programming error
    """The file as a whole can't be read; `sentence` (and `str()`) says why in one translatable sentence."""

    def __init__(self, reason: Reason, *, line: int = 0, encoding: str = "", most: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line
        self.values = {"line": line, "encoding": encoding, "most": most}

    @property
    def sentence(self) -> str:
        return str(SENTENCES[self.reason]) % self.values

    def __str__(self) -> str:
        return self.sentence
