"""Today: where the desk opens."""

from datetime import date, datetime, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from perennial.accounts.queries import away_between
from perennial.accounts.roles import Permission, may
from perennial.departures.models import Departure
from perennial.departures.queries import leaving
from perennial.desk.today.item import Item
from perennial.desk.today.items import OF_A_KIND, just_done, pulse, things_to_do
from perennial.desk.today.later import bring_back, put_off, put_off_by
from perennial.kernel.clock import local_date, now
from perennial.people.queries import sees_everybody, visible_to
from perennial.programme.structure import chapters_of
from perennial.web.access import colleague, requires
from perennial.web.context import programme_of

A_WEEK = timedelta(days=6)


@requires(Permission.SEE_TODAY)
@require_GET
def show_today(request: HttpRequest) -> HttpResponse:
    user, moment = colleague(request), now()
    day = _today(request, moment)
    may_write = may(user.role, Permission.WRITE_TO_PEOPLE)
    sees_departures = may(user.role, Permission.SEE_DEPARTURES)
    week = leaving(first_day=day, last_day=day + A_WEEK) if sees_departures else Departure.objects.none()
    items, put_off_until = _items_of(request, moment)
    return render(
        request,
        "desk/today/today.html",
        {
            "items": [item for item in items if item.key not in put_off_until],
            "put_off": [(item, put_off_until[item.key]) for item in items if item.key in put_off_until],
            "done": just_done() if may_write else [],
            "pulse": pulse(user=user, now=moment, programme=programme_of(request)),
            "leaving": week[:OF_A_KIND],
            "away": away_between(first_day=day, last_day=day + A_WEEK),
            "anybody": visible_to(user).exists(),
            "chapters": None if sees_everybody(user) else chapters_of(user),
            "may_import": may(user.role, Permission.IMPORT),
            "may_write": may_write,
        },
    )


@requires(Permission.SEE_TODAY)
@require_POST
def put_item_off(request: HttpRequest, item_key: str) -> HttpResponse:
    """Hides one item from this colleague for a while; one that is not there any more needs no hiding."""
    user, moment = colleague(request), now()
    items, _put_off_until = _items_of(request, moment)
    item = next((item for item in items if item.key == item_key), None)
    if item is None:
        messages.info(request, _("That is done already."))
    else:
        until = put_off(user=user, item=item, day=_today(request, moment))
        messages.success(
            request, _("Put off; you see it again on {day}.").format(day=date_format(until, "DATE_FORMAT"))
        )
    return redirect("today")


@requires(Permission.SEE_TODAY)
@require_POST
def bring_item_back(request: HttpRequest, item_key: str) -> HttpResponse:
    bring_back(user=colleague(request), item_key=item_key)
    return redirect("today")


def _items_of(request: HttpRequest, moment: datetime) -> tuple[list[Item], dict[str, date]]:
    """What this colleague has to do, and the day until which some of it is put off."""
    user = colleague(request)
    put_off_until = put_off_by(user, day=_today(request, moment))
    # What is put off takes nobody's place in the list.
    return things_to_do(
        role=user.role,
        now=moment,
        of_a_kind=OF_A_KIND + len(put_off_until),
        user_id=user.pk,
        programme=programme_of(request),
    ), put_off_until


def _today(request: HttpRequest, moment: datetime) -> date:
    return local_date(at=moment, time_zone=programme_of(request).time_zone)
