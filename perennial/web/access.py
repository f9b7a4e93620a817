"""Every view says who may open it. A view that says nothing opens for nobody."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import resolve

from perennial.accounts.models import User
from perennial.accounts.queries import has_second_factor
from perennial.accounts.roles import Permission, may
from perennial.web.pace import Pace

View = TypeVar("View", bound=Callable[..., Any])


def requires(permission: Permission) -> Callable[[View], View]:
    """Declares the one permission a signed-in colleague must hold.

    The middleware asks before the view runs. The view asks again, because a form that waited for somebody to prove
    who they are is handed to the view directly, and roles change in the meantime.
    """

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not holds(request, permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return cast(View, guarded)

    return declare


def public(pace: Pace) -> Callable[[View], View]:
    """Declares that no account is needed (a signed link, a sign-in page, a health check) and how often one may come."""

    def declare(view: View) -> View:
        @wraps(view)
        def open_to_all(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            return view(request, *args, **kwargs)

        open_to_all.permission = None  # type: ignore[attr-defined]
        open_to_all.pace = pace  # type: ignore[attr-defined]
        return cast(View, open_to_all)

    return declare


def prove_again(request: HttpRequest) -> None:
    """Asks whoever proved longer ago than a moment who they are to do so again; the form they sent waits for that."""
    raise_if_reauthentication_required(request, app="perennial.accounts")


def sensitive(view: View) -> View:
    """Asks who sends the form to prove once more who they are, unless they did so a moment ago.

    Stands below `requires`.
    """

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method == "POST":
            prove_again(request)
        return view(request, *args, **kwargs)

    return cast(View, asked)


def sensitive_file(view: View) -> View:
    """As `sensitive`, for a form that a file answers: after the proof a page offers it, to be fetched by a press.

    A file as the answer to the password would leave the browser on the page that asks for it.
    """

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        prove_again(request)
        return file_offered(request) or view(request, *args, **kwargs)

    return cast(View, asked)


def file_offered(request: HttpRequest) -> HttpResponse | None:
    """The page that offers the file, where the form for it waited until its sender proved who they are."""
    at = request.resolver_match
    # A form that waited is handed to its view while the browser is at the address of the proof.
    if at is None or resolve(request.path_info).route == at.route:
        return None
    sent = [(name, value) for name, values in request.POST.lists() for value in values]
    fields = [(name, value) for name, value in sent if name != "csrfmiddlewaretoken"]
    return render(request, "web/file_offered.html", {"action": request.get_full_path(), "fields": fields})


def sensitive_to_see(view: View) -> View:
    """Asks before the form is shown, for one whose words must not wait anywhere: it asks for the password itself."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method != "POST":
            prove_again(request)
        return view(request, *args, **kwargs)

    return cast(View, asked)


def holds(request: HttpRequest, permission: Permission) -> bool:
    """Whether the visitor is signed in and their role holds `permission`."""
    return isinstance(request.user, User) and may(request.user.role, permission)


def lacks_second_factor(user: User) -> bool:
    """Whether `user` must set one up before the desk opens. In the demo nobody must."""
    return not settings.PERENNIAL_DEMO and not has_second_factor(user)


def colleague(request: HttpRequest) -> User:
    """The signed-in colleague; raises PermissionDenied when there is none."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def actor(request: HttpRequest) -> str:
    """The label under which the signed-in colleague's deeds are recorded."""
    return f"user:{colleague(request).pk}"
