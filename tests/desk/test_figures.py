"""The leadership page: few figures, honest ones, and never a person."""

from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from perennial.accounts.roles import Role
from perennial.departures.models import Departure, RelationAnswer
from perennial.desk.figures.views import _share_of_ten
from tests.cast import NOW, colleague, programme
from tests.departures.exit.saying import closed_group
from tests.departures.farewells import farewell
from tests.desk.walkers import leaver
from tests.portal.leavers import sentences

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def leo(client: Client) -> Client:
    programme()
    client.force_login(colleague(Role.LEADERSHIP, name="Leo Brandt"))
    return client


def said(response: Any) -> str:
    return " ".join(unescape(sentences(response.content)).split())


def batch(promoters: int, passives: int, detractors: int) -> None:
    closed_group(promoters, passives, detractors, closed_at=NOW)


def farewells(*costs: str, currency: str = "EUR") -> None:
    """Somebody who left today for each of the costs."""
    for cost in costs:
        farewell(cost, currency=currency)


def test_with_nothing_to_say_it_says_so_and_why(leo: Client) -> None:
    text = said(leo.get("/figures/"))
    assert text.count("–") >= 3
    assert (
        "answers are counted in groups of at least five that are not all alike, so that nobody is recognised." in text
    )
    assert text.count("Nothing to say yet.") == 3
    assert "What a farewell costs – Nothing to say yet: costs are told of five farewells at least" in text
    assert "0 %" not in text


def test_each_figure_says_of_how_many_how_sure_what_it_means_and_how_it_is_counted(leo: Client) -> None:
    batch(5, 3, 2)
    leaver("Alice van Dam")
    leaver("Bob Stone", agrees=False)
    RelationAnswer.objects.create(departure=Departure.objects.first(), submitted_at=NOW, agreed=True)  # type: ignore[misc]
    text = said(leo.get("/figures/"))
    for words in (
        "Would recommend us +30 out of 10 answers between −19 and 65, with 95 % confidence "
        "More leavers would recommend us than would not, but so few answers may mislead.",
        "Leavers who stay in touch 50 % 1 of 2",
        "Of ten leavers, 5 gave a private address, confirmed it and agreed to hear from us.",
        "Relation screens with a yes 100 % 1 of 1",
        "Counted as: Share of leavers who answer 9 or 10",
        "interval: Wilson, 95 %. Version 1.",
    ):
        assert words in text


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ((12, 1, 0), "More leavers would recommend us than would not."),
        ((0, 1, 12), "More leavers would advise against us than would recommend us."),
        ((3, 1, 1), "More leavers would recommend us than would not, but so few answers may mislead."),
        ((1, 1, 3), "More leavers would advise against us than would recommend us, but so few answers may mislead."),
        ((2, 1, 2), "As many leavers would recommend us as would not."),
    ],
)
def test_the_score_is_put_into_words(leo: Client, counts: tuple[int, int, int], words: str) -> None:
    batch(*counts)
    assert words in said(leo.get("/figures/"))


def test_the_end_of_the_line_says_that_it_is_of_the_last_days_only(leo: Client) -> None:
    closed_group(1, 2, 2, closed_at=NOW - timedelta(days=100))
    batch(4, 1, 0)
    text = said(leo.get("/figures/"))
    assert "Would recommend us +30 out of 10 answers" in text
    assert "last 91 days: +80 points" in text


def test_the_page_names_nobody_and_leads_to_nobody(leo: Client) -> None:
    leaver("Xaviera Quixwood")
    page = leo.get("/figures/").content.decode()
    assert "Quixwood" not in page
    for path in ("/people/", "/departures/", "/letters/", "/outbox/", "/team/"):
        assert leo.get(path).status_code == 403
    assert leo.get("/")["Location"] == "/figures/"


def test_the_page_costs_the_same_however_many_there_are(leo: Client) -> None:
    costs = []
    for many in (1, 3):
        for number in range(many):
            leaver(f"Person{number} Stone")
            batch(5, 1, 1)
        farewells("12.50", "3")
        leo.get("/figures/")
        with CaptureQueriesContext(connection) as queries:
            leo.get("/figures/")
        costs.append(len(queries))
    # Programme, session, user; the programme twice for the days it counts in; one statement for each way of counting.
    assert costs == [11, 11]


def test_what_a_farewell_costs_is_told_by_currency_with_its_trend_and_how_it_is_counted(leo: Client) -> None:
    farewells("1000", "30", "30", "30", "30.25", currency="EUR")
    farewells("9.50", "9.50", "9.50", "9.50", "9.55", currency="CHF")
    text = said(leo.get("/figures/"))
    for words in (
        "What a farewell costs, in CHF 9.51 CHF on average, of 5 farewells Together they cost CHF 47.55.",
        "What a farewell costs, in EUR 224.05 EUR on average, of 5 farewells Together they cost EUR 1,120.25.",
        "last 91 days: 224.05 EUR",
        "Counted as: Mean: what the steps of farewells cost together, divided by the farewells with a cost on record "
        "in this currency whose last day lies in the period; not converted, and of five farewells at least. Version 1.",
    ):
        assert words in text
    # The table behind the drawing.
    assert "14 Sep 2026 224.05 EUR" in text


def test_nobodys_present_is_priced(leo: Client) -> None:
    farewells("30", "30", "30", "777.77")
    text = said(leo.get("/figures/"))
    assert (
        "What a farewell costs, in EUR – Nothing to say yet: costs are told of five farewells at least, so that "
        "nobody's present is priced." in text
    )
    assert "777" not in text
    assert "867" not in text
    assert "216" not in text


def test_bounds_are_rounded_not_cut_off(leo: Client) -> None:
    for name in ("Alice", "Bob", "Carl", "Dora"):
        leaver(f"{name} Stone", agrees=False)
    # Wilson for 0 of 4 ends at 48.99.
    assert "0 % 0 of 4 between 0 and 49, with 95 % confidence" in said(leo.get("/figures/"))


@pytest.mark.parametrize(
    ("per_cent", "words"),
    [
        (0, "none"),
        (0.4, "fewer than one"),
        (5.1, "1"),
        (33.3, "3"),
        (94.9, "9"),
        (99.6, "nearly all"),
        (100, "all ten"),
    ],
)
def test_a_share_of_ten_is_never_rounded_to_none_or_all(per_cent: float, words: str) -> None:
    assert _share_of_ten(per_cent) == words
