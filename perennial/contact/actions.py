"""Writes touches, restrictions and suppressions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from perennial.audit.actions import record
from perennial.contact.enums import Direction, RestrictionKind, SuppressionScope, TouchKind
from perennial.contact.models import Restriction, Suppression
from perennial.kernel.keys import fingerprint, fingerprints
from perennial.kernel.purposes import Intent, Purpose
from perennial.kernel.text import one_line
from perennial.people.enums import AddressState
from perennial.people.models import EmailAddress, Person

SUMMARY_LENGTH = 300


class RestrictionDatesError(ValueError):
    """A restriction cannot end before it begins."""


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
) -> Restriction:
    """Writes down for the door what a person decided. `reason` is a code; it is never shown at the door.

    Raises RestrictionDatesError.
    """
    if ends_on and ends_on < starts_on:
        raise RestrictionDatesError
    restriction = Restriction.objects.create(
        person=person,
        kind=kind,
        purpose=purpose,
        reason=reason,
        starts_on=starts_on,
        ends_on=ends_on,
        review_on=review_on,
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

    Whoever has a standing one of this kind is left out; see `not_yet`. Raises RestrictionDatesError.
    """
    if ends_on and ends_on < starts_on:
        raise RestrictionDatesError
    row = Restriction(
        kind=kind,
        reason=reason,
        starts_on=starts_on,
        ends_on=ends_on,
        review_on=review_on,
        by=by,
        created_at=now,
    )
    kept = [field for field in Restriction._meta.concrete_fields if field.name not in ("id", "person")]
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in kept]
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in kept)
    whom, parameters = not_yet(people, kind=kind, day=starts_on).order_by().values("pk").query.sql_with_params()
    # On PostgreSQL who is being erased meanwhile is left out, and the others stay until their row stands.
    lock = " FOR KEY SHARE" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO contact_restriction (person_id, {columns})"  # noqa: S608 - columns of ours
            f" SELECT p.id, {', '.join(['%s'] * len(values))} FROM people_person p WHERE p.id IN ({whom}){lock}",
            [*values, *parameters],
        )
        written = int(cursor.rowcount)
    if written:
        details = {"kind": str(kind), "reason": reason, "people": written}
        record(deed="contact.restricted_together", by=by, now=now, details=details)
    return written


def not_yet(people: QuerySet[Person], *, kind: RestrictionKind, day: date) -> QuerySet[Person]:
    """Those of `people` about whom nothing of this kind stands on `day` or later, for all purposes."""
    standing = Restriction.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=day), person=OuterRef("pk"), kind=kind, purpose="", lifted_at=None
    )
    return people.filter(~Exists(standing))


@transaction.atomic
def lift_together(*, kind: RestrictionKind, decided_at: datetime, by: str, now: datetime) -> int:
    """Takes back what `by` decided about many people at one moment, with one event. Returns about how many."""
    rows = Restriction.objects.filter(kind=kind, created_at=decided_at, by=by, lifted_at=None)
    lifted = rows.update(lifted_at=now)
    if lifted:
        details = {"kind": str(kind), "people": lifted}
        record(deed="contact.restrictions_lifted_together", by=by, now=now, details=details)
    return lifted


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
