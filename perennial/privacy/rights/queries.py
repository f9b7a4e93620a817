"""Reads what people asked about their data."""

from datetime import date

from django.db.models import QuerySet

from perennial.people.models import Person
from perennial.privacy.models import Request
from perennial.privacy.rights.enums import RequestKind, RequestState


def open_requests() -> QuerySet[Request]:
    """What nobody has answered yet, with whoever asked; the earliest due first."""
    return Request.objects.filter(state=RequestState.OPEN).select_related("person").order_by("due_on", "pk")


def answered_requests() -> QuerySet[Request]:
    """What was answered, the last first."""
    return Request.objects.exclude(state=RequestState.OPEN).select_related("person").order_by("-answered_at", "-pk")


def due_by(*, day: date) -> QuerySet[Request]:
    """Open requests that are due on `day` or before, the earliest first."""
    return open_requests().filter(due_on__lte=day)


def of_person(*, person: Person) -> QuerySet[Request]:
    """Everything this person asked, the last first."""
    return Request.objects.filter(person=person).order_by("-asked_at", "-pk")


def standing_restriction(*, person: Person) -> Request | None:
    """The request by which this person's data is stored and nothing else."""
    return Request.objects.filter(
        person=person, kind=RequestKind.RESTRICTION, state=RequestState.DONE, lifted_at=None
    ).first()


def request_with_key(key: str) -> Request | None:
    return Request.objects.select_related("person").filter(key=key).first()
