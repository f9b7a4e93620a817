"""Writes for how long kinds of data are kept, over what the policy files ship."""

from datetime import date, datetime, timedelta

from django.db import transaction

from perennial.audit.actions import record
from perennial.kernel.terms import Term, Unit
from perennial.kernel.text import one_line
from perennial.programme.enums import CHANGEABLE_KINDS, DataKind
from perennial.programme.models import RetentionTerm
from perennial.programme.policy import Policies
from perennial.programme.queries import today
from perennial.programme.units import hold_structure

WHY_LENGTH = 300
# What lets somebody go sooner begins in a week at the earliest, so that one can look beforehand whom it concerns.
DAYS_OF_NOTICE = 7
# Between being asked and being let go there is time to answer.
DAYS_TO_ANSWER = 30
_LONGEST = {Unit.DAYS: 3650, Unit.MONTHS: 120}


class TermUnfitError(ValueError):
    """This kind of data has no term of its own, or the term is not between a day and ten years."""


class WhyMissingError(ValueError):
    """A term is set for a reason, in at most 300 characters."""


class TooSoonError(ValueError):
    """It cannot begin on that day; `earliest` is the first on which it can."""

    def __init__(self, earliest: date) -> None:
        super().__init__(earliest.isoformat())
        self.earliest = earliest


class NoTimeToAnswerError(ValueError):
    """People are asked before they are let go, at least thirty days, in every country."""


@transaction.atomic
def set_term(
    *, country: str, kind: str, term: Term | None, why: str, starts_on: date, by: str, now: datetime
) -> RetentionTerm:
    """Says for how long `kind` is kept of residents of `country` ('EU': of everywhere); None is as shipped again.

    A longer term may begin today, a shorter one in a week. Raises TermUnfitError, WhyMissingError, TooSoonError,
    NoTimeToAnswerError.
    """
    hold_structure()
    what = _fit(kind, term)
    reason = one_line(why)
    if not reason or len(reason) > WHY_LENGTH:
        raise WhyMissingError(reason)
    day = today(now=now)
    if starts_on < day:
        raise TooSoonError(day)
    before = Policies(on=starts_on).of(country).kept_for(what)
    row = RetentionTerm.objects.create(
        country=country,
        kind=what,
        amount=term.amount if term else None,
        unit=term.unit if term else "",
        why=reason,
        starts_on=starts_on,
        by=by,
        created_at=now,
    )
    after = Policies(on=starts_on)
    earliest = day + timedelta(days=DAYS_OF_NOTICE if _is_shorter(after.of(country).kept_for(what), before, day) else 0)
    if starts_on < earliest:
        raise TooSoonError(earliest)
    # On every day from which something of this changes, everywhere.
    days = (
        RetentionTerm.objects.filter(starts_on__gt=starts_on).order_by("starts_on").values_list("starts_on", flat=True)
    )
    for policies in (after, *(Policies(on=each) for each in days.distinct())):
        _check_time_to_answer(policies, day)
    record(
        deed="programme.term_set",
        by=by,
        now=now,
        subject_kind="policy",
        subject_key=country,
        details={"kind": what.value, "amount": row.amount, "unit": row.unit, "starts_on": starts_on.isoformat()},
    )
    return row


def _fit(kind: str, term: Term | None) -> DataKind:
    if kind not in CHANGEABLE_KINDS:
        raise TermUnfitError(kind)
    if term is not None and term.amount > _LONGEST.get(term.unit, 0):
        raise TermUnfitError(term)
    return DataKind(kind)


def _is_shorter(term: Term | None, than: Term | None, day: date) -> bool:
    if term is None or than is None:
        return than is None and term is not None
    return term.end(start=day) < than.end(start=day)


def _check_time_to_answer(policies: Policies, day: date) -> None:
    for country in policies.countries():
        policy = policies.of(country)
        asked, gone = policy.kept_for(DataKind.INACTIVE_ASKED), policy.kept_for(DataKind.INACTIVE)
        if asked and gone and gone.end(start=day) < asked.end(start=day) + timedelta(days=DAYS_TO_ANSWER):
            raise NoTimeToAnswerError
