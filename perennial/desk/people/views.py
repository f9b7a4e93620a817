"""People: the list, a person's page, corrections, explanation, erasure."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.accounts.models import User
from perennial.accounts.roles import Permission, may
from perennial.consent.queries import granted
from perennial.contact.actions import RestrictionDatesError, lift, restrict
from perennial.contact.door import Decision, decide, explain
from perennial.contact.enums import RestrictionKind, RestrictionReason
from perennial.contact.models import Restriction
from perennial.contact.queries import TimelineEntry, balance, standing_restrictions, timeline
from perennial.departures.actions import review_person, take_in
from perennial.departures.queries import of_person
from perennial.desk.people.forms import AddressForm, EraseForm, NewPersonForm, PersonForm, RestrictionForm, StintForm
from perennial.desk.people.words import timeline_rows
from perennial.kernel.clock import now
from perennial.kernel.purposes import CONSENT_PURPOSES, Channel, Purpose
from perennial.people.actions import (
    StintDatesError,
    add_address,
    add_stint,
    correct_person,
    correct_stint,
    remove_address,
)
from perennial.people.models import Person, Stint
from perennial.people.queries import search, stints_of, with_latest_stint
from perennial.privacy.actions import erase
from perennial.programme.actions import find_or_add_department, find_or_add_place
from perennial.programme.queries import today
from perennial.web.access import actor, requires
from perennial.web.context import programme_of

PAGE = 25
TIMELINE = 50
SOURCE = "typed"
UNPROCESSABLE = 422


@requires(Permission.SEE_PEOPLE)
@require_GET
def list_people(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, User)
    text = request.GET.get("q", "")[:200]
    # Only keys are sorted and counted; everything shown is fetched for the page alone.
    page = Paginator(search(text).values_list("pk", flat=True), PAGE).get_page(request.GET.get("page"))
    shown = {person.pk: person for person in with_latest_stint(Person.objects.filter(pk__in=list(page)))}
    return render(
        request,
        "desk/people/list.html",
        {
            "page": page,
            "people": [shown[pk] for pk in page],
            "q": text,
            "may_edit": may(request.user.role, Permission.EDIT_PEOPLE),
            "may_import": may(request.user.role, Permission.IMPORT),
        },
    )


@requires(Permission.SEE_PEOPLE)
@require_GET
def show_person(request: HttpRequest, key: str) -> HttpResponse:
    assert isinstance(request.user, User)
    role = request.user.role
    person = _person(key)
    answers = _answers(request, person)
    entries, earlier = _page_of_timeline(person, request.GET.get("until", ""))
    stints = list(stints_of(person))
    context: dict[str, Any] = {
        "person": person,
        "stint": stints[0] if stints else None,
        "stints": stints,
        "addresses": list(person.addresses.all()),
        "departures": list(of_person(person_id=person.pk)) if may(role, Permission.SEE_DEPARTURES) else [],
        "entries": timeline_rows(entries),
        "earlier": earlier,
        "balance": balance(person=person),
        "answers": answers,
        "not_agreed": _not_agreed(request, answers),
        "restrictions": _restrictions(person) if may(role, Permission.EDIT_PEOPLE) else [],
        "may_edit": may(role, Permission.EDIT_PEOPLE),
        "may_erase": may(role, Permission.ERASE_PEOPLE),
    }
    return render(request, "desk/people/person.html", context)


@requires(Permission.SEE_PEOPLE)
@require_GET
def explain_person(request: HttpRequest, key: str) -> HttpResponse:
    """Every rule with pass or fail, for one purpose and channel."""
    person = _person(key)
    purpose = request.GET.get("purpose", Purpose.PERSONAL)
    channel = request.GET.get("channel", Channel.EMAIL)
    if purpose not in Purpose.values or channel not in Channel.values:
        raise Http404
    decision = explain(person=person, purpose=Purpose(purpose), channel=Channel(channel), now=now())
    changes = [rule.change for rule in decision.rules if rule.deciding]
    return render(
        request,
        "desk/people/explain.html",
        {
            "person": person,
            "decision": decision,
            "change": changes[0] if changes else "",
            "purpose": Purpose(purpose),
            "channel": Channel(channel),
            "purposes": Purpose.choices,
            "channels": Channel.choices,
        },
    )


@requires(Permission.EDIT_PEOPLE)
@require_http_methods(["GET", "POST"])
def new_person(request: HttpRequest) -> HttpResponse:
    form = NewPersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        try:
            person = take_in(
                full_name=fields["full_name"],
                called=fields["called"],
                language=fields["language"],
                source=SOURCE,
                stint=_stint_fields(fields),
                by=actor(request),
                now=now(),
            )
        except StintDatesError:
            form.add_error("employee_number", _("Another stint has this employee number and first day."))
        else:
            messages.success(request, _("%(name)s is on file.") % {"name": person.full_name})
            return redirect("person", person.key)
    return _form(request, form, _("Somebody who leaves"))


@requires(Permission.EDIT_PEOPLE)
@require_http_methods(["GET", "POST"])
def edit_person(request: HttpRequest, key: str) -> HttpResponse:
    person = _person(key)
    kept = {"full_name": person.full_name, "called": person.called, "language": person.language}
    form = PersonForm(request.POST or None, initial=kept)
    if request.method == "POST" and form.is_valid():
        correct_person(person=person, by=actor(request), now=now(), **form.cleaned_data)
        messages.success(request, _("Corrected."))
        return redirect("person", person.key)
    return _form(request, form, _("Correct the record"), person)


@requires(Permission.EDIT_PEOPLE)
@require_http_methods(["GET", "POST"])
def edit_stint(request: HttpRequest, key: str, stint_id: int) -> HttpResponse:
    person = _person(key)
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
    return _form(request, form, _("Correct the stint"), person)


@requires(Permission.EDIT_PEOPLE)
@require_http_methods(["GET", "POST"])
def new_stint(request: HttpRequest, key: str) -> HttpResponse:
    person = _person(key)
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
    return _form(request, form, _("Another stint"), person)


@requires(Permission.EDIT_PEOPLE)
@require_http_methods(["GET", "POST"])
def new_address(request: HttpRequest, key: str) -> HttpResponse:
    person = _person(key)
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        add_address(person=person, source=SOURCE, by=actor(request), now=now(), **form.cleaned_data)
        messages.success(request, _("Added."))
        return redirect("person", person.key)
    return _form(request, form, _("An address"), person)


@requires(Permission.EDIT_PEOPLE)
@require_POST
def take_address_off(request: HttpRequest, key: str, address_id: int) -> HttpResponse:
    person = _person(key)
    address = person.addresses.filter(pk=address_id).first()
    if address is None:
        raise Http404
    remove_address(address=address, by=actor(request), now=now())
    messages.success(request, _("Removed. Should the list of HR still hold it, it comes back with the next import."))
    return redirect("person", person.key)


@requires(Permission.EDIT_PEOPLE)
@require_http_methods(["GET", "POST"])
def new_restriction(request: HttpRequest, key: str) -> HttpResponse:
    """Writes down for the door what somebody decided about contact with this person."""
    person = _person(key)
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
                by=actor(request),
                now=moment,
            )
        except RestrictionDatesError:
            form.add_error("ends_on", _("It would end before it begins."))
        else:
            messages.success(request, _("Written down. The door knows it from now on."))
            return redirect("person", person.key)
    return _form(request, form, _("A decision about contact"), person)


@requires(Permission.EDIT_PEOPLE)
@require_POST
def lift_restriction(request: HttpRequest, key: str, restriction_id: int) -> HttpResponse:
    person = _person(key)
    restriction = person.restrictions.filter(pk=restriction_id).first()
    if restriction is None:
        raise Http404
    lift(restriction=restriction, by=actor(request), now=now())
    messages.success(request, _("Lifted."))
    return redirect("person", person.key)


@requires(Permission.ERASE_PEOPLE)
@require_http_methods(["GET", "POST"])
def erase_person(request: HttpRequest, key: str) -> HttpResponse:
    person = _person(key)
    form = EraseForm(request.POST or None, expected=person.full_name)
    if request.method == "POST" and form.is_valid():
        erase(person=person, by=actor(request), now=now())
        messages.success(request, _("Erased. A later import will not bring this person back."))
        return redirect("people")
    return render(
        request,
        "desk/people/erase.html",
        {"form": form, "person": person},
        status=UNPROCESSABLE if form.is_bound else None,
    )


def _restrictions(person: Person) -> list[tuple[Restriction, str]]:
    """What stands, with its reason in words; only for those who may change it."""
    reasons = dict(RestrictionReason.choices)
    rows = standing_restrictions(person=person, day=today(now=now()))
    return [(row, str(reasons.get(row.reason, row.reason))) for row in rows]


def _answers(request: HttpRequest, person: Person) -> list[tuple[Purpose, Decision]]:
    """May I write? Per purpose that this person agreed to by mail; the rules are told on a page of their own."""
    agreed = {purpose for purpose, channel in granted(person=person) if channel == Channel.EMAIL}
    agreed &= set(programme_of(request).purposes)
    people, moment, programme = Person.objects.filter(pk=person.pk), now(), programme_of(request)
    return [
        (purpose, decide(people=people, purpose=purpose, now=moment, programme=programme)[0])
        for purpose in CONSENT_PURPOSES
        if purpose in agreed
    ]


def _not_agreed(request: HttpRequest, answers: list[tuple[Purpose, Decision]]) -> list[Purpose]:
    """The purposes of the programme that the door has nothing to decide about: consent comes first."""
    agreed = {purpose for purpose, _decision in answers}
    used = set(programme_of(request).purposes)
    return [purpose for purpose in CONSENT_PURPOSES if purpose in used and purpose not in agreed]


def _page_of_timeline(person: Person, until: str) -> tuple[list[TimelineEntry], datetime | None]:
    """A page of lines, and the moment from which the next one tells. What came at one moment is not torn apart."""
    entries = timeline(person=person, limit=TIMELINE + 1, until=_moment(until))
    if len(entries) <= TIMELINE:
        return entries, None
    earlier = entries[TIMELINE].at
    return [entry for entry in entries if entry.at > earlier] or entries[:TIMELINE], earlier


def _moment(text: str) -> datetime | None:
    """The time in an address that we wrote; anything else is as if there were none."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment and moment.tzinfo and 1900 < moment.year < 3000 else None


def _form(request: HttpRequest, form: Form, title: str, person: Person | None = None) -> HttpResponse:
    return render(
        request,
        "desk/people/form.html",
        {"form": form, "person": person, "title": title},
        status=UNPROCESSABLE if form.is_bound else None,
    )


def _person(key: str) -> Person:
    person = Person.objects.filter(key=key).first()
    if person is None:
        raise Http404
    return person


def _initial(stint: Stint) -> dict[str, Any]:
    plain = {name: getattr(stint, name) for name in StintForm.base_fields if name not in ("department", "place")}
    return {**plain, "department": stint.department or "", "place": stint.place or ""}


def _stint_fields(fields: dict[str, Any]) -> dict[str, Any]:
    kept = {name: fields[name] for name in StintForm.base_fields}
    kept["department"] = find_or_add_department(name=fields["department"])
    kept["place"] = find_or_add_place(name=fields["place"])
    return kept
