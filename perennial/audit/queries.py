"""Reads what was done."""

from django.db.models import QuerySet

from perennial.audit.models import Event


def deeds_to(*, subject_kind: str, subject_key: str) -> QuerySet[Event]:
    """What was done to one subject, the last first."""
    return Event.objects.filter(subject_kind=subject_kind, subject_key=subject_key).order_by("-at", "-pk")
