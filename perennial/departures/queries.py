"""Reads departures: who leaves when, what was said to them, and whether they answered. Never what."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from perennial.contact.enums import RestrictionKind, RestrictionReason
from perennial.contact.queries import standing_on
from perennial.departures.endings import waiting
from perennial.departures.enums import DAYS_TO_CLOSE, DepartureState
from perennial.departures.models import Departure, ExitAnswers, RelationAnswer
from perennial.mail.enums import MessageState
from perennial.people.enums import AddressKind, AddressState
from perennial.people.models import EmailAddress
from perennial.people.queries import without_stored_only
from perennial.programme.models import Programme

# The leaver's link ends this long after the last day, or after the opening where no day is known.
DAYS_OF_LINK = 90
# Somebody should have been invited by then: days before the last day.
DAYS_TO_INVITE = 14

ON_ITS_WAY = (
    MessageState.QUEUED,
    MessageState.SENDING,
    MessageState.SENT,
    MessageState.KEPT,
    MessageState.UNCERTAIN,
)


# Asks both tables, so that the few open departures are sorted. By the stint alone PostgreSQL sorts or walks through
# everybody who ever left, once it thinks that the first few will be met soon (28 s of 100,000 people, seen).
LAST_DAY = Case(
    When(state=DepartureState.OPEN, then=Coalesce("stint__ends_on", Value(date.max))), default=Value(date.max)
)


# Somebody may have typed 9999: so far a day can be reckoned from.
_LAST_OF_ALL = date(9999, 1, 1)


class View(StrEnum):
    """The parts of the list of departures."""

    TO_DO = "to-do"
    INVITED = "invited"
    ANSWERED = "answered"
    # Excluded, or outside the audience, or that is not settled yet.
    KEPT_OUT = "kept-out"


@dataclass(frozen=True)
class Numbers:
    """How many departures stand in each part of the list."""

    to_do: int
    invited: int
    answered: int
    kept_out: int = 0


def departures_in_use() -> QuerySet[Departure]:
    """All departures but those of people whose data is stored and nothing else: colleagues hear of no others."""
    return without_stored_only(Departure.objects.all())


def with_progress(departures: QuerySet[Departure]) -> QuerySet[Any]:
    """Adds `invited` (the link is with the leaver) and `said` (the relation screen was submitted)."""
    return departures.annotate(**_progress())


def not_invited(departures: QuerySet[Departure]) -> QuerySet[Departure]:
    """Those of `departures` whose leaver has neither the link nor said anything."""
    progressing: QuerySet[Any] = departures.alias(**_progress())
    return progressing.filter(invited=False, said=False)


def _progress() -> dict[str, Combinable]:
    # Whoever has begun to answer has the link, however it reached them.
    begun = Exists(ExitAnswers.objects.filter(departure=OuterRef("pk")))
    return {
        # A CASE, since the state of no invitation at all is NULL, which is neither true nor false.
        "invited": Case(
            When(Q(handed_over_at__isnull=False) | Q(invitation__state__in=ON_ITS_WAY) | begun, then=Value(True)),
            default=Value(False),
        ),
        "said": Exists(RelationAnswer.objects.filter(departure=OuterRef("pk"))),
    }


def has_answered(*, departures: QuerySet[Departure]) -> QuerySet[Departure]:
    """Those of `departures` whose leaver began to answer or said what we may do: they have the link already."""
    return departures.filter(
        Exists(ExitAnswers.objects.filter(departure=OuterRef("pk")))
        | Exists(RelationAnswer.objects.filter(departure=OuterRef("pk")))
    )


def kept_out(*, departures: QuerySet[Departure], day: date) -> QuerySet[Departure]:
    """Those of `departures` whose leaver nobody invites: excluded, or not in the audience, or not settled yet."""
    return departures.filter(is_kept_out(day))


def board(*, view: View, day: date) -> QuerySet[Any]:
    """The open departures of one part of the list, the earliest last day first, questions at the end."""
    return _with_parts(_standing(), day).filter(part=view).order_by(LAST_DAY, "pk")


def told(*, ids: Iterable[int], day: date) -> QuerySet[Any]:
    """The departures with these ids and all that a card tells of them, the earliest last day first.

    Whoever shows some of many chooses them by their ids first, before all that is told of them is looked up.
    """
    return (
        _with_parts(Departure.objects.filter(pk__in=list(ids)), day)
        .select_related("person", "stint__department", "invitation")
        .order_by(LAST_DAY, "pk")
    )


def numbers(*, day: date) -> Numbers:
    """How many stand in each part of the list, in one query."""
    groups = _with_parts(_standing(), day).order_by().values_list("part").annotate(many=Count("pk"))
    many = dict(groups)
    return Numbers(**{view.name.lower(): many.get(view.value, 0) for view in View})


def questions() -> QuerySet[Departure]:
    """Leavers whose last day HR's record lacks, the longest waiting first."""
    return (
        departures_in_use()
        .filter(state=DepartureState.QUESTION)
        .select_related("person", "stint")
        .order_by("opened_at", "pk")
    )


