"""What people ask about their data: the list, one request, and the answers to it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.accounts.queries import names_behind
from perennial.accounts.roles import Permission
from perennial.desk.departures.words import due_words
from perennial.desk.people.forms import EraseForm
from perennial.desk.people.views.person import known
from perennial.desk.requests.forms import CarryOutForm, NoteForm, ReasonForm
from perennial.kernel.clock import now
from perennial.people.actions import NameMissingError
from perennial.privacy.leftovers import would_stay
from perennial.privacy.models import DataCopy, Request
from perennial.privacy.rights.actions import (
    TOLD_BEFORE,
    AlreadyAskedError,
    NoMoreTimeError,
    NotOpenError,
    NotToldError,
    TooLateToExtendError,
    ask,
    carry_out,
    extend,
    lift_restriction,
    refuse,
    tell_of_lifting,
)
from perennial.privacy.rights.enums import APPLIED_AS_ASKED, CameBy, Checked, RequestKind, RequestState
from perennial.privacy.rights.letters import address_of
from perennial.privacy.rights.queries import answered_requests, open_requests, request_with_key
from perennial.programme.queries import today
from perennial.web.access import actor, prove_again, requires

PAGE = 25
UNPROCESSABLE = 422
OPEN, ANSWERED = "open", "answered"


@requires(Permission.HANDLE_RIGHTS)
@require_GET
def list_requests(request: HttpRequest) -> HttpResponse:
    """What is open, the earliest due first, and what was answered."""
    day = today(now=now())
    lists = {OPEN: open_requests(), ANSWERED: answered_requests()}
    view = request.GET.get("view", OPEN)
    if view not in lists:
        raise Http404
    page = Paginator(lists[view], PAGE).get_page(request.GET.get("page"))
    labels = {OPEN: _("Open"), ANSWERED: _("Answered")}
    return render(
        request,
        "desk/requests/list.html",
        {
            "page": page,
            "rows": [(row, due_words(row.due_on, day), row.due_on < day) for row in page],
            "view": view,
            "views": [(name, labels[name], rows.count()) for name, rows in lists.items()],
        },
    )


@requires(Permission.HANDLE_RIGHTS)
@require_GET
def show_request(request: HttpRequest, key: str) -> HttpResponse:
    return _page(request, _known(key))


@sensitive_post_parameters("words")
@requires(Permission.HANDLE_RIGHTS)
@require_http_methods(["GET", "POST"])
def note_request(request: HttpRequest, key: str) -> HttpResponse:
    """Notes what came by letter, mail or phone. What is in force at once is in force with this."""
    person, moment = known(request, key), now()
    day = today(now=moment)
    form = NoteForm(request.POST or None, day=day, initial={"received_on": day})
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            noted = ask(
                person=person,
                kind=RequestKind(asked["kind"]),
                field=asked["field"],
                words=asked["words"],
                came_by=CameBy(asked["came_by"]),
                checked_by=Checked(asked["checked_by"]),
                received_on=asked["received_on"],
                by=actor(request),
                now=moment,
            )
        except AlreadyAskedError:
            form.add_error("kind", _("They asked this already; it is still open, or holds."))
        else:
            messages.success(request, _("Noted. The term runs from the day it was received."))
            return redirect("request", noted.key)
    context = {"form": form, "person": person}
    return render(request, "desk/requests/new.html", context, status=UNPROCESSABLE if form.is_bound else None)


@sensitive_post_parameters("answer", "recipients_told")
@requires(Permission.HANDLE_RIGHTS)
@require_POST
def carry_out_request(request: HttpRequest, key: str) -> HttpResponse:
    row = _known(key)
    if _is_made_by_itself(row):
        messages.info(request, _("The file is made by itself, within minutes. There is nothing to do."))
        return redirect("request", key)
    form, erase_form = CarryOutForm(request.POST), None
    if row.kind == RequestKind.ERASURE and row.person is not None:
        prove_again(request)
        erase_form = EraseForm(request.POST, expected=row.person.full_name)
        if not erase_form.is_valid():
            return _page(request, row, carry_out_form=form, erase_form=erase_form)
    if not form.is_valid():
        return _page(request, row, carry_out_form=form)
    try:
        mailed = carry_out(request=row, **form.cleaned_data, by=actor(request), now=now())
    except NotOpenError:
        return _answered_already(request, key)
    except NameMissingError:
        messages.warning(request, _("This is no name. Correct it on the record by hand, or say why not."))
    else:
        _say(request, _("Done, and the person was written to."), mailed)
    return redirect("request", key)


@sensitive_post_parameters("reason")
@requires(Permission.HANDLE_RIGHTS)
@require_POST
def refuse_request(request: HttpRequest, key: str) -> HttpResponse:
    return _with_reason(request, key, refuse, "refuse_form", _("The person was told why, and where to complain."))


@sensitive_post_parameters("reason")
@requires(Permission.HANDLE_RIGHTS)
@require_POST
def extend_request(request: HttpRequest, key: str) -> HttpResponse:
    return _with_reason(request, key, extend, "extend_form", _("The person was told until when, and why."))


@sensitive_post_parameters("reason")
@requires(Permission.HANDLE_RIGHTS)
@require_POST
def tell_of_lifting_it(request: HttpRequest, key: str) -> HttpResponse:
    """Of a restriction: tells the person that their data will be used again in a week, and why."""
    return _with_reason(
        request, key, tell_of_lifting, "lift_form", _("The person was told. You can lift it in a week.")
    )


@requires(Permission.HANDLE_RIGHTS)
@require_POST
def lift_it(request: HttpRequest, key: str) -> HttpResponse:
    row = _known(key)
    try:
        lift_restriction(request=row, by=actor(request), now=now())
    except NotOpenError:
        return _answered_already(request, key)
    except NotToldError:
        messages.warning(request, _("The person hears of it a week before. Until then it stays as it is."))
    else:
        messages.success(request, _("Lifted. Their data is used again."))
    return redirect("request", key)


def _with_reason(request: HttpRequest, key: str, deed: Callable[..., bool], form_name: str, told: str) -> HttpResponse:
    """Does `deed` for the reason that was typed, which the person reads; says `told` where mail reaches them."""
    row, form = _known(key), ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, row, **{form_name: form})
    try:
        mailed = deed(request=row, reason=form.cleaned_data["reason"], by=actor(request), now=now())
    except NotOpenError:
        return _answered_already(request, key)
    except TooLateToExtendError:
        messages.warning(request, _("More time is taken once, and within the first term. That has passed."))
    except NoMoreTimeError:
        messages.warning(request, _("By the law of the country where they live now there is no more time to take."))
    else:
        _say(request, told, mailed)
    return redirect("request", key)


def _known(key: str) -> Request:
    row = request_with_key(key)
    if row is None:
        raise Http404
    return row


def _is_made_by_itself(row: Request) -> bool:
    """Whether the file that answers it is ordered already, and waits on the person's own page then."""
    return row.state == RequestState.OPEN and DataCopy.objects.filter(request=row).exists()


