"""Does, skips and reopens the steps of a departure."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from perennial.audit.actions import record
from perennial.contact.actions import give, take_gift_back
from perennial.departures.farewell.enums import GIFTS, StepKind, StepState
from perennial.departures.farewell.queries import may_have_steps
from perennial.departures.models import Departure, Farewell, FarewellStep
from perennial.kernel.text import one_line
from perennial.programme.queries import today

REASON_LENGTH = 300


class FarewellOverError(Exception):
    """The departure is cancelled or closed, or the programme is not for this person: nothing is to be done."""


class StepSettledError(Exception):
    """This step was done or skipped in the meantime."""


class StepOpenError(Exception):
    """This step stands open already."""


class ReasonMissingError(ValueError):
    """Whoever skips a step says why."""


class FlowersNotAgreedError(Exception):
    """The leaver has not agreed to flowers, so nobody sends them."""


class AlreadyGivenError(Exception):
    """This person had it for this occasion, from whatever part of the house."""


@transaction.atomic
def do_step(
    *, step: FarewellStep, by: str, now: datetime, cost: Decimal | None = None, currency: str = ""
) -> FarewellStep:
    """Notes that a step was done, with what it cost. A gift stands in the history of contact from then on.

    Raises FarewellOverError, StepSettledError, FlowersNotAgreedError, AlreadyGivenError.
    """
    held = _held(step, now)
    if held.state != StepState.OPEN:
        raise StepSettledError
    if held.kind in GIFTS:
        held.occasion = _occasion(held)
        person = held.departure.person
        if not give(person=person, what=held.kind, occasion=held.occasion, summary=held.words, at=now):
            raise AlreadyGivenError
    held.cost, held.cost_currency = cost, currency.upper() if cost is not None else ""
    return _settle(held, StepState.DONE, by, now)


@transaction.atomic
def skip_step(*, step: FarewellStep, reason: str, by: str, now: datetime) -> FarewellStep:
    """Notes that a step is left out, and why. Raises FarewellOverError, StepSettledError, ReasonMissingError."""
    said = one_line(reason)[:REASON_LENGTH]
    if not said:
        raise ReasonMissingError
    held = _held(step, now)
    if held.state != StepState.OPEN:
        raise StepSettledError
    held.reason = said
    return _settle(held, StepState.SKIPPED, by, now)


@transaction.atomic
def reopen_step(*, step: FarewellStep, by: str, now: datetime, only_own: bool = False) -> FarewellStep:
    """Undo, for done and skipped alike: the step is to be done again, and a gift was not given.

    `only_own`: not what somebody other than `by` has settled. Raises FarewellOverError, StepOpenError; with `only_own`
    also StepSettledError.
    """
    held = _held(step, now)
    if held.state == StepState.OPEN:
        raise StepOpenError
    if only_own and held.settled_by != by:
        raise StepSettledError
    if held.state == StepState.DONE and held.kind in GIFTS:
        take_gift_back(person=held.departure.person, what=held.kind, occasion=held.occasion)
    held.state, held.settled_at, held.settled_by, held.reason = StepState.OPEN, None, "", ""
    held.cost, held.cost_currency, held.occasion = None, "", ""
    held.save()
    _note("departures.step_reopened", held, by, now)
    return held


def _held(step: FarewellStep, now: datetime) -> FarewellStep:
    """The step, locked, if its farewell runs."""
    # The departure first: by its state the step may be settled at all, and cancelling takes it first, too.
    departure = Departure.objects.select_for_update(of=("self",)).select_related("person").get(pk=step.departure_id)
    if not may_have_steps(departure=departure, day=today(now=now)):
        raise FarewellOverError
    held = FarewellStep.objects.select_for_update(of=("self",)).get(pk=step.pk)
    held.departure = departure
    return held


def _settle(held: FarewellStep, state: StepState, by: str, now: datetime) -> FarewellStep:
    held.state, held.settled_at, held.settled_by = state, now, by
    held.save()
    _note(f"departures.step_{state}", held, by, now)
    return held


def _occasion(held: FarewellStep) -> str:
    """For what somebody gets a gift: flowers for a first day, whichever departure asks; the rest for this departure."""
    if held.kind != StepKind.FLOWERS:
        return held.departure.key
    first_day = (
        Farewell.objects.filter(departure=held.departure, flowers_agreed_at__isnull=False)
        .values_list("first_day_on", flat=True)
        .first()
    )
    if first_day is None:
        raise FlowersNotAgreedError
    return first_day.isoformat()


def _note(deed: str, held: FarewellStep, by: str, now: datetime) -> None:
    record(
        deed=deed,
        by=by,
        now=now,
        subject_kind="person",
        subject_key=held.departure.person.key,
        details={"kind": held.kind, "step": held.pk},
    )
