"""The periods that figures are of: the year that ends today, and quarters for the trend."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from perennial.departures.metrics import Span
from perennial.programme.queries import current

DAYS_OF_YEAR, DAYS_OF_QUARTER = 365, 91


def year_and_quarters(*, now: datetime, quarters: int) -> list[Span]:
    """The 365 days that end today where the programme lives, then so many spans of 91 days, the oldest first.

    Five of them: the last ends where the same span ended a year before.
    """
    zone = ZoneInfo(current().time_zone)
    today = now.astimezone(zone).date()
    ends = [today - timedelta(days=DAYS_OF_QUARTER * back) for back in reversed(range(quarters))]
    return [_until(today, DAYS_OF_YEAR, zone), *[_until(end, DAYS_OF_QUARTER, zone) for end in ends]]


def _until(last: date, days: int, zone: ZoneInfo) -> Span:
    first = last - timedelta(days=days - 1)
    since = datetime.combine(first, time.min, zone)
    return Span(first, last, since, datetime.combine(last + timedelta(days=1), time.min, zone))
