"""What both kinds of files are read into: records, and how many of them are looked at first."""

# The number of the row as the user sees it, its cells, and whether it could be split into cells at all.
Record = tuple[int, list[str], bool]

SAMPLE_BYTES = 1 << 16
SAMPLE_ROWS = 40
