"""The Import pages: the list with its upload, one page an import that fills as one goes, and its files."""

from pathlib import Path

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRefresh

from perennial.accounts.roles import Permission
from perennial.desk.intake.forms import ColumnsForm, ForgetForm, ReadingForm, UploadForm, ValuesForm
from perennial.desk.intake.uploads import MOST_BYTES, LimitedUpload
from perennial.intake import queries, receiving, remembering, running, steps, undo_queries
from perennial.intake.columns import Field
from perennial.intake.enums import AT_WORK, OVER, EmptyCells, ImportState, Mode
from perennial.intake.models import ImportRun
from perennial.intake.reader.refusals import UnreadableFile
from perennial.intake.reader.table import Table
from perennial.intake.running import mapping_of, opened
from perennial.intake.template import LANGUAGES, csv_template, xlsx_template
from perennial.kernel.clock import now
from perennial.programme.models import Department, Place
from perennial.programme.queries import today
from perennial.web.access import actor, requires

UNPROCESSABLE = 422
PAGE = 20
TEMPLATE_LANGUAGES = (("en", "English"), ("nl", "Nederlands"), ("de", "Deutsch"), ("ru", "Русский"))
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
@requires(Permission.IMPORT)
def imports(request: HttpRequest) -> HttpResponse:
    """All imports, and the way to bring another file."""
    return _list_page(request, UploadForm())


@csrf_exempt
@require_POST
@requires(Permission.IMPORT)
def upload(request: HttpRequest) -> HttpResponse:
    """Takes a file to disk as it comes. The token is checked inside, when it is said where the file goes."""
    handler = LimitedUpload(request)
    request.upload_handlers = [handler]
    return _upload(request, handler)


