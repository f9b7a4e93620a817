"""Closes groups of answers and counts them: the only way from what somebody said to a figure.

Whatever is shown is a sum over whole groups, so whoever adds and subtracts what is shown, over any filters and
months, gets sums over whole groups again: of nobody, or of five people at least (standards.md 4, A1 and A2). Each
question has groups of its own, so that those who skipped it leave no remainder of one to four. Which answers come
together depends on where people worked, how long and how it ended, and on nothing they said but this: where all of a
cell answered alike, nothing is closed (A3), and they wait until at least five others are counted together with them.

A round goes from the finest cells to the coarsest; whole cells close, and what is fewer than five waits:

| label | of whom |
| --- | --- |
| department, service, ending | those who share all three |
| department, ending | of a department, however long they were here |
| department | of a department |
| a department above | of all below it, the lowest first |
| ending, service | whatever the department |
| service | |
| none | whoever is left |

Where few answer there is a round with every submission, so that a small programme sees a total as soon as five have
answered. Where many do, only the finest cells close at once and a round comes every thirty days: else the fifth answer
of the house would close a group of everybody, and no department would ever be seen.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import chain

from django.db import transaction
from django.db.models import Exists, IntegerField, Max, OuterRef, Q, Value

from perennial.audit.actions import record
from perennial.departures.exit.enums import Band, Ending, QuestionKind, Review
from perennial.departures.models import Answer, AnswerGroup, AnswerTheme, Departure, ExitAnswers, GroupCount
from perennial.people.enums import HowEnded
from perennial.programme.queries import current
from perennial.programme.structure import Tree

# The question whose answers are read as promoters, passives and detractors.
RECOMMEND = "recommend"
# Themes are counted as answers to a question of their own, which no questionnaire asks.
THEMES = "themes"
# Texts are shown as they stand, so more of them come together (standards.md 4, A1).
TEXTS_TOGETHER = 10
# Answers left unfinished for so long count as submitted.
DAYS_UNFINISHED = 14
DAYS_BETWEEN_ROUNDS = 30
# From so many times the smallest group in thirty days, many answer.
MANY = 4
_BATCH = 500

_ENDINGS = {
    HowEnded.RESIGNATION: Ending.QUIT,
    HowEnded.DISMISSAL: Ending.DISCHARGE,
    HowEnded.REDUNDANCY: Ending.DISCHARGE,
    HowEnded.END_OF_CONTRACT: Ending.DISCHARGE,
}
_YEARS = ((1, Band.UNDER_1), (3, Band.FROM_1), (5, Band.FROM_3), (10, Band.FROM_5))


@dataclass(frozen=True)
class Label:
    """What a group says of its people; None and empty are 'mixed'."""

    department: int | None = None
    band: str = ""
    ending: str = ""


@dataclass
class Said:
    """What one person said to one question, and where they worked."""

    where: Label
    rows: list[int] = field(default_factory=list)
    options: set[str] = field(default_factory=set)
    number: int | None = None
    held: bool = False


@dataclass(frozen=True)
class Closed:
    """A group that is about to be written down."""

    label: Label
    said: list[Said]


def close_after_submission(*, now: datetime) -> int:
    """Closes what one more answer completes, where few answer. Where many do, the next tick does it."""
    return 0 if _many_answer(now) else close_groups(now=now)


@transaction.atomic
def close_groups(*, now: datetime) -> int:
    """Closes whatever can be closed now. Returns how many groups. Safe to repeat.

    The rows are locked before they are counted. Of two submissions at once each sees the four that were there and its
    own: one takes them, the other finds them taken and closes nothing. It skips what is locked rather than wait, for
    each holds its own row already and they would wait for each other; the next tick closes what stayed behind.
    """
    free = ExitAnswers.objects.select_for_update(skip_locked=True)
    unfinished = free.filter(submitted_at=None, started_at__lte=now - timedelta(days=DAYS_UNFINISHED))
    ExitAnswers.objects.filter(pk__among=list(unfinished.values_list("pk", flat=True))).update(submitted_at=now)
    waiting = Exists(Answer.objects.filter(answers=OuterRef("pk"), group=None)) | Exists(
        AnswerTheme.objects.filter(answers=OuterRef("pk"), group=None)
    )
    # What is stored and nothing else is counted nowhere; once it is used again it waits with the others.
    stored_only = Exists(Departure.objects.filter(pk=OuterRef("departure"), person__stored_only_since__isnull=False))
    ready = free.filter(waiting, ~stored_only, submitted_at__isnull=False)
    held = list(ready.order_by("pk").values_list("pk", flat=True))
    pools = _pools(held)
    tree = Tree()
    whole_round = not _many_answer(now) or _round_is_due(now)
    closed = 0
    for (question, kind), pool in sorted(pools.items()):
        least = least_together(kind)
        if len(pool) < least:
            continue
        fitting, alike = grouped(
            pool, least=least, tree=tree, is_alike=alike_for(question, kind), whole_round=whole_round
        )
        write_groups(question, kind, fitting, in_a_round=whole_round, now=now)
        rows = [row for said in alike for row in said.rows]
        table = AnswerTheme if question == THEMES else Answer
        table.objects.filter(pk__among=rows).update(held=True)
        closed += len(fitting)
    if closed:
        record(deed="departures.groups_closed", by="system", now=now, details={"groups": closed})
    return closed


def least_together(kind: str) -> int:
    """How many answers make a group."""
    least = current().minimum_group
    return max(least, TEXTS_TOGETHER) if kind == QuestionKind.TEXT else least


def grouped(
    pool: Iterable[Said],
    *,
    least: int,
    tree: Tree,
    is_alike: Callable[[list[Said]], bool],
    whole_round: bool = True,
) -> tuple[list[Closed], list[Said]]:
    """The groups that close, and those who wait on because all of their cell said the same.

    A cell closes when at least `least` in it were never held back, and not all of it answered alike.
    """
    waiting = list(pool)
    closed: list[Closed] = []
    alike: dict[int, Said] = {}
    for step in _steps(tree, whole_round=whole_round):
        taken: set[int] = set()
        for label, cell in step(waiting):
            cell = [said for said in cell if id(said) not in taken]
            if sum(not said.held for said in cell) < least:
                continue
            if is_alike(cell):
                for said in cell:
                    said.held = True
                    alike[id(said)] = said
                continue
            closed.append(Closed(label, cell))
            taken |= {id(said) for said in cell}
        waiting = [said for said in waiting if id(said) not in taken]
    left = {id(said) for said in waiting}
    return closed, [said for said in alike.values() if id(said) in left]


def alike_for(question: str, kind: str) -> Callable[[list[Said]], bool]:
    """Whether all answered alike, as a figure would show it. Texts never are."""
    if kind == QuestionKind.TEXT:
        return lambda cell: False
    if kind == QuestionKind.SCALE and question == RECOMMEND:
        return lambda cell: len({voice(said.number or 0) for said in cell}) == 1
    if kind == QuestionKind.SCALE:
        return lambda cell: len({said.number for said in cell}) == 1
    return lambda cell: bool(set.intersection(*(said.options for said in cell)))


def voice(number: int) -> str:
    """Of 'would you recommend us': 9-10 are promoters, 7-8 passives, 0-6 detractors."""
    return "promoters" if number >= 9 else "passives" if number >= 7 else "detractors"


def band_of(*, starts_on: date | None, ends_on: date | None) -> Band:
    """Length of service in whole years, as a band."""
    if starts_on is None or ends_on is None:
        return Band.UNKNOWN
    years = ends_on.year - starts_on.year - ((ends_on.month, ends_on.day) < (starts_on.month, starts_on.day))
    return next((band for limit, band in _YEARS if years < limit), Band.FROM_10)


def ending_of(*, recorded: str, how_ended: str) -> Ending:
    """How it ended for the employer: as HR recorded it for the figures, else as the stint says."""
    if recorded:
        return Ending(recorded)
    if not how_ended:
        return Ending.UNKNOWN
    return _ENDINGS.get(HowEnded(how_ended), Ending.OTHER)


Step = Callable[[list[Said]], Iterator[tuple[Label, list[Said]]]]


def _steps(tree: Tree, *, whole_round: bool) -> Iterator[Step]:
    """From the finest cells to the coarsest."""

    def of_the_department(said: Said, **more: str) -> Label | None:
        return None if said.where.department is None else Label(said.where.department, **more)

    yield _by(lambda said: of_the_department(said, band=said.where.band, ending=said.where.ending))
    if not whole_round:
        return
    yield _by(lambda said: of_the_department(said, ending=said.where.ending))
    yield _by(of_the_department)
    yield _upwards(tree)
    yield _by(lambda said: Label(None, said.where.band, said.where.ending))
    yield _by(lambda said: Label(None, said.where.band))
    yield _by(lambda _said: Label())


def _by(label: Callable[[Said], Label | None]) -> Step:
    def step(waiting: list[Said]) -> Iterator[tuple[Label, list[Said]]]:
        cells: dict[Hashable, list[Said]] = defaultdict(list)
        for said in waiting:
            cells[label(said)].append(said)
        yield from ((key, cell) for key, cell in cells.items() if isinstance(key, Label))

    return step


def _upwards(tree: Tree) -> Step:
    def step(waiting: list[Said]) -> Iterator[tuple[Label, list[Said]]]:
        cells: dict[int, list[Said]] = defaultdict(list)
        for said in waiting:
            for department in tree.with_above(said.where.department) if said.where.department else ():
                cells[department].append(said)
        lowest_first = sorted(tree.branches(), key=lambda branch: -branch.depth)
        yield from ((Label(branch.pk), cells[branch.pk]) for branch in lowest_first if branch.pk in cells)

    return step


def _many_answer(now: datetime) -> bool:
    since = now - timedelta(days=DAYS_BETWEEN_ROUNDS)
    return ExitAnswers.objects.filter(submitted_at__gt=since).count() >= MANY * current().minimum_group


def _round_is_due(now: datetime) -> bool:
    last = AnswerGroup.objects.filter(in_a_round=True).aggregate(last=Max("closed_at"))["last"]
    return last is None or last <= now - timedelta(days=DAYS_BETWEEN_ROUNDS)


def _pools(answers: list[int]) -> dict[tuple[str, str], list[Said]]:
    """What waits to be counted, by question: of these submissions, what no group holds. Never a word of a text."""
    rows = (
        Answer.objects.filter(answers__among=answers, group=None)
        .exclude(Q(question__kind=QuestionKind.TEXT) & (Q(text="") | Q(review=Review.WAITS)))
        .order_by("pk")
        .values_list(
            "pk",
            "answers_id",
            "question__code",
            "question__kind",
            "option__code",
            "number",
            "held",
            "answers__departure__recorded_ending",
            "answers__departure__stint__department_id",
            "answers__departure__stint__starts_on",
            "answers__departure__stint__ends_on",
            "answers__departure__stint__how_ended",
        )
    )
    themes = (
        AnswerTheme.objects.filter(answers__among=answers, group=None)
        .order_by("pk")
        .values_list(
            "pk",
            "answers_id",
            Value(THEMES),
            Value(QuestionKind.MULTIPLE.value),
            "theme__key",
            Value(None, output_field=IntegerField()),
            "held",
            "answers__departure__recorded_ending",
            "answers__departure__stint__department_id",
            "answers__departure__stint__starts_on",
            "answers__departure__stint__ends_on",
            "answers__departure__stint__how_ended",
        )
    )
    pools: dict[tuple[str, str], dict[int, Said]] = defaultdict(dict)
    for pk, person, code, kind, option, number, held, recorded, department, starts_on, ends_on, how_ended in chain(
        rows, themes
    ):
        said = pools[code, kind].get(person)
        if said is None:
            band, ending = (
                band_of(starts_on=starts_on, ends_on=ends_on),
                ending_of(recorded=recorded, how_ended=how_ended),
            )
            said = pools[code, kind][person] = Said(Label(department, band.value, ending.value))
        said.rows.append(pk)
        said.number = number
        said.held |= held
        if option is not None:
            said.options.add(option)
    return {question: list(said.values()) for question, said in pools.items()}


def write_groups(question: str, kind: str, closed: list[Closed], *, in_a_round: bool, now: datetime) -> None:
    """Writes groups down with their counts, and whose answers they hold."""
    groups = AnswerGroup.objects.bulk_create(
        [_counted(question, kind, each, in_a_round=in_a_round, now=now) for each in closed], batch_size=_BATCH
    )
    counts: list[GroupCount] = []
    members: list[Answer] = []
    themed: list[AnswerTheme] = []
    for group, each in zip(groups, closed, strict=True):
        chosen = Counter(option for said in each.said for option in sorted(said.options))
        counts += [GroupCount(group=group, option=option, count=many) for option, many in sorted(chosen.items())]
        rows = [row for said in each.said for row in said.rows]
        if question == THEMES:
            themed += [AnswerTheme(pk=row, group=group) for row in rows]
        else:
            members += [Answer(pk=row, group=group) for row in rows]
    GroupCount.objects.bulk_create(counts, batch_size=_BATCH)
    Answer.objects.bulk_update(members, ["group"], batch_size=_BATCH)
    AnswerTheme.objects.bulk_update(themed, ["group"], batch_size=_BATCH)


def _counted(question: str, kind: str, closed: Closed, *, in_a_round: bool, now: datetime) -> AnswerGroup:
    group = AnswerGroup(
        question=question,
        kind=kind,
        closed_at=now,
        in_a_round=in_a_round,
        department=closed.label.department,
        band=closed.label.band,
        ending=closed.label.ending,
        n=len(closed.said),
    )
    if kind == QuestionKind.SCALE:
        numbers = [said.number or 0 for said in closed.said]
        voices = Counter(voice(number) for number in numbers)
        group.total, group.squares = sum(numbers), sum(number * number for number in numbers)
        group.promoters, group.passives, group.detractors = (
            voices["promoters"],
            voices["passives"],
            voices["detractors"],
        )
    return group
