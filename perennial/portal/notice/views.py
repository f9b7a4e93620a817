"""The privacy notice, as the organisation wrote it."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language_from_request
from django.views.decorators.http import require_safe

from perennial.portal.doors import kind_page, language_for, speaking
from perennial.web.access import public
from perennial.web.context import programme_of


@public
@require_safe
def notice(request: HttpRequest) -> HttpResponse:
    with speaking(request, language_for(request, get_language_from_request(request))):
        return kind_page(request, "portal/notice.html", programme=programme_of(request))
