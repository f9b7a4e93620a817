"""How the portal lets people in: signed links instead of accounts, in the language they read."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation

from perennial.kernel.tokens import LinkPurpose, Opened, TokenInvalidError, open_token
from perennial.web.context import programme_of

UNPROCESSABLE = 422
GONE = 410
TOO_MANY = 429
NOT_FOUND = 404

View = TypeVar("View", bound=Callable[..., HttpResponse])


def behind_a_link(referrer: str) -> Callable[[View], View]:
    """What every page behind a signed link says to browsers and proxies: keep nothing, index nothing, tell nobody.

    `referrer` is the page's Referrer-Policy. Pages whose form carries a CSRF token need `same-origin`: under
    `no-referrer` browsers send `Origin: null` with a form, which Django rightly refuses. Both keep the link from
    every other site.
    """

    def declare(view: View) -> View:
        @wraps(view)
        def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            response = view(request, *args, **kwargs)
            response["Cache-Control"] = "no-store"
            response["X-Robots-Tag"] = "noindex"
            response["Referrer-Policy"] = referrer
            return response

        return cast(View, opened)

    return declare


def opened_by(*, purpose: LinkPurpose, token: str) -> Opened | None:
    """What the token names, or None when it is altered, cut in two, or meant for something else."""
    try:
        return open_token(purpose=purpose, token=token)
    except TokenInvalidError:
        return None


def language_for(request: HttpRequest, *preferred: str) -> str:
    """The language to show a page in: as asked for in the address, else the first of `preferred` that is ours."""
    ours = dict(settings.LANGUAGES)
    wished = (request.GET.get("lang", ""), *preferred, programme_of(request).language)
    return next((code for code in wished if code in ours), "en")


@contextmanager
def speaking(request: HttpRequest, language: str) -> Iterator[None]:
    """Shows what is rendered inside in `language`."""
    request.LANGUAGE_CODE = language
    with translation.override(language):
        yield


def address_with_language(request: HttpRequest, **query: str) -> str:
    """This page's address with `query`, keeping the language somebody chose to read it in."""
    asked = request.GET.get("lang", "")
    kept = {"lang": asked} if asked in dict(settings.LANGUAGES) else {}
    pairs = "&".join(f"{name}={value}" for name, value in (kept | query).items())
    return f"{request.path}?{pairs}" if pairs else request.path


def kind_page(request: HttpRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """One short letter in the portal's frame, in the language that is being spoken."""
    privacy_url = f"{reverse('privacy_notice')}?lang={translation.get_language()}"
    response = render(request, template, {"privacy_url": privacy_url, **context}, status=status)
    response["Content-Language"] = translation.get_language()
    return response


def unknown_link(request: HttpRequest) -> HttpResponse:
    """The answer to a link that is not ours, or not whole. In the visitor's browser's language: we know no more."""
    wished = request.GET.get("lang", "") or translation.get_language_from_request(request)
    with speaking(request, language_for(request, wished)):
        return kind_page(request, "portal/unknown_link.html", status=NOT_FOUND)
