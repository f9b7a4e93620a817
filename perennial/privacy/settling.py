"""What follows an erasure once it is committed: the journal's line, and what the database's own files still hold."""

from datetime import datetime

from django.db import connection

from perennial.privacy.journal import Entry, append
from perennial.privacy.models import Erasure

# How long others may go on reading before the wiping is left to the next tick.
_PATIENCE_MS = 2_000


def settle(*, now: datetime) -> int:
    """Does what is open of erasures; safe to repeat. Returns how many are settled by it.

    Raises JournalDamagedError.
    """
    waiting = list(Erasure.objects.filter(settled_at=None))
    if not waiting:
        return 0
    append(map(entry_of, waiting))
    if not empty_write_ahead_log():
        return 0
    return Erasure.objects.filter(pk__in=[erasure.pk for erasure in waiting]).update(settled_at=now)


def entry_of(erasure: Erasure) -> Entry:
    return Entry(erasure.person_key, frozenset(erasure.marks), erasure.at)


def empty_write_ahead_log() -> bool:
    """Puts SQLite's write-ahead log into the file and empties it: it has pages as they were. False when it must wait.

    PostgreSQL writes over deleted rows when its own autovacuum comes by, and recycles its log.
    """
    if connection.vendor != "sqlite":
        return True
    if connection.in_atomic_block:
        return False
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        patience = cursor.fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS}")
        try:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy = cursor.fetchone()[0]
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {int(patience)}")
    return not busy
