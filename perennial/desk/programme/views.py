"""The Programme page."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from perennial.accounts.roles import Permission
from perennial.desk.programme.forms import OwnerForm, SettingsForm, StageForm, TestMailForm
from perennial.desk.register.assessment_words import open_gates_words
from perennial.desk.register.words import missing_words
from perennial.kernel.clock import local_date, now
from perennial.mail.actions import send_test
from perennial.programme import actions
from perennial.programme.councils import gates
from perennial.programme.enums import RETURN_ALONE, Stage, warns_about
from perennial.programme.interests import NoRecordError
from perennial.web.access import actor, colleague, requires
from perennial.web.context import programme_of

UNPROCESSABLE = 422


@require_http_methods(["GET", "POST"])
@requires(Permission.RUN_PROGRAMME)
def programme(request: HttpRequest) -> HttpResponse:
    """The settings, and beside them stage, owner and test mail."""
    if request.method == "GET":
        return _page(request)
    form = SettingsForm(request.POST)
    if not form.is_valid():
        return _page(request, status=UNPROCESSABLE, form=form)
    changed = actions.change_settings(**form.cleaned_data, by=actor(request), now=now())
    messages.success(request, _("Saved."))
    if warns_about(changed.aims):
        messages.warning(request, RETURN_ALONE)
    return redirect("programme")


@require_POST
@requires(Permission.RUN_PROGRAMME)
def change_stage(request: HttpRequest) -> HttpResponse:
    form = StageForm(request.POST)
    if not form.is_valid():
        return _page(request, status=UNPROCESSABLE, stage_form=form)
    try:
        changed = actions.change_stage(stage=form.cleaned_data["stage"], by=actor(request), now=now())
    except NoRecordError as error:
        form.add_error("stage", missing_words(error))
        return _page(request, status=UNPROCESSABLE, stage_form=form, is_to_be_weighed=True)
    messages.success(request, _("The programme is now in stage: %(stage)s.") % {"stage": Stage(changed.stage).label})
    day = local_date(at=now(), time_zone=changed.time_zone)
    if changed.stage != Stage.PREPARATION and (warning := open_gates_words(gates(programme=changed, on=day))):
        messages.warning(request, warning)
    return redirect("programme")


@require_POST
@requires(Permission.RUN_PROGRAMME)
def name_owner(request: HttpRequest) -> HttpResponse:
    form = OwnerForm(request.POST)
    if not form.is_valid():
        return _page(request, status=UNPROCESSABLE, owner_form=form)
    owner = form.cleaned_data["owner"]
    try:
        actions.name_owner(owner=owner, by=actor(request), now=now())
    except actions.OwnerUnfitError:
        form.add_error("owner", _("The owner must be a coordinator whose account is open."))
        return _page(request, status=UNPROCESSABLE, owner_form=form)
    messages.success(request, _("%(name)s answers for the programme.") % {"name": owner.name})
    return redirect("programme")


@require_POST
@requires(Permission.RUN_PROGRAMME)
def test_mail(request: HttpRequest) -> HttpResponse:
    form = TestMailForm(request.POST)
    if not form.is_valid():
        return _page(request, status=UNPROCESSABLE, test_mail_form=form)
    to = form.cleaned_data["to"]
    send_test(to=to, by=actor(request), now=now())
    if settings.PERENNIAL_MAIL_SERVER.keeps:
        messages.warning(
            request, _("The test mail to %(address)s was kept in the Outbox and not sent.") % {"address": to}
        )
    else:
        messages.success(request, _("A test mail to %(address)s is on its way.") % {"address": to})
    return redirect("programme")


def _page(request: HttpRequest, *, status: int = 200, **forms: Any) -> HttpResponse:
    row = programme_of(request)
    context = {
        "form": SettingsForm(initial={name: getattr(row, name) for name in SettingsForm.base_fields}),
        "stage_form": StageForm(initial={"stage": row.stage}),
        "owner_form": OwnerForm(initial={"owner": row.owner}),
        "test_mail_form": TestMailForm(initial={"to": colleague(request).email}),
        "owner": row.owner,
        "mail_server": settings.PERENNIAL_MAIL_SERVER.host,
        "return_alone": RETURN_ALONE if warns_about(row.aims) else "",
        **forms,
    }
    return render(request, "desk/programme/programme.html", context, status=status)
