"""What a person says we may do: the relation screen, and later the page of preferences.

Nothing agreed to holds before it is confirmed from the mailbox; what is withdrawn ends at once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from perennial.audit.actions import record
from perennial.audit.models import Event
from perennial.consent.actions import LEAVER, add_to_request, change_preferences, request_consents, withdraw
from perennial.consent.enums import Means
from perennial.consent.models import ConsentRequest, RequestedConsent
from perennial.consent.queries import granted
from perennial.contact.actions import record_touch
from perennial.contact.enums import Direction, SuppressionScope, TouchKind
from perennial.contact.models import Suppression
from perennial.departures.enums import DepartureState
from perennial.departures.invitations import withdraw_invitations
from perennial.departures.models import Departure, RelationAnswer
from perennial.kernel.purposes import CONSENT_PURPOSES, Channel, Purpose
from perennial.mail.confirmation import AskedTooOftenError, ask
from perennial.mail.queue import let_go
from perennial.mail.vouching import ask_for_a_word
from perennial.people.actions import add_address, correct_person, normal_address, refresh_search_text
from perennial.people.enums import AddressKind, AddressState
from perennial.people.models import EmailAddress, Person
from perennial.programme.queries import current, today

# Confirmation mails a day and person: the page must not serve to fill somebody else's mailbox.
CONFIRMATIONS_A_DAY = 5
# For so long the mail that went out is fresh in the mailbox: what is ticked in the meantime is confirmed with it.
ONE_VISIT = timedelta(hours=1)


class AddressMissingError(Exception):
    """Something was agreed to, but there is no private address to confirm it from."""


class BusinessAddressError(Exception):
    """The address given for staying in touch is the business one, which ends with the last day."""


class TooManyRequestsError(Exception):
    """Enough confirmation mails went out today on behalf of this person."""


@dataclass(frozen=True, kw_only=True)
class Relation:
    """A screen as submitted. No purposes means: nothing, thank you.

    `shown_in` is the language in which the sentences stood on the page; `language` the one wished for from now on.
    """

    purposes: Sequence[str]
    channels: Sequence[str]
    frequency: str
    language: str
    private_email: str
    shown_in: str
    # The purposes and channels that go together; None is every purpose by every channel.
    only: frozenset[tuple[str, str]] | None = None


@transaction.atomic
def submit_relation(*, departure: Departure, relation: Relation, ip: str | None, by: str, now: datetime) -> bool:
    """Takes the relation screen: asks for confirmation by mail, or thanks for the no. Returns whether a mail went out.

    What is submitted last counts: it replaces what waits for confirmation, and withdraws at once what was agreed to
    earlier and is not ticked any more.

    Raises AddressMissingError, BusinessAddressError, TooManyRequestsError, people's AddressUnusableError.
    """
    locked = Departure.objects.select_for_update(of=("self",)).select_related("person").get(pk=departure.pk)
    person = locked.person
    _speak(person, relation.language, by, now)
    agreed = bool(relation.purposes)
    RelationAnswer.objects.update_or_create(departure=locked, defaults={"submitted_at": now, "agreed": agreed})
    dropped = {purpose for purpose, _channel in granted(person=person)} - set(relation.purposes)
    if dropped or not agreed:
        withdraw(person=person, means=Means.PREFERENCES, by=by, now=now, purposes=sorted(dropped) if agreed else None)
    if agreed:
        _ask_to_confirm(
            person, relation, relation.purposes, relation.channels, frequency=relation.frequency, ip=ip, by=by, now=now
        )
    _forget_unconfirmed_addresses(person)
    record_touch(
        person=person,
        at=now,
        direction=Direction.THEIRS,
        kind=TouchKind.RELATION_ANSWERED,
        purpose=Purpose.SERVICE,
        origin=f"departure:{locked.key}/relation",
    )
    record(
        deed="departures.relation_answered",
        by=by,
        now=now,
        subject_kind="person",
        subject_key=person.key,
        details={"agreed": agreed},
    )
    let_go(person=person)
    return agreed


class Confirmation(Enum):
    """What it takes before something new holds."""

    NOTHING = "nothing"  # nothing is new
    MAILBOX = "mailbox"  # a press on the button in the mail that went to the address
    BOTH = "both"  # and one in the mail that went to the address on file
    COLLEAGUE = "colleague"  # and, as nothing on file works any more, the word of a colleague


@dataclass(frozen=True)
class Changed:
    """What came of a visit to the preference page: what ended, and what it takes to confirm what is new."""

    withdrawn: int
    confirmation: Confirmation

    @property
    def asked(self) -> bool:
        return self.confirmation is not Confirmation.NOTHING


@transaction.atomic
def change_relation(
    *,
    person: Person,
    relation: Relation,
    not_now_until: date | bool | None,
    ip: str | None,
    by: str,
    now: datetime,
) -> Changed:
    """Takes the preference page as submitted: less holds at once, more is asked to be confirmed by mail.

    A purpose or channel that stays as it was stays as it is: somebody who agreed to notes by phone and news by mail is
    not asked about news by phone. A new address is confirmed with all that is ticked, and needs a second word: whoever
    was handed the link could else lead the letters to a mailbox of their own. What is ticked one by one within an hour
    is confirmed by one mail. `not_now_until=False` leaves the pause as it is; None ends it.

    Raises AddressMissingError, BusinessAddressError, TooManyRequestsError, people's AddressUnusableError.
    """
    # Without the key, so that a worker may write down a contact with them meanwhile.
    person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    _speak(person, relation.language, by, now)
    before = granted(person=person)
    waiting = {(consent.purpose, consent.channel) for consent in waiting_consents(person=person)}
    purposes, channels = set(relation.purposes), set(relation.channels) or {str(Channel.EMAIL)}
    dropped_purposes = {purpose for purpose, _channel in before | waiting} - purposes
    dropped_channels = {channel for _purpose, channel in before | waiting} - channels
    withdrawn = 0
    if dropped_purposes:
        withdrawn += withdraw(person=person, means=Means.PREFERENCES, by=by, now=now, purposes=sorted(dropped_purposes))
    if dropped_channels:
        withdrawn += withdraw(person=person, means=Means.PREFERENCES, by=by, now=now, channels=sorted(dropped_channels))
    asked = purposes - {purpose for purpose, _channel in before}
    if relation.private_email or channels - {channel for _purpose, channel in before}:
        asked = purposes
    wanted = {(purpose, channel) for purpose in asked for channel in channels}
    if relation.only is not None:
        wanted &= relation.only
    if not wanted or (wanted <= waiting and not relation.private_email):
        asked = set()
    confirmation = Confirmation.NOTHING
    if asked and _joins_what_waits(person, relation, asked, channels, ip=ip, by=by, now=now):
        confirmation = Confirmation.MAILBOX
    elif asked:
        confirmation = _ask_to_confirm(
            person,
            relation,
            sorted(asked),
            sorted(channels),
            frequency="",
            ip=ip,
            by=by,
            now=now,
            known_by_link_alone=True,
        )
    change_preferences(person=person, frequency=relation.frequency or None, not_now_until=not_now_until, by=by, now=now)
    _forget_unconfirmed_addresses(person)
    _note_preferences(person, now)
    let_go(person=person)
    return Changed(withdrawn, confirmation)


@transaction.atomic
def leave(*, person: Person, by: str, now: datetime) -> None:
    """Ends everything at once. The record stays as HR's; nothing that needs consent is sent any more.

    An exit invitation that has not left is withdrawn too: where a departure stands open, leaving answers it.
    """
    withdraw(person=person, means=Means.PREFERENCES, by=by, now=now)
    standing = Departure.objects.select_for_update(of=("self",)).filter(
        person=person, state__in=[DepartureState.OPEN, DepartureState.QUESTION]
    )
    for departure in standing.order_by("pk"):
        # Who agreed on the leaver's page and left later did agree then, and the figures say so.
        RelationAnswer.objects.get_or_create(departure=departure, defaults={"submitted_at": now, "agreed": False})
    withdraw_invitations(departures=Departure.objects.filter(person=person), by=by, now=now)
    _forget_unconfirmed_addresses(person)
    _note_preferences(person, now)
    let_go(person=person)


def offered_purposes() -> list[Purpose]:
    """The purposes that are switched on, in the order of the list."""
    switched_on = set(current().purposes)
    return [purpose for purpose in CONSENT_PURPOSES if purpose in switched_on]


def private_address_of(*, person: Person) -> EmailAddress | None:
    """The private address on file that may be used for staying in touch: confirmed, or given for this."""
    return _on_file(person).first()


def working_address_of(*, person: Person) -> EmailAddress | None:
    """The private address at which we can ask the person: their own, and mail to it does not come back."""
    return _works(person=person, besides=None)


def _on_file(person: Person) -> QuerySet[EmailAddress]:
    """The private addresses that may be used, the best first."""
    return (
        EmailAddress.objects.filter(person=person, kind=AddressKind.PRIVATE)
        .filter(Q(state=AddressState.VERIFIED) | Q(state=AddressState.UNVERIFIED, given_on__isnull=False))
        .order_by(F("verified_at").desc(nulls_last=True), F("given_on").desc(nulls_last=True), "-pk")
    )


def waiting_consents(*, person: Person) -> list[RequestedConsent]:
    """What this person asked for and has not confirmed yet, one by one."""
    return list(RequestedConsent.objects.filter(request__person=person, request__confirmed_at=None))


def waiting_for(*, person: Person) -> ConsentRequest | None:
    """What this person asked for and has not confirmed yet."""
    return (
        ConsentRequest.objects.filter(person=person, confirmed_at=None)
        .select_related("address", "vouching__on_file")
        .first()
    )


def _joins_what_waits(
    person: Person,
    relation: Relation,
    purposes: Iterable[str],
    channels: Iterable[str],
    *,
    ip: str | None,
    by: str,
    now: datetime,
) -> bool:
    """Whether the mail that went out a moment ago confirms this too."""
    request = waiting_for(person=person)
    if (
        request is None
        or relation.private_email
        or request.language != relation.shown_in
        or request.requested_at <= now - ONE_VISIT
        or _is_half_confirmed(request)
    ):
        return False
    return add_to_request(
        request=request, purposes=purposes, channels=channels, ip=ip, by=by, now=now, only=relation.only
    )


def _is_half_confirmed(request: ConsentRequest) -> bool:
    """Whether somebody has pressed a button already, and did not see what would be added now."""
    vouching = getattr(request, "vouching", None)
    return vouching is not None and (vouching.mailbox_at is not None or vouching.vouched_at is not None)


def _ask_to_confirm(
    person: Person,
    relation: Relation,
    purposes: Sequence[str],
    channels: Sequence[str],
    *,
    frequency: str,
    ip: str | None,
    by: str,
    now: datetime,
    known_by_link_alone: bool = False,
) -> Confirmation:
    """Asks at the address for a press on the button, and where it is new for a second word.

    On the leaver's page the link came to the business mailbox or by hand, so only who has confirmed an address before
    is asked there too; on the page of choices nothing vouches for the visitor but the link (`known_by_link_alone`).
    """
    mails_today = Event.objects.filter(
        deed="consent.requested", subject_kind="person", subject_key=person.key, at__gt=now - timedelta(days=1)
    )
    if mails_today.count() >= CONFIRMATIONS_A_DAY:
        raise TooManyRequestsError
    address = _address_for(person, relation.private_email, now)
    request = request_consents(
        person=person,
        address=address,
        purposes=purposes,
        channels=channels,
        frequency=frequency,
        language=relation.shown_in,
        ip=ip,
        by=by,
        now=now,
        only=relation.only,
    )
    try:
        ask(request=request, by=by, now=now)
        if not _is_new(address, known_by_link_alone=known_by_link_alone):
            return Confirmation.MAILBOX
        on_file = _works(person=person, besides=address)
        ask_for_a_word(request=request, on_file=on_file, by=by, now=now)
    except AskedTooOftenError as error:
        raise TooManyRequestsError from error
    return Confirmation.BOTH if on_file else Confirmation.COLLEAGUE


def _is_new(address: EmailAddress, *, known_by_link_alone: bool) -> bool:
    """Whether somebody besides its owner must say that `address` is the person's."""
    if address.verified_at is not None or address.source != LEAVER:
        # It was confirmed before, or HR's records hold it.
        return False
    confirmed = EmailAddress.objects.filter(
        person=address.person_id, kind=AddressKind.PRIVATE, verified_at__isnull=False
    )
    return known_by_link_alone or confirmed.exists()


