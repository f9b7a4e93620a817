"""The exit conversation: planned, moved, called off, and how it went; with a file for one's calendar."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.accounts.roles import Permission, may
from perennial.departures.conversation.calendar_file import for_colleague
from perennial.departures.conversation.enums import ConversationState
from perennial.departures.conversation.mails import Sender
from perennial.departures.conversation.outcome import (
    NotYetHeldError,
    note_declined,
    note_did_not_happen,
    note_held,
    take_back,
)
from perennial.departures.conversation.planning import (
    AlreadyPlannedError,
    LeaderUnfitError,
    NotPlannableError,
    NotPlannedError,
    TimeUnfitError,
    call_off,
    move_conversation,
    plan_conversation,
)
from perennial.departures.conversation.queries import latest_of
from perennial.departures.endings import NotYetInvitableError
from perennial.departures.enums import DepartureState
from perennial.departures.invitations import REFUSALS, InvitationRefusedError
from perennial.departures.models import Departure, ExitConversation
from perennial.departures.queries import departure_with_key
from perennial.desk.departures.conversation_forms import PlanForm
from perennial.desk.departures.words import not_yet_words
from perennial.kernel.clock import now
from perennial.web.access import actor, colleague, requires
from perennial.web.context import programme_of

UNPROCESSABLE = 422


@never_cache
@requires(Permission.PLAN_CONVERSATIONS)
@require_http_methods(["GET", "POST"])
def plan_it(request: HttpRequest, key: str) -> HttpResponse:
    """Plans the conversation, or moves the one that is planned."""
    departure = departure_or_404(key)
    conversation = latest_of(departure=departure)
    if conversation is not None and conversation.state != ConversationState.PLANNED:
        conversation = None
    form = PlanForm(request.POST or None, zone=programme_of(request).time_zone, conversation=conversation)
    if request.method == "POST" and form.is_valid():
        try:
            _keep(request, departure, conversation, form)
        except LeaderUnfitError:
            form.add_error("leader", _("An exit interviewer or HR leads it."))
        except TimeUnfitError:
            form.add_error("day", _("Choose a time that lies ahead."))
        except (InvitationRefusedError, NotYetInvitableError) as refused:
            form.add_error("tell", _mail_refused(refused))
        except (AlreadyPlannedError, NotPlannableError, NotPlannedError) as refused:
            messages.warning(request, _refused(refused))
            return redirect("departure", key)
        else:
            return redirect(f"{reverse('departure', args=[key])}#conversation")
    return render(
        request,
        "desk/departures/conversation/plan.html",
        {"form": form, "departure": departure, "person": departure.person, "moves": conversation is not None},
        status=UNPROCESSABLE if form.is_bound else None,
    )


@requires(Permission.PLAN_CONVERSATIONS)
@require_POST
def settle(request: HttpRequest, key: str, deed: str) -> HttpResponse:
    """How it went, or that it does not take place; or that this was said by mistake."""
    act = _DEEDS.get(deed)
    departure = departure_or_404(key)
    conversation = latest_of(departure=departure)
    if act is None or conversation is None:
        raise Http404
    try:
        said, undone = act(request, conversation)
    except (AlreadyPlannedError, NotPlannableError, NotPlannedError, NotYetHeldError) as refused:
        messages.warning(request, _refused(refused))
    except (InvitationRefusedError, NotYetInvitableError) as refused:
        messages.warning(request, _mail_refused(refused))
    else:
        undo = f"undo={reverse('conversation-settle', args=[key, 'take-back'])}" if undone else ""
        messages.success(request, said, extra_tags=undo)
    return redirect(f"{reverse('departure', args=[key])}#conversation")


@never_cache
@requires(Permission.PLAN_CONVERSATIONS)
@require_GET
def calendar_file(request: HttpRequest, key: str) -> HttpResponse:
    """The entry for the calendar of whoever leads it, or the end of that entry."""
    conversation = latest_of(departure=departure_or_404(key))
    if conversation is None:
        raise Http404
    return HttpResponse(
        for_colleague(conversation=conversation),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="conversation.ics"'},
    )


def about_conversation(request: HttpRequest, departure: Departure, moment: datetime) -> dict[str, Any]:
    """What the departure page says of the conversation."""
    role = colleague(request).role
    standing = departure.state in (DepartureState.OPEN, DepartureState.QUESTION)
    conversation = latest_of(departure=departure)
    return {
        "conversation": conversation,
        "conversation_has_begun": conversation is not None and conversation.starts_at <= moment,
        "may_plan": standing and may(role, Permission.PLAN_CONVERSATIONS),
        "may_lead": may(role, Permission.PLAN_CONVERSATIONS),
        "may_note": may(role, Permission.READ_EXIT_ANSWERS),
    }


def departure_or_404(key: str) -> Any:
    """The departure with this key. Raises Http404."""
    departure = departure_with_key(key)
    if departure is None:
        raise Http404
    return departure


def _keep(request: HttpRequest, departure: Departure, conversation: ExitConversation | None, form: PlanForm) -> None:
    user = colleague(request)
    told = form.cleaned_data["tell"]
    tell = Sender(name=user.name, reply_to=user.email) if told else None
    if conversation is None:
        plan_conversation(departure=departure, plan=form.plan(), tell=tell, by=actor(request), now=now())
        said = _("Planned, and a mail to the leaver is on its way.") if told else _("Planned. Nobody was written to.")
    else:
        move_conversation(conversation=conversation, plan=form.plan(), tell=tell, by=actor(request), now=now())
        said = _("Moved, and a mail to the leaver is on its way.") if told else _("Moved. Nobody was written to.")
    messages.success(request, said)


def _called_off(request: HttpRequest, conversation: ExitConversation) -> tuple[str, bool]:
    user = colleague(request)
    tell = Sender(name=user.name, reply_to=user.email) if "tell" in request.POST else None
    call_off(conversation=conversation, tell=tell, by=actor(request), now=now())
    return _("Called off. You can plan another one."), False


def _held(request: HttpRequest, conversation: ExitConversation) -> tuple[str, bool]:
    note_held(conversation=conversation, by=actor(request), now=now())
    return _("Noted: you have talked."), True


def _declined(request: HttpRequest, conversation: ExitConversation) -> tuple[str, bool]:
    reason = _("The leaver would rather not.")
    note_declined(conversation=conversation, reason=reason, by=actor(request), now=now())
    return _("Noted. That is quite all right; nobody asks again."), True


def _did_not_happen(request: HttpRequest, conversation: ExitConversation) -> tuple[str, bool]:
    note_did_not_happen(conversation=conversation, by=actor(request), now=now())
    return _("Noted. You can plan another one."), True


def _taken_back(request: HttpRequest, conversation: ExitConversation) -> tuple[str, bool]:
    take_back(conversation=conversation, by=actor(request), now=now())
    return _("Taken back: the conversation is planned again."), False


_DEEDS: dict[str, Callable[[HttpRequest, ExitConversation], tuple[str, bool]]] = {
    "called-off": _called_off,
    "held": _held,
    "declined": _declined,
    "did-not-happen": _did_not_happen,
    "take-back": _taken_back,
}


def _mail_refused(refused: Exception) -> str:
    if isinstance(refused, NotYetInvitableError):
        return _("No mail went out, and nothing was kept. {why}").format(why=not_yet_words(refused.invite_from))
    assert isinstance(refused, InvitationRefusedError)
    why = REFUSALS.get(refused.rule, _("The door says no just now."))
    return _("No mail went out, and nothing was kept. {why}").format(why=why)


def _refused(refused: Exception) -> str:
    if isinstance(refused, AlreadyPlannedError):
        return _("A conversation is planned already.")
    if isinstance(refused, NotPlannableError):
        return _("This departure is closed or cancelled, so nothing is planned.")
    if isinstance(refused, NotYetHeldError):
        return _("It lies ahead. Call it off, or say afterwards how it went.")
    return _("This has changed in the meantime; nothing was written.")
