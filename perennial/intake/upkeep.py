"""What the clock and other imports ask of those on file: go on, compare anew, forget."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from perennial.intake import running
from perennial.intake.enums import AT_WORK, OVER, ImportState
from perennial.intake.errors_file import delete_file, folder
from perennial.intake.models import AppliedBatch, FormerValue, ImportRun, LeftStanding
from perennial.intake.steps import NotNowError, resume
from perennial.intake.tasks import enqueue
from perennial.intake.undo_queries import KEPT_FOR
from perennial.kernel.clock import now as clock_now


def compare_what_waits() -> None:
    """Compare anew the lists that wait to be applied: what they were compared with may have gone."""
    for pk in ImportRun.objects.filter(state=ImportState.READY).order_by("pk").values_list("pk", flat=True):
        again = ImportRun.objects.filter(pk=pk, state=ImportState.READY).update(
            state=ImportState.STAGING, worker="", heartbeat_at=clock_now(), progress_done=0, progress_total=0
        )
        if again:
            enqueue(pk, ImportState.STAGING)


def resume_abandoned(*, now: datetime) -> int:
    """Go on with every import whose process gave no sign for a minute. Returns how many; safe to call from anywhere."""
    resumed = 0
    for run in ImportRun.objects.filter(running.abandoned()).order_by("pk"):
        try:
            resume(run=run, by="system", now=now)
        except NotNowError:
            # Another process was quicker.
            continue
        resumed += 1
    return resumed


def forget_old(*, now: datetime) -> int:
    """Delete files and rows of imports a month after they came. Returns how many runs it cleared."""
    old = ImportRun.objects.filter(created_at__lt=now - KEPT_FOR).exclude(state__in=AT_WORK)
    cleared = 0
    kept = Q(errors_path__gt="") | Q(stored_path__gt="") | Q(staged__isnull=False) | ~Q(header=[])
    for run in old.filter(kept).distinct():
        running.drop_staged(run)
        delete_file(run.errors_path)
        if run.owns_file:
            delete_file(run.stored_path)
        run.errors_path = run.stored_path = ""
        run.unknown_values, run.header = [], []
        if run.state not in OVER:
            run.state = ImportState.CANCELLED
        run.save(update_fields=["errors_path", "stored_path", "unknown_values", "header", "state"])
        cleared += 1
    cleared += _forget_how_to_undo(now)
    _sweep(now)
    return cleared


def _forget_how_to_undo(now: datetime) -> int:
    """What it takes to undo an import is kept for as long as that may be asked. Returns of how many runs it went."""
    over = ImportRun.objects.filter(finished_at__lt=now - KEPT_FOR).exclude(state__in=AT_WORK)
    runs = list(over.filter(Q(batches__isnull=False) | Q(left_standing__isnull=False)).distinct())
    for run in runs:
        with transaction.atomic():
            FormerValue.objects.filter(run=run).delete()
            AppliedBatch.objects.filter(run=run).delete()
            LeftStanding.objects.filter(run=run).delete()
    return len(runs)


def _sweep(now: datetime) -> None:
    """Files of dry runs belong to no run."""
    kept = set(ImportRun.objects.exclude(errors_path="").values_list("errors_path", flat=True))
    kept |= set(ImportRun.objects.exclude(stored_path="").values_list("stored_path", flat=True))
    for path in folder().iterdir():
        if str(path) not in kept and path.stat().st_mtime < (now - KEPT_FOR).timestamp():
            path.unlink(missing_ok=True)
