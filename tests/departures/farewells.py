"""Farewells that were paid for."""

from datetime import date
from decimal import Decimal
from typing import Any

from perennial.departures.actions import review_person
from perennial.departures.farewell.actions import do_step
from perennial.departures.models import Departure, FarewellStep
from tests.cast import NOW, TODAY, person


def farewell(cost: str | None, *, ends_on: date = TODAY, currency: str = "EUR", **stint: Any) -> Departure:
    """Somebody who leaves, and what the personal thanks cost; None: done, without a cost on record."""
    someone = person("Somebody Stone", ends_on=ends_on, **stint)
    review_person(person=someone, now=NOW)
    departure = Departure.objects.get(person=someone)
    pay(departure, cost, kind="thanks", currency=currency)
    return departure


def pay(departure: Departure, cost: str | None, *, kind: str, currency: str = "EUR") -> None:
    step = FarewellStep.objects.get(departure=departure, kind=kind)
    do_step(step=step, by="user:1", now=NOW, cost=None if cost is None else Decimal(cost), currency=currency)
