"""Brings back what workers held that are gone: killed, or cut off for longer than their lease."""

import logging
from datetime import datetime

from django.db import transaction

from perennial.audit.actions import record
from perennial.kernel import clock
from perennial.mail import outcome, queue
from perennial.mail.batch import Batch, SendReport
from perennial.mail.claimed import claimed
from perennial.mail.models import Lease

logger = logging.getLogger(__name__)


def recover(*, now: datetime) -> int:
    """Takes over every lease that ran out. Returns how many.

    What was claimed and not begun goes back as if nothing had been. What was begun may have gone or not: it is tried
    again, with the same Message-ID, and shown as uncertain.
    """
    if not Lease.objects.filter(until__lt=clock.now()).exists():
        return 0
    with transaction.atomic():
        # Locked, so that its holder, should it still live, finds at its next step that the lease is gone.
        lapsed = list(Lease.objects.filter(until__lt=clock.now()).select_for_update(skip_locked=True))
        for lease in lapsed:
            _take_over(lease, now)
    return len(lapsed)


def _take_over(lease: Lease, now: datetime) -> None:
    begun = claimed(queue.held(holder=lease.holder, message_ids=lease.begun))
    batch = Batch(lease.holder, begun, now, SendReport())
    for message in begun:
        outcome.worker_died(batch, message)
    queue.release(holder=lease.holder)
    logger.warning("A worker is gone (%s); of its mails %d were being sent.", lease.holder, len(begun))
    record(deed="mail.recovered", by="system", now=now, details={"holder": lease.holder, "begun": len(begun)})
