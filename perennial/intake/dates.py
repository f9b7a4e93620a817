"""Dates as people and HR systems write them, and the order of day and month in a column."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perennial.intake.values import UnreadableValue, is_blank
from perennial.intake.words.dates import DATE_FILLERS, MONTHS_BY_LANGUAGE, NEVER


class DateOrder(StrEnum):
    """In which order a column writes day, month and year; AMBIGUOUS has to be asked."""

    YMD = "ymd"
    DMY = "dmy"
    MDY = "mdy"
    AMBIGUOUS = "ambiguous"


DATE_ORDER_LABELS: Mapping[DateOrder, Promise] = {
    DateOrder.YMD: _("year, month, day"),
    DateOrder.DMY: _("day, month, year"),
    DateOrder.MDY: _("month, day, year"),
    DateOrder.AMBIGUOUS: _("not to be told from the file"),
}

_EARLIEST_YEAR, _LATEST_YEAR = 1900, 2100
# Two digits below this are in this century; nobody on a payroll started before 1950.
_CENTURY_PIVOT = 50
_EXCEL_EPOCH = date(1899, 12, 30)
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
_NUMERIC = re.compile(r"(\d{1,4})([-./ ]|\s*[-./]\s*)(\d{1,2})\s*[-./ ]\s*(\d{1,4})")
_COMPACT = re.compile(r"\d{8}")
# 'T00:00:00+01:00', ' 12:00:00 AM', ' г.', ' Uhr': what may follow a date and says nothing of the day.
_TAIL = re.compile(
    r"(?:[T\s,]+\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:[.,]\d+)?\s*(?:[ap]\.?m\.?)?\s*(?:Z|UTC|[+-]\d{2}:?\d{2})?(?:\s*(?:uur|uhr))?"
    r"|\s*(?:г|года|год)\.?)\s*$",
    re.IGNORECASE,
)
# HR systems write 'for ever' as a date.
_FOR_EVER = re.compile(r"(?:9999|2999|0000)\W?\d\d?\W?\d\d?|\d\d?\W?\d\d?\W?(?:9999|2999|0000)")
_WORDY = re.compile(r"\d+|[^\W\d_]+")
_MONTHS: dict[str, int] = {
    name: number for names in MONTHS_BY_LANGUAGE for number, name in enumerate(names.split(), start=1)
}
_WRITTEN_OUT = "written out"
# So many different texts of a column are told apart; there are fewer days in a century.
_MOST_SEEN = 50_000
_Readings = dict[str, date]


def date_order(texts: Iterable[str], *, serials: bool = False) -> DateOrder:
    """Decide over a whole column; see `OrderEvidence`."""
    evidence = OrderEvidence(serials=serials)
    for text in texts:
        evidence.see(text)
    return evidence.order


class OrderEvidence:
    """Gathers over a whole column what its dates say of the order of day and month.

    One date that fits only one order decides for the column. Dates that contradict each other, and columns where every
    date fits both orders and would mean different days, are AMBIGUOUS. Dots mean day first unless a date denies it,
    as everywhere where dots are used. Cells that are no date say nothing.
    """

    def __init__(self, *, serials: bool = False) -> None:
        self._serials = serials
        # What was seen already, so that a caller with a million cells need not ask about each; "" says nothing.
        self.seen = {""}
        self._only: dict[str, bool] = dict.fromkeys((DateOrder.DMY, DateOrder.MDY, DateOrder.YMD), False)
        self._open_dotted = False
        self._open_other = False
        self._indifferent = False
        self.example = ""

    def see(self, text: str) -> None:
        if text in self.seen:
            return
        if len(self.seen) < _MOST_SEEN:
            self.seen.add(text)
        readings = _readings(text.strip(), self._serials)
        numeric = {order: reading for order, reading in readings.items() if order != _WRITTEN_OUT}
        if not numeric:
            return
        if len(numeric) == 1:
            self._only[next(iter(numeric))] = True
        elif len(set(numeric.values())) == 1:
            self._indifferent = True
        elif "." in text:
            self._open_dotted = True
            self.example = self.example or text
        else:
            self._open_other = True
            self.example = text

    @property
    def contradicts_itself(self) -> bool:
        """Whether the column has dates that are only possible day first and others only possible month first."""
        return self._only[DateOrder.DMY] and self._only[DateOrder.MDY]

    @property
    def order(self) -> DateOrder:
        day_first, month_first = self._only[DateOrder.DMY], self._only[DateOrder.MDY]
        if day_first and month_first:
            return DateOrder.AMBIGUOUS
        if day_first:
            return DateOrder.DMY
        if month_first:
            return DateOrder.MDY
        if self._open_other:
            return DateOrder.AMBIGUOUS
        if self._open_dotted or self._indifferent:
            return DateOrder.DMY
        return DateOrder.YMD


class DateReader:
    """Reads the dates of one column whose order is known."""

    def __init__(self, *, order: DateOrder, serials: bool = False) -> None:
        self._order = order
        self._serials = serials

    def read(self, text: str) -> date | None:
        """Return the day, or None for a blank cell and for 'unlimited'; `UnreadableValue` for all else."""
        plain = text.strip()
        if is_blank(plain) or plain.casefold() in NEVER or _FOR_EVER.fullmatch(_TAIL.sub("", plain)):
            return None
        readings = _readings(plain, self._serials)
        if not readings:
            raise UnreadableValue(_("“%(text)s” is not a date we can read."), text=text)
        days = set(readings.values())
        if len(days) == 1 and (self._order is DateOrder.AMBIGUOUS or len(readings) > 1 or _WRITTEN_OUT in readings):
            return days.pop()
        if self._order in readings:
            return readings[self._order]
        if DateOrder.YMD in readings:
            return readings[DateOrder.YMD]
        if self._order in (DateOrder.DMY, DateOrder.MDY):
            raise UnreadableValue(
                _("“%(text)s” does not fit the order of this column (%(order)s)."),
                text=text,
                order=str(DATE_ORDER_LABELS[self._order]),
            )
        if len(days) == 1:
            return days.pop()
        raise UnreadableValue(_("“%(text)s” could be two days: say which order this column has."), text=text)


def _readings(text: str, serials: bool) -> _Readings:
    """Return the days a text can mean, by the order under which it means them; a month's name needs no order."""
    if not text or len(text) > 60 or not any(map(str.isdigit, text)):
        return {}
    if serials and (serial := _SERIAL.fullmatch(text)):
        return _ordered({_WRITTEN_OUT: _EXCEL_EPOCH + timedelta(days=int(serial[1]))})
    text = _TAIL.sub("", text)
    if _COMPACT.fullmatch(text):
        found = {DateOrder.YMD.value: _day(text[:4], text[4:6], text[6:])}
        found[DateOrder.DMY] = _day(text[4:], text[2:4], text[:2])
        found[DateOrder.MDY] = _day(text[4:], text[:2], text[2:4])
        return _ordered(found)
    if numeric := _NUMERIC.fullmatch(text):
        first, second, third = numeric[1], numeric[3], numeric[4]
        if len(first) in (3, 4):
            return _ordered({DateOrder.YMD: _day(first, second, third)}) if len(third) <= 2 else {}
        readings = _ordered({DateOrder.DMY: _day(third, second, first), DateOrder.MDY: _day(third, first, second)})
        if not readings and len(third) <= 2:
            # '99-12-31': a year of two digits in front, believed only where nothing else fits.
            return _ordered({DateOrder.YMD: _day(first, second, third)})
        return readings
    return _written_out(text)


