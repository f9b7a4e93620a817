"""Stored and nothing else (Art. 18 GDPR): in force at once, lifted only after the person was told."""

from datetime import datetime

from perennial.contact.actions import lift, restrict
from perennial.contact.enums import RestrictionKind, RestrictionReason
from perennial.contact.models import Restriction
from perennial.mail.queue import let_go
from perennial.people.models import Person
from perennial.programme.queries import today

# No colleague wrote it, so that it is told from what one did.
_BY = "system"


def store_only(*, person: Person, now: datetime) -> None:
    """From now on nobody finds, counts or writes to `person`. In the caller's transaction."""
    Person.objects.filter(pk=person.pk).update(stored_only_since=now)
    person.stored_only_since = now
    pause(person=person, now=now)


def use_again(*, person: Person, by: str, now: datetime) -> None:
    Person.objects.filter(pk=person.pk).update(stored_only_since=None)
    person.stored_only_since = None
    resume(person=person, by=by, now=now)


def pause(*, person: Person, now: datetime) -> None:
    """Nothing but answers goes to `person`; once, however often it is asked."""
    if not _standing(person):
        restrict(
            person=person,
            kind=RestrictionKind.RESTRICTION,
            reason=RestrictionReason.OWN_WISH,
            starts_on=today(now=now),
            by=_BY,
            now=now,
        )
        let_go(person=person)


def resume(*, person: Person, by: str, now: datetime) -> None:
    """Ends the pause, unless the data is stored only all the same."""
    if person.stored_only_since is None:
        for restriction in _standing(person):
            lift(restriction=restriction, by=by, now=now)


def leave_alone(*, person: Person, now: datetime) -> None:
    """No letter and no invitation goes to `person` until they agree to something anew; once, however often asked."""
    if not person.restrictions.filter(kind=RestrictionKind.OBJECTION, lifted_at=None).exists():
        restrict(
            person=person,
            kind=RestrictionKind.OBJECTION,
            reason=RestrictionReason.OWN_WISH,
            starts_on=today(now=now),
            by=_BY,
            now=now,
        )


def is_own_wish(restriction: Restriction) -> bool:
    """Whether it stands because the person asked for something, and ends with that."""
    return restriction.kind == RestrictionKind.RESTRICTION and restriction.by == _BY


def _standing(person: Person) -> list[Restriction]:
    return list(
        Restriction.objects.filter(person=person, kind=RestrictionKind.RESTRICTION, by=_BY, lifted_at=None)
        .select_related("person")
        .order_by("pk")
    )
