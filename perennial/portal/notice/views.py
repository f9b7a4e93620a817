"""The privacy notice, as the organisation wrote it."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import get_language_from_request
from django.views.decorators.http import require_safe

from perennial.portal.doors import behind_a_link, kind_page, language_for, speaking
from perennial.web.access import public
from perennial.web.context import programme_of
from perennial.web.pace import NOTICE


@public(NOTICE)
@behind_a_link("same-origin")  # The way back may be a signed link.
@require_safe
def notice(request: HttpRequest) -> HttpResponse:
    """The notice in the one language it was written in, within the page's own."""
    programme = programme_of(request)
    with speaking(request, language_for(request, get_language_from_request(request))):
        written_in = programme.language if programme.language in dict(settings.LANGUAGES) else ""
        other = written_in if written_in != translation.get_language() else ""
        return kind_page(
            request,
            "portal/notice.html",
            programme=programme,
            written_in=written_in,
            other_language=translation.get_language_info(other)["name_translated"] if other else "",
            back=_way_back(request),
        )


def _way_back(request: HttpRequest) -> str:
    """The page of ours that led here, or nothing: pages of the unsubscribe link tell nobody where one comes from."""
    came_from = urlsplit(request.headers.get("Referer", ""))
    if came_from.netloc != request.get_host() or came_from.path == request.path:
        return ""
    path = came_from._replace(scheme="", netloc="", fragment="").geturl()
    return path if path.startswith("/") and not path.startswith("//") else ""
