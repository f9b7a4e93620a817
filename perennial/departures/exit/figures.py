"""Exit figures: sums over whole closed groups, and nothing else.

A filter selects the groups whose label lies within it. So what two filters, two periods or two downloads differ by is
whole groups again, and nobody can subtract their way to fewer than five people (see `closing`). The tables of answers
are not read here, but for the words of comments.
"""

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from perennial.departures.exit.closing import RECOMMEND, least_together
from perennial.departures.exit.enums import Band, Ending, QuestionKind, Review
from perennial.departures.models import Answer, AnswerGroup, GroupCount
from perennial.programme.models import Department
from perennial.programme.queries import current
from perennial.programme.structure import Tree, merged_into

# Groups of texts that are opened at a time, the latest first: each holds at least ten.
GROUPS_OF_COMMENTS = 10


@dataclass(frozen=True)
class Selection:
    """What is looked at: a department with those below it, service, ending, first and last month of closing."""

    department: int | None = None
    band: str = ""
    ending: str = ""
    since: date | None = None
    until: date | None = None


class Dimension(StrEnum):
    """By what a figure is taken apart."""

    DEPARTMENT = "department"
    SERVICE = "service"
    ENDING = "ending"
    MONTH = "month"


class Shown(StrEnum):
    """Whether there is something to say."""

    YES = "yes"
    FEW = "few"
    ALIKE = "alike"


