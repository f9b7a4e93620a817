"""How a value and its interval come out of counts. Each measure names its unit and, in words, its interval."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Generic, Literal, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perennial.departures.metrics import Counts, Marks
from perennial.insights.intervals import mean_interval, nps, nps_interval, wilson

T = TypeVar("T")
Unit = Literal["percent", "points", "marks"]


@dataclass(frozen=True, kw_only=True)
class Measured:
    """`value` and `interval` are None where there is nothing to say, `numerator` also where there is none.

    Shares are in per cent, scores from -100 to 100, marks from 0 to 10.
    """

    value: float | None
    numerator: int | None
    denominator: int
    n: int
    interval: tuple[float, float] | None


@dataclass(frozen=True)
class Measure(Generic[T]):
    """Makes a value of what was counted over one span."""

    unit: Unit
    interval: str | Promise
    measured: Callable[[T], Measured]


def _share(counts: tuple[int, int]) -> Measured:
    hits, of = counts
    interval = wilson(hits=hits, of=of)
    return Measured(
        value=100 * hits / of if of else None,
        numerator=hits if of else None,
        denominator=of,
        n=of,
        interval=(100 * interval[0], 100 * interval[1]) if interval else None,
    )


def _share_of_voices(hits: Callable[[Counts], int]) -> Callable[[Counts], Measured]:
    """Of those who answered; nobody where all said the same."""
    return lambda voices: _share((0, 0) if voices.alike else (hits(voices), voices.n))


def _score(counts: Counts) -> Measured:
    voices = {"promoters": counts.promoters, "passives": counts.passives, "detractors": counts.detractors}
    return Measured(
        value=None if counts.alike else nps(**voices),
        numerator=counts.promoters - counts.detractors if counts.n and not counts.alike else None,
        denominator=counts.n,
        n=counts.n,
        interval=None if counts.alike else nps_interval(**voices),
    )


def _mean_of_subjects(subjects: Sequence[Marks]) -> Measured:
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
    return Measured(
        value=fmean(each.total / each.n for each in told) if told else None,
        numerator=None,
        denominator=len(told),
        n=max((each.n for each in told), default=0),
        interval=(fmean(low for low, _high in bounds), fmean(high for _low, high in bounds)) if bounds else None,
    )


_WILSON = _("Wilson, 95 %")

SHARE = Measure[tuple[int, int]]("percent", _WILSON, _share)
PROMOTERS = Measure[Counts]("percent", _WILSON, _share_of_voices(lambda voices: voices.promoters))
NOT_DETRACTORS = Measure[Counts](
    "percent", _WILSON, _share_of_voices(lambda voices: voices.promoters + voices.passives)
)
SCORE = Measure[Counts]("points", _("adjusted Wald, 95 %"), _score)
MEAN_OF_SUBJECTS = Measure[Sequence[Marks]](
    "marks", _("Student's t at 95 % of each subject, as if all moved together"), _mean_of_subjects
)
