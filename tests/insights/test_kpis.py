"""The figures: what each says, of how many, and that it says nothing when there is nothing to say."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from perennial.consent.actions import grant_request, request_consents
from perennial.departures.actions import open_due
from perennial.departures.exit.questionnaire import ship
from perennial.departures.models import AnswerGroup, Departure, RelationAnswer
from perennial.insights import queries
from perennial.insights.kpis import KPIS
from perennial.insights.queries import Figure, kpis, kpis_with_trends
from perennial.people.actions import verify_address
from perennial.people.enums import HowEnded
from perennial.people.models import Person
from tests.cast import NOW, TODAY, exclude, person, programme
from tests.departures.exit.saying import closed_group, leavers, say

pytestmark = pytest.mark.django_db

YEAR = "2025-09-15/2026-09-14"


@pytest.fixture(autouse=True)
def house() -> None:
    programme()


def figures(at: datetime = NOW) -> dict[str, Figure]:
    return {figure.kpi.code: figure for figure in kpis(now=at)}


def batch(promoters: int, passives: int, detractors: int, at: datetime = NOW) -> None:
    closed_group(promoters, passives, detractors, closed_at=at)


def leaver(name: str, *, captured: bool, **stint: Any) -> Person:
    someone = person(name, private=f"{name.lower()}@home.example", **stint)
    open_due(now=NOW)
    if captured:
        verify_address(address=someone.addresses.get(), by="test", now=NOW)
        request = request_consents(
            person=someone,
            address=someone.addresses.get(),
            purposes=["personal"],
            channels=[],
            language="nl",
            by="test",
            now=NOW,
        )
        grant_request(request=request, ip=None, by="test", now=NOW)
    return someone


def test_with_nobody_and_nothing_every_figure_is_a_dash() -> None:
    assert [
        (
            figure.kpi.code,
            figure.printed(),
            figure.value,
            figure.numerator,
            figure.denominator,
            figure.n,
            figure.interval,
        )
        for figure in kpis(now=NOW)
    ] == [
        (code, "–", None, None, 0, 0, None)
        for code in (
            "nps_at_departure",
            "promoter_share",
            "recommend_share",
            "satisfaction",
            "response_rate",
            "capture_rate",
            "consent_rate",
        )
    ]
    assert {figure.period for figure in kpis(now=NOW)} == {YEAR}


def test_would_recommend_is_counted_over_closed_batches() -> None:
    batch(3, 2, 1)
    batch(2, 1, 1 + 1, NOW - timedelta(days=300))
    batch(9, 0, 0, NOW - timedelta(days=366))
    figure = figures()["nps_at_departure"]
    assert (figure.value, figure.numerator, figure.denominator, figure.n) == (100 * 2 / 11, 2, 11, 11)
    assert figure.printed() == "+18"
    assert figure.interval is not None
    assert figure.interval[0] < 18 < figure.interval[1]


@pytest.mark.parametrize(
    ("value", "printed"), [(30.0, "+30"), (-12.4, "−12"), (0.0, "0"), (-0.4, "0"), (0.4, "0"), (None, "–")]
)
def test_a_score_is_printed_with_its_sign(value: float | None, printed: str) -> None:
    figure = replace(figures()["nps_at_departure"], value=value)
    assert figure.printed() == printed


def test_the_vectors_of_the_standards_come_out_of_the_figures() -> None:
    """standards.md 4: 5/3/2 is 30, adjusted 23.1 with 42.1 on either side; Wilson 3 of 10 is 0.108 to 0.603."""
    batch(5, 3, 2)
    found = figures()
    assert found["nps_at_departure"].value == 30
    assert [round(bound, 1) for bound in found["nps_at_departure"].interval or ()] == [-19.1, 65.2]
    assert (found["promoter_share"].value, found["recommend_share"].value) == (50, 80)
    assert (found["promoter_share"].numerator, found["recommend_share"].numerator) == (5, 8)
    batch(0, 0, 0 + 10, NOW - timedelta(days=1))
    assert figures()["nps_at_departure"].value == 100 * (5 - 12) / 20


def test_where_all_said_the_same_nothing_is_said() -> None:
    batch(7, 0, 0)
    found = figures()
    for code in ("nps_at_departure", "promoter_share", "recommend_share"):
        assert (found[code].value, found[code].numerator, found[code].interval) == (None, None, None)


def test_satisfaction_is_the_mean_of_subjects_with_an_interval_as_if_they_moved_together() -> None:
    ship(now=NOW)
    for question, numbers in (("satisfied_pay", (2, 4, 6, 8, 5)), ("satisfied_team", (9, 9, 8, 10, 9, 9))):
        AnswerGroup.objects.create(
            question=question,
            kind="scale",
            closed_at=NOW,
            n=len(numbers),
            total=sum(numbers),
            squares=sum(number * number for number in numbers),
            detractors=len(numbers),
        )
    # All alike about the work: that is left out.
    AnswerGroup.objects.create(
        question="satisfied_work", kind="scale", closed_at=NOW, n=5, total=5, squares=5, detractors=5
    )
    figure = figures()["satisfaction"]
    assert (figure.value, figure.n, figure.denominator, figure.printed()) == (7.0, 6, 2, "7.0")
    # Means 5 and 9; Student's t with 4 and 5 degrees: half-widths 2.776 and 0.664.
    assert [round(bound, 2) for bound in figure.interval or ()] == [5.28, 8.72]


def test_who_answers_is_counted_of_those_who_were_invited() -> None:
    people = leavers(4)
    for departure in people[:3]:
        Departure.objects.filter(pk=departure.pk).update(handed_over_at=NOW)
    say(people[0], recommend=3)
    figure = figures()["response_rate"]
    assert (figure.numerator, figure.denominator) == (1, 3)


def test_capture_counts_confirmed_leavers_with_a_yes_of_the_eligible() -> None:
    leaver("Alice", captured=True)
    leaver("Bob", captured=False)
    leaver("Charlie", captured=True, how_ended=HowEnded.DEATH)
    dora = leaver("Dora", captured=True)
    exclude(dora)
    leaver("Erin", captured=True, ends_on=TODAY + timedelta(days=1))
    figure = figures()["capture_rate"]
    assert (figure.value, figure.numerator, figure.denominator, figure.printed()) == (50.0, 1, 2, "50 %")


def test_consent_counts_screens_with_a_yes_of_those_submitted() -> None:
    for number, agreed in enumerate([True, False, False, True]):
        someone = leaver(f"Person{number}", captured=False)
        RelationAnswer.objects.create(departure=Departure.objects.get(person=someone), submitted_at=NOW, agreed=agreed)
    figure = figures()["consent_rate"]
    assert (figure.value, figure.numerator, figure.denominator) == (50.0, 2, 4)
    assert figure.interval is not None
    assert [round(bound) for bound in figure.interval] == [15, 85]


def test_a_day_of_the_period_is_a_day_where_the_programme_lives() -> None:
    last_minute = datetime(2026, 9, 14, 21, 59, tzinfo=UTC)
    batch(5, 0, 0, last_minute)
    assert figures(at=last_minute)["nps_at_departure"].n == 5
    a_year_on = last_minute + timedelta(days=364)
    assert figures(at=a_year_on)["nps_at_departure"].n == 5
    assert figures(at=a_year_on + timedelta(minutes=1))["nps_at_departure"].n == 0


def test_every_figure_prints_how_it_is_counted_with_a_version() -> None:
    for kpi in KPIS:
        version = 2 if kpi.code in ("capture_rate", "nps_at_departure") else 1
        assert re.fullmatch(rf"[A-Z].*; interval: .*\. Version {version}\.", kpi.printed_definition)
        assert "." not in str(kpi.definition)
        assert str(kpi.label) != ""


def test_every_kpi_has_a_code_of_its_own_and_says_what_it_means() -> None:
    assert len({kpi.code for kpi in KPIS}) == len(KPIS)
    for kpi in KPIS:
        # A score is put into words by its sign; a share in tenths.
        assert bool(kpi.says) != (kpi.measure.unit == "points")
        assert ("%(share)s" in str(kpi.says)) == (kpi.measure.unit == "percent")


def test_what_several_kpis_count_by_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with CaptureQueriesContext(connection) as before:
        kpis(now=NOW)
    again = replace(KPIS[-1], code="consent_rate_again")
    monkeypatch.setattr(queries, "KPIS", (*KPIS, again))
    with CaptureQueriesContext(connection) as after:
        found = kpis(now=NOW)
    assert [figure.kpi.code for figure in found][-2:] == ["consent_rate", "consent_rate_again"]
    assert len(after) == len(before)


def test_trends_have_a_point_for_each_span_and_none_where_there_is_nothing() -> None:
    batch(5, 1, 0, NOW - timedelta(days=100))
    lines = {figure.kpi.code: trend.points for figure, trend in kpis_with_trends(now=NOW, quarters=3)}
    assert lines["nps_at_departure"] == [
        (TODAY - timedelta(days=182), None),
        (TODAY - timedelta(days=91), 100 * 5 / 6),
        (TODAY, None),
    ]
    assert [figure for figure, _trend in kpis_with_trends(now=NOW)] == kpis(now=NOW)


def test_trends_cost_no_more_statements_than_the_figures_alone() -> None:
    costs = []
    for quarters in (1, 8):
        with CaptureQueriesContext(connection) as asked:
            kpis_with_trends(now=NOW, quarters=quarters)
        costs.append(len(asked))
    assert costs[0] == costs[1]
