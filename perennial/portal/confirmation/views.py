"""The pages the second mail leads to, and the one to the address on file: a button, and a press on it."""

from collections.abc import Sequence
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import get_language, get_language_from_request
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods

from perennial.accounts.visitor import ip_of
from perennial.consent.documents import Document, documents_asked
from perennial.consent.models import ConsentRequest, Evidence
from perennial.consent.queries import granted, preference_of
from perennial.consent.vouching import waiting_of
from perennial.kernel import clock
from perennial.kernel.links import path_to
from perennial.kernel.text import masked
from perennial.kernel.tokens import LinkPurpose
from perennial.mail import vouching as words_for
from perennial.mail.confirmation import (
    ConfirmationGone,
    Confirmed,
    Gone,
    MoreAskedError,
    agreed_by,
    asks_whose_address,
    confirm,
    find,
    settle,
)
from perennial.people.models import Person
from perennial.portal.doors import (
    GONE,
    address_with_language,
    behind_a_link,
    kind_page,
    language_for,
    speaking,
    unknown_link,
)
from perennial.web.access import public
from perennial.web.documents.consent import consent_file
from perennial.web.pace import LINK

CONFLICT = 409

# Documents that were agreed to, each with the row that keeps it.
Agreed = Sequence[tuple[Evidence, Document]]


