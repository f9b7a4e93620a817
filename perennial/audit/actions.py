"""Writing down a deed, in the transaction that does it."""

from datetime import datetime
from typing import Any

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
