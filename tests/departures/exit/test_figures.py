"""Whatever is shown, and whatever can be got of it by adding and subtracting, is over nobody or over five and more."""

from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as PropertyCase

from perennial.departures.exit.closing import close_groups
from perennial.departures.exit.enums import Band, Ending
from perennial.departures.exit.figures import (
    Dimension,
    Selection,
    Shown,
    comments,
    tallies,
    tallies_by,
)
from perennial.departures.exit.questionnaire import ship
from perennial.departures.exit.wall import redact_text
from perennial.departures.models import Answer, AnswerGroup, Departure, ExitAnswers
from perennial.people.reorganising import merge
from perennial.programme.models import Department
from tests.cast import NOW, TODAY, person, programme
from tests.departures.exit.saying import leavers, say
from tests.examples import examples

DAY = timedelta(days=1)
YEAR = timedelta(days=366)
ENDINGS = ("resignation", "dismissal", "retirement", "")
QUESTIONS = ("recommend", "reason", "would_return", "satisfied_pay", "improve")


def house() -> list[Department]:
    """A house with two halves, one of which has a part: 0 holds 1 and 2, 2 holds 3; and one that stands alone."""
    top = Department.objects.create(name="House")
    left, right = (Department.objects.create(name=name, parent=top) for name in ("Left", "Right"))
    return [
        top,
        left,
        right,
        Department.objects.create(name="Corner", parent=right),
        Department.objects.create(name="Own"),
    ]


def departed(number: int, department: Department | None, years: int, how_ended: str) -> Departure:
    someone = person(
        f"Leaver {number}",
        department=department,
        starts_on=TODAY - years * YEAR - DAY,
        how_ended=how_ended,
    )
    stint = someone.stints.get()
    return Departure.objects.create(person=someone, stint=stint, state="open", opened_at=NOW)


def spoke(departure: Departure, said: dict[str, Any], at: datetime) -> None:
    """Puts somebody's answers into the pool, without closing anything."""
    version = ship(now=NOW)
    answers = ExitAnswers.objects.create(
        departure=departure, questionnaire=version, language="en", started_at=at, submitted_at=at
    )
    for code, value in said.items():
        question = version.questions.get(code=code)
        if code == "improve":
            Answer.objects.create(answers=answers, question=question, text=value)
        elif isinstance(value, int):
            Answer.objects.create(answers=answers, question=question, number=value)
        else:
            for option in value:
                Answer.objects.create(answers=answers, question=question, option=question.options.get(code=option))


PERSON = st.tuples(
    st.one_of(st.none(), st.integers(0, 4)),
    st.sampled_from([0, 2, 7]),
    st.sampled_from(ENDINGS),
    st.fixed_dictionaries(
        {},
        optional={
            "recommend": st.integers(0, 10),
            "reason": st.lists(st.sampled_from(["pay", "manager", "study"]), min_size=1, unique=True),
            "would_return": st.sampled_from([["yes"], ["no"]]),
            "satisfied_pay": st.sampled_from([5, 6]),
            "improve": st.just("More daylight"),
        },
    ),
    # Days until the next one; a tick comes in between.
    st.sampled_from([0, 0, 0, 1, 9, 31]),
)


