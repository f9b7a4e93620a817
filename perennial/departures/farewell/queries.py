"""Reads farewells: which steps there are, when each is due, what is late, and who gets nothing personal."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Case, CharField, DateField, Exists, F, Func, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Concat, Greatest, TruncDate
from django.db.models.sql.compiler import SQLCompiler

from perennial.contact.actions import gift_origin
from perennial.contact.enums import Direction, TouchKind
from perennial.contact.models import Touch
from perennial.departures.enums import DepartureState
from perennial.departures.farewell.enums import PERSONAL, Anchor, StepKind, StepOwner, StepState
from perennial.departures.farewell.handing_out import STANDING
from perennial.departures.models import ChecklistStep, ChecklistTemplate, Departure, Farewell, FarewellStep
from perennial.departures.queries import LAST_DAY, departures_in_use, is_kept_out, kept_out
from perennial.kernel.purposes import Purpose
from perennial.mail.enums import MessageState
from perennial.mail.models import Message
from perennial.people.queries import without_stored_only
from perennial.programme.models import Programme
from perennial.programme.queries import current

# What is later than this is shown on the board and nobody is reminded of it any more, as with a letter of a journey.
DAYS_REMINDED_OF = 21
# So long before the last day somebody for whom nothing personal is planned is pointed out.
DAYS_ABOUT_TO_GO = 14


class DaysAfter(Func):
    """A day, so many days later; not beyond the last day there is, which PostgreSQL knows and Python does not."""

    output_field = DateField()
    TO_THE_END = "LEAST(%(expressions)s, DATE '9999-12-31')"

    def __init__(self, day: Combinable, days: Combinable) -> None:
        super().__init__(day, days)

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, tuple[Any, ...]]:
        sql, parameters = self.as_sql(
            compiler, connection, template="date(%(expressions)s || ' days')", arg_joiner=", ", **context
        )
        return sql, tuple(parameters)

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, tuple[Any, ...]]:
        sql, parameters = self.as_sql(compiler, connection, template=self.TO_THE_END, arg_joiner=" + ", **context)
        return sql, tuple(parameters)


def with_due(steps: QuerySet[FarewellStep], *, programme: Programme | None = None) -> QuerySet[Any]:
    """Adds `due_on`: the day by which a step should be done, or NULL as long as the day it is reckoned from is unknown.

    Never before the day on which that could be known: nobody is late with what they could not know. Flowers without the
    leaver's agreement have no day, and none either once they were sent for that first day, whoever sent them.
    """
    sent = Touch.objects.filter(
        person=OuterRef("departure__person"),
        origin=Concat(
            Value(gift_origin(what=StepKind.FLOWERS, occasion="")),
            Cast(OuterRef("departure__farewell__first_day_on"), CharField()),
            output_field=CharField(),
        ),
    )
    wanted = ~Q(kind=StepKind.FLOWERS) | ~Q(state=StepState.OPEN) | Q(~Exists(sent))
    return steps.annotate(due_on=_due_on(programme, wanted=wanted))


def _due_on(programme: Programme | None, *, wanted: Q | None = None) -> Case:
    """The day of `with_due`; of what waits for a first day elsewhere only as long as it is `wanted`."""
    zone = ZoneInfo((programme or current()).time_zone)
    opened = TruncDate("departure__opened_at", tzinfo=zone)
    agreed = TruncDate("departure__farewell__flowers_agreed_at", tzinfo=zone)
    days = F("offset_days")
    first_day = Q(anchor=Anchor.FIRST_DAY, departure__farewell__flowers_agreed_at__isnull=False)
    return Case(
        When(anchor=Anchor.NOTICE, then=Greatest(DaysAfter(opened, days), opened)),
        When(
            anchor=Anchor.LAST_DAY,
            departure__stint__ends_on__isnull=False,
            then=Greatest(DaysAfter(F("departure__stint__ends_on"), days), opened),
        ),
        When(
            first_day & wanted if wanted is not None else first_day,
            then=Greatest(DaysAfter(F("departure__farewell__first_day_on"), days), agreed),
        ),
        default=None,
        output_field=DateField(),
    )


def standing_steps(*, day: date, programme: Programme | None = None) -> QuerySet[Any]:
    """The steps of all departures that stand open, with `due_on`.

    Not of people who are kept out of the programme, or whose data is stored only.
    """
    running = FarewellStep.objects.filter(~is_kept_out(day, person="departure__person"), departure__state__in=STANDING)
    return with_due(without_stored_only(running, person="departure__person"), programme=programme)


def open_steps(*, day: date, programme: Programme | None = None) -> QuerySet[Any]:
    """What is still to be done, the earliest due first, with person and last day."""
    return (
        standing_steps(day=day, programme=programme)
        .filter(state=StepState.OPEN)
        .select_related("departure__person", "departure__stint")
        .order_by(F("due_on").asc(nulls_last=True), "position", "pk")
    )


def reminded_of(steps: QuerySet[Any], *, day: date, until: date) -> QuerySet[Any]:
    """Those of `steps`, with `due_on`, that are due by `until` and not so late that a reminder would come too late.

    What is reckoned from a last day is mostly told by that day alone, which costs less than `due_on`: for that each
    step asks on which day of the programme's own time its departure was opened.
    """
    by_then: QuerySet[Any] = steps.alias(
        from_last_day=DaysAfter(F("departure__stint__ends_on"), F("offset_days"))
    ).filter(~Q(anchor=Anchor.LAST_DAY) | Q(from_last_day__lte=until))
    return by_then.filter(due_on__range=(day - timedelta(days=DAYS_REMINDED_OF), until))


def first_of(steps: QuerySet[Any], *, most: int) -> list[Any]:
    """The first few of `steps`, which have `due_on`; with person and last day.

    They are chosen by their ids, so that only those few are looked up whole.
    """
    due = dict(steps.values_list("pk", "due_on")[:most])
    rows = FarewellStep.objects.select_related("departure__person", "departure__stint").in_bulk(list(due))
    found: list[Any] = [rows[pk] for pk in due if pk in rows]
    for step in found:
        step.due_on = due[step.pk]
    return found


def late_steps(*, day: date, programme: Programme | None = None) -> QuerySet[Any]:
    """What should have been done before `day`."""
    return open_steps(day=day, programme=programme).filter(due_on__lt=day)


def with_late_steps(*, day: date, programme: Programme | None = None) -> QuerySet[Departure]:
    """Standing departures with a step that is late, the earliest last day first."""
    late = late_steps(day=day, programme=programme).order_by().values("departure")
    return Departure.objects.filter(pk__in=late).select_related("person", "stint").order_by(LAST_DAY, "pk")


def next_steps(*, departures: Iterable[Departure], day: date, programme: Programme | None = None) -> dict[int, Any]:
    """By departure the open step that is due first; of a departure where nothing is due, nothing."""
    found: dict[int, Any] = {}
    rows = open_steps(day=day, programme=programme).filter(departure__in=list(departures), due_on__isnull=False)
    for step in rows.select_related(None):
        found.setdefault(step.departure_id, step)
    return found


def steps_of(*, departure: Departure, owner: StepOwner | None = None) -> list[Any]:
    """The steps of a departure with `due_on`, in the order in which they are due; what has no day comes last."""
    rows = with_due(FarewellStep.objects.filter(departure=departure)).select_related("departure")
    if owner is not None:
        rows = rows.filter(owner=owner)
    return list(rows.order_by(F("due_on").asc(nulls_last=True), "position", "pk"))


def may_have_steps(*, departure: Departure, day: date) -> bool:
    """Whether the farewell of this departure runs: it stands open, and nothing about the leaver speaks against it.

    Against it speaks that the leaver is kept out of the programme, or that their data is stored only.
    """
    runs = departures_in_use().filter(~is_kept_out(day), pk=departure.pk)
    return departure.state in STANDING and runs.exists()


def costs_of(*, departure: Departure) -> list[tuple[str, Decimal]]:
    """What the farewell cost so far, by currency."""
    totals: dict[str, Decimal] = defaultdict(Decimal)
    # Added here: SQLite adds decimals as floats.
    rows = FarewellStep.objects.filter(departure=departure, cost__isnull=False)
    for currency, cost in rows.values_list("cost_currency", "cost"):
        totals[currency] += cost or Decimal(0)
    return sorted(totals.items())


def nothing_personal(*, day: date, programme: Programme | None = None) -> QuerySet[Departure]:
    """Open departures within two weeks of the last day for which nothing personal happened and nothing is planned.

    Planned is an open step that is personal and due today or later. Happened: such a step was done, or since the
    departure was opened somebody called, met, gave something, or a personal letter went out.
    """
    personal = FarewellStep.objects.filter(departure=OuterRef("pk"), kind__in=PERSONAL)
    # Whether flowers were sent need not be asked: they are something given, and that has happened.
    planned = personal.filter(state=StepState.OPEN).alias(due_on=_due_on(programme)).filter(due_on__gte=day)
    touched = Touch.objects.filter(
        Q(kind__in=[TouchKind.CALL, TouchKind.MEETING, TouchKind.GIFT])
        | Q(kind=TouchKind.MAIL, purpose=Purpose.PERSONAL),
        person=OuterRef("person"),
        direction=Direction.OURS,
        at__gte=OuterRef("opened_at"),
    )
    letter = Message.objects.filter(
        person=OuterRef("person"), mailing__purpose=Purpose.PERSONAL, state=MessageState.QUEUED
    )
    soon = departures_in_use().filter(
        state=DepartureState.OPEN, stint__ends_on__range=(day, day + timedelta(days=DAYS_ABOUT_TO_GO))
    )
    return (
        soon.filter(
            ~is_kept_out(day),
            ~Exists(planned),
            ~Exists(personal.filter(state=StepState.DONE)),
            ~Exists(touched),
            ~Exists(letter),
        )
        .select_related("person", "stint")
        .order_by(LAST_DAY, "pk")
    )


def asks_about_flowers(*, departure: Departure) -> bool:
    """Whether the leaver's page asks if flowers may be sent: the checklist has them and they are not sent yet."""
    return FarewellStep.objects.filter(
        departure=departure, departure__state__in=STANDING, kind=StepKind.FLOWERS, state=StepState.OPEN
    ).exists()


