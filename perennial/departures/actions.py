"""Opens, questions, cancels and closes departures, so that they follow HR's records."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from perennial.audit.actions import record
from perennial.departures.audience.actions import keep_audience
from perennial.departures.conversation.mails import withdraw_mails
from perennial.departures.conversation.planning import call_off_silently
from perennial.departures.endings import waiting
from perennial.departures.enums import DAYS_TO_CLOSE, DAYS_TO_OPEN, DepartureState
from perennial.departures.exit.questionnaire import ship
from perennial.departures.farewell.handing_out import keep_farewells
from perennial.departures.invitations import withdraw_invitations
from perennial.departures.models import Departure
from perennial.mail.enums import MessageState
from perennial.people.actions import add_person, add_stint, correct_stint
from perennial.people.enums import HowEnded, StintStatus
from perennial.people.models import Person, Stint
from perennial.programme.models import Programme
from perennial.programme.queries import current, today

_BATCH = 1000

_GOING = [StintStatus.LEAVING, StintStatus.LEFT]


class NoQuestionError(Exception):
    """This departure does not wait for a last day."""


@transaction.atomic
def open_due(*, now: datetime) -> int:
    """Brings all departures in line with the stints. Returns how many came to stand open. Safe to repeat.

    | the stint says | the departure becomes |
    | --- | --- |
    | last day from 60 days ago to any day ahead | open |
    | 'leaving' or 'left' without a last day | a question to HR |
    | no last day any more, 'active' after 'leaving', died | cancelled, what waits to be sent is put aside |
    | last day came back | open again |
    | the question was answered with a day long ago, or the last day is 120 days past | closed |

    A moved last day needs nothing: it is read from the stint.
    """
    return _review(now=now, departures=Departure.objects.all(), stints=Stint.objects.all())


@transaction.atomic
def answer_question(*, departure: Departure, last_day: date, by: str, now: datetime) -> None:
    """HR names the last day that the record lacked. Raises NoQuestionError, people's StintDatesError."""
    _ask_for_question(departure)
    correct_stint(stint=departure.stint, ends_on=last_day, by=by, now=now)
    _review_one(departure, now)


@transaction.atomic
def stays_after_all(*, departure: Departure, by: str, now: datetime) -> None:
    """HR says that the record was wrong: this person is not leaving. Raises NoQuestionError."""
    _ask_for_question(departure)
    correct_stint(stint=departure.stint, status=StintStatus.ACTIVE, by=by, now=now)
    _review_one(departure, now)


@transaction.atomic
def take_in(
    *,
    full_name: str,
    called: str,
    language: str,
    source: str,
    stint: Mapping[str, Any],
    by: str,
    now: datetime,
    country: str = "",
) -> Person:
    """A leaver typed in by hand, with the departure that follows. `stint` holds fields of Stint.

    Raises people's NameMissingError, StintDatesError, ResidenceRefusedError; then nothing is written.
    """
    person = add_person(
        full_name=full_name, called=called, language=language, country=country, source=source, by=by, now=now
    )
    add_stint(person=person, source=source, by=by, now=now, **stint)
    review_person(person=person, now=now)
    return person


@transaction.atomic
def review_person(*, person: Person, now: datetime) -> None:
    """The same as `open_due` for one person, after their record was typed or corrected; audience and checklist too."""
    _review(now=now, departures=Departure.objects.filter(person=person), stints=Stint.objects.filter(person=person))
    keep_audience(now=now, person=person)
    keep_farewells(now=now, person=person)


def _ask_for_question(departure: Departure) -> None:
    state = Departure.objects.select_for_update().values_list("state", flat=True).get(pk=departure.pk)
    if state != DepartureState.QUESTION:
        raise NoQuestionError


def _review_one(departure: Departure, now: datetime) -> None:
    _review(
        now=now,
        departures=Departure.objects.filter(pk=departure.pk),
        stints=Stint.objects.filter(pk=departure.stint_id),
    )
    departure.refresh_from_db()


