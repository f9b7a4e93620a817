"""Retention that begins by itself: agreed to once by somebody who has looked, and announced a week ahead each time.

One run to come is always counted and stands as announced. On its day it begins, if somebody agreed that what is over
goes by itself, and if no more is due than was announced; else it is counted anew for another week. With each, those are
asked who gave no sign for long and have agreed to something.
"""

from datetime import date, datetime, timedelta

from django.db import transaction

from perennial.audit.actions import record
from perennial.privacy.asking import ask_again
from perennial.privacy.models import RetentionRun, RunState
from perennial.privacy.retention import Due, RunningAlreadyError, begin, counted_as, dry_run
from perennial.programme.enums import DataKind
from perennial.programme.keeping import DAYS_OF_NOTICE
from perennial.programme.models import Programme
from perennial.programme.queries import current, today

NOTICE = timedelta(days=DAYS_OF_NOTICE)


def announced() -> RetentionRun | None:
    """The run to come, with what was counted for it."""
    return RetentionRun.objects.filter(state=RunState.ANNOUNCED).first()


def how_many(run: RetentionRun, kind: DataKind) -> int:
    """Of how much of `kind` its announcement speaks, over all countries."""
    return sum(run.due.get(kind, {}).values())


@transaction.atomic
def let_go_by_itself(*, wanted: bool, by: str, now: datetime) -> None:
    """Says whether what is over goes by itself from now on; first in a week, with what is counted then."""
    Programme.objects.filter(pk=current().pk).update(lets_go_by_itself=wanted)
    RetentionRun.objects.filter(state=RunState.ANNOUNCED).delete()
    deed = "privacy.retention_by_itself" if wanted else "privacy.retention_by_hand"
    record(deed=deed, by=by, now=now, subject_kind="retention", subject_key="")


def keep_to_policy(*, now: datetime) -> None:
    """Announces the next run, or begins it on its day. It looks at everybody, once a week."""
    coming, programme, day = announced(), current(), today(now=now)
    running = RetentionRun.objects.filter(state=RunState.RUNNING)
    if (coming and coming.begins_on and coming.begins_on > day) or running.exists():
        return
    if programme.lets_go_by_itself:
        ask_again(now=now)
    if coming and programme.lets_go_by_itself and coming.begins_on == day:
        found = dry_run(now=now)
        if _something_and_no_more_than(coming, found):
            _begin(found, now)
            return
    _announce(day, now, by_itself=bool(programme.lets_go_by_itself))


def _something_and_no_more_than(coming: RetentionRun, found: list[Due]) -> bool:
    """Whether what is due was announced: a shorter term or a corrected list may have brought more since."""
    counts = {each.kind: each.count for each in found if each.kind.value in coming.due}
    return any(counts.values()) and all(many <= how_many(coming, kind) for kind, many in counts.items())


def _begin(found: list[Due], now: datetime) -> None:
    try:
        begin(by="system", now=now, found=found)
    except RunningAlreadyError:
        # Another process was sooner.
        return


def _announce(day: date, now: datetime, *, by_itself: bool) -> None:
    """Counts what is over by the day on which it goes; where nothing goes by itself, what is over now."""
    moment = now + NOTICE if by_itself else now
    counted = counted_as(dry_run(now=moment), on=today(now=moment))
    RetentionRun.objects.update_or_create(
        state=RunState.ANNOUNCED, defaults={"at": now, "begins_on": day + NOTICE, "by": "system", **counted}
    )