@pytest.mark.slow
class AnyFilterAndWindow(PropertyCase):
    """People, departments, service, orders of arrival and closings, as they come."""

    @settings(max_examples=examples(15), deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(PERSON, min_size=8, max_size=45), st.booleans())
    def test_no_sum_and_no_difference_is_over_one_to_four_people(self, crowd: list[Any], many: bool) -> None:
        programme()
        units = house()
        at = NOW
        for number, (unit, years, how, said, wait) in enumerate(crowd):
            spoke(departed(number, None if unit is None else units[unit], years, how), said, at)
            if not many or wait:
                close_groups(now=at)
            at += wait * DAY
        close_groups(now=at + 31 * DAY)

        selections = [
            Selection(
                department=unit.pk if unit else None,
                band=band,
                ending=ending,
                since=since,
                until=until,
            )
            for unit, band, ending in product([None, *units], ["", *Band.values], ["", *Ending.values])
            for since, until in ((None, None), (date(2026, 10, 1), None), (None, date(2026, 10, 1)))
            if sum((unit is not None, bool(band), bool(ending))) < 3 or since is None
        ]
        shown = [(selection, tallies(selection=selection)) for selection in selections]
        chains = {unit.pk: self._chain(unit) for unit in units}
        for code in QUESTIONS:
            members = self._members(code)
            groups = list(AnswerGroup.objects.filter(question=code))
            # What a selection shows is exactly whole groups, so its people are the union of theirs ...
            sets = []
            for selection, found in shown:
                inside = self._inside(groups, chains, selection)
                people = frozenset().union(*(members[key] for key in inside))
                assert (found[code].n if code in found else 0) == len(people)
                assert len(people) not in (1, 2, 3, 4)
                sets.append(people)
            # ... and every union, difference and intersection of two is whole groups again.
            for one, other in product(set(sets), repeat=2):
                for got in (one | other, one - other, one & other, one ^ other):
                    assert len(got) not in (1, 2, 3, 4)
            if code == "improve":
                assert all(len(each) >= 10 for each in members.values())
        for group in AnswerGroup.objects.all():
            assert not self._alike(group)

    def _members(self, code: str) -> dict[int, frozenset[int]]:
        """Who is in each group of a question."""
        rows = Answer.objects.filter(question__code=code, group__isnull=False).values_list("group_id", "answers_id")
        found: dict[int, set[int]] = {}
        for group, who in rows:
            found.setdefault(group, set()).add(who)
        sizes = dict(AnswerGroup.objects.filter(question=code).values_list("pk", "n"))
        assert {key: len(each) for key, each in found.items()} == sizes
        return {key: frozenset(each) for key, each in found.items()}

    def _chain(self, unit: Department | None) -> list[int]:
        """A department and those that hold it."""
        chain = []
        while unit is not None:
            chain.append(unit.pk)
            unit = unit.parent
        return chain

    def _inside(self, groups: list[AnswerGroup], chains: dict[int, list[int]], selection: Selection) -> list[int]:
        """The groups whose label lies within a selection, found another way than the figures find them."""
        inside = []
        for group in groups:
            chain = chains.get(group.department or 0, [])
            month = group.closed_at.astimezone(UTC).date().replace(day=1)
            if (
                (selection.department is None or selection.department in chain)
                and selection.band in ("", group.band)
                and selection.ending in ("", group.ending)
                and (selection.since is None or month >= selection.since)
                and (selection.until is None or month <= selection.until)
            ):
                inside.append(group.pk)
        return inside

    def _alike(self, group: AnswerGroup) -> bool:
        if group.question == "recommend":
            return group.n in (group.promoters, group.passives, group.detractors)
        if group.kind == "scale":
            return group.n * (group.squares or 0) == (group.total or 0) ** 2
        return group.n in group.counts.values_list("count", flat=True)


@pytest.mark.django_db
def test_a_filter_shows_the_groups_whose_label_lies_within_it() -> None:
    programme()
    top, left, right, corner, _own = house()
    for number, unit in enumerate([left] * 5 + [corner] * 3 + [right] * 2):
        spoke(departed(number, unit, 2, "resignation"), {"recommend": 9 if number % 2 else 3}, NOW)
    close_groups(now=NOW)
    assert sorted(AnswerGroup.objects.values_list("department", "band", "ending", "n")) == [
        (left.pk, "from_1", "quit", 5),
        (right.pk, "", "", 5),
    ]

    def n(**fields: Any) -> int:
        found = tallies(selection=Selection(**fields))
        return found["recommend"].n if found else 0

    assert (n(), n(department=top.pk), n(department=left.pk), n(department=right.pk)) == (10, 10, 5, 5)
    assert (n(department=corner.pk), n(band="from_1"), n(ending="quit")) == (0, 5, 5)
    by = tallies_by(selection=Selection(), question="recommend", dimension=Dimension.DEPARTMENT)
    assert [(name, tally.n) for name, tally in by] == [("House", 10), ("Left", 5), ("Right", 5)]
    assert [
        (key, tally.n)
        for key, tally in tallies_by(selection=Selection(), question="recommend", dimension=Dimension.SERVICE)
    ] == [("from_1", 5)]


