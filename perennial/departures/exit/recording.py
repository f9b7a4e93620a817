"""The employer's own record of how a departure ended, kept apart from what the leaver says (standards.md 5)."""

from datetime import datetime

from django.db import transaction

from perennial.audit.actions import record
from perennial.departures.models import Departure


@transaction.atomic
def record_ending(*, departure: Departure, ending: str, by: str, now: datetime) -> None:
    """Records one of `Ending`; empty follows from how the stint ended. What is counted already stays as it is."""
    changed = Departure.objects.filter(pk=departure.pk).exclude(recorded_ending=ending).update(recorded_ending=ending)
    if changed:
        record(
            deed="departures.ending_recorded",
            by=by,
            now=now,
            subject_kind="person",
            subject_key=departure.person.key,
            details={"ending": ending},
        )
