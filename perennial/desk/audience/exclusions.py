"""Exclusions that stand: who answers for them, what is due; look again, prolong, lift."""

from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.accounts.roles import Permission
from perennial.contact.actions import (
    ExclusionIncompleteError,
    NotStandingError,
    RestrictionDatesError,
    lift,
    name_exclusion_owner,
    prolong,
)
from perennial.contact.enums import RestrictionReason
from perennial.contact.models import Restriction
from perennial.contact.queries import exclusions, exclusions_to_look_at
from perennial.desk.audience.forms import LookAgainForm, OwnerForm
from perennial.kernel.clock import now
from perennial.programme.queries import today
from perennial.web.access import actor, requires

PAGE = 25
UNPROCESSABLE = 422


@require_GET
@requires(Permission.EDIT_PEOPLE)
def list_exclusions(request: HttpRequest) -> HttpResponse:
    day = today(now=now())
    due_only = request.GET.get("view") == "due"
    rows = exclusions_to_look_at(day=day) if due_only else exclusions()
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "desk/audience/exclusions.html",
        {
            "page": page,
            "rows": [(row, reason_of(row), due_words(row, day)) for row in page],
            "due_only": due_only,
            "due": exclusions_to_look_at(day=day).count(),
        },
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.EDIT_PEOPLE)
def look_again(request: HttpRequest, restriction_id: int) -> HttpResponse:
    """One exclusion: keep it for a while, hand it to somebody, or lift it."""
    exclusion = _standing(restriction_id)
    day = today(now=now())
    kept = {"review_on": exclusion.review_on, "ends_on": exclusion.ends_on}
    form = LookAgainForm(request.POST if request.method == "POST" else None, initial=kept)
    if form.is_valid():
        said = form.cleaned_data
        if said["review_on"] <= day:
            form.add_error("review_on", _("Choose a day that lies ahead."))
        else:
            try:
                prolong(restriction=exclusion, by=actor(request), now=now(), **said)
            except RestrictionDatesError:
                form.add_error("ends_on", _("It would end before somebody looks at it again."))
            except NotStandingError:
                messages.warning(request, _("It was lifted in the meantime."))
                return redirect("exclusions")
            else:
                messages.success(request, _("It stands for a while longer."))
                return redirect("exclusions")
    return render(
        request,
        "desk/audience/exclusion.html",
        {
            "exclusion": exclusion,
            "reason": reason_of(exclusion),
            "due": due_words(exclusion, day),
            "form": form,
            "owner_form": OwnerForm(initial={"owner": exclusion.owner}),
        },
        status=UNPROCESSABLE if form.errors else None,
    )


@require_POST
@requires(Permission.EDIT_PEOPLE)
def lift_exclusion(request: HttpRequest, restriction_id: int) -> HttpResponse:
    exclusion = _standing(restriction_id)
    lift(restriction=exclusion, by=actor(request), now=now())
    messages.success(request, _("Lifted. {name} is not excluded any more.").format(name=exclusion.person.full_name))
    return redirect("exclusions")


@require_POST
@requires(Permission.EDIT_PEOPLE)
def name_owner(request: HttpRequest, restriction_id: int) -> HttpResponse:
    exclusion = _standing(restriction_id)
    form = OwnerForm(request.POST)
    if not form.is_valid():
        messages.warning(request, _("Choose a colleague who may see exclusions."))
        return redirect("exclusion", restriction_id)
    owner = form.cleaned_data["owner"]
    try:
        name_exclusion_owner(restriction=exclusion, owner=owner, by=actor(request), now=now())
    except (ExclusionIncompleteError, NotStandingError):
        messages.warning(request, _("This has changed in the meantime; nothing was written."))
    else:
        messages.success(request, _("{name} answers for it from now on.").format(name=owner.name))
    return redirect("exclusion", restriction_id)


def reason_of(exclusion: Restriction) -> str:
    return str(dict(RestrictionReason.choices).get(exclusion.reason, exclusion.reason))


def due_words(exclusion: Restriction, day: date) -> str:
    """What is due now, or nothing."""
    if exclusion.ends_on and exclusion.ends_on < day:
        return _("Has ended: prolong it, or say that it is over.")
    if exclusion.review_on and exclusion.review_on <= day:
        return _("Look at it again.")
    return ""


def _standing(restriction_id: int) -> Restriction:
    exclusion = exclusions().filter(pk=restriction_id).first()
    if exclusion is None:
        raise Http404
    return exclusion
