"""Decisions about people: two colleagues, a day to look again, an end, a history that stays."""

import ast
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import perennial
from perennial.accounts.models import User
from perennial.accounts.roles import Role
from perennial.audit.models import Event
from perennial.contact.actions import DecisionIncompleteError as DoorIncompleteError
from perennial.contact.actions import NotForManyError, restrict, restrict_together
from perennial.contact.enums import RestrictionKind
from perennial.contact.models import Restriction
from perennial.departures.actions import open_due
from perennial.departures.decisions.actions import (
    AlreadyProposedError,
    DecisionDatesError,
    DecisionIncompleteError,
    NoColleagueDecidesError,
    NotHoldingError,
    NotWaitingError,
    OwnProposalError,
    Proposal,
    approve,
    decline,
    end_early,
    keep_decisions,
    latest_end,
    look_again,
    note_appeal,
    note_run_out,
    propose,
    withdraw,
)
from perennial.departures.decisions.enums import (
    OUTCOMES,
    RESTRICTING,
    DecisionKind,
    DecisionOutcome,
    DecisionReason,
    DecisionState,
)
from perennial.departures.decisions.queries import asks_hr_first, holding, to_approve, to_look_at, told_to
from perennial.departures.models import DecisionAppeal, Departure, PersonDecision
from perennial.operate.tick import tick
from perennial.people.actions import correct_stint
from perennial.people.models import Person
from perennial.privacy.actions import erase
from tests.cast import NOW, TODAY, colleague, person, programme
from tests.examples import examples

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
HOUSE = Path(perennial.__file__).parent


@pytest.fixture
def hanna() -> User:
    return colleague(Role.HR, name="Hanna Visser", email="hanna@employer.example")


@pytest.fixture
def carla() -> User:
    programme()
    return User.objects.get(role=Role.COORDINATOR)


def asked(outcome: DecisionOutcome = DecisionOutcome.NOT, **fields: Any) -> Proposal:
    restricts = outcome in RESTRICTING
    given: dict[str, Any] = {
        "reason": DecisionReason.CONDUCT if restricts else DecisionReason.GOOD_STANDING,
        "explanation": "What happened in March",
        "evidence": "Letter of the 3rd of April",
    }
    if restricts:
        given |= {"review_on": TODAY + 90 * DAY, "ends_on": TODAY + 365 * DAY}
    return Proposal(outcome=outcome, **{**given, **fields})


def kind_of(outcome: DecisionOutcome) -> DecisionKind:
    return next(kind for kind, outcomes in OUTCOMES.items() if outcome in outcomes)


def proposed(
    someone: Person, by: User, outcome: DecisionOutcome = DecisionOutcome.NOT, **fields: Any
) -> PersonDecision:
    return propose(
        person=someone, kind=kind_of(outcome), proposal=asked(outcome, **fields), by=f"user:{by.pk}", now=NOW
    )


def decided(someone: Person, by: User, other: User, outcome: DecisionOutcome, **fields: Any) -> PersonDecision:
    row = proposed(someone, by, outcome, **fields)
    approve(decision=row, by=f"user:{other.pk}", now=NOW)
    row.refresh_from_db()
    return row


# Two colleagues


def test_nothing_holds_before_another_colleague_has_approved(hanna: User, carla: User) -> None:
    alice = person()
    row = proposed(alice, hanna)
    assert (row.state, row.owner, Restriction.objects.count()) == (DecisionState.PROPOSED, hanna, 0)
    assert not asks_hr_first(person=alice, day=TODAY)
    with pytest.raises(OwnProposalError):
        approve(decision=row, by=f"user:{hanna.pk}", now=NOW)
    with pytest.raises(OwnProposalError):
        decline(decision=row, by=f"user:{hanna.pk}", now=NOW)
    approve(decision=row, by=f"user:{carla.pk}", now=NOW)
    row.refresh_from_db()
    assert (row.state, row.answered_by, row.answered_at) == (DecisionState.IN_FORCE, f"user:{carla.pk}", NOW)
    assert asks_hr_first(person=alice, day=TODAY)
    with pytest.raises(NotWaitingError):
        approve(decision=row, by=f"user:{carla.pk}", now=NOW)
    assert [event.deed for event in Event.objects.filter(deed__startswith="departures.decision").order_by("pk")] == [
        "departures.decision_proposed",
        "departures.decision_approved",
    ]
    assert Event.objects.get(deed="departures.decision_approved").details == {
        "kind": "eligibility",
        "decision": row.pk,
    }


