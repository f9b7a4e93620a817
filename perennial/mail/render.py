"""Turns a message into what its recipient reads."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import format_datetime
from functools import cached_property, lru_cache
from urllib.parse import quote

from django.utils import translation
from django.utils.translation import gettext, pgettext

from perennial.consent.models import Preference
from perennial.kernel import clock
from perennial.kernel.links import PATHS, absolute, path_to
from perennial.kernel.purposes import Purpose
from perennial.kernel.text import one_line
from perennial.kernel.tokens import LinkPurpose, digits
from perennial.mail.claimed import Claimed
from perennial.mail.compose import sender_address
from perennial.mail.layout import LINK, Footer, FooterLink, html_parts, text_parts
from perennial.mail.mime import mail_bytes, wire_address
from perennial.mail.models import Mailing, Message
from perennial.programme.models import Programme
from perennial.programme.queries import current

# Mailings from here hold codes and links for signing in; their words are never shown.
HIDDEN_ORIGIN = "accounts"
# The code to somebody's own page. It stands in no row: it follows from the message's random and the signing key, so
# that neither the outbox nor a copy of the data can show it.
CODE_ORIGIN = "privacy:code"
CODE = "{code}"
HIDDEN = "•••"


@dataclass(frozen=True)
class Letterhead:
    """What is the same on every mail of a batch: who sends, and when."""

    organisation: str
    organisation_and_address: str
    sender_address: str
    date: str
    # By person: the path of the page where they change what they get.
    preferences: Mapping[int, str] = field(default_factory=dict)

    @cached_property
    def domain(self) -> str:
        return self.sender_address.rpartition("@")[2]

    @cached_property
    def unsubscribe_by_mail(self) -> str:
        # People read that mailbox; the other way needs nobody.
        return f"<mailto:{quote(self.sender_address, '@')}?subject=unsubscribe>"


@dataclass
class Rendered:
    """A mail as its recipient gets it. `to` and `reply_to` are bare addresses, `from_` is 'Name <address>'."""

    to: str
    from_: str
    reply_to: str
    subject: str
    # As a person reads them, not as they go over the wire.
    headers: dict[str, str]
    # Name and address apart, for the headers that hold both.
    boxes: dict[str, tuple[str, str]]
    text_parts: list[str]
    html_parts: list[str]
    # A calendar file, or nothing.
    calendar: str = ""

    @property
    def text(self) -> str:
        return "".join(self.text_parts)

    @property
    def html(self) -> str:
        return "".join(self.html_parts)

    @property
    def envelope(self) -> tuple[str, str]:
        """The addresses that the mail server is told: from and to. Raises AddressUnfitError."""
        return wire_address(self.boxes["From"][1]), wire_address(self.to)

    def as_bytes(self, *, boundary: str) -> bytes:
        """The mail as it goes over the wire. Raises AddressUnfitError, HeaderUnfitError."""
        return mail_bytes(
            headers=self.headers,
            boxes=self.boxes,
            text=self.text_parts,
            html=self.html_parts,
            calendar=self.calendar,
            boundary=boundary,
        )


def letterhead(
    *, messages: Iterable[Message | Claimed] = (), programme: Programme | None = None, at: datetime | None = None
) -> Letterhead:
    """The letterhead for a batch; makes the preference links of all its people in two statements."""
    programme = programme or current()
    organisation = one_line(programme.organisation) or "Perennial"
    lines = [one_line(line) for line in programme.postal_address.splitlines()]
    people = {
        message.person_id
        for message in messages
        if message.person_id is not None and message.mailing.purpose != Purpose.SERVICE
    }
    return Letterhead(
        organisation=organisation,
        organisation_and_address=", ".join(filter(None, [organisation, *lines])),
        sender_address=sender_address(programme),
        date=format_datetime(at or clock.now()),
        preferences=preference_paths(people),
    )


def preferences_path(preference: Preference) -> str:
    """The path of somebody's preference page. Secret."""
    return _preferences_path(preference.pk, preference.link_random)


def unsubscribe_path(message: Message | Claimed) -> str:
    """The path that ends this purpose by one click (POST) or shows how (GET). Secret."""
    return path_to(purpose=LinkPurpose.UNSUBSCRIBE, row=message.pk, random=message.random)


def content_of(message: Message | Claimed) -> dict[str, str]:
    """Subject and body in the message's language, or in the one there is."""
    contents: dict[str, dict[str, str]] = message.mailing.contents
    return contents.get(message.language) or next(iter(contents.values()))


