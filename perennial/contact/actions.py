"""Writes touches, restrictions and suppressions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from perennial.accounts.models import User
from perennial.audit.actions import record
from perennial.audit.models import Event
from perennial.contact.enums import (
    DECISION_REASONS,
    EXCLUSION_REASONS,
    Direction,
    RestrictionKind,
    RestrictionReason,
    SuppressionScope,
    TouchKind,
)
from perennial.contact.models import Restriction, Suppression, Touch
from perennial.kernel.keys import fingerprint, fingerprints
from perennial.kernel.purposes import Channel, Intent, Purpose
from perennial.kernel.text import one_line
from perennial.people.enums import AddressState
from perennial.people.models import EmailAddress, Person

SUMMARY_LENGTH = 300
# How long after it a decision about many is taken back at once.
_UNDONE_WITHIN = timedelta(hours=1)
_RESTRICTED_TOGETHER = "contact.restricted_together"


class RestrictionDatesError(ValueError):
    """A restriction cannot end before it begins, nor be looked at again after its end."""


class ExclusionIncompleteError(ValueError):
    """An exclusion is decided by a colleague: with one of its reasons, an owner, a day to look again and an end."""


class DecisionIncompleteError(ValueError):
    """What was decided about a person comes from a colleague, with one of its neutral reasons and an end."""


class NotForManyError(ValueError):
    """Only what follows from a rule is written down for many at once; an exclusion never is."""


class NotStandingError(Exception):
    """This restriction was lifted, or is no exclusion."""


@dataclass(frozen=True)
class TakenBack:
    """Of a decision about many: about how many it was lifted, and about how many it still stands."""

    lifted: int
    left: int


@dataclass(frozen=True, kw_only=True, slots=True)
class NewTouch:
    """A contact to be written down. `origin` names where it came from, so that it is written down once."""

    person_id: int
    at: datetime
    direction: Direction
    kind: TouchKind
    purpose: Purpose
    origin: str
    intent: Intent = Intent.NEUTRAL
    channel: str = ""
    summary: str = ""


# By hand: through the model it takes three times as long, and this is written down once for every mail that goes.
# A person who is erased meanwhile is left out; on PostgreSQL the lock keeps the others until the touch stands.
_WRITE_TOUCH = """
    INSERT INTO contact_touch (person_id, at, direction, kind, channel, purpose, intent, origin, summary)
    SELECT %s, %s, %s, %s, %s, %s, %s, %s, %s
    WHERE EXISTS (SELECT 1 FROM people_person WHERE id = %s)
    ON CONFLICT DO NOTHING
"""
_WRITE_TOUCHES_ON_POSTGRESQL = """
    INSERT INTO contact_touch (person_id, at, direction, kind, channel, purpose, intent, origin, summary)
    SELECT new.*
    FROM unnest(
        %s::bigint[], %s::timestamptz[], %s::text[], %s::text[], %s::text[],
        %s::text[], %s::text[], %s::text[], %s::text[]
    ) AS new (person_id)
    JOIN people_person AS person ON person.id = new.person_id
    FOR KEY SHARE OF person
    ON CONFLICT DO NOTHING
