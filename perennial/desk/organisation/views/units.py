"""Departments and places: which there are, what they are called, and two that become one."""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.accounts.roles import Permission, may
from perennial.desk.organisation.forms import (
    MergeDepartmentForm,
    MergePlaceForm,
    NameForm,
    NewDepartmentForm,
    NewPlaceForm,
    ParentForm,
    WhereaboutsForm,
)
from perennial.desk.organisation.words import history_of
from perennial.kernel.clock import now
from perennial.people.queries import people_by_unit
from perennial.people.reorganising import MergedWithItselfError, UnitGoneError, merge, rename, what_moves
from perennial.programme import units
from perennial.programme.models import Department, Place
from perennial.programme.structure import Tree
from perennial.web.access import actor, colleague, requires

UNPROCESSABLE = 422
# Deeper ones stand no further in.
MOST_SET_IN = 6


@requires(Permission.KEEP_STRUCTURE)
@require_GET
def list_departments(request: HttpRequest) -> HttpResponse:
    people = people_by_unit(Department)
    rows = [(branch, min(branch.depth, MOST_SET_IN), people.get(branch.pk, 0)) for branch in Tree().branches()]
    return _render(request, "departments.html", {"rows": rows, "part": "departments"})


@requires(Permission.KEEP_STRUCTURE)
@require_GET
def list_places(request: HttpRequest) -> HttpResponse:
    people = people_by_unit(Place)
    rows = [(place, people.get(place.pk, 0)) for place in Place.objects.order_by("country", "city", "name", "pk")]
    return _render(request, "places.html", {"rows": rows, "part": "places"})


@requires(Permission.KEEP_STRUCTURE)
@require_http_methods(["GET", "POST"])
def new_department(request: HttpRequest) -> HttpResponse:
    form = NewDepartmentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            department = units.add_department(**form.cleaned_data, by=actor(request), now=now())
        except (units.UnitNameMissingError, units.UnitNameTakenError) as error:
            _refuse(form, error)
        else:
            messages.success(request, _("Added."))
            return redirect("department", department.pk)
    return _form(request, form, title=_("A department"), back="organisation")


@requires(Permission.KEEP_STRUCTURE)
@require_http_methods(["GET", "POST"])
def new_place(request: HttpRequest) -> HttpResponse:
    form = NewPlaceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            place = units.add_place(**form.cleaned_data, by=actor(request), now=now())
        except (units.UnitNameMissingError, units.UnitNameTakenError) as error:
            _refuse(form, error)
        else:
            messages.success(request, _("Added."))
            return redirect("place", place.pk)
    return _form(request, form, title=_("A place"), back="places")


@requires(Permission.KEEP_STRUCTURE)
@require_http_methods(["GET", "POST"])
def show_department(request: HttpRequest, pk: int) -> HttpResponse:
    return _rename(request, get_object_or_404(Department, pk=pk))


@requires(Permission.KEEP_STRUCTURE)
@require_http_methods(["GET", "POST"])
def show_place(request: HttpRequest, pk: int) -> HttpResponse:
    return _rename(request, get_object_or_404(Place, pk=pk))


@requires(Permission.KEEP_STRUCTURE)
@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    department = get_object_or_404(Department, pk=pk)
    form = ParentForm(request.POST)
    if form.is_valid():
        try:
            units.move_department(
                department=department, parent=form.cleaned_data["parent"], by=actor(request), now=now()
            )
        except units.RingError:
            form.add_error("parent", _("A department cannot belong to itself, nor to one that belongs to it."))
        else:
            messages.success(request, _("Saved."))
            return redirect("department", pk)
    return _page(request, department, status=UNPROCESSABLE, place_form=form)


@requires(Permission.KEEP_STRUCTURE)
@require_POST
def locate(request: HttpRequest, pk: int) -> HttpResponse:
    place = get_object_or_404(Place, pk=pk)
    form = WhereaboutsForm(request.POST)
    if not form.is_valid():
        return _page(request, place, status=UNPROCESSABLE, place_form=form)
    units.locate_place(place=place, **form.cleaned_data, by=actor(request), now=now())
    messages.success(request, _("Saved."))
    return redirect("place", pk)


@requires(Permission.KEEP_STRUCTURE)
@require_http_methods(["GET", "POST"])
def merge_department(request: HttpRequest, pk: int) -> HttpResponse:
    gone = get_object_or_404(Department, pk=pk)
    return _merge(request, gone, MergeDepartmentForm(_asked(request), gone=gone))


@requires(Permission.KEEP_STRUCTURE)
@require_http_methods(["GET", "POST"])
def merge_place(request: HttpRequest, pk: int) -> HttpResponse:
    gone = get_object_or_404(Place, pk=pk)
    return _merge(request, gone, MergePlaceForm(_asked(request), gone=gone))


