"""Jobs elsewhere and skills, typed in and corrected by hand."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from perennial.accounts.roles import Permission
from perennial.desk.people.forms import PositionForm, SkillsForm
from perennial.desk.people.views.corrections import SOURCE, added, form_page
from perennial.desk.people.views.person import known
from perennial.kernel.clock import now
from perennial.people.elsewhere import add_position, correct_position, remove_position
from perennial.people.models import Person, Position
from perennial.people.queries import positions_of, skills_of
from perennial.people.skills import set_skills
from perennial.web.access import actor, requires


@requires(Permission.EDIT_PEOPLE)
@require_http_methods(["GET", "POST"])
def new_position(request: HttpRequest, key: str) -> HttpResponse:
    form = PositionForm(request.POST or None)
    return added(request, known(request, key), form, add_position, _("Where they work now"))


@requires(Permission.EDIT_PEOPLE)
@require_http_methods(["GET", "POST"])
def edit_position(request: HttpRequest, key: str, position_id: int) -> HttpResponse:
    person = known(request, key)
    position = _position(person, position_id)
    form = PositionForm(request.POST or None, initial=_initial(position))
    if request.method == "POST" and form.is_valid():
        correct_position(position=position, by=actor(request), now=now(), **form.cleaned_data)
        messages.success(request, _("Corrected."))
        return redirect("person", person.key)
    return form_page(request, form, _("Correct a job elsewhere"), person)


@requires(Permission.EDIT_PEOPLE)
@require_POST
def take_position_off(request: HttpRequest, key: str, position_id: int) -> HttpResponse:
    person = known(request, key)
    remove_position(position=_position(person, position_id), by=actor(request), now=now())
    messages.success(request, _("Removed."))
    return redirect("person", person.key)


@requires(Permission.EDIT_PEOPLE)
@require_http_methods(["GET", "POST"])
def edit_skills(request: HttpRequest, key: str) -> HttpResponse:
    person = known(request, key)
    named = ", ".join(row.skill.name for row in skills_of(person))
    form = SkillsForm(request.POST or None, initial={"skills": named})
    if request.method == "POST" and form.is_valid():
        set_skills(person=person, names=form.cleaned_data["skills"], source=SOURCE, by=actor(request), now=now())
        messages.success(request, _("Kept."))
        return redirect("person", person.key)
    return form_page(request, form, _("Skills"), person)


def _position(person: Person, position_id: int) -> Position:
    position = positions_of(person).filter(pk=position_id).first()
    if position is None:
        raise Http404
    return position


def _initial(position: Position) -> dict[str, Any]:
    plain = {name: getattr(position, name) for name in ("title", "starts_on", "ends_on")}
    return {"company": position.company.name, "domain": position.company.domain, **plain}