def to_invite(*, day: date) -> QuerySet[Any]:
    """Open departures nobody invited yet, with a draft (`invitation`) or without, the earliest last day first.

    Not those of people who are kept out of the programme, or whose day has not come.
    """
    # What is open has its last day since then; said here as well, the days are walked from there and not from the
    # first leaver of all, and whoever wants the first few has them at once.
    since = day - timedelta(days=DAYS_TO_CLOSE)
    return (
        not_invited(departures_in_use().filter(state=DepartureState.OPEN, stint__ends_on__gte=since))
        .filter(~is_kept_out(day), ~waiting(day=day))
        .select_related("person", "stint", "invitation")
        .order_by("stint__ends_on", "pk")
    )


def leaving(*, first_day: date, last_day: date) -> QuerySet[Departure]:
    """Open departures with their last day in the period, the earliest first."""
    return (
        departures_in_use()
        .filter(state=DepartureState.OPEN, stint__ends_on__range=(first_day, last_day))
        .select_related("person", "stint")
        .order_by("stint__ends_on", "pk")
    )


def without_private_address(*, first_day: date, last_day: date) -> QuerySet[Departure]:
    """Open departures with their last day in the period and no private address that may be used.

    Not those of people who are kept out of the programme.
    """
    return leaving(first_day=first_day, last_day=last_day).filter(
        ~Exists(_private_addresses(OuterRef("person"))), ~is_kept_out(first_day)
    )


def leavers_who_wait(*, day: date) -> QuerySet[Departure]:
    """Departures of leavers nobody invites yet, because it is not settled whether the programme is for them."""
    rows = standing_on(day=day, kinds=[RestrictionKind.AUDIENCE]).filter(
        person=OuterRef("person"), reason=RestrictionReason.WAITS
    )
    return not_invited(_standing()).filter(Exists(rows))


def departure_with_key(key: str) -> Departure | None:
    """The departure with all that its page shows, or None; `can_be_kept`: a private address may be used."""
    return (
        with_progress(departures_in_use().annotate(can_be_kept=Exists(_private_addresses(OuterRef("person")))))
        .select_related("person", "stint__department", "stint__place", "invitation__mailing")
        .filter(key=key)
        .first()
    )


def departure_with_id(row: int) -> Departure | None:
    """The departure a leaver's link names, or None."""
    return Departure.objects.select_related("person", "stint", "invitation__mailing").filter(pk=row).first()


def of_person(*, person_id: int) -> QuerySet[Any]:
    """A person's departures, the latest first."""
    return (
        with_progress(Departure.objects.filter(person=person_id)).select_related("stint").order_by("-opened_at", "-pk")
    )


def link_ends_at(*, departure: Departure, programme: Programme) -> datetime:
    """When the leaver's link ends: 90 days after the last day, or later where a fresh one was asked for."""
    zone = ZoneInfo(programme.time_zone)
    last_day = min(departure.stint.ends_on or departure.opened_at.astimezone(zone).date(), _LAST_OF_ALL)
    ends = datetime.combine(last_day + timedelta(days=DAYS_OF_LINK + 1), time.min, zone).astimezone(UTC)
    return max(ends, departure.link_expires_at) if departure.link_expires_at else ends


def has_gone(*, departure: Departure, today: date) -> bool:
    """Whether the last day has passed."""
    return departure.stint.ends_on is not None and departure.stint.ends_on < today


def invite_by(departure: Departure) -> date | None:
    """The day by which the invitation should have gone out."""
    last_day = departure.stint.ends_on
    return last_day - timedelta(days=DAYS_TO_INVITE) if last_day else None


def _standing() -> QuerySet[Departure]:
    return departures_in_use().filter(state__in=[DepartureState.OPEN, DepartureState.QUESTION])


def _private_addresses(person: OuterRef) -> QuerySet[EmailAddress]:
    return EmailAddress.objects.filter(
        Q(state=AddressState.VERIFIED) | Q(state=AddressState.UNVERIFIED, given_on__isnull=False),
        person=person,
        kind=AddressKind.PRIVATE,
    )


def is_kept_out(day: date, *, person: str = "person") -> Q:
    """Whether whom `person` leads to is kept out: excluded, decided about, not in the audience, not settled, or by
    their own wish.
    """
    kinds = (
        RestrictionKind.AUDIENCE,
        RestrictionKind.EXCLUSION,
        RestrictionKind.DECISION,
        RestrictionKind.OBJECTION,
    )
    return Q(Exists(standing_on(day=day, kinds=kinds).filter(person=OuterRef(person))))


def _with_parts(departures: QuerySet[Departure], day: date) -> QuerySet[Any]:
    """Adds `part`: in which part of the list a departure stands."""
    parts = [
        When(said=True, then=Value(View.ANSWERED.value)),
        When(invited=True, then=Value(View.INVITED.value)),
        When(is_kept_out(day), then=Value(View.KEPT_OUT.value)),
    ]
    annotated: QuerySet[Any] = with_progress(departures).annotate(
        part=Case(*parts, default=Value(View.TO_DO.value), output_field=CharField())
    )
    return annotated