def _review(*, now: datetime, departures: QuerySet[Departure], stints: QuerySet[Stint]) -> int:
    current()
    # One at a time: two processes that review at once would both count what one of them opened.
    Programme.objects.select_for_update().filter(pk=1).first()
    day = today(now=now)
    earliest, oldest = day - timedelta(days=DAYS_TO_OPEN), day - timedelta(days=DAYS_TO_CLOSE)

    departures.filter(was_leaving=False, stint__status__in=_GOING).update(was_leaving=True)
    asks = _without_day() & Q(stint__status__in=_GOING)
    off = _died() | (_without_day() & ~Q(stint__status__in=_GOING)) | _active_again()
    runs = ~_died() & ~_without_day() & ~_active_again()
    recent, past = Q(stint__ends_on__gte=earliest), Q(stint__ends_on__lt=earliest)

    to_cancel = departures.filter(off).exclude(state=DepartureState.CANCELLED)
    to_close = departures.filter(
        runs
        & (
            (past & Q(state__in=[DepartureState.QUESTION, DepartureState.CANCELLED]))
            | Q(state=DepartureState.OPEN, stint__ends_on__lt=oldest)
        )
    )
    for ended in (to_cancel, to_close):
        call_off_silently(departures=ended, now=now)
    _put_invitations_aside(to_cancel, now)
    _put_invitations_aside(to_close, now)
    # The record says since a moment ago that somebody was made redundant.
    _put_invitations_aside(departures.filter(waiting(day=day)), now)
    withdraw_mails(departures=departures.filter(waiting(day=day)), now=now)
    counts = {
        "cancelled": to_cancel.update(state=DepartureState.CANCELLED),
        "closed": to_close.update(state=DepartureState.CLOSED),
        "reopened": departures.filter(runs & recent, state=DepartureState.CANCELLED).update(
            state=DepartureState.OPEN, opened_at=now
        ),
        "answered": departures.filter(runs & recent, state__in=[DepartureState.QUESTION, DepartureState.CLOSED]).update(
            state=DepartureState.OPEN
        ),
        "asked": departures.filter(asks & ~_died())
        .exclude(state=DepartureState.QUESTION)
        .update(state=DepartureState.QUESTION),
    }
    # The day is gone and nobody leaves: what the record says from here on is a new story.
    departures.filter(off & _without_day(), was_leaving=True).update(was_leaving=False)
    counts["opened"] = _open_new(stints.filter(ends_on__gte=earliest), DepartureState.OPEN, now)
    counts["asked"] += _open_new(stints.filter(ends_on=None, status__in=_GOING), DepartureState.QUESTION, now)
    if any(counts.values()):
        record(
            deed="departures.reviewed",
            by="system",
            now=now,
            details={name: number for name, number in counts.items() if number},
        )
    return counts["opened"] + counts["reopened"] + counts["answered"]


def _died() -> Q:
    """Of somebody who worked here twice the death stands on one of the two: it ends what waits about the other."""
    return Q(Exists(Stint.objects.filter(person=OuterRef("person"), how_ended=HowEnded.DEATH)))


def _without_day() -> Q:
    return Q(stint__ends_on=None)


def _active_again() -> Q:
    return Q(was_leaving=True, stint__status=StintStatus.ACTIVE)


def _open_new(stints: QuerySet[Stint], state: DepartureState, now: datetime) -> int:
    """A departure for each of `stints` that has none, unless its person has died."""
    rows = stints.filter(~_died(), departure=None).order_by("pk").values_list("pk", "person_id", "status")
    new = [
        Departure(
            stint_id=stint,
            person_id=person,
            state=state,
            opened_at=now,
            was_leaving=status in _GOING,
        )
        for stint, person, status in rows
    ]
    if new:
        # Whoever leaves is asked something, and looking at the page writes nothing.
        ship(now=now)
    Departure.objects.bulk_create(new, batch_size=_BATCH)
    return len(new)


def _put_invitations_aside(departures: QuerySet[Departure], now: datetime) -> None:
    """Takes back what waits to be sent for `departures`, so that a reopened one gets a new draft."""
    withdraw_invitations(departures=departures, by="system", now=now)
    departures.filter(invitation__state=MessageState.DISCARDED).update(invitation=None, drafted_sha256="")
