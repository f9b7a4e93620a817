"""Tallies of exit answers as rows of a table: value, of how many, interval, or why there is nothing to say."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from perennial.departures.exit.closing import RECOMMEND
from perennial.departures.exit.enums import Band, Ending, QuestionKind
from perennial.departures.exit.figures import Dimension, Shown, Tally
from perennial.departures.exit.questionnaire import Asked
from perennial.insights.intervals import mean_interval, nps, nps_interval, wilson
from perennial.web.charts import Chart, Point, with_minus


@dataclass(frozen=True)
class Row:
    """One figure. `value` and the interval are None where nothing is said; `count` is of those who chose an answer."""

    label: str
    value: float | None
    unit: str
    n: int | None = None
    count: int | None = None
    low: float | None = None
    high: float | None = None
    why_not: str = ""

    @property
    def interval(self) -> str:
        """In words; empty where nothing is said."""
        if self.low is None or self.high is None:
            return ""
        low, high = (with_minus(number_format(bound, decimal_pos=self.places)) for bound in (self.low, self.high))
        return _("%(low)s to %(high)s") % {"low": low, "high": high}

    @property
    def printed(self) -> str:
        """The value as people read it, or why there is none."""
        if self.value is None:
            return self.why_not
        figure = with_minus(number_format(self.value, decimal_pos=self.places))
        return f"{figure}\N{NO-BREAK SPACE}{self.unit}" if self.unit else figure

    @property
    def places(self) -> int:
        """Marks out of ten have a decimal, shares and scores none."""
        return 0 if self.unit else 1


@dataclass(frozen=True)
class Section:
    """A question with what was answered, as a drawing and as a table."""

    code: str
    title: str
    rows: list[Row]
    chart: Chart
    n: int | None
    apart: bool = True

    @property
    def why_not(self) -> str:
        """Why nothing at all is said; empty where something is."""
        return "" if any(row.value is not None for row in self.rows) else next((row.why_not for row in self.rows), "")


def why_not(tally: Tally | None) -> str:
    """Why nothing is said; empty where something is."""
    if tally is None or tally.shown is Shown.FEW:
        return _("too few to say")
    return _("too alike to show") if tally.shown is Shown.ALIKE else ""


def row_of(label: str, tally: Tally | None, *, option: str = "") -> Row:
    """One figure of a tally: the score, the mean, or the share of `option`."""
    unit = _("points") if tally and tally.question == RECOMMEND else "%" if option else ""
    if tally is None or tally.shown is not Shown.YES:
        return Row(label, None, unit, why_not=why_not(tally))
    if option:
        count = tally.options.get(option, 0)
        low, high = wilson(hits=count, of=tally.n) or (0.0, 0.0)
        return Row(label, round(100 * count / tally.n), unit, tally.n, count, round(100 * low), round(100 * high))
    if tally.question == RECOMMEND:
        voices = {"promoters": tally.promoters, "passives": tally.passives, "detractors": tally.detractors}
        score, bounds = nps(**voices), nps_interval(**voices)
        assert score is not None
        assert bounds is not None
        return Row(label, round(score), unit, tally.n, None, round(bounds[0]), round(bounds[1]))
    bounds = mean_interval(total=tally.total, squares=tally.squares, n=tally.n, low=0, high=10)
    assert bounds is not None
    return Row(label, round(tally.total / tally.n, 1), unit, tally.n, None, round(bounds[0], 1), round(bounds[1], 1))


def section_of(question: Asked, tally: Tally | None) -> Section:
    """One question with a row for each ready answer, or for each part of the scale."""
    if question.code == RECOMMEND:
        return _recommend(question, tally)
    if question.kind == QuestionKind.SCALE:
        rows = [row_of(question.label, tally)]
    else:
        rows = [row_of(choice.label, tally, option=choice.code) for choice in question.choices]
    return section(question.code, question.label, rows, tally)


def section(code: str, title: str, rows: list[Row], tally: Tally | None, *, trend: bool = False) -> Section:
    """The drawing with its rows."""
    unit = rows[0].unit if rows else ""
    chart = Chart(
        title,
        [Point(row.label, row.value) for row in rows],
        unit=unit,
        kind="trend" if trend else "bars",
        wide=trend,
        full={"%": 100.0, "": 10.0}.get(unit),
        signed=unit == _("points"),
    )
    return Section(code, title, rows, chart, tally.n if tally and tally.shown is Shown.YES else None)


def parted(question: Asked, found: list[tuple[Any, Tally]], *, dimension: Dimension, option: str) -> Section:
    """One figure of a question, taken apart."""
    rows = [row_of(_label(key, dimension), tally, option=option) for key, tally in found]
    return section(question.code, _title(question, option), rows, None, trend=dimension is Dimension.MONTH)


def option_of(question: Asked, wished: str) -> str:
    """The ready answer whose share is shown: the one asked for, else the first; none where there are no shares."""
    codes = [choice.code for choice in question.choices]
    return wished if wished in codes else next(iter(codes), "")


def _recommend(question: Asked, tally: Tally | None) -> Section:
    shown = tally if tally and tally.shown is Shown.YES else None
    parts = (
        (_("9 and 10: would recommend us"), "promoters"),
        (_("7 and 8"), "passives"),
        (_("0 to 6: would not"), "detractors"),
    )
    rows = []
    for label, name in parts:
        if shown is None:
            rows.append(Row(label, None, "%", why_not=why_not(tally)))
            continue
        count = getattr(shown, name)
        low, high = wilson(hits=count, of=shown.n) or (0.0, 0.0)
        rows.append(Row(label, round(100 * count / shown.n), "%", shown.n, count, round(100 * low), round(100 * high)))
    return section(question.code, question.label, rows, tally)


def _title(question: Asked, option: str) -> str:
    if question.code == RECOMMEND:
        return _("Score: share of 9 and 10 less share of 0 to 6")
    if option:
        return next(choice.label for choice in question.choices if choice.code == option)
    return _("Mean of 0 to 10")


def _label(key: Any, dimension: Dimension) -> str:
    if isinstance(key, date):
        return date_format(key, "M Y")
    if dimension is Dimension.SERVICE:
        return str(Band(key).label)
    return str(Ending(key).label) if dimension is Dimension.ENDING else str(key)


def language_name(code: str) -> str:
    """What a language is called; one that we do not write in is called as its code."""
    return _(str(dict(settings.LANGUAGES).get(code, code))) if code else _("no language")
