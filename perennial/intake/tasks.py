"""Background jobs of imports. Each may run twice without harm: what another process has in hand is left to it."""

from perennial.intake import running
from perennial.intake.enums import ImportState
from perennial.kernel.background import task
from perennial.kernel.clock import now


@task()
def compare_run(run_id: int) -> None:
    """Compare the file of an import with what is on file."""
    worker = running.claim(run_id=run_id, state=ImportState.STAGING, becomes=ImportState.STAGING)
    if worker is not None:
        running.compare(run_id=run_id, worker=worker, now=now())


@task()
def apply_run(run_id: int) -> None:
    """Apply an import, from where it stands."""
    worker = running.claim(run_id=run_id, state=ImportState.QUEUED, becomes=ImportState.APPLYING)
    if worker is not None:
        running.apply_all(run_id=run_id, worker=worker, now=now())


@task()
def undo_run(run_id: int) -> None:
    """Undo an import, from where that stands."""
    # upkeep enqueues, so it imports this module.
    from perennial.intake.upkeep import compare_what_waits

    worker = running.claim(run_id=run_id, state=ImportState.UNDOING, becomes=ImportState.UNDOING)
    if worker is not None:
        running.undo_all(run_id=run_id, worker=worker, now=now())
        compare_what_waits()


def enqueue(run_id: int, state: ImportState) -> None:
    """Have a process do what an import in `state` waits for: ImportState, one of AT_WORK."""
    work = {
        ImportState.STAGING: compare_run,
        ImportState.QUEUED: apply_run,
        ImportState.APPLYING: apply_run,
        ImportState.UNDOING: undo_run,
    }
    work[state].enqueue(run_id)
