"""What is done about many people at once: those who were ticked, or everybody found. Asked, then done, then undone."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from perennial.accounts.roles import Permission, may
from perennial.contact.actions import lift_together, not_yet, restrict_together
from perennial.contact.enums import RestrictionKind, RestrictionReason
from perennial.desk.people.columns import columns_of
from perennial.desk.people.forms import DirectoryForm, ExclusionForm
from perennial.kernel.clock import now
from perennial.people.directory import matching
from perennial.people.models import Person
from perennial.people.queries import visible_to
from perennial.programme.queries import today
from perennial.web.access import actor, colleague, requires

# A page shows 25; whoever sends more did not tick them.
MOST_TICKED = 100
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
UNPROCESSABLE = 422


def ticked(request: HttpRequest) -> QuerySet[Person] | None:
    """Those whose boxes were ticked, as far as this colleague may see them; None where everybody found is meant."""
    if "ticked" not in request.POST:
        return None
    keys = [key for key in request.POST.getlist("person")[:MOST_TICKED] if key.isprintable()]
    return visible_to(colleague(request)).filter(key__in=keys)


def meant(request: HttpRequest) -> QuerySet[Person]:
    """Those who were ticked, else everybody who fits what was asked for in the directory."""
    chosen = ticked(request)
    if chosen is not None:
        return chosen
    user = colleague(request)
    form = DirectoryForm(
        request.POST, columns=columns_of(user.role), may_see_why=may(user.role, Permission.EDIT_PEOPLE)
    )
    return matching(form.filters(), among=visible_to(user))


@requires(Permission.EDIT_PEOPLE)
@require_POST
def join_test_group(request: HttpRequest) -> HttpResponse:
    """Asks with the number of people, and writes down when that number was said yes to."""
    people, moment = meant(request), now()
    new = not_yet(people, kind=RestrictionKind.TEST_GROUP, day=today(now=moment)).count()
    if not new:
        return _nobody(request, _("Nobody to add: tick somebody who is not in the test group yet."))
    if request.POST.get("sure") != str(new):
        return _ask(request, people, new=new, what="test-group")
    joined = restrict_together(
        people=people,
        kind=RestrictionKind.TEST_GROUP,
        reason=RestrictionReason.TRYING_OUT,
        starts_on=today(now=moment),
        by=actor(request),
        now=moment,
    )
    said = ngettext(
        "%(many)s person is in the test group from now on.",
        "%(many)s people are in the test group from now on.",
        joined,
    )
    return _done(request, said % {"many": joined}, RestrictionKind.TEST_GROUP, moment)


@requires(Permission.EDIT_PEOPLE)
@require_POST
def exclude_ticked(request: HttpRequest) -> HttpResponse:
    """Excludes those who were ticked and are named on the page that asks. Never everybody found: it is decided about
    persons, by a person.
    """
    people, moment = ticked(request), now()
    day = today(now=moment)
    new = not_yet(people, kind=RestrictionKind.EXCLUSION, day=day).count() if people is not None else 0
    if people is None or not new:
        return _nobody(request, _("Nobody to exclude: tick somebody who is not excluded yet."))
    asked = "sure" in request.POST
    form = ExclusionForm(request.POST if asked else None, day=day)
    if not asked or not form.is_valid() or request.POST["sure"] != str(new):
        return _ask(request, people, new=new, what="exclude", form=form)
    excluded = restrict_together(
        people=people, kind=RestrictionKind.EXCLUSION, starts_on=day, by=actor(request), now=moment, **form.cleaned_data
    )
    said = ngettext("%(many)s person is excluded.", "%(many)s people are excluded.", excluded)
    return _done(request, said % {"many": excluded}, RestrictionKind.EXCLUSION, moment)


@requires(Permission.EDIT_PEOPLE)
@require_POST
def take_back(request: HttpRequest, kind: str, stamp: int) -> HttpResponse:
    """Undoes what this colleague decided about many people at one moment, as far as nobody decided otherwise since."""
    if kind not in (RestrictionKind.TEST_GROUP, RestrictionKind.EXCLUSION):
        raise Http404
    try:
        decided_at = _BEGINNING + timedelta(microseconds=stamp)
    except OverflowError as error:
        raise Http404 from error
    done = lift_together(kind=RestrictionKind(kind), decided_at=decided_at, by=actor(request), now=now())
    if not done.lifted and not done.left:
        raise Http404
    said = []
    if done.lifted:
        undone = ngettext("Undone for %(many)s person.", "Undone for %(many)s people.", done.lifted)
        said.append(undone % {"many": done.lifted})
    if done.left:
        left = ngettext(
            "For %(many)s person it stands: more than an hour has passed, or somebody decided about them since. "
            "It is lifted on their page.",
            "For %(many)s people it stands: more than an hour has passed, or somebody decided about them since. "
            "It is lifted on the page of each.",
            done.left,
        )
        said.append(left % {"many": done.left})
    (messages.warning if done.left else messages.success)(request, " ".join(said))
    return redirect("people")


def _ask(
    request: HttpRequest, people: QuerySet[Person], *, new: int, what: str, form: ExclusionForm | None = None
) -> HttpResponse:
    # Handed on as they came; the next page reads them as this one did.
    handed_on = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in ("csrfmiddlewaretoken", "sure", *(form.fields if form else ()))
    ]
    context: dict[str, Any] = {
        "what": what,
        "new": new,
        "already": people.count() - new,
        "named": list(people.order_by("sort_name", "pk")[:MOST_TICKED]) if ticked(request) is not None else [],
        "handed_on": handed_on,
        "form": form,
    }
    wrong = form is not None and form.is_bound
    return render(request, "desk/people/together.html", context, status=UNPROCESSABLE if wrong else None)


def _nobody(request: HttpRequest, sentence: str) -> HttpResponse:
    messages.error(request, sentence)
    return redirect("people")


def _done(request: HttpRequest, sentence: str, kind: RestrictionKind, moment: datetime) -> HttpResponse:
    stamp = (moment - _BEGINNING) // timedelta(microseconds=1)
    messages.success(request, sentence, extra_tags=f"undo={reverse('people-take-back', args=[kind.value, stamp])}")
    return redirect("people")
