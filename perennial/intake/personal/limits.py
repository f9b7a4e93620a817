"""Within what somebody's own export is read; an honest one stays far below each."""

from perennial.intake.reader.limits import MAX_CELL, MAX_COLUMNS, MAX_ENTRIES, MAX_WORKBOOK_BYTES

__all__ = ["MAX_CELL", "MAX_COLUMNS", "MAX_ENTRIES"]

MAX_ARCHIVE_BYTES = MAX_WORKBOOK_BYTES
# One CSV or JSON file, unpacked; and all that is unpacked of an archive together.
MAX_FILE_BYTES = 5 * 1024**2
MAX_UNPACKED_BYTES = 20 * 1024**2
# Rows of a file, entries of a list. LinkedIn itself takes a hundred skills.
MAX_ROWS = 1_000
MAX_TEXT = 300
MAX_URL = 2_000
MAX_DEPTH = 20
MAX_DIGITS = 15