def _answered_already(request: HttpRequest, key: str) -> HttpResponse:
    messages.warning(request, _("Somebody answered it in the meantime, or it was taken back."))
    return redirect("request", key)


def _say(request: HttpRequest, sentence: str, mailed: bool) -> None:
    if mailed:
        messages.success(request, sentence)
    else:
        messages.warning(request, _("Written down. No mail reaches them, so tell them by letter."))


def _page(request: HttpRequest, row: Request, **forms: Any) -> HttpResponse:
    moment = now()
    day, is_open = today(now=moment), row.state == RequestState.OPEN
    names = names_behind({row.noted_by, row.answered_by})
    erases = is_open and row.kind == RequestKind.ERASURE
    context: dict[str, Any] = {
        "row": row,
        "person": row.person,
        "is_open": is_open,
        "due": due_words(row.due_on, day) if is_open else "",
        "late": is_open and row.due_on < day,
        "noted_by": names.get(row.noted_by, ""),
        "answered_by": names.get(row.answered_by, ""),
        "by_itself": _is_made_by_itself(row),
        "may_extend": is_open and row.extended_at is None and day <= row.first_due_on,
        "no_mail": row.person is not None and not address_of(person=row.person, now=moment),
        "applied_as_asked": row.field in APPLIED_AS_ASKED,
        "stays": would_stay(person=row.person) if erases and row.person else [],
        "restricts": row.kind == RequestKind.RESTRICTION and row.state == RequestState.DONE and not row.lifted_at,
        "liftable_on": _liftable_on(row),
        "carry_out_form": CarryOutForm(),
        "erase_form": EraseForm(expected="") if erases else None,
        "refuse_form": ReasonForm(prefix=None, auto_id="refuse_%s"),
        "extend_form": ReasonForm(prefix=None, auto_id="extend_%s"),
        "lift_form": ReasonForm(prefix=None, auto_id="lift_%s"),
    }
    return render(request, "desk/requests/request.html", context | forms, status=UNPROCESSABLE if forms else 200)


def _liftable_on(row: Request) -> str:
    """The day from which a colleague may lift a restriction; empty where the person was not told."""
    if row.lifting_told_at is None:
        return ""
    return date_format(localtime(row.lifting_told_at + TOLD_BEFORE), "DATE_FORMAT")
