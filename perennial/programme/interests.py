"""Records of legitimate interest (GDPR 6(1)(f)): the three steps of interest, necessity and balancing, in versions.

What rests on such an interest begins only with a standing record (EDPB Guidelines 1/2024). A record stands when its
latest version says that the interest prevails. One whose day to look again has passed still stands, and is shown.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Max, QuerySet

from perennial.audit.actions import record
from perennial.kernel.text import one_line
from perennial.programme.enums import Interest
from perennial.programme.models import InterestRecord
from perennial.programme.queries import today
from perennial.programme.units import hold_structure

LONGEST = 10_000
NAME_LENGTH = 200
# Our rule: whatever was weighed is weighed again within three years.
LONGEST_STANDING = timedelta(days=3 * 366)


class StepMissingError(ValueError):
    """One of the three steps, or who decided, is empty or too long."""


class ReviewUnfitError(ValueError):
    """It was decided on a day to come, or is not looked at again within three years of that day."""


class AlreadyWeighedError(Exception):
    """What was to be the first record of a processing is not: somebody wrote one in the meantime."""


class NoRecordError(Exception):
    """What would begin has no standing record; `missing` are those processings."""

    def __init__(self, missing: Iterable[Interest]) -> None:
        self.missing = tuple(missing)
        super().__init__(", ".join(self.missing))


@dataclass(frozen=True)
class Standing:
    """Where a processing stands: its latest record, if any, and whether it is to be looked at again."""

    processing: Interest
    record: InterestRecord | None
    review_is_due: bool

    @property
    def stands(self) -> bool:
        return self.record is not None and self.record.prevails


@transaction.atomic
def write_record(
    *,
    processing: str,
    interest: str,
    necessity: str,
    balancing: str,
    prevails: bool,
    decided_by: str,
    decided_on: date,
    review_on: date,
    by: str,
    now: datetime,
    first: bool = False,
) -> InterestRecord:
    """Writes the next version; with `first` only where there is none, since nobody read it before agreeing.

    Raises StepMissingError, ReviewUnfitError, AlreadyWeighedError.
    """
    what = Interest(processing)
    steps = {"interest": interest.strip(), "necessity": necessity.strip(), "balancing": balancing.strip()}
    who = one_line(decided_by)
    if not all(0 < len(text) <= LONGEST for text in steps.values()) or not 0 < len(who) <= NAME_LENGTH:
        raise StepMissingError
    if decided_on > today(now=now) or not decided_on < review_on <= decided_on + LONGEST_STANDING:
        raise ReviewUnfitError
    # One after the other, so that no version is given twice.
    hold_structure()
    former = InterestRecord.objects.filter(processing=what).aggregate(highest=Max("version"))["highest"] or 0
    if first and former:
        raise AlreadyWeighedError
    row = InterestRecord.objects.create(
        processing=what,
        version=former + 1,
        **steps,
        prevails=prevails,
        decided_by=who,
        decided_on=decided_on,
        review_on=review_on,
        by=by,
        at=now,
    )
    record(
        deed="programme.interest_recorded",
        by=by,
        now=now,
        subject_kind="programme",
        subject_key="1",
        details={"processing": what.value, "version": row.version, "prevails": prevails},
    )
    return row


def standings(*, on: date) -> list[Standing]:
    """Each processing on legitimate interest, in the order of the list; one query."""
    newest = InterestRecord.objects.order_by().values("processing").annotate(newest=Max("pk")).values("newest")
    found = {row.processing: row for row in InterestRecord.objects.filter(pk__in=newest)}
    return [
        Standing(each, found.get(each), review_is_due=each in found and found[each].review_on <= on)
        for each in Interest
    ]


def require_records(*processings: Interest) -> None:
    """Raises NoRecordError where one of `processings` has no standing record."""
    standing = {each.processing for each in standings(on=date.max) if each.stands}
    if missing := [each for each in processings if each not in standing]:
        raise NoRecordError(missing)


def records_of(*, processing: str) -> QuerySet[InterestRecord]:
    """Every version, the newest first."""
    return InterestRecord.objects.filter(processing=processing).order_by("-version")