@csrf_protect
def _upload(request: HttpRequest, handler: LimitedUpload) -> HttpResponse:
    form = UploadForm(request.POST, request.FILES)
    if handler.too_big:
        form.errors.clear()
        form.add_error("file", _("The file is bigger than %(most)s MB; split it.") % {"most": MOST_BYTES // 1024**2})
    if not form.is_valid():
        return _list_page(request, form, status=UNPROCESSABLE)
    file = form.cleaned_data["file"]
    try:
        run = receiving.receive_file(
            chunks=file.chunks(),
            file_name=file.name,
            source=form.cleaned_data["source"],
            by=actor(request),
            now=now(),
        )
    except receiving.FileRefusedError as refusal:
        form.add_error("file", str(refusal))
        return _list_page(request, form, status=UNPROCESSABLE)
    return redirect("import_run", key=run.key)


@require_GET
@requires(Permission.IMPORT)
def template_file(request: HttpRequest, name: str) -> HttpResponse:
    """The file to start from: leavers-<language>.csv or .xlsx."""
    for language in LANGUAGES:
        if name == f"leavers-{language}.csv":
            content, kind = csv_template(language=language, today=today(now=now())), "text/csv; charset=utf-8"
        elif name == f"leavers-{language}.xlsx":
            content, kind = xlsx_template(language=language, today=today(now=now())), _SHEET
        else:
            continue
        return HttpResponse(
            content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'}
        )
    raise Http404


@require_GET
@requires(Permission.IMPORT)
def source(request: HttpRequest) -> HttpResponse:
    """One source of files: what is remembered of it, and its last imports."""
    name = request.GET.get("name", "")
    found = queries.source_page(name) if name.isprintable() else None
    if found is None:
        raise Http404
    return render(request, "desk/intake/source.html", {"source": found})


@require_POST
@requires(Permission.IMPORT)
def forget(request: HttpRequest) -> HttpResponse:
    form = ForgetForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest()
    name, column, value = (form.cleaned_data[each] for each in ("name", "column", "value"))
    if column is not None:
        forgotten = remembering.forget_column(source=name, column=column, by=actor(request), now=now())
    else:
        forgotten = remembering.forget_value(source=name, value=value, by=actor(request), now=now())
    if not forgotten:
        raise Http404
    messages.success(request, _("Forgotten. The next file from here asks again."))
    where = reverse("import_source", query={"name": name})
    return redirect(where if queries.source_page(name) else "import")


@require_GET
@never_cache
@requires(Permission.IMPORT)
def import_run(request: HttpRequest, key: str) -> HttpResponse:
    """One import, at the step where it stands."""
    return _run_page(request, _run(key))


@require_GET
@never_cache
@requires(Permission.IMPORT)
def progress(request: HttpRequest, key: str) -> HttpResponse:
    """How far an import is, asked every second by its page; when the work is over the page comes anew."""
    run = _run(key)
    if run.state not in AT_WORK:
        return HttpResponseClientRefresh()
    return render(request, "desk/intake/progress.html", _work(run))


@require_POST
@requires(Permission.IMPORT)
def read_differently(request: HttpRequest, key: str) -> HttpResponse:
    run = _run(key)
    form = ReadingForm(request.POST, run=run, table=_table(run))
    if not form.is_valid():
        return _run_page(request, run, reading=form, status=UNPROCESSABLE)
    answers = form.cleaned_data
    try:
        steps.read_differently(
            run=run,
            encoding=answers.get("encoding"),
            delimiter=answers.get("delimiter"),
            sheet=answers.get("sheet"),
            source=answers["source"],
        )
    except receiving.FileRefusedError as refusal:
        form.add_error(None, str(refusal))
        return _run_page(request, run, reading=form, status=UNPROCESSABLE)
    except steps.NotNowError:
        return _too_late(request, run)
    return redirect("import_run", key=run.key)


@require_POST
@requires(Permission.IMPORT)
def choose_columns(request: HttpRequest, key: str) -> HttpResponse:
    run = _run(key)
    table = _table(run)
    if table is None:
        return _too_late(request, run)
    form = ColumnsForm(request.POST, run=run, table=table)
    if not form.is_valid():
        return _run_page(request, run, columns=form, status=UNPROCESSABLE)
    try:
        steps.choose_columns(
            run=run,
            mapping=form.mapping,
            date_order=form.cleaned_data.get("date_order") or run.date_order,
            mode=Mode(form.cleaned_data["mode"] or run.mode),
            empty_cells=EmptyCells(form.cleaned_data["empty_cells"] or run.empty_cells),
            by=actor(request),
            now=now(),
        )
    except receiving.FileRefusedError as refusal:
        form.add_error(None, str(refusal))
        return _run_page(request, run, columns=form, status=UNPROCESSABLE)
    except steps.NotNowError:
        return _too_late(request, run)
    return redirect("import_run", key=run.key)


@require_POST
@requires(Permission.IMPORT)
def choose_values(request: HttpRequest, key: str) -> HttpResponse:
    run = _run(key)
    form = ValuesForm(request.POST, run=run, names=_names_on_file())
    if not form.is_valid():
        return _run_page(request, run, values=form, status=UNPROCESSABLE)
    try:
        steps.choose_values(run=run, meanings=form.meanings, by=actor(request), now=now())
    except steps.NotNowError:
        return _too_late(request, run)
    return redirect("import_run", key=run.key)


@require_POST
@requires(Permission.IMPORT)
def apply(request: HttpRequest, key: str) -> HttpResponse:
    run = _run(key)
    try:
        steps.apply(run=run, by=actor(request), now=now())
    except steps.NotNowError:
        return _too_late(request, run)
    return redirect("import_run", key=run.key)


@require_POST
@requires(Permission.IMPORT)
def cancel(request: HttpRequest, key: str) -> HttpResponse:
    run = _run(key)
    try:
        steps.cancel(run=run, by=actor(request), now=now())
    except steps.NotNowError:
        return _too_late(request, run)
    return redirect("import_run", key=run.key)


@require_POST
@requires(Permission.IMPORT)
def resume(request: HttpRequest, key: str) -> HttpResponse:
    run = _run(key)
    try:
        steps.resume(run=run, by=actor(request), now=now())
    except steps.NotNowError:
        return _too_late(request, run)
    return redirect("import_run", key=run.key)


@require_http_methods(["GET", "POST"])
@never_cache
@requires(Permission.IMPORT)
def undo(request: HttpRequest, key: str) -> HttpResponse:
    """What undoing an import would do; with POST it is done."""
    run = _run(key)
    if not undo_queries.can_undo(run, now=now()):
        return _too_late(request, run)
    if request.method != "POST":
        look = undo_queries.undo_look(run)
        return render(request, "desk/intake/undo.html", {"run": run, "look": look})
    try:
        steps.undo(run=run, by=actor(request), now=now())
    except steps.NotNowError:
        return _too_late(request, run)
    return redirect("import_run", key=run.key)


@require_GET
@never_cache
@requires(Permission.IMPORT)
def rejected_file(request: HttpRequest, key: str) -> FileResponse:
    """The rejected rows with their reasons, to be corrected and brought again."""
    run = _run(key)
    path = Path(run.errors_path)
    if not run.errors_path or not path.is_file():
        raise Http404
    name = f"{Path(run.file_name).stem}-rejected{path.suffix}"
    return FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=name,
        content_type=_SHEET if path.suffix == ".xlsx" else "text/csv; charset=utf-8",
    )


def _names_on_file() -> dict[Field, list[str]]:
    """What departments and places are called, to choose from."""
    return {
        Field.DEPARTMENT: list(Department.objects.values_list("name", flat=True)),
        Field.PLACE: list(Place.objects.values_list("name", flat=True)),
    }


def _run(key: str) -> ImportRun:
    return get_object_or_404(ImportRun, key=key)


def _list_page(request: HttpRequest, form: UploadForm, status: int = 200) -> HttpResponse:
    page = Paginator(queries.runs(), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "form": form,
        "sources": queries.sources(),
        "template_languages": TEMPLATE_LANGUAGES,
    }
    return render(request, "desk/intake/list.html", context, status=status)


def _run_page(
    request: HttpRequest,
    run: ImportRun,
    *,
    reading: ReadingForm | None = None,
    columns: ColumnsForm | None = None,
    values: ValuesForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"run": run, "steps": _steps(run), **_work(run)}
    if run.state in (ImportState.MAPPING, ImportState.READY):
        table = _table(run)
        context["table"] = table
        context["reading"] = reading or ReadingForm(run=run, table=table)
        if table is not None:
            context["columns"] = columns or ColumnsForm(run=run, table=table)
            context["preview"] = [row.cells for row in table.sample[:5]]
    if run.state == ImportState.MAPPING and run.unknown_values:
        context["values"] = values or ValuesForm(run=run, names=_names_on_file())
    if run.state == ImportState.READY:
        context["differences"] = queries.differences(run)
        context["left_out"] = queries.columns_unknown(header=run.header, mapping=mapping_of(run), source=run.source)
    elif run.rejected:
        context["conflicts"] = queries.rejected_rows(run, conflict=True)
        context["rejected"] = queries.rejected_rows(run, conflict=False)
    if run.state == ImportState.UNDONE:
        context["undone"] = undo_queries.undo_result(run)
    if run.state in OVER:
        context["can_undo"] = undo_queries.can_undo(run, now=now())
    return render(request, "desk/intake/run.html", context, status=status)


def _table(run: ImportRun) -> Table | None:
    """The file as far as its first rows; None where it cannot be read as it was chosen."""
    if run.state not in (ImportState.MAPPING, ImportState.READY):
        return None
    try:
        return opened(run)
    except UnreadableFile:
        return None


def _work(run: ImportRun) -> dict[str, object]:
    return {
        "run": run,
        "at_work": run.state in AT_WORK,
        "abandoned": running.is_abandoned(run),
        "may_stop": not run.undone_by,
        "work_label": {
            ImportState.STAGING: _("Comparing with what is on file"),
            ImportState.QUEUED: _("Waiting for its turn"),
            ImportState.APPLYING: _("Writing to people's records"),
            ImportState.UNDOING: _("Taking back what it wrote"),
        }.get(ImportState(run.state), ""),
    }


def _steps(run: ImportRun) -> list[dict[str, str]]:
    """The five steps, with the one where this import stands."""
    labels = [_("File"), _("Columns"), _("Values"), _("Differences"), _("Done")]
    now_at = {
        ImportState.UPLOADED: 0,
        ImportState.MAPPING: 2 if run.date_example or run.unknown_values else 1,
        ImportState.STAGING: 2,
        ImportState.READY: 3,
        ImportState.QUEUED: 4,
        ImportState.APPLYING: 4,
        ImportState.DONE: 5,
        ImportState.CANCELLED: 4,
        ImportState.FAILED: 4 if run.compared_at else 2,
        ImportState.UNDOING: 5,
        ImportState.UNDONE: 5,
    }[ImportState(run.state)]
    return [
        {"label": label, "state": "done" if at < now_at else "now" if at == now_at else "ahead"}
        for at, label in enumerate(labels)
    ]


def _too_late(request: HttpRequest, run: ImportRun) -> HttpResponse:
    """Somebody, or the worker, was quicker: the page shows how things stand now."""
    messages.warning(request, _("The import has moved on in the meantime; this is how it stands now."))
    return redirect("import_run", key=run.key)
