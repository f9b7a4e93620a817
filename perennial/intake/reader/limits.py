"""Within what a file is read. Each protects memory or time from a file that is broken or means harm."""

MAX_TEXT_BYTES = 1024**3
MAX_WORKBOOK_BYTES = 50 * 1024**2
MAX_INFLATED_BYTES = 150 * 1024**2
MAX_ENTRIES = 2_000
MAX_SHEETS = 20
MAX_COLUMNS = 200
# What Excel holds in a cell.
MAX_CELL = 32_767
MAX_LINE = 1_000_000
WORKBOOK_MEMORY = 250 * 1024**2
WORKBOOK_SECONDS = 60
# How long we wait, all waits together, for a workbook's rows; the time our caller takes over them is not counted.
WORKBOOK_PATIENCE = 120.0
