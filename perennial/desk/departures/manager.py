"""The manager's part of a farewell: the mail with the link, its end, and the sheet to print."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from perennial.accounts.roles import Permission
from perennial.departures.farewell.actions import FarewellOverError
from perennial.departures.farewell.manager import (
    AlreadyWrittenError,
    NothingForManagerError,
    NotYetLiveError,
    end_manager_link,
    manager_path,
    sheet,
    write_to_manager,
)
from perennial.departures.farewell.queries import farewell_of, may_have_steps
from perennial.departures.models import Departure, Farewell
from perennial.departures.queries import departure_with_key
from perennial.desk.departures.codes import drawn
from perennial.desk.departures.farewell_forms import ManagerForm
from perennial.kernel.clock import now
from perennial.kernel.links import absolute
from perennial.programme.queries import today
from perennial.web.access import actor, colleague, requires
from perennial.web.context import programme_of

UNPROCESSABLE = 422


@never_cache
@requires(Permission.INVITE_LEAVERS)
@require_POST
def tell_manager(request: HttpRequest, key: str) -> HttpResponse:
    """Sends the manager the link to their steps. An address that cannot be read is shown on a page of its own."""
    departure, _farewell = _found(key)
    form = ManagerForm(request.POST)
    if not form.is_valid():
        context = {"departure": departure, "form": form}
        return render(request, "desk/departures/manager.html", context, status=UNPROCESSABLE)
    user = colleague(request)
    try:
        write_to_manager(
            departure=departure,
            email=form.cleaned_data["email"],
            language=form.cleaned_data["language"],
            sender_name=user.name,
            reply_to=user.email,
            by=actor(request),
            now=now(),
        )
    except (FarewellOverError, AlreadyWrittenError, NothingForManagerError, NotYetLiveError) as refused:
        messages.warning(request, _refusal(refused))
    else:
        messages.success(request, _("The mail to the manager is on its way."))
    return _back(key)


@requires(Permission.INVITE_LEAVERS)
@require_POST
def end_link(request: HttpRequest, key: str) -> HttpResponse:
    departure, _farewell = _found(key)
    end_manager_link(departure=departure, by=actor(request), now=now())
    messages.success(request, _("The link is ended and the address forgotten. You can send another one."))
    return _back(key)


@never_cache
@requires(Permission.INVITE_LEAVERS)
@require_GET
def show_manager_sheet(request: HttpRequest, key: str) -> HttpResponse:
    """The manager's steps on paper, in their language, with the days and why it matters, and the link as a code."""
    departure, farewell = _found(key)
    if not may_have_steps(departure=departure, day=today(now=now())):
        messages.warning(request, _refusal(FarewellOverError()))
        return _back(key)
    words = sheet(farewell=farewell, programme=programme_of(request))
    if not words.lines:
        messages.warning(request, _refusal(NothingForManagerError()))
        return _back(key)
    code = drawn(absolute(manager_path(farewell)), words.code)
    context = {"departure": departure, "sheet": words, "code": code}
    return render(request, "desk/departures/manager_sheet.html", context)


def _refusal(refused: Exception) -> str:
    if isinstance(refused, AlreadyWrittenError):
        return _("The manager has the link already. End it before you send another one.")
    if isinstance(refused, NothingForManagerError):
        return _("No step of this farewell waits for the manager.")
    if isinstance(refused, NotYetLiveError):
        return _("The programme is being prepared, so nothing leaves the house. You can print the sheet.")
    return _("This departure is closed or cancelled, or the programme is not for this person: nothing is to be done.")


def _found(key: str) -> tuple[Departure, Farewell]:
    """The departure and its farewell; a departure without a checklist has none."""
    departure = departure_with_key(key)
    farewell = farewell_of(departure=departure) if departure else None
    if departure is None or farewell is None:
        raise Http404
    farewell.departure = departure
    return departure, farewell


def _back(key: str) -> HttpResponse:
    return redirect(reverse("departure", args=[key]) + "#manager")