"""


def record_touches(touches: Iterable[NewTouch]) -> None:
    """Writes many touches at once; one that stands already is left as it is.

    A person may have been erased while their letter was on its way: there is nothing left to write it down for, and
    the others' touches must not fail with theirs.
    """
    at = connection.ops.adapt_datetimefield_value
    rows = [
        (
            touch.person_id,
            at(touch.at),
            str(touch.direction),
            str(touch.kind),
            str(touch.channel),
            str(touch.purpose),
            str(touch.intent),
            touch.origin,
            one_line(touch.summary)[:SUMMARY_LENGTH],
        )
        for touch in touches
    ]
    if not rows:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_WRITE_TOUCHES_ON_POSTGRESQL, [list(column) for column in zip(*rows, strict=True)])
        else:
            cursor.executemany(_WRITE_TOUCH, [(*row, row[0]) for row in rows])


def record_touch(
    *,
    person: Person,
    at: datetime,
    direction: Direction,
    kind: TouchKind,
    purpose: Purpose,
    origin: str,
    intent: Intent = Intent.NEUTRAL,
    channel: str = "",
    summary: str = "",
) -> None:
    """Writes one touch down, once."""
    record_touches(
        [
            NewTouch(
                person_id=person.pk,
                at=at,
                direction=direction,
                kind=kind,
                purpose=purpose,
                origin=origin,
                intent=intent,
                channel=channel,
                summary=summary,
            )
        ]
    )


def gift_origin(*, what: str, occasion: str) -> str:
    """Where a gift is written down: `what` once a person and `occasion`, a first day for instance."""
    return f"gift:{what}/{occasion}"


@transaction.atomic
def give(*, person: Person, what: str, occasion: str, summary: str, at: datetime) -> bool:
    """Writes down that somebody got a gift. False when they had it for this occasion, whoever gave it.

    Service, so that flowers on a first day use up nothing of what may be sent.
    """
    # Whoever gives at the same moment waits here and finds it given.
    Person.objects.select_for_update().filter(pk=person.pk).first()
    origin = gift_origin(what=what, occasion=occasion)
    if Touch.objects.filter(person=person, origin=origin).exists():
        return False
    record_touch(
        person=person,
        at=at,
        direction=Direction.OURS,
        kind=TouchKind.GIFT,
        purpose=Purpose.SERVICE,
        origin=origin,
        intent=Intent.GIVE,
        channel=Channel.POST,
        summary=summary,
    )
    return True


def take_gift_back(*, person: Person, what: str, occasion: str) -> None:
    """Undo: it was written down by mistake, and nobody got anything."""
    Touch.objects.filter(person=person, origin=gift_origin(what=what, occasion=occasion)).delete()


@transaction.atomic
def restrict(
    *,
    person: Person,
    kind: RestrictionKind,
    reason: str,
    starts_on: date,
    by: str,
    now: datetime,
    purpose: str = "",
    ends_on: date | None = None,
    review_on: date | None = None,
    owner: User | None = None,
) -> Restriction:
    """Writes down for the door what a person decided. `reason` is a code; it is never shown at the door.

    With `restrict_together` the only way in for an exclusion: `by` is then the colleague who decides, and answers for
    it when no other `owner` is named. Raises RestrictionDatesError, ExclusionIncompleteError, DecisionIncompleteError.
    """
    if kind is RestrictionKind.DECISION and (
        _who_decides(by) is None or reason not in DECISION_REASONS or ends_on is None
    ):
        raise DecisionIncompleteError
    if kind is RestrictionKind.EXCLUSION:
        owner = _owner_of_exclusion(by, owner, reason=reason, review_on=review_on, ends_on=ends_on)
        if purpose:
            raise ExclusionIncompleteError
    _check_days(starts_on, review_on, ends_on)
    restriction = Restriction.objects.create(
        person=person,
        kind=kind,
        purpose=purpose,
        reason=reason,
        starts_on=starts_on,
        ends_on=ends_on,
        review_on=review_on,
        owner=owner,
        by=by,
        created_at=now,
    )
    record(
        deed="contact.restricted",
        by=by,
        now=now,
        subject_kind="person",
        subject_key=person.key,
        details={"kind": str(kind), "purpose": purpose, "reason": reason},
    )
    return restriction


@transaction.atomic
def restrict_together(
    *,
    people: QuerySet[Person],
    kind: RestrictionKind,
    reason: str,
    starts_on: date,
    by: str,
    now: datetime,
    ends_on: date | None = None,
    review_on: date | None = None,
) -> int:
    """The same decision about each of `people`, in one statement and with one event. Returns about how many.

    Whoever has a standing one of this kind is left out; see `not_yet`. Of an exclusion the same is asked as in
    `restrict`. Raises RestrictionDatesError, ExclusionIncompleteError, NotForManyError.
    """
    if kind is RestrictionKind.DECISION:
        raise NotForManyError(kind)
    owner = None
    if kind is RestrictionKind.EXCLUSION:
        owner = _owner_of_exclusion(by, None, reason=reason, review_on=review_on, ends_on=ends_on)
    _check_days(starts_on, review_on, ends_on)
    decision = Restriction(
        owner=owner,
        kind=kind,
        reason=reason,
        starts_on=starts_on,
        ends_on=ends_on,
        review_on=review_on,
        by=by,
        created_at=now,
    )
    written = _write_for_each(not_yet(people, kind=kind, day=starts_on), decision)
    if written:
        details: dict[str, Any] = {"kind": str(kind), "reason": reason, "people": written}
        # What `lift_together` knows the rows by that nobody decided about since.
        days = {"review_on": review_on, "ends_on": ends_on}
        details |= {name: day.isoformat() for name, day in days.items() if day}
        details |= {"owner": owner.pk} if owner else {}
        record(deed=_RESTRICTED_TOGETHER, by=by, now=now, details=details)
    return written


def not_yet(people: QuerySet[Person], *, kind: RestrictionKind, day: date) -> QuerySet[Person]:
    """Those of `people` about whom nothing of this kind stands on `day` or later, for all purposes."""
    standing = Restriction.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=day), person=OuterRef("pk"), kind=kind, purpose="", lifted_at=None
    )
    return people.filter(~Exists(standing))


@transaction.atomic
def lift_together(*, kind: RestrictionKind, decided_at: datetime, by: str, now: datetime) -> TakenBack:
    """Takes back what `by` decided about many people at one moment, with one event.

    Only within an hour, and only where days and owner are still as they were written then: what somebody decided
    since is theirs.
    """
    deeds = Event.objects.filter(deed=_RESTRICTED_TOGETHER, by=by, at=decided_at, details__kind=str(kind))
    deed = deeds.order_by("-pk").first()
    if deed is None:
        return TakenBack(lifted=0, left=0)
    standing = Restriction.objects.filter(kind=kind, created_at=decided_at, by=by, lifted_at=None)
    written = {name: deed.details.get(name) for name in ("owner", "review_on", "ends_on")}
    in_time = now - decided_at <= _UNDONE_WITHIN
    lifted = standing.filter(**written).update(lifted_at=now) if in_time else 0
    if lifted:
        details = {"kind": str(kind), "people": lifted}
        record(deed="contact.restrictions_lifted_together", by=by, now=now, details=details)
    return TakenBack(lifted=lifted, left=standing.count())


@transaction.atomic
def lift(*, restriction: Restriction, by: str, now: datetime) -> None:
    """Ends a restriction; its row stays."""
    if Restriction.objects.filter(pk=restriction.pk, lifted_at=None).update(lifted_at=now):
        record(
            deed="contact.restriction_lifted",
            by=by,
            now=now,
            subject_kind="person",
            subject_key=restriction.person.key,
            details={"kind": restriction.kind},
        )


@transaction.atomic
def prolong(*, restriction: Restriction, review_on: date, ends_on: date, by: str, now: datetime) -> None:
    """Somebody looked at an exclusion again and keeps it, until another day; one that has ended holds again.

    Raises RestrictionDatesError, NotStandingError.
    """
    standing = Restriction.objects.select_for_update().filter(
        pk=restriction.pk, kind=RestrictionKind.EXCLUSION, lifted_at=None
    )
    row = standing.select_related("person").first()
    if row is None:
        raise NotStandingError
    _check_days(row.starts_on, review_on, ends_on)
    standing.update(review_on=review_on, ends_on=ends_on)
    record(
        deed="contact.exclusion_prolonged",
        by=by,
        now=now,
        subject_kind="person",
        subject_key=row.person.key,
        details={"until": ends_on.isoformat(), "former": row.ends_on.isoformat() if row.ends_on else None},
    )


@transaction.atomic
def name_exclusion_owner(*, restriction: Restriction, owner: User, by: str, now: datetime) -> None:
    """Another colleague answers for an exclusion from now on. Raises NotStandingError, ExclusionIncompleteError."""
    if not User.objects.filter(pk=owner.pk, is_active=True).exists():
        raise ExclusionIncompleteError
    standing = Restriction.objects.filter(pk=restriction.pk, kind=RestrictionKind.EXCLUSION, lifted_at=None)
    if not standing.update(owner=owner):
        raise NotStandingError
    record(
        deed="contact.exclusion_owner_named",
        by=by,
        now=now,
        subject_kind="person",
        subject_key=restriction.person.key,
        details={"owner": owner.pk},
    )


def restrict_many(
    *,
    people: QuerySet[Person],
    kind: RestrictionKind,
    reason: RestrictionReason,
    starts_on: date,
    by: str,
    now: datetime,
) -> int:
    """Writes down for the door what follows from a rule, for all of `people`, in one statement. Returns how many.

    Who has a standing row of this kind is left out. Raises NotForManyError.
    """
    if kind is not RestrictionKind.AUDIENCE:
        raise NotForManyError(kind)
    return _write_for_each(people, Restriction(kind=kind, reason=reason, starts_on=starts_on, by=by, created_at=now))


def _write_for_each(people: QuerySet[Person], decision: Restriction) -> int:
    """A row like `decision` for each of `people`, in one statement. Returns how many; one that stands already stays."""
    kept = [field for field in Restriction._meta.concrete_fields if field.name not in ("id", "person")]
    values = [field.get_db_prep_save(getattr(decision, field.attname), connection) for field in kept]
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in kept)
    whom, parameters = people.order_by().values("pk").query.sql_with_params()
    # On PostgreSQL who is being erased meanwhile is left out, and the others stay until their row stands.
    lock = " FOR KEY SHARE" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO contact_restriction (person_id, {columns})"  # noqa: S608 - columns of ours
            f" SELECT p.id, {', '.join(['%s'] * len(values))} FROM people_person p WHERE p.id IN ({whom}){lock}"
            " ON CONFLICT DO NOTHING",
            [*values, *parameters],
        )
        return int(cursor.rowcount)


def end_objection(*, person: Person, by: str, now: datetime) -> None:
    """Ends what `person` asked for, to be left alone: they have agreed to something since."""
    standing = Restriction.objects.filter(person=person, kind=RestrictionKind.OBJECTION, lifted_at=None)
    for restriction in standing.select_related("person"):
        lift(restriction=restriction, by=by, now=now)


def lift_many(*, restrictions: QuerySet[Restriction], now: datetime) -> int:
    """Ends what stands of `restrictions` and follows from a rule, in one statement. Returns how many; the rows stay."""
    return restrictions.filter(kind=RestrictionKind.AUDIENCE, lifted_at=None).update(lifted_at=now)


def lift_run_out(*, restrictions: QuerySet[Restriction], day: date, now: datetime) -> int:
    """Ends those of `restrictions` that follow from a decision and ended before `day`. Returns how many."""
    return restrictions.filter(kind=RestrictionKind.DECISION, lifted_at=None, ends_on__lt=day).update(lifted_at=now)


def _owner_of_exclusion(
    by: str, owner: User | None, *, reason: str, review_on: date | None, ends_on: date | None
) -> User:
    """Who answers for an exclusion that `by` decides; raises ExclusionIncompleteError when no colleague decides it, or
    it lacks one of its reasons, a day to look again or an end.
    """
    decides = _who_decides(by)
    if decides is None or (owner is not None and not owner.is_active):
        raise ExclusionIncompleteError
    if reason not in EXCLUSION_REASONS or review_on is None or ends_on is None:
        raise ExclusionIncompleteError
    return owner or decides


def _who_decides(by: str) -> User | None:
    """The colleague behind the label `by`, if there is one who can sign in."""
    kind, _colon, number = by.partition(":")
    return User.objects.filter(pk=number, is_active=True).first() if kind == "user" and number.isdigit() else None


def _check_days(starts_on: date, review_on: date | None, ends_on: date | None) -> None:
    if ends_on and (ends_on < starts_on or (review_on and review_on > ends_on)):
        raise RestrictionDatesError


@transaction.atomic
def suppress(*, address: str, reason: str, now: datetime, scope: SuppressionScope = SuppressionScope.MAIL) -> None:
    """Never writes to `address` again, whoever holds it; only its fingerprint is kept.

    An address is known by its fingerprint under former keys too: those rows keep the one they were given.
    """
    mark = fingerprint(address)
    Suppression.objects.bulk_create(
        [Suppression(fingerprint=mark, scope=scope, reason=reason[:80], since=now)], ignore_conflicts=True
    )
    if scope is SuppressionScope.MAIL:
        EmailAddress.objects.filter(fingerprint__in=fingerprints(address)).update(state=AddressState.DEAD)
    record(deed="contact.suppressed", by="system", now=now, details={"scope": str(scope), "reason": reason[:80]})
