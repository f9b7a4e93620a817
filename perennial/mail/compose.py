"""Writes messages: as drafts that somebody looks at, or straight into the queue."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db import transaction

from perennial.audit.actions import record
from perennial.kernel.keys import new_key
from perennial.kernel.links import host
from perennial.kernel.purposes import Intent, Purpose
from perennial.kernel.text import one_line
from perennial.mail.enums import MessageState, Priority
from perennial.mail.models import Mailing, Message
from perennial.people.actions import normal_address
from perennial.people.models import Person
from perennial.programme.models import Programme, Topic
from perennial.programme.queries import current
from perennial.programme.topics import fitting

SUBJECT_LENGTH = 250
NAME_LENGTH = 200
# What a plain text must not hold: control characters other than line end and tab, halves of surrogate pairs.
_UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_LINE_ENDS = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")


class RecipientMissingError(ValueError):
    """What needs consent goes to a person; without one the door cannot be asked."""


class MessageNotDraftError(Exception):
    """The message has left the draft state; its words are frozen."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """What is to be written to one recipient. Without `address` the door picks one when it is sent.

    `body` is plain text, paragraphs with an empty line between; `{link}` in it stands for the address of `link_path`.
    `origin` says what wrote it, and after a stroke about what: 'farewell:manager/KEY'.
    """

    person: Person | None
    purpose: Purpose
    intent: Intent
    subject: str
    body: str
    language: str
    origin: str
    sender_name: str = ""
    reply_to: str = ""
    address: str = ""
    recipient_name: str = ""
    link_path: str = ""
    # A calendar file (RFC 5545, with its METHOD) that goes with the words.
    calendar: str = ""
    automatic: bool = False
    answer: bool = False
    # What it is about: a topic of its purpose.
    topic: Topic | None = None
    state: MessageState = MessageState.QUEUED
    not_before: datetime | None = None
    priority: Priority = Priority.ORDINARY


def language_of(person: Person, *, programme: Programme | None = None) -> str:
    """In which of our languages a letter to `person` is: theirs, else the programme's, else English.

    `programme`: when the caller has it at hand.
    """
    ours = dict(settings.LANGUAGES)
    if person.language in ours:
        return person.language
    usual = (programme or current()).language
    return usual if usual in ours else "en"


def write_answer(
    *,
    person: Person | None,
    subject: str,
    body: str,
    language: str,
    origin: str,
    by: str,
    now: datetime,
    address: str,
    link_path: str = "",
    priority: Priority = Priority.ORDINARY,
) -> Message:
    """Answers by itself what somebody did, at `address`: a confirmation, a code, a fresh link. Raises as `write`."""
    return write(
        person=person,
        purpose=Purpose.SERVICE,
        intent=Intent.NEUTRAL,
        subject=subject,
        body=body,
        language=language,
        origin=origin,
        by=by,
        now=now,
        address=address,
        link_path=link_path,
        automatic=True,
        answer=True,
        priority=priority,
    )


def write(
    *,
    person: Person | None,
    purpose: Purpose,
    intent: Intent,
    subject: str,
    body: str,
    language: str,
    origin: str,
    by: str,
    now: datetime,
    sender_name: str = "",
    reply_to: str = "",
    address: str = "",
    recipient_name: str = "",
    link_path: str = "",
    calendar: str = "",
    automatic: bool = False,
    answer: bool = False,
    topic: Topic | None = None,
    state: MessageState = MessageState.QUEUED,
    not_before: datetime | None = None,
    priority: Priority = Priority.ORDINARY,
) -> Message:
    """Writes one letter: a mailing of one. Raises RecipientMissingError, AddressUnusableError,
    TopicOfOtherPurposeError.

    `answer`: the person asked for it, so that it also goes where we would not write by ourselves.
    """
    letter = Letter(
        person=person,
        purpose=purpose,
        intent=intent,
        subject=subject,
        body=body,
        language=language,
        origin=origin,
        sender_name=sender_name,
        reply_to=reply_to,
        address=address,
        recipient_name=recipient_name,
        link_path=link_path,
        calendar=calendar,
        automatic=automatic,
        answer=answer,
        topic=topic,
        state=state,
        not_before=not_before,
        priority=priority,
    )
    return write_all(letters=[letter], by=by, now=now)[0]


@transaction.atomic
def write_all(*, letters: Sequence[Letter], by: str, now: datetime) -> list[Message]:
    """Writes many letters, each a mailing of one, with a constant number of statements.

    Raises RecipientMissingError, AddressUnusableError; then nothing is written.
    """
    if not letters:
        return []
    domain = sender_domain(current())
    mailings = Mailing.objects.bulk_create([_mailing(letter, by, now) for letter in letters], batch_size=500)
    messages = Message.objects.bulk_create(
        [_message(letter, mailing, domain, now) for letter, mailing in zip(letters, mailings, strict=True)],
        batch_size=500,
    )
    # What stands after the stroke may name somebody, and the audit trail outlives their erasure.
    counts = Counter(letter.origin.partition("/")[0] for letter in letters)
    only = letters[0].person if len(letters) == 1 else None
    record(
        deed="mail.written",
        by=by,
        now=now,
        subject_kind="person" if only else "",
        subject_key=only.key if only else "",
        details={"origins": counts},
    )
    return messages


class Recipient(NamedTuple):
    """Somebody who gets what many get, and in which of its languages."""

    person_id: int
    name: str
    language: str


@transaction.atomic
def open_mailing(
    *,
    purpose: Purpose,
    intent: Intent,
    contents: Mapping[str, Mapping[str, str]],
    origin: str,
    sender_name: str,
    reply_to: str,
    by: str,
    now: datetime,
    topic: Topic | None = None,
) -> Mailing:
    """What many are told in the same words, which a human wrote: `{"nl": {"subject", "body"}}`, frozen.

    Nobody gets it yet: that is for `address_to` to say. Raises AddressUnusableError, TopicOfOtherPurposeError.
    """
    return Mailing.objects.create(
        purpose=Purpose(purpose),
        topic=fitting(topic, purpose),
        intent=Intent(intent),
        origin=origin,
        sender_name=_name(sender_name, NAME_LENGTH),
        reply_to=normal_address(reply_to),
        contents={language: words(**content) for language, content in contents.items()},
        created_at=now,
        created_by=by,
        frozen_at=now,
    )


@transaction.atomic
def address_to(
    *, mailing: Mailing, recipients: Iterable[Recipient], not_before: datetime, by: str, now: datetime
) -> int:
    """Queues `mailing` for these people, with a constant number of statements. Whoever has it keeps the one they have.

    The door picks the address when it is sent. Returns how many recipients were given.
    """
    domain = sender_domain(current())
    messages = [
        Message(
            mailing=mailing,
            person_id=each.person_id,
            recipient_name=_name(each.name, 300),
            language=each.language,
            state=MessageState.QUEUED,
            not_before=not_before,
            message_id=_message_id(domain),
            created_at=now,
        )
        for each in recipients
    ]
    if messages:
        Message.objects.bulk_create(messages, batch_size=500, ignore_conflicts=True)
        record(
            deed="mail.written", by=by, now=now, details={"origins": {mailing.origin.partition("/")[0]: len(messages)}}
        )
    return len(messages)


@transaction.atomic
def edit(*, message: Message, subject: str, body: str, by: str, now: datetime) -> Message:
    """Changes the words of a draft. Raises MessageNotDraftError once it was sent off or put aside."""
    held = Message.objects.select_for_update(of=("self",)).select_related("mailing").get(pk=message.pk)
    if held.state != MessageState.DRAFT:
        raise MessageNotDraftError
    held.mailing.contents[held.language] = words(subject=subject, body=body)
    held.mailing.save(update_fields=["contents"])
    record(deed="mail.edited", by=by, now=now, subject_kind="message", subject_key=str(held.pk))
    return held


def words(*, subject: str, body: str) -> dict[str, str]:
    """Subject and body as they are kept: nothing in them can reach a header or break the text."""
    return {"subject": one_line(_UNFIT.sub("", subject))[:SUBJECT_LENGTH], "body": plain_text(body)}


def plain_text(text: str) -> str:
    """`text` with line feeds as the only line ends and without characters that have no place in a letter."""
    return _UNFIT.sub("", _LINE_ENDS.sub("\n", text)).strip("\n")


def in_letter(name: str) -> str:
    """A name as it may stand in a letter: on one line, and able to pass neither for the place of the link nor for one.

    Whoever chooses a name could otherwise have us mail links of theirs.
    """
    return one_line(name).replace("{", "(").replace("}", ")").replace("://", ": //")


def sender_address(programme: Programme) -> str:
    """The address mail comes from; before the programme has one, a name at this installation's host."""
    return programme.sender_address or f"perennial@{host()}"


