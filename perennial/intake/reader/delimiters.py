"""By what the columns of a text file are separated."""

import csv
import re
from collections.abc import Iterator
from itertools import islice

from perennial.intake.reader.records import SAMPLE_BYTES, SAMPLE_ROWS
from perennial.intake.recognising import header_score

DELIMITERS = (";", ",", "\t", "|")


def likely_delimiter(text: str) -> str:
    """Choose the delimiter under which most fields are recognised, then most rows have the same many cells."""
    lines = text.splitlines(keepends=True)
    if lines and (told := re.fullmatch(r"sep=(.)\s*", lines[0], re.IGNORECASE)) and told[1] in DELIMITERS:
        return told[1]
    if len(lines) > 1 and len(text) >= SAMPLE_BYTES // 4:
        # The last line is likely cut off.
        lines.pop()
    best = DELIMITERS[0]
    best_score = (0.0, 0.0)
    for delimiter in DELIMITERS:
        rows = [row for row in tolerant(islice(csv.reader(lines, delimiter=delimiter), SAMPLE_ROWS)) if any(row)]
        if not rows:
            continue
        widths = [len(row) for row in rows]
        usual = max(set(widths), key=lambda width: (widths.count(width), width))
        recognised = max(header_score(row) for row in rows) if max(widths) > 1 else _recognised_alone(rows)
        evenness = widths.count(usual) / len(widths) * min(usual - 1, 30)
        score = (recognised, evenness)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _recognised_alone(rows: list[list[str]]) -> float:
    """Half of what the name of an only column says, and nothing where the name could be split: 'a,b' is not 'ab'."""
    whole = [row for row in rows if not any(delimiter in cell for cell in row for delimiter in DELIMITERS)]
    return max(map(header_score, whole), default=0.0) / 2


def tolerant(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    while True:
        try:
            yield next(rows)
        except StopIteration:
            return
        except csv.Error:
            continue
