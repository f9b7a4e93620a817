"""Every file of csv-spectrum, a corpus for CSV parsers, gives the rows that stand beside it as JSON.

https://github.com/maxogden/csv-spectrum, BSD-2-Clause; a package of `package.json`, not copied here.
"""

import json
from pathlib import Path

import pytest

from perennial.intake.reader.table import open_table
from tests.corpora.packages import corpus

SPECTRUM = corpus("csv-spectrum")
FILES = sorted(SPECTRUM.glob("csvs/*.csv"))
# Its JSON says 1234567890 where its CSV has another number: the corpus's own slip.
SLIP = {"location_coordinates": ("1234567890", "2095257564")}


def test_the_corpus_is_all_there() -> None:
    assert len(FILES) == 12


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_of_the_spectrum_gives_exactly_its_rows(path: Path) -> None:
    text = (SPECTRUM / "json" / f"{path.stem}.json").read_text(encoding="utf-8")
    expected = json.loads(text.replace(*SLIP[path.stem]) if path.stem in SLIP else text)
    table = open_table(path)
    rows = [dict(zip(table.header, row.cells, strict=True)) for row in table.rows()]
    assert rows == (expected if isinstance(expected, list) else [expected])
    assert [row.extra for row in table.rows()] == [[]] * len(rows)
