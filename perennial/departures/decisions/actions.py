"""Proposes, approves, ends decisions about a person, and tells the door in neutral words.

A colleague proposes and another approves. No import, command or rule calls anything here but `keep_decisions`, and all
that does is to end what has run out.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from perennial.accounts.models import User
from perennial.audit.actions import record
from perennial.contact.actions import lift, lift_run_out, restrict
from perennial.contact.enums import RestrictionKind, RestrictionReason
from perennial.contact.models import Restriction
from perennial.departures.decisions.enums import (
    OUTCOMES,
    RESTRICTING,
    DecisionKind,
    DecisionOutcome,
    DecisionReason,
    DecisionState,
)
from perennial.departures.models import DecisionAppeal, PersonDecision
from perennial.kernel.purposes import Purpose
from perennial.people.models import Person
from perennial.programme.enums import Interest
from perennial.programme.interests import require_records
from perennial.programme.queries import today

# A decision against somebody runs out after two years at the latest (standards.md 5 E1).
LONGEST_YEARS = 2
TEXT_LENGTH = 4000
# For which purpose the door is told, and what. Advice on conditions is for people who read it, not for the door.
_AT_THE_DOOR: dict[DecisionOutcome, tuple[str, RestrictionReason]] = {
    DecisionOutcome.NOT: ("", RestrictionReason.DECIDED_NOT),
    DecisionOutcome.LATER: ("", RestrictionReason.DECIDED_LATER),
    DecisionOutcome.NO: (Purpose.VACANCIES, RestrictionReason.DECIDED_NOT),
}


class NoColleagueDecidesError(Exception):
    """Only a colleague who can sign in decides about a person."""


class DecisionIncompleteError(ValueError):
    """The outcome is not one of its kind, the reason is no code of ours or does not go with the outcome."""


class DecisionDatesError(ValueError):
    """A decision against somebody is looked at again on a day ahead, and ends after that, in two years at most."""


class AlreadyProposedError(Exception):
    """A decision of this kind about this person waits for a second colleague already."""


class OwnProposalError(Exception):
    """Whoever proposes does not approve."""


class NotWaitingError(Exception):
    """It was approved, declined or withdrawn already."""


class NotHoldingError(Exception):
    """It does not hold, or not any more."""


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What a colleague proposes. The days are asked of what restricts; of the others they are left out."""

    outcome: DecisionOutcome
    reason: DecisionReason
    explanation: str = ""
    evidence: str = ""
    review_on: date | None = None
    ends_on: date | None = None


@transaction.atomic
def propose(*, person: Person, kind: DecisionKind, proposal: Proposal, by: str, now: datetime) -> PersonDecision:
    """Writes a proposal down. Nothing holds before another colleague approves it.

    Raises NoColleagueDecidesError, DecisionIncompleteError, DecisionDatesError, AlreadyProposedError, and NoRecordError
    where nobody has written down why such decisions may be made.
    """
    owner = _colleague(by)
    require_records(Interest.DECISIONS)
    _check(kind, proposal, today(now=now))
    restricts = proposal.outcome in RESTRICTING
    try:
        with transaction.atomic():
            decision = PersonDecision.objects.create(
                person=person,
                kind=kind,
                outcome=proposal.outcome,
                reason=proposal.reason,
                explanation=proposal.explanation[:TEXT_LENGTH],
                evidence=proposal.evidence[:TEXT_LENGTH],
                review_on=proposal.review_on if restricts else None,
                ends_on=proposal.ends_on if restricts else None,
                proposed_by=by,
                proposed_at=now,
                owner=owner,
            )
    except IntegrityError as error:
        raise AlreadyProposedError from error
    _note("proposed", decision, by, now)
    return decision


@transaction.atomic
def approve(*, decision: PersonDecision, by: str, now: datetime) -> None:
    """Another colleague agrees: it holds from now on, the former one of its kind does not, and the door is told.

    Raises NoColleagueDecidesError, OwnProposalError, NotWaitingError, DecisionDatesError when its end has passed.
    """
    locked = _waiting(decision, by)
    day = today(now=now)
    if locked.ends_on and locked.ends_on < day:
        raise DecisionDatesError
    for former in _locked().filter(person=locked.person_id, kind=locked.kind, state=DecisionState.IN_FORCE):
        _end(former, DecisionState.SUPERSEDED, by, now)
    locked.state, locked.answered_by, locked.answered_at = DecisionState.IN_FORCE, by, now
    told = _AT_THE_DOOR.get(DecisionOutcome(locked.outcome))
    if told:
        purpose, reason = told
        locked.restriction = restrict(
            person=locked.person,
            kind=RestrictionKind.DECISION,
            reason=reason,
            purpose=purpose,
            starts_on=day,
            ends_on=locked.ends_on,
            by=by,
            now=now,
        )
    locked.save(update_fields=["state", "answered_by", "answered_at", "restriction"])
    _note("approved", locked, by, now)


@transaction.atomic
def decline(*, decision: PersonDecision, by: str, now: datetime) -> None:
    """Another colleague does not agree. Raises NoColleagueDecidesError, OwnProposalError, NotWaitingError."""
    locked = _waiting(decision, by)
    locked.state, locked.answered_by, locked.answered_at = DecisionState.DECLINED, by, now
    locked.save(update_fields=["state", "answered_by", "answered_at"])
    _note("declined", locked, by, now)


