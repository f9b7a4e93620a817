"""How much of what is known about people one colleague takes in a day: their pages, and files of them.

It keeps a program, or somebody on their last day, from carrying the directory away; nobody's work comes near it.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from perennial.audit.actions import record_seen
from perennial.audit.queries import Taken, taken
from perennial.kernel.clock import local_date
from perennial.programme.models import Programme
from perennial.web.access import actor
from perennial.web.context import programme_of
from perennial.web.pace import TOO_MANY

SEEN = "people.seen"
FILES = ("people.exported", "departures.reconciliation_exported")
# More than one a minute for a working day of eight hours: whoever reads what stands on a page opens some dozens.
MOST_PAGES = 500
# A reunion, a region, the departures of years. A file that is asked for below it may be larger, since the whole
# directory goes to a printer in one; a second one has to wait for the next day.
MOST_ROWS = 20_000
# From four fifths on it stands on Today, for those who may ask what it is for.
NEAR_PAGES, NEAR_ROWS = MOST_PAGES * 4 // 5, MOST_ROWS * 4 // 5


def may_open(request: HttpRequest, *, key: str, now: datetime) -> bool:
    """Whether this colleague may open one more person's page today, which is written down with it."""
    return record_seen(
        deed=SEEN,
        by=actor(request),
        now=now,
        on=local_date(at=now, time_zone=programme_of(request).time_zone),
        subject_kind="person",
        subject_key=key,
        most=MOST_PAGES,
    )


def may_take_a_file(request: HttpRequest, *, now: datetime) -> bool:
    """Whether this colleague may take one more file of people today."""
    found = taken(seen=SEEN, files=FILES, since=day_began(now, programme_of(request)), by=actor(request))
    return sum(row.rows for row in found) < MOST_ROWS


def near_the_limit(*, now: datetime, programme: Programme) -> list[Taken]:
    """Those who come near one of the limits today, or have reached it. One statement."""
    found = taken(seen=SEEN, files=FILES, since=day_began(now, programme))
    return [row for row in found if row.seen >= NEAR_PAGES or row.rows >= NEAR_ROWS]


def enough(request: HttpRequest, *, files: bool, now: datetime) -> HttpResponse:
    """Says in words that it is enough for today, and when it goes on."""
    zone = ZoneInfo(programme_of(request).time_zone)
    tomorrow = local_date(at=now, time_zone=programme_of(request).time_zone) + timedelta(days=1)
    context = {"files": files, "most": MOST_ROWS if files else MOST_PAGES}
    response = render(request, "desk/people/enough.html", context, status=TOO_MANY)
    response["Retry-After"] = str(int((datetime.combine(tomorrow, time.min, zone) - now).total_seconds()) + 1)
    return response


def day_began(now: datetime, programme: Programme) -> datetime:
    """The first moment of the programme's day."""
    day: date = local_date(at=now, time_zone=programme.time_zone)
    return datetime.combine(day, time.min, ZoneInfo(programme.time_zone))
