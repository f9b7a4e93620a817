"""Writing down a deed, in the transaction that does it."""

from datetime import datetime
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


# One statement, whether or not there is anything to write: pages are opened all day.
_SEEN = """
INSERT INTO audit_event (at, by, deed, subject_kind, subject_key, details)
SELECT %s, %s, %s, %s, %s, %s
WHERE NOT EXISTS (
  SELECT 1 FROM audit_event
  WHERE subject_kind = %s AND subject_key = %s AND at >= %s AND by = %s AND deed = %s
)
"""


def record_seen(*, deed: str, by: str, now: datetime, since: datetime, subject_kind: str, subject_key: str) -> None:
    """That somebody saw something, once since `since` (the beginning of the day) however often they look.

    The one thing that may be written by looking at a page: the trail tells who saw whom. Two looks at the very same
    moment may be told twice, which harms nobody.
    """
    field = Event._meta.get_field("at")
    at, start = (connection.ops.adapt_datetimefield_value(field.to_python(moment)) for moment in (now, since))
    subject = (subject_kind, subject_key)
    empty = connection.ops.adapt_json_value({}, None)
    with connection.cursor() as cursor:
        cursor.execute(_SEEN, [at, by, deed, *subject, empty, *subject, start, by, deed])
