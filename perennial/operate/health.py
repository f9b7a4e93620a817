"""Whether this process can serve: for the supervisor and for whoever watches from outside."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from perennial.web.access import public
from perennial.web.pace import HEALTH


@public(HEALTH)
@require_GET
def health(request: HttpRequest) -> HttpResponse:
    """200 when the database answers; anything else is a 500 by itself."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")
