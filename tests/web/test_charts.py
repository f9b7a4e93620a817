"""Drawings: what is said, what is left out, and that nothing can be smuggled in."""

import re

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from perennial.web.charts import Chart, Point, bars, in_words, trend

YEAR = [Point("Q1", 22.0), Point("Q2", 31.0), Point("Q3", None), Point("Q4", 47.0)]


def lines(svg: str) -> list[str]:
    return re.findall(r'<polyline class="chart-line" points="([^"]+)"', svg)


def test_a_trend_is_named_and_told_in_words() -> None:
    svg = trend(YEAR, label="Capture rate", unit="%")
    assert 'role="img"' in svg
    assert "<title>Capture rate</title>" in svg
    assert "<desc>Q1: 22\xa0%; Q2: 31\xa0%; Q3: too few to say; Q4: 47\xa0%</desc>" in svg


def test_a_gap_is_shown_as_a_gap() -> None:
    whole = trend([Point("Q1", 1.0), Point("Q2", 2.0), Point("Q3", 3.0)], label="x")
    assert [len(line.split()) for line in lines(whole)] == [3]
    broken = trend([Point("1", 1.0), Point("2", 2.0), Point("3", None), Point("4", 3.0), Point("5", 4.0)], label="x")
    assert [len(line.split()) for line in lines(broken)] == [2, 2]


def test_a_value_between_two_gaps_is_a_dot() -> None:
    svg = trend(YEAR, label="x")
    assert [len(line.split()) for line in lines(svg)] == [2]
    assert svg.count('class="chart-point"') == 1


def test_a_higher_value_stands_higher() -> None:
    (line,) = lines(trend([Point("Q1", 10.0), Point("Q2", 90.0)], label="x"))
    low, high = (float(spot.split(",")[1]) for spot in line.split())
    assert high < low


def test_values_below_nought_stay_inside_the_frame() -> None:
    (line,) = lines(trend([Point("Q1", -60.0), Point("Q2", 20.0)], label="NPS"))
    heights = [float(spot.split(",")[1]) for spot in line.split()]
    assert all(0 < height < 120 for height in heights)


def test_the_lowest_value_stands_clear_of_the_dates() -> None:
    svg = trend([Point("24 Nov", None), Point("23 Nov", -60.0)], label="NPS")
    dot, date = re.findall(r'<circle class="chart-last"[^>]* cy="([\d.]+)"', svg), re.findall(r'y="(\d+)">23 Nov', svg)
    # The dot is 4.5 high on either side, a date about 11 over its line.
    assert float(dot[0]) + 4.5 < float(date[0]) - 11


def test_the_last_value_says_what_it_is_of_unless_it_is_older() -> None:
    now = trend([Point("Q1", 20.0), Point("Q2", -5.0)], label="x", unit="points", last="last quarter", signed=True)
    assert "last quarter: −5\xa0points</text>" in now
    assert "<desc>Q1: +20\xa0points; Q2: −5\xa0points</desc>" in now
    assert "last quarter" not in trend([Point("Q1", 20.0), Point("Q2", None)], label="x", last="last quarter")


def test_a_falling_line_does_not_run_through_the_last_value() -> None:
    svg = trend([Point("Q1", 74.0), Point("Q2", 67.0)], label="x", unit="%", last="last quarter")
    (line,) = lines(svg)
    highest = min(float(spot.split(",")[1]) for spot in line.split())
    (value,) = re.findall(r'class="chart-value"[^>]* y="([\d.]+)"', svg)
    assert float(value) < highest


def test_the_goal_is_drawn_and_said() -> None:
    svg = trend(YEAR, label="x", goal=50, unit="%")
    assert svg.count('class="chart-goal"') == 1
    assert "goal 50\xa0%" in svg


def test_a_goal_of_nought_is_a_goal() -> None:
    assert trend([Point("Q1", -5.0), Point("Q2", 5.0)], label="x", goal=0).count('class="chart-goal"') == 1


@pytest.mark.parametrize("points", [[], [Point("Q1", None)], [Point("Q1", None), Point("Q2", None)]])
def test_with_nothing_to_say_it_says_so(points: list[Point]) -> None:
    svg = trend(points, label="x", goal=50)
    assert "Too few to say yet." in svg
    assert lines(svg) == []


def test_one_single_value_is_shown() -> None:
    assert 'class="chart-value"' in trend([Point("Q1", 5.0)], label="x")


def test_a_drawing_stays_the_same_in_a_language_with_decimal_commas() -> None:
    points = [Point("Q1", 1.5), Point("Q2", 2.25)]
    in_english = lines(trend(points, label="x"))
    with translation.override("de"):
        assert lines(trend(points, label="x")) == in_english
        assert in_words(1.5, unit="") == "1,5"


def test_a_share_is_drawn_of_the_whole_and_not_of_the_largest() -> None:
    drawn = str(bars([Point("Pay", 25.0), Point("Study", 50.0)], label="Why", unit="%", full=100))
    assert re.findall(r'class="chart-bar" x="0" y="[\d.]+" width="([\d.]+)"', drawn) == ["80", "160"]


def test_bars_are_as_long_as_their_values() -> None:
    svg = bars([Point("Returns", 10.0), Point("Referrals", 40.0), Point("None", 0.0), Point("Few", None)], label="x")
    assert re.findall(r'class="chart-bar" x="0" y="[\d.]+" width="([\d.]+)"', svg) == ["80", "320"]
    assert "too few to say" in svg


def test_a_name_cannot_carry_markup() -> None:
    named = [Point("<script>alert(1)</script>", 1.0), Point("b", 2.0)]
    for svg in (trend(named, label='"><script>'), bars(named, label='"><script>')):
        assert "<script" not in svg


def test_a_drawing_has_no_style_of_its_own() -> None:
    for svg in (trend(YEAR, label="x", goal=1), bars(YEAR, label="x")):
        assert re.findall(r"style|fill=|stroke=|#[0-9a-f]{3}", svg) == []


def test_the_numbers_stand_in_a_table_behind_the_drawing() -> None:
    shown = render_to_string("web/components/chart.html", {"chart": Chart(label="Capture", points=YEAR, unit="%")})
    assert re.findall(r'<td class="numbers">([^<]+)</td>', shown) == ["22\xa0%", "31\xa0%", "too few to say", "47\xa0%"]
    assert re.findall(r'<th scope="row">([^<]+)</th>', shown) == ["Q1", "Q2", "Q3", "Q4"]
