"""Small drawings made on the server: a trend with its goal, and bars. Colour comes from the stylesheet alone.

A value of None means 'too few to say': the line has a gap there, and the words say so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

MARGIN, FOOT, HEAD = 6.0, 30.0, 20.0
ROW = 40.0
# About as wide as a letter of the drawings is.
LETTER = 7.5


@dataclass(frozen=True)
class Point:
    """One period or kind and its value."""

    label: str
    value: float | None


@dataclass(frozen=True)
class Chart:
    """A drawing together with its numbers, as `web/components/chart.html` shows it."""

    label: str
    points: Sequence[Point]
    unit: str = ""
    goal: float | None = None
    kind: Literal["trend", "bars"] = "trend"
    wide: bool = False
    # What the last value of a trend is of, where a bigger number beside the drawing is of something else.
    last: str = ""
    # Whether a value above nought is written with its sign.
    signed: bool = False
    # What a whole bar stands for, as 100 for shares; without it the longest.
    full: float | None = None

    @property
    def svg(self) -> SafeString:
        if self.kind == "bars":
            return bars(self.points, label=self.label, unit=self.unit, wide=self.wide, full=self.full)
        return trend(
            self.points,
            label=self.label,
            goal=self.goal,
            unit=self.unit,
            wide=self.wide,
            last=self.last,
            signed=self.signed,
        )

    @property
    def rows(self) -> list[tuple[str, str]]:
        """Label and value in words, for the table behind the drawing."""
        return [(point.label, in_words(point.value, unit=self.unit, signed=self.signed)) for point in self.points]


def with_minus(figure: str) -> str:
    """A printed number with the sign of its own that a hyphen is not."""
    return figure.replace("-", "\N{MINUS SIGN}")


def in_words(value: float | None, *, unit: str, signed: bool = False) -> str:
    """A number as people read it in their language, with its unit, or that there is too little to say."""
    if value is None:
        return _("too few to say")
    figure = with_minus(number_format(value, decimal_pos=0 if float(value).is_integer() else None))
    if signed and value > 0:
        figure = f"+{figure}"
    return f"{figure}\N{NO-BREAK SPACE}{unit}" if unit else figure


def trend(
    points: Sequence[Point],
    *,
    label: str,
    goal: float | None = None,
    unit: str = "",
    wide: bool = False,
    last: str = "",
    signed: bool = False,
) -> SafeString:
    """A line through time, the last value written beside it after the words of `last`, the goal as a dashed line."""
    width, height = (640.0, 180.0) if wide else (320.0, 120.0)
    known = [point.value for point in points if point.value is not None]
    if not known:
        return _drawing(points, label=label, unit=unit, goal=goal, size=(width, 40.0), marks=_too_few())
    bounds = [0.0, *known, *([] if goal is None else [goal])]
    lowest, highest = min(bounds), max(bounds)
    span = (highest - lowest) or 1.0
    step = (width - 2 * MARGIN) / max(len(points) - 1, 1)

    def down(value: float) -> float:
        return HEAD + (highest - value) / span * (height - HEAD - FOOT)

    places = [
        (MARGIN + step * number, None if point.value is None else down(point.value), point)
        for number, point in enumerate(points)
    ]
    marks = [format_html('<line class="chart-base" x1="{0}" x2="{1}" y1="{2}" y2="{2}"/>', *_n(0, width, down(0)))]
    if goal is not None:
        marks.append(
            format_html(
                '<line class="chart-goal" x1="{0}" x2="{1}" y1="{2}" y2="{2}"/>'
                '<text class="chart-goal-label" x="{0}" y="{3}">{4}</text>',
                *_n(0, width, down(goal), down(goal) - 6),
                _("goal %(value)s") % {"value": in_words(goal, unit=unit)},
            )
        )
    marks += list(_line([(x, y) for x, y, _point in places]))
    x, y, latest = next(place for place in reversed(places) if place[1] is not None)
    # Only the end of the line is what `last` names; a value before a gap is older.
    named = f"{last}: " if last and latest is points[-1] else ""
    words = named + in_words(latest.value, unit=unit, signed=signed)
    marks.append(format_html('<circle class="chart-last" cx="{}" cy="{}" r="4.5"/>', *_n(x, y or 0.0)))
    # Above all of the line that the words stand over, so that it does not run through them.
    over = [height for at, height, _point in places if height is not None and at > x - LETTER * len(words) - step]
    marks.append(_value_beside(x, min(over), words, width=width, goal_at=goal and down(goal), below=y or 0.0))
    marks.append(format_html('<text class="chart-label" x="0" y="{}">{}</text>', *_n(height - 5), points[0].label))
    if len(points) > 1:
        marks.append(
            format_html(
                '<text class="chart-label" text-anchor="end" x="{}" y="{}">{}</text>',
                *_n(width, height - 5),
                points[-1].label,
            )
        )
    return _drawing(points, label=label, unit=unit, goal=goal, size=(width, height), marks=marks, signed=signed)


def bars(
    points: Sequence[Point], *, label: str, unit: str = "", wide: bool = False, full: float | None = None
) -> SafeString:
    """One bar a kind, its name and value above it; all start at nought and end at `full`, or at the highest."""
    width = 640.0 if wide else 320.0
    highest = full or max((abs(point.value) for point in points if point.value is not None), default=0.0) or 1.0
    marks: list[SafeString] = []
    for number, point in enumerate(points):
        top = ROW * number
        marks.append(format_html('<text class="chart-label" x="0" y="{}">{}</text>', *_n(top + 14), point.label))
        marks.append(
            format_html(
                '<text class="{}" text-anchor="end" x="{}" y="{}">{}</text>',
                "chart-few" if point.value is None else "chart-value",
                *_n(width, top + 14),
                in_words(point.value, unit=unit),
            )
        )
        marks.append(
            format_html(
                '<rect class="chart-bar-rest" x="0" y="{}" width="{}" height="9" rx="4.5"/>', *_n(top + 21, width)
            )
        )
        if point.value:
            long = max(width * abs(point.value) / highest, 9.0)
            marks.append(
                format_html(
                    '<rect class="chart-bar" x="0" y="{}" width="{}" height="9" rx="4.5"/>', *_n(top + 21, long)
                )
            )
    if not points:
        marks = _too_few()
    return _drawing(points, label=label, unit=unit, goal=None, size=(width, max(ROW * len(points), 40.0)), marks=marks)


def _n(*numbers: float) -> list[str]:
    """Coordinates as SVG wants them, whatever the visitor's language does with decimals."""
    return [f"{number:.1f}".removesuffix(".0") for number in numbers]


