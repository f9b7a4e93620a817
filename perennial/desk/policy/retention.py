"""The page on retention: what is due, runs and their records, and whom it leaves alone."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.accounts.roles import Permission
from perennial.desk.policy.forms import HoldForm
from perennial.kernel.clock import now
from perennial.kernel.countries import name_of
from perennial.privacy.announcing import announced, let_go_by_itself
from perennial.privacy.models import Hold, RetentionRun, RunState
from perennial.privacy.retention import (
    DELETED_HERE,
    HoldUnfitError,
    RunningAlreadyError,
    begin,
    cancel,
    dry_run,
    hold,
    lift,
)
from perennial.programme.enums import DataKind
from perennial.programme.queries import today
from perennial.web.access import actor, colleague, requires, sensitive
from perennial.web.context import programme_of

UNPROCESSABLE = 422
_RUNS_SHOWN = 20


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_POLICY)
def retention(request: HttpRequest) -> HttpResponse:
    """What is due is counted when asked (`?count=1`): it looks at everybody. A POST holds somebody's data."""
    form = HoldForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            hold(**form.cleaned_data, owner=colleague(request), by=actor(request), now=now())
        except HoldUnfitError:
            form.add_error("ends_on", _("Choose a day ahead, within three years."))
        else:
            messages.success(request, _("Retention leaves this person alone until then."))
            return redirect("retention")
    day = today(now=now())
    standing = Hold.objects.filter(lifted_at=None).select_related("person", "owner").order_by("ends_on", "pk")
    coming = announced()
    found = dry_run(now=now()) if "count" in request.GET else None
    context: dict[str, Any] = {
        "form": form,
        "by_itself": programme_of(request).lets_go_by_itself,
        "coming": coming,
        "announced": _gone(coming) if coming else [],
        "due": None if found is None else [_line(each) for each in found],
        "any_goes": any(each.count for each in found or () if each.kind in DELETED_HERE),
        "runs": [(run, _gone(run)) for run in _begun()[:_RUNS_SHOWN]],
        "running": RetentionRun.objects.filter(state=RunState.RUNNING).exists(),
        "holds": [(row, row.ends_on < day) for row in standing],
    }
    return render(request, "desk/policy/retention.html", context, status=UNPROCESSABLE if form.errors else 200)


@require_POST
@requires(Permission.KEEP_POLICY)
@sensitive
def begin_run(request: HttpRequest) -> HttpResponse:
    try:
        begin(by=actor(request), now=now())
    except RunningAlreadyError:
        messages.info(request, _("It runs already."))
    else:
        messages.success(request, _("Begun. It goes on by itself, some at a time, and can be stopped."))
    return redirect("retention")


@require_POST
@requires(Permission.KEEP_POLICY)
@sensitive
def by_itself(request: HttpRequest) -> HttpResponse:
    """Whether what is over goes by itself from now on: `wanted` is yes or no."""
    wanted = request.POST.get("wanted") == "yes"
    let_go_by_itself(wanted=wanted, by=actor(request), now=now())
    messages.success(
        request,
        _("From now on it goes by itself. Today announces each run a week ahead.")
        if wanted
        else _("Nothing goes by itself any more. What runs now can be stopped here."),
    )
    return redirect("retention")


@require_POST
@requires(Permission.KEEP_POLICY)
def stop_run(request: HttpRequest) -> HttpResponse:
    if cancel(by=actor(request), now=now()):
        messages.success(request, _("Stopped. What has gone stays gone; the next run goes on with the rest."))
    else:
        messages.info(request, _("Nothing runs."))
    return redirect("retention")


@require_POST
@requires(Permission.KEEP_POLICY)
def lift_hold(request: HttpRequest) -> HttpResponse:
    asked = request.POST.get("hold", "")
    row = Hold.objects.filter(pk=int(asked)).first() if asked.isdecimal() and len(asked) < 18 else None
    if row is not None and lift(held=row, by=actor(request), now=now()):
        messages.success(request, _("Lifted."))
    else:
        messages.info(request, _("It was lifted before."))
    return redirect("retention")


@require_GET
@requires(Permission.KEEP_POLICY)
def records(request: HttpRequest) -> HttpResponse:
    """The record of every run, as JSON: counts by kind, the rules that held, the policy's version. It names nobody."""
    fields = ("pk", "state", "at", "ended_at", "by", "policy_version", "rules", "due", "gone")
    answer = JsonResponse({"runs": list(_begun().order_by("pk").values(*fields))})
    answer["Content-Disposition"] = 'attachment; filename="retention.json"'
    return answer


def _line(each: Any) -> dict[str, Any]:
    language = get_language() or "en"
    countries = [(name_of(code, language=language) or _("not known"), many) for code, many in each.by_country.items()]
    return {
        "label": each.kind.label,
        "count": each.count,
        "countries": countries,
        "names": each.names,
        "goes": each.kind in DELETED_HERE,
    }


def _begun() -> QuerySet[RetentionRun]:
    return RetentionRun.objects.exclude(state=RunState.ANNOUNCED)


def _gone(run: RetentionRun) -> list[tuple[Any, int, int]]:
    return [(DataKind(kind).label, run.gone.get(kind, 0), sum(due.values())) for kind, due in run.due.items()]
