"""After redundancy: HR says from which day on somebody may be invited."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from perennial.accounts.roles import Permission
from perennial.departures.endings import NoDayNeededError, set_invite_from
from perennial.departures.queries import departure_with_key
from perennial.desk.departures.forms import InviteFromForm
from perennial.kernel.clock import now
from perennial.web.access import actor, requires


@requires(Permission.EDIT_PEOPLE)
@require_POST
def name_invite_from(request: HttpRequest, key: str) -> HttpResponse:
    departure = departure_with_key(key)
    if departure is None:
        raise Http404
    form = InviteFromForm(request.POST)
    if not form.is_valid():
        messages.warning(request, " ".join(str(fault) for fault in form.errors["invite_from"]))
        return redirect("departure", key)
    day = form.cleaned_data["invite_from"]
    try:
        set_invite_from(departure=departure, day=day, by=actor(request), now=now())
    except NoDayNeededError:
        messages.warning(request, _("This departure needs no such day any more; nothing was written."))
    else:
        said = (
            _("Noted. Nobody is invited before {day}.").format(day=date_format(day, "DATE_FORMAT"))
            if day
            else _("Noted. Nobody is invited before you have set a day.")
        )
        messages.success(request, said)
    return redirect("departure", key)