@pytest.mark.django_db
def test_a_department_that_was_merged_keeps_its_figures_under_the_other_name() -> None:
    programme()
    _top, left, right, _corner, own = house()
    for number in range(5):
        spoke(departed(number, own, 2, ""), {"recommend": 2 * number}, NOW)
    close_groups(now=NOW)
    merge(gone=own, into=left, by="user:1", now=NOW)
    by = tallies_by(selection=Selection(), question="recommend", dimension=Dimension.DEPARTMENT)
    assert [(name, tally.n) for name, tally in by] == [("House", 5), ("Left", 5)]
    assert tallies(selection=Selection(department=left.pk))["recommend"].n == 5
    assert tallies(selection=Selection(department=right.pk)) == {}


@pytest.mark.django_db
def test_where_many_answer_coarse_groups_wait_for_a_round_a_month() -> None:
    programme()
    _top, left, right, *_others = house()
    for number in range(22):
        spoke(
            departed(number, left if number < 17 else right, number % 3 * 3, "resignation"),
            {"recommend": number % 11},
            NOW,
        )
    assert close_groups(now=NOW) > 0
    first = set(AnswerGroup.objects.values_list("pk", flat=True))
    for number in range(22, 30):
        spoke(departed(number, [left, right][number % 2], number, ""), {"recommend": number % 11}, NOW + DAY)
    # Eight wait, of two departments, and none of their cells is full.
    assert close_groups(now=NOW + DAY) == 0
    assert close_groups(now=NOW + 29 * DAY) == 0
    assert close_groups(now=NOW + 30 * DAY) == 1
    [group] = AnswerGroup.objects.exclude(pk__in=first)
    assert (group.department, group.in_a_round, group.n) == (_top.pk, True, 8)


@pytest.mark.django_db
def test_those_who_all_said_the_same_are_not_shown() -> None:
    groups = [
        AnswerGroup(question="recommend", kind="scale", closed_at=NOW, n=5, promoters=5),
        AnswerGroup(question="satisfied_pay", kind="scale", closed_at=NOW, n=5, total=35, squares=245, passives=5),
        AnswerGroup(question="reason", kind="multiple", closed_at=NOW, n=5),
    ]
    AnswerGroup.objects.bulk_create(groups)
    groups[2].counts.create(option="pay", count=5)
    programme()
    found = tallies(selection=Selection())
    assert [tally.shown for tally in found.values()] == [Shown.ALIKE] * 3
    groups[2].counts.update(count=4)
    assert tallies(selection=Selection())["reason"].shown is Shown.YES


@pytest.mark.django_db
def test_comments_come_ten_together_shuffled_and_not_those_that_wait_for_review() -> None:
    rows = leavers(12)
    for number, departure in enumerate(rows[:10]):
        say(departure, improve=f"Thought {number}" if number else "My depression was nobody's business")
    assert comments(selection=Selection(), question="improve") == []
    say(rows[10], improve="Thought 10")
    texts = comments(selection=Selection(), question="improve", seed=3)
    assert sorted(texts) == sorted(f"Thought {number}" for number in range(1, 11))
    assert texts != sorted(texts)
    # With one of them gone all of the group are: else it would be known whose words those were.
    rows[5].person.delete()
    assert comments(selection=Selection(), question="improve") == []


@pytest.mark.django_db
def test_comments_are_gone_once_so_many_were_emptied_that_fewer_than_ten_are_left() -> None:
    for number, departure in enumerate(leavers(11)):
        say(departure, submit=False, improve=f"Thought {number}")
    close_groups(now=NOW + timedelta(days=14))
    rows = Departure.objects.order_by("pk")

    def emptied(departure: Departure) -> list[str]:
        answer = Answer.objects.get(answers__departure=departure)
        redact_text(departure=departure, answer_id=answer.pk, text="", by="user:1", now=NOW)
        return comments(selection=Selection(), question="improve")

    assert len(emptied(rows[0])) == 10
    assert emptied(rows[1]) == []
