"""Who is at somebody's own page: a link and a code mailed to an address that is theirs, for twenty minutes.

The link alone opens nothing, for a mail is passed on; the code goes to an address that its owner confirmed, or to the
business address as long as they work here. An address that somebody typed on a page behind a link gets letters at
once, and codes after a fortnight or once somebody vouched for it: whoever was passed an invitation could else name a
mailbox of their own and read everything. The code is worth something only in a browser that asked for it. Whoever
types an address that nobody has gets the same answer, in the same time.

Whoever holds a link that was passed on can ask as often as they like, and keeps nobody out: where many codes were asked
for, a browser that asks waits for the code that was mailed last as long as that holds, and for a new one afterwards.
So whoever reads the mailbox always has a code for their browser. What counts against a person is only what was guessed.
"""

import hmac
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import translation
from django.utils.translation import gettext

from perennial.audit.actions import record
from perennial.consent.actions import LEAVER
from perennial.consent.models import Vouching
from perennial.contact.enums import SuppressionScope
from perennial.contact.models import Suppression
from perennial.kernel.keys import fingerprint, fingerprints, new_random
from perennial.kernel.tokens import digits
from perennial.mail.compose import in_letter, language_of, write_answer
from perennial.mail.enums import MessageState, Priority
from perennial.mail.models import Mailing, Message
from perennial.mail.render import CODE, CODE_ORIGIN
from perennial.people.actions import AddressUnusableError, normal_address
from perennial.people.enums import AddressKind, AddressState
from perennial.people.models import EmailAddress, Person
from perennial.people.queries import works_here
from perennial.people.turns import one_at_a_time
from perennial.privacy.models import Visit
from perennial.programme.queries import current, today

CODE_HOLDS = timedelta(minutes=10)
OPEN_FOR = timedelta(minutes=20)
TRIES = 5
# So many codes an hour are mailed when they are asked for; after that one at a time, as long as it holds.
AN_HOUR = 5
# So many wrong codes a day, of a million that there are; then none is heard until the day is over.
WRONG_A_DAY = 50
_KEPT = timedelta(days=1)
# So long somebody has to object to an address that was typed by whoever held their link; they are told of it.
KNOWN_FOR = timedelta(days=14)


class CodeWrongError(Exception):
    """This is not the code; `left` tries are."""

    def __init__(self, left: int) -> None:
        super().__init__(left)
        self.left = left


class CodeGoneError(Exception):
    """The code was used, is older than ten minutes, or was guessed at too often; or this browser asked for none."""


def address_for_code(*, person: Person, now: datetime, typed: str = "") -> EmailAddress | None:
    """Where the code goes: the private address that was confirmed last, else the business one of who works here.

    With `typed` that very address, where it is such a one.
    """
    vouched = Vouching.objects.filter(request__address=OuterRef("pk"), vouched_at__isnull=False)
    settled = ~Q(source=LEAVER) | Q(verified_at__lte=now - KNOWN_FOR) | Exists(vouched)
    theirs = Q(settled, kind=AddressKind.PRIVATE, verified_at__isnull=False)
    if works_here(person, day=today(now=now)):
        theirs |= Q(kind=AddressKind.BUSINESS)
    came_back = Suppression.objects.filter(fingerprint=OuterRef("fingerprint"), scope=SuppressionScope.MAIL)
    usable = EmailAddress.objects.filter(theirs, ~Exists(came_back), person=person).exclude(state=AddressState.DEAD)
    if typed:
        usable = usable.filter(address=typed)
    return usable.order_by(F("verified_at").desc(nulls_last=True), "pk").first()


def begin_with_address(*, typed: str, now: datetime) -> str:
    """Mails a code where the address is somebody's; returns what the browser's cookie is to hold, for nobody's too."""
    try:
        address = normal_address(typed)
    except AddressUnusableError:
        return _begin(None, None, now)
    people = Person.objects.filter(
        pk__in=EmailAddress.objects.filter(fingerprint__in=fingerprints(address)).values("person")
    )
    # Of two who share a mailbox nobody can say who asks: their letters have a link of each.
    found = [(each, row) for each in people[:3] if (row := address_for_code(person=each, now=now, typed=address))]
    return _begin(*found[0], now) if len(found) == 1 else _begin(None, None, now)


def begin(*, person: Person, now: datetime) -> str:
    """The same for whoever holds the link to this person's page."""
    return _begin(person, address_for_code(person=person, now=now), now)


@transaction.atomic
def _begin(person: Person | None, address: EmailAddress | None, now: datetime) -> str:
    cookie = new_random()
    until = now + CODE_HOLDS
    visit = Visit(cookie=fingerprint(cookie), asked_at=now, code_until=until, ends_at=until)
    if person is not None and address is not None:
        one_at_a_time(person=person)
        if not _guessed_too_often(person, now):
            mailed = _mailed_last(person, address.address, now) if _asks_often(person, now) else None
            mailed = mailed or _mail_code(person, address.address, now)
            visit.person = person
            visit.code = fingerprint(f"{visit.cookie}:{digits(mailed.random)}")
            visit.code_until = visit.ends_at = mailed.created_at + CODE_HOLDS
    visit.save()
    return cookie


