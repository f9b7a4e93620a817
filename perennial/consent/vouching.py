"""A new address given through a link needs a second word, besides the press on the button in its own mailbox.

Who holds somebody's link to their choices could otherwise name a mailbox of their own, confirm it there, and read that
person's letters from then on.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from perennial.audit.actions import record
from perennial.consent.actions import DAYS_TO_CONFIRM
from perennial.consent.enums import EvidenceKind
from perennial.consent.evidence import add_evidence, add_evidence_of
from perennial.consent.models import ConsentRequest, Vouching
from perennial.people.models import EmailAddress, Person
from perennial.people.queries import without_stored_only


def need_vouching(*, request: ConsentRequest, on_file: EmailAddress | None) -> Vouching:
    """From now on `request` grants nothing before somebody vouched for its address."""
    return Vouching.objects.create(request=request, on_file=on_file)


def waiting(*, now: datetime) -> QuerySet[Vouching]:
    """The addresses that wait for a second word and whose week is not over, the oldest first.

    Not of people whose data is stored only: they vouch themselves, from the mailbox on file.
    """
    return without_stored_only(_waiting(now), person="request__person")


def _waiting(now: datetime) -> QuerySet[Vouching]:
    return (
        Vouching.objects.filter(
            vouched_at=None,
            request__confirmed_at=None,
            request__requested_at__gt=now - timedelta(days=DAYS_TO_CONFIRM),
        )
        .select_related("request__person", "request__address", "on_file")
        .order_by("request__requested_at", "pk")
    )


def waiting_of(*, person: Person, now: datetime) -> Vouching | None:
    """The one of this person, if any: there is one request at a time."""
    return _waiting(now).filter(request__person=person).first()


def locked_of(request: ConsentRequest) -> Vouching | None:
    """What `request` needs besides its own button, locked until the end of the transaction."""
    return Vouching.objects.select_for_update().filter(request=request).first()


@transaction.atomic
def note_mailbox(*, vouching: Vouching, ip: str | None, by: str, now: datetime) -> None:
    """The button was pressed in the new mailbox. Pressed again it stays as it was."""
    if not Vouching.objects.filter(pk=vouching.pk, mailbox_at=None).update(mailbox_at=now):
        return
    vouching.mailbox_at = now
    request = vouching.request
    person = request.person
    add_evidence_of(request, kind=EvidenceKind.MAILBOX, now=now, ip=ip)
    record(deed="consent.mailbox_confirmed", by=by, now=now, subject_kind="person", subject_key=person.key)


@transaction.atomic
def note_vouched(*, vouching: Vouching, ip: str | None, by: str, now: datetime) -> None:
    """Somebody vouched: from the address on file, or a colleague who knows. Said again it stays as it was."""
    if not Vouching.objects.filter(pk=vouching.pk, vouched_at=None).update(vouched_at=now):
        return
    vouching.vouched_at = now
    request = vouching.request
    person = request.person
    from_on_file = not by.startswith("user:")
    add_evidence(
        person_key=person.key,
        kind=EvidenceKind.VOUCHED,
        now=now,
        request=request,
        ip=ip,
        address=vouching.on_file.address if from_on_file and vouching.on_file else "",
    )
    record(
        deed="consent.address_vouched",
        by=by,
        now=now,
        subject_kind="person",
        subject_key=person.key,
        details={"from": "address_on_file" if from_on_file else "colleague"},
    )