def render(message: Message | Claimed, *, reveal: bool, head: Letterhead | None = None) -> Rendered:
    """The mail to this recipient. Without `reveal` nothing secret is in it: links, codes and unsubscribe addresses."""
    if head is None:
        head = letterhead(messages=[message], at=message.done_at if isinstance(message, Message) else None)
    mailing, content = message.mailing, content_of(message)
    subject, body = content["subject"], content["body"]
    if mailing.origin == HIDDEN_ORIGIN and not reveal:
        body = _words(message.language).secret
    if mailing.origin == CODE_ORIGIN:
        body = body.replace(CODE, digits(message.random) if reveal else HIDDEN)
    link = button = ""
    if message.link_path:
        link, button = _shown(message.link_path, reveal), _button(message.link_path, message.language)
        if LINK not in body:
            body = f"{body}\n\n{LINK}"
    footer, unsubscribe = None, ""
    if mailing.purpose != Purpose.SERVICE:
        unsubscribe = _shown(unsubscribe_path(message), reveal)
        footer = _footer(message, head, unsubscribe, reveal)
    boxes = {
        "From": (mailing.sender_name or head.organisation, head.sender_address),
        "To": (message.recipient_name, message.address),
    }
    if mailing.reply_to:
        boxes["Reply-To"] = (mailing.sender_name, mailing.reply_to)
    if footer:
        boxes["List-Id"] = (head.organisation, f"{mailing.purpose}.{head.domain}")
    headers = {header: _named(*box) for header, box in boxes.items()}
    headers["Subject"] = subject
    headers["Date"] = head.date
    headers["Message-ID"] = f"<{message.message_id}>"
    headers["Content-Language"] = message.language
    if mailing.automatic:
        headers["Auto-Submitted"] = "auto-generated"
    if footer:
        # RFC 8058 asks for both, and that the signature of whoever signs covers them.
        headers["List-Unsubscribe"] = f"<{unsubscribe}>, {head.unsubscribe_by_mail}"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return Rendered(
        to=message.address,
        from_=headers["From"],
        reply_to=mailing.reply_to,
        subject=subject,
        headers=headers,
        boxes=boxes,
        text_parts=text_parts(body=body, link=link, footer=footer),
        html_parts=html_parts(
            body=body, subject=subject, language=message.language, link=link, button=button, footer=footer
        ),
        calendar=content.get("calendar", ""),
    )


def samples(mailing: Mailing) -> dict[str, Rendered]:
    """What whoever gets it will read, by language, before anybody does: to nobody, and with nothing that opens."""
    # Everybody who gets it has such a page.
    head = replace(letterhead(), preferences={0: path_to(purpose=LinkPurpose.PREFERENCES, row=0, random="")})
    return {
        language: render(Message(pk=0, person_id=0, mailing=mailing, language=language), reveal=False, head=head)
        for language in mailing.contents
    }


@dataclass(frozen=True)
class _Words:
    """The fixed sentences of a mail in one language, looked up once a process."""

    sent_by: str
    written_by: str
    why: str
    preferences: str
    unsubscribe: str
    secret: str
    purposes: Mapping[str, str]
    buttons: Mapping[str, str]


@lru_cache(maxsize=32)
def _words(language: str) -> _Words:
    with translation.override(language):
        return _Words(
            sent_by=gettext("This letter comes from %(organisation)s."),
            written_by=gettext("%(sender)s writes to you for %(organisation)s."),
            why=gettext("You get it because you agreed to '%(purpose)s' by e-mail."),
            preferences=gettext("Change what we send you"),
            unsubscribe=gettext("Stop these mails"),
            secret=gettext("This mail holds a code or a link for signing in, so its words are not shown here."),
            purposes={purpose.value: str(purpose.label) for purpose in Purpose},
            buttons={
                LinkPurpose.LEAVER: pgettext("button in a mail", "Open your page"),
                LinkPurpose.CONFIRM: pgettext("button in a mail", "Confirm"),
                LinkPurpose.PREFERENCES: pgettext("button in a mail", "Open your preferences"),
                LinkPurpose.OWN: pgettext("button in a mail", "Open your own page"),
                LinkPurpose.INVITE: pgettext("button in a mail", "Accept the invitation"),
                "": pgettext("button in a mail", "Open the page"),
            },
        )


_PURPOSE_OF_PREFIX = {path.partition("/")[0]: purpose for purpose, path in PATHS.items()}


def _button(link_path: str, language: str) -> str:
    """What stands on the button that opens a signed page."""
    buttons = _words(language).buttons
    return buttons.get(_PURPOSE_OF_PREFIX.get(_first_of(link_path), ""), buttons[""])


def _footer(message: Message | Claimed, head: Letterhead, unsubscribe: str, reveal: bool) -> Footer:
    """Who sends, why, and the two ways out."""
    words = _words(message.language)
    path = head.preferences.get(message.person_id or 0)
    ways_out = [FooterLink(words.preferences, _shown(path, reveal))] if path else []
    who, why = _sentences(
        message.language, message.mailing.purpose, message.mailing.sender_name, head.organisation_and_address
    )
    return Footer((who, why), (*ways_out, FooterLink(words.unsubscribe, unsubscribe)))


@lru_cache(maxsize=256)
def _sentences(language: str, purpose: str, sender: str, organisation: str) -> tuple[str, str]:
    words = _words(language)
    who = words.written_by if sender else words.sent_by
    return (
        who % {"sender": sender, "organisation": organisation},
        words.why % {"purpose": words.purposes[purpose]},
    )


def _shown(path: str, reveal: bool) -> str:
    """The whole address of a signed path, or the same with its secret part hidden."""
    return absolute(path if reveal else f"/{_first_of(path)}/{HIDDEN}/")


def _first_of(path: str) -> str:
    return path.lstrip("/").partition("/")[0]


def preference_paths(people: set[int]) -> dict[int, str]:
    """The path of each one's preference page, by person id; rows that are missing are made. Secret."""
    if not people:
        return {}
    rows = list(_preferences(people))
    missing = people - {person for person, _, _ in rows}
    if missing:
        Preference.objects.bulk_create((Preference(person_id=person) for person in missing), ignore_conflicts=True)
        rows += _preferences(missing)
    return {person: _preferences_path(row, random) for person, row, random in rows}


def _preferences(people: set[int]) -> Iterable[tuple[int, int, str]]:
    return Preference.objects.filter(person__among=people).values_list("person_id", "pk", "link_random")


def _preferences_path(row: int, random: str) -> str:
    return path_to(purpose=LinkPurpose.PREFERENCES, row=row, random=random)


def _named(name: str, address: str) -> str:
    """'Name <address>' for the eye, or what there is of both."""
    return f"{name} <{address}>" if name and address else name or address