def _works(*, person: Person, besides: EmailAddress | None) -> EmailAddress | None:
    """The address on file at which the person can be asked: their own, and mail to it does not come back."""
    came_back = Suppression.objects.filter(fingerprint=OuterRef("fingerprint"), scope=SuppressionScope.MAIL)
    on_file = _on_file(person).filter(~Exists(came_back))
    if besides is not None:
        on_file = on_file.exclude(pk=besides.pk)
    return on_file.exclude(source=LEAVER, verified_at=None).first()


def _forget_unconfirmed_addresses(person: Person) -> None:
    """Drops what was typed on a page of ours and belongs to no request any more.

    Often it was mistyped, and then it is somebody else's: no service mail, and no link, may go there.
    """
    dropped, _rows = EmailAddress.objects.filter(
        person=person, source=LEAVER, state=AddressState.UNVERIFIED, consentrequest=None
    ).delete()
    if dropped:
        refresh_search_text(person=person)


def _address_for(person: Person, typed: str, now: datetime) -> EmailAddress:
    """The address just given for this, kept with the day, or the one on file."""
    if not typed:
        on_file = private_address_of(person=person)
        if on_file is None:
            raise AddressMissingError
        return on_file
    normal = normal_address(typed)
    if EmailAddress.objects.filter(person=person, address=normal, kind=AddressKind.BUSINESS).exists():
        raise BusinessAddressError
    return add_address(
        person=person,
        address=normal,
        kind=AddressKind.PRIVATE,
        source=LEAVER,
        given_on=today(now=now),
        by=f"person:{person.key}",
        now=now,
    )


def _speak(person: Person, language: str, by: str, now: datetime) -> None:
    """Writes to the person in `language` from now on."""
    if language and language != person.language:
        correct_person(
            person=person, full_name=person.full_name, called=person.called, language=language, by=by, now=now
        )


def _note_preferences(person: Person, now: datetime) -> None:
    record_touch(
        person=person,
        at=now,
        direction=Direction.THEIRS,
        kind=TouchKind.PREFERENCES,
        purpose=Purpose.SERVICE,
        origin=f"preferences:{now.isoformat()}",
    )
