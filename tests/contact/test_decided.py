"""What two colleagues decided, as the door tells it."""

from datetime import timedelta
from typing import Any

import pytest

from perennial.accounts.roles import Role
from perennial.contact.actions import restrict
from perennial.contact.door import decide, explain
from perennial.contact.enums import RestrictionKind, Verdict
from perennial.kernel.purposes import Purpose
from perennial.people.models import Person
from tests.cast import NOW, TODAY, colleague, person, programme
from tests.desk.walkers import agree, leaver

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def alice() -> Person:
    programme()
    someone = leaver(ends_on=TODAY - DAY)
    agree(someone, "vacancies", "personal")
    return someone


def write_down(someone: Person, reason: str, purpose: str = "", **fields: Any) -> None:
    hanna = colleague(Role.HR, email="hanna@employer.example")
    restrict(
        person=someone,
        kind=RestrictionKind.DECISION,
        reason=reason,
        purpose=purpose,
        starts_on=TODAY,
        ends_on=TODAY + 30 * DAY,
        by=f"user:{hanna.pk}",
        now=NOW,
        **fields,
    )


def answer(someone: Person, purpose: Purpose, *, invitation: bool = False, days: int = 0) -> tuple[str, str]:
    [decision] = decide(
        people=Person.objects.filter(pk=someone.pk), purpose=purpose, now=NOW + days * DAY, invitation=invitation
    )
    return decision.verdict, decision.rule


def test_not_welcome_is_no_to_everything_but_what_the_person_has_a_right_to(alice: Person) -> None:
    write_down(alice, "decided_not")
    for purpose in (Purpose.PERSONAL, Purpose.VACANCIES):
        assert answer(alice, purpose) == (Verdict.NO, "decided")
    assert answer(alice, Purpose.SERVICE, invitation=True) == (Verdict.NO, "decided")
    # Confirmations and answers to rights requests go through as ever.
    assert answer(alice, Purpose.SERVICE) == (Verdict.YES, "")
    assert answer(alice, Purpose.PERSONAL, days=30) == (Verdict.NO, "decided")
    assert answer(alice, Purpose.PERSONAL, days=31) == (Verdict.YES, "")


def test_later_is_later_until_its_last_day_has_passed(alice: Person) -> None:
    write_down(alice, "decided_later")
    [decision] = decide(people=Person.objects.filter(pk=alice.pk), purpose=Purpose.PERSONAL, now=NOW)
    assert (decision.verdict, decision.rule) == (Verdict.LATER, "decided")
    assert decision.until is not None
    assert (decision.until + timedelta(hours=3)).date() == TODAY + 31 * DAY


def test_advice_against_working_here_again_stops_openings_and_nothing_else(alice: Person) -> None:
    write_down(alice, "decided_not", Purpose.VACANCIES)
    assert answer(alice, Purpose.VACANCIES) == (Verdict.NO, "decided")
    assert answer(alice, Purpose.PERSONAL) == (Verdict.YES, "")
    assert answer(alice, Purpose.SERVICE, invitation=True) == (Verdict.YES, "")


def test_the_sentence_names_no_reason(alice: Person) -> None:
    write_down(alice, "decided_not")
    explanation = explain(person=alice, purpose=Purpose.PERSONAL, now=NOW)
    [line] = [line for line in explanation.rules if line.rule == "decided"]
    assert str(line.sentence) == "Not for now, by a decision of the employer that can be asked about."
    assert person("Bob Stone").restrictions.count() == 0
