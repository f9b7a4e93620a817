"""The leaver's page: one question a screen, and a script may answer all of them in one request."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from perennial.consent.queries import frequency_of, granted
from perennial.departures.answers import progress_of, receive
from perennial.departures.endings import asks_why, greeting, tone_of
from perennial.departures.enums import DepartureState
from perennial.departures.invitations import send_fresh_link
from perennial.departures.models import Departure
from perennial.departures.queries import departure_with_id, has_gone, link_ends_at
from perennial.departures.relation import (
    AddressMissingError,
    BusinessAddressError,
    Relation,
    TooManyRequestsError,
    offered_purposes,
    private_address_of,
    waiting_for,
)
from perennial.kernel import clock
from perennial.kernel.tokens import LinkPurpose
from perennial.portal.addresses import masked
from perennial.portal.doors import (
    GONE,
    UNPROCESSABLE,
    address_with_language,
    behind_a_link,
    ip_of,
    kind_page,
    language_for,
    opened_by,
    speaking,
    unknown_link,
)
from perennial.portal.leaver.forms import ANSWERS, CONSENT, WISHES, LeaverForm
from perennial.programme.queries import today
from perennial.web.access import public
from perennial.web.context import programme_of

SCREENS = ("welcome", "reason", "improve", "recommend", "relation", "thanks")
# Before the questions comes the thanks, and after them what happens next.
NOT_QUESTIONS = ("welcome", "thanks")


@public
@behind_a_link("same-origin")
@sensitive_post_parameters("reason", "improve", "recommend", "private_email")
@ensure_csrf_cookie
@require_http_methods(["GET", "HEAD", "POST"])
def leaver(request: HttpRequest, token: str) -> HttpResponse:
    """Shows a screen, or takes what was sent from one, or from all of them at once."""
    opened = opened_by(purpose=LinkPurpose.LEAVER, token=token)
    departure = departure_with_id(opened.row) if opened else None
    if opened is None or departure is None:
        return unknown_link(request)
    now = clock.now()
    language = language_for(request, departure.person.language)
    with speaking(request, language):
        if departure.state == DepartureState.CANCELLED:
            return kind_page(request, "portal/leaver/cancelled.html", status=GONE, departure=departure)
        if (
            not opened.fits(departure.link_random)
            or link_ends_at(departure=departure, programme=programme_of(request)) <= now
        ):
            return _expired(request, departure, now)
        if request.method == "POST":
            return _take(request, departure, now)
        return _show(request, departure, _screen_for(request, departure), now)


def _expired(request: HttpRequest, departure: Departure, now: datetime) -> HttpResponse:
    """Offers a fresh link to the address on file; the answer is the same whether there is one or not."""
    asked = request.method == "POST"
    if asked:
        send_fresh_link(departure=departure, now=now)
    return kind_page(request, "portal/leaver/expired.html", status=200 if asked else GONE, asked=asked)


def _take(request: HttpRequest, departure: Departure, now: datetime) -> HttpResponse:
    step = request.POST.get("step", "")
    skipped = "skip" in request.POST
    data = request.POST.copy()
    if skipped:
        # Skipping keeps nothing of the screen, whatever was begun on it.
        for name in list(data):
            if name in (*ANSWERS, *WISHES) or name.startswith(CONSENT):
                del data[name]
    form = _form(departure, now, data)
    if not form.is_valid():
        return _again(request, departure, form, now)
    relation = _relation(data, form, skipped and step == "relation")
    submit = step not in ("reason", "improve") or form.cleaned_data["recommend"] is not None
    try:
        received = receive(
            departure=departure,
            answers=form.answers(),
            relation=relation,
            submit=submit,
            shown_in=form.shown_in,
            ip=ip_of(request),
            by=f"person:{departure.person.key}",
            now=now,
        )
    except AddressMissingError:
        form.add_error(
            "private_email",
            _("To stay in touch we need a private address of yours; we send one mail there to confirm."),
        )
    except BusinessAddressError:
        form.add_error(
            "private_email", _("This is your business address, and it ends with your last day. Give a private one.")
        )
    except TooManyRequestsError:
        form.add_error(
            None,
            _("We have sent several confirmation mails today already. Look into your mailbox, or try again tomorrow."),
        )
    else:
        return _onward(request, departure, step, relation, form, frozen=received.frozen)
    return _again(request, departure, form, now)


def _form(departure: Departure, now: datetime, data: QueryDict | None = None) -> LeaverForm:
    """No consent is ticked beforehand. How often and in which language are shown as they hold if nothing is changed."""
    on_file = private_address_of(person=departure.person)
    shown_in = translation.get_language() or "en"
    return LeaverForm(
        data,
        gone=has_gone(departure=departure, today=today(now=now)),
        tone=tone_of(departure),
        offered=offered_purposes(),
        shown_in=shown_in,
        address_on_file=masked(on_file.address) if on_file else "",
        initial={"frequency": frequency_of(person=departure.person), "language": shown_in},
    )


def _relation(data: QueryDict, form: LeaverForm, declined: bool) -> Relation | None:
    """What was said about the relation, or None when this request says nothing about it."""
    spoken = any(name in data for name in WISHES) or any(name.startswith(CONSENT) for name in data)
    if not (spoken or declined or "relation" in data):
        return None
    said = form.relation()
    if data.get("relation") == "nothing" or declined:
        return Relation(
            purposes=[], channels=[], frequency="", language=said.language, private_email="", shown_in=said.shown_in
        )
    return said


def _screens(departure: Departure) -> tuple[str, ...]:
    """The screens of this leaver, in their order. Whoever did not choose to go is not asked why."""
    return SCREENS if asks_why(departure) else tuple(screen for screen in SCREENS if screen != "reason")


def _questions(departure: Departure) -> tuple[str, ...]:
    return tuple(screen for screen in _screens(departure) if screen not in NOT_QUESTIONS)


def _onward(
    request: HttpRequest,
    departure: Departure,
    step: str,
    relation: Relation | None,
    form: LeaverForm,
    *,
    frozen: bool,
) -> HttpResponse:
    if frozen:
        messages.info(
            request,
            _("Your earlier answers are part of a figure already, so they stay as they are. Thank you for both."),
        )
    if relation is not None and relation.private_email and not relation.purposes:
        messages.info(request, _("You ticked nothing, so we have not kept your private address."))
    if relation is not None:
        following = "thanks"
    elif step in _questions(departure):
        screens = _screens(departure)
        following = screens[screens.index(step) + 1]
    else:
        following = "relation"
    return HttpResponseRedirect(address_with_language(request, step=following))


def _screen_for(request: HttpRequest, departure: Departure) -> str:
    """The screen asked for, or where somebody left off."""
    wished = request.GET.get("step", "")
    if wished in _screens(departure):
        return wished
    progress = progress_of(departure=departure)
    if not progress.begun:
        return "welcome"
    if progress.relation:
        return "thanks"
    if progress.submitted:
        return "relation"
    return next(name for name in _questions(departure) if not getattr(progress, name))


def _again(request: HttpRequest, departure: Departure, form: LeaverForm, now: datetime) -> HttpResponse:
    """The screen where something needs another look; what else was sent travels along, so that nothing is lost."""
    form.lead_to_mistake()
    return _show(request, departure, _screen_of_first_error(form), now, form, status=UNPROCESSABLE)


def _screen_of_first_error(form: LeaverForm) -> str:
    return next((name for name in ANSWERS if name in form.errors), "relation")


def _show(
    request: HttpRequest,
    departure: Departure,
    screen: str,
    now: datetime,
    form: LeaverForm | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    if form is None:
        form = _form(departure, now)
    progress = progress_of(departure=departure)
    waiting = waiting_for(person=departure.person)
    screens, questions = _screens(departure), _questions(departure)
    gone = has_gone(departure=departure, today=today(now=now))
    called = departure.person.called or departure.person.full_name
    return kind_page(
        request,
        f"portal/leaver/{screen}.html",
        status=status,
        departure=departure,
        called=called,
        greeting=greeting(
            tone=tone_of(departure), called=called, organisation=programme_of(request).organisation, gone=gone
        ),
        form=form,
        gone=gone,
        holds=bool(granted(person=departure.person)),
        step=screen,
        screens=screens,
        number=questions.index(screen) + 1 if screen in questions else 0,
        total=len(questions),
        first=questions[0],
        previous=screens[screens.index(screen) - 1],
        answered=bool(getattr(progress, screen, False)),
        progress=progress,
        carried=_carried(form, screen),
        address_waiting=masked(waiting.address.address) if waiting else "",
        sender=_sender(request, departure),
        ends_on=link_ends_at(departure=departure, programme=programme_of(request)),
        action=address_with_language(request),
    )


def _carried(form: LeaverForm, screen: str) -> list[tuple[str, str]]:
    """Name and value of what was sent and is not shown on this screen."""
    if not form.is_bound:
        return []
    shown = {screen} if screen in ANSWERS else set(form.fields) - set(ANSWERS)
    return [
        (name, value)
        for name, values in form.data.lists()  # type: ignore[attr-defined]
        if name in form.fields and name not in shown
        for value in values
        if value
    ]


def _sender(request: HttpRequest, departure: Departure) -> str:
    """The person who thanks: whoever invited, else the one who answers for the programme."""
    if departure.invitation and departure.invitation.mailing.sender_name:
        return departure.invitation.mailing.sender_name
    owner = programme_of(request).owner
    return owner.name if owner else ""
