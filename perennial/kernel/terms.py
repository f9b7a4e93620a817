"""When a term ends: months from receipt as Regulation (EEC, Euratom) 1182/71 counts them, days, and working days.

The day on which something was received does not count (article 3(1) of that regulation; article 191 of the Russian
Civil Code says the same). A month ends on the day of the same number, or on the last day of a month that has no such
day (article 3(2)(c)). A term that would end on a Saturday, a Sunday or a public holiday ends with the next working day
(article 3(4); article 193 of the Russian code).
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

import holidays

_ONE_DAY = timedelta(days=1)


class Unit(StrEnum):
    """In what a term is counted."""

    DAYS = "days"
    WORKING_DAYS = "working_days"
    MONTHS = "months"


class TermError(ValueError):
    """A term is a whole number of at least one, in a unit that we know."""


@dataclass(frozen=True, slots=True)
class Term:
    """So many days, working days or months. Raises TermError."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if not isinstance(self.unit, Unit) or type(self.amount) is not int or self.amount < 1:
            raise TermError(f"{self.amount!r} {self.unit!r} is no term.")

    def last_day(self, *, received_on: date, country: str) -> date:
        """The last day on which it is in time, when what starts it came in on `received_on`.

        `country` is where the work is done, as ISO 3166 has it; its public holidays count. Without one, or with one
        whose holidays nobody keeps, only Saturdays and Sundays do: then the term ends sooner, never later.
        """
        if self.unit is Unit.WORKING_DAYS:
            return _after_working_days(received_on, self.amount, country)
        return next_working_day(self.end(start=received_on), country=country)

    def end(self, *, start: date) -> date:
        """The day that lies the term after `start`, working or not. Raises TermError for a term in working days."""
        if self.unit is Unit.WORKING_DAYS:
            raise TermError("Which day that is depends on the country.")
        return months_after(start, self.amount) if self.unit is Unit.MONTHS else start + timedelta(days=self.amount)

    def begin(self, *, end: date) -> date:
        """The last day for which the term is over on `end`: of what came then or before, it has passed.

        Raises TermError for a term in working days.
        """
        if self.unit is Unit.WORKING_DAYS:
            raise TermError("Which day that is depends on the country.")
        if self.unit is Unit.DAYS:
            return end - timedelta(days=self.amount)
        day = months_after(end, -self.amount)
        # From the end of a short month back lie several days that all end on it: the 28th to the 31st of January.
        while months_after(day + _ONE_DAY, self.amount) <= end:
            day += _ONE_DAY
        return day


def months_after(day: date, months: int) -> date:
    """The day of the same number so many months later, or earlier; the last of the month where there is none."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def is_working_day(day: date, *, country: str) -> bool:
    """No Saturday, Sunday or public holiday; in Russia also as the government moves days off from year to year."""
    kept = _days_off(country, day.year)
    return kept.is_working_day(day) if kept is not None else day.weekday() < 5


def next_working_day(day: date, *, country: str) -> date:
    """`day` itself where it is a working day."""
    while not is_working_day(day, country=country):
        day += _ONE_DAY
    return day


def _after_working_days(day: date, amount: int, country: str) -> date:
    while amount:
        day += _ONE_DAY
        amount -= is_working_day(day, country=country)
    return day


@lru_cache(maxsize=64)
def _days_off(country: str, year: int) -> holidays.HolidayBase | None:
    # The years beside it too: a Saturday that is worked for a day off in January is made known by that January.
    try:
        return holidays.country_holidays(country, years=(year - 1, year, year + 1), expand=False)
    except NotImplementedError:
        return None
