"""What a rule asks of a stint, each condition with what it takes to know. One implementation, in SQL, for all uses."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Func, IntegerField, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.fields import DateField
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThanOrEqual
from django.db.models.sql.compiler import SQLCompiler

from perennial.departures.models import Audience
from perennial.people.enums import StintStatus
from perennial.programme.models import MergedDepartment, MergedPlace
from perennial.programme.structure import Tree

# HR's record has no last day of theirs because they still work here: it lies ahead.
_STILL_HERE = Q(ends_on=None, status__in=[StintStatus.ACTIVE, StintStatus.LEAVING])


@dataclass(frozen=True)
class Condition:
    """`fits`: a stint is as asked; `missing`: the record lacks the fact that would tell. Neither: it does not fit."""

    code: str
    fits: Q
    missing: Q

    @property
    def may_fit(self) -> Q:
        return self.fits | self.missing


def conditions(audience: Audience, *, day: date) -> list[Condition]:
    """All that `audience` asks of a stint on `day`; an empty list asks for nothing."""
    asked = []
    if audience.contract_kinds:
        asked.append(Condition("contract_kind", Q(contract_kind__in=audience.contract_kinds), Q(contract_kind="")))
    if audience.departments:
        meant = _with_below(standing_departments(audience.departments))
        asked.append(Condition("department", Q(department__in=meant), Q(department=None)))
    if audience.places:
        asked.append(Condition("place", Q(place__in=standing_places(audience.places)), Q(place=None)))
    if audience.minimum_months:
        asked.append(_service(audience.minimum_months, day))
    if audience.left_from or audience.left_until:
        asked.append(_left(audience.left_from, audience.left_until, day))
    return asked


def standing_departments(chosen: Iterable[int]) -> set[int]:
    """The departments that are meant by now: what a chosen one was merged into stands for it."""
    return {*chosen, *MergedDepartment.objects.filter(former_id__in=chosen).values_list("department", flat=True)}


def standing_places(chosen: Iterable[int]) -> set[int]:
    """The places that are meant by now."""
    return {*chosen, *MergedPlace.objects.filter(former_id__in=chosen).values_list("place", flat=True)}


def _with_below(departments: Iterable[int]) -> set[int]:
    tree = Tree()
    return {each for here in departments for each in tree.with_below(here)}


def _service(months: int, day: date) -> Condition:
    """Whole months from the first day to the last; who still works here has served until today."""
    until = Coalesce("ends_on", Value(day, output_field=DateField()))
    served = Q(GreaterThanOrEqual(MonthsServed(F("starts_on"), until), months))
    known = Q(starts_on__isnull=False) & (Q(ends_on__isnull=False) | _STILL_HERE)
    return Condition("service", known & served, Q(starts_on=None) | Q(ends_on=None))


def _left(first: date | None, last: date | None, day: date) -> Condition:
    """The last day lies in the period, both ends included. Of who still works here it lies today or later."""
    fits, missing = Q(ends_on__isnull=False), Q(ends_on=None)
    if first:
        fits &= Q(ends_on__gte=first)
    if last:
        fits &= Q(ends_on__lte=last)
    if last is None and first is not None and first <= day:
        fits |= _STILL_HERE
    if last is not None and last < day:
        missing &= ~_STILL_HERE
    return Condition("left", fits, missing)


class MonthsServed(Func):
    """Whole months from a first day to a last day, both included: 1 January to 31 December are twelve."""

    output_field = IntegerField()

    def __init__(self, first_day: Combinable, last_day: Combinable) -> None:
        super().__init__(first_day, last_day)

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        return self._months(
            compiler,
            "CAST(strftime('%%{}', {}) AS INTEGER)",
            {"year": "Y", "month": "m", "day": "d"},
            "date({}, '+1 day')",
        )

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        return self._months(
            compiler,
            "CAST(EXTRACT({} FROM {}) AS integer)",
            {"year": "YEAR", "month": "MONTH", "day": "DAY"},
            "(CAST({} AS date) + 1)",
        )

    def _months(
        self, compiler: SQLCompiler, part: str, names: dict[str, str], following_day: str
    ) -> tuple[str, tuple[str | int, ...]]:
        first_day, last_day = self.get_source_expressions()
        first, first_parameters = compiler.compile(first_day)
        last, last_parameters = compiler.compile(last_day)
        after = following_day.format(last)
        year_after, year = part.format(names["year"], after), part.format(names["year"], first)
        month_after, month = part.format(names["month"], after), part.format(names["month"], first)
        day_after, day = part.format(names["day"], after), part.format(names["day"], first)
        sql = (
            f"(({year_after} - {year}) * 12 + {month_after} - {month}"
            f" - CASE WHEN {day_after} < {day} THEN 1 ELSE 0 END)"
        )
        return sql, (*last_parameters, *first_parameters) * 3
