"""How a departure ended for the figures, as HR records it; the leaver never sees it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from perennial.accounts.roles import Permission
from perennial.departures.exit.recording import record_ending
from perennial.departures.queries import departure_with_key
from perennial.desk.exit.forms import EndingForm
from perennial.kernel.clock import now
from perennial.web.access import actor, requires


@requires(Permission.INVITE_LEAVERS)
@require_POST
def keep_ending(request: HttpRequest, key: str) -> HttpResponse:
    departure = departure_with_key(key)
    if departure is None:
        raise Http404
    form = EndingForm(request.POST)
    if form.is_valid():
        record_ending(departure=departure, ending=form.cleaned_data["recorded_ending"], by=actor(request), now=now())
        messages.success(request, _("Recorded."))
    else:
        messages.error(request, _("Choose one of the answers; nothing was changed."))
    return redirect("departure", key=key)
