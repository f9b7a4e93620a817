"""Applies an import in a process of its own, so that the test can kill it. Prints a line for every batch.

It stops at the batch after the last it was allowed and waits to be killed: however late the test gets its turn on
a busy machine, the import is never done before it.
"""

import sys
import time

import django

django.setup()

from django.db import connections  # noqa: E402

from perennial.intake import applying, running  # noqa: E402
from perennial.intake.enums import ImportState  # noqa: E402
from tests.cast import NOW  # noqa: E402


def main(run_id: int, batch: int, allowed: int) -> None:
    applying.BATCH = batch
    ours = running.apply_batch
    left = allowed

    def told(**asked: object) -> bool:
        nonlocal left
        if not left:
            time.sleep(600)
        left -= 1
        more = ours(**asked)  # type: ignore[arg-type]
        sys.stdout.write("batch\n")
        sys.stdout.flush()
        return more

    running.apply_batch = told
    worker = running.claim(run_id=run_id, state=ImportState.QUEUED, becomes=ImportState.APPLYING)
    assert worker is not None
    running.apply_all(run_id=run_id, worker=worker, now=NOW)


if __name__ == "__main__":
    for alias in connections:
        # The database of the tests, not the one they were made beside.
        connections[alias].settings_dict["NAME"] = sys.argv[3]
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[4]))