@pytest.mark.parametrize("by", ["system", "import:3", "command", "person:abc", "user:", "user:999999", "test"])
def test_no_machine_no_import_and_no_command_decides(by: str, hanna: User, carla: User) -> None:
    alice = person()
    with pytest.raises(NoColleagueDecidesError):
        propose(person=alice, kind=DecisionKind.ELIGIBILITY, proposal=asked(), by=by, now=NOW)
    row = proposed(alice, hanna)
    with pytest.raises(NoColleagueDecidesError):
        approve(decision=row, by=by, now=NOW)
    with pytest.raises(NoColleagueDecidesError):
        decline(decision=row, by=by, now=NOW)
    approve(decision=row, by=f"user:{carla.pk}", now=NOW)
    with pytest.raises(NoColleagueDecidesError):
        end_early(decision=row, by=by, now=NOW)


@pytest.mark.parametrize(
    "wrong",
    [
        {"proposed_by": "system"},
        {"state": "in_force", "answered_by": "system", "answered_at": NOW},
        {"state": "in_force", "answered_by": "", "answered_at": NOW},
        {"state": "in_force", "answered_by": "user:1", "answered_at": NOW},
        {"state": "declined", "answered_by": "user:1", "answered_at": NOW},
        {"state": "in_force", "answered_by": "user:2", "answered_at": None},
        {"state": "unheard of"},
        {"outcome": "yes"},
        {"reason": "sick_leave"},
        {"ends_on": None},
        {"review_on": None},
        {"ends_on": TODAY, "review_on": TODAY + DAY},
    ],
)
def test_the_database_refuses_what_the_actions_would_never_write(wrong: dict[str, Any]) -> None:
    fields: dict[str, Any] = {
        "kind": "eligibility",
        "outcome": "not",
        "reason": "conduct",
        "proposed_by": "user:1",
        "proposed_at": NOW,
        "review_on": TODAY,
        "ends_on": TODAY + DAY,
    }
    alice = person()
    with pytest.raises(IntegrityError), transaction.atomic():
        PersonDecision.objects.create(person=alice, **{**fields, **wrong})
    PersonDecision.objects.create(person=alice, **fields)


def test_only_the_forms_of_the_desk_propose_and_approve() -> None:
    deeds = {"propose", "approve", "decline", "end_early"}
    calls = {
        path.relative_to(HOUSE).as_posix()
        for path in HOUSE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        and node.module == "perennial.departures.decisions.actions"
        and deeds & {alias.name for alias in node.names}
    }
    assert calls == {"desk/departures/decisions.py"}


def test_whoever_proposed_takes_it_back_until_somebody_has_answered(hanna: User, carla: User) -> None:
    alice = person()
    row = proposed(alice, hanna)
    with pytest.raises(OwnProposalError):
        withdraw(decision=row, by=f"user:{carla.pk}", now=NOW)
    withdraw(decision=row, by=f"user:{hanna.pk}", now=NOW)
    with pytest.raises(NotWaitingError):
        approve(decision=row, by=f"user:{carla.pk}", now=NOW)
    again = proposed(alice, hanna)
    with pytest.raises(AlreadyProposedError):
        proposed(alice, carla)
    decline(decision=again, by=f"user:{carla.pk}", now=NOW)
    with pytest.raises(NotWaitingError):
        withdraw(decision=again, by=f"user:{hanna.pk}", now=NOW)
    assert sorted(alice.decisions.values_list("state", flat=True)) == ["declined", "withdrawn"]
    assert Restriction.objects.count() == 0


# Days


@pytest.mark.parametrize(
    ("review", "end"),
    [(None, 10), (10, None), (0, 10), (-1, 10), (11, 10), (10, 732)],
)
def test_what_restricts_is_looked_at_again_and_ends_in_two_years_at_most(
    hanna: User, review: int | None, end: int | None
) -> None:
    programme()
    days = {
        "review_on": None if review is None else TODAY + review * DAY,
        "ends_on": None if end is None else TODAY + end * DAY,
    }
    for outcome in RESTRICTING:
        with pytest.raises(DecisionDatesError):
            proposed(person(), hanna, outcome, **days)
    assert proposed(person(), hanna, DecisionOutcome.NOT, review_on=TODAY + DAY, ends_on=TODAY + 731 * DAY).pk


