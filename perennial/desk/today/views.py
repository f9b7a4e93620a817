"""Today: where the desk opens."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from perennial.accounts.models import User
from perennial.accounts.roles import Permission, may
from perennial.desk.today.items import just_done, pulse, things_to_do
from perennial.kernel.clock import now
from perennial.people.models import Person
from perennial.web.access import requires


@requires(Permission.SEE_TODAY)
@require_GET
def show_today(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, User)
    role, moment = request.user.role, now()
    may_write = may(role, Permission.WRITE_TO_PEOPLE)
    return render(
        request,
        "desk/today/today.html",
        {
            "items": things_to_do(role=role, now=moment),
            "done": just_done() if may_write else [],
            "pulse": pulse(now=moment),
            "anybody": Person.objects.exists(),
            "may_import": may(role, Permission.IMPORT),
            "may_write": may_write,
        },
    )
