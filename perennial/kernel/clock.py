"""Time: aware UTC inside, converted at the edge. Actions take `now` as an argument and never ask here."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The present moment, for the edges (views, commands, workers) that hand it to actions."""
    return datetime.now(tz=UTC)


def local_date(*, at: datetime, time_zone: str) -> date:
    """The calendar day on which `at` falls in `time_zone`."""
    return at.astimezone(ZoneInfo(time_zone)).date()
