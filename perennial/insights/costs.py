"""What farewells cost: by currency, never added across them, and never of fewer than five."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perennial.departures.metrics import Spent, farewell_costs_over
from perennial.insights.periods import year_and_quarters

# What fewer cost together comes close to what one of them got.
FEWEST_FAREWELLS = 5
DEFINITION: str | Promise = _(
    "Mean: what the steps of farewells cost together, divided by the farewells with a cost on record in this currency "
    "whose last day lies in the period; not converted, and of five farewells at least. Version 1."
)


@dataclass(frozen=True)
class FarewellCosts:
    """One currency over the year that ends today. `total`, `farewells` and `mean` are None for fewer than five.

    `trend`: (last day of the quarter, mean or None), oldest first.
    """

    currency: str
    total: Decimal | None
    farewells: int | None
    mean: Decimal | None
    trend: list[tuple[date, Decimal | None]]


def farewell_costs(*, now: datetime, quarters: int = 5) -> list[FarewellCosts]:
    """What farewells of the year cost, a currency each, by its code; in one statement besides the programme's."""
    spans = year_and_quarters(now=now, quarters=quarters)
    found = farewell_costs_over(spans=spans)
    told = []
    for currency, (year, *past) in sorted(found.items()):
        mean = _mean(year)
        told.append(
            FarewellCosts(
                currency=currency,
                total=None if mean is None else year.total,
                farewells=None if mean is None else year.farewells,
                mean=mean,
                trend=[(span.last_day, _mean(spent)) for span, spent in zip(spans[1:], past, strict=True)],
            )
        )
    return told


def _mean(spent: Spent) -> Decimal | None:
    """To the hundredth; None for fewer than five."""
    if spent.farewells < FEWEST_FAREWELLS:
        return None
    return (spent.total / spent.farewells).quantize(Decimal("0.01"))
