"""What leavers answer, as figures: the whole, taken apart, over time, in words of many, and as a file."""

import csv
import io
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from perennial.accounts.roles import Permission, may
from perennial.audit.actions import record
from perennial.departures.exit.closing import RECOMMEND, TEXTS_TOGETHER
from perennial.departures.exit.enums import QuestionKind
from perennial.departures.exit.figures import Dimension, Selection, Tally, comments, tallies, tallies_by
from perennial.departures.exit.questionnaire import Asked, wordings
from perennial.desk.exit.forms import SelectionForm
from perennial.desk.exit.words import Section, option_of, parted, row_of, section, section_of
from perennial.intake.values import disarm
from perennial.kernel.clock import now
from perennial.web.access import actor, colleague, requires

UNPROCESSABLE = 422
DIMENSIONS = {
    Dimension.DEPARTMENT: gettext_lazy("by department"),
    Dimension.SERVICE: gettext_lazy("by length of service"),
    Dimension.ENDING: gettext_lazy("by how it ended"),
    Dimension.MONTH: gettext_lazy("over time"),
}


@requires(Permission.SEE_FIGURES)
@require_GET
def show_exit_figures(request: HttpRequest) -> HttpResponse:
    """Every question, over the groups that lie within what was chosen."""
    form = SelectionForm(request.GET)
    if not form.is_valid():
        return render(request, "desk/exit/figures.html", {"form": form}, status=UNPROCESSABLE)
    questions, found = wordings(language=_language()), tallies(selection=form.selection())
    context = {
        "form": form,
        "narrowed": form.selection() != Selection(),
        "recommend": row_of(_("Would recommend us"), found.get(RECOMMEND)),
        "satisfaction": _satisfaction(questions, found),
        "sections": [
            section_of(question, found.get(question.code))
            for question in questions.values()
            if question.kind != QuestionKind.TEXT and not question.about
        ],
        "texts": [
            (question, found[question.code].n)
            for question in questions.values()
            if question.kind == QuestionKind.TEXT and question.code in found
        ],
        "least": TEXTS_TOGETHER,
        "may_edit": may(colleague(request).role, Permission.RUN_PROGRAMME),
    }
    return render(request, "desk/exit/figures.html", context)


@requires(Permission.SEE_FIGURES)
@require_GET
def take_apart(request: HttpRequest, code: str) -> HttpResponse:
    """One question by department, length of service, ending or month."""
    question = _question(code)
    if question.kind == QuestionKind.TEXT or request.GET.get("by", "") not in ("", *Dimension):
        raise Http404
    dimension = Dimension(request.GET.get("by") or Dimension.DEPARTMENT)
    form = SelectionForm(request.GET)
    context: dict[str, Any] = {"form": form, "question": question, "by": dimension, "dimensions": DIMENSIONS.items()}
    if not form.is_valid():
        return render(request, "desk/exit/apart.html", context, status=UNPROCESSABLE)
    option = option_of(question, request.GET.get("answer", ""))
    selection = form.selection()
    whole = tallies(selection=selection, question=code).get(code)
    found = tallies_by(selection=selection, question=code, dimension=dimension)
    context |= {
        "option": option,
        "whole": row_of(_("All together"), whole, option=option),
        "section": parted(question, found, dimension=dimension, option=option),
        "narrowed": selection != Selection(),
    }
    return render(request, "desk/exit/apart.html", context)


@requires(Permission.SEE_FIGURES)
@require_GET
def show_comments(request: HttpRequest, code: str) -> HttpResponse:
    """What many people wrote, shuffled; never of fewer than ten together."""
    question = _question(code)
    if question.kind != QuestionKind.TEXT:
        raise Http404
    form = SelectionForm(request.GET)
    if not form.is_valid():
        return render(request, "desk/exit/comments.html", {"form": form, "question": question}, status=UNPROCESSABLE)
    texts = comments(selection=form.selection(), question=code)
    context = {"form": form, "question": question, "texts": texts, "least": TEXTS_TOGETHER}
    return render(request, "desk/exit/comments.html", context)


@requires(Permission.SEE_FIGURES)
@require_POST
def export_exit_figures(request: HttpRequest) -> HttpResponse:
    """The numbers of the page, and no others, as CSV; the audit trail says who took them."""
    form = SelectionForm(request.POST)
    if not form.is_valid():
        return render(request, "desk/exit/figures.html", {"form": form}, status=UNPROCESSABLE)
    questions, found = wordings(language=_language()), tallies(selection=form.selection())
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([_("Question"), _("Answer"), _("Value"), _("Unit"), _("Of how many"), _("From"), _("To")])
    score = section("", "", [row_of(_("Would recommend us"), found.get(RECOMMEND))], None)
    shown = [
        section_of(question, found.get(question.code))
        for question in questions.values()
        if question.kind != QuestionKind.TEXT
    ]
    for each in (score, *shown):
        for row in each.rows:
            cells = [row.value, row.unit, row.n, row.low, row.high] if row.value is not None else [row.why_not]
            writer.writerow([disarm(each.title), disarm(row.label), *("" if cell is None else cell for cell in cells)])
    record(deed="departures.exit_figures_exported", by=actor(request), now=now())
    return HttpResponse(
        text.getvalue().encode("utf-8-sig"),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="exit-figures.csv"'},
    )


def _satisfaction(questions: dict[str, Asked], found: dict[str, Tally]) -> Section:
    asked = [question for question in questions.values() if question.about]
    rows = [row_of(question.label, found.get(question.code)) for question in asked]
    return section("", _("How satisfied were you?"), rows, None)


def _question(code: str) -> Asked:
    question = wordings(language=_language()).get(code)
    if question is None:
        raise Http404
    return question


def _language() -> str:
    return get_language() or "en"
