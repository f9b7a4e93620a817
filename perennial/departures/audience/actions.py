"""Decides for whom the programme is, and keeps the door told."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter

from django.db import transaction
from django.db.models import Case, CharField, F, Value, When

import perennial.kernel.lookups  # noqa: F401  (pk__among)
from perennial.audit.actions import record
from perennial.contact.actions import lift_many, restrict_many
from perennial.contact.enums import RestrictionKind, RestrictionReason
from perennial.contact.models import Restriction
from perennial.departures.audience.queries import current_audience, with_meaning
from perennial.departures.enums import AudienceMode, Standing
from perennial.departures.models import Audience, AudienceChoice
from perennial.people.enums import ContractKind
from perennial.people.models import Person, Stint
from perennial.programme.models import Programme
from perennial.programme.queries import current, today

# What the door is told of whom: the reason is called as the standing is. Who is welcome needs no row.
_REASONS = {
    Standing.WAITS.value: RestrictionReason.WAITS,
    Standing.NOT_MEANT.value: RestrictionReason.NOT_MEANT,
}


class AudiencePeriodError(ValueError):
    """The period in which people left ends before it begins."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A decision about the audience as somebody made it; the fields are those of Audience."""

    mode: AudienceMode = AudienceMode.RULE
    contract_kinds: tuple[ContractKind, ...] = ()
    departments: tuple[int, ...] = ()
    places: tuple[int, ...] = ()
    minimum_months: int = 0
    left_from: date | None = None
    left_until: date | None = None

    def as_row(self) -> Audience:
        """The same, to be counted or saved."""
        return Audience(
            mode=self.mode,
            contract_kinds=sorted(kind.value for kind in self.contract_kinds),
            departments=sorted(self.departments),
            places=sorted(self.places),
            minimum_months=self.minimum_months,
            left_from=self.left_from,
            left_until=self.left_until,
        )


@dataclass(frozen=True)
class Kept:
    """What the door was told anew: rows written and rows ended."""

    written: int
    lifted: int


@transaction.atomic
def decide_audience(*, asked: Asked, by: str, now: datetime) -> Audience:
    """Says for whom the programme is from now on, and tells the door. Returns the decision that holds.

    What is decided already is not decided again. Raises AudiencePeriodError.
    """
    if asked.left_from and asked.left_until and asked.left_until < asked.left_from:
        raise AudiencePeriodError
    return _decide(asked.as_row(), by=by, now=now)


@transaction.atomic
def put_audience_back(*, former: Audience | None, by: str, now: datetime) -> Audience:
    """Undo: what was decided in `former` holds again; None is how it began, for everybody."""
    row = former or Audience()
    return _decide(
        Audience(**{name: getattr(row, name) for name in _WHAT_IS_DECIDED}), by=by, now=now, deed="audience_put_back"
    )


@transaction.atomic
def choose_person(*, person: Person, welcome: bool | None, by: str, now: datetime) -> None:
    """Decides about one person, for the list of people chosen one by one; None takes the decision back."""
    _one_at_a_time()
    if welcome is None:
        AudienceChoice.objects.filter(person=person).delete()
    else:
        AudienceChoice.objects.update_or_create(person=person, defaults={"welcome": welcome, "by": by, "at": now})
    record(
        deed="departures.audience_chosen",
        by=by,
        now=now,
        subject_kind="person",
        subject_key=person.key,
        details={"welcome": welcome},
    )
    _keep(now, person)


@transaction.atomic
def keep_audience(*, now: datetime, person: Person | None = None) -> Kept:
    """Writes down for the door who is not meant and who waits, and ends what no longer holds. Safe to repeat.

    One look at everybody, or at `person`; nothing is written where nothing has changed.
    """
    _one_at_a_time()
    return _keep(now, person)


_WHAT_IS_DECIDED = (
    *("mode", "contract_kinds", "departments", "places"),
    *("minimum_months", "left_from", "left_until"),
)


def _decide(row: Audience, *, by: str, now: datetime, deed: str = "audience_decided") -> Audience:
    _one_at_a_time()
    holds = current_audience()
    if holds.pk is not None and all(getattr(holds, name) == getattr(row, name) for name in _WHAT_IS_DECIDED):
        return holds
    row.by, row.decided_at = by, now
    row.save()
    kept = _keep(now)
    record(
        deed=f"departures.{deed}",
        by=by,
        now=now,
        subject_kind="audience",
        subject_key=str(row.pk),
        details={"mode": str(row.mode), "written": kept.written, "lifted": kept.lifted},
    )
    return row


def _keep(now: datetime, person: Person | None = None) -> Kept:
    day = today(now=now)
    people, stints = Person.objects.order_by(), None
    if person is not None:
        people, stints = people.filter(pk=person.pk), Stint.objects.filter(person=person)
    rows = Restriction.objects.filter(kind=RestrictionKind.AUDIENCE, lifted_at=None)
    told = Case(
        *[
            When(pk__in=rows.filter(reason=reason).values("person"), then=Value(meaning))
            for meaning, reason in _REASONS.items()
        ],
        default=Value(Standing.WELCOME.value),
        output_field=CharField(),
    )
    # As a CASE: for `exclude` Django asks everything once more, in case one side were NULL.
    changed = sorted(
        with_meaning(people, audience=current_audience(), day=day, stints=stints)
        .annotate(told=told, is_told=Case(When(told=F("meaning"), then=Value(True)), default=Value(False)))
        .filter(is_told=False)
        .values_list("meaning", "pk")
    )
    if not changed:
        return Kept(0, 0)
    lifted = lift_many(restrictions=Restriction.objects.filter(person__among=[pk for _meaning, pk in changed]), now=now)
    written = sum(
        restrict_many(
            people=Person.objects.filter(pk__among=[pk for _meaning, pk in rows]),
            kind=RestrictionKind.AUDIENCE,
            reason=_REASONS[meaning],
            starts_on=day,
            by="system",
            now=now,
        )
        for meaning, rows in groupby(changed, key=itemgetter(0))
        if meaning in _REASONS
    )
    record(deed="departures.audience_kept", by="system", now=now, details={"written": written, "lifted": lifted})
    return Kept(written, lifted)


def _one_at_a_time() -> None:
    """Two that keep the audience at once would both see what one of them is about to write."""
    current()
    Programme.objects.select_for_update().filter(pk=1).first()
