"""Log lines without secrets: whoever reads the log must not be able to open somebody's link."""

import logging
import re

from perennial.kernel.links import PATHS

_BEFORE_TOKENS = [path.split("<token>")[0] for path in PATHS.values()] + ["account/password/reset/key/"]
_TOKEN = re.compile(rf"(/(?:{'|'.join(map(re.escape, _BEFORE_TOKENS))}))[^/\s'\"?]+")


class DiscreetFormatter(logging.Formatter):
    """Django's own lines, and tracebacks, name the address that was asked for; its token is left out."""

    def format(self, record: logging.LogRecord) -> str:
        return _TOKEN.sub(r"\1(hidden)", super().format(record))