def farewell_of(*, departure: Departure) -> Farewell | None:
    """The farewell of a departure, or None when it has no checklist."""
    return Farewell.objects.select_related("template").filter(departure=departure).first()


def farewell_with_id(row: int) -> Farewell | None:
    """The farewell that a manager's link names, or None."""
    return Farewell.objects.select_related("departure__person", "departure__stint", "template").filter(pk=row).first()


def checklists() -> list[ChecklistTemplate]:
    """The checklists in use, the default first, each with `standing`: its steps that are wanted."""
    rows = list(ChecklistTemplate.objects.filter(retired_at=None).order_by("-is_default", "pk"))
    steps: dict[int, list[ChecklistStep]] = defaultdict(list)
    for step in ChecklistStep.objects.filter(template__in=rows, retired_at=None):
        steps[step.template_id].append(step)
    for row in rows:
        row.standing = steps[row.pk]  # type: ignore[attr-defined]
    return rows


def leaving_by(*, template: ChecklistTemplate, day: date) -> QuerySet[Farewell]:
    """Farewells that run by this checklist now."""
    departures = departures_in_use().filter(state__in=STANDING, farewell__template=template)
    return Farewell.objects.filter(departure__in=departures).exclude(
        departure__in=kept_out(departures=departures, day=day).values("pk")
    )