def test_two_years_from_the_29th_of_february_end_on_the_28th() -> None:
    assert latest_end(day=date(2028, 2, 29)) == date(2030, 2, 28)
    assert latest_end(day=date(2026, 9, 14)) == date(2028, 9, 14)


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (DecisionOutcome.WELCOME, DecisionReason.CONDUCT),
        (DecisionOutcome.YES, DecisionReason.NOTICE),
        (DecisionOutcome.NO, DecisionReason.GOOD_STANDING),
        (DecisionOutcome.NOT, "sick_leave"),
    ],
)
def test_the_reason_goes_with_the_outcome_and_is_one_of_ours(
    hanna: User, outcome: DecisionOutcome, reason: Any
) -> None:
    programme()
    with pytest.raises(DecisionIncompleteError):
        proposed(person(), hanna, outcome, reason=reason)
    with pytest.raises(DecisionIncompleteError):
        propose(
            person=person(),
            kind=DecisionKind.REHIRE,
            proposal=asked(DecisionOutcome.NOT),
            by=f"user:{hanna.pk}",
            now=NOW,
        )


def test_no_coded_reason_is_one_that_may_never_be() -> None:
    forbidden = ("sick", "health", "pregnan", "parental", "works council", "union", "whistle", "complaint")
    words = [f"{reason.value} {reason.label}".casefold() for reason in DecisionReason]
    assert [word for word in words if any(each in word for each in forbidden)] == []


def test_what_has_run_out_is_approved_no_more(hanna: User, carla: User) -> None:
    row = proposed(person(), hanna, review_on=TODAY + DAY, ends_on=TODAY + DAY)
    with pytest.raises(DecisionDatesError):
        approve(decision=row, by=f"user:{carla.pk}", now=NOW + 2 * DAY)


# At the door


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        (DecisionOutcome.WELCOME, []),
        (DecisionOutcome.LATER, [("", "decided_later")]),
        (DecisionOutcome.NOT, [("", "decided_not")]),
        (DecisionOutcome.YES, []),
        (DecisionOutcome.CONDITIONAL, []),
        (DecisionOutcome.NO, [("vacancies", "decided_not")]),
    ],
)
def test_the_door_is_told_in_neutral_words_and_only_what_it_needs(
    hanna: User, carla: User, outcome: DecisionOutcome, told: list[tuple[str, str]]
) -> None:
    alice = person()
    row = decided(alice, hanna, carla, outcome)
    rows = Restriction.objects.filter(person=alice, kind=RestrictionKind.DECISION, lifted_at=None)
    assert list(rows.values_list("purpose", "reason")) == told
    assert [each.ends_on for each in rows] == [row.ends_on] * len(told)
    assert asks_hr_first(person=alice, day=TODAY) is (outcome in RESTRICTING)
    end_early(decision=row, by=f"user:{hanna.pk}", now=NOW)
    assert not Restriction.objects.filter(lifted_at=None).exists()
    assert not asks_hr_first(person=alice, day=TODAY)
    with pytest.raises(NotHoldingError):
        end_early(decision=row, by=f"user:{hanna.pk}", now=NOW)


def test_the_door_takes_a_decision_from_a_colleague_only_and_never_about_many(hanna: User) -> None:
    programme()
    alice = person()
    row: dict[str, Any] = {"person": alice, "kind": RestrictionKind.DECISION, "starts_on": TODAY, "now": NOW}
    right: dict[str, Any] = {"reason": "decided_not", "by": f"user:{hanna.pk}", "ends_on": TODAY + DAY}
    for wrong in ({"by": "system"}, {"reason": "misconduct"}, {"ends_on": None}):
        with pytest.raises(DoorIncompleteError):
            restrict(**{**row, **right, **wrong})
    del row["person"]
    with pytest.raises(NotForManyError):
        restrict_together(people=Person.objects.all(), **{**row, **right})
    with pytest.raises(IntegrityError), transaction.atomic():
        Restriction.objects.create(
            person=alice,
            kind="decision",
            reason="decided_not",
            starts_on=TODAY,
            ends_on=TODAY,
            by="system",
            created_at=NOW,
        )


