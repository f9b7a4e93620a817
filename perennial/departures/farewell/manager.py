"""The manager's part: a mail with a link to their own steps, without an account, and the words on paper.

The page behind the link tells the name, the last day and the manager's steps. Of answers, of the relation and of
consent it knows nothing.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from perennial.audit.actions import record
from perennial.departures.farewell.actions import FarewellOverError
from perennial.departures.farewell.enums import StepOwner, StepState
from perennial.departures.farewell.manager_mails import forget_letters, forget_managers_of, origin_of
from perennial.departures.farewell.queries import may_have_steps, steps_of
from perennial.departures.models import Departure, Farewell, FarewellStep
from perennial.kernel.links import path_to
from perennial.kernel.purposes import Intent, Purpose
from perennial.kernel.tokens import LinkPurpose
from perennial.mail.compose import in_letter, write
from perennial.mail.models import Message
from perennial.people.actions import normal_address
from perennial.programme.enums import Stage
from perennial.programme.models import Programme
from perennial.programme.queries import current, today

_WHY = gettext_noop(
    "How somebody leaves is what they tell about us afterwards. A word of thanks from the person they worked for "
    "counts more than anything else we could send. It takes a few minutes, and it keeps the door open."
)
# By the code of the checklist, since each ending has its tone.
_WHY_OF = {
    "redundancy": gettext_noop(
        "Going was not their choice. What helps now is honesty, a word on what the work was worth, and a hand in "
        "finding what comes next. Please leave it to them whether anything is celebrated."
    ),
    "dismissal": gettext_noop(
        "This ending is hard for both sides. A short and honest goodbye in person shows respect, and the team sees it "
        "too. More than that is not needed."
    ),
    "retirement": gettext_noop(
        "A working life comes to its end here. To hear what these years were worth means more than any gift. Ask whom "
        "they would like to have there."
    ),
}


class AlreadyWrittenError(Exception):
    """The manager has the link already; it is ended before another one goes out."""


class NothingForManagerError(Exception):
    """No step of this departure is the manager's."""


class NotYetLiveError(Exception):
    """The programme is being prepared, so nothing leaves the house."""


@dataclass(frozen=True)
class Words:
    language: str
    subject: str
    body: str


@dataclass(frozen=True)
class Sheet:
    """What stands on the manager's paper, in their language; `code` and `scan` belong to the link drawn on it."""

    language: str
    leaves: str
    why: str
    lead: str
    lines: list[str]
    scan: str
    code: str


@transaction.atomic
def write_to_manager(
    *, departure: Departure, email: str, language: str, sender_name: str, reply_to: str, by: str, now: datetime
) -> Message:
    """Keeps where the manager is reached, and sends the link there, once.

    Raises FarewellOverError, AlreadyWrittenError, NothingForManagerError, NotYetLiveError, AddressUnusableError.
    """
    farewell = _held(departure, now)
    programme = current()
    if programme.stage == Stage.PREPARATION:
        raise NotYetLiveError
    if farewell.manager_written_at is not None:
        raise AlreadyWrittenError
    if not FarewellStep.objects.filter(departure=departure, owner=StepOwner.MANAGER, state=StepState.OPEN).exists():
        raise NothingForManagerError
    farewell.manager_email, farewell.manager_language = normal_address(email), language
    farewell.manager_written_at = now
    farewell.save(update_fields=["manager_email", "manager_language", "manager_written_at"])
    words = letter(farewell=farewell, programme=programme, sender_name=sender_name)
    message = send(farewell=farewell, words=words, sender_name=sender_name, reply_to=reply_to, by=by, now=now)
    _note("departures.manager_written_to", farewell, by, now)
    return message


@transaction.atomic
def end_manager_link(*, departure: Departure, by: str, now: datetime) -> None:
    """Ends the link that is out, on paper and by mail, and forgets the address: it went to the wrong person perhaps.

    The mails go too: what has not left would still bring the name to that person.
    """
    Departure.objects.select_for_update(of=("self",)).get(pk=departure.pk)
    farewell = Farewell.objects.select_related("departure__person").get(departure=departure)
    forget_managers_of(farewells=[farewell])
    forget_letters(departures=[farewell.departure])
    _note("departures.manager_link_ended", farewell, by, now)


def manager_path(farewell: Farewell) -> str:
    """The path of the manager's page. Secret: whoever has it may settle the manager's steps."""
    return path_to(purpose=LinkPurpose.MANAGER, row=farewell.pk, random=farewell.manager_random)


def language_for_manager(*, farewell: Farewell, programme: Programme) -> str:
    """The language chosen for the manager if it is one of ours, else the programme's."""
    ours = dict(settings.LANGUAGES)
    return next((code for code in (farewell.manager_language, programme.language) if code in ours), "en")


