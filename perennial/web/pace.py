"""How often one may knock at a door that is open to all, and answers that take the same time for everybody.

Each visit is one statement that counts; a visitor is known by the fingerprint of their address alone (`household_of`),
for as long as it is counted. Of a whole office behind one address many come at once when a department closes, and a
provider's machines unsubscribe for thousands: what follows a signed link is limited generously, what somebody could
guess at is not.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from math import ceil
from typing import Any

from allauth.core.context import request_context
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from perennial.accounts.visitor import household_of
from perennial.kernel.clock import now
from perennial.kernel.keys import fingerprint
from perennial.web.after import after_answer
from perennial.web.models import Knock

TOO_MANY = 429
# Longer than it takes to write a mail into the queue on a slow disk; a guess by the clock would need the difference.
FLOOR_SECONDS = 0.6
# What allauth limits by itself it does within so long.
ALLAUTH_WAIT_SECONDS = 5 * 60


@dataclass(frozen=True)
class Pace:
    """At most `looks` pages seen and `sends` forms sent in `seconds`, from one address; `name` tells them apart."""

    name: str
    looks: int
    sends: int
    seconds: int = 60


# Pages behind a signed link, 144 bits that nobody guesses: for load alone.
LINK = Pace("link", looks=600, sends=300)
# The machines of a mail provider press the button for all its customers (RFC 8058), and must not be turned away.
UNSUBSCRIBE = Pace("unsubscribe", looks=3_000, sends=3_000)
# Passwords and codes; beside this each account and address has allauth's own, tighter limits.
SIGN_IN = Pace("sign-in", looks=120, sends=60)
# Codes to somebody's own page; each person gets only so many, and each code has five tries.
OWN = Pace("own", looks=120, sends=30)
# Links that open an account or the whole house.
KEY = Pace("key", looks=60, sends=20)
# What tells everybody the same.
NOTICE = Pace("notice", looks=300, sends=60)
# A watcher asks every second at most.
HEALTH = Pace("health", looks=600, sends=60)

_COUNTED = """
INSERT INTO web_knock (key, count, until) VALUES (%s, 1, %s)
ON CONFLICT (key) DO UPDATE SET
  count = CASE WHEN web_knock.until <= %s THEN 1 ELSE web_knock.count + 1 END,
  until = CASE WHEN web_knock.until <= %s THEN excluded.until ELSE web_knock.until END
RETURNING count, until
"""


def knock(request: HttpRequest, pace: Pace) -> HttpResponse | None:
    """Counts this visit; the answer when there were too many."""
    sends = request.method not in ("GET", "HEAD")
    key = fingerprint(f"{pace.name}:{'sends' if sends else 'looks'}:{household_of(request)}")
    moment = int(now().timestamp())
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, [key, moment + pace.seconds, moment, moment])
        count, until = cursor.fetchone()
    return too_often(request, seconds=until - moment) if count > (pace.sends if sends else pace.looks) else None


def too_often(request: HttpRequest, *, seconds: int = ALLAUTH_WAIT_SECONDS) -> HttpResponse:
    """Says in the visitor's language when to come back; for allauth too, which answers with the root URLconf's."""
    wished = request.GET.get("lang", "")
    language = wished if translation.check_for_language(wished) else translation.get_language_from_request(request)
    with translation.override(language):
        response = render(request, "429.html", {"minutes": max(1, ceil(seconds / 60))}, status=TOO_MANY)
    response["Retry-After"] = str(max(1, seconds))
    response["Cache-Control"] = "no-store"
    return response


def forget_knocks(*, now: datetime) -> int:
    """Deletes what is counted no longer; how many. A chore without audit event."""
    return Knock.objects.filter(until__lte=int(now.timestamp())).delete()[0]


def _write(held: list[Callable[[], None]], request: HttpRequest) -> None:
    with request_context(request):
        for write in held:
            write()


def even_paced(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Holds the answer to a form back until FLOOR_SECONDS have passed, and has its mail written after the answer.

    So it does the same whether there is an account or not. The pages' rate limits bound the waiting.
    """

    @wraps(view)
    def paced(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        started = time.monotonic()
        held: list[Callable[[], None]] = []
        request.held_mail = held  # type: ignore[attr-defined]
        response = view(request, *args, **kwargs)
        after_answer(response, lambda: _write(held, request))
        time.sleep(max(0.0, started + FLOOR_SECONDS - time.monotonic()))
        return response

    return paced
