"""The short address on the printed sheet: leads whoever typed it to the leaver's page."""

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import get_language_from_request
from django.views.decorators.http import require_safe

from perennial.accounts.visitor import household_of
from perennial.departures.invitations import link_path
from perennial.departures.models import Departure
from perennial.departures.queries import departure_with_id
from perennial.kernel.keys import fingerprint
from perennial.kernel.tokens import LinkPurpose, TokenInvalidError, read_code
from perennial.portal.doors import NOT_FOUND, TOO_MANY, behind_a_link, kind_page, language_for, speaking
from perennial.web.access import public
from perennial.web.pace import LINK

# Wrong codes an hour from one address. Somebody who mistypes needs a handful; a guesser of 80 bits gets nowhere.
WRONG_AN_HOUR = 30
HOUR = 60 * 60


@public(LINK)
@behind_a_link("no-referrer")
@require_safe
def typed(request: HttpRequest, token: str) -> HttpResponse:
    """Leads to the page by its long link. A wrong code is told kindly, and after thirty of them nobody is heard."""
    wrong = f"typed:{fingerprint(household_of(request))}"
    if cache.get(wrong, 0) >= WRONG_AN_HOUR:
        return _kindly(request, status=TOO_MANY)
    departure = _departure(token)
    if departure is None:
        cache.set(wrong, cache.get(wrong, 0) + 1, HOUR)
        return _kindly(request, status=NOT_FOUND)
    return HttpResponseRedirect(link_path(departure))


def _departure(token: str) -> Departure | None:
    try:
        read = read_code(token)
    except TokenInvalidError:
        return None
    departure = departure_with_id(read.row)
    # Signed also where there is no such row, so that the time it takes does not tell which rows there are.
    random = departure.link_random if departure else "none"
    return departure if read.fits(purpose=LinkPurpose.LEAVER_TYPED, random=random) else None


def _kindly(request: HttpRequest, *, status: int) -> HttpResponse:
    """In the visitor's browser's language: we know no more."""
    wished = request.GET.get("lang", "") or get_language_from_request(request)
    with speaking(request, language_for(request, wished)):
        return kind_page(request, "portal/leaver/mistyped.html", status=status, too_often=status == TOO_MANY)
