"""What leavers answer, counted in closed batches.

Answers stand behind a wall: this module writes them and counts them; nothing here hands them out. Not even the leaver's
own page shows them again, since whoever holds the link (a colleague who found the printed sheet, HR who printed it)
could read them there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from perennial.audit.actions import record
from perennial.contact.actions import record_touch
from perennial.contact.enums import Direction, TouchKind
from perennial.departures.invitations import withdraw_invitations
from perennial.departures.models import AnswerBatch, Departure, ExitAnswers, ExitReason, RelationAnswer
from perennial.departures.relation import Relation, submit_relation
from perennial.kernel.purposes import Purpose

# Figures are published over at least so many new answers at a time (standards.md 4 A1).
BATCH_SIZE = 5
# Answers left unfinished for so long count as submitted.
DAYS_UNFINISHED = 14
IMPROVE_LENGTH = 4000


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What was answered in one go. Empty means skipped; what was answered before stays then."""

    reasons: Sequence[str] = ()
    improve: str = ""
    recommend: int | None = None

    def __bool__(self) -> bool:
        return bool(self.reasons or self.improve or self.recommend is not None)


@dataclass(frozen=True)
class Received:
    """What became of it. `frozen`: the earlier answers are part of a published figure and stay as they are."""

    frozen: bool = False
    asked: bool = False


@dataclass(frozen=True)
class Progress:
    """Which screens of the leaver's page were answered. Never how."""

    reason: bool
    improve: bool
    recommend: bool
    submitted: bool
    relation: bool
    agreed: bool

    @property
    def begun(self) -> bool:
        return self.reason or self.improve or self.recommend or self.submitted or self.relation


@transaction.atomic
def receive(
    *,
    departure: Departure,
    answers: Answers,
    relation: Relation | None,
    submit: bool,
    shown_in: str,
    ip: str | None,
    by: str,
    now: datetime,
) -> Received:
    """Takes whatever a leaver sent from the page, as one: all of it is kept, or nothing.

    An invitation that has not left is withdrawn: who answers has the link. Raises what `submit_relation` raises.
    """
    frozen = not save_answers(departure=departure, answers=answers, language=shown_in, now=now)
    if submit or relation is not None:
        submit_answers(departure=departure, by=by, now=now)
    asked = relation is not None and submit_relation(departure=departure, relation=relation, ip=ip, by=by, now=now)
    if answers or relation is not None:
        withdraw_invitations(departures=Departure.objects.filter(pk=departure.pk), by=by, now=now)
    return Received(frozen=frozen, asked=asked)


@transaction.atomic
def save_answers(*, departure: Departure, answers: Answers, language: str, now: datetime) -> bool:
    """Keeps what was answered beside what was answered before. False when that is frozen in a closed batch.

    No audit event: what is written here changes with every screen, and nobody shall see when.
    """
    if not answers:
        return True
    # The departure is locked first, so that two browsers at once make one row.
    Departure.objects.select_for_update().get(pk=departure.pk)
    row, _made = ExitAnswers.objects.select_for_update().get_or_create(
        departure=departure, defaults={"language": language, "started_at": now}
    )
    if row.batch_id is not None:
        return False
    if answers.improve:
        row.improve = answers.improve[:IMPROVE_LENGTH]
    if answers.recommend is not None:
        row.recommend = answers.recommend
    row.save(update_fields=["improve", "recommend"])
    if answers.reasons:
        row.reasons.all().delete()
        ExitReason.objects.bulk_create(ExitReason(answers=row, code=code) for code in dict.fromkeys(answers.reasons))
    return True


@transaction.atomic
def submit_answers(*, departure: Departure, by: str, now: datetime) -> None:
    """The leaver is through with the questions: from now on the answers count."""
    if ExitAnswers.objects.filter(departure=departure, submitted_at=None).update(submitted_at=now):
        record_touch(
            person=departure.person,
            at=now,
            direction=Direction.THEIRS,
            kind=TouchKind.EXIT_ANSWERS,
            purpose=Purpose.SERVICE,
            origin=f"departure:{departure.key}/answers",
        )
        record(
            deed="departures.answers_submitted",
            by=by,
            now=now,
            subject_kind="person",
            subject_key=departure.person.key,
        )
    close_batches(now=now)


@transaction.atomic
def close_batches(*, now: datetime) -> int:
    """Closes one batch over all new answers when there are at least five, and counts it. Returns 0 or 1.

    The rows are locked before they are counted. Of two submissions at once each sees the four that were there and its
    own: one takes them, the other finds them taken and closes nothing. It skips what is locked rather than wait, for
    each holds its own row already and they would wait for each other; the next tick closes what stayed behind.
    """
    free = ExitAnswers.objects.select_for_update(skip_locked=True)
    unfinished = free.filter(submitted_at=None, started_at__lte=now - timedelta(days=DAYS_UNFINISHED))
    ExitAnswers.objects.filter(pk__in=list(unfinished.values_list("pk", flat=True))).update(submitted_at=now)
    new = list(
        free.filter(batch=None, submitted_at__isnull=False, recommend__isnull=False)
        .order_by("pk")
        .values_list("pk", "recommend")
    )
    if len(new) < BATCH_SIZE:
        return 0
    recommends = [recommend for _pk, recommend in new if recommend is not None]
    promoters = sum(recommend >= 9 for recommend in recommends)
    detractors = sum(recommend <= 6 for recommend in recommends)
    batch = AnswerBatch.objects.create(
        closed_at=now,
        promoters=promoters,
        detractors=detractors,
        passives=len(recommends) - promoters - detractors,
    )
    ExitAnswers.objects.filter(pk__in=[pk for pk, _recommend in new]).update(batch=batch)
    record(deed="departures.batch_closed", by="system", now=now, details={"answers": len(new)})
    return 1


def progress_of(*, departure: Departure) -> Progress:
    """Which screens this leaver has answered."""
    row = ExitAnswers.objects.filter(departure=departure).prefetch_related("reasons").first()
    agreed = RelationAnswer.objects.filter(departure=departure).values_list("agreed", flat=True).first()
    return Progress(
        reason=bool(row and row.reasons.all()),
        improve=bool(row and row.improve),
        recommend=bool(row and row.recommend is not None),
        submitted=bool(row and row.submitted_at),
        relation=agreed is not None,
        agreed=bool(agreed),
    )
