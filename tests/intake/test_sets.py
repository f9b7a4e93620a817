"""Whatever a file holds: its order does not matter, and bringing it again changes nothing."""

import random
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from perennial.departures.actions import open_due
from perennial.departures.models import Departure
from perennial.intake.at_once import ImportResult, run_import
from perennial.intake.enums import EmptyCells, Mode
from perennial.people.models import EmailAddress, Person, Stint
from tests.cast import NOW
from tests.intake.bringing import HEADER, counted, everything, in_a_world_of_its_own

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# Few values each, so that rows meet one another in every way.
NUMBERS = st.sampled_from(["", "", "1", "2", "3"])
NAMES = st.sampled_from(["Alice Winter", "Bob Summer", "Jan de Vries", "A. Winter", "Alice Spring", ""])
ADDRESSES = st.sampled_from(["", "", "", "alice@home.example", "bob@home.example", "a@employer.example", "nonsense"])
GIVEN = st.sampled_from(["", "2026-09-01", "2026-09-02"])
STARTS = st.sampled_from(["", "", "2010-01-01", "2015-01-01", "2020-06-01"])
ENDS = st.sampled_from(["", "2012-03-31", "2018-12-31", "2026-09-30", "2026-10-14"])
STATUSES = st.sampled_from(["", "left", "leaving", "active"])
ROWS = (
    st.tuples(NUMBERS, NAMES, ADDRESSES, GIVEN, ADDRESSES, STARTS, ENDS, STATUSES)
    .map(";".join)
    .filter(lambda line: line.strip(";"))
)
FILES = st.lists(ROWS, min_size=1, max_size=8)
MODES = st.sampled_from(list(Mode))
EMPTY = st.sampled_from(list(EmptyCells))
OFTEN = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def bring(lines: list[str], *, apply: bool = True, **asked: Any) -> ImportResult:
    with TemporaryDirectory() as place:
        path = Path(place) / "leavers.csv"
        path.write_text("\n".join([HEADER, *lines]), encoding="utf-8")
        return run_import(path=path, source="hr", apply=apply, date_order=None, by="test", now=NOW, **asked)


# Two names share an address, and the first coming leaves a namesake on file that refuses one of them at the second.
FIRST_SHARED_THEN_REFUSED = [
    ";Alice Winter;;;;;;",
    ";Alice Winter;;;alice@home.example;;;left",
    ";Bob Summer;;;alice@home.example;;2012-03-31;",
    "1;Bob Summer;;;bob@home.example;;;left",
]


@OFTEN
@example(lines=FIRST_SHARED_THEN_REFUSED)
@given(lines=FILES)
def test_a_file_brought_again_changes_nothing(lines: list[str]) -> None:
    def work() -> None:
        bring(lines)
        before = everything()
        departures = Departure.objects.count()
        second = bring(lines)
        assert (second.created, second.updated, second.departures) == (0, 0, 0)
        assert everything() == before
        assert Departure.objects.count() == departures

    in_a_world_of_its_own(work)


@OFTEN
@given(lines=FILES, later=FILES, mode=MODES, seed=st.integers(0, 1000))
def test_a_mode_does_only_what_it_says_in_whatever_order(
    lines: list[str], later: list[str], mode: Mode, seed: int
) -> None:
    shuffled = list(later)
    random.Random(seed).shuffle(shuffled)  # noqa: S311 - not a secret

    def outcome(of: list[str]) -> Any:
        def work() -> Any:
            bring(lines)
            known, before = set(Person.objects.values_list("pk", flat=True)), everything()
            result = bring(of, mode=mode)
            made = Person.objects.exclude(pk__in=known)
            assert mode != Mode.ONLY_UPDATE or not made.exists()
            seen = (counted(result), result.left_alone, everything())
            if mode == Mode.ADD:
                made.delete()
                assert everything() == before
            return seen

        return in_a_world_of_its_own(work)

    assert outcome(later) == outcome(shuffled)


@OFTEN
@given(lines=FILES, seed=st.integers(0, 1000))
def test_the_order_of_the_rows_does_not_matter(lines: list[str], seed: int) -> None:
    shuffled = list(lines)
    random.Random(seed).shuffle(shuffled)  # noqa: S311 - not a secret

    def outcome(of: list[str]) -> Any:
        return in_a_world_of_its_own(lambda: (counted(bring(of)), everything()))

    assert outcome(lines) == outcome(shuffled)


@OFTEN
@given(lines=FILES, later=FILES, mode=MODES, empty=EMPTY)
def test_a_dry_run_foretells_what_happens(lines: list[str], later: list[str], mode: Mode, empty: EmptyCells) -> None:
    def work() -> None:
        for asked in ({"lines": lines}, {"lines": later, "mode": mode, "empty_cells": empty}):
            dry = bring(apply=False, **asked)  # type: ignore[arg-type]
            before = set(Departure.objects.filter(state="open").values_list("stint_id", flat=True))
            wet = bring(**asked)  # type: ignore[arg-type]
            opened = set(Departure.objects.filter(state="open").values_list("stint_id", flat=True)) - before
            assert (counted(dry), dry.left_alone, dry.departures) == (counted(wet), wet.left_alone, wet.departures)
            assert wet.departures == len(opened)
            assert open_due(now=NOW) == 0

    in_a_world_of_its_own(work)


@OFTEN
@given(lines=FILES, later=FILES)
def test_no_file_leaves_two_of_what_there_is_one_of(lines: list[str], later: list[str]) -> None:
    def work() -> None:
        bring(lines)
        bring(later)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT COUNT(*) FROM (SELECT employee_number FROM people_stint WHERE employee_number <> '' "
                "GROUP BY employee_number HAVING COUNT(DISTINCT person_id) > 1) AS shared"
            )
            assert cursor.fetchone() == (0,)
        assert Person.objects.filter(stints=None).count() == 0
        assert EmailAddress.objects.filter(state="verified").count() == 0
        assert Stint.objects.filter(person=None).count() == 0

    in_a_world_of_its_own(work)
