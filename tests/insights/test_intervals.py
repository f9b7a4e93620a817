"""Scores and intervals against worked numbers, and their edges."""

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perennial.insights.intervals import Z95, nps, nps_interval, wilson

COUNTS = st.integers(0, 500)


@pytest.mark.parametrize(
    ("promoters", "passives", "detractors", "score", "middle", "half"),
    [
        # Plain 30 with a half width of 15.3; the adjusted interval is 29.1 with 15.1.
        (50, 30, 20, 30.0, 29.1, 15.1),
        # Plain 30 with 48.4; adjusted 23.1 with 42.1.
        (5, 3, 2, 30.0, 23.1, 42.1),
    ],
)
def test_the_score_and_its_adjusted_interval(
    promoters: int, passives: int, detractors: int, score: float, middle: float, half: float
) -> None:
    voices = {"promoters": promoters, "passives": passives, "detractors": detractors}
    assert nps(**voices) == score
    interval = nps_interval(**voices)
    assert interval is not None
    low, high = interval
    assert (round((low + high) / 2, 1), round((high - low) / 2, 1)) == (middle, half)


@pytest.mark.parametrize(("counts", "half"), [((50, 30, 20), 15.3), ((5, 3, 2), 48.4)])
def test_the_variance_is_that_of_the_plain_interval_too(counts: tuple[int, int, int], half: float) -> None:
    n = sum(counts)
    p, d = counts[0] / n, counts[2] / n
    assert round(100 * Z95 * sqrt((p + d - (p - d) ** 2) / n), 1) == half


def test_when_all_answers_are_alike_the_interval_does_not_collapse() -> None:
    interval = nps_interval(promoters=8, passives=0, detractors=0)
    assert interval is not None
    low, high = interval
    assert high == 100
    assert low < 80


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(3, 10, 0.108, 0.603), (0, 10, 0.0, 0.278), (10, 10, 0.722, 1.0), (1, 1, 0.207, 1.0)],
)
def test_the_wilson_interval(hits: int, of: int, low: float, high: float) -> None:
    interval = wilson(hits=hits, of=of)
    assert interval is not None
    assert (round(interval[0], 3), round(interval[1], 3)) == (low, high)


def test_of_nothing_there_is_nothing_to_say() -> None:
    assert wilson(hits=0, of=0) is None
    assert nps(promoters=0, passives=0, detractors=0) is None
    assert nps_interval(promoters=0, passives=0, detractors=0) is None


@given(COUNTS, COUNTS)
def test_a_share_lies_in_its_interval_and_the_interval_between_nothing_and_all(hits: int, misses: int) -> None:
    of = hits + misses
    interval = wilson(hits=hits, of=of)
    if of:
        assert interval is not None
        assert 0 <= interval[0] <= hits / of <= interval[1] <= 1


@given(COUNTS, COUNTS, COUNTS)
def test_a_score_lies_between_its_ends(promoters: int, passives: int, detractors: int) -> None:
    voices = {"promoters": promoters, "passives": passives, "detractors": detractors}
    score, interval = nps(**voices), nps_interval(**voices)
    if score is not None:
        assert interval is not None
        assert -100 <= interval[0] <= interval[1] <= 100
        assert -100 <= score <= 100