@requires(Permission.KEEP_STRUCTURE)
@require_POST
def free_department_name(request: HttpRequest, pk: int, alias_id: int) -> HttpResponse:
    return _let_go(request, get_object_or_404(Department, pk=pk), alias_id)


@requires(Permission.KEEP_STRUCTURE)
@require_POST
def free_place_name(request: HttpRequest, pk: int, alias_id: int) -> HttpResponse:
    return _let_go(request, get_object_or_404(Place, pk=pk), alias_id)


def _rename(request: HttpRequest, unit: Department | Place) -> HttpResponse:
    if request.method != "POST":
        return _page(request, unit)
    form = NameForm(request.POST)
    if form.is_valid():
        name = form.cleaned_data["name"]
        try:
            if isinstance(unit, Department):
                people = rename(unit=unit, name=name, by=actor(request), now=now())
            else:
                people = rename(unit=unit, name=name, by=actor(request), now=now())
        except (units.UnitNameMissingError, units.UnitNameTakenError) as error:
            _refuse(form, error)
        except UnitGoneError as error:
            raise Http404 from error
        else:
            told = ngettext("Saved; it concerns %(many)d person.", "Saved; it concerns %(many)d people.", people)
            messages.success(request, told % {"many": people})
            return redirect(_kind(unit), unit.pk)
    return _page(request, unit, status=UNPROCESSABLE, name_form=form)


def _merge(request: HttpRequest, gone: Department | Place, form: MergeDepartmentForm | MergePlaceForm) -> HttpResponse:
    """What would move, looked at before it is done; nothing is done by looking."""
    into = form.cleaned_data["into"] if form.is_bound and form.is_valid() else None
    if request.method == "POST" and into is not None:
        try:
            moved = merge(gone=gone, into=into, by=actor(request), now=now())
        except (MergedWithItselfError, UnitGoneError) as error:
            raise Http404 from error
        told = ngettext(
            "%(many)d person moved. Who still writes “%(gone)s” means “%(into)s” from now on.",
            "%(many)d people moved. Who still writes “%(gone)s” means “%(into)s” from now on.",
            moved.people,
        )
        messages.success(request, told % {"many": moved.people, "gone": gone.name, "into": into.name})
        return redirect(_kind(into), into.pk)
    context = {"unit": gone, "kind": _kind(gone), "form": form, "into": into, "moves": what_moves(gone)}
    return _render(request, "merge.html", context, status=UNPROCESSABLE if form.errors else 200)


def _let_go(request: HttpRequest, unit: Department | Place, alias_id: int) -> HttpResponse:
    alias = unit.aliases.filter(pk=alias_id).first()
    if alias is None:
        raise Http404
    units.let_name_go(alias=alias, by=actor(request), now=now())
    messages.success(
        request, _("“%(name)s” leads nowhere any more. A list that writes it makes it anew.") % {"name": alias.name}
    )
    return redirect(_kind(unit), unit.pk)


def _asked(request: HttpRequest) -> Any:
    """Looked at by a link, done by a button."""
    if request.method == "POST":
        return request.POST
    return request.GET if "into" in request.GET else None


def _page(request: HttpRequest, unit: Department | Place, *, status: int = 200, **forms: Form) -> HttpResponse:
    if isinstance(unit, Department):
        place_form: Form = ParentForm(initial={"parent": unit.parent_id})
        below = list(unit.children.order_by("name", "pk"))
    else:
        place_form, below = WhereaboutsForm(initial={"city": unit.city, "country": unit.country}), []
    context = {
        "unit": unit,
        "kind": _kind(unit),
        "below": below,
        "moves": what_moves(unit),
        "aliases": list(unit.aliases.order_by("-since", "-pk")),
        "history": history_of(unit),
        "name_form": NameForm(initial={"name": unit.name}),
        "place_form": place_form,
        **forms,
    }
    return _render(request, "unit.html", context, status=status)


def _refuse(form: Form, error: units.UnitNameMissingError | units.UnitNameTakenError) -> None:
    if isinstance(error, units.UnitNameMissingError):
        form.add_error("name", _("Write what it is called."))
    else:
        told = _("This name leads to “%(name)s” already. Are they one? Then merge them.")
        form.add_error("name", told % {"name": error.unit.name})


def _form(request: HttpRequest, form: Form, **context: str) -> HttpResponse:
    return _render(request, "form.html", {"form": form, **context}, status=UNPROCESSABLE if form.is_bound else 200)


def _render(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    sees_chapters = may(colleague(request).role, Permission.RUN_PROGRAMME)
    return render(request, f"desk/organisation/{template}", {"sees_chapters": sees_chapters, **context}, status=status)


def _kind(unit: Department | Place) -> str:
    """'department' or 'place': the beginning of the names of its routes."""
    return "department" if isinstance(unit, Department) else "place"