def sender_domain(programme: Programme) -> str:
    return sender_address(programme).rpartition("@")[2]


def _mailing(letter: Letter, by: str, now: datetime) -> Mailing:
    calendar = {"calendar": letter.calendar} if letter.calendar else {}
    return Mailing(
        purpose=Purpose(letter.purpose),
        topic=fitting(letter.topic, letter.purpose),
        intent=Intent(letter.intent),
        origin=letter.origin,
        sender_name=_name(letter.sender_name, NAME_LENGTH),
        reply_to=normal_address(letter.reply_to) if letter.reply_to else "",
        automatic=letter.automatic,
        answer=letter.answer,
        contents={letter.language: words(subject=letter.subject, body=letter.body) | calendar},
        created_at=now,
        created_by=by,
        frozen_at=None if letter.state == MessageState.DRAFT else now,
    )


def _message(letter: Letter, mailing: Mailing, domain: str, now: datetime) -> Message:
    if letter.person is None and (letter.purpose != Purpose.SERVICE or not letter.address):
        raise RecipientMissingError
    name = letter.recipient_name or (letter.person.full_name if letter.person else "")
    return Message(
        mailing=mailing,
        person=letter.person,
        address=normal_address(letter.address) if letter.address else "",
        recipient_name=_name(name, 300),
        language=letter.language,
        link_path=letter.link_path,
        state=MessageState(letter.state),
        priority=letter.priority,
        not_before=letter.not_before or (None if letter.state == MessageState.DRAFT else now),
        message_id=_message_id(domain),
        created_at=now,
    )


def _message_id(domain: str) -> str:
    return f"{new_key()}.{new_key()}@{domain}"


def _name(name: str, length: int) -> str:
    return one_line(_UNFIT.sub("", name))[:length]