def why(*, farewell: Farewell) -> str:
    """Three sentences on why this matters, in the language that is spoken, in the tone of how it ends."""
    return _(_WHY_OF.get(farewell.template.code, _WHY))


def leaves_on(*, name: str, last_day: date | None) -> str:
    """Who leaves and when, in the language that is spoken."""
    if last_day is None:
        return _("%(name)s is leaving.") % {"name": name}
    return _("%(name)s: the last day is %(day)s.") % {"name": name, "day": date_format(last_day, "DATE_FORMAT")}


def letter(*, farewell: Farewell, programme: Programme, sender_name: str) -> Words:
    """The mail that brings the link."""
    language = language_for_manager(farewell=farewell, programme=programme)
    name = in_letter(farewell.departure.person.full_name)
    with translation.override(language):
        paragraphs = [
            _greeting(farewell),
            leaves_on(name=name, last_day=farewell.departure.stint.ends_on),
            why(farewell=farewell),
            _("Your own few steps stand here. You need no account and no password:"),
            "{link}",
            _("The link is meant for you alone, so please do not pass it on. It ends when the departure is closed."),
            _signed(sender_name, programme),
        ]
        subject = _("Saying goodbye to %(name)s: your part") % {"name": name}
    return Words(language, subject, "\n\n".join(paragraphs))


def reminder(*, farewell: Farewell, programme: Programme, steps: list[str]) -> Words:
    """The mail about steps that are late, with the link."""
    language = language_for_manager(farewell=farewell, programme=programme)
    name = in_letter(farewell.departure.person.full_name)
    with translation.override(language):
        paragraphs = [
            _greeting(farewell),
            leaves_on(name=name, last_day=farewell.departure.stint.ends_on),
            _(
                "This was to be done and is still open. If something came in between, say so on the page; that is fine "
                "too:"
            ),
            "\n".join(f"- {in_letter(step)}" for step in steps),
            "{link}",
            _("We write about this once a week at most."),
            _signed(programme.owner.name if programme.owner else "", programme),
        ]
        subject = _("Saying goodbye to %(name)s: still open") % {"name": name}
    return Words(language, subject, "\n\n".join(paragraphs))


def sheet(*, farewell: Farewell, programme: Programme) -> Sheet:
    """The manager's own steps with their days, and three sentences on why."""
    language = language_for_manager(farewell=farewell, programme=programme)
    departure = farewell.departure
    with translation.override(language):
        lines = [
            _("%(step)s, by %(day)s") % {"step": step.words, "day": date_format(step.due_on, "DATE_FORMAT")}
            if step.due_on
            else step.words
            for step in steps_of(departure=departure, owner=StepOwner.MANAGER)
            if step.state == StepState.OPEN
        ]
        return Sheet(
            language=language,
            leaves=leaves_on(name=departure.person.full_name, last_day=departure.stint.ends_on),
            why=why(farewell=farewell),
            lead=_("These steps are yours:"),
            lines=lines,
            scan=_("The camera of your phone opens the same list by this code. There you tick off what is done:"),
            code=_("A code that opens your page"),
        )


def send(
    *,
    farewell: Farewell,
    words: Words,
    sender_name: str,
    reply_to: str,
    by: str,
    now: datetime,
    automatic: bool = False,
) -> Message:
    """Writes a mail to the manager into the queue. It has no person: the manager is none of the programme's."""
    return write(
        person=None,
        purpose=Purpose.SERVICE,
        intent=Intent.NEUTRAL,
        subject=words.subject,
        body=words.body,
        language=words.language,
        origin=origin_of(farewell.departure),
        by=by,
        now=now,
        sender_name=sender_name,
        reply_to=reply_to,
        address=farewell.manager_email,
        recipient_name=farewell.departure.stint.manager,
        link_path=manager_path(farewell),
        automatic=automatic,
    )


def _greeting(farewell: Farewell) -> str:
    manager = in_letter(farewell.departure.stint.manager)
    return _("Dear %(called)s,") % {"called": manager} if manager and "," not in manager else _("Good day,")


def _signed(sender_name: str, programme: Programme) -> str:
    lines = [_("Thank you, and all the best,"), sender_name, programme.organisation]
    return "\n".join(in_letter(line) for line in lines if line)


def _held(departure: Departure, now: datetime) -> Farewell:
    locked = Departure.objects.select_for_update(of=("self",)).get(pk=departure.pk)
    farewell = (
        Farewell.objects.select_related("departure__person", "departure__stint", "template")
        .filter(departure=locked)
        .first()
    )
    if farewell is None or not may_have_steps(departure=locked, day=today(now=now)):
        raise FarewellOverError
    return farewell


def _note(deed: str, farewell: Farewell, by: str, now: datetime) -> None:
    record(deed=deed, by=by, now=now, subject_kind="person", subject_key=farewell.departure.person.key)
