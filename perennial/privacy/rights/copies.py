"""The files that answer a request: made at once where there is little, else by the tick; fetched on the own page."""

import io
import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from perennial.audit.actions import record
from perennial.contact.models import Touch
from perennial.mail.models import Message
from perennial.people.models import Person
from perennial.privacy.copying import write_copy
from perennial.privacy.models import DataCopy
from perennial.privacy.resume import resume
from perennial.privacy.rights.actions import NotOpenError, carry_out
from perennial.privacy.rights.enums import RequestKind, RequestState
from perennial.programme.queries import current

WAITS_FOR = timedelta(days=7)
# Up to so many letters and contacts somebody waits for it before the screen.
LITTLE = 2_000


@dataclass(frozen=True)
class File:
    name: str
    content_type: str
    content: bytes


def has_little(*, person: Person) -> bool:
    """Whether the file is made while the person waits."""
    return Touch.objects.filter(person=person).count() + Message.objects.filter(person=person).count() <= LITTLE


@transaction.atomic
def make(*, order: DataCopy, now: datetime) -> bool:
    """Makes the file and answers the request. False when another process did, or the request is no longer open."""
    person = Person.objects.select_for_update(no_key=True).filter(pk=order.person_id).first()
    held = DataCopy.objects.select_for_update(of=("self",)).filter(pk=order.pk, made_at=None).first()
    if held is None or person is None:
        return False
    request = held.request
    held.made_at, held.expires_at = now, now + WAITS_FOR
    held.save(update_fields=["made_at", "expires_at"])
    try:
        carry_out(request=request, by="system", now=now)
    except NotOpenError:
        held.delete()
        return False
    held.content = b64encode(_content(request.kind, person, now)).decode()
    held.save(update_fields=["content"])
    return True


def make_ordered(*, now: datetime, most: int = 5) -> int:
    """Makes what waits, the earliest first; how many."""
    waiting = DataCopy.objects.filter(made_at=None, request__state=RequestState.OPEN).order_by("ordered_at", "pk")
    return sum(make(order=order, now=now) for order in waiting[:most])


def forget_files(*, now: datetime) -> int:
    """Deletes files after their seven days, and those whose request was taken back; how many."""
    over = Q(expires_at__lte=now) | Q(made_at=None) & ~Q(request__state=RequestState.OPEN)
    return DataCopy.objects.filter(over).delete()[0]


@transaction.atomic
def fetch(*, person: Person, key: str, now: datetime) -> File | None:
    """The file that answers this person's request with that key; None where there is none, or no more."""
    row = (
        DataCopy.objects.select_related("request")
        .filter(person=person, request__key=key, made_at__isnull=False, expires_at__gt=now)
        .first()
    )
    if row is None:
        return None
    by = f"person:{person.key}"
    record(deed="privacy.copy_fetched", by=by, now=now, subject_kind="person", subject_key=person.key)
    if row.request.kind == RequestKind.PORTABILITY:
        return File("resume.json", "application/json", b64decode(row.content))
    return File("data-copy.zip", "application/zip", b64decode(row.content))


def _content(kind: str, person: Person, now: datetime) -> bytes:
    if kind == RequestKind.PORTABILITY:
        return json.dumps(resume(person=person, organisation=current().organisation), ensure_ascii=False).encode()
    file = io.BytesIO()
    write_copy(person=person, to=file, behind_the_wall=True, by=f"person:{person.key}", now=now)
    return file.getvalue()
