"""For whom the programme is: the rule with its numbers, the people behind each number, choosing one by one."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.accounts.models import User
from perennial.accounts.roles import Permission
from perennial.departures.audience.actions import choose_person, decide_audience, put_audience_back
from perennial.departures.audience.queries import (
    Counts,
    chosen,
    counts,
    current_audience,
    former_audiences,
    people_who,
    why,
)
from perennial.departures.enums import AudienceMode, Standing
from perennial.departures.models import Audience
from perennial.desk.audience.forms import AudienceForm, filled_from
from perennial.desk.audience.words import asks, reasons
from perennial.kernel.clock import now
from perennial.people.directory import Filters, matching
from perennial.people.models import Person
from perennial.people.queries import person_with_key, visible_to, with_latest_stints
from perennial.programme.enums import AIM_SENTENCES, Aim
from perennial.programme.queries import today
from perennial.web.access import actor, colleague, requires
from perennial.web.context import programme_of

PAGE = 25
FORMER = 10
UNPROCESSABLE = 422
# What is chosen about one person, as it stands in the address of its button.
CHOICES = {"welcome": True, "not-meant": False, "undecided": None}


@dataclass(frozen=True)
class Former:
    """A decision about the audience as the page tells it; `by` is a name, or empty where a machine set it up."""

    version: int
    at: datetime | None
    by: str
    asks: list[str]


@require_http_methods(["GET", "POST"])
@requires(Permission.RUN_PROGRAMME)
def edit_audience(request: HttpRequest) -> HttpResponse:
    """The rule and its numbers; what is saved holds at once, and can be taken back."""
    if request.method == "GET":
        return _page(request, AudienceForm(initial=filled_from(current_audience())), current_audience())
    form = AudienceForm(request.POST)
    if not form.is_valid():
        return _page(request, form, None, status=UNPROCESSABLE)
    before = current_audience()
    decided = decide_audience(asked=form.asked(), by=actor(request), now=now())
    if decided == before:
        messages.info(request, _("It is for these people already."))
    else:
        undo = reverse("audience-put-back", args=[before.pk or 0])
        messages.success(request, _("Saved. The door knows it from now on."), extra_tags=f"undo={undo}")
    return redirect("audience")


@require_POST
@requires(Permission.RUN_PROGRAMME)
def count_audience(request: HttpRequest) -> HttpResponse:
    """The numbers of what stands in the form, without saving it: as one edits, or by a button without script."""
    form = AudienceForm(request.POST)
    audience = form.asked().as_row() if form.is_valid() else None
    if "HX-Request" in request.headers:
        return render(request, "desk/audience/numbers.html", _numbers(request, audience, request.POST))
    return _page(request, form, audience, status=200 if audience else UNPROCESSABLE)


@require_POST
@requires(Permission.RUN_PROGRAMME)
def put_back(request: HttpRequest, version: int) -> HttpResponse:
    """A former decision holds again; 0 is how it began: for everybody."""
    former = get_object_or_404(Audience, pk=version) if version else None
    before = current_audience()
    put_audience_back(former=former, by=actor(request), now=now())
    undo = reverse("audience-put-back", args=[before.pk or 0])
    messages.success(request, _("What was decided before holds again."), extra_tags=f"undo={undo}")
    return redirect("audience")


@require_GET
@requires(Permission.RUN_PROGRAMME)
def list_people(request: HttpRequest) -> HttpResponse:
    """The people behind one of the numbers, and why: of the rule in the address, or of the one that is saved."""
    standing = request.GET.get("who", Standing.WELCOME)
    if standing not in Standing.values:
        raise Http404
    where, day = Standing(standing), today(now=now())
    audience = current_audience()
    trying = "mode" in request.GET
    if trying:
        form = AudienceForm(request.GET)
        if not form.is_valid():
            raise Http404
        audience = form.asked().as_row()
    words = request.GET.get("q", "").strip()[:200]
    among = matching(Filters(text=words), among=visible_to(colleague(request))) if words else None
    page = Paginator(people_who(where, audience=audience, day=day, among=among), PAGE).get_page(request.GET.get("page"))
    shown = list(with_latest_stints(Person.objects.filter(pk__in=[row.pk for row in page]).order_by("sort_name", "pk")))
    told = why(shown, audience=audience, day=day) if where in (Standing.WAITS, Standing.NOT_MEANT) else {}
    by_list = audience.mode == AudienceMode.LIST
    return render(
        request,
        "desk/audience/people.html",
        {
            "where": where,
            "standings": Standing,
            "page": page,
            "rows": [(person, reasons(where, told.get(person.pk, []))) for person in shown],
            "trying": trying,
            "may_choose": by_list and not trying and where is not Standing.EXCLUDED,
            "aims": [(Aim(aim).label, AIM_SENTENCES[Aim(aim)]) for aim in programme_of(request).aims],
            "q": words,
            # What the search is asked with, as the page was.
            "asked_with": [
                (name, value) for name, values in request.GET.lists() if name not in ("q", "page") for value in values
            ],
            "here": request.get_full_path(),
        },
    )


@require_POST
@requires(Permission.RUN_PROGRAMME)
def choose(request: HttpRequest, key: str, choice: str) -> HttpResponse:
    """Decides about one person where people are chosen one by one."""
    person = person_with_key(key, among=visible_to(colleague(request)))
    if person is None or choice not in CHOICES:
        raise Http404
    decided = chosen([person]).get(person.pk)
    choose_person(person=person, welcome=CHOICES[choice], by=actor(request), now=now())
    former = "undecided" if decided is None else "welcome" if decided.welcome else "not-meant"
    said = {
        "welcome": _("{name} is welcome."),
        "not-meant": _("Noted: the programme is not meant for {name}."),
        "undecided": _("{name} waits for a decision again."),
    }[choice]
    undo = reverse("audience-choose", args=[key, former])
    messages.success(request, said.format(name=person.full_name), extra_tags=f"undo={undo}")
    back = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith("/audience/people/")
    return redirect(back if safe else f"{reverse('audience-people')}?who={Standing.WAITS}")


def _page(request: HttpRequest, form: AudienceForm, audience: Audience | None, status: int = 200) -> HttpResponse:
    asked = request.POST if request.method == "POST" else None
    context = {
        "form": form,
        "former": _former(),
        "aims": [(Aim(aim).label, AIM_SENTENCES[Aim(aim)]) for aim in programme_of(request).aims],
        **_numbers(request, audience, asked),
    }
    return render(request, "desk/audience/audience.html", context, status=status)


def _numbers(request: HttpRequest, audience: Audience | None, asked: QueryDict | None) -> dict[str, object]:
    """The numbers, and the address of the people behind them: of what is being tried out, where that is asked for."""
    found: Counts | None = counts(audience=audience, day=today(now=now())) if audience else None
    query = ""
    if asked is not None:
        kept = asked.copy()
        kept.pop("csrfmiddlewaretoken", None)
        query = "&" + kept.urlencode()
    return {"counts": found, "asked": query, "trying": asked is not None}


def _former() -> list[Former]:
    """What was decided before, the latest first, and at the end how it began."""
    rows = list(former_audiences()[: FORMER + 1])
    names = {f"user:{pk}": name for pk, name in User.objects.values_list("pk", "name")} if rows else {}
    told = [Former(row.pk, row.decided_at, names.get(row.by, ""), asks(row)) for row in rows[1:]]
    if rows and len(rows) <= FORMER:
        told.append(Former(0, None, "", asks(Audience())))
    return told
