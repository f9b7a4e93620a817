"""The steps of a departure at the desk: done, left out, undone."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from perennial.accounts.roles import Permission
from perennial.departures.farewell.actions import (
    AlreadyGivenError,
    FarewellOverError,
    FlowersNotAgreedError,
    StepOpenError,
    StepSettledError,
    do_step,
    reopen_step,
    skip_step,
)
from perennial.departures.farewell.reminders import wish_digest
from perennial.departures.models import FarewellStep
from perennial.desk.departures.farewell_forms import StepForm
from perennial.kernel.clock import now
from perennial.people.queries import without_stored_only
from perennial.web.access import actor, colleague, requires

UNPROCESSABLE = 422


@never_cache
@requires(Permission.INVITE_LEAVERS)
@require_POST
def settle_step(request: HttpRequest, key: str, step_id: int) -> HttpResponse:
    """A step was done, or with `skip` it is left out. What needs another look is shown on a page of its own."""
    step = _step(key, step_id)
    skips = "skip" in request.POST
    form = StepForm(request.POST, skips=skips)
    if not form.is_valid():
        context = {"step": step, "departure": step.departure, "form": form, "skips": skips}
        return render(request, "desk/departures/step.html", context, status=UNPROCESSABLE)
    said = form.cleaned_data
    try:
        if skips:
            skip_step(step=step, reason=said["reason"], by=actor(request), now=now())
            sentence = _("Left out: %(step)s.") % {"step": step.words}
        else:
            do_step(step=step, by=actor(request), now=now(), cost=said["cost"], currency=said["currency"])
            sentence = _("Done: %(step)s.") % {"step": step.words}
    except (FarewellOverError, StepSettledError, FlowersNotAgreedError, AlreadyGivenError) as refused:
        messages.warning(request, refusal(refused))
    else:
        undo = reverse("departure-step-reopen", args=[key, step_id])
        messages.success(request, sentence, extra_tags=f"undo={undo}{_where_from(request)}")
    return _back(request, key)


@requires(Permission.INVITE_LEAVERS)
@require_POST
def reopen(request: HttpRequest, key: str, step_id: int) -> HttpResponse:
    """Undo: the step is to be done again."""
    step = _step(key, step_id)
    try:
        reopen_step(step=step, by=actor(request), now=now())
        messages.success(request, _("Open again: %(step)s.") % {"step": step.words})
    except (FarewellOverError, StepOpenError) as refused:
        messages.warning(request, refusal(refused))
    return _back(request, key)


@requires(Permission.INVITE_LEAVERS)
@require_POST
def choose_digest(request: HttpRequest) -> HttpResponse:
    """A colleague switches the mail about farewells on or off, for themselves."""
    wanted = "wanted" in request.POST
    wish_digest(user=colleague(request), wanted=wanted, now=now())
    messages.success(request, _("You get the mail about farewells.") if wanted else _("No more mail about farewells."))
    return redirect("departures")


def refusal(refused: Exception) -> str:
    """Why a step was not settled, as a sentence."""
    if isinstance(refused, StepSettledError):
        return _("Somebody was there before you: this step was done or left out in the meantime.")
    if isinstance(refused, StepOpenError):
        return _("This step stands open already.")
    if isinstance(refused, FlowersNotAgreedError):
        return _("The leaver has not agreed to flowers, so nobody sends them.")
    if isinstance(refused, AlreadyGivenError):
        return _("This was given for the same occasion already, so it is not given twice.")
    return _("This departure is closed or cancelled, or the programme is not for this person: nothing is to be done.")


def _step(key: str, step_id: int) -> Any:
    steps = without_stored_only(FarewellStep.objects.select_related("departure__person"), person="departure__person")
    step = steps.filter(pk=step_id, departure__key=key).first()
    if step is None:
        raise Http404
    return step


def _where_from(request: HttpRequest) -> str:
    return "?from=today" if request.GET.get("from") == "today" else ""


def _back(request: HttpRequest, key: str) -> HttpResponse:
    """To where the button was pressed."""
    if _where_from(request):
        return redirect("today")
    return redirect(reverse("departure", args=[key]) + "#farewell")
