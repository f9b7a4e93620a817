"""Log lines without secrets: whoever reads the log must not be able to open somebody's link, nor learn who is here."""

import logging
import re

from django.core.exceptions import PermissionDenied

from perennial.kernel.links import PATHS

_BEFORE_TOKENS = [path.split("<token>")[0] for path in PATHS.values()] + ["account/password/reset/key/"]
_TOKEN = re.compile(rf"(/(?:{'|'.join(map(re.escape, _BEFORE_TOKENS))}))[^/\s'\"?]+")

# A signed token wherever it stands: in the words of an exception, in a page one came from.
_SIGNED = re.compile(r"\b\d{1,18}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{20,}")
# Databases name the value that they refuse, and it may be somebody's.
_ADDRESS = re.compile(r"[^\s@<>()\[\]'\",;:=]+@[^\s@<>()\[\]'\",;:=]+\.[^\s@<>()\[\]'\",;:=.]+")


class DiscreetFormatter(logging.Formatter):
    """Django's own lines, and tracebacks, name the address that was asked for; its token is left out. So is every
    signed token and every e-mail address, wherever they stand.

    A page that was refused is one line: the refusal worked, and nobody has to find out where.
    """

    def format(self, record: logging.LogRecord) -> str:
        if record.exc_info and isinstance(record.exc_info[1], PermissionDenied):
            # A copy: the record goes to other handlers as well.
            record = logging.makeLogRecord({**record.__dict__, "exc_info": None, "exc_text": None})
        text = _TOKEN.sub(r"\1(hidden)", super().format(record))
        return _ADDRESS.sub("(address)", _SIGNED.sub("(hidden)", text))
