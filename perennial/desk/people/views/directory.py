"""The directory: who is found, in which columns, and a file of it."""

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from perennial.accounts.roles import Permission, may
from perennial.audit.actions import record
from perennial.desk.people.columns import columns_for, columns_of
from perennial.desk.people.export import FORMATS, TooManyForASheetError, write_people
from perennial.desk.people.forms import DirectoryForm
from perennial.desk.people.views.together import ticked
from perennial.desk.people.volume import enough, may_take_a_file
from perennial.kernel.clock import now
from perennial.people.directory import MOST_FOUND, find, matching
from perennial.people.enums import Sort
from perennial.people.queries import sees_everybody, visible_to
from perennial.programme.structure import chapters_of
from perennial.web.access import actor, colleague, file_offered, prove_again, requires

PAGE = 25
BAD_REQUEST = 400


@requires(Permission.SEE_PEOPLE)
@require_GET
def list_people(request: HttpRequest) -> HttpResponse:
    user = colleague(request)
    role, everybody = user.role, visible_to(user)
    form = DirectoryForm(request.GET, columns=columns_of(role), may_see_why=may(role, Permission.EDIT_PEOPLE))
    filters = form.filters()
    found = find(
        among=everybody,
        filters=filters,
        size=PAGE,
        before=_key(request, "before"),
        after=_key(request, "after"),
        sort=form.order(),
    )
    columns = columns_for(role, form.chosen_columns())
    return render(
        request,
        "desk/people/list.html",
        {
            "form": form,
            "found": found,
            "most": MOST_FOUND,
            "columns": columns,
            "rows": [(person, [(column, column.value(person)) for column in columns]) for person in found.people],
            # What the file is asked for with, as the page was: each name with each of its values.
            "asked": [(name, value) for name in form.fields for value in request.GET.getlist(name)],
            "sort": form.order(),
            "looking": bool(filters) or form.order() is not Sort.NAME,
            "asked_more": form.asks_more(),
            "formats": FORMATS,
            "may_edit": may(role, Permission.EDIT_PEOPLE),
            "may_import": may(role, Permission.IMPORT),
            "chapters": None if sees_everybody(user) else chapters_of(user),
        },
    )


@requires(Permission.SEE_PEOPLE)
@require_POST
def export_people(request: HttpRequest) -> HttpResponse | FileResponse:
    """A file of those who were ticked, or of everybody who is found; the audit trail says who took it.

    Who takes everybody proves once more who they are.
    """
    user = colleague(request)
    role, everybody = user.role, visible_to(user)
    form = DirectoryForm(request.POST, columns=columns_of(role), may_see_why=may(role, Permission.EDIT_PEOPLE))
    kind = request.POST.get("format", "")
    if kind not in FORMATS:
        return HttpResponse(_("Choose CSV or XLSX."), status=BAD_REQUEST, content_type="text/plain; charset=utf-8")
    columns = columns_for(role, form.chosen_columns())
    chosen = ticked(request)
    if chosen is not None and not chosen.exists():
        messages.error(request, _("Nobody was ticked. Tick those whom the file should hold."))
        return redirect("people")
    if chosen is None:
        prove_again(request)
        if (offer := file_offered(request)) is not None:
            return offer
    if not may_take_a_file(request, now=now()):
        return enough(request, files=True, now=now())
    people = matching(form.filters(), among=everybody) if chosen is None else chosen
    try:
        file, rows = write_people(people=people, columns=columns, kind=kind)
    except TooManyForASheetError:
        messages.error(request, _("So many people do not fit on a sheet. Take the CSV file."))
        return redirect("people")
    record(
        deed="people.exported",
        by=actor(request),
        now=now(),
        details={"rows": rows, "format": kind, "columns": [column.code for column in columns]},
    )
    return FileResponse(file, as_attachment=True, filename=f"people.{kind}", content_type=FORMATS[kind])


def _key(request: HttpRequest, name: str) -> str:
    """The key of a person at whom a page begins or ends; anything that cannot be one is as if there were none."""
    key = request.GET.get(name, "")[:40]
    return key if key.isprintable() else ""
