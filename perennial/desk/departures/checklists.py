"""The checklists of farewells: for whom each is, and its steps."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.accounts.roles import Permission
from perennial.departures.farewell import checklists as actions
from perennial.departures.farewell.queries import checklists, leaving_by
from perennial.departures.models import ChecklistStep, ChecklistTemplate
from perennial.desk.departures.farewell_forms import ChecklistForm, ChecklistStepForm
from perennial.desk.departures.words import reckoned_words
from perennial.kernel.clock import now
from perennial.people.enums import ContractKind, HowEnded
from perennial.programme.models import Department
from perennial.programme.queries import today
from perennial.web.access import actor, requires

UNPROCESSABLE = 422


@requires(Permission.RUN_PROGRAMME)
@require_GET
def list_checklists(request: HttpRequest) -> HttpResponse:
    """All that are in use, each with whom it is for and its steps."""
    names = dict(Department.objects.values_list("pk", "name"))
    rows = [(row, _for_whom(row, names)) for row in checklists()]
    return render(request, "desk/departures/checklists/list.html", {"rows": rows})


@requires(Permission.RUN_PROGRAMME)
@require_http_methods(["GET", "POST"])
def new_checklist(request: HttpRequest) -> HttpResponse:
    form = ChecklistForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            made = actions.add_checklist(conditions=form.conditions(), by=actor(request), now=now())
        except actions.AsksForNothingError:
            form.add_error(None, _asks_for_nothing())
        else:
            messages.success(request, _("Added. Now give it its steps."))
            return redirect("checklist", made.pk)
    context = {"form": form, "template": None}
    return render(request, "desk/departures/checklists/checklist.html", context, status=_status(form))


@requires(Permission.RUN_PROGRAMME)
@require_http_methods(["GET", "POST"])
def show_checklist(request: HttpRequest, pk: int) -> HttpResponse:
    """One checklist: for whom it is, and its steps."""
    template = _template(pk)
    form = ChecklistForm(request.POST) if request.method == "POST" else ChecklistForm(initial=_filled(template))
    if form.is_bound and form.is_valid():
        try:
            actions.change_checklist(template=template, conditions=form.conditions(), by=actor(request), now=now())
        except actions.AsksForNothingError:
            form.add_error(None, _asks_for_nothing())
        else:
            messages.success(request, _("Kept, for whoever leaves from now on."))
            return redirect("checklist", pk)
    steps = [(step, reckoned_words(step)) for step in template.steps.filter(retired_at=None)]
    leaving = leaving_by(template=template, day=today(now=now())).count()
    context = {"form": form, "template": template, "steps": steps, "leaving": leaving}
    return render(request, "desk/departures/checklists/checklist.html", context, status=_status(form))


@requires(Permission.RUN_PROGRAMME)
@require_POST
def choose_default(request: HttpRequest, pk: int) -> HttpResponse:
    template = _template(pk)
    actions.make_default(template=template, by=actor(request), now=now())
    messages.success(request, _("%(name)s is for everybody for whom no other fits.") % {"name": template.name})
    return redirect("checklist", pk)


@requires(Permission.RUN_PROGRAMME)
@require_POST
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    template = _template(pk)
    try:
        actions.retire_checklist(template=template, by=actor(request), now=now())
    except actions.DefaultChecklistError:
        messages.warning(request, _("This one is for everybody else. Choose another one for that first."))
        return redirect("checklist", pk)
    messages.success(request, _("%(name)s is not used any more. Who has it keeps it.") % {"name": template.name})
    return redirect("checklists")


@requires(Permission.RUN_PROGRAMME)
@require_http_methods(["GET", "POST"])
def new_step(request: HttpRequest, pk: int) -> HttpResponse:
    template = _template(pk)
    leaving = leaving_by(template=template, day=today(now=now())).count()
    form = ChecklistStepForm(request.POST if request.method == "POST" else None, leaving=leaving)
    if form.is_bound and form.is_valid():
        actions.add_step(
            template=template,
            words=form.step_words(),
            also_now=form.says_also_now,
            by=actor(request),
            now=now(),
        )
        messages.success(request, _("Added."))
        return redirect("checklist", pk)
    return _step_page(request, template, None, form)


@requires(Permission.RUN_PROGRAMME)
@require_http_methods(["GET", "POST"])
def show_step(request: HttpRequest, pk: int, step_id: int) -> HttpResponse:
    template, step = _template(pk), _step(pk, step_id)
    leaving = leaving_by(template=template, day=today(now=now())).count()
    if request.method == "POST":
        form = ChecklistStepForm(request.POST, leaving=leaving)
    else:
        names = ("kind", "title", "owner", "offset_days", "anchor", "usual_cost", "currency")
        form = ChecklistStepForm(initial={name: getattr(step, name) for name in names}, leaving=leaving)
    if form.is_bound and form.is_valid():
        actions.change_step(
            step=step, words=form.step_words(), also_now=form.says_also_now, by=actor(request), now=now()
        )
        messages.success(request, _("Kept."))
        return redirect("checklist", pk)
    return _step_page(request, template, step, form)


@requires(Permission.RUN_PROGRAMME)
@require_POST
def move(request: HttpRequest, pk: int, step_id: int) -> HttpResponse:
    actions.move_step(step=_step(pk, step_id), up="up" in request.POST, by=actor(request), now=now())
    return redirect("checklist", pk)


@requires(Permission.RUN_PROGRAMME)
@require_POST
def take_out(request: HttpRequest, pk: int, step_id: int) -> HttpResponse:
    """A step is not wanted any more; with `also_now` for those who are leaving now neither."""
    step = _step(pk, step_id)
    actions.retire_step(step=step, also_now="also_now" in request.POST, by=actor(request), now=now())
    messages.success(request, _("Taken out: %(step)s.") % {"step": step.words})
    return redirect("checklist", pk)


def _asks_for_nothing() -> str:
    return _("Say for whom it is: how it ends, a kind of contract, or a department.")


def _step_page(
    request: HttpRequest, template: ChecklistTemplate, step: ChecklistStep | None, form: ChecklistStepForm
) -> HttpResponse:
    context = {"template": template, "step": step, "form": form}
    return render(request, "desk/departures/checklists/step.html", context, status=_status(form))


def _template(pk: int) -> ChecklistTemplate:
    return get_object_or_404(ChecklistTemplate, pk=pk, retired_at=None)


def _step(pk: int, step_id: int) -> ChecklistStep:
    step = ChecklistStep.objects.select_related("template").filter(pk=step_id, template=pk, retired_at=None).first()
    if step is None or step.template.retired_at is not None:
        raise Http404
    return step


def _filled(template: ChecklistTemplate) -> dict[str, Any]:
    return {
        "name": template.name,
        "how_ended": template.how_ended,
        "contract_kinds": template.contract_kinds,
        "departments": template.departments,
    }


def _for_whom(template: ChecklistTemplate, departments: dict[int, str]) -> str:
    asked = [str(HowEnded(how).label) for how in template.how_ended]
    asked += [departments[pk] for pk in template.departments if pk in departments]
    asked += [str(ContractKind(kind).label) for kind in template.contract_kinds]
    if template.is_default:
        return _("For everybody for whom no other fits")
    return ", ".join(asked) or _("For nobody: it asks for nothing")


def _status(form: Any) -> int | None:
    return UNPROCESSABLE if form.is_bound else None