def _line(places: Sequence[tuple[float, float | None]]) -> Iterator[SafeString]:
    """A line for each unbroken run; a lone value becomes a dot, so that it is not lost between two gaps."""
    for known, run in groupby(places, key=lambda place: place[1] is not None):
        if not known:
            continue
        spots = [_n(x, y or 0.0) for x, y in run]
        if len(spots) == 1:
            yield format_html('<circle class="chart-point" cx="{}" cy="{}" r="3.5"/>', *spots[0])
        else:
            yield format_html('<polyline class="chart-line" points="{}"/>', " ".join(",".join(spot) for spot in spots))


def _value_beside(x: float, y: float, words: str, *, width: float, goal_at: float | None, below: float) -> SafeString:
    """The last value: above the line, or below its last point where the goal line would run through it."""
    above = y - 10
    crossed = goal_at is not None and above - 12 <= goal_at <= above + 4
    return format_html(
        '<text class="chart-value" text-anchor="{}" x="{}" y="{}">{}</text>',
        "end" if x > width / 2 else "start",
        *_n(min(x + 4, width), below + 20 if crossed else above),
        words,
    )


def _too_few() -> list[SafeString]:
    return [format_html('<text class="chart-few" x="0" y="24">{}</text>', _("Too few to say yet."))]


def _drawing(
    points: Sequence[Point],
    *,
    label: str,
    unit: str,
    goal: float | None,
    size: tuple[float, float],
    marks: Sequence[SafeString],
    signed: bool = False,
) -> SafeString:
    """The frame, named and told in words for those who do not see it."""
    told = [f"{point.label}: {in_words(point.value, unit=unit, signed=signed)}" for point in points]
    if goal is not None:
        told.append(_("goal %(value)s") % {"value": in_words(goal, unit=unit)})
    return format_html(
        '<svg viewBox="0 0 {} {}" role="img"><title>{}</title><desc>{}</desc>{}</svg>',
        *_n(*size),
        label,
        "; ".join(told),
        format_html_join("", "{}", ((mark,) for mark in marks)),
    )