@public(LINK)
@behind_a_link("same-origin")
@ensure_csrf_cookie
@require_http_methods(["GET", "HEAD", "POST"])
def confirmation(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows the button and changes nothing: link scanners follow links, and must not consent for anybody."""
    now = clock.now()
    try:
        if request.method == "POST" and "print" in request.POST:
            return _printed(request, token, now)
        waiting = find(token=token, now=now)
        with speaking(request, language_for(request, waiting.language)):
            if request.method == "POST" and "document" in request.POST:
                return _settled(request, token, now)
            if request.method == "POST":
                return _confirmed(request, confirm(token=token, ip=ip_of(request), now=now, shown=_shown(request)))
            return _button(request, waiting, token)
    except MoreAskedError:
        with speaking(request, language_for(request, waiting.language)):
            return _button(request, waiting, token, status=CONFLICT)
    except ConfirmationGone as gone:
        return _gone(request, gone, agreed_by(token=token, now=now) if gone.kind is Gone.USED else ())


@public(LINK)
@behind_a_link("same-origin")
@ensure_csrf_cookie
@require_http_methods(["GET", "HEAD", "POST"])
def vouch(request: HttpRequest, token: str) -> HttpResponse:
    """From the address on file: is the new one yours? GET shows the button and changes nothing."""
    now = clock.now()
    try:
        waiting = words_for.find(token=token, now=now).request
        with speaking(request, language_for(request, waiting.language)):
            if request.method == "POST":
                return _confirmed(request, words_for.vouch(token=token, ip=ip_of(request), now=now), vouched=True)
            return _asks_whose(request, waiting)
    except ConfirmationGone as gone:
        return _gone(request, gone)


def _shown(request: HttpRequest) -> int | None:
    """What stood above the button that was pressed."""
    last = request.POST.get("shown", "")
    return int(last) if last.isdecimal() and len(last) < 18 else None


def _settled(request: HttpRequest, token: str, now: datetime) -> HttpResponse:
    """One document was agreed to or declined: on to the next, or thanks."""
    waiting, answer = find(token=token, now=now), request.POST.get("agree", "")
    if answer not in ("yes", "no"):
        return _button(request, waiting, token, status=CONFLICT)
    try:
        settle(
            token=token,
            purpose=request.POST["document"],
            shown=request.POST.get("shown", ""),
            language=get_language() or "en",
            agrees=answer == "yes",
            ip=ip_of(request),
            now=now,
        )
    except ConfirmationGone as gone:
        if gone.kind is not Gone.USED:
            raise
        # Pressed twice, or on an older page: what waits still is shown, and nothing more happens.
        find(token=token, now=now)
        return HttpResponseRedirect(address_with_language(request))
    if ConsentRequest.objects.filter(pk=waiting.pk, confirmed_at=None).exists():
        return HttpResponseRedirect(address_with_language(request))
    agreed_to = agreed_by(token=token, now=now) if ConsentRequest.objects.filter(pk=waiting.pk).exists() else ()
    return _thanks(request, waiting.person, agreed=bool(granted(person=waiting.person)), agreed_to=agreed_to)


def _printed(request: HttpRequest, token: str, now: datetime) -> HttpResponse:
    """A document that was agreed to by this link, as PDF: the own page is closed to an address given a moment ago."""
    for row, document in agreed_by(token=token, now=now):
        if str(row.pk) == request.POST["print"]:
            return consent_file(row, document)
    raise Http404


def _button(request: HttpRequest, waiting: ConsentRequest, token: str, *, status: int = 200) -> HttpResponse:
    documents = documents_asked(request=waiting, language=get_language() or "en", now=clock.now())
    if documents and asks_whose_address(waiting):
        return _asks_whose(request, waiting, status=status)
    if documents:
        return kind_page(
            request,
            "portal/confirmation/document.html",
            called=waiting.person.called or waiting.person.full_name,
            document=documents[0],
            following=[each.label for each in documents[1:]],
            changed=status == CONFLICT,
            agreed_to=agreed_by(token=token, now=clock.now()),
            action=address_with_language(request),
            status=status,
        )
    consents = list(waiting.consents.select_related("wording"))
    channels = {consent.channel: consent.get_channel_display() for consent in consents}
    return kind_page(
        request,
        "portal/confirmation/button.html",
        called=waiting.person.called or waiting.person.full_name,
        address=masked(waiting.address.address),
        sentences=list(dict.fromkeys(consent.wording.text for consent in consents)),
        channels=list(channels.values()),
        shown=max((consent.pk for consent in consents), default=0),
        changed=status == CONFLICT,
        status=status,
    )


def _asks_whose(request: HttpRequest, waiting: ConsentRequest, *, status: int = 200) -> HttpResponse:
    return kind_page(
        request,
        "portal/confirmation/vouch.html",
        called=waiting.person.called or waiting.person.full_name,
        address=masked(waiting.address.address),
        status=status,
    )


def _confirmed(request: HttpRequest, confirmed: Confirmed, *, vouched: bool = False) -> HttpResponse:
    if confirmed.waits:
        return kind_page(
            request,
            "portal/confirmation/one_more.html",
            called=confirmed.person.called or confirmed.person.full_name,
            address=masked(confirmed.address.address),
            vouched=vouched,
            by_mail=_on_file_of(confirmed.person, clock.now()),
        )
    if confirmed.documents and not vouched:
        # From this very mailbox, so they are shown at once.
        return HttpResponseRedirect(address_with_language(request))
    if confirmed.documents:
        return kind_page(
            request,
            "portal/confirmation/documents_sent.html",
            called=confirmed.person.called or confirmed.person.full_name,
            address=masked(confirmed.address.address),
        )
    return _thanks(request, confirmed.person, agreed=True)


def _thanks(request: HttpRequest, person: Person, *, agreed: bool, agreed_to: Agreed = ()) -> HttpResponse:
    preference = preference_of(person=person)
    return kind_page(
        request,
        "portal/confirmation/confirmed.html",
        called=person.called or person.full_name,
        agreed=agreed,
        agreed_to=agreed_to,
        action=address_with_language(request),
        frequency=preference.get_frequency_display(),
        preferences=path_to(purpose=LinkPurpose.PREFERENCES, row=preference.pk, random=preference.link_random),
        own_page=path_to(purpose=LinkPurpose.OWN, row=preference.pk, random=preference.link_random),
    )


def _on_file_of(person: Person, now: datetime) -> str:
    """The masked address at which somebody is asked to vouch; empty where a colleague does it."""
    waiting = waiting_of(person=person, now=now)
    return masked(waiting.on_file.address) if waiting and waiting.on_file else ""


def _gone(request: HttpRequest, gone: ConfirmationGone, agreed_to: Agreed = ()) -> HttpResponse:
    if gone.kind is Gone.UNKNOWN:
        return unknown_link(request)
    # Where the request is deleted, the browser's language is all we know.
    with speaking(request, language_for(request, gone.language, get_language_from_request(request))):
        return kind_page(
            request,
            "portal/confirmation/gone.html",
            status=GONE,
            used=gone.kind is Gone.USED,
            agreed_to=agreed_to,
            action=address_with_language(request),
        )
