"""The page on one's own sessions: where one is signed in, since when and until when, and ending it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from perennial.accounts import actions, queries
from perennial.accounts.roles import Permission
from perennial.accounts.sessions import IDLE_SECONDS, LONGEST_SECONDS
from perennial.kernel.clock import now
from perennial.web.access import colleague, requires

HOUR = 60 * 60


@requires(Permission.OWN_ACCOUNT)
@require_GET
def list_sessions(request: HttpRequest) -> HttpResponse:
    found = queries.open_sessions(user=colleague(request), own_key=request.session.session_key, now=now())
    return render(
        request,
        "account/sessions.html",
        {
            "sessions": [(session, _device(session.device)) for session in found],
            "others": sum(not session.is_own for session in found),
            "idle_hours": IDLE_SECONDS // HOUR,
            "longest_hours": LONGEST_SECONDS // HOUR,
        },
    )


@requires(Permission.OWN_ACCOUNT)
@require_POST
def end_session(request: HttpRequest, handle: str) -> HttpResponse:
    """Ends one of one's other sessions. It asks for no proof: whoever ends a session takes nothing."""
    ended = actions.end_session(user=colleague(request), handle=handle, own_key=request.session.session_key, now=now())
    if not ended:
        raise Http404
    messages.success(request, _("Signed out there."))
    return redirect("account_sessions")


@requires(Permission.OWN_ACCOUNT)
@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    ended = actions.end_other_sessions(user=colleague(request), own_key=request.session.session_key, now=now())
    told = ngettext("Signed out on %(count)s other device.", "Signed out on %(count)s other devices.", ended)
    messages.success(request, told % {"count": ended} if ended else _("You were signed in nowhere else."))
    return redirect("account_sessions")


def _device(code: str) -> str:
    browser, _slash, system = code.partition("/")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("A device we do not know")