def test_a_new_decision_supersedes_and_the_old_one_stays_as_it_was(hanna: User, carla: User) -> None:
    alice = person()
    first = decided(alice, hanna, carla, DecisionOutcome.NOT)
    was = _as_decided(first)
    second = proposed(alice, carla, DecisionOutcome.LATER)
    first.refresh_from_db()
    assert first.state == DecisionState.IN_FORCE
    approve(decision=second, by=f"user:{hanna.pk}", now=NOW + DAY)
    first.refresh_from_db()
    assert (first.state, first.ended_at, _as_decided(first)) == (DecisionState.SUPERSEDED, NOW + DAY, was)
    standing = Restriction.objects.filter(person=alice, kind=RestrictionKind.DECISION, lifted_at=None)
    assert list(standing.values_list("reason", flat=True)) == ["decided_later"]
    # The other kind of decision is another matter.
    decided(alice, hanna, carla, DecisionOutcome.NO)
    assert alice.decisions.filter(state=DecisionState.IN_FORCE).count() == 2


def _as_decided(row: PersonDecision) -> tuple[Any, ...]:
    return tuple(
        getattr(row, name)
        for name in (
            "outcome",
            "reason",
            "explanation",
            "evidence",
            "proposed_by",
            "answered_by",
            "review_on",
            "ends_on",
        )
    )


# Looked at again, run out


def test_its_owner_looks_again_and_the_end_stays(hanna: User, carla: User) -> None:
    row = decided(person(), hanna, carla, DecisionOutcome.NO)
    assert list(to_look_at(day=TODAY + 89 * DAY)) == []
    assert list(to_look_at(day=TODAY + 90 * DAY)) == [row]
    later = NOW + 90 * DAY
    for wrong in (TODAY + 90 * DAY, TODAY + 366 * DAY):
        with pytest.raises(DecisionDatesError):
            look_again(decision=row, review_on=wrong, by=f"user:{hanna.pk}", now=later)
    look_again(decision=row, review_on=TODAY + 180 * DAY, by=f"user:{hanna.pk}", now=later)
    row.refresh_from_db()
    assert (row.review_on, row.ends_on) == (TODAY + 180 * DAY, TODAY + 365 * DAY)
    assert list(to_look_at(day=TODAY + 90 * DAY)) == []
    assert list(holding()) == [row]


def test_what_has_run_out_holds_no_more_and_is_looked_at_once(hanna: User, carla: User) -> None:
    alice = person()
    row = decided(alice, hanna, carla, DecisionOutcome.NOT, review_on=TODAY + DAY, ends_on=TODAY + 2 * DAY)
    with pytest.raises(NotHoldingError):
        note_run_out(decision=row, by=f"user:{hanna.pk}", now=NOW)
    assert keep_decisions(now=NOW + 2 * DAY) == 0
    assert keep_decisions(now=NOW + 3 * DAY) == 1
    assert keep_decisions(now=NOW + 3 * DAY) == 0
    row.refresh_from_db()
    assert (row.state, row.restriction.lifted_at if row.restriction else None) == (
        DecisionState.EXPIRED,
        NOW + 3 * DAY,
    )
    assert list(to_look_at(day=TODAY + 3 * DAY)) == [row]
    note_run_out(decision=row, by=f"user:{hanna.pk}", now=NOW + 3 * DAY)
    assert list(to_look_at(day=TODAY + 3 * DAY)) == []


@pytest.mark.parametrize("many", [1, 3])
def test_ending_what_has_run_out_takes_the_same_queries_for_one_and_for_three(
    many: int, hanna: User, carla: User, django_assert_num_queries: Any
) -> None:
    for number in range(many):
        decided(
            person(f"Somebody {number}"),
            hanna,
            carla,
            DecisionOutcome.NOT,
            review_on=TODAY + DAY,
            ends_on=TODAY + DAY,
        )
    # The day, the rows, the door, the rows again, what was done; begun and ended as one.
    with django_assert_num_queries(7):
        assert keep_decisions(now=NOW + 2 * DAY) == many


def test_about_the_dead_nobody_is_reminded(hanna: User, carla: User) -> None:
    alice = person()
    decided(alice, hanna, carla, DecisionOutcome.NO)
    proposed(alice, hanna, DecisionOutcome.NOT)
    correct_stint(stint=alice.stints.get(), how_ended="death", by="test", now=NOW)
    assert list(to_approve()) == list(to_look_at(day=TODAY + 400 * DAY)) == list(holding()) == []


