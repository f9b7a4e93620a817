"""The impact assessment as page and file, and what those who represent the staff said."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.accounts.roles import Permission
from perennial.audit.actions import record
from perennial.desk.register.assessment_words import assessment_paper, gate_words
from perennial.desk.register.files import as_html, as_pdf
from perennial.desk.register.forms import CouncilForm
from perennial.desk.register.words import country_words
from perennial.kernel.clock import local_date, now
from perennial.privacy.register.assessment import Assessment, assess
from perennial.programme.councils import AnswerUnfitError, NoSuchGateError, gates, write_answer
from perennial.web.access import actor, requires
from perennial.web.context import programme_of

UNPROCESSABLE = 422


@require_GET
@requires(Permission.KEEP_POLICY)
def assessment(request: HttpRequest) -> HttpResponse:
    """The draft as it stands today."""
    return render(request, "desk/register/assessment.html", {"paper": assessment_paper(_assessed(request))})


@require_POST
@requires(Permission.KEEP_POLICY)
def export_assessment(request: HttpRequest) -> HttpResponse:
    """The draft as `pdf` to be signed, or as `html` to be edited. The audit trail says who took it."""
    kind, moment, found = request.POST.get("format", ""), now(), _assessed(request)
    name, paper = f"impact-assessment-{found.register.on.isoformat()}", assessment_paper(found)
    if kind == "pdf":
        answer = as_pdf(paper, name=name, foot=found.register.programme.organisation, made_at=moment)
    elif kind == "html":
        answer = as_html(paper, name=name)
    else:
        raise Http404
    record(
        deed="privacy.assessment_exported",
        by=actor(request),
        now=moment,
        subject_kind="programme",
        subject_key="1",
        details={"format": kind},
    )
    return answer


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_POLICY)
def council(request: HttpRequest) -> HttpResponse:
    """What is asked of those who represent the staff, country by country, and the form for what they said."""
    programme = programme_of(request)
    found = gates(programme=programme, on=local_date(at=now(), time_zone=programme.time_zone))
    choices = [
        (f"{each.country}.{each.gate.value}", f"{country_words(each.country)}: {each.gate.label}") for each in found
    ]
    form = CouncilForm(request.POST or None, gates=choices)
    if request.method == "POST" and form.is_valid() and _answered(form, request):
        messages.success(request, _("Written down."))
        return redirect("council")
    rows = [(each, country_words(each.country), gate_words(each)) for each in found]
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "desk/register/council.html", {"rows": rows, "form": form}, status=status)


def _answered(form: CouncilForm, request: HttpRequest) -> bool:
    country, _dot, gate = form.cleaned_data["gate"].partition(".")
    said = {name: form.cleaned_data[name] for name in ("outcome", "answered_on", "note")}
    try:
        write_answer(country=country, gate=gate, **said, by=actor(request), now=now())
    except AnswerUnfitError:
        form.add_error("note", _("On a day that has come; and where nobody need be asked, say why."))
    except NoSuchGateError:
        form.add_error("gate", _("That is not asked there any more."))
    else:
        return True
    return False


def _assessed(request: HttpRequest) -> Assessment:
    programme = programme_of(request)
    return assess(programme=programme, on=local_date(at=now(), time_zone=programme.time_zone))
