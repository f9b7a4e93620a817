"""What is typed in and corrected by hand: persons, stints, addresses, decisions about contact."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from perennial.accounts.roles import Permission
from perennial.consent.vouching import waiting_of
from perennial.contact.actions import RestrictionDatesError, lift, restrict
from perennial.contact.enums import FOLLOWING_KINDS, RestrictionKind
from perennial.departures.actions import review_person, take_in
from perennial.desk.people.forms import AddressForm, NewPersonForm, PersonForm, RestrictionForm, StintForm
from perennial.desk.people.views.person import known
from perennial.kernel.clock import now
from perennial.mail.confirmation import ConfirmationGone
from perennial.mail.vouching import vouch_as_colleague
from perennial.people.actions import (
    StintDatesError,
    add_address,
    add_stint,
    correct_person,
    correct_stint,
    remove_address,
)
from perennial.people.models import Person, Stint
from perennial.people.residence import ResidenceRefusedError
from perennial.privacy.rights.restricting import is_own_wish
from perennial.programme.actions import find_or_add_department, find_or_add_place
from perennial.programme.queries import today
from perennial.web.access import actor, requires

SOURCE = "typed"
UNPROCESSABLE = 422


@requires(Permission.EDIT_PEOPLE)
@require_http_methods(["GET", "POST"])
def new_person(request: HttpRequest) -> HttpResponse:
    form = NewPersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        moment = now()
        try:
            person = take_in(
                full_name=fields["full_name"],
                called=fields["called"],
                language=fields["language"],
                country=fields["country"],
                source=SOURCE,
                stint=_stint_fields(fields),
                by=actor(request),
                now=moment,
            )
        except ResidenceRefusedError:
            form.refuse_residence()
        except StintDatesError:
            form.add_error("employee_number", _("Another stint has this employee number and first day."))
        else:
            for kind, given_on in (("business", None), ("private", fields["private_email_given_on"])):
                if fields[f"{kind}_email"]:
                    add_address(
                        person=person,
                        address=fields[f"{kind}_email"],
                        kind=kind,
                        source=SOURCE,
                        given_on=given_on,
                        by=actor(request),
                        now=moment,
                    )
            messages.success(request, _("%(name)s is on file.") % {"name": person.full_name})
            return redirect("person", person.key)
    return form_page(request, form, _("Somebody who leaves"))


@requires(Permission.EDIT_PEOPLE)
@require_http_methods(["GET", "POST"])
def edit_person(request: HttpRequest, key: str) -> HttpResponse:
    person = known(request, key)
    kept = {name: getattr(person, name) for name in PersonForm.base_fields}
    form = PersonForm(request.POST or None, initial=kept)
    if request.method == "POST" and form.is_valid():
        try:
            correct_person(person=person, by=actor(request), now=now(), **form.cleaned_data)
        except ResidenceRefusedError:
            form.refuse_residence()
        else:
            messages.success(request, _("Corrected."))
            return redirect("person", person.key)
    return form_page(request, form, _("Correct the record"), person)


@requires(Permission.EDIT_PEOPLE)
@require_http_methods(["GET", "POST"])
def edit_stint(request: HttpRequest, key: str, stint_id: int) -> HttpResponse:
    person = known(request, key)
    stint = person.stints.select_related("department", "place").filter(pk=stint_id).first()
    if stint is None:
        raise Http404
    form = StintForm(request.POST or None, initial=_initial(stint))
    if request.method == "POST" and form.is_valid():
        try:
            correct_stint(stint=stint, by=actor(request), now=now(), **_stint_fields(form.cleaned_data))
        except StintDatesError:
            form.add_error("starts_on", _("Another stint has this employee number and first day."))
        else:
            review_person(person=person, now=now())
            messages.success(request, _("Corrected."))
            return redirect("person", person.key)
    return form_page(request, form, _("Correct the stint"), person)


@requires(Permission.EDIT_PEOPLE)
@require_http_methods(["GET", "POST"])
def new_stint(request: HttpRequest, key: str) -> HttpResponse:
    person = known(request, key)
    form = StintForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            add_stint(person=person, source=SOURCE, by=actor(request), now=now(), **_stint_fields(form.cleaned_data))
        except StintDatesError:
            form.add_error("starts_on", _("Another stint has this employee number and first day."))
        else:
            review_person(person=person, now=now())
            messages.success(request, _("Added."))
            return redirect("person", person.key)
    return form_page(request, form, _("Another stint"), person)


@requires(Permission.EDIT_PEOPLE)
@require_http_methods(["GET", "POST"])
def new_address(request: HttpRequest, key: str) -> HttpResponse:
    return added(request, known(request, key), AddressForm(request.POST or None), add_address, _("An address"))


@requires(Permission.EDIT_PEOPLE)
@require_POST
def take_address_off(request: HttpRequest, key: str, address_id: int) -> HttpResponse:
    person = known(request, key)
    address = person.addresses.filter(pk=address_id).first()
    if address is None:
        raise Http404
    remove_address(address=address, by=actor(request), now=now())
    messages.success(request, _("Removed. Should the list of HR still hold it, it comes back with the next import."))
    return redirect("person", person.key)


@requires(Permission.EDIT_PEOPLE)
@require_POST
def vouch_for_address(request: HttpRequest, key: str, address_id: int) -> HttpResponse:
    """A colleague asked the person by another way: the new address that waits is theirs."""
    person = known(request, key)
    moment = now()
    vouching = waiting_of(person=person, now=moment)
    if vouching is None or vouching.request.address_id != address_id:
        raise Http404
    try:
        done = vouch_as_colleague(vouching=vouching, by=actor(request), now=moment)
    except ConfirmationGone:
        messages.info(request, _("It does not wait any more: it was confirmed, taken back or replaced."))
    else:
        if done.waits:
            messages.success(request, _("Noted. It counts when the button in the mail that went there is pressed too."))
        elif done.documents:
            messages.success(
                request, _("Noted. The documents to agree to went to this address; letters follow what is agreed.")
            )
        else:
            messages.success(request, _("Noted. From now on letters go to this address."))
    return redirect("person", person.key)


@requires(Permission.EDIT_PEOPLE)
@require_http_methods(["GET", "POST"])
def new_restriction(request: HttpRequest, key: str) -> HttpResponse:
    """Writes down for the door what somebody decided about contact with this person."""
    person = known(request, key)
    form = RestrictionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        moment = now()
        fields = form.cleaned_data
        try:
            restrict(
                person=person,
                kind=RestrictionKind(fields["kind"]),
                reason=fields["reason"],
                purpose=fields["purpose"],
                starts_on=today(now=moment),
                ends_on=fields["ends_on"],
                review_on=fields["review_on"],
                owner=fields["owner"],
                by=actor(request),
                now=moment,
            )
        except RestrictionDatesError:
            form.add_error("ends_on", _("It would end before it begins, or before somebody looks at it again."))
        else:
            messages.success(request, _("Written down. The door knows it from now on."))
            return redirect("person", person.key)
    return form_page(request, form, _("A decision about contact"), person)


@requires(Permission.EDIT_PEOPLE)
@require_POST
def lift_restriction(request: HttpRequest, key: str, restriction_id: int) -> HttpResponse:
    person = known(request, key)
    restriction = person.restrictions.exclude(kind__in=FOLLOWING_KINDS).filter(pk=restriction_id).first()
    if restriction is None:
        raise Http404
    if is_own_wish(restriction):
        messages.warning(request, _("They asked for this themselves, and it ends with their request."))
        return redirect("person", person.key)
    lift(restriction=restriction, by=actor(request), now=now())
    messages.success(request, _("Lifted."))
    return redirect("person", person.key)


def added(request: HttpRequest, person: Person, form: Form, add: Callable[..., object], title: str) -> HttpResponse:
    """The page of a form that adds something to a person, which `add` does with what was typed."""
    if request.method == "POST" and form.is_valid():
        add(person=person, source=SOURCE, by=actor(request), now=now(), **form.cleaned_data)
        messages.success(request, _("Added."))
        return redirect("person", person.key)
    return form_page(request, form, title, person)


def form_page(request: HttpRequest, form: Form, title: str, person: Person | None = None) -> HttpResponse:
    """A form about a person, or about somebody who is not on file yet."""
    return render(
        request,
        "desk/people/form.html",
        {"form": form, "person": person, "title": title},
        status=UNPROCESSABLE if form.is_bound else None,
    )


def _initial(stint: Stint) -> dict[str, Any]:
    plain = {name: getattr(stint, name) for name in StintForm.base_fields if name not in ("department", "place")}
    return {**plain, "department": stint.department or "", "place": stint.place or ""}


def _stint_fields(fields: dict[str, Any]) -> dict[str, Any]:
    kept = {name: fields[name] for name in StintForm.base_fields}
    kept["department"] = find_or_add_department(name=fields["department"])
    kept["place"] = find_or_add_place(name=fields["place"])
    return kept
