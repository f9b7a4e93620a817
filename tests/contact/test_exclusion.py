"""Exclusion is a decision by a person: coded, owned, looked at again, with an end; and nothing else writes one."""

import ast
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

import perennial
from perennial.accounts.roles import Role
from perennial.audit.models import Event
from perennial.contact.actions import (
    ExclusionIncompleteError,
    NotForManyError,
    NotStandingError,
    RestrictionDatesError,
    lift,
    name_exclusion_owner,
    prolong,
    restrict_many,
    restrict_together,
)
from perennial.contact.door import decide
from perennial.contact.enums import EXCLUSION_REASONS, RestrictionKind, RestrictionReason
from perennial.contact.models import Restriction
from perennial.contact.queries import exclusions, exclusions_to_look_at
from perennial.departures.audience.actions import Asked, decide_audience
from perennial.departures.enums import AudienceMode
from perennial.kernel.purposes import Purpose
from perennial.operate.tick import tick
from perennial.people.models import Person
from tests.cast import NOW, TODAY, colleague, exclude, person, programme

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
HOUSE = Path(perennial.__file__).parent


def excluded(someone: Person, *, at: Any = NOW) -> bool:
    people = Person.objects.filter(pk=someone.pk)
    [decision] = decide(people=people, purpose=Purpose.SERVICE, now=at, invitation=True)
    return decision.rule == "excluded"


def test_whoever_excludes_somebody_answers_for_it_unless_another_is_named() -> None:
    programme()
    ines, hanna = colleague(Role.HR, name="Ines"), colleague(Role.HR, name="Hanna", email="hanna@employer.example")
    assert exclude(person(), by=ines).owner == ines
    assert exclude(person("Bob Stone"), by=ines, owner=hanna).owner == hanna


@pytest.mark.parametrize("by", ["system", "command", "demo", "user:0", "user:", "person:abc", "user:x"])
def test_no_machine_excludes_anybody(by: str) -> None:
    programme()
    with pytest.raises(ExclusionIncompleteError):
        _restrict(person(), by=by)
    assert Restriction.objects.count() == 0


def test_a_colleague_whose_account_is_closed_excludes_nobody() -> None:
    programme()
    gone = colleague(Role.HR, is_active=False)
    with pytest.raises(ExclusionIncompleteError):
        _restrict(person(), by=f"user:{gone.pk}")


@pytest.mark.parametrize("missing", ["review_on", "ends_on"])
def test_an_exclusion_needs_a_day_to_look_again_and_an_end(missing: str) -> None:
    programme()
    with pytest.raises(ExclusionIncompleteError):
        exclude(person(), **{missing: None})


@pytest.mark.parametrize("reason", sorted(set(RestrictionReason) - set(EXCLUSION_REASONS)))
def test_only_four_reasons_exclude_somebody(reason: str) -> None:
    programme()
    with pytest.raises(ExclusionIncompleteError):
        exclude(person(), reason=reason)


def test_nobody_looks_again_after_the_end() -> None:
    programme()
    with pytest.raises(RestrictionDatesError):
        exclude(person(), review_on=TODAY + 10 * DAY, ends_on=TODAY + 9 * DAY)


