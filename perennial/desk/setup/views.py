"""The set-up page."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from perennial.accounts.actions import AddressTakenError
from perennial.desk.setup.forms import SetUpForm
from perennial.kernel.clock import now
from perennial.programme import actions, queries
from perennial.programme.enums import RETURN_ALONE, Stage, warns_about
from perennial.web.access import public
from perennial.web.pace import KEY

UNPROCESSABLE = 422
BY = "set-up link"


@public(KEY)
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def set_up(request: HttpRequest, token: str) -> HttpResponse:
    """Fills the programme in, once. Every link that does not work gets the same answer."""
    try:
        programme = queries.waiting_for_set_up(token=token)
    except queries.SetUpGoneError:
        return _gone(request)
    if request.method == "GET":
        started = {"language": programme.language, "time_zone": programme.time_zone, "stage": Stage.PREPARATION}
        return render(request, "desk/setup/set_up.html", {"form": SetUpForm(initial=started)})
    form = SetUpForm(request.POST)
    if form.is_valid():
        try:
            programme = actions.set_up(**form.cleaned_data, by=BY, now=now())
        except actions.AlreadySetUpError:
            return _gone(request)
        except AddressTakenError:
            form.add_error("coordinator_email", _("There is an account with this address already."))
        except ValidationError as error:
            form.add_error("password", error)
        else:
            return _done(request, programme.aims)
    return render(request, "desk/setup/set_up.html", {"form": form}, status=UNPROCESSABLE)


def _done(request: HttpRequest, aims: list[str]) -> HttpResponse:
    messages.success(request, _("Everything is in its place. Sign in, and the desk is yours."))
    if warns_about(aims):
        messages.warning(request, RETURN_ALONE)
    return redirect("account_login")


def _gone(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/setup/gone.html", status=404)
