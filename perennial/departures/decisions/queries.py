"""Reads decisions about people: what holds, what waits, what is due, and all that the person may read."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise

from perennial.departures.decisions.enums import (
    RESTRICTING,
    DecisionKind,
    DecisionOutcome,
    DecisionReason,
    DecisionState,
)
from perennial.departures.models import PersonDecision
from perennial.people.enums import HowEnded
from perennial.people.models import Person, Stint
from perennial.people.queries import without_stored_only


@dataclass(frozen=True)
class ToldDecision:
    """A decision as the person it is about may read it (GDPR 15): all of it, but for the names of colleagues."""

    kind: str | Promise
    outcome: str | Promise
    state: str | Promise
    reason: str | Promise
    explanation: str
    evidence: str
    proposed_at: datetime
    answered_at: datetime | None
    review_on: date | None
    ends_on: date | None
    ended_at: datetime | None
    # When it was noted, and what was said against it.
    appeals: tuple[tuple[datetime, str], ...]


def told_to(person: Person) -> list[ToldDecision]:
    """All decisions about `person`, proposals among them, the latest first; two statements."""
    return [
        ToldDecision(
            kind=DecisionKind(row.kind).label,
            outcome=DecisionOutcome(row.outcome).label,
            state=DecisionState(row.state).label,
            reason=DecisionReason(row.reason).label,
            explanation=row.explanation,
            evidence=row.evidence,
            proposed_at=row.proposed_at,
            answered_at=row.answered_at,
            review_on=row.review_on,
            ends_on=row.ends_on,
            ended_at=row.ended_at,
            appeals=tuple((appeal.noted_at, appeal.said) for appeal in row.appeals.all()),
        )
        for row in of_person(person=person)
    ]


def of_person(*, person: Person) -> QuerySet[PersonDecision]:
    """All decisions about `person` with what was said against them, the latest first."""
    return person.decisions.select_related("owner").prefetch_related("appeals").order_by("-proposed_at", "-pk")


def decision_with_id(decision_id: int) -> PersonDecision | None:
    """One decision with its person and what was said against it, or None."""
    return (
        without_stored_only(PersonDecision.objects.all())
        .select_related("person", "owner")
        .prefetch_related("appeals")
        .filter(pk=decision_id)
        .first()
    )


def asks_hr_first(*, person: Person, day: date) -> bool:
    """Whether something decided holds about which HR is to be asked before anybody approaches `person`."""
    return person.decisions.filter(state=DecisionState.IN_FORCE, outcome__in=RESTRICTING, ends_on__gte=day).exists()


def to_approve() -> QuerySet[PersonDecision]:
    """Proposals that wait for a second colleague, the longest waiting first."""
    return (
        _of_the_living()
        .filter(state=DecisionState.PROPOSED)
        .select_related("person", "owner")
        .order_by("proposed_at", "pk")
    )


def to_look_at(*, day: date) -> QuerySet[PersonDecision]:
    """Decisions to look at again: the day for it has come, or they have run out. The longest due first."""
    due = Q(state=DecisionState.IN_FORCE, review_on__lte=day) | Q(state=DecisionState.EXPIRED)
    return _of_the_living().filter(due).select_related("person", "owner").order_by("review_on", "pk")


def holding() -> QuerySet[PersonDecision]:
    """What holds against somebody, the one to look at first comes first."""
    return (
        _of_the_living()
        .filter(state=DecisionState.IN_FORCE, outcome__in=RESTRICTING)
        .select_related("person", "owner")
        .order_by("review_on", "pk")
    )


def _of_the_living() -> QuerySet[PersonDecision]:
    """Of nobody either whose data is stored and nothing else."""
    died = Stint.objects.filter(person=OuterRef("person"), how_ended=HowEnded.DEATH)
    return without_stored_only(PersonDecision.objects.filter(~Exists(died)))
