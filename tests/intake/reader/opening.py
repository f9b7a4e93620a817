"""Opens files for the tests of the reader, and measures what that takes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from perennial.intake.reader.refusals import UnreadableFile
from perennial.intake.reader.table import open_table

ROOT = Path(__file__).resolve().parents[3]


def written(tmp_path: Path, content: str | bytes, *, encoding: str = "utf-8", name: str = "leavers.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
    return path


def cells(path: Path, **choices: str) -> list[list[str]]:
    return [row.cells for row in open_table(path, **choices).rows()]


def refused(path: Path, **choices: str) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        for _row in open_table(path, **choices).rows():
            pass
    assert str(caught.value) == caught.value.sentence
    assert "%(" not in caught.value.sentence
    return caught.value


# A process of its own, so that its memory can be measured.
_MEASURE = """
import json, resource, sys, time
from django.conf import settings
settings.configure(USE_I18N=False)
from perennial.intake.reader import table, workbook
from perennial.intake.reader.refusals import UnreadableFile
if sys.argv[2]:
    workbook.MAX_INFLATED_BYTES = int(sys.argv[2])
began, reason, sentence, count = time.monotonic(), "", "", 0
try:
    for row in table.open_table(sys.argv[1]).rows():
        count += 1
except UnreadableFile as refusal:
    reason, sentence = refusal.reason, refusal.sentence
with open("/proc/self/status") as status:
    own = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
# `ru_maxrss` of this very process would be that of the test run that started it.
most = max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
print(json.dumps({"reason": reason, "sentence": sentence, "rows": count, "megabytes": most / 1024,
                  "seconds": time.monotonic() - began}))
"""


def measured(path: Path, *, most_bytes: int | None = None) -> dict[str, object]:
    ended = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(path), str(most_bytes or "")],
        capture_output=True,
        cwd=ROOT,
        check=True,
        timeout=180,
    )
    return json.loads(ended.stdout)
