"""The second mail of the double opt-in: asks for a press on a button, and grants when it was pressed.

standards.md 1.3: the confirmation mail goes out only after the person's own request, promotes nothing, is not repeated,
and is confirmed by a POST; a link scanner that follows the link confirms nothing. Request, mail as sent and
confirmation are kept as evidence. Where the person's country asks for a document a purpose, no button grants two of
them: the page behind the link shows one document at a time, and each is agreed to or declined by itself.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import translation
from django.utils.translation import gettext

from perennial.audit.actions import record
from perennial.consent.actions import (
    DAYS_TO_CONFIRM,
    LEAVER,
    RequestGoneError,
    decline_document,
    drop_unconfirmed,
    grant_request,
    set_apart,
)
from perennial.consent.documents import Document, documents_asked, kept_documents
from perennial.consent.enums import EvidenceKind
from perennial.consent.evidence import add_evidence_of
from perennial.consent.models import ConsentRequest, Evidence, LedgerEntry, Vouching
from perennial.consent.vouching import locked_of, note_mailbox
from perennial.contact.actions import end_objection, record_touch
from perennial.contact.enums import Direction, SuppressionScope, TouchKind
from perennial.contact.models import Suppression
from perennial.kernel.keys import fingerprints
from perennial.kernel.links import path_to
from perennial.kernel.purposes import Channel, Purpose
from perennial.kernel.text import masked
from perennial.kernel.tokens import LinkPurpose, TokenInvalidError, open_token
from perennial.mail.compose import in_letter, write_answer
from perennial.mail.enums import ENDED, Priority
from perennial.mail.models import Mailing, Message
from perennial.mail.render import render
from perennial.people.actions import verify_address
from perennial.people.enums import AddressKind, AddressState
from perennial.people.models import EmailAddress, Person
from perennial.people.queries import works_here
from perennial.people.residence import document_language_of
from perennial.people.turns import one_at_a_time
from perennial.programme.queries import current, today

ORIGIN = "mail:confirmation"
ORIGIN_TOLD = "mail:new-address"
# The most confirmation mails that one address gets in a day, whoever types it in.
MAILS_A_DAY = 5


class AskedTooOftenError(Exception):
    """This address had its share of confirmation mails for today."""


class Gone(Enum):
    """Why a confirmation link opens nothing."""

    UNKNOWN = "unknown"  # altered, foreign, or replaced by a newer request
    USED = "used"
    EXPIRED = "expired"  # after seven days, or withdrawn in between


class ConfirmationGone(Exception):  # noqa: N818 - it is an answer, and pages speak of it by this name
    """The link can no longer confirm anything; `kind` says why, `language` is the one it was asked in, if known."""

    def __init__(self, kind: Gone, language: str = "") -> None:
        super().__init__(kind.value)
        self.kind = kind
        self.language = language


class MoreAskedError(Exception):
    """Since the page with the button was shown more was added to the request, or a document reads otherwise."""


@dataclass(frozen=True)
class Confirmed:
    """What a press on the button did. `waits`: nothing yet, until somebody vouches for the address as well.
    `documents`: the address needs nothing more, and nothing holds before the documents are agreed to.
    """

    person: Person
    address: EmailAddress
    entries: list[LedgerEntry]
    waits: bool = False
    documents: bool = False


@transaction.atomic
def ask(*, request: ConsentRequest, by: str, now: datetime) -> Message:
    """Sends the confirmation mail to the very address to be confirmed. Raises AskedTooOftenError."""
    lately = Message.objects.filter(
        mailing__origin=ORIGIN, address=request.address.address, created_at__gt=now - timedelta(days=1)
    ).count()
    if lately >= MAILS_A_DAY:
        raise AskedTooOftenError
    return _send(request, by, now)


def _send(request: ConsentRequest, by: str, now: datetime) -> Message:
    person, address = request.person, request.address.address
    by_documents = bool(document_language_of(person, on=today(now=now)))
    with translation.override(request.language):
        subject, body = _words_of_documents(person) if by_documents else _words(person)
    message = write_answer(
        person=person,
        subject=subject,
        body=body,
        language=request.language,
        origin=ORIGIN,
        by=by,
        now=now,
        address=address,
        link_path=path_to(purpose=LinkPurpose.CONFIRM, row=request.pk, random=request.random),
        priority=Priority.URGENT,
    )
    mail = render(message, reveal=False)
    head = "".join(f"{name}: {value}\n" for name, value in mail.headers.items())
    add_evidence_of(request, kind=EvidenceKind.CONFIRMATION_MAIL, now=now, content=f"{head}\n{mail.text}")
    return message


def find(*, token: str, now: datetime) -> ConsentRequest:
    """The request that `token` would confirm, for the page that shows the button. Raises ConfirmationGone."""
    request = _of_link(token)
    if request.confirmed_at is not None:
        raise ConfirmationGone(Gone.USED, request.language)
    if not _lives(request, now):
        raise ConfirmationGone(Gone.EXPIRED, request.language)
    return request


def agreed_by(*, token: str, now: datetime) -> list[tuple[Evidence, Document]]:
    """The documents agreed to by this link, for whoever agreed: as long as it lives, also once it is used.

    Raises ConfirmationGone.
    """
    request = _of_link(token)
    if not _lives(request, now):
        return []
    # What was set apart was asked at the same moment.
    by_link = {"request__person": request.person, "request__requested_at": request.requested_at}
    return kept_documents(rows=Evidence.objects.filter(person_key=request.person.key, **by_link))


def _lives(request: ConsentRequest, now: datetime) -> bool:
    return request.requested_at > now - timedelta(days=DAYS_TO_CONFIRM)


def _of_link(token: str) -> ConsentRequest:
    """The request a link names, whether it waits or not. Raises ConfirmationGone."""
    try:
        opened = open_token(purpose=LinkPurpose.CONFIRM, token=token)
    except TokenInvalidError as error:
        raise ConfirmationGone(Gone.UNKNOWN) from error
    request = ConsentRequest.objects.select_related("person", "address", "vouching").filter(pk=opened.row).first()
    if request is None:
        # The signature is ours, so it was there once: deleted after seven days, withdrawn, or replaced.
        raise ConfirmationGone(Gone.EXPIRED)
    if not opened.fits(request.random):
        raise ConfirmationGone(Gone.UNKNOWN)
    return request


@transaction.atomic
def confirm(*, token: str, ip: str | None, now: datetime, shown: int | None = None) -> Confirmed:
    """The button was pressed: verifies the address and grants what was asked. Raises ConfirmationGone, MoreAskedError.

    Where the address needs a second word, that waits until it was given. `shown`: the id of the last of what was asked
    that stood above the button; nobody agrees to what they did not see.
    """
    request = find(token=token, now=now)
    by = f"person:{request.person.key}"
    one_at_a_time(person=request.person)
    if shown is not None and request.consents.filter(pk__gt=shown).exists():
        raise MoreAskedError
    vouching = locked_of(request)
    if vouching is not None:
        note_mailbox(vouching=vouching, ip=ip, by=by, now=now)
        if vouching.vouched_at is None:
            return Confirmed(request.person, request.address, [], waits=True)
    if document_language_of(request.person, on=today(now=now)):
        return Confirmed(request.person, request.address, [], documents=True)
    return grant(request=request, ip=ip, by=by, now=now)


def asks_whose_address(request: ConsentRequest) -> bool:
    """Whether a press or a word is missing before documents are shown: they name the person in full."""
    vouching: Vouching | None = getattr(request, "vouching", None)
    return vouching is not None and (vouching.mailbox_at is None or vouching.vouched_at is None)


@transaction.atomic
def settle(
    *, token: str, purpose: str, shown: str, language: str, agrees: bool, ip: str | None, now: datetime
) -> list[LedgerEntry]:
    """A document was agreed to, or declined: that one alone. Returns what was granted.

    `shown` is the checksum of the document that stood above the buttons, with its text in `language`. Raises
    ConfirmationGone, also where this document waits no longer, and MoreAskedError.
    """
    request = find(token=token, now=now)
    person = request.person
    by = f"person:{person.key}"
    one_at_a_time(person=person)
    asked = {each.purpose: each for each in documents_asked(request=request, language=language, now=now)}
    if asks_whose_address(request):
        raise MoreAskedError
    if purpose not in asked:
        raise ConfirmationGone(Gone.USED, request.language)
    if asked[purpose].sha256 != shown:
        raise MoreAskedError
    try:
        if agrees:
            part = set_apart(request=request, purpose=purpose)
            return grant(request=part, ip=ip, by=by, now=now, document=asked[purpose]).entries
        decline_document(request=request, purpose=purpose, by=by, now=now)
    except RequestGoneError as error:
        raise ConfirmationGone(Gone.USED, request.language) from error
    return []


@transaction.atomic
def send_documents(*, request: ConsentRequest, by: str, now: datetime) -> Message:
    """Mails the link to the documents once more: the word for the address came last, and was given elsewhere.

    Once a request, so whoever types addresses fills no mailbox by it.
    """
    return _send(request, by, now)


@transaction.atomic
def grant(
    *, request: ConsentRequest, ip: str | None, by: str, now: datetime, document: Document | None = None
) -> Confirmed:
    """All that `request` needed is there: its address is verified, and what it asked for holds.

    Raises ConfirmationGone, and consent's DocumentMissingError.
    """
    person, address = request.person, request.address
    tells_others = address.source == LEAVER and address.verified_at is None
    try:
        entries = grant_request(request=request, ip=ip, by=by, now=now, document=document)
    except RequestGoneError as error:
        raise ConfirmationGone(Gone.USED, request.language) from error
    verify_address(address=address, by=by, now=now)
    end_objection(person=person, by=by, now=now)
    # A mail that went there was read, so whatever came back from this address once no longer holds.
    marks = fingerprints(address.address)
    lifted, _ = Suppression.objects.filter(fingerprint__in=marks, scope=SuppressionScope.MAIL).delete()
    if lifted:
        record(deed="contact.suppression_lifted", by=by, now=now, subject_kind="person", subject_key=person.key)
    record_touch(
        person=person,
        at=now,
        direction=Direction.THEIRS,
        kind=TouchKind.ADDRESS_CONFIRMED,
        purpose=Purpose.SERVICE,
        channel=Channel.EMAIL,
        origin=f"confirmation:{request.pk}",
    )
    if tells_others:
        _tell_others(person, address, request.language, by, now)
    return Confirmed(person, address, entries)


def _tell_others(person: Person, address: EmailAddress, language: str, by: str, now: datetime) -> None:
    """Says at the business mailbox, and at what HR has on file, that a new address holds: whose link was used by
    somebody else hears of it there.
    """
    known = ~Q(source=LEAVER) | Q(verified_at__isnull=False)
    others = EmailAddress.objects.filter(known, person=person).exclude(Q(pk=address.pk) | Q(state=AddressState.DEAD))
    if not works_here(person, day=today(now=now)):
        # Whoever has that mailbox now is somebody else.
        others = others.exclude(kind=AddressKind.BUSINESS)
    with translation.override(language):
        subject, body = _words_to_others(person, address.address)
    for other in others.order_by("pk"):
        write_answer(
            person=person,
            subject=subject,
            body=body,
            language=language,
            origin=ORIGIN_TOLD,
            by=by,
            now=now,
            address=other.address,
        )


def _words_to_others(person: Person, address: str) -> tuple[str, str]:
    """Subject and body; the new address is masked, for who reads this may be somebody else."""
    organisation = current().organisation
    paragraphs = [
        gettext("Hello %(name)s,") % {"name": in_letter(person.called or person.full_name)},
        gettext("From now on what %(organisation)s sends you privately goes to %(address)s, which was confirmed there.")
        % {"organisation": organisation, "address": in_letter(masked(address))},
        gettext("If that was not you, write back to us within fourteen days: somebody else has your link."),
        organisation,
    ]
    return gettext("A new address was confirmed for you"), "\n\n".join(paragraphs)


@transaction.atomic
def forget_unconfirmed(*, now: datetime) -> int:
    """Deletes what nobody confirmed in seven days: requests, addresses, and the mails that went to those addresses.

    Returns how many requests. Whose address it was that somebody mistyped, it is not with us any more.
    """
    dropped = drop_unconfirmed(now=now)
    on_file = EmailAddress.objects.filter(person=OuterRef("person"), address=OuterRef("address"))
    strays = Message.objects.filter(
        mailing__origin=ORIGIN, created_at__lte=now - timedelta(days=DAYS_TO_CONFIRM), state__in=ENDED
    ).exclude(Exists(on_file))
    Mailing.objects.filter(messages__in=strays).delete()
    return dropped


def _words(person: Person) -> tuple[str, str]:
    """Subject and body; nothing in them but the question (a confirmation that promotes would be advertising itself)."""
    organisation = current().organisation
    subject = gettext("Please confirm your address")
    paragraphs = [
        gettext("Hello %(name)s,") % {"name": in_letter(person.called or person.full_name)},
        gettext(
            "On the page of %(organisation)s this address was entered, with what we may send to it. "
            "If that was you, please confirm it on the page behind this link:"
        )
        % {"organisation": organisation},
        "{link}",
        gettext(
            "Nothing is sent before you confirm. The link works for seven days; after that we delete what was entered. "
            "If it was not you, there is nothing you need to do."
        ),
        organisation,
    ]
    return subject, "\n\n".join(paragraphs)


def _words_of_documents(person: Person) -> tuple[str, str]:
    """The same where each purpose is agreed to by a document of its own."""
    organisation = current().organisation
    paragraphs = [
        gettext("Hello %(name)s,") % {"name": in_letter(person.called or person.full_name)},
        gettext(
            "On the page of %(organisation)s this address was entered, with what we may send to it. If that was you, "
            "please read the documents on the page behind this link. There is one for each purpose, and you agree to "
            "each or decline it by itself:"
        )
        % {"organisation": organisation},
        "{link}",
        gettext(
            "Nothing is sent before you agree. The link works for seven days; after that we delete what was entered. "
            "If it was not you, there is nothing you need to do."
        ),
        organisation,
    ]
    return gettext("Your documents"), "\n\n".join(paragraphs)
