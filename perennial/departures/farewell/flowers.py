"""Flowers for the first day elsewhere: what the leaver says about them, and how that is forgotten."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from perennial.audit.actions import record
from perennial.departures.farewell.actions import FarewellOverError
from perennial.departures.farewell.enums import StepKind, StepState
from perennial.departures.farewell.handing_out import STANDING
from perennial.departures.farewell.queries import asks_about_flowers
from perennial.departures.models import Departure, Farewell, FarewellStep
from perennial.programme.queries import today

ADDRESS_LENGTH = 500
# Nobody plans flowers further ahead, and who types another year has mistyped.
DAYS_AHEAD_AT_MOST = 366
# The address goes then, whatever became of the flowers.
DAYS_TO_KEEP_ADDRESS = 30
# After they were sent somebody may have pressed the wrong button.
TIME_TO_UNDO = timedelta(hours=1)


class FirstDayError(ValueError):
    """The day has come already, or lies more than a year ahead."""


@transaction.atomic
def agree_to_flowers(*, departure: Departure, first_day_on: date, address: str, by: str, now: datetime) -> None:
    """The leaver agrees to flowers on that day, at that address. What was said before is replaced.

    Raises FarewellOverError where nobody asks for them any more, FirstDayError.
    """
    day = today(now=now)
    if not day < first_day_on <= day + timedelta(days=DAYS_AHEAD_AT_MOST):
        raise FirstDayError
    _hold(departure)
    if not asks_about_flowers(departure=departure):
        raise FarewellOverError
    Farewell.objects.filter(departure=departure).update(
        first_day_on=first_day_on, flowers_address=address.strip()[:ADDRESS_LENGTH], flowers_agreed_at=now
    )
    _note("departures.flowers_agreed", departure, by, now)


@transaction.atomic
def rather_no_flowers(*, departure: Departure, by: str, now: datetime) -> None:
    """The leaver takes the agreement back: day and address go at once."""
    _hold(departure)
    agreed = Farewell.objects.filter(departure=departure, flowers_agreed_at__isnull=False)
    if agreed.update(first_day_on=None, flowers_address="", flowers_agreed_at=None):
        _note("departures.flowers_declined", departure, by, now)


def forget_addresses(*, now: datetime) -> int:
    """Deletes the addresses that have served: the step was settled, the farewell is over, or the day is a month past.

    Returns how many. The day stays, so that nobody gets flowers twice.
    """
    waiting = FarewellStep.objects.filter(
        Q(state=StepState.OPEN) | Q(settled_at__gt=now - TIME_TO_UNDO),
        departure=OuterRef("departure"),
        departure__state__in=STANDING,
        kind=StepKind.FLOWERS,
    )
    old = today(now=now) - timedelta(days=DAYS_TO_KEEP_ADDRESS)
    served = Farewell.objects.filter(Q(first_day_on__lt=old) | ~Exists(waiting)).exclude(flowers_address="")
    forgotten = served.update(flowers_address="")
    if forgotten:
        record(deed="departures.flower_addresses_forgotten", by="system", now=now, details={"addresses": forgotten})
    return forgotten


def _hold(departure: Departure) -> None:
    Departure.objects.select_for_update(of=("self",)).get(pk=departure.pk)


def _note(deed: str, departure: Departure, by: str, now: datetime) -> None:
    record(deed=deed, by=by, now=now, subject_kind="person", subject_key=departure.person.key)
