"""For whom the programme is: the rule and the list, what the door is told, and that it follows."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perennial.audit.models import Event
from perennial.contact.door import decide, explain
from perennial.contact.enums import RestrictionKind, Verdict
from perennial.contact.models import Restriction
from perennial.departures.actions import open_due, review_person
from perennial.departures.audience.actions import (
    Asked,
    AudiencePeriodError,
    Kept,
    choose_person,
    decide_audience,
    keep_audience,
    put_audience_back,
)
from perennial.departures.audience.queries import Counts, counts, current_audience, people_who, why
from perennial.departures.enums import AudienceMode, Standing
from perennial.departures.invitations import InvitationRefusedError, draft_invitations, hand_over, invite
from perennial.departures.models import Audience, AudienceChoice, Departure
from perennial.kernel.purposes import Purpose
from perennial.operate.tick import tick
from perennial.people.actions import add_person, add_stint, correct_stint
from perennial.people.enums import ContractKind
from perennial.people.models import Person, Stint
from perennial.people.reorganising import merge, rename
from perennial.programme.actions import find_or_add_department, find_or_add_place
from perennial.programme.models import Department, Place
from perennial.programme.structure import Unit
from perennial.programme.units import let_name_go
from tests.cast import NOW, TODAY, exclude, person, programme
from tests.desk.walkers import leaver

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def department(name: str) -> Department:
    row = find_or_add_department(name=name)
    assert row is not None
    return row


def standing(asked: Asked) -> dict[str, str]:
    """Where each person stands, by how they are called; and that the numbers say the same."""
    audience = asked.as_row()
    found = {row.called: where.value for where in Standing for row in people_who(where, audience=audience, day=TODAY)}
    told = counts(audience=audience, day=TODAY)
    assert {where.value: list(found.values()).count(where) for where in Standing} == vars(told)
    assert told.everybody == Person.objects.count()
    return found


def told() -> list[tuple[str, str]]:
    """What the door was told and still holds: (called, reason)."""
    rows = Restriction.objects.filter(kind=RestrictionKind.AUDIENCE, lifted_at=None)
    return sorted(rows.values_list("person__called", "reason"))


def decided(asked: Asked) -> Audience:
    return decide_audience(asked=asked, by="user:1", now=NOW)


@pytest.fixture
def water() -> Asked:
    """Alice worked in Water, Bob in Bridges, of Charlie it is not known; the rule asks for Water."""
    programme()
    leaver("Alice", department=department("Water"))
    leaver("Bob", department=department("Bridges"))
    leaver("Charlie")
    return Asked(departments=(department("Water").pk,))


# Who stands where


def test_without_a_rule_everybody_is_welcome_but_the_excluded() -> None:
    programme()
    person("Alice")
    add_person(full_name="Nobody Knows", source="test", by="test", now=NOW)
    exclude(person("Bob"))
    assert standing(Asked()) == {"Alice": "welcome", "Nobody": "welcome", "Bob": "excluded"}


def test_who_lacks_a_fact_that_the_rule_asks_for_waits(water: Asked) -> None:
    assert standing(water) == {"Alice": "welcome", "Bob": "not_meant", "Charlie": "waits"}


def test_one_time_here_that_fits_all_of_it_is_enough(water: Asked) -> None:
    bob = Person.objects.get(called="Bob")
    add_stint(person=bob, source="test", department=department("Water"), by="test", now=NOW)
    assert standing(water)["Bob"] == "welcome"
    # Neither of two times fits both things that are asked.
    asked = Asked(departments=water.departments, contract_kinds=(ContractKind.INTERN,))
    Stint.objects.filter(person=bob, department__name="Bridges").update(contract_kind="intern")
    Stint.objects.filter(person=bob, department__name="Water").update(contract_kind="employee")
    assert standing(asked)["Bob"] == "not_meant"


def test_of_somebody_without_any_time_here_nothing_is_known() -> None:
    programme()
    add_person(full_name="Nobody Knows", source="test", by="test", now=NOW)
    assert standing(Asked(contract_kinds=(ContractKind.EMPLOYEE,))) == {"Nobody": "waits"}


def test_a_fact_that_rules_somebody_out_outweighs_one_that_is_missing(water: Asked) -> None:
    asked = Asked(departments=water.departments, contract_kinds=(ContractKind.EMPLOYEE,))
    assert standing(asked) == {"Alice": "waits", "Bob": "not_meant", "Charlie": "waits"}
    shown = list(Person.objects.order_by("called"))
    reasons = why(shown, audience=asked.as_row(), day=TODAY)
    assert [reasons[each.pk] for each in shown] == [["contract_kind"], ["department"], ["contract_kind", "department"]]


def test_the_place_and_the_kind_of_contract_are_asked() -> None:
    programme()
    person("Alice", place=find_or_add_place(name="Delft"), contract_kind="freelancer")
    person("Bob", place=find_or_add_place(name="Delft"), contract_kind="intern")
    person("Charlie", contract_kind="freelancer")
    place = find_or_add_place(name="Delft")
    assert place is not None
    asked = Asked(places=(place.pk,), contract_kinds=(ContractKind.FREELANCER, ContractKind.RETIREE))
    assert standing(asked) == {"Alice": "welcome", "Bob": "not_meant", "Charlie": "waits"}


def test_a_department_that_is_gone_fits_nobody(water: Asked) -> None:
    assert standing(Asked(departments=(999_999,))) == {"Alice": "not_meant", "Bob": "not_meant", "Charlie": "waits"}


def test_a_department_stands_for_those_below_it_and_for_what_was_merged_into_another(water: Asked) -> None:
    below = department("Dikes")
    Department.objects.filter(pk=below.pk).update(parent=department("Water"))
    person("Dora", department=below)
    assert standing(water)["Dora"] == "welcome"
    merge(gone=department("Water"), into=department("Bridges"), by="user:1", now=NOW)
    assert standing(water) == {"Alice": "welcome", "Bob": "welcome", "Charlie": "waits", "Dora": "welcome"}


@pytest.mark.parametrize("then", ["rename", "let go"])
def test_who_was_meant_stays_meant_whatever_becomes_of_the_name_of_what_was_merged(water: Asked, then: str) -> None:
    decided(water)
    keep_audience(now=NOW)
    assert told() == [("Bob", "not_meant"), ("Charlie", "waits")]
    bridges = merged_then(department("Water"), department("Bridges"), then)
    assert standing(water) == {"Alice": "welcome", "Bob": "welcome", "Charlie": "waits"}
    # And once more, into a third one.
    merged_then(bridges, department("Works"), then)
    assert standing(water) == {"Alice": "welcome", "Bob": "welcome", "Charlie": "waits"}
    tick(now=NOW + DAY, worker="test")
    assert told() == [("Charlie", "waits")]


@pytest.mark.parametrize("then", ["rename", "let go"])
def test_a_place_that_was_merged_stays_meant_alike(then: str) -> None:
    programme()
    quay, harbour = Place.objects.create(name="Quay"), Place.objects.create(name="Harbour")
    person("Alice", place=quay)
    asked = Asked(places=(quay.pk,))
    merged_then(quay, harbour, then)
    assert standing(asked) == {"Alice": "welcome"}


def merged_then(gone: Unit, into: Unit, then: str) -> Unit:
    """`gone` merged into `into`, which takes its name, or lets it go."""
    name = gone.name
    merge(gone=gone, into=into, by="user:1", now=NOW)
    if then == "rename":
        rename(unit=into, name=name, by="user:1", now=NOW)
    else:
        let_name_go(alias=into.aliases.get(name=name), by="user:1", now=NOW)
    return type(into).objects.get(pk=into.pk)


def test_who_has_died_is_not_among_them_whatever_is_asked(water: Asked) -> None:
    Stint.objects.filter(person__called="Alice").update(how_ended="death")
    assert standing(water)["Alice"] == standing(Asked())["Alice"] == "not_meant"
    alice = Person.objects.get(called="Alice")
    choose_person(person=alice, welcome=True, by="user:1", now=NOW)
    assert standing(Asked(mode=AudienceMode.LIST))["Alice"] == "not_meant"
    assert why([alice], audience=water.as_row(), day=TODAY) == {alice.pk: ["died"]}


@pytest.mark.parametrize("how", ["resignation", "dismissal", "redundancy", "retirement", ""])
def test_how_somebody_left_changes_nothing(water: Asked, how: str) -> None:
    Stint.objects.update(how_ended=how)
    assert standing(water) == {"Alice": "welcome", "Bob": "not_meant", "Charlie": "waits"}


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        (date(2025, 1, 1), date(2025, 12, 31), 12),
        (date(2025, 1, 1), date(2025, 12, 30), 11),
        (date(2025, 1, 31), date(2025, 2, 27), 0),
        (date(2025, 1, 31), date(2025, 2, 28), 1),
        (date(2024, 2, 29), date(2025, 2, 27), 11),
        (date(2024, 2, 29), date(2025, 2, 28), 12),
        (date(2025, 3, 15), date(2025, 3, 15), 0),
        (date(2016, 9, 1), date(2026, 8, 31), 120),
    ],
)
def test_months_are_whole_and_count_both_days(first: date, last: date, months: int) -> None:
    programme()
    person("Alice", starts_on=first, ends_on=last)
    assert standing(Asked(minimum_months=months or 1))["Alice"] == ("welcome" if months else "not_meant")
    assert standing(Asked(minimum_months=months + 1))["Alice"] == "not_meant"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.dates(date(1990, 1, 1), date(2026, 1, 1)), days=st.integers(0, 9000), months=st.integers(1, 300))
def test_months_are_what_a_calendar_says(first: date, days: int, months: int) -> None:
    with transaction.atomic():
        programme()
        last = first + timedelta(days=days)
        person("Alice", starts_on=first, ends_on=last)
        after = last + DAY
        whole = (after.year - first.year) * 12 + after.month - first.month - (after.day < first.day)
        assert standing(Asked(minimum_months=months))["Alice"] == ("welcome" if whole >= months else "not_meant")
        transaction.set_rollback(True)


def test_who_still_works_here_has_served_until_today_and_leaves_one_day() -> None:
    programme()
    person("Long", starts_on=date(2020, 1, 1), ends_on=None, status="active")
    person("New", starts_on=date(2026, 9, 1), ends_on=None, status="active")
    person("Gone", starts_on=date(2020, 1, 1), ends_on=None, status="left")
    assert standing(Asked(minimum_months=24)) == {"Long": "welcome", "New": "waits", "Gone": "waits"}
    assert standing(Asked(left_from=date(2020, 1, 1))) == {"Long": "welcome", "New": "welcome", "Gone": "waits"}
    assert standing(Asked(left_until=TODAY - DAY)) == {"Long": "not_meant", "New": "not_meant", "Gone": "waits"}
    assert standing(Asked(left_until=TODAY)) == {"Long": "waits", "New": "waits", "Gone": "waits"}


def test_the_period_includes_both_its_days() -> None:
    programme()
    for days in (-1, 0, 1, 2):
        person(f"Day{days}", ends_on=TODAY + days * DAY)
    asked = Asked(left_from=TODAY, left_until=TODAY + DAY)
    assert standing(asked) == {"Day-1": "not_meant", "Day0": "welcome", "Day1": "welcome", "Day2": "not_meant"}


def test_in_a_list_who_nobody_has_decided_about_waits(water: Asked) -> None:
    alice, bob, _charlie = Person.objects.order_by("called")
    choose_person(person=alice, welcome=True, by="user:1", now=NOW)
    choose_person(person=bob, welcome=False, by="user:1", now=NOW)
    assert standing(Asked(mode=AudienceMode.LIST)) == {"Alice": "welcome", "Bob": "not_meant", "Charlie": "waits"}


def test_the_numbers_are_one_statement_however_much_is_asked(water: Asked) -> None:
    asked = Asked(
        departments=water.departments,
        contract_kinds=(ContractKind.EMPLOYEE,),
        minimum_months=3,
        left_from=TODAY - 900 * DAY,
    )
    with CaptureQueriesContext(connection) as queries:
        found = counts(audience=asked.as_row(), day=TODAY)
    statements = [query for query in queries if "people_person" in query["sql"]]
    assert (len(statements), found) == (1, Counts(welcome=0, waits=2, excluded=0, not_meant=1))
    # Besides: how departments belong together, and what they were merged into.
    assert len(queries) == 3


# What the door is told


def test_the_door_is_told_who_is_not_meant_and_who_waits(water: Asked) -> None:
    decided(water)
    assert told() == [("Bob", "not_meant"), ("Charlie", "waits")]
    answers = {
        each.person_id: (each.verdict, each.rule)
        for each in decide(people=Person.objects.all(), purpose=Purpose.PERSONAL, now=NOW)
    }
    alice, bob, charlie = Person.objects.order_by("called")
    assert answers == {
        alice.pk: (Verdict.YES, ""),
        bob.pk: (Verdict.NO, "audience"),
        charlie.pk: (Verdict.LATER, "audience"),
    }


@pytest.mark.parametrize(
    ("called", "sentence"),
    [
        ("Alice", "The programme is meant for this person too."),
        ("Bob", "The programme is meant for another group of people who worked here."),
        ("Charlie", "It is not settled yet whether the programme is meant for this person."),
    ],
)
def test_the_explanation_says_so_in_a_neutral_sentence(water: Asked, called: str, sentence: str) -> None:
    decided(water)
    explanation = explain(person=Person.objects.get(called=called), purpose=Purpose.PERSONAL, now=NOW)
    assert [str(rule.sentence) for rule in explanation.rules if rule.rule == "audience"] == [sentence]
    service = explain(person=Person.objects.get(called=called), purpose=Purpose.SERVICE, now=NOW)
    assert service.verdict is Verdict.YES


def test_who_is_not_meant_or_waits_is_not_invited_and_who_comes_to_be_meant_is(water: Asked) -> None:
    assert draft_invitations(now=NOW) == 3
    decided(water)
    draft_invitations(now=NOW)
    waiting = Departure.objects.filter(invitation__state="draft").values_list("person__called", flat=True)
    assert list(waiting) == ["Alice"]
    for called in ("Bob", "Charlie"):
        departure = Departure.objects.get(person__called=called)
        for refused in (
            lambda departure=departure: invite(departure=departure, by="user:1", sender_name="", reply_to="", now=NOW),
            lambda departure=departure: hand_over(departure=departure, by="user:1", now=NOW),
        ):
            with pytest.raises(InvitationRefusedError) as refusal:
                refused()
            assert refusal.value.rule == "audience"
    put_audience_back(former=None, by="user:1", now=NOW)
    assert draft_invitations(now=NOW) == 2


def test_an_approved_invitation_does_not_leave_once_its_leaver_is_not_meant_any_more(water: Asked) -> None:
    draft_invitations(now=NOW)
    for departure in Departure.objects.all():
        invite(departure=departure, by="user:1", sender_name="Carla", reply_to="", now=NOW)
    decided(water)
    tick(now=NOW, worker="test")
    states = Departure.objects.order_by("person__called").values_list("person__called", "invitation__state")
    assert list(states) == [("Alice", "kept"), ("Bob", None), ("Charlie", None)]


def test_who_is_excluded_is_not_invited(water: Asked) -> None:
    draft_invitations(now=NOW)
    bob = Person.objects.get(called="Bob")
    exclude(bob)
    assert draft_invitations(now=NOW) == 0
    departure = bob.departures.get()
    assert departure.invitation is None
    with pytest.raises(InvitationRefusedError) as refused:
        invite(departure=departure, by="user:1", sender_name="", reply_to="", now=NOW)
    assert refused.value.rule == "excluded"


def test_a_fact_that_is_filled_in_settles_it(water: Asked) -> None:
    decided(water)
    charlie = Person.objects.get(called="Charlie")
    correct_stint(stint=charlie.stints.get(), department=department("Water"), by="user:1", now=NOW)
    review_person(person=charlie, now=NOW)
    assert told() == [("Bob", "not_meant")]


def test_new_people_come_under_the_rule_with_the_next_run(water: Asked) -> None:
    decided(water)
    person("Dora", department=department("Bridges"))
    tick(now=NOW, worker="test")
    assert told() == [("Bob", "not_meant"), ("Charlie", "waits"), ("Dora", "not_meant")]


def test_keeping_it_again_writes_nothing(water: Asked) -> None:
    decided(water)
    rows, events = Restriction.objects.count(), Event.objects.count()
    assert keep_audience(now=NOW + DAY) == Kept(written=0, lifted=0)
    assert (Restriction.objects.count(), Event.objects.count()) == (rows, events)


def test_a_rule_that_changes_ends_what_no_longer_holds_and_the_rows_stay(water: Asked) -> None:
    decided(water)
    decided(Asked(departments=(department("Bridges").pk,)))
    assert told() == [("Alice", "not_meant"), ("Charlie", "waits")]
    ended = Restriction.objects.exclude(lifted_at=None).values_list("person__called", "reason")
    assert list(ended) == [("Bob", "not_meant")]
    by = set(Restriction.objects.values_list("by", flat=True))
    assert by == {"system"}


def test_a_former_rule_is_put_back_with_all_that_it_said(water: Asked) -> None:
    first = decided(water)
    decided(Asked(mode=AudienceMode.LIST))
    assert told() == [("Alice", "waits"), ("Bob", "waits"), ("Charlie", "waits")]
    put_audience_back(former=first, by="user:1", now=NOW)
    assert told() == [("Bob", "not_meant"), ("Charlie", "waits")]
    assert (current_audience().mode, current_audience().departments) == ("rule", list(water.departments))
    put_audience_back(former=None, by="user:1", now=NOW)
    assert told() == []
    assert Audience.objects.count() == 4


def test_what_is_decided_already_is_not_decided_again(water: Asked) -> None:
    first = decided(water)
    assert decided(water) == first
    assert Audience.objects.count() == 1


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    programme()
    with pytest.raises(AudiencePeriodError):
        decided(Asked(left_from=TODAY, left_until=TODAY - DAY))
    with pytest.raises(IntegrityError), transaction.atomic():
        Audience.objects.create(left_from=TODAY, left_until=TODAY - DAY, by="user:1", decided_at=NOW)


def test_a_choice_is_told_to_the_door_at_once_and_taken_back(water: Asked) -> None:
    decided(Asked(mode=AudienceMode.LIST))
    bob = Person.objects.get(called="Bob")
    choose_person(person=bob, welcome=True, by="user:1", now=NOW)
    assert told() == [("Alice", "waits"), ("Charlie", "waits")]
    choose_person(person=bob, welcome=None, by="user:1", now=NOW)
    assert told() == [("Alice", "waits"), ("Bob", "waits"), ("Charlie", "waits")]
    assert AudienceChoice.objects.count() == 0
    events = Event.objects.filter(deed="departures.audience_chosen", subject_key=bob.key)
    assert [event.details for event in events.order_by("pk")] == [{"welcome": True}, {"welcome": None}]


def test_the_database_keeps_one_row_about_the_audience_a_person(water: Asked) -> None:
    decided(water)
    bob = Person.objects.get(called="Bob")
    with pytest.raises(IntegrityError), transaction.atomic():
        Restriction.objects.create(
            person=bob, kind=RestrictionKind.AUDIENCE, reason="waits", starts_on=TODAY, by="system", created_at=NOW
        )


@pytest.mark.parametrize("people", [1, 3])
def test_keeping_it_takes_the_same_queries_for_one_and_for_three(people: int, django_assert_num_queries: Any) -> None:
    programme()
    for number in range(people):
        person(f"Person {number}")
    decided(Asked(contract_kinds=(ContractKind.EMPLOYEE,)))
    Restriction.objects.all().delete()
    with django_assert_num_queries(10):
        assert keep_audience(now=NOW) == Kept(written=people, lifted=0)


FACTS = st.fixed_dictionaries(
    {
        "department": st.sampled_from(["", "Water", "Bridges"]),
        "kind": st.sampled_from(["", "employee", "intern"]),
        "ends_on": st.none() | st.integers(-3, 3).map(lambda days: TODAY + days * DAY),
        "status": st.sampled_from(["active", "left", "unknown"]),
    }
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    people=st.lists(st.lists(FACTS, max_size=2), min_size=1, max_size=4),
    rules=st.lists(st.tuples(st.booleans(), st.booleans(), st.none() | st.integers(-2, 2)), min_size=1, max_size=3),
)
def test_whatever_was_decided_before_the_door_knows_exactly_who_does_not_stand_welcome(
    people: list[list[dict[str, Any]]], rules: list[tuple[bool, bool, int | None]]
) -> None:
    with transaction.atomic():
        programme()
        for number, stints in enumerate(people):
            someone = add_person(full_name=f"Person{number}", source="test", by="test", now=NOW)
            for facts in stints:
                add_stint(
                    person=someone,
                    source="test",
                    department=find_or_add_department(name=facts["department"]),
                    contract_kind=facts["kind"],
                    ends_on=facts["ends_on"],
                    status=facts["status"],
                    by="test",
                    now=NOW,
                )
        open_due(now=NOW)
        asked = Asked()
        for by_department, by_kind, days in rules:
            asked = Asked(
                departments=(department("Water").pk,) if by_department else (),
                contract_kinds=(ContractKind.EMPLOYEE,) if by_kind else (),
                left_from=None if days is None else TODAY + days * DAY,
            )
            decided(asked)
        wanted = sorted(each for each in standing(asked).items() if each[1] != "welcome")
        assert told() == wanted
        assert keep_audience(now=NOW) == Kept(0, 0)
        transaction.set_rollback(True)
