"""The leaver's page: one question a screen, and a script may answer all of them in one request."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from perennial.accounts.visitor import ip_of
from perennial.consent.queries import frequency_of, granted
from perennial.departures.endings import greeting, tone_of
from perennial.departures.enums import DepartureState
from perennial.departures.exit.answering import progress_of, receive
from perennial.departures.exit.questionnaire import Asked, asked_of, screens, version_of
from perennial.departures.farewell.queries import asks_about_flowers
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
from perennial.kernel.text import masked
from perennial.kernel.tokens import LinkPurpose
from perennial.people.residence import document_language_of
from perennial.portal.doors import (
    GONE,
    UNPROCESSABLE,
    address_with_language,
    behind_a_link,
    kind_page,
    language_for,
    opened_by,
    speaking,
    unknown_link,
)
from perennial.portal.leaver import flowers
from perennial.portal.leaver.forms import CONSENT, WISHES, LeaverForm
from perennial.programme.queries import today
from perennial.web.access import public
from perennial.web.after import after_answer
from perennial.web.context import programme_of
from perennial.web.pace import LINK

# The screens that say what it takes before an agreement holds.
SAYS_HOW_IT_COUNTS = ("relation", "thanks")


@dataclass(frozen=True)
class Walk:
    """The screens of one leaver's page in order; those of the questionnaire are named after their first question."""

    questions: dict[str, list[Asked]]
    # Between the questions and the relation, where the checklist of the farewell has them.
    asks_about_flowers: bool = False

    @property
    def steps(self) -> tuple[str, ...]:
        """All of them, from the thanks at the beginning to those at the end."""
        return ("welcome", *self.asked, "thanks")

    @property
    def asked(self) -> tuple[str, ...]:
        """Those where something is asked."""
        return (*self.questions, *((flowers.STEP,) if self.asks_about_flowers else ()), "relation")

    @property
    def fields(self) -> list[Asked]:
        return [question for group in self.questions.values() for question in group]

    def codes(self, step: str) -> set[str]:
        """The questions on a screen."""
        return {question.code for question in self.questions.get(step, ())}

    def after(self, step: str) -> str:
        return self.steps[self.steps.index(step) + 1]

    def before(self, step: str) -> str:
        return self.steps[self.steps.index(step) - 1]

    def ends_with(self, step: str) -> bool:
        """Whether nothing of the questionnaire comes after this screen, or it is none of its screens."""
        return step not in self.questions or self.after(step) not in self.questions


@public(LINK)
@behind_a_link("same-origin")
@sensitive_post_parameters()
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
        walk = _walk(departure, now)
        screen = request.POST.get("step", "") if request.method == "POST" else _screen_for(request, departure, walk)
        if screen == flowers.STEP and walk.asks_about_flowers:
            at = walk.asked.index(screen) + 1
            return flowers.flowers(
                request, departure, now, number=at, total=len(walk.asked), previous=walk.before(screen)
            )
        if request.method == "POST":
            return _take(request, departure, walk, now)
        return _show(request, departure, walk, screen, now)


def _walk(departure: Departure, now: datetime) -> Walk:
    questions = asked_of(
        version=version_of(departure=departure),
        how_ended=departure.stint.how_ended,
        gone=has_gone(departure=departure, today=today(now=now)),
        language=translation.get_language() or "en",
    )
    return Walk(screens(questions), asks_about_flowers(departure=departure))


def _expired(request: HttpRequest, departure: Departure, now: datetime) -> HttpResponse:
    """Offers a fresh link to the address on file; the answer is the same whether there is one or not."""
    asked = request.method == "POST"
    response = kind_page(request, "portal/leaver/expired.html", status=200 if asked else GONE, asked=asked)
    if asked:
        # So that it takes as long, and does as much, whether there is an address or not.
        after_answer(response, lambda: send_fresh_link(departure=departure, now=now))
    return response


