"""Asks at the address on file whether a new one is theirs too, and takes the answer."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from perennial.consent.actions import DAYS_TO_CONFIRM
from perennial.consent.models import ConsentRequest, Vouching
from perennial.consent.vouching import locked_of, need_vouching, note_vouched
from perennial.kernel.links import path_to
from perennial.kernel.text import masked
from perennial.kernel.tokens import LinkPurpose, TokenInvalidError, open_token
from perennial.mail.compose import in_letter, write_answer
from perennial.mail.confirmation import (
    MAILS_A_DAY,
    AskedTooOftenError,
    ConfirmationGone,
    Confirmed,
    Gone,
    grant,
    send_documents,
)
from perennial.mail.enums import Priority
from perennial.mail.models import Message
from perennial.people.models import EmailAddress, Person
from perennial.people.residence import document_language_of
from perennial.people.turns import one_at_a_time
from perennial.programme.queries import current, today

ORIGIN = "mail:vouching"


@transaction.atomic
def ask_for_a_word(*, request: ConsentRequest, on_file: EmailAddress | None, by: str, now: datetime) -> None:
    """From now on the new address of `request` needs a second word: by mail from `on_file`, else from a colleague.

    Raises AskedTooOftenError.
    """
    vouching = need_vouching(request=request, on_file=on_file)
    if on_file is None:
        return
    lately = Message.objects.filter(
        mailing__origin=ORIGIN, address=on_file.address, created_at__gt=now - timedelta(days=1)
    )
    if lately.count() >= MAILS_A_DAY:
        raise AskedTooOftenError
    with translation.override(request.language):
        subject, body = _words(request.person, request.address.address)
    write_answer(
        person=request.person,
        subject=subject,
        body=body,
        language=request.language,
        origin=ORIGIN,
        by=by,
        now=now,
        address=on_file.address,
        link_path=path_to(purpose=LinkPurpose.VOUCH, row=vouching.pk, random=vouching.random),
        priority=Priority.URGENT,
    )


def find(*, token: str, now: datetime) -> Vouching:
    """What `token` would vouch for, for the page that shows the button. Raises ConfirmationGone."""
    try:
        opened = open_token(purpose=LinkPurpose.VOUCH, token=token)
    except TokenInvalidError as error:
        raise ConfirmationGone(Gone.UNKNOWN) from error
    rows = Vouching.objects.select_related("request__person", "request__address", "on_file")
    vouching = rows.filter(pk=opened.row).first()
    if vouching is None:
        # The signature is ours, so it was there once: deleted after seven days, withdrawn, or replaced.
        raise ConfirmationGone(Gone.EXPIRED)
    if not opened.fits(vouching.random):
        raise ConfirmationGone(Gone.UNKNOWN)
    language = vouching.request.language
    if vouching.on_file is None or vouching.request.requested_at <= now - timedelta(days=DAYS_TO_CONFIRM):
        # An address that was taken off the record since vouches for nothing.
        raise ConfirmationGone(Gone.EXPIRED, language)
    if vouching.vouched_at is not None:
        raise ConfirmationGone(Gone.USED, language)
    return vouching


@transaction.atomic
def vouch(*, token: str, ip: str | None, now: datetime) -> Confirmed:
    """The button was pressed at the address on file. Raises ConfirmationGone."""
    vouching = find(token=token, now=now)
    return _vouched(vouching, ip, f"person:{vouching.request.person.key}", now)


@transaction.atomic
def vouch_as_colleague(*, vouching: Vouching, by: str, now: datetime) -> Confirmed:
    """A colleague asked the person by another way, and it is theirs. Raises ConfirmationGone."""
    return _vouched(vouching, None, by, now)


def _vouched(vouching: Vouching, ip: str | None, by: str, now: datetime) -> Confirmed:
    request = vouching.request
    one_at_a_time(person=request.person)
    held = locked_of(request)
    if held is None:
        raise ConfirmationGone(Gone.EXPIRED, request.language)
    note_vouched(vouching=held, ip=ip, by=by, now=now)
    if held.mailbox_at is None:
        return Confirmed(request.person, request.address, [], waits=True)
    if document_language_of(request.person, on=today(now=now)):
        send_documents(request=request, by=by, now=now)
        return Confirmed(request.person, request.address, [], documents=True)
    return grant(request=request, ip=ip, by=by, now=now)


def _words(person: Person, address: str) -> tuple[str, str]:
    """Subject and body; the new address is masked, for who reads this may be somebody else in the house."""
    organisation = current().organisation
    subject = gettext("Is this new address yours?")
    paragraphs = [
        gettext("Hello %(name)s,") % {"name": in_letter(person.called or person.full_name)},
        gettext(
            "On the page of your choices at %(organisation)s a new address was entered for your mail: %(address)s. "
            "If that was you, please say so on the page behind this link:"
        )
        % {"organisation": organisation, "address": in_letter(masked(address))},
        "{link}",
        gettext(
            "Nothing goes to the new address before you do, and after seven days we forget it. If it was not you, "
            "somebody else has the link to your choices: with it they can change what you get from us, and "
            "nothing else."
        ),
        organisation,
    ]
    return subject, "\n\n".join(paragraphs)