# What the person may read, and erasure


def test_the_person_may_read_all_of_it_but_for_the_names_of_colleagues(
    hanna: User, carla: User, django_assert_num_queries: Any
) -> None:
    alice = person()
    row = decided(alice, hanna, carla, DecisionOutcome.NOT)
    note_appeal(decision=row, said="I was never asked", by=f"user:{hanna.pk}", now=NOW)
    proposed(alice, hanna, DecisionOutcome.CONDITIONAL, reason=DecisionReason.OTHER_WORK)
    with django_assert_num_queries(2):
        told = told_to(alice)
    assert [(str(each.kind), str(each.outcome), str(each.state)) for each in told] == [
        ("Advice on working here again", "On conditions", "Waits for a second colleague"),
        ("Welcome in the programme", "Not", "Holds"),
    ]
    held = told[1]
    assert (held.reason, held.explanation, held.evidence) == (
        DecisionReason.CONDUCT.label,
        "What happened in March",
        "Letter of the 3rd of April",
    )
    assert held.appeals == ((NOW, "I was never asked"),)
    assert (held.review_on, held.ends_on) == (TODAY + 90 * DAY, TODAY + 365 * DAY)
    assert not any(name in repr(told) for name in ("Hanna", "Carla", "user:"))
    assert told_to(person("Bob Stone")) == []


def test_what_was_written_stands_encrypted_and_goes_with_the_person(hanna: User, carla: User) -> None:
    alice = person()
    row = decided(alice, hanna, carla, DecisionOutcome.NOT)
    note_appeal(decision=row, said="I was never asked", by=f"user:{hanna.pk}", now=NOW)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT explanation, evidence, said FROM departures_persondecision d"
            " JOIN departures_decisionappeal a ON a.decision_id = d.id"
        )
        stored = cursor.fetchall()
    assert len(stored) == 1
    assert not any(word in str(stored) for word in ("March", "Letter", "asked"))
    erase(person=alice, by=f"user:{hanna.pk}", now=NOW)
    assert (PersonDecision.objects.count(), DecisionAppeal.objects.count(), Restriction.objects.count()) == (0, 0, 0)
    kept = str(list(Event.objects.values_list("details", flat=True)))
    assert not any(word in kept for word in ("March", "Letter", "asked", "conduct"))


# Never by itself


@pytest.mark.slow
@settings(max_examples=examples(15), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ending=st.sampled_from(["resignation", "dismissal", "redundancy", "mutual_agreement", ""]),
    outcomes=st.lists(st.sampled_from(DecisionOutcome), max_size=3),
    days=st.lists(st.integers(1, 400), min_size=1, max_size=4),
)
def test_no_run_of_the_house_makes_approves_or_prolongs_a_decision(
    ending: str, outcomes: list[DecisionOutcome], days: list[int]
) -> None:
    """However long time runs and however somebody left, decisions are only ever ended by themselves, never sooner."""
    with transaction.atomic():
        _run_on(ending, outcomes, days)
        transaction.set_rollback(True)


def _run_on(ending: str, outcomes: list[DecisionOutcome], days: list[int]) -> None:
    programme()
    carla = User.objects.get(role=Role.COORDINATOR)
    hanna = colleague(Role.HR, name="Hanna Visser", email="hanna@employer.example")
    alice = person(how_ended=ending, private="alice@home.example")
    open_due(now=NOW)
    for outcome in outcomes:
        decided(alice, hanna, carla, outcome)
    before = {row.pk: row for row in PersonDecision.objects.all()}
    moment = NOW
    for many in days:
        moment += many * DAY
        tick(now=moment, worker="test")
        for row in PersonDecision.objects.all():
            was = before[row.pk]
            assert _as_decided(row) == _as_decided(was)
            runs_out = was.state == DecisionState.IN_FORCE and was.ends_on and was.ends_on < moment.date()
            assert row.state == (DecisionState.EXPIRED if runs_out else was.state)
            if row.restriction:
                assert (row.restriction.lifted_at is None) is (row.state == DecisionState.IN_FORCE)
    assert PersonDecision.objects.count() == len(before)
    assert Departure.objects.count() == 1
