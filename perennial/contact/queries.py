"""Reads the history of contact."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db.models import CharField, Count, F, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Concat, Least

from perennial.consent.models import LedgerEntry
from perennial.contact.enums import Direction, RestrictionKind, SuppressionScope
from perennial.contact.models import Restriction, Suppression, Touch
from perennial.kernel.keys import fingerprints
from perennial.kernel.purposes import Intent, Purpose
from perennial.people.models import Person
from perennial.people.queries import without_stored_only
from perennial.programme.models import Programme
from perennial.programme.queries import current


@dataclass(frozen=True)
class TimelineEntry:
    """One line of the correspondence: a touch, or an act in the consent ledger."""

    at: datetime
    direction: str
    kind: str
    purpose: str
    channel: str
    summary: str


def timeline(
    *, person: Person, limit: int = 50, until: datetime | None = None, kinds: Collection[str] | None = None
) -> list[TimelineEntry]:
    """Touches and consent acts of `person` up to `until`, newest first, in one query.

    `kinds` are those of TouchKind, and 'consent_' with an act of the ledger; None asks for all.
    """
    touches = Touch.objects.filter(person=person)
    acts = LedgerEntry.objects.filter(person_key=person.key)
    if kinds is not None:
        touches = touches.filter(kind__in=[str(kind) for kind in kinds])
        acts = acts.filter(act__in=[kind.removeprefix("consent_") for kind in kinds if kind.startswith("consent_")])
    if until:
        touches, acts = touches.filter(at__lte=until), acts.filter(at__lte=until)
    text = CharField()
    columns = ("at", "line_direction", "line_kind", "purpose", "channel", "line_summary")
    rows = (
        touches.order_by()
        .annotate(line_direction=F("direction"), line_kind=F("kind"), line_summary=F("summary"))
        .values_list(*columns)
        .union(
            acts.order_by()
            .annotate(
                line_direction=Value("theirs", output_field=text),
                line_kind=Concat(Value("consent_"), F("act"), output_field=text),
                line_summary=Value("", output_field=text),
            )
            .values_list(*columns),
            all=True,
        )
        .order_by("-at", "line_kind", "purpose", "channel")[:limit]
    )
    return [TimelineEntry(*row) for row in rows]


def standing_restrictions(*, person: Person, day: date) -> QuerySet[Restriction]:
    """What people wrote down for the door about `person` and still holds on `day` or later."""
    standing = Restriction.objects.filter(Q(ends_on=None) | Q(ends_on__gte=day), person=person, lifted_at=None)
    return standing.select_related("owner").order_by("starts_on", "pk")


def standing_on(*, day: date | F, kinds: Sequence[RestrictionKind]) -> QuerySet[Restriction]:
    """The restrictions of these kinds, for all purposes, that hold on `day` and were not lifted."""
    return Restriction.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=day), kind__in=kinds, purpose="", lifted_at=None, starts_on__lte=day
    )


def exclusions() -> QuerySet[Restriction]:
    """All exclusions that nobody has lifted, with person and owner; the one to look at first comes first.

    One that has ended by its day stays among them until somebody says that it is over.
    """
    return (
        without_stored_only(Restriction.objects.filter(kind=RestrictionKind.EXCLUSION, lifted_at=None))
        .select_related("person", "owner")
        .order_by(Least("review_on", Coalesce("ends_on", "review_on")), "pk")
    )


def exclusions_to_look_at(*, day: date) -> QuerySet[Restriction]:
    """Exclusions whose day to look again has come, or that have ended."""
    return exclusions().filter(Q(review_on__lte=day) | Q(ends_on__lt=day))


def balance(*, person: Person) -> dict[str, int]:
    """How many of our touches gave and asked: {'give': n, 'ask': m, 'neutral': k}; service mail aside."""
    counted = (
        Touch.objects.filter(person=person, direction=Direction.OURS)
        .exclude(purpose=Purpose.SERVICE)
        .order_by()
        .values_list("intent")
        .annotate(many=Count("pk"))
    )
    return {**dict.fromkeys(Intent.values, 0), **dict(counted)}


def suppressed(addresses: Iterable[str], *, scope: SuppressionScope = SuppressionScope.MAIL) -> set[str]:
    """Which of `addresses` are suppressed, under the present or any former fingerprint key."""
    marks = {mark: address for address in addresses for mark in fingerprints(address)}
    hits: QuerySet[Suppression] = Suppression.objects.filter(fingerprint__in=list(marks), scope=scope)
    return {marks[mark] for mark in hits.values_list("fingerprint", flat=True)}


@dataclass(frozen=True)
class Month:
    """Our touches of a month: how many people were reached, how many touches gave and asked."""

    people: int
    gave: int
    asked: int


def touched_this_month(
    *, now: datetime, among: QuerySet[Person] | None = None, programme: Programme | None = None
) -> Month:
    """What we did since the first of the month where the programme lives, service mail aside.

    With `among`, only towards those people. `programme`: when the caller has it at hand.
    """
    zone = ZoneInfo((programme or current()).time_zone)
    first = datetime.combine(now.astimezone(zone).date().replace(day=1), time.min, zone)
    ours = Touch.objects.filter(direction=Direction.OURS, at__gte=first, at__lte=now).exclude(purpose=Purpose.SERVICE)
    touches = without_stored_only(ours)
    if among is not None:
        touches = touches.filter(person__in=among)
    counts = touches.aggregate(
        people=Count("person", distinct=True),
        gave=Count("pk", filter=Q(intent=Intent.GIVE)),
        asked=Count("pk", filter=Q(intent=Intent.ASK)),
    )
    return Month(**counts)