@transaction.atomic
def withdraw(*, decision: PersonDecision, by: str, now: datetime) -> None:
    """Undo: whoever proposed takes it back before anybody has answered. Raises NotWaitingError, OwnProposalError."""
    if decision.proposed_by != by:
        raise OwnProposalError
    waiting = PersonDecision.objects.filter(pk=decision.pk, state=DecisionState.PROPOSED)
    if not waiting.update(state=DecisionState.WITHDRAWN, ended_at=now):
        raise NotWaitingError
    _note("withdrawn", decision, by, now)


@transaction.atomic
def look_again(*, decision: PersonDecision, review_on: date, by: str, now: datetime) -> None:
    """Somebody looked at it and lets it stand; the end stays. Raises NotHoldingError, DecisionDatesError."""
    _colleague(by)
    locked = _locked().filter(pk=decision.pk, state=DecisionState.IN_FORCE).first()
    if locked is None or locked.ends_on is None:
        raise NotHoldingError
    if not today(now=now) < review_on <= locked.ends_on:
        raise DecisionDatesError
    locked.review_on = review_on
    locked.save(update_fields=["review_on"])
    _note("looked_at_again", locked, by, now)


@transaction.atomic
def end_early(*, decision: PersonDecision, by: str, now: datetime) -> None:
    """The reason holds no more, or the person was right. One colleague is enough to open a door.

    Raises NoColleagueDecidesError, NotHoldingError.
    """
    _colleague(by)
    locked = _locked().filter(pk=decision.pk, state=DecisionState.IN_FORCE).first()
    if locked is None:
        raise NotHoldingError
    _end(locked, DecisionState.LIFTED, by, now)
    _note("ended", locked, by, now)


@transaction.atomic
def note_run_out(*, decision: PersonDecision, by: str, now: datetime) -> None:
    """Its owner has seen that it ran out. Raises NotHoldingError when it has not, or that was seen already."""
    gone = PersonDecision.objects.filter(pk=decision.pk, state=DecisionState.EXPIRED)
    if not gone.update(state=DecisionState.OVER):
        raise NotHoldingError
    _note("seen_to_have_run_out", decision, by, now)


@transaction.atomic
def note_appeal(*, decision: PersonDecision, said: str, by: str, now: datetime) -> DecisionAppeal:
    """Keeps what the person says against a decision, beside it. Raises NoColleagueDecidesError."""
    _colleague(by)
    appeal = DecisionAppeal.objects.create(decision=decision, said=said[:TEXT_LENGTH], noted_by=by, noted_at=now)
    _note("appealed", decision, by, now)
    return appeal


@transaction.atomic
def keep_decisions(*, now: datetime) -> int:
    """Ends what has run out, at the door too. Returns how many. Safe to repeat."""
    day = today(now=now)
    gone = PersonDecision.objects.filter(state=DecisionState.IN_FORCE, ends_on__lt=day)
    ids = list(gone.select_for_update().values_list("pk", flat=True))
    if not ids:
        return 0
    lift_run_out(restrictions=Restriction.objects.filter(decision__in=ids), day=day, now=now)
    ended = PersonDecision.objects.filter(pk__in=ids).update(state=DecisionState.EXPIRED, ended_at=now)
    record(deed="departures.decisions_ran_out", by="system", now=now, details={"decisions": ended})
    return ended


def latest_end(*, day: date) -> date:
    """The last day on which a decision against somebody that is proposed on `day` may hold."""
    try:
        return day.replace(year=day.year + LONGEST_YEARS)
    except ValueError:
        # The 29th of February.
        return day.replace(year=day.year + LONGEST_YEARS, day=28)


def _check(kind: DecisionKind, proposal: Proposal, day: date) -> None:
    restricts = proposal.outcome in RESTRICTING
    fits = (proposal.reason == DecisionReason.GOOD_STANDING) is not restricts
    # What somebody wishes for themselves goes with any outcome, and so does work of another kind.
    fits = fits or proposal.reason in (DecisionReason.OWN_WISH, DecisionReason.OTHER_WORK)
    if proposal.outcome not in OUTCOMES[kind] or proposal.reason not in DecisionReason.values or not fits:
        raise DecisionIncompleteError
    if not restricts:
        return
    review, end = proposal.review_on, proposal.ends_on
    if review is None or end is None or not day < review <= end <= latest_end(day=day):
        raise DecisionDatesError


def _colleague(by: str) -> User:
    kind, _colon, number = by.partition(":")
    decides = User.objects.filter(pk=number, is_active=True).first() if kind == "user" and number.isdigit() else None
    if decides is None:
        raise NoColleagueDecidesError
    return decides


def _locked() -> QuerySet[PersonDecision]:
    return PersonDecision.objects.select_for_update(of=("self",)).select_related("person", "restriction")


def _waiting(decision: PersonDecision, by: str) -> PersonDecision:
    """The proposal, locked, if `by` may answer it."""
    _colleague(by)
    # The person first, so that of two proposals about one person the second waits for the first.
    Person.objects.select_for_update().filter(pk=decision.person_id).first()
    locked = _locked().filter(pk=decision.pk, state=DecisionState.PROPOSED).first()
    if locked is None:
        raise NotWaitingError
    if locked.proposed_by == by:
        raise OwnProposalError
    return locked


def _end(decision: PersonDecision, state: DecisionState, by: str, now: datetime) -> None:
    decision.state, decision.ended_at = state, now
    decision.save(update_fields=["state", "ended_at"])
    if decision.restriction:
        lift(restriction=decision.restriction, by=by, now=now)


def _note(deed: str, decision: PersonDecision, by: str, now: datetime) -> None:
    record(
        deed=f"departures.decision_{deed}",
        by=by,
        now=now,
        subject_kind="person",
        subject_key=decision.person.key,
        details={"kind": str(decision.kind), "decision": decision.pk},
    )
