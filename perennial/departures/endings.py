"""How it ended sets the tone of what we say, and when we may say it.

The tone follows from what HR recorded and is never shown as a code. Nobody who was made redundant, was dismissed or
retired is asked why they leave; after redundancy nobody is invited before the day that HR sets.
"""

from datetime import date, datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from perennial.audit.actions import record
from perennial.departures.enums import DepartureState
from perennial.departures.models import Departure
from perennial.mail.compose import in_letter
from perennial.people.enums import HowEnded
from perennial.people.queries import without_stored_only


class Tone(StrEnum):
    """In which voice we speak. One who resigned, or of whom nothing is recorded, hears the usual one."""

    USUAL = "usual"
    REDUNDANCY = "redundancy"
    DISMISSAL = "dismissal"
    RETIREMENT = "retirement"
    END_OF_CONTRACT = "end_of_contract"


_TONES = {
    HowEnded.REDUNDANCY: Tone.REDUNDANCY,
    HowEnded.DISMISSAL: Tone.DISMISSAL,
    HowEnded.RETIREMENT: Tone.RETIREMENT,
    HowEnded.END_OF_CONTRACT: Tone.END_OF_CONTRACT,
}
# Nothing cheerful, and no door that stays open in so many words.
SOBER = (Tone.REDUNDANCY, Tone.DISMISSAL)


class NotYetInvitableError(Exception):
    """After redundancy: HR has not set a day, or it has not come. `invite_from` is that day or None."""

    def __init__(self, invite_from: date | None) -> None:
        super().__init__(invite_from)
        self.invite_from = invite_from


class NoDayNeededError(Exception):
    """Only after redundancy does an invitation wait for a day that HR sets, and only while the departure stands."""


def tone_of(departure: Departure) -> Tone:
    """In which voice we speak to this leaver; `departure` comes with its stint."""
    return _TONES.get(HowEnded(departure.stint.how_ended), Tone.USUAL) if departure.stint.how_ended else Tone.USUAL


def needs_a_day(departure: Departure) -> bool:
    """Whether nobody invites this leaver before a day that HR sets."""
    return departure.stint.how_ended == HowEnded.REDUNDANCY


def must_wait(departure: Departure, *, day: date) -> bool:
    """Whether this leaver may not be invited on `day` yet."""
    return needs_a_day(departure) and (departure.invite_from is None or departure.invite_from > day)


def waiting(*, day: date) -> Q:
    """The same as `must_wait`, as a condition over departures."""
    return Q(stint__how_ended=HowEnded.REDUNDANCY) & (Q(invite_from=None) | Q(invite_from__gt=day))


def ask_for_the_day(departure: Departure, *, day: date) -> None:
    """Raises NotYetInvitableError."""
    if must_wait(departure, day=day):
        raise NotYetInvitableError(departure.invite_from)


@transaction.atomic
def set_invite_from(*, departure: Departure, day: date | None, by: str, now: datetime) -> None:
    """HR says from which day on a leaver may be invited after redundancy; None: not before HR says so.

    What was drafted and lies too early now is taken back with the next look at departures. Raises NoDayNeededError.
    """
    locked = Departure.objects.select_for_update(of=("self",)).select_related("stint", "person").get(pk=departure.pk)
    if not needs_a_day(locked) or locked.state not in (DepartureState.OPEN, DepartureState.QUESTION):
        raise NoDayNeededError
    locked.invite_from = day
    locked.save(update_fields=["invite_from"])
    record(
        deed="departures.invite_from_set",
        by=by,
        now=now,
        subject_kind="person",
        subject_key=locked.person.key,
        details={"day": day.isoformat() if day else None},
    )


def waiting_for_their_day(*, day: date) -> QuerySet[Departure]:
    """Open departures that wait: for HR to set a day, or for the day to come. Those without a day come first."""
    return (
        without_stored_only(Departure.objects.filter(waiting(day=day), state=DepartureState.OPEN))
        .select_related("person", "stint")
        .order_by("invite_from", "opened_at", "pk")
    )


def greeting(*, tone: Tone, called: str, organisation: str, gone: bool) -> tuple[str, str, str]:
    """Heading, thanks and what is asked, as the leaver's page opens; in the language that is active."""
    words = {"called": called, "organisation_name": organisation}
    heading = _("Good day, %(called)s") if tone in SOBER else _("Thank you, %(called)s")
    thanks = said_of_the_end(tone)
    if not thanks and organisation:
        thanks = _(
            "Thank you for the work you did at %(organisation_name)s, and for the colleague you were while you did it."
        )
    elif not thanks:
        thanks = _("Thank you for the work you did with us, and for the colleague you were while you did it.")
    return heading % words, thanks % words, _what_is_asked(tone, gone)


def said_of_the_end(tone: Tone) -> str:
    """What a letter and the page say about how it ended, in the language that is active; nothing in the usual tone."""
    if tone is Tone.REDUNDANCY:
        return _("We know that this was not your choice. Thank you for the work you did here.")
    if tone is Tone.DISMISSAL:
        return _("Thank you for the work you did here.")
    if tone is Tone.RETIREMENT:
        return _(
            "Thank you for all these years, for what you did here, and for the colleague you were to so many. May what "
            "comes now be good to you. The door stays open."
        )
    if tone is Tone.END_OF_CONTRACT:
        return _(
            "Your contract came to its end, and with it the work that you did so much for. Thank you for that, and for "
            "the colleague you were. The door stays open."
        )
    return ""


def _what_is_asked(tone: Tone, gone: bool) -> str:
    skip = _("You may skip whatever you like, stop at any time and come back to it later.")
    if tone in SOBER:
        asked = _(
            "If you wish, you can tell us here how you found working with us and what we could have done better, also "
            "in how we parted. At the end you can say whether you would like to hear from us one day."
        )
    elif tone is Tone.RETIREMENT:
        asked = _(
            "If you like, tell us how you found working here over the years, and what we could do better for those who "
            "stay. At the end there is one question about staying in touch."
        )
    elif gone:
        asked = _("We have a few short questions, and one about staying in touch. It takes a few minutes.")
    else:
        asked = _(
            "Before you go we have a few short questions, and one about staying in touch. It takes a few minutes."
        )
    return f"{asked} {skip}"


def day_of_the_end(*, last_day: date | None, day_words: str, today: date, organisation: str) -> str:
    """That somebody leaves or has left, in plain words; `day_words` is the last day as it is written."""
    words = {"organisation": in_letter(organisation), "day": day_words}
    if last_day is None:
        return _("Your time at %(organisation)s comes to its end.") % words
    if last_day < today:
        return _("%(day)s was your last day at %(organisation)s.") % words
    return _("%(day)s will be your last day at %(organisation)s.") % words
