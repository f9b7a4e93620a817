"""What farewells cost: whole farewells, by the last day, by currency, and never of fewer than five."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from perennial.departures.actions import review_person
from perennial.insights.costs import FarewellCosts, farewell_costs
from perennial.people.actions import correct_stint
from perennial.people.models import Stint
from tests.cast import NOW, TODAY, programme
from tests.departures.farewells import farewell, pay

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
QUARTER = 91 * DAY


@pytest.fixture(autouse=True)
def house() -> None:
    programme()


def told() -> dict[str, tuple[Decimal | None, int | None, Decimal | None]]:
    return {each.currency: (each.total, each.farewells, each.mean) for each in farewell_costs(now=NOW)}


def test_with_no_cost_on_record_there_is_nothing_to_tell() -> None:
    farewell(None)
    assert farewell_costs(now=NOW) == []


def test_a_farewell_counts_once_with_all_its_steps_and_without_a_cost_on_record_not_at_all() -> None:
    first = farewell("0.10")
    pay(first, "0.20", kind="exit_conversation")
    farewell(None)
    farewell("0")
    for _ in range(3):
        farewell("19.99")
    # 0.1 + 0.2 and 3 * 19.99 are what floats get wrong.
    assert told() == {"EUR": (Decimal("60.27"), 5, Decimal("12.05"))}


def test_currencies_are_never_added() -> None:
    for _ in range(5):
        both = farewell("10", currency="EUR")
        pay(both, "3", kind="exit_conversation", currency="CHF")
    assert told() == {
        "CHF": (Decimal("15.00"), 5, Decimal("3.00")),
        "EUR": (Decimal("50.00"), 5, Decimal("10.00")),
    }


def test_fewer_than_five_are_not_told_of() -> None:
    for _ in range(4):
        farewell("10")
    assert told() == {"EUR": (None, None, None)}
    farewell("10")
    assert told() == {"EUR": (Decimal("50.00"), 5, Decimal("10.00"))}


def test_who_stays_or_has_died_had_no_farewell_and_the_last_day_says_in_which_year_it_was() -> None:
    for _ in range(5):
        farewell("10")
    stays = farewell("700")
    correct_stint(stint=stays.stint, ends_on=None, status="active", by="user:1", now=NOW)
    died = farewell("800")
    correct_stint(stint=died.stint, how_ended="death", by="user:1", now=NOW)
    for departure in (stays, died):
        review_person(person=departure.person, now=NOW)
    long_ago = farewell("900")
    Stint.objects.filter(pk=long_ago.stint_id).update(ends_on=TODAY - 365 * DAY)
    tomorrow = farewell("900")
    Stint.objects.filter(pk=tomorrow.stint_id).update(ends_on=TODAY + DAY)
    assert told() == {"EUR": (Decimal("50.00"), 5, Decimal("10.00"))}


def test_the_trend_has_the_mean_of_each_quarter_with_five() -> None:
    for day, cost, many in ((TODAY, "10", 5), (TODAY - QUARTER, "99", 4), (TODAY - 2 * QUARTER, "20", 6)):
        for _ in range(many):
            Stint.objects.filter(pk=farewell(cost).stint_id).update(ends_on=day)
    (euros,) = farewell_costs(now=NOW, quarters=3)
    assert euros == FarewellCosts(
        currency="EUR",
        total=Decimal("566.00"),
        farewells=15,
        mean=Decimal("37.73"),
        trend=[(TODAY - 2 * QUARTER, Decimal("20.00")), (TODAY - QUARTER, None), (TODAY, Decimal("10.00"))],
    )


@pytest.mark.parametrize("count", [1, 3])
def test_it_is_two_statements_however_many_there_are(count: int) -> None:
    for _ in range(count):
        farewell("10")
    with CaptureQueriesContext(connection) as asked:
        farewell_costs(now=NOW)
    # The programme for its days, and the costs.
    assert len(asked) == 2
