"""Several processes keep the audience at one moment, and end in the same state."""

from datetime import timedelta

import pytest

from perennial.contact.enums import RestrictionKind
from perennial.contact.models import Restriction
from perennial.departures.audience.actions import Asked, choose_person, decide_audience, keep_audience
from perennial.departures.enums import AudienceMode
from perennial.departures.models import Audience
from perennial.operate.tick import tick
from perennial.people.enums import ContractKind
from perennial.privacy.actions import erase
from tests.cast import NOW, person, programme
from tests.outreach.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)


def told() -> list[tuple[str, str]]:
    rows = Restriction.objects.filter(kind=RestrictionKind.AUDIENCE, lifted_at=None)
    return sorted(rows.values_list("person__called", "reason"))


def test_four_that_keep_the_audience_write_each_row_once() -> None:
    programme()
    for name, kind in (("Alice", "employee"), ("Bob", "intern"), ("Charlie", "")):
        person(name, contract_kind=kind)
    Audience.objects.create(contract_kinds=["employee"], by="user:1", decided_at=NOW)
    ended = at_once(*[lambda: keep_audience(now=NOW)] * 2, *[lambda: tick(now=NOW, worker="test")] * 2)
    assert [each for each in ended if isinstance(each, Exception)] == []
    assert told() == [("Bob", "not_meant"), ("Charlie", "waits")]
    assert Restriction.objects.filter(kind=RestrictionKind.AUDIENCE).count() == 2


@pytest.mark.parametrize("attempt", range(3))
def test_two_rules_decided_at_once_leave_what_the_last_of_them_says(attempt: int) -> None:
    programme()
    for name, kind in (("Alice", "employee"), ("Bob", "intern"), ("Charlie", "")):
        person(name, contract_kind=kind)
    ended = at_once(
        lambda: decide_audience(asked=Asked(contract_kinds=(ContractKind.EMPLOYEE,)), by="user:1", now=NOW),
        lambda: decide_audience(asked=Asked(contract_kinds=(ContractKind.INTERN,)), by="user:2", now=NOW),
        lambda: keep_audience(now=NOW),
    )
    assert [each for each in ended if isinstance(each, Exception)] == []
    [holds] = Audience.objects.order_by("-pk")[:1]
    out = {"employee": "Bob", "intern": "Alice"}[holds.contract_kinds[0]]
    assert told() == [(out, "not_meant"), ("Charlie", "waits")]


@pytest.mark.parametrize("attempt", range(3))
def test_who_is_erased_in_that_moment_stops_nobody(attempt: int) -> None:
    programme()
    alice, bob = person("Alice"), person("Bob")
    ended = at_once(
        lambda: decide_audience(asked=Asked(mode=AudienceMode.LIST), by="user:1", now=NOW),
        lambda: erase(person=alice, by="user:1", now=NOW),
        lambda: choose_person(person=bob, welcome=False, by="user:1", now=NOW),
    )
    assert [each for each in ended if isinstance(each, Exception)] == []
    assert told() == [("Bob", "not_meant")]
