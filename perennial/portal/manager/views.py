"""The manager's page: the name, the last day, and the manager's own steps. Nothing else of the leaver is told here."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods

from perennial.departures.farewell.actions import (
    REASON_LENGTH,
    AlreadyGivenError,
    FarewellOverError,
    FlowersNotAgreedError,
    ReasonMissingError,
    StepOpenError,
    StepSettledError,
    do_step,
    reopen_step,
    skip_step,
)
from perennial.departures.farewell.enums import StepOwner, StepState
from perennial.departures.farewell.manager import language_for_manager, leaves_on
from perennial.departures.farewell.queries import farewell_with_id, may_have_steps, steps_of
from perennial.departures.models import Farewell
from perennial.kernel import clock
from perennial.kernel.tokens import LinkPurpose
from perennial.portal.doors import (
    GONE,
    UNPROCESSABLE,
    address_with_language,
    behind_a_link,
    kind_page,
    language_for,
    opened_by,
    speaking,
    unknown_link,
)
from perennial.programme.queries import today
from perennial.web.access import public
from perennial.web.context import programme_of
from perennial.web.pace import LINK


@public(LINK)
@behind_a_link("same-origin")
@ensure_csrf_cookie
@require_http_methods(["GET", "HEAD", "POST"])
def manager(request: HttpRequest, token: str) -> HttpResponse:
    """Shows the steps, or takes what became of one. Looking changes nothing, so link scanners do no harm."""
    opened = opened_by(purpose=LinkPurpose.MANAGER, token=token)
    farewell = farewell_with_id(opened.row) if opened else None
    if opened is None or farewell is None:
        return unknown_link(request)
    language = language_for_manager(farewell=farewell, programme=programme_of(request))
    with speaking(request, language_for(request, language)):
        day = today(now=clock.now())
        runs = may_have_steps(departure=farewell.departure, day=day)
        if not opened.fits(farewell.manager_random) or not runs:
            return kind_page(request, "portal/manager/closed.html", status=GONE)
        steps = steps_of(departure=farewell.departure, owner=StepOwner.MANAGER)
        if request.method == "POST":
            return _take(request, farewell, steps)
        return _show(request, farewell, steps)


def _take(request: HttpRequest, farewell: Farewell, steps: list[Any]) -> HttpResponse:
    """Settles one of the manager's own steps; what is not theirs is not found here."""
    step = next((each for each in steps if str(each.pk) == request.POST.get("step")), None)
    if step is None:
        messages.info(request, _("This step is not on the list any more."))
        return HttpResponseRedirect(address_with_language(request))
    by, now = _by(farewell), clock.now()
    try:
        if "undo" in request.POST:
            reopen_step(step=step, by=by, now=now, only_own=True)
        elif "not" in request.POST:
            skip_step(step=step, reason=request.POST.get("reason", ""), by=by, now=now)
        else:
            do_step(step=step, by=by, now=now)
    except ReasonMissingError:
        return _show(request, farewell, steps, lacks_reason=step.pk, status=UNPROCESSABLE)
    except (StepSettledError, StepOpenError):
        messages.info(request, _("Somebody was there before you; this is how it stands now."))
    except (AlreadyGivenError, FlowersNotAgreedError):
        messages.info(request, _("This is not to be given, or was given already."))
    except FarewellOverError:
        return kind_page(request, "portal/manager/closed.html", status=GONE)
    else:
        messages.success(request, _("Thank you, that is noted."))
    return HttpResponseRedirect(address_with_language(request))


def _by(farewell: Farewell) -> str:
    return f"manager:{farewell.departure.key}"


def _show(
    request: HttpRequest, farewell: Farewell, steps: list[Any], *, lacks_reason: int = 0, status: int = 200
) -> HttpResponse:
    person, stint = farewell.departure.person, farewell.departure.stint
    return kind_page(
        request,
        "portal/manager/steps.html",
        status=status,
        name=person.full_name,
        leaves=leaves_on(name=person.full_name, last_day=stint.ends_on),
        open_steps=[step for step in steps if step.state == StepState.OPEN],
        settled_steps=[step for step in steps if step.state != StepState.OPEN],
        # What colleagues of HR settle they settle for good, and their reasons are not for the manager.
        by_manager=_by(farewell),
        today=today(now=clock.now()),
        lacks_reason=lacks_reason,
        reason_length=REASON_LENGTH,
        action=address_with_language(request),
    )
