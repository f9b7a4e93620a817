"""The preference page: what holds, what may change, what was sent and why."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils import translation
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from perennial.accounts.visitor import ip_of
from perennial.consent.models import ConsentState, Preference
from perennial.consent.queries import granted, standing_consents, to_be_asked_again
from perennial.consent.topics import unwanted_topics
from perennial.contact.door import Explanation, explain
from perennial.contact.enums import Direction, TouchKind, Verdict
from perennial.contact.queries import TimelineEntry, timeline
from perennial.departures.choices import (
    NothingToUndoError,
    change_choices,
    choices_of,
    last_change,
    leave_entirely,
    renew,
    undo,
)
from perennial.departures.relation import (
    AddressMissingError,
    BusinessAddressError,
    Confirmation,
    TooManyRequestsError,
    offered_purposes,
    private_address_of,
    waiting_consents,
)
from perennial.kernel import clock
from perennial.kernel.links import path_to
from perennial.kernel.purposes import CHANNEL_WORDS, Channel, Purpose
from perennial.kernel.text import called_from, masked
from perennial.kernel.tokens import LinkPurpose
from perennial.mail.confirmation import AskedTooOftenError
from perennial.people.models import Person
from perennial.people.residence import document_language_of
from perennial.portal.doors import (
    UNPROCESSABLE,
    address_with_language,
    behind_a_link,
    kind_page,
    language_for,
    opened_by,
    speaking,
    unknown_link,
)
from perennial.portal.leaver.forms import CONSENT, TOPICS
from perennial.portal.preferences.changes import what_changed
from perennial.portal.preferences.forms import PAUSES, PreferencesForm
from perennial.programme.queries import current, today
from perennial.programme.topics import all_topics, shown_topics
from perennial.web.access import public
from perennial.web.pace import LINK

RECEIVED = frozenset({TouchKind.MAIL, TouchKind.CALL, TouchKind.MEETING, TouchKind.HANDED_OVER})
# What is saved by a button of its own: a half-written address must not get a mail.
TYPED = ("private_email", "not_now_until")
# What the page says after it was saved, by the word in its address.
SAID = {
    Confirmation.NOTHING: "yes",
    Confirmation.MAILBOX: "asked",
    Confirmation.BOTH: "both",
    Confirmation.COLLEAGUE: "colleague",
}
LEFT = "left"
TAKEN_BACK = "back"
TOO_LATE = "late"
NO_ADDRESS = gettext_lazy("For what is new we need a private address of yours, to confirm it from.")
ENOUGH_MAILS = gettext_lazy(
    "We have sent several mails about this today already. Look into your mailbox, or try again tomorrow."
)
VERDICTS: dict[Verdict, str | Promise] = {
    Verdict.YES: gettext_lazy("May come"),
    Verdict.LATER: gettext_lazy("Comes later"),
    Verdict.NO: gettext_lazy("Does not come"),
}


@dataclass(frozen=True)
class Line:
    """One contact, as far as whoever holds the link may know: that there was one and what for, none of its words."""

    at: datetime
    kind: str | Promise
    purpose: str
    purpose_label: str | Promise


@dataclass(frozen=True)
class Why:
    """What the door says about one purpose."""

    purpose: str | Promise
    verdict_label: str | Promise
    decision: Explanation


@public(LINK)
@behind_a_link("same-origin")
@sensitive_post_parameters("private_email")
@ensure_csrf_cookie
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """Shows everything on one page; takes it whole, all but what is only typed so far, or the wish to leave."""
    opened = opened_by(purpose=LinkPurpose.PREFERENCES, token=token)
    preference = Preference.objects.select_related("person").filter(pk=opened.row).first() if opened else None
    if opened is None or preference is None or not opened.fits(preference.link_random):
        return unknown_link(request)
    now = clock.now()
    with speaking(request, language_for(request, preference.person.language)):
        if request.method != "POST":
            return _page(request, preference, now, saved=request.GET.get("saved", ""))
        by = f"person:{preference.person.key}"
        if request.POST.get("leave") == "yes":
            leave_entirely(person=preference.person, by=by, now=now)
            return _saved(request, preference, now, LEFT)
        if request.POST.get("link") == "fresh":
            return _renew(request, preference, now)
        if request.POST.get("undo") == "yes":
            return _take_back(request, preference, now)
        return _take(request, preference, now)


def _take(request: HttpRequest, preference: Preference, now: datetime) -> HttpResponse:
    person = preference.person
    form = _form(preference, now, request.POST)
    if not form.is_valid():
        return _page(request, preference, now, form=form)
    try:
        changed = change_choices(
            person=person,
            relation=form.relation(),
            topics_shown=form.topics_shown(),
            topics_wanted=form.topics_wanted(),
            # A script that does not speak of the pause does not end it.
            not_now_until=form.cleaned_data["not_now_until"] if "not_now_until" in request.POST else False,
            ip=ip_of(request),
            by=f"person:{person.key}",
            now=now,
        )
    except AddressMissingError:
        form.add_error("private_email", NO_ADDRESS)
    except BusinessAddressError:
        form.add_error("private_email", _("This is your business address. Give a private one."))
    except TooManyRequestsError:
        form.add_error(None, ENOUGH_MAILS)
    else:
        return _saved(request, preference, now, SAID[changed.confirmation])
    return _page(request, preference, now, form=form)


def _take_back(request: HttpRequest, preference: Preference, now: datetime) -> HttpResponse:
    person = preference.person
    try:
        changed = undo(
            person=person,
            shown_in=translation.get_language() or "en",
            ip=ip_of(request),
            by=f"person:{person.key}",
            now=now,
        )
    except NothingToUndoError:
        return _saved(request, preference, now, TOO_LATE)
    except AddressMissingError:
        return _refused(request, preference, now, NO_ADDRESS)
    except TooManyRequestsError:
        return _refused(request, preference, now, ENOUGH_MAILS)
    return _saved(request, preference, now, SAID[changed.confirmation] if changed.asked else TAKEN_BACK)


def _renew(request: HttpRequest, preference: Preference, now: datetime) -> HttpResponse:
    """The link that led here opens nothing from now on, so what was done is said at once and not after a redirect."""
    person = preference.person
    try:
        address = renew(person=person, by=f"person:{person.key}", now=now)
    except AddressMissingError:
        return _refused(
            request,
            preference,
            now,
            _("We have no address of yours that works, so nothing was sent and this link stays as it is."),
        )
    except AskedTooOftenError:
        return _refused(request, preference, now, ENOUGH_MAILS)
    return kind_page(request, "portal/preferences/renewed.html", address=masked(address.address))


def _refused(request: HttpRequest, preference: Preference, now: datetime, sentence: str | Promise) -> HttpResponse:
    return _page(request, preference, now, refused=sentence)


def _saved(request: HttpRequest, preference: Preference, now: datetime, what: str) -> HttpResponse:
    """Tells it on the page: at once where htmx swaps it in, else after a redirect, so that a reload sends nothing."""
    if not getattr(request, "htmx", False):
        return HttpResponseRedirect(address_with_language(request, saved=what))
    fresh = Preference.objects.select_related("person").get(pk=preference.pk)
    return _page(request, fresh, now, saved=what)


def _keep_typed(request: HttpRequest, form: PreferencesForm) -> None:
    """A switch that saved itself left out what is typed and waits for its own button; the browser keeps it."""
    for name in TYPED:
        if name not in request.POST:
            form.fields[name].widget.attrs["hx-preserve"] = "true"


def _form(preference: Preference, now: datetime, data: QueryDict | None = None) -> PreferencesForm:
    person = preference.person
    waiting = {(consent.purpose, consent.channel) for consent in waiting_consents(person=person)}
    holds, again = granted(person=person), to_be_asked_again(person=person)
    on_file = private_address_of(person=person)
    held = {purpose for purpose, _channel in holds}
    topics, day = shown_topics(purposes=held), today(now=now)
    unwanted = unwanted_topics(person=person)
    initial: dict[str, Any] = {CONSENT + purpose: True for purpose, _channel in holds | waiting}
    return PreferencesForm(
        data,
        offered=_shown_purposes(held),
        shown_in=translation.get_language() or "en",
        address_on_file=masked(on_file.address) if on_file else "",
        waiting={purpose for purpose, _channel in waiting - holds},
        asked_again={purpose for purpose, _channel in again},
        by_documents=bool(document_language_of(person, on=day)),
        since=_since(person),
        topics=topics,
        today=day,
        initial={
            **initial,
            **{
                TOPICS + purpose: [
                    str(each.pk) for each in topics if each.purpose == purpose and each.pk not in unwanted
                ]
                for purpose in held
            },
            "channel": sorted({channel for _purpose, channel in holds | waiting | again}),
            "frequency": preference.frequency,
            "language": person.language,
            "not_now_until": preference.not_now_until,
        },
    )


def _since(person: Person) -> dict[str, str]:
    """By purpose: since when it is agreed to, and by which ways."""
    zone = ZoneInfo(current().time_zone)
    states: dict[str, list[ConsentState]] = {}
    for state in standing_consents(person=person):
        states.setdefault(state.purpose, []).append(state)
    return {
        purpose: _("Agreed to on %(day)s, by %(ways)s.")
        % {
            "day": date_format(min(each.since for each in held).astimezone(zone), "DATE_FORMAT"),
            "ways": ", ".join(str(CHANNEL_WORDS[Channel(each.channel)]) for each in held),
        }
        for purpose, held in states.items()
    }


def _shown_purposes(held: set[str]) -> list[Purpose]:
    """What is offered, and what somebody agreed to before it was switched off: it must be possible to end that."""
    offered = offered_purposes()
    return [purpose for purpose in Purpose if purpose in offered or purpose.value in held]


def _page(
    request: HttpRequest,
    preference: Preference,
    now: datetime,
    *,
    form: PreferencesForm | None = None,
    saved: str = "",
    refused: str | Promise = "",
) -> HttpResponse:
    swap = bool(getattr(request, "htmx", False))
    person = preference.person
    shown = form or _form(preference, now)
    if form is not None:
        form.lead_to_mistake()
    elif swap:
        _keep_typed(request, shown)
    context: dict[str, Any] = {
        # Never the full name: the link may be in other hands.
        "called": person.called or called_from(person.full_name),
        "form": shown,
        "saved": saved if saved in (*SAID.values(), LEFT, TAKEN_BACK, TOO_LATE) else "",
        "refused": refused,
        "action": address_with_language(request),
        "own_page": path_to(purpose=LinkPurpose.OWN, row=preference.pk, random=preference.link_random),
        "paused": preference.not_now_until is not None and preference.not_now_until > today(now=now),
        "until": preference.not_now_until,
        "pauses": PAUSES.items(),
        **_last_change(preference, saved, now),
    }
    status = UNPROCESSABLE if form is not None or refused else 200
    if swap:
        return kind_page(request, "portal/preferences/form.html", status=status, swap=True, **context)
    context["programme"] = current()
    received = _received(timeline(person=person))
    context["received"] = received
    context["reasons"] = _reasons(preference, {line.purpose for line in received}, now)
    return kind_page(request, "portal/preferences/page.html", status=status, **context)


def _last_change(preference: Preference, saved: str, now: datetime) -> dict[str, Any]:
    """What the change that was just saved changed; an old address with `saved` in it tells nothing."""
    before = last_change(preference=preference, now=now) if saved and saved not in (TAKEN_BACK, TOO_LATE) else None
    if before is None:
        return {"changes": [], "may_undo": False}
    changes = what_changed(before, choices_of(person=preference.person), list(all_topics()))
    return {"changes": changes, "may_undo": bool(changes)}


def _received(entries: list[TimelineEntry]) -> list[Line]:
    """What came from us, without a word of it: the link may be in other hands than the letters were meant for."""
    return [
        Line(
            at=entry.at,
            kind=TouchKind(entry.kind).label,
            purpose=entry.purpose,
            purpose_label=Purpose(entry.purpose).label,
        )
        for entry in entries
        if entry.direction == Direction.OURS and entry.kind in RECEIVED
    ]


def _reasons(preference: Preference, received: set[str], now: datetime) -> list[Why]:
    """Why something may come or not, for what was agreed to or has come."""
    person = preference.person
    agreed = granted(person=person) | to_be_asked_again(person=person)
    told = received | {purpose for purpose, _channel in agreed}
    whys = []
    for purpose in Purpose:
        if purpose.value in told:
            decision = explain(person=person, purpose=purpose, channel=Channel.EMAIL, now=now)
            whys.append(Why(purpose.label, VERDICTS[decision.verdict], decision))
    return whys