def _ordered(found: Mapping[str, date | None]) -> _Readings:
    return {str(order): day for order, day in found.items() if day is not None and _plausible(day)}


def _plausible(day: date) -> bool:
    return _EARLIEST_YEAR <= day.year <= _LATEST_YEAR


def _day(year: str, month: str, day: str) -> date | None:
    if len(year) not in (2, 4) or len(month) > 2 or len(day) > 2:
        return None
    number = int(year)
    if len(year) == 2:
        number += 2000 if number < _CENTURY_PIVOT else 1900
    try:
        return date(number, int(month), int(day))
    except ValueError:
        return None


def _written_out(text: str) -> _Readings:
    """Read '31 December 2025', 'Dec 31st, 2025', '31-dez-25', '31 декабря 2025 г.'."""
    months: list[int] = []
    numbers: list[str] = []
    for word in _WORDY.findall(unicodedata.normalize("NFC", text).casefold()):
        if word.isdecimal():
            numbers.append(word)
        elif word in _MONTHS:
            months.append(_MONTHS[word])
        elif word not in DATE_FILLERS:
            return {}
    if len(months) != 1 or len(numbers) != 2:
        return {}
    day, year = numbers
    if len(day) == 4:
        day, year = year, day
    return _ordered({_WRITTEN_OUT: _day(year, str(months[0]), day)})
