"""The register of processing: the page, its files, and what the employer adds to a section."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.accounts.queries import names_behind
from perennial.accounts.roles import Permission
from perennial.audit.actions import record
from perennial.desk.register.files import as_csv, as_html, as_json, as_pdf
from perennial.desk.register.forms import WordsForm
from perennial.desk.register.words import facts_of, paper_of
from perennial.kernel.clock import local_date, now
from perennial.privacy.register.gathering import Register, gather
from perennial.privacy.register.portable import as_data
from perennial.programme.additions import add_words, versions, words_now
from perennial.programme.enums import Section
from perennial.web.access import actor, requires
from perennial.web.context import programme_of

UNPROCESSABLE = 422


@require_GET
@requires(Permission.KEEP_POLICY)
def register(request: HttpRequest) -> HttpResponse:
    """The register as it stands today."""
    found = _gathered(request)
    context = {"paper": paper_of(found), "no_contact": not found.programme.privacy_contact}
    return render(request, "desk/register/register.html", context)


@require_POST
@requires(Permission.KEEP_POLICY)
def export_register(request: HttpRequest) -> HttpResponse:
    """The register as a file: `pdf`, `html`, `json` or `csv`. The audit trail says who took it."""
    kind, found, moment = request.POST.get("format", ""), _gathered(request), now()
    name = f"register-of-processing-{found.on.isoformat()}"
    if kind == "pdf":
        answer = as_pdf(paper_of(found), name=name, foot=found.programme.organisation, made_at=moment)
    elif kind == "html":
        answer = as_html(paper_of(found), name=name)
    elif kind == "json":
        answer = as_json(as_data(found), name=name)
    elif kind == "csv":
        rows = [[str(entry.processing.title), *(what for _of, what in facts_of(entry))] for entry in found.entries]
        head = [_("Processing"), *(of for of, _what in facts_of(found.entries[0]))]
        answer = as_csv(head, rows, name=name)
    else:
        raise Http404
    record(
        deed="privacy.register_exported",
        by=actor(request),
        now=moment,
        subject_kind="programme",
        subject_key="1",
        details={"format": kind},
    )
    return answer


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_POLICY)
def words(request: HttpRequest, section: str) -> HttpResponse:
    """What is added to one section: the form, and every former version."""
    if section not in Section.values:
        raise Http404
    where = Section(section)
    if request.method == "POST":
        form = WordsForm(request.POST)
        if form.is_valid():
            row = add_words(section=where, text=form.cleaned_data["text"], by=actor(request), now=now())
            messages.success(request, _("Written down.") if row else _("Nothing changed."))
            return redirect("register")
    else:
        standing = words_now().get(where)
        form = WordsForm(initial={"text": standing.text if standing else ""})
    former = list(versions(section=where)[:50])
    names = names_behind(row.by for row in former)
    context: dict[str, Any] = {
        "section": where,
        "form": form,
        "former": [(row, names.get(row.by, _("by command"))) for row in former],
    }
    return render(request, "desk/register/words.html", context, status=UNPROCESSABLE if form.errors else 200)


def _gathered(request: HttpRequest) -> Register:
    programme = programme_of(request)
    return gather(programme=programme, on=local_date(at=now(), time_zone=programme.time_zone))
