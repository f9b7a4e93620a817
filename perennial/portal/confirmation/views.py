"""The pages the second mail leads to, and the one to the address on file: a button, and a press on it."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language_from_request
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods

from perennial.accounts.visitor import ip_of
from perennial.consent.models import ConsentRequest
from perennial.consent.queries import preference_of
from perennial.consent.vouching import waiting_of
from perennial.kernel import clock
from perennial.kernel.links import path_to
from perennial.kernel.text import masked
from perennial.kernel.tokens import LinkPurpose
from perennial.mail import vouching as words_for
from perennial.mail.confirmation import ConfirmationGone, Confirmed, Gone, MoreAskedError, confirm, find
from perennial.people.models import Person
from perennial.portal.doors import GONE, behind_a_link, kind_page, language_for, speaking, unknown_link
from perennial.web.access import public
from perennial.web.pace import LINK

CONFLICT = 409


@public(LINK)
@behind_a_link("same-origin")
@ensure_csrf_cookie
@require_http_methods(["GET", "HEAD", "POST"])
def confirmation(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows the button and changes nothing: link scanners follow links, and must not consent for anybody."""
    now = clock.now()
    try:
        waiting = find(token=token, now=now)
        with speaking(request, language_for(request, waiting.language)):
            if request.method == "POST":
                return _confirmed(request, confirm(token=token, ip=ip_of(request), now=now, shown=_shown(request)))
            return _button(request, waiting)
    except MoreAskedError:
        with speaking(request, language_for(request, waiting.language)):
            return _button(request, waiting, status=CONFLICT)
    except ConfirmationGone as gone:
        return _gone(request, gone)


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
            return kind_page(
                request,
                "portal/confirmation/vouch.html",
                called=waiting.person.called or waiting.person.full_name,
                address=masked(waiting.address.address),
            )
    except ConfirmationGone as gone:
        return _gone(request, gone)


def _shown(request: HttpRequest) -> int | None:
    """What stood above the button that was pressed."""
    last = request.POST.get("shown", "")
    return int(last) if last.isdecimal() and len(last) < 18 else None


def _button(request: HttpRequest, waiting: ConsentRequest, *, status: int = 200) -> HttpResponse:
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
    preference = preference_of(person=confirmed.person)
    return kind_page(
        request,
        "portal/confirmation/confirmed.html",
        called=confirmed.person.called or confirmed.person.full_name,
        frequency=preference.get_frequency_display(),
        preferences=path_to(purpose=LinkPurpose.PREFERENCES, row=preference.pk, random=preference.link_random),
    )


def _on_file_of(person: Person, now: datetime) -> str:
    """The masked address at which somebody is asked to vouch; empty where a colleague does it."""
    waiting = waiting_of(person=person, now=now)
    return masked(waiting.on_file.address) if waiting and waiting.on_file else ""


def _gone(request: HttpRequest, gone: ConfirmationGone) -> HttpResponse:
    if gone.kind is Gone.UNKNOWN:
        return unknown_link(request)
    # Where the request is deleted, the browser's language is all we know.
    with speaking(request, language_for(request, gone.language, get_language_from_request(request))):
        return kind_page(request, "portal/confirmation/gone.html", status=GONE, used=gone.kind is Gone.USED)
