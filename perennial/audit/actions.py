"""Writing down a deed, in the transaction that does it."""

from datetime import date, datetime
from typing import Any

from django.db import connection

from perennial.audit.models import Event


def record(
    *,
    deed: str,
    by: str,
    now: datetime,
    subject_kind: str = "",
    subject_key: str = "",
    details: dict[str, Any] | None = None,
) -> Event:
    """Adds one event. `deed` reads module.verb ('consent.withdrawn'); `details` hold codes and counts, no free text."""
    return Event.objects.create(
        at=now, by=by, deed=deed, subject_kind=subject_kind, subject_key=subject_key, details=details or {}
    )


# One statement for the first look, two for a later one, since pages are opened all day. Two looks at the same moment
# meet in the unique constraint, which waits for the one and drops the other.
_SEEN = """
INSERT INTO audit_event (at, by, deed, subject_kind, subject_key, details, once_on)
SELECT %s, %s, %s, %s, %s, %s, %s
WHERE (SELECT COUNT(*) FROM audit_event WHERE by = %s AND deed = %s AND once_on = %s) < %s
ON CONFLICT DO NOTHING
"""


def record_seen(*, deed: str, by: str, now: datetime, on: date, subject_kind: str, subject_key: str, most: int) -> bool:
    """That somebody saw something, once on the day `on` however often they look; whether they may.

    They may not when they saw `most` others that day and not this one; then nothing is written. Of looks at the same
    moment a few more may pass. The one thing that may be written by looking at a page: the trail tells who saw whom.
    """
    at = connection.ops.adapt_datetimefield_value(Event._meta.get_field("at").to_python(now))
    day = connection.ops.adapt_datefield_value(on)
    empty = connection.ops.adapt_json_value({}, None)
    with connection.cursor() as cursor:
        cursor.execute(_SEEN, [at, by, deed, subject_kind, subject_key, empty, day, by, deed, day, most])
        if cursor.rowcount == 1:
            return True
    return Event.objects.filter(
        by=by, deed=deed, once_on=on, subject_kind=subject_kind, subject_key=subject_key
    ).exists()
