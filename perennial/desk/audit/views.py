"""The audit trail: who saw and changed what, searched, and as a file."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from perennial.accounts.queries import names_behind
from perennial.accounts.roles import Permission
from perennial.audit.actions import record
from perennial.audit.models import Event
from perennial.audit.queries import Wanted, found, page_of
from perennial.desk.audit.forms import AuditFilter
from perennial.desk.audit.words import deed_words
from perennial.intake.values import cell_of
from perennial.kernel.clock import now
from perennial.people.directory import Filters, find
from perennial.people.models import Person
from perennial.people.queries import visible_to
from perennial.web.access import actor, colleague, requires, sensitive_file
from perennial.web.context import programme_of

PAGE = 50
# People of one name who are offered, and rows of one file: more are asked for by a shorter period.
NAMESAKES = 10
MOST_ROWS = 100_000
UNPROCESSABLE = 422


@dataclass(frozen=True)
class Line:
    """One event as it is told."""

    at: datetime
    who: str
    what: str
    whom: str
    person_key: str
    details: str


@dataclass(frozen=True)
class Search:
    """What was asked, as the trail knows it, and the people among whom one must still choose."""

    wanted: Wanted
    about: Person | None
    namesakes: Sequence[Person]
    nobody: bool = False


@requires(Permission.SEE_AUDIT)
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """A page of what fits. Each costs the same: nothing is counted."""
    form = AuditFilter(request.GET or None)
    asked = _asked(request, form)
    page = None
    if asked is not None and not asked.namesakes and not asked.nobody:
        page = page_of(asked.wanted, size=PAGE, after=request.GET.get("after", ""))
    return render(
        request,
        "desk/audit/search.html",
        {
            "form": form,
            "lines": _lines(page.events) if page else [],
            "further": page.further if page else "",
            "about": asked.about if asked else None,
            "namesakes": asked.namesakes if asked else [],
            "nobody": bool(asked and asked.nobody),
            "filtered": any(request.GET.get(name) for name in form.fields),
            "asked": [(name, request.GET[name]) for name in form.fields if request.GET.get(name)],
        },
        status=UNPROCESSABLE if form.errors else None,
    )


@requires(Permission.SEE_AUDIT)
@require_POST
@sensitive_file
def export(request: HttpRequest) -> HttpResponse:
    """The same as a file, the last first; that somebody took it stands in the trail too."""
    form = AuditFilter(request.POST)
    asked = _asked(request, form)
    if asked is None or asked.namesakes or asked.nobody:
        return render(
            request, "desk/audit/search.html", {"form": form, "filtered": True, "nobody": True}, status=UNPROCESSABLE
        )
    events = list(found(asked.wanted)[:MOST_ROWS])
    record(
        deed="audit.exported",
        by=actor(request),
        now=now(),
        subject_kind=asked.wanted.subject_kind,
        subject_key=asked.wanted.subject_key,
        details={"rows": len(events)},
    )
    response = HttpResponse(_as_csv(_lines(events)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return response


def _asked(request: HttpRequest, form: AuditFilter) -> Search | None:
    """None where the form has a mistake."""
    if not form.is_bound:
        return Search(Wanted(), None, [])
    if not form.is_valid():
        return None
    fields = form.cleaned_data
    zone = ZoneInfo(programme_of(request).time_zone)
    wanted = Wanted(by=fields["by"], deeds=form.deeds())
    if fields["since"]:
        wanted = replace(wanted, since=datetime.combine(fields["since"], time.min, zone).astimezone(UTC))
    if fields["until"]:
        after = fields["until"] + timedelta(days=1)
        wanted = replace(wanted, until=datetime.combine(after, time.min, zone).astimezone(UTC))
    text = fields["person"].strip()
    if not text:
        return Search(wanted, None, [])
    person = Person.objects.filter(key=text).first()
    if person is not None or _has_events(text):
        return Search(replace(wanted, subject_kind="person", subject_key=text), person, [])
    told = find(among=visible_to(colleague(request)), filters=Filters(text=text), size=NAMESAKES)
    people = list(told.people)
    # Who is only spelled alike is asked about first.
    if len(people) == 1 and not told.near:
        return Search(replace(wanted, subject_kind="person", subject_key=people[0].key), people[0], [])
    return Search(wanted, None, people, nobody=not people)


def _has_events(key: str) -> bool:
    """Whether somebody with this key is known to the trail: who was erased is known to nothing else."""
    return " " not in key and Event.objects.filter(subject_kind="person", subject_key=key).exists()


def _lines(events: Sequence[Event]) -> list[Line]:
    """Events in words, with the names of those who are still known, in three statements."""
    by = {event.by for event in events}
    colleagues = names_behind(by | {f"user:{event.subject_key}" for event in events if event.subject_kind == "user"})
    keys = {event.subject_key for event in events if event.subject_kind == "person"}
    keys |= {label.removeprefix("person:") for label in by if label.startswith("person:")}
    people = dict(Person.objects.filter(key__in=keys).order_by("pk").values_list("key", "full_name")) if keys else {}
    return [
        Line(
            at=event.at,
            who=_who(event.by, colleagues, people),
            what=deed_words(event.deed),
            whom=_whom(event, colleagues, people),
            person_key=event.subject_key if event.subject_key in people else "",
            details=", ".join(f"{name.replace('_', ' ')}: {_plain(value)}" for name, value in event.details.items()),
        )
        for event in events
    ]


def _who(label: str, colleagues: dict[str, str], people: dict[str, str]) -> str:
    if label.startswith("user:"):
        return colleagues.get(label) or _("a former colleague")
    if label.startswith("person:"):
        return people.get(label.removeprefix("person:")) or _("somebody who was erased")
    return _("Perennial itself") if label == "system" else label


def _whom(event: Event, colleagues: dict[str, str], people: dict[str, str]) -> str:
    if event.subject_kind == "person":
        return people.get(event.subject_key) or _("erased (%(key)s)") % {"key": event.subject_key}
    if event.subject_kind == "user":
        return colleagues.get(f"user:{event.subject_key}") or _("a former colleague")
    return event.subject_kind.replace("_", " ")


def _plain(value: object) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    if isinstance(value, dict):
        return " ".join(f"{name} {many}" for name, many in value.items())
    return "–" if value is None else str(value)


def _as_csv(lines: Iterable[Line]) -> bytes:
    # With its mark, so that a spreadsheet takes it for UTF-8; no cell of it is a formula.
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([_("When"), _("Who"), _("What"), _("About whom"), _("Details")])
    for line in lines:
        cells = (line.at.isoformat(timespec="seconds"), line.who, line.what, line.whom, line.details)
        writer.writerow([cell_of(cell) for cell in cells])
    return b"\xef\xbb\xbf" + text.getvalue().encode()
