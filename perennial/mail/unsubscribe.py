"""Stopping mails from the mail itself: by one click (RFC 8058) or on the page that the same link opens."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from perennial.consent.actions import withdraw
from perennial.consent.enums import EvidenceKind, Means
from perennial.consent.evidence import add_evidence
from perennial.consent.models import LedgerEntry
from perennial.contact.actions import record_touch
from perennial.contact.enums import Direction, TouchKind
from perennial.kernel.purposes import Channel, Purpose
from perennial.kernel.tokens import LinkPurpose, TokenInvalidError, open_token
from perennial.mail.models import Message
from perennial.mail.queue import let_go
from perennial.people.models import Person


class UnsubscribeUnknownError(Exception):
    """The token is altered or foreign, or what it names is no longer here: there is nothing left to stop."""


@dataclass(frozen=True)
class Unsubscribed:
    """What was stopped: how many consents were withdrawn by this very press (none when it was pressed before)."""

    person: Person
    purpose: Purpose
    withdrawn: int


def find(*, token: str) -> Message:
    """The mail whose unsubscribe link this is, for the page that a GET shows. Raises UnsubscribeUnknownError."""
    try:
        opened = open_token(purpose=LinkPurpose.UNSUBSCRIBE, token=token)
    except TokenInvalidError as error:
        raise UnsubscribeUnknownError from error
    message = Message.objects.select_related("mailing", "person").filter(pk=opened.row).first()
    if message is None or message.person is None or not opened.fits(message.random):
        raise UnsubscribeUnknownError
    return message


@transaction.atomic
def one_click(*, token: str, ip: str | None, now: datetime) -> Unsubscribed:
    """Withdraws the purpose of that mail, by e-mail, at once; as often as pressed. Raises UnsubscribeUnknownError."""
    message = find(token=token)
    person, purpose = message.person, Purpose(message.mailing.purpose)
    if person is None:  # pragma: no cover - find() has asked already; this tells the type checker
        raise UnsubscribeUnknownError
    withdrawn = withdraw(
        person=person,
        means=Means.ONE_CLICK,
        by=f"person:{person.key}",
        now=now,
        purposes=[purpose],
        channels=[Channel.EMAIL],
    )
    if withdrawn:
        ended = LedgerEntry.objects.filter(consentstate__person=person, consentstate__purpose=purpose)
        add_evidence(
            person_key=person.key,
            kind=EvidenceKind.ONE_CLICK,
            now=now,
            entries=list(ended.filter(consentstate__channel=Channel.EMAIL)),
            ip=ip,
            address=message.address,
        )
        record_touch(
            person=person,
            at=now,
            direction=Direction.THEIRS,
            kind=TouchKind.PREFERENCES,
            purpose=purpose,
            channel=Channel.EMAIL,
            origin=f"unsubscribe:{message.pk}:{now:%Y%m%d%H%M%S}",
        )
        let_go(person=person)
    return Unsubscribed(person, purpose, withdrawn)