def _asks_often(person: Person, now: datetime) -> bool:
    return Visit.objects.filter(person=person, asked_at__gt=now - timedelta(hours=1)).count() >= AN_HOUR


def _guessed_too_often(person: Person, now: datetime) -> bool:
    lately = Visit.objects.filter(person=person, asked_at__gt=now - timedelta(days=1))
    told = lately.aggregate(tries=Coalesce(Sum("tries"), 0), right=Count("pk", filter=Q(opened_at__isnull=False)))
    return bool(told["tries"] - told["right"] >= WRONG_A_DAY)


def _mailed_last(person: Person, address: str, now: datetime) -> Message | None:
    """The mail with a code that still holds and is not known to have failed."""
    mails = Message.objects.filter(
        person=person, address=address, mailing__origin=CODE_ORIGIN, created_at__gt=now - CODE_HOLDS
    )
    return mails.exclude(state=MessageState.FAILED).order_by("-created_at", "-pk").first()


def _mail_code(person: Person, address: str, now: datetime) -> Message:
    with translation.override(language_of(person)):
        organisation = current().organisation
        paragraphs = [
            gettext("Hello %(name)s,") % {"name": in_letter(person.called or person.full_name)},
            gettext("This code opens your own page at %(organisation)s:") % {"organisation": organisation},
            CODE,
            gettext(
                "It holds for ten minutes, once, in the browser that asked for it. Nobody of ours asks you for it."
            ),
            gettext("If it was not you, do nothing: without the code nobody sees anything of yours."),
            organisation,
        ]
        return write_answer(
            person=person,
            subject=gettext("Your code"),
            body="\n\n".join(paragraphs),
            language=language_of(person),
            origin=CODE_ORIGIN,
            by="system",
            now=now,
            address=address,
            priority=Priority.URGENT,
        )


def open_with(*, cookie: str, typed: str, now: datetime) -> str:
    """Opens the page with the code; returns what the browser's cookie holds from now on.

    Raises CodeWrongError, CodeGoneError.
    """
    visit = _tried(cookie, now)
    if visit is None:
        raise CodeGoneError
    code = "".join(sign for sign in typed if sign.isdecimal() and sign.isascii())[:12]
    fitting = [hmac.compare_digest(visit.code, mark) for mark in fingerprints(f"{visit.cookie}:{code}")]
    if not visit.code or not any(fitting):
        raise CodeWrongError(TRIES - visit.tries)
    fresh = new_random()
    with transaction.atomic():
        opened = Visit.objects.filter(pk=visit.pk, opened_at=None, person__isnull=False).update(
            opened_at=now, ends_at=now + OPEN_FOR, cookie=fingerprint(fresh), code=""
        )
        if not opened or visit.person is None:
            raise CodeGoneError
        record(
            deed="privacy.own_page_opened",
            by=f"person:{visit.person.key}",
            now=now,
            subject_kind="person",
            subject_key=visit.person.key,
        )
    return fresh


@transaction.atomic
def _tried(cookie: str, now: datetime) -> Visit | None:
    """The visit that waits for a code, with this try counted; None where it is not heard.

    Counted before it is looked at, and kept whatever comes of it: of many guesses at once no sixth is heard. Of all
    browsers that wait for a person's codes one is heard after the other, so that none of them goes beyond the day's.
    """
    waiting = Visit.objects.filter(
        cookie__in=fingerprints(cookie) if cookie else [], opened_at=None, code_until__gt=now
    )
    visit = waiting.first()
    if visit is not None and visit.person_id is not None:
        person = Person.objects.select_for_update().filter(pk=visit.person_id).first()
        if person is None or _guessed_too_often(person, now):
            return None
    if not waiting.filter(tries__lt=TRIES).update(tries=F("tries") + 1):
        return None
    return waiting.first()


def visitor(*, cookie: str, now: datetime) -> Visit | None:
    """The open visit of this browser, with whose it is."""
    if not cookie:
        return None
    opened = Visit.objects.filter(opened_at__isnull=False, ends_at__gt=now, person__isnull=False)
    return opened.select_related("person").filter(cookie__in=fingerprints(cookie)).first()


def end(*, cookie: str, now: datetime) -> None:
    """The person leaves their page: the cookie opens nothing more."""
    if cookie:
        Visit.objects.filter(cookie__in=fingerprints(cookie)).update(ends_at=now, code_until=now, code="")


def forget_visits(*, now: datetime) -> int:
    """Deletes visits of yesterday, and mails with codes that hold no more; how many visits."""
    Mailing.objects.filter(origin=CODE_ORIGIN, created_at__lte=now - CODE_HOLDS).exclude(
        messages__state="sending"
    ).delete()
    return Visit.objects.filter(asked_at__lte=now - _KEPT).delete()[0]
