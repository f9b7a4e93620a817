"""The cookie that ties a code, and then the open page, to the one browser that asked for it."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse


def _name() -> str:
    # The prefix makes browsers refuse it from anybody but this host, over https.
    return "__Host-own" if settings.SESSION_COOKIE_SECURE else "own"


def held_by(request: HttpRequest) -> str:
    """What the browser's cookie holds; empty where there is none, or nothing that we wrote."""
    value = request.COOKIES.get(_name(), "")
    return value if len(value) <= 64 and value.isascii() else ""


def give(response: HttpResponse, value: str) -> HttpResponse:
    """Gone with the browser; how long it is worth something we know ourselves."""
    response.set_cookie(
        _name(), value, path="/", secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Strict"
    )
    return response


def take(response: HttpResponse) -> HttpResponse:
    response.delete_cookie(_name(), path="/", samesite="Strict")
    return response
