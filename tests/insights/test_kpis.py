"""The figures: what each says, of how many, and that it says nothing when there is nothing to say."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from perennial.consent.actions import grant_request, request_consents
from perennial.departures.actions import open_due
from perennial.departures.models import Departure, RelationAnswer
from perennial.insights.queries import Figure, kpis, kpis_with_trends
from perennial.people.actions import verify_address
from perennial.people.enums import HowEnded
from perennial.people.models import Person
from tests.cast import NOW, TODAY, exclude, person, programme
from tests.departures.exit.saying import closed_group

pytestmark = pytest.mark.django_db

YEAR = "2025-09-15/2026-09-14"


@pytest.fixture(autouse=True)
def house() -> None:
    programme()


def figures(at: datetime = NOW) -> dict[str, Figure]:
    return {figure.code: figure for figure in kpis(now=at)}


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
        (figure.code, figure.printed(), figure.value, figure.numerator, figure.denominator, figure.n, figure.interval)
        for figure in kpis(now=NOW)
    ] == [
        ("nps_at_departure", "–", None, None, 0, 0, None),
        ("capture_rate", "–", None, None, 0, 0, None),
        ("consent_rate", "–", None, None, 0, 0, None),
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
    for figure in kpis(now=NOW):
        version = 2 if figure.code == "capture_rate" else 1
        assert str(figure.definition).endswith(f"Version {version}.")
        assert str(figure.label) != ""


def test_trends_have_a_point_for_each_span_and_none_where_there_is_nothing() -> None:
    batch(5, 0, 0, NOW - timedelta(days=100))
    lines = {figure.code: trend.points for figure, trend in kpis_with_trends(now=NOW, quarters=3)}
    assert lines["nps_at_departure"] == [
        (TODAY - timedelta(days=182), None),
        (TODAY - timedelta(days=91), 100.0),
        (TODAY, None),
    ]
    assert [figure for figure, _trend in kpis_with_trends(now=NOW)] == kpis(now=NOW)


def test_trends_cost_no_more_statements_than_the_figures_alone() -> None:
    costs = []
    for quarters in (1, 8):
        with CaptureQueriesContext(connection) as queries:
            kpis_with_trends(now=NOW, quarters=quarters)
        costs.append(len(queries))
    assert costs[0] == costs[1]
