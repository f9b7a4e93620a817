"""Who is at somebody's own page: a link and a code mailed to an address that is theirs, for twenty minutes.

The link alone opens nothing, for a mail is passed on; the code goes to an address that its owner confirmed, or to the
business address as long as they work here. It is worth something only in the browser that asked for it. Whoever types
an address that nobody has gets the same answer, in the same time.
"""

import hmac
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import translation
from django.utils.translation import gettext

from perennial.audit.actions import record
from perennial.contact.enums import SuppressionScope
from perennial.contact.models import Suppression
from perennial.kernel.keys import fingerprint, fingerprints, new_random
from perennial.kernel.purposes import Intent, Purpose
from perennial.kernel.tokens import digits
from perennial.mail.compose import in_letter, write
from perennial.mail.enums import Priority
from perennial.mail.models import Mailing
from perennial.mail.render import CODE, CODE_ORIGIN
from perennial.people.actions import AddressUnusableError, normal_address
from perennial.people.enums import AddressKind, AddressState, StintStatus
from perennial.people.models import EmailAddress, Person, Stint
from perennial.privacy.models import Visit
from perennial.privacy.rights.letters import language_of
from perennial.programme.queries import current, today

CODE_HOLDS = timedelta(minutes=10)
OPEN_FOR = timedelta(minutes=20)
TRIES = 5
# Codes a person gets: neither to be guessed at nor to fill a mailbox.
AN_HOUR, A_DAY = 5, 10
_KEPT = timedelta(days=1)


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
    day = today(now=now)
    employed = Stint.objects.filter(
        Q(ends_on__gte=day) | Q(ends_on=None, status__in=[StintStatus.ACTIVE, StintStatus.LEAVING]), person=person
    )
    theirs = Q(kind=AddressKind.PRIVATE, verified_at__isnull=False)
    if employed.exists():
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
    visit = Visit(cookie=fingerprint(cookie), asked_at=now, code_until=now + CODE_HOLDS, ends_at=now + CODE_HOLDS)
    if person is not None and address is not None:
        Person.objects.select_for_update().filter(pk=person.pk).first()
        if not _too_many(person, now):
            visit.person = person
            visit.code = fingerprint(f"{visit.cookie}:{_mail_code(person, address.address, now)}")
    visit.save()
    return cookie


def _too_many(person: Person, now: datetime) -> bool:
    lately = Visit.objects.filter(person=person, asked_at__gt=now - timedelta(days=1))
    return lately.count() >= A_DAY or lately.filter(asked_at__gt=now - timedelta(hours=1)).count() >= AN_HOUR


def _mail_code(person: Person, address: str, now: datetime) -> str:
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
        message = write(
            person=person,
            purpose=Purpose.SERVICE,
            intent=Intent.NEUTRAL,
            subject=gettext("Your code"),
            body="\n\n".join(paragraphs),
            language=language_of(person),
            origin=CODE_ORIGIN,
            by="system",
            now=now,
            address=address,
            automatic=True,
            answer=True,
            priority=Priority.URGENT,
        )
    return digits(message.random)


def open_with(*, cookie: str, typed: str, now: datetime) -> str:
    """Opens the page with the code; returns what the browser's cookie holds from now on.

    Raises CodeWrongError, CodeGoneError.
    """
    marks = fingerprints(cookie) if cookie else []
    waiting = Visit.objects.filter(cookie__in=marks, opened_at=None, code_until__gt=now)
    # Counted before it is looked at, in a statement of its own: of many guesses at once no sixth is heard.
    if not waiting.filter(tries__lt=TRIES).update(tries=F("tries") + 1):
        raise CodeGoneError
    visit = waiting.first()
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