@pytest.mark.parametrize("fields", [{"by": "system", "review_on": TODAY}, {"by": "user:1", "review_on": None}])
def test_the_database_refuses_an_exclusion_that_nobody_decided_or_looks_at_again(fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Restriction.objects.create(
            person=person(),
            kind=RestrictionKind.EXCLUSION,
            reason="conflict",
            starts_on=TODAY,
            created_at=NOW,
            **fields,
        )


def test_nobody_is_excluded_in_a_crowd() -> None:
    programme()
    person()
    with pytest.raises(NotForManyError):
        restrict_many(
            people=Person.objects.all(),
            kind=RestrictionKind.EXCLUSION,
            reason=RestrictionReason.CONFLICT,
            starts_on=TODAY,
            by="user:1",
            now=NOW,
        )


def test_what_was_looked_at_again_stands_on_and_holds_anew_after_its_end() -> None:
    programme()
    alice = person()
    exclusion = exclude(alice, review_on=TODAY + DAY, ends_on=TODAY + 2 * DAY)
    much_later = NOW + 5 * DAY
    assert (excluded(alice), excluded(alice, at=much_later)) == (True, False)
    assert list(exclusions_to_look_at(day=TODAY + 5 * DAY)) == [exclusion]
    prolong(restriction=exclusion, review_on=TODAY + 30 * DAY, ends_on=TODAY + 60 * DAY, by="user:1", now=much_later)
    assert excluded(alice, at=much_later)
    assert list(exclusions_to_look_at(day=TODAY + 5 * DAY)) == []
    event = Event.objects.get(deed="contact.exclusion_prolonged")
    assert (event.by, event.details) == ("user:1", {"until": "2026-11-13", "former": "2026-09-16"})


def test_what_was_lifted_is_not_prolonged() -> None:
    programme()
    exclusion = exclude(person())
    lift(restriction=exclusion, by="user:1", now=NOW)
    with pytest.raises(NotStandingError):
        prolong(restriction=exclusion, review_on=TODAY, ends_on=TODAY, by="user:1", now=NOW)
    with pytest.raises(NotStandingError):
        name_exclusion_owner(restriction=exclusion, owner=colleague(email="c@employer.example"), by="user:1", now=NOW)
    assert list(exclusions()) == []


def test_an_exclusion_is_handed_to_a_colleague_who_is_there() -> None:
    programme()
    exclusion = exclude(person())
    gone = colleague(Role.HR, email="gone@employer.example", is_active=False)
    with pytest.raises(ExclusionIncompleteError):
        name_exclusion_owner(restriction=exclusion, owner=gone, by="user:1", now=NOW)
    hanna = colleague(Role.HR, name="Hanna", email="hanna@employer.example")
    name_exclusion_owner(restriction=exclusion, owner=hanna, by="user:1", now=NOW)
    exclusion.refresh_from_db()
    assert exclusion.owner == hanna
    assert Event.objects.get(deed="contact.exclusion_owner_named").details == {"owner": hanna.pk}


# Nothing else writes one


def test_a_whole_run_of_the_house_excludes_nobody_and_ends_no_exclusion() -> None:
    programme()
    alice, _bob = person(how_ended="dismissal"), person("Bob Stone", how_ended="dismissal")
    exclusion = exclude(alice, ends_on=TODAY + 40 * DAY)
    decide_audience(asked=Asked(mode=AudienceMode.LIST), by="user:1", now=NOW)
    for days in (0, 1, 60, 200):
        tick(now=NOW + days * DAY, worker="test")
    assert list(Restriction.objects.filter(kind=RestrictionKind.EXCLUSION)) == [exclusion]
    exclusion.refresh_from_db()
    assert (exclusion.lifted_at, exclusion.ends_on) == (None, TODAY + 40 * DAY)


def test_rows_for_the_door_are_made_in_one_file_and_by_three_functions_of_it() -> None:
    """`restrict` and `restrict_together`, which a colleague sets in motion, and `restrict_many`, which refuses."""
    made = {(where, function) for where, function, node in _functions() if _makes_restrictions(node)}
    many = ("restrict_together", "restrict_many")
    names = ("restrict", *many, "_write_for_each")
    assert made == {("contact/actions.py", name) for name in names}
    written = {(where, function) for where, function, node in _functions() if _called(node) == "_write_for_each"}
    assert written == {("contact/actions.py", name) for name in many}


def test_only_forms_that_a_colleague_sends_decide_about_persons() -> None:
    """And `approve`, which no other code than a form calls either; and the person, who asked it."""
    deeds = ("restrict", "restrict_together")
    calls = {(where, function) for where, function, node in _functions() if _called(node) in deeds}
    views = "desk/people/views"
    assert calls == {
        ("departures/decisions/actions.py", "approve"),
        (f"{views}/corrections.py", "new_restriction"),
        (f"{views}/together.py", "exclude_ticked"),
        (f"{views}/together.py", "join_test_group"),
        ("privacy/rights/restricting.py", "pause"),
        ("privacy/rights/restricting.py", "leave_alone"),
    }


@pytest.mark.parametrize("missing", [{"by": "system"}, {"reason": "other"}, {"ends_on": None}, {"review_on": None}])
def test_of_several_excluded_together_the_same_is_asked(missing: dict[str, Any]) -> None:
    programme()
    person()
    ines = colleague(Role.HR, name="Ines")
    asked: dict[str, Any] = {
        "reason": "conflict",
        "by": f"user:{ines.pk}",
        "starts_on": TODAY,
        "review_on": TODAY + DAY,
        "ends_on": TODAY + 2 * DAY,
    }
    with pytest.raises(ExclusionIncompleteError):
        restrict_together(people=Person.objects.all(), kind=RestrictionKind.EXCLUSION, now=NOW, **{**asked, **missing})
    assert restrict_together(people=Person.objects.all(), kind=RestrictionKind.EXCLUSION, now=NOW, **asked) == 1
    assert Restriction.objects.get().owner == ines


def test_no_row_is_turned_into_an_exclusion_afterwards() -> None:
    writes = ("update", "bulk_update", "update_or_create", "get_or_create", "bulk_create", "create")
    turned = [
        (where, function)
        for where, function, node in _functions()
        if (_called(node) in writes and "EXCLUSION" in ast.unparse(node))
        or (isinstance(node, ast.Assign) and ".kind" in ast.unparse(node.targets[0]) and "EXCL" in ast.unparse(node))
    ]
    assert turned == []


def _restrict(someone: Person, *, by: str) -> Restriction:
    from perennial.contact.actions import restrict

    return restrict(
        person=someone,
        kind=RestrictionKind.EXCLUSION,
        reason="conflict",
        starts_on=TODAY,
        review_on=TODAY + DAY,
        ends_on=TODAY + DAY,
        by=by,
        now=NOW,
    )


def _functions() -> Iterator[tuple[str, str, ast.AST]]:
    """Every node of the house's code, with its file and the function it stands in; migrations aside."""
    for path in sorted(HOUSE.rglob("*.py")):
        where = path.relative_to(HOUSE).as_posix()
        if "/migrations/" in f"/{where}":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                for node in ast.walk(function):
                    yield where, function.name, node


def _makes_restrictions(node: ast.AST) -> bool:
    """Whether `node` makes rows of Restriction, through the model or in SQL."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return "INTO contact_restriction" in node.value or "UPDATE contact_restriction" in node.value
    if not isinstance(node, ast.Call):
        return False
    called = ast.unparse(node.func)
    return (
        called == "Restriction"
        or (called.startswith("Restriction.objects.") and "create" in called.removeprefix("Restriction.objects."))
        or called.endswith("restrictions.create")
    )


def _called(node: ast.AST) -> str:
    """The last name of what `node` calls; empty when it calls nothing."""
    return ast.unparse(node.func).rpartition(".")[2] if isinstance(node, ast.Call) else ""
