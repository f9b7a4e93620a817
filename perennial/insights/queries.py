"""The figures for leadership: each KPI over a period, with numerator, denominator, n and interval."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from perennial.departures.metrics import Span
from perennial.insights.kpis import KPIS, Kpi
from perennial.insights.measures import Measured
from perennial.insights.periods import year_and_quarters


@dataclass(frozen=True, kw_only=True)
class Figure(Measured):
    """A KPI over one period: 'first day/last day', both included."""

    kpi: Kpi[Any]
    period: str

    def printed(self) -> str:
        """The value as it is shown; '–' when there is nothing to say, never 0 %."""
        if self.value is None:
            return "–"
        unit = self.kpi.measure.unit
        if unit == "marks":
            return f"{self.value:.1f}"
        whole = round(self.value)
        if unit == "points":
            return f"{whole:+d}".replace("-", "\N{MINUS SIGN}") if whole else "0"
        return f"{whole} %"


@dataclass(frozen=True)
class Trend:
    """A figure over time: (last day of the span, value or None), oldest first."""

    points: list[tuple[date, float | None]]


def kpis(*, now: datetime) -> list[Figure]:
    """The figures over the year that ends today, in the order in which the KPIs are declared."""
    return _figures(year_and_quarters(now=now, quarters=0))[0]


def kpis_with_trends(*, now: datetime, quarters: int = 5) -> list[tuple[Figure, Trend]]:
    """The same with each figure over the last `quarters` spans of 91 days, in as many statements as without."""
    spans = year_and_quarters(now=now, quarters=quarters)
    year, *past = _figures(spans)
    return [
        (figure, Trend([(span.last_day, figures[place].value) for span, figures in zip(spans[1:], past, strict=True)]))
        for place, figure in enumerate(year)
    ]


def _figures(spans: Sequence[Span]) -> list[list[Figure]]:
    """The figures of each span, each way of counting asked once for all of them."""
    counts = {counted: counted(spans=spans) for counted in dict.fromkeys(kpi.counted for kpi in KPIS)}
    return [
        [
            Figure(
                kpi=kpi,
                period=f"{span.first_day.isoformat()}/{span.last_day.isoformat()}",
                **vars(kpi.measure.measured(counts[kpi.counted][place])),
            )
            for kpi in KPIS
        ]
        for place, span in enumerate(spans)
    ]
