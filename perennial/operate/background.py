"""Background work inside the worker process: queued tasks one at a time, and what a killed worker left behind."""

from datetime import timedelta

from django_tasks import TaskResultStatus
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from perennial.kernel.clock import now

# Longer than the longest task. The queue itself never notices that a worker was killed.
ABANDONED_AFTER = timedelta(hours=2)


def run_queued(*, worker: str) -> None:
    """Puts abandoned tasks back, then runs tasks until none is left. Tasks may be run twice without harm."""
    put_back_abandoned()
    Worker(
        queue_names=["default"],
        interval=1,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=worker[:64],
        excluded_queue_names=[],
    ).run()


def put_back_abandoned() -> int:
    """Tasks that have been running for longer than any task takes are ready again. Returns how many."""
    return DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING, started_at__lt=now() - ABANDONED_AFTER).update(
        status=TaskResultStatus.READY, started_at=None
    )
