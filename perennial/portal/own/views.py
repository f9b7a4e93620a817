"""Somebody's own page: the way to it, what stands on it, and what is asked there."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import get_language_from_request
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from perennial.consent.documents import documents_of
from perennial.consent.models import Preference
from perennial.consent.queries import preference_of, standing_consents
from perennial.contact.models import Touch
from perennial.kernel import clock
from perennial.kernel.links import path_to
from perennial.kernel.text import masked
from perennial.kernel.tokens import LinkPurpose
from perennial.mail.enums import MessageState
from perennial.mail.models import Message
from perennial.people.models import Person
from perennial.people.queries import positions_of, stints_of
from perennial.portal.doors import (
    GONE,
    UNPROCESSABLE,
    behind_a_link,
    kind_page,
    language_for,
    opened_by,
    speaking,
    unknown_link,
)
from perennial.portal.own import cookie
from perennial.portal.own.forms import AddressForm, CodeForm, CorrectionForm, ObjectionForm
from perennial.privacy.leftovers import would_stay
from perennial.privacy.models import DataCopy, Visit
from perennial.privacy.rights.actions import (
    AlreadyAskedError,
    NotOpenError,
    ask,
    lift_restriction,
    take_back,
)
from perennial.privacy.rights.copies import fetch, has_little, make
from perennial.privacy.rights.enums import AT_ONCE, SENTENCES, RequestKind, RequestState
from perennial.privacy.rights.queries import of_person
from perennial.privacy.rights.visits import (
    CodeGoneError,
    CodeWrongError,
    address_for_code,
    begin,
    begin_with_address,
    end,
    open_with,
    visitor,
)
from perennial.web.access import public
from perennial.web.context import programme_of
from perennial.web.documents.consent import consent_file
from perennial.web.pace import LINK, OWN, even_paced

LETTERS = 100
_LEFT = (MessageState.SENT, MessageState.KEPT, MessageState.UNCERTAIN)

Own = Callable[..., HttpResponse]


def _for_the_visitor(view: Own) -> Own:
    """Opens a page to whoever entered the code in this browser; anybody else is led to where one asks for it."""

    @wraps(view)
    def opened(request: HttpRequest, **ids: str) -> HttpResponse:
        if any("\0" in each for each in ids.values()):
            # Nothing of ours is called so, and PostgreSQL takes no text that has one.
            raise Http404
        now = clock.now()
        visit = visitor(cookie=cookie.held_by(request), now=now)
        if visit is None or visit.person is None:
            if ids:
                # What a link names is nobody's before one has come in, as if it were not there.
                raise Http404
            return HttpResponseRedirect(reverse("own_by_address"))
        with speaking(request, language_for(request, visit.person.language)):
            return view(request, visit, now, **ids)

    return opened


@public(OWN)
@behind_a_link("same-origin")
@ensure_csrf_cookie
@require_http_methods(["GET", "HEAD", "POST"])
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Shows where the code would go, masked; a press mails it. Whoever was passed the link sees nothing else."""
    opened = opened_by(purpose=LinkPurpose.OWN, token=token)
    preference = Preference.objects.select_related("person").filter(pk=opened.row).first() if opened else None
    if opened is None or preference is None or not opened.fits(preference.link_random):
        return unknown_link(request)
    now, person = clock.now(), preference.person
    with speaking(request, language_for(request, person.language)):
        if request.method == "POST":
            return cookie.give(_to_the_code(request), begin(person=person, now=now))
        address = address_for_code(person=person, now=now)
        return kind_page(request, "portal/own/by_link.html", address=masked(address.address) if address else "")


@public(OWN)
@behind_a_link("same-origin")
@sensitive_post_parameters("address")
@ensure_csrf_cookie
@even_paced
@require_http_methods(["GET", "HEAD", "POST"])
def by_address(request: HttpRequest) -> HttpResponse:
    """Mails a code to a typed address that is somebody's; says the same, as fast, of one that is not."""
    with speaking(request, language_for(request, get_language_from_request(request))):
        form = AddressForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            given = begin_with_address(typed=form.cleaned_data["address"], now=clock.now())
            return cookie.give(_to_the_code(request), given)
        status = UNPROCESSABLE if form.is_bound else 200
        return kind_page(request, "portal/own/by_address.html", form=form, status=status)


