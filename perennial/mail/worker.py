"""The loop of the worker process: sends what is due; waits when nothing is or the mail server is in trouble."""

import logging
import os
import socket
import threading

from django.db import OperationalError, close_old_connections

from perennial.kernel import clock
from perennial.kernel.garbage import spare_what_stands
from perennial.mail.send import BATCH, send_due

logger = logging.getLogger(__name__)

IDLE_SECONDS = 1.0
TROUBLE_SECONDS = (5.0, 15.0, 60.0, 300.0)


def run(stop: threading.Event, *, name: str = "") -> None:
    """Works until `stop` is set; what is in hand is finished first. Several may run, on several machines."""
    spare_what_stands()
    worker = name or f"{socket.gethostname()}:{os.getpid()}"
    troubles = 0
    while not stop.is_set():
        close_old_connections()
        try:
            report = send_due(now=clock.now(), worker=worker, limit=BATCH, stopping=stop.is_set)
        except OperationalError:
            # The database is away or was locked for too long; what was claimed comes back when its lease ends.
            logger.exception("The database cannot be used; trying again.")
            troubles = min(troubles + 1, len(TROUBLE_SECONDS))
        else:
            troubles = min(troubles + 1, len(TROUBLE_SECONDS)) if report.trouble else 0
            if report.handled and not troubles:
                continue
        stop.wait(TROUBLE_SECONDS[troubles - 1] if troubles else IDLE_SECONDS)
