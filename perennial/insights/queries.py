"""The figures for leadership: each with one printed definition, numerator, denominator, n, period and interval."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import fmean
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perennial.departures import metrics
from perennial.departures.metrics import Span
from perennial.insights.intervals import mean_interval, nps, nps_interval, wilson
from perennial.programme.queries import current

DAYS_OF_YEAR, DAYS_OF_QUARTER = 365, 91


@dataclass(frozen=True)
class Figure:
    """A KPI over one period. `value` and `interval` are None where there is nothing to say; shares are in per
    cent, marks from 0 to 10.
    """

    code: str
    label: str | Promise
    value: float | None
    unit: str
    numerator: int | None
    denominator: int
    n: int
    interval: tuple[float, float] | None
    period: str
    definition: str | Promise

    def printed(self) -> str:
        """The value as it is shown; '–' when there is nothing to say, never 0 %."""
        if self.value is None:
            return "–"
        if self.unit == "marks":
            return f"{self.value:.1f}"
        whole = round(self.value)
        if self.unit == "points":
            return f"{whole:+d}".replace("-", "\N{MINUS SIGN}") if whole else "0"
        return f"{whole} %"


@dataclass(frozen=True)
class Trend:
    """A figure over time: (last day of the span, value or None), oldest first."""

    code: str
    points: list[tuple[date, float | None]]


def kpis(*, now: datetime) -> list[Figure]:
    """The figures over the year that ends today."""
    return _figures([_year(now)])[0]


def kpis_with_trends(*, now: datetime, quarters: int = 5) -> list[tuple[Figure, Trend]]:
    """The same with each figure over the last `quarters` spans of 91 days, in as many statements as without.

    Five spans end where the same span ended a year before.
    """
    zone = ZoneInfo(current().time_zone)
    today = now.astimezone(zone).date()
    ends = [today - timedelta(days=DAYS_OF_QUARTER * back) for back in reversed(range(quarters))]
    spans = [_span(end - timedelta(days=DAYS_OF_QUARTER - 1), end, zone) for end in ends]
    year, *past = _figures([_year(now), *spans])
    return [
        (figure, Trend(figure.code, [(end, figures[place].value) for end, figures in zip(ends, past, strict=True)]))
        for place, figure in enumerate(year)
    ]


def _year(now: datetime) -> Span:
    zone = ZoneInfo(current().time_zone)
    last = now.astimezone(zone).date()
    return _span(last - timedelta(days=DAYS_OF_YEAR - 1), last, zone)


def _span(first: date, last: date, zone: ZoneInfo) -> Span:
    since = datetime.combine(first, time.min, zone)
    return Span(first, last, since, datetime.combine(last + timedelta(days=1), time.min, zone))


def _figures(spans: list[Span]) -> list[list[Figure]]:
    """The figures of each span, one statement a figure."""
    voices = metrics.nps_counts_over(spans=spans)
    satisfied = metrics.satisfaction_over(spans=spans)
    responded = metrics.response_counts_over(spans=spans)
    captured = metrics.capture_counts_over(spans=spans)
    agreed = metrics.consent_counts_over(spans=spans)
    return [
        [
            _nps_at_departure(voices[place], _period(span)),
            _share(
                code="promoter_share",
                label=_("Answer 9 or 10"),
                definition=_(
                    "Leavers who answer 9 or 10 to 'would you recommend us as an employer?', of those who answer it, "
                    "over closed groups of at least five answers that are not all alike; interval: Wilson, 95 %. "
                    "Version 1."
                ),
                counts=_of_voices(voices[place], voices[place].promoters),
                period=_period(span),
            ),
            _share(
                code="recommend_share",
                label=_("Answer 7 or more"),
                definition=_(
                    "Leavers who answer 7, 8, 9 or 10 to 'would you recommend us as an employer?', of those who answer "
                    "it, over closed groups of at least five answers that are not all alike; interval: Wilson, 95 %. "
                    "Version 1."
                ),
                counts=_of_voices(voices[place], voices[place].promoters + voices[place].passives),
                period=_period(span),
            ),
            _satisfaction(satisfied[place], _period(span)),
            _share(
                code="response_rate",
                label=_("Leavers who answer"),
                definition=_(
                    "Leavers who submitted answers, of those who were invited by mail or on paper, or used the link, "
                    "and whose last day lies in the period; interval: Wilson, 95 %. Version 1."
                ),
                counts=responded[place],
                period=_period(span),
            ),
            _share(
                code="capture_rate",
                label=_("Leavers who stay in touch"),
                definition=_(
                    "Leavers with a confirmed private address and at least one consent, of the eligible leavers "
                    "whose last day lies in the period, the audience's alone; interval: Wilson, 95 %. Version 2."
                ),
                counts=captured[place],
                period=_period(span),
            ),
            _share(
                code="consent_rate",
                label=_("Relation screens with a yes"),
                definition=_(
                    "Relation screens submitted in the period with at least one consent, of those submitted; "
                    "interval: Wilson, 95 %. Version 1."
                ),
                counts=agreed[place],
                period=_period(span),
            ),
        ]
        for place, span in enumerate(spans)
    ]


def _period(span: Span) -> str:
    return f"{span.first_day.isoformat()}/{span.last_day.isoformat()}"


def _of_voices(counts: metrics.Counts, hits: int) -> tuple[int, int]:
    """So many of those who answered; nobody where all said the same."""
    return (0, 0) if counts.alike else (hits, counts.n)


def _satisfaction(subjects: Sequence[metrics.Marks], period: str) -> Figure:
    """The mean over subjects of their mean marks.

    The same people answer about each, so the interval is as wide as if all subjects moved together: the mean of the
    subjects' own half-widths on either side. Wider than it may have to be, and never too narrow.
    """
    told = [each for each in subjects if each.n * each.squares != each.total**2]
    bounds = [
        bound
        for each in told
        if (bound := mean_interval(total=each.total, squares=each.squares, n=each.n, low=0, high=10))
    ]
    return Figure(
        code="satisfaction",
        label=_("How satisfied leavers were"),
        value=fmean(each.total / each.n for each in told) if told else None,
        unit="marks",
        numerator=None,
        denominator=len(told),
        n=max((each.n for each in told), default=0),
        interval=(fmean(low for low, _high in bounds), fmean(high for _low, high in bounds)) if bounds else None,
        period=period,
        definition=_(
            "Mean of the mean marks from 0 to 10 about each subject (work, pay, manager and the others), over closed "
            "groups of at least five answers that are not all alike; interval: Student's t at 95 % of each subject, as "
            "if all moved together. Version 1."
        ),
    )


def _nps_at_departure(counts: metrics.Counts, period: str) -> Figure:
    voices = {"promoters": counts.promoters, "passives": counts.passives, "detractors": counts.detractors}
    return Figure(
        code="nps_at_departure",
        label=_("Would recommend us"),
        value=None if counts.alike else nps(**voices),
        unit="points",
        numerator=counts.promoters - counts.detractors if counts.n and not counts.alike else None,
        denominator=counts.n,
        n=counts.n,
        interval=None if counts.alike else nps_interval(**voices),
        period=period,
        definition=_(
            "Share of leavers who answer 9 or 10 to 'would you recommend us as an employer?' minus the share who "
            "answer 0 to 6, times 100, over closed groups of at least five answers that are not all alike; interval: "
            "adjusted Wald, 95 %. Version 2."
        ),
    )


def _share(
    *, code: str, label: str | Promise, definition: str | Promise, counts: tuple[int, int], period: str
) -> Figure:
    hits, of = counts
    interval = wilson(hits=hits, of=of)
    return Figure(
        code=code,
        label=label,
        value=100 * hits / of if of else None,
        unit="percent",
        numerator=hits if of else None,
        denominator=of,
        n=of,
        interval=(100 * interval[0], 100 * interval[1]) if interval else None,
        period=period,
        definition=definition,
    )
