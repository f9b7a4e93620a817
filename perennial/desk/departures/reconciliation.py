"""Who should have been invited and was not, and why: a period, its numbers, the people behind them, a file."""

import csv
import io
import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from typing import IO

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from perennial.accounts.roles import Permission, may
from perennial.audit.actions import record
from perennial.departures.enums import Outcome
from perennial.departures.models import Departure
from perennial.departures.reconciliation import REACHED, leavers, reconcile, without_day
from perennial.desk.departures.forms import PeriodForm
from perennial.desk.people.volume import enough, may_take_a_file
from perennial.intake.values import disarm
from perennial.kernel.clock import now
from perennial.people.models import Person, Stint
from perennial.programme.queries import today
from perennial.web.access import actor, colleague, requires

PAGE = 50
A_YEAR = timedelta(days=364)
UNPROCESSABLE = 422
CHUNK = 1_000
# Beside the outcomes: those who lie in no period, because their last day is not known.
WITHOUT_DAY = "without-day"


@requires(Permission.SEE_DEPARTURES)
@require_GET
def show_reconciliation(request: HttpRequest) -> HttpResponse:
    """The numbers of a period, by default of the year that ends today; with `outcome` the people behind one of them."""
    day = today(now=now())
    form = PeriodForm(request.GET if "first_day" in request.GET else {"first_day": day - A_YEAR, "last_day": day})
    if not form.is_valid():
        return render(request, "desk/departures/reconciliation.html", {"form": form}, status=UNPROCESSABLE)
    first_day, last_day = form.cleaned_data["first_day"], form.cleaned_data["last_day"]
    outcome = request.GET.get("outcome", "")
    tells_death = _tells_death(request)
    if outcome not in ("", WITHOUT_DAY, *Outcome.values) or (outcome == Outcome.DIED and not tells_death):
        raise Http404
    found = reconcile(first_day=first_day, last_day=last_day, now=now(), tells_death=tells_death)
    context: dict[str, object] = {
        "form": form,
        "first_day": first_day,
        "last_day": min(last_day, day),
        "found": found,
        "reached": [(each, found.outcomes[each]) for each in REACHED],
        "missed": [(each, many) for each, many in found.outcomes.items() if many and each not in REACHED],
        "outcome": outcome,
        "without_day": WITHOUT_DAY,
    }
    if outcome:
        context |= _people(first_day, last_day, outcome, request.GET.get("page"), tells_death)
    return render(request, "desk/departures/reconciliation.html", context)


@requires(Permission.SEE_DEPARTURES)
@require_POST
def export_reconciliation(request: HttpRequest) -> HttpResponse | FileResponse:
    """The leavers of the period, or those of one outcome, as CSV; the audit trail says who took it."""
    form = PeriodForm(request.POST)
    outcome, tells_death = request.POST.get("outcome", ""), _tells_death(request)
    if outcome not in ("", *Outcome.values) or (outcome == Outcome.DIED and not tells_death):
        raise Http404
    if not form.is_valid():
        return render(request, "desk/departures/reconciliation.html", {"form": form}, status=UNPROCESSABLE)
    if not may_take_a_file(request, now=now()):
        return enough(request, files=True, now=now())
    first_day, last_day = form.cleaned_data["first_day"], form.cleaned_data["last_day"]
    file, rows = _write(first_day, last_day, Outcome(outcome) if outcome else None, tells_death)
    record(
        deed="departures.reconciliation_exported",
        by=actor(request),
        now=now(),
        details={
            "rows": rows,
            "first_day": first_day.isoformat(),
            "last_day": last_day.isoformat(),
            "outcome": outcome or "all",
        },
    )
    return FileResponse(
        file, as_attachment=True, filename="who-was-invited.csv", content_type="text/csv; charset=utf-8"
    )


def _tells_death(request: HttpRequest) -> bool:
    """How somebody left is for those who keep the records; to the others a departure was called off."""
    return may(colleague(request).role, Permission.EDIT_PEOPLE)


def _people(first_day: date, last_day: date, outcome: str, number: str | None, tells_death: bool) -> dict[str, object]:
    """A page of the people behind a number: person, stint and departure, where there is one."""
    if outcome == WITHOUT_DAY:
        undated = Paginator(without_day(first_day=first_day, last_day=last_day), PAGE).get_page(number)
        rows: list[tuple[Person, Stint, Departure | None]] = [(row.person, row.stint, row) for row in undated]
        return {"page": undated, "rows": rows, "label": _("The last day is not known")}
    asked = leavers(
        first_day=first_day, last_day=last_day, now=now(), tells_death=tells_death, outcome=Outcome(outcome)
    )
    page = Paginator(asked, PAGE).get_page(number)
    rows = [(row.person, row, getattr(row, "departure", None)) for row in page]
    return {"page": page, "rows": rows, "label": Outcome(outcome).label}


def _write(first_day: date, last_day: date, outcome: Outcome | None, tells_death: bool) -> tuple[IO[bytes], int]:
    """A temporary file, open at its beginning, and how many rows it has; what a spreadsheet could run is disarmed."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever sends it closes it, and with that it is gone
    # With its mark, so that a spreadsheet takes it for UTF-8.
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([_("Full name"), _("Department"), _("Location"), _("Last day"), _("Invited"), _("What came of it")])
    count = 0
    for row in _cells(first_day, last_day, outcome, tells_death):
        writer.writerow([disarm(cell) for cell in row])
        count += 1
    text.detach()
    file.seek(0)
    return file, count


def _cells(first_day: date, last_day: date, outcome: Outcome | None, tells_death: bool) -> Iterator[list[str]]:
    rows = leavers(first_day=first_day, last_day=last_day, now=now(), tells_death=tells_death, outcome=outcome)
    for row in rows.iterator(chunk_size=CHUNK):
        stands = Outcome(row.outcome)
        yield [
            row.person.full_name,
            row.department.name if row.department else "",
            row.place.name if row.place else "",
            row.ends_on.isoformat(),
            _("yes") if stands in REACHED else _("no"),
            str(stands.label),
        ]