def _take(request: HttpRequest, departure: Departure, walk: Walk, now: datetime) -> HttpResponse:
    step = request.POST.get("step", "")
    skipped = "skip" in request.POST
    data = request.POST.copy()
    if skipped:
        # Skipping keeps nothing of the screen, whatever was begun on it.
        asked = {question.code for question in walk.fields}
        for name in list(data):
            if name in asked or name in WISHES or name.startswith(CONSENT):
                del data[name]
    form = _form(departure, walk, data)
    if not form.is_valid():
        return _again(request, departure, walk, form, now)
    relation = _relation(data, form, skipped and step == "relation")
    try:
        received = receive(
            departure=departure,
            answers=form.answers(),
            relation=relation,
            submit=walk.ends_with(step),
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
        return _onward(request, walk, step, relation, form, frozen=received.frozen)
    return _again(request, departure, walk, form, now)


def _form(departure: Departure, walk: Walk, data: QueryDict | None = None) -> LeaverForm:
    """No consent is ticked beforehand. How often and in which language are shown as they hold if nothing is changed."""
    on_file = private_address_of(person=departure.person)
    shown_in = translation.get_language() or "en"
    return LeaverForm(
        data,
        questions=walk.fields,
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


def _onward(
    request: HttpRequest, walk: Walk, step: str, relation: Relation | None, form: LeaverForm, *, frozen: bool
) -> HttpResponse:
    if frozen:
        messages.info(
            request,
            _("What you answered before stays as you gave it; only what you had skipped is added. Thank you."),
        )
    if relation is not None and relation.private_email and not relation.purposes:
        messages.info(request, _("You ticked nothing, so we have not kept your private address."))
    if relation is not None:
        following = "thanks"
    elif step in walk.asked:
        following = walk.after(step)
    else:
        following = "relation"
    return HttpResponseRedirect(address_with_language(request, step=following))


def _screen_for(request: HttpRequest, departure: Departure, walk: Walk) -> str:
    """The screen asked for, or where somebody left off."""
    wished = request.GET.get("step", "")
    if wished in walk.steps:
        return wished
    progress = progress_of(departure=departure)
    if not progress.begun:
        return "welcome"
    if progress.relation:
        return "thanks"
    if progress.submitted:
        return "relation"
    return next(name for name in walk.asked if not walk.codes(name) & progress.answered)


def _again(request: HttpRequest, departure: Departure, walk: Walk, form: LeaverForm, now: datetime) -> HttpResponse:
    """The screen where something needs another look; what else was sent travels along, so that nothing is lost."""
    form.lead_to_mistake()
    wrong = next((step for step in walk.questions if walk.codes(step) & set(form.errors)), "relation")
    return _show(request, departure, walk, wrong, now, form, status=UNPROCESSABLE)


def _show(
    request: HttpRequest,
    departure: Departure,
    walk: Walk,
    screen: str,
    now: datetime,
    form: LeaverForm | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    if form is None:
        form = _form(departure, walk)
    progress = progress_of(departure=departure)
    waiting = waiting_for(person=departure.person)
    gone = has_gone(departure=departure, today=today(now=now))
    called = departure.person.called or departure.person.full_name
    return kind_page(
        request,
        "portal/leaver/questions.html" if screen in walk.questions else f"portal/leaver/{screen}.html",
        status=status,
        departure=departure,
        called=called,
        greeting=greeting(
            tone=tone_of(departure), called=called, organisation=programme_of(request).organisation, gone=gone
        ),
        form=form,
        gone=gone,
        holds=bool(granted(person=departure.person)),
        asked=[(question, form[question.code]) for question in walk.questions.get(screen, ())],
        satisfaction=screen in walk.questions and all(question.about for question in walk.questions[screen]),
        step=screen,
        first=walk.asked[0],
        number=walk.asked.index(screen) + 1 if screen in walk.asked else 0,
        total=len(walk.asked),
        previous=walk.before(screen) if screen != "welcome" else "",
        answered=progress.relation if screen == "relation" else bool(walk.codes(screen) & progress.answered),
        settled=progress.submitted and screen in walk.questions,
        progress=progress,
        asks_about_flowers=walk.asks_about_flowers,
        carried=_carried(form, walk, screen),
        by_documents=screen in SAYS_HOW_IT_COUNTS and bool(document_language_of(departure.person, on=today(now=now))),
        address_waiting=masked(waiting.address.address) if waiting else "",
        vouching=getattr(waiting, "vouching", None),
        sender=_sender(request, departure),
        ends_on=link_ends_at(departure=departure, programme=programme_of(request)),
        action=address_with_language(request),
    )


def _carried(form: LeaverForm, walk: Walk, screen: str) -> list[tuple[str, str]]:
    """Name and value of what was sent and is not shown on this screen."""
    if not form.is_bound:
        return []
    asked = {question.code for question in walk.fields}
    shown = walk.codes(screen) if screen in walk.questions else set(form.fields) - asked
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