@dataclass
class Tally:
    """What a set of whole groups counted for one question. Shares are of `n`, the people who answered it."""

    question: str
    kind: str
    n: int = 0
    total: int = 0
    squares: int = 0
    promoters: int = 0
    passives: int = 0
    detractors: int = 0
    options: dict[str, int] = field(default_factory=dict)

    @property
    def shown(self) -> Shown:
        """Nothing is said of nobody, nor where all said the same: then everybody's answer would be known."""
        if not self.n:
            return Shown.FEW
        return Shown.ALIKE if self._alike() else Shown.YES

    def _alike(self) -> bool:
        if self.kind == QuestionKind.TEXT:
            return False
        if self.question == RECOMMEND:
            return self.n in (self.promoters, self.passives, self.detractors)
        if self.kind == QuestionKind.SCALE:
            return self.n * self.squares == self.total**2
        return self.n in self.options.values()

    def add(self, other: "Tally") -> None:
        """Takes the counts of other groups in."""
        for name in ("n", "total", "squares", "promoters", "passives", "detractors"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for option, count in other.options.items():
            self.options[option] = self.options.get(option, 0) + count


def tallies(*, selection: Selection, question: str = "") -> dict[str, Tally]:
    """Each question that has something to say or to hide, by its code, or one of them; a fixed number of statements."""
    return {key[0]: tally for key, tally in _sums(selection, (), question=question).items()}


def tallies_by(*, selection: Selection, question: str, dimension: Dimension) -> list[tuple[Any, Tally]]:
    """One question taken apart. The first of each pair is the department's name, a code, or the month's first day.

    A department counts with those below it. What a label leaves open is in none of them, only in the whole.
    """
    if dimension is Dimension.DEPARTMENT:
        return _by_department(selection, question)
    if dimension is Dimension.MONTH:
        month = TruncMonth("closed_at", tzinfo=ZoneInfo(current().time_zone))
        found = _sums(selection, ("month",), question=question, month=month)
        return sorted((key[1].date(), tally) for key, tally in found.items())
    name, codes = ("band", Band.values) if dimension is Dimension.SERVICE else ("ending", Ending.values)
    found = _sums(selection, (name,), question=question)
    return [(key[1], found[key]) for key in ((question, code) for code in codes) if key in found]


def departments_in_figures() -> list[tuple[int, str, int]]:
    """Every department as (id, name, depth), each followed by those below it, to choose from."""
    return [(branch.pk, branch.name, branch.depth) for branch in Tree().branches()]


def comments(*, selection: Selection, question: str, seed: int | None = None) -> list[str]:
    """What people wrote, shuffled, of groups of ten texts at least, the latest closed first.

    A group of which somebody was erased, or of which a text was flagged since, is shown no more: whoever had kept a
    copy would see whose comment is gone. Nor is one of which so many texts were emptied that fewer than ten are left.
    """
    groups = (
        AnswerGroup.objects.filter(**_conditions(selection), question=question, kind=QuestionKind.TEXT)
        .annotate(
            left=Count("members", filter=~Q(members__review=Review.WAITS)),
            words=Count("members", filter=~Q(members__review=Review.WAITS) & ~Q(members__text="")),
        )
        .filter(left=F("n"), words__gte=least_together(QuestionKind.TEXT))
        .order_by("-closed_at", "-pk")
    )
    chosen = [group.pk for group in groups[:GROUPS_OF_COMMENTS]]
    texts = [text for text in Answer.objects.filter(group__in=chosen).values_list("text", flat=True) if text]
    random.Random(seed).shuffle(texts)  # noqa: S311 - hides the order in which they came, guards no secret
    return texts


def _by_department(selection: Selection, question: str) -> list[tuple[str, Tally]]:
    found = _sums(selection, ("department",), question=question)
    tree, leads_to = Tree(), merged_into(Department)
    below: dict[int, Tally] = {}
    for (_code, department), tally in found.items():
        for holder in tree.with_above(leads_to.get(department, department)) if department else ():
            below.setdefault(holder, Tally(question, tally.kind)).add(tally)
    return [(branch.name, below[branch.pk]) for branch in tree.branches() if branch.pk in below]


def _conditions(selection: Selection) -> dict[str, Any]:
    """What the label of a group must be to lie within `selection`, by field."""
    conditions: dict[str, Any] = {}
    if selection.department is not None:
        held = set(Tree().with_below(selection.department))
        held |= {former for former, present in merged_into(Department).items() if present in held}
        conditions["department__in"] = held
    if selection.band:
        conditions["band"] = selection.band
    if selection.ending:
        conditions["ending"] = selection.ending
    if selection.since:
        conditions["closed_at__gte"] = _midnight(selection.since)
    if selection.until:
        conditions["closed_at__lt"] = _midnight(_month_after(selection.until))
    return conditions


def _midnight(day: date) -> datetime:
    return datetime.combine(day.replace(day=1), time.min, ZoneInfo(current().time_zone)).astimezone(UTC)


def _month_after(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _sums(
    selection: Selection, by: tuple[str, ...], *, question: str = "", month: TruncMonth | None = None
) -> dict[tuple[Any, ...], Tally]:
    """The tallies by question and `by`, fields of the group or 'month'."""
    conditions = _conditions(selection) | ({"question": question} if question else {})
    groups: QuerySet[AnswerGroup] = AnswerGroup.objects.filter(**conditions).order_by()
    counts = GroupCount.objects.filter(**{f"group__{name}": value for name, value in conditions.items()}).order_by()
    if month is not None:
        groups = groups.annotate(month=month)
        counts = counts.annotate(month=TruncMonth("group__closed_at", tzinfo=month.tzinfo))
    found: dict[tuple[Any, ...], Tally] = {}
    sums = {name: Sum(name, default=0) for name in ("n", "total", "squares", "promoters", "passives", "detractors")}
    for row in groups.values("question", "kind", *by).annotate(**{f"{name}_": each for name, each in sums.items()}):
        key = (row["question"], *(row[name] for name in by))
        found[key] = Tally(row["question"], row["kind"], **{name: row[f"{name}_"] for name in sums})
    path = {name: name if name == "month" else f"group__{name}" for name in by}
    for row in counts.values("group__question", "option", *path.values()).annotate(many=Sum("count")):
        key = (row["group__question"], *(row[path[name]] for name in by))
        found[key].options[row["option"]] = row["many"]
    return found
