"""Records of legitimate interest: which stand, what is open with a proposed text, one written anew, all as a file."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.accounts.queries import names_behind
from perennial.accounts.roles import Permission
from perennial.audit.actions import record
from perennial.desk.register.files import as_html, as_json, as_pdf
from perennial.desk.register.forms import ProposalForm, RecordForm
from perennial.desk.register.words import interests_paper, standing_words
from perennial.kernel.clock import local_date, now
from perennial.privacy.register.portable import interests_as_data
from perennial.privacy.register.processings import PROCESSINGS
from perennial.privacy.register.proposals import PROPOSALS
from perennial.programme.enums import Interest
from perennial.programme.interests import (
    AlreadyWeighedError,
    ReviewUnfitError,
    StepMissingError,
    records_of,
    standings,
    write_record,
)
from perennial.web.access import actor, colleague, requires
from perennial.web.context import programme_of

UNPROCESSABLE = 422
_CARRIED_OVER = ("interest", "necessity", "balancing", "decided_by")
# What is proposed: what was weighed is looked at again while somebody still remembers it.
_A_YEAR = timedelta(days=365)
_PURPOSES = {each.code: each.purpose for each in PROCESSINGS}


@require_GET
@requires(Permission.KEEP_POLICY)
def interests(request: HttpRequest) -> HttpResponse:
    """Each processing on legitimate interest, and where its record stands."""
    day = local_date(at=now(), time_zone=programme_of(request).time_zone)
    found = standings(on=day)
    rows = [(each, _PURPOSES[each.processing], standing_words(each)) for each in found]
    unwritten = sum(each.record is None for each in found)
    return render(request, "desk/register/interests.html", {"rows": rows, "unwritten": unwritten})


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_POLICY)
def open_interests(request: HttpRequest) -> HttpResponse:
    """What has no record yet, each with a text to read, change and agree with; one press writes down one of them."""
    day = local_date(at=now(), time_zone=programme_of(request).time_zone)
    what, sent = None, None
    if request.method == "POST":
        what = _known(request.POST.get("processing", ""))
        sent = ProposalForm(request.POST, prefix=what)
        if sent.is_valid() and _written(sent, what, request, prevails=True, first=True):
            return redirect("interests-open")
    # What was sent stays on the page with its words, whatever others wrote in the meantime.
    shown = [each.processing for each in standings(on=day) if each.record is None or each.processing == what]
    rows = [(each, _PURPOSES[each], sent if sent and each == what else _proposed(each, day, request)) for each in shown]
    context = {"rows": rows, "opened": what or next(iter(shown), None)}
    return render(request, "desk/register/interests_open.html", context, status=UNPROCESSABLE if sent else 200)


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_POLICY)
def interest(request: HttpRequest, processing: str) -> HttpResponse:
    """One processing: the form for its next version, and every version before."""
    what = _known(processing)
    former = list(records_of(processing=what)[:50])
    if request.method == "POST":
        form = RecordForm(request.POST)
        if form.is_valid() and _written(form, what, request):
            return redirect("interests")
    else:
        form = RecordForm(initial={name: getattr(former[0], name) for name in _CARRIED_OVER} if former else None)
    names = names_behind(row.by for row in former)
    context: dict[str, Any] = {
        "processing": what,
        "purpose": _PURPOSES[what],
        "form": form,
        "former": [(row, names.get(row.by, _("a command"))) for row in former],
    }
    return render(request, "desk/register/interest.html", context, status=UNPROCESSABLE if form.errors else 200)


@require_POST
@requires(Permission.KEEP_POLICY)
def export_interests(request: HttpRequest) -> HttpResponse:
    """The records that hold, as `pdf`, `html` or `json`. The audit trail says who took them."""
    kind, moment, programme = request.POST.get("format", ""), now(), programme_of(request)
    day = local_date(at=moment, time_zone=programme.time_zone)
    found, name = standings(on=day), f"legitimate-interest-{day.isoformat()}"
    paper = interests_paper(found, programme=programme, on=day)
    if kind == "pdf":
        answer = as_pdf(paper, name=name, foot=programme.organisation, made_at=moment)
    elif kind == "html":
        answer = as_html(paper, name=name)
    elif kind == "json":
        answer = as_json(interests_as_data(found, organisation=programme.organisation, on=day), name=name)
    else:
        raise Http404
    record(
        deed="privacy.interests_exported",
        by=actor(request),
        now=moment,
        subject_kind="programme",
        subject_key="1",
        details={"format": kind},
    )
    return answer


def _known(processing: str) -> Interest:
    if processing not in Interest.values:
        raise Http404
    return Interest(processing)


def _proposed(processing: Interest, day: date, request: HttpRequest) -> ProposalForm:
    """A form that begins with the proposed text, with whoever reads it as the one who decides."""
    decided = {"decided_by": colleague(request).name, "decided_on": day, "review_on": day + _A_YEAR}
    return ProposalForm(prefix=processing, initial={**PROPOSALS[processing]._asdict(), **decided})


def _written(form: RecordForm, what: Interest, request: HttpRequest, **more: Any) -> bool:
    try:
        row = write_record(processing=what, **form.cleaned_data, **more, by=actor(request), now=now())
    except ReviewUnfitError:
        form.add_error(
            "review_on", _("Decided on a day that has come, and looked at again later, within three years of it.")
        )
        return False
    except AlreadyWeighedError:
        form.add_error(None, _("Somebody wrote it down in the meantime, so nothing was saved. Read what stands first."))
        return False
    except StepMissingError:
        form.add_error(None, _("All three questions want an answer, and somebody who decided."))
        return False
    if row.prevails:
        messages.success(request, _("Written down. It stands."))
    else:
        messages.warning(request, _("Written down: it may not be done. Stop what is running, or ask for agreement."))
    return True