def _to_the_code(request: HttpRequest) -> HttpResponse:
    """To where the code is typed, in the language of the page that asked for it."""
    return HttpResponseRedirect(f"{reverse('own_code')}?lang={request.LANGUAGE_CODE}")


@public(OWN)
@behind_a_link("same-origin")
@sensitive_post_parameters("code")
@ensure_csrf_cookie
@even_paced
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Takes the code, in the browser that asked for it."""
    with speaking(request, language_for(request, get_language_from_request(request))):
        form = CodeForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            held = cookie.held_by(request)
            try:
                fresh = open_with(cookie=held, typed=form.cleaned_data["code"], now=clock.now())
            except CodeWrongError as wrong:
                form.add_error(
                    "code", _("This is not the code. You can try %(left)d more times.") % {"left": wrong.left}
                )
            except CodeGoneError:
                # The cookie stays: it opens nothing, or it is the fresh one of whoever pressed twice.
                return kind_page(request, "portal/own/gone.html", status=GONE)
            else:
                return cookie.give(HttpResponseRedirect(reverse("own")), fresh)
        status = UNPROCESSABLE if form.is_bound else 200
        return kind_page(request, "portal/own/code.html", form=form, status=status)


@public(LINK)
@behind_a_link("same-origin")
@ensure_csrf_cookie
@require_http_methods(["GET", "HEAD"])
@_for_the_visitor
def mine(request: HttpRequest, visit: Visit, now: datetime) -> HttpResponse:
    return _page(request, visit, now)


@public(LINK)
@behind_a_link("same-origin")
@sensitive_post_parameters("words")
@ensure_csrf_cookie
@require_http_methods(["GET", "HEAD", "POST"])
@_for_the_visitor
def ask_for(request: HttpRequest, visit: Visit, now: datetime, kind: str) -> HttpResponse:
    """GET says once more what it means; POST asks."""
    if kind not in RequestKind.values:
        raise Http404
    asked, person = RequestKind(kind), _person(visit)
    forms = {RequestKind.CORRECTION: CorrectionForm, RequestKind.OBJECTION: ObjectionForm}
    form = forms[asked](request.POST or None) if asked in forms else None
    if request.method != "POST" or (form is not None and not form.is_valid()):
        return kind_page(
            request,
            "portal/own/ask.html",
            status=UNPROCESSABLE if request.method == "POST" else 200,
            kind=asked,
            sentence=SENTENCES[asked],
            at_once=asked in AT_ONCE,
            erases=asked is RequestKind.ERASURE,
            stays=would_stay(person=person) if asked is RequestKind.ERASURE else [],
            form=form,
        )
    try:
        row = ask(person=person, kind=asked, by=_by(person), now=now, **(form.cleaned_data if form else {}))
    except AlreadyAskedError:
        return _back("already")
    order = DataCopy.objects.filter(request=row).first()
    if order is not None and has_little(person=person):
        make(order=order, now=now)
    return _back("asked")


@public(LINK)
@behind_a_link("same-origin")
@require_POST
@_for_the_visitor
def take_it_back(request: HttpRequest, visit: Visit, now: datetime, key: str) -> HttpResponse:
    return _settled(visit, key, take_back, now, "taken-back")


@public(LINK)
@behind_a_link("same-origin")
@require_POST
@_for_the_visitor
def lift_it(request: HttpRequest, visit: Visit, now: datetime, key: str) -> HttpResponse:
    """The person has their data used again."""
    return _settled(visit, key, lift_restriction, now, "lifted")


def _settled(visit: Visit, key: str, deed: Callable[..., None], now: datetime, told: str) -> HttpResponse:
    """Does `deed` to a request of whoever visits, and says so."""
    person = _person(visit)
    row = of_person(person=person).filter(key=key).first()
    if row is None:
        raise Http404
    try:
        deed(request=row, by=_by(person), now=now)
    except NotOpenError:
        return _back("answered")
    return _back(told)


@public(LINK)
@behind_a_link("same-origin")
@require_POST
@_for_the_visitor
def file(request: HttpRequest, visit: Visit, now: datetime, key: str) -> HttpResponse:
    """The file, handed over by a press: a program that follows links fetches none."""
    found = fetch(person=_person(visit), key=key, now=now)
    if found is None:
        raise Http404
    response = HttpResponse(found.content, content_type=found.content_type)
    response["Content-Disposition"] = f'attachment; filename="{found.name}"'
    return response


@public(LINK)
@behind_a_link("same-origin")
@require_POST
@_for_the_visitor
def document(request: HttpRequest, visit: Visit, now: datetime, number: str) -> HttpResponse:
    """A document the person agreed to, as PDF, handed over by a press like the file. The same file each time."""
    for row, kept in documents_of(person_key=_person(visit).key):
        if str(row.pk) == number:
            return consent_file(row, kept)
    raise Http404


@public(LINK)
@behind_a_link("same-origin")
@require_POST
def leave_page(request: HttpRequest) -> HttpResponse:
    """Ends the visit; what the browser still holds opens nothing."""
    end(cookie=cookie.held_by(request), now=clock.now())
    return cookie.take(HttpResponseRedirect(reverse("own_by_address")))


def _page(request: HttpRequest, visit: Visit, now: datetime) -> HttpResponse:
    person = _person(visit)
    preference = preference_of(person=person)
    requests = list(of_person(person=person).select_related("file"))
    open_kinds = {row.kind for row in requests if row.state == RequestState.OPEN}
    restricted = next(
        (row for row in requests if row.kind == RequestKind.RESTRICTION and row.state == "done" and not row.lifted_at),
        None,
    )
    context: dict[str, Any] = {
        "person": person,
        "called": person.called or person.full_name,
        "programme": programme_of(request),
        "ends_at": visit.ends_at,
        "addresses": list(person.addresses.all()),
        "stints": list(stints_of(person)),
        "positions": list(positions_of(person)),
        "consents": list(standing_consents(person=person)),
        "documents": documents_of(person_key=person.key),
        "letters": _letters(person),
        "touches": Touch.objects.filter(person=person).count(),
        "requests": [(row, _waits_to_be_fetched(row, now)) for row in requests],
        "restricted": restricted,
        "kinds": [
            (kind, SENTENCES[kind])
            for kind in RequestKind
            if (kind == RequestKind.CORRECTION or kind not in open_kinds)
            and not (restricted and kind == RequestKind.RESTRICTION)
        ],
        "said": request.GET.get("said", ""),
        "preferences": path_to(purpose=LinkPurpose.PREFERENCES, row=preference.pk, random=preference.link_random),
    }
    return kind_page(request, "portal/own/mine.html", **context)


def _letters(person: Person) -> list[tuple[datetime | None, str]]:
    """What went to them, with its subject: this is their mailbox's owner."""
    sent = Message.objects.filter(person=person, state__in=_LEFT).select_related("mailing").order_by("-done_at", "-pk")
    told = []
    for message in sent[:LETTERS]:
        contents: dict[str, dict[str, str]] = message.mailing.contents
        words = contents.get(message.language) or next(iter(contents.values()), {})
        told.append((message.done_at, words.get("subject", "")))
    return told


def _waits_to_be_fetched(row: Any, now: datetime) -> bool:
    made = getattr(row, "file", None)
    return made is not None and made.expires_at is not None and made.expires_at > now


def _back(said: str) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('own')}?said={said}#asked")


def _person(visit: Visit) -> Person:
    if visit.person is None:
        raise Http404
    return visit.person


def _by(person: Person) -> str:
    return f"person:{person.key}"
