"""Asks at the door of each view whether this visitor may come in."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from perennial.accounts.devices import device_of
from perennial.accounts.models import User
from perennial.accounts.roles import Permission, may
from perennial.accounts.sessions import SessionStore
from perennial.web.access import lacks_second_factor
from perennial.web.context import navigation_for, programme_of
from perennial.web.pace import knock

# What a colleague without a second factor still sees: the way to one, and the way out.
SECOND_FACTOR_SET_UP = frozenset(
    {
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "account_reauthenticate",
        "account_set_password",
        "account_logout",
    }
)
FRONT_DOOR = "/"


class AccessMiddleware:
    """Deny by default: an undeclared view is refused to everybody."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()

    def process_view(self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        if not hasattr(view, "permission") or (view.permission is None and not hasattr(view, "pace")):
            raise PermissionDenied
        if view.permission is None:
            refused = knock(request, view.pace)
            if refused is not None:
                return refused
        timezone.activate(ZoneInfo(programme_of(request).time_zone))
        answer = _end_of_session(request)
        if answer is not None or view.permission is None:
            return answer
        if "\0" in request.path:
            # Nothing of ours is called so, and PostgreSQL takes no text that has one.
            raise Http404
        user = request.user
        if not isinstance(user, User):
            return _to_sign_in(request)
        translation.activate(user.language)
        return _missing_second_factor(request, user) or _refusal(request, user, view.permission)


def _end_of_session(request: HttpRequest) -> HttpResponse | None:
    """Signs out who was idle, or signed in, for too long."""
    session = request.session
    if not request.user.is_authenticated or not isinstance(session, SessionStore):
        return None
    if not session.is_over():
        session.note_seen(device=device_of(request.headers.get("User-Agent", "")))
        return None
    logout(request)
    messages.info(request, _("You were signed out because it was a while ago. Nothing you saved is lost."))
    return _to_sign_in(request)


def _missing_second_factor(request: HttpRequest, user: User) -> HttpResponse | None:
    route = request.resolver_match.url_name if request.resolver_match else None
    if route in SECOND_FACTOR_SET_UP or not lacks_second_factor(user):
        return None
    messages.info(request, _("One thing first: set up a second way to prove that it is you. Then the desk opens."))
    return _send_to(request, reverse("mfa_index"))


def _refusal(request: HttpRequest, user: User, permission: Permission) -> HttpResponse | None:
    if may(user.role, permission):
        return None
    if request.path != FRONT_DOOR:
        raise PermissionDenied
    # The front door leads everybody to the first page that is theirs.
    own_pages = navigation_for(role=user.role, path=request.path)
    return HttpResponseRedirect(own_pages[0].url if own_pages else reverse("mfa_index"))


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    sign_in = reverse("account_login")
    if getattr(request, "htmx", False):
        page = urlsplit(request.htmx.current_url_abs_path or FRONT_DOOR).path  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(redirect_to_login(page, sign_in).url)
    if request.method != "GET":
        return HttpResponseRedirect(sign_in)
    return redirect_to_login(request.get_full_path(), sign_in)


def _send_to(request: HttpRequest, path: str) -> HttpResponse:
    return HttpResponseClientRedirect(path) if getattr(request, "htmx", False) else HttpResponseRedirect(path)
