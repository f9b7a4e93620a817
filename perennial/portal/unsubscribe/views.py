"""Unsubscribing: by a mail program's one click (RFC 8058), or on the page that the same link shows."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language_from_request
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from perennial.accounts.visitor import ip_of
from perennial.consent.queries import granted
from perennial.departures.choices import leave_entirely
from perennial.kernel import clock
from perennial.kernel.purposes import Channel, Purpose
from perennial.kernel.tokens import LinkPurpose
from perennial.mail.models import Message
from perennial.mail.unsubscribe import UnsubscribeUnknownError, find, one_click
from perennial.portal.doors import behind_a_link, kind_page, language_for, opened_by, speaking, unknown_link
from perennial.web.access import public
from perennial.web.pace import UNSUBSCRIBE


@csrf_exempt  # The mail program that posts here has no cookie; whoever knows the link may stop these mails.
@public(UNSUBSCRIBE)
@behind_a_link("no-referrer")
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows a button, or that it was pressed already, and changes nothing. Any POST stops: the purpose of that
    mail, or with `everything` all.

    The link stands in a header that providers and scanners read, so the page leads nowhere else, not even to the
    preferences.
    """
    try:
        message = find(token=token)
    except UnsubscribeUnknownError:
        return _nothing_left(request, token)
    with speaking(request, language_for(request, message.language)):
        if request.method != "POST":
            return _button(request, message) if _still_comes(message) else _done(request, message)
        everything = request.POST.get("everything") == "yes"
        if everything and message.person:
            leave_entirely(person=message.person, by=f"person:{message.person.key}", now=clock.now())
        else:
            one_click(token=token, ip=ip_of(request), now=clock.now())
        if request.POST.get("List-Unsubscribe") == "One-Click":
            return HttpResponse("", content_type="text/plain; charset=utf-8")
        return _done(request, message)


def _button(request: HttpRequest, message: Message) -> HttpResponse:
    return kind_page(
        request,
        "portal/unsubscribe/button.html",
        purpose=Purpose(message.mailing.purpose).label,
    )


def _done(request: HttpRequest, message: Message) -> HttpResponse:
    return kind_page(
        request,
        "portal/unsubscribe/done.html",
        purpose=Purpose(message.mailing.purpose).label,
        everything=not _agreed(message),
    )


def _still_comes(message: Message) -> bool:
    return (message.mailing.purpose, Channel.EMAIL) in _agreed(message)


def _agreed(message: Message) -> set[tuple[str, str]]:
    return granted(person=message.person) if message.person else set()


def _nothing_left(request: HttpRequest, token: str) -> HttpResponse:
    """A link of ours whose mail has been erased since: there is nothing left to stop, and that is said kindly."""
    if opened_by(purpose=LinkPurpose.UNSUBSCRIBE, token=token) is None:
        return unknown_link(request)
    if request.method == "POST" and request.POST.get("List-Unsubscribe") == "One-Click":
        return HttpResponse("", content_type="text/plain; charset=utf-8")
    with speaking(request, language_for(request, get_language_from_request(request))):
        return kind_page(request, "portal/unsubscribe/nothing_left.html")
