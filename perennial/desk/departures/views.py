"""Departures: the list by time to the last day, one page each, the invitation and the sheet to hand over."""

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.accounts.roles import Permission, may
from perennial.contact.door import explain
from perennial.contact.enums import RestrictionKind
from perennial.contact.queries import standing_restrictions
from perennial.departures.actions import NoQuestionError, answer_question, stays_after_all
from perennial.departures.endings import NotYetInvitableError, must_wait, needs_a_day
from perennial.departures.enums import DepartureState
from perennial.departures.farewell.queries import next_steps, nothing_personal, with_late_steps
from perennial.departures.farewell.reminders import wants_digest
from perennial.departures.invitations import (
    REFUSALS,
    AlreadyAnsweredError,
    AlreadyInvitedError,
    InvitationRefusedError,
    NotInvitableError,
    change_draft,
    hand_over,
    invite,
    link_path,
    refusal,
    take_invitation_back,
    typed_path,
    untouched,
)
from perennial.departures.letters import invitation, language_of, scan_or_type
from perennial.departures.models import Departure
from perennial.departures.queries import (
    View,
    board,
    departure_with_key,
    link_ends_at,
    numbers,
    told,
    without_private_address,
)
from perennial.desk.departures.codes import drawn
from perennial.desk.departures.conversation import about_conversation
from perennial.desk.departures.farewell_words import about_farewell
from perennial.desk.departures.forms import InvitationForm, InviteFromForm, LastDayForm
from perennial.desk.departures.words import beads, columns, day_words, not_yet_words
from perennial.desk.exit.forms import EndingForm
from perennial.kernel.clock import local_date, now
from perennial.kernel.links import absolute
from perennial.kernel.purposes import Purpose
from perennial.mail.enums import MessageState
from perennial.people.actions import StintDatesError
from perennial.programme.queries import today
from perennial.web.access import actor, colleague, requires
from perennial.web.context import programme_of

# A board is looked at as a whole: what stands on a second page is not seen.
PAGE = 200
UNPROCESSABLE = 422
# Beside the parts of the list: who leaves within a week without a private address that may be used. Today leads here.
LOSING_TOUCH = "losing-touch"
# And those with a step that is late, and those who are about to go with nothing but administration.
LATE, NOTHING_PERSONAL = "late", "nothing-personal"
A_WEEK = timedelta(days=7)


@requires(Permission.SEE_DEPARTURES)
@require_GET
def list_departures(request: HttpRequest) -> HttpResponse:
    view = request.GET.get("view", View.TO_DO)
    if view not in (*View, LOSING_TOUCH, LATE, NOTHING_PERSONAL):
        raise Http404
    programme = programme_of(request)
    day = local_date(at=now(), time_zone=programme.time_zone)
    lost = without_private_address(first_day=day, last_day=day + A_WEEK)
    others = {
        LOSING_TOUCH: lost,
        LATE: with_late_steps(day=day, programme=programme),
        NOTHING_PERSONAL: nothing_personal(day=day, programme=programme),
    }
    rows = others[view] if view in others else board(view=View(view), day=day)
    counts = numbers(day=day)
    views = [
        (View.TO_DO, _("To do"), counts.to_do),
        (View.INVITED, _("Invited"), counts.invited),
        (View.ANSWERED, _("Answered"), counts.answered),
        (View.KEPT_OUT, _("Not invited"), counts.kept_out),
        (LOSING_TOUCH, _("Leave this week without a private address"), lost.count()),
        (LATE, _("Something is late"), others[LATE].count()),
        (NOTHING_PERSONAL, _("Leave with nothing personal"), others[NOTHING_PERSONAL].count()),
    ]
    pages = Paginator(rows.values_list("pk", flat=True), PAGE)
    # Counted above, with the others.
    pages.count = next(many for name, _label, many in views if name == view)
    page = pages.get_page(request.GET.get("page"))
    departures = list(told(ids=page.object_list, day=day))
    # What is there only when there is somebody in it.
    at_times = (View.KEPT_OUT, *others)
    return render(
        request,
        "desk/departures/list.html",
        {
            "page": page,
            "columns": columns(departures, day, next_steps(departures=departures, day=day, programme=programme)),
            "view": view,
            "may_invite": may(colleague(request).role, Permission.INVITE_LEAVERS),
            "may_run": may(colleague(request).role, Permission.RUN_PROGRAMME),
            "wants_digest": wants_digest(user=colleague(request)),
            "losing_touch": view == LOSING_TOUCH,
            "nothing_personal": view == NOTHING_PERSONAL,
            "views": [part for part in views if part[0] not in at_times or part[2] or view == part[0]],
        },
    )


@never_cache
@requires(Permission.SEE_DEPARTURES)
@require_GET
def show_departure(request: HttpRequest, key: str) -> HttpResponse:
    return _page(request, _departure(key))


@requires(Permission.INVITE_LEAVERS)
@require_POST
def send_invitation(request: HttpRequest, key: str) -> HttpResponse:
    """Sends the letter as it stands in the form, or keeps it as a draft."""
    departure = _departure(key)
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return _page(request, departure, form=form, status=UNPROCESSABLE)
    try:
        if "keep" in request.POST:
            change_draft(departure=departure, by=actor(request), now=now(), **form.cleaned_data)
            messages.success(request, _("Kept as a draft."))
        else:
            user = colleague(request)
            invite(
                departure=departure,
                by=actor(request),
                sender_name=user.name,
                reply_to=user.email,
                now=now(),
                **form.cleaned_data,
            )
            messages.success(
                request,
                _("The invitation to %(name)s is on its way.") % {"name": departure.person.full_name},
                extra_tags=f"undo={reverse('departure-take-back', args=[key])}",
            )
    except (
        AlreadyInvitedError,
        AlreadyAnsweredError,
        NotInvitableError,
        NotYetInvitableError,
        InvitationRefusedError,
    ) as refused:
        messages.warning(request, _refused(refused))
    return redirect("departure", key)


@requires(Permission.INVITE_LEAVERS)
@require_POST
def undo_invitation(request: HttpRequest, key: str) -> HttpResponse:
    """Undo: an invitation that has not left is a draft again."""
    try:
        if take_invitation_back(departure=_departure(key), by=actor(request), now=now()):
            messages.success(request, _("Taken back. It is a draft again."))
        else:
            messages.warning(request, _("It has left already."))
    except AlreadyAnsweredError as refused:
        messages.warning(request, _refused(refused))
    return redirect("departure", key)


@never_cache
@requires(Permission.INVITE_LEAVERS)
@require_GET
def show_sheet(request: HttpRequest, key: str) -> HttpResponse:
    """The invitation on paper, in the leaver's language, with the link and its code."""
    departure = _departure(key)
    moment = now()
    if departure.state not in (DepartureState.OPEN, DepartureState.QUESTION):
        messages.warning(request, _refused(NotInvitableError()))
        return redirect("departure", key)
    if must_wait(departure, day=today(now=moment)):
        messages.warning(request, _refused(NotYetInvitableError(departure.invite_from)))
        return redirect("departure", key)
    rule = refusal(departure=departure, now=moment, on_paper=True)
    if rule:
        messages.warning(request, _refused(InvitationRefusedError(rule)))
        return redirect("departure", key)
    programme = programme_of(request)
    language = language_of(departure=departure, programme=programme)
    link = absolute(link_path(departure))
    letter = invitation(
        departure=departure, programme=programme, sender_name=colleague(request).name, today=today(now=moment)
    )
    before, _link, after = letter.body.partition("{link}")
    scan, named = scan_or_type(language=language)
    return render(
        request,
        "desk/departures/sheet.html",
        {
            "departure": departure,
            "language": language,
            "before": before,
            "after": after,
            "scan": scan,
            "address": absolute(typed_path(departure)).partition("://")[2],
            "code": drawn(link, named),
            "ends_on": link_ends_at(departure=departure, programme=programme),
        },
    )


@requires(Permission.INVITE_LEAVERS)
@require_POST
def note_hand_over(request: HttpRequest, key: str) -> HttpResponse:
    try:
        hand_over(departure=_departure(key), by=actor(request), now=now())
    except (AlreadyInvitedError, NotInvitableError, NotYetInvitableError, InvitationRefusedError) as refused:
        messages.warning(request, _refused(refused))
    else:
        messages.success(request, _("Noted: the sheet was handed over."))
    return redirect("departure", key)


@requires(Permission.EDIT_PEOPLE)
@require_http_methods(["POST"])
def name_last_day(request: HttpRequest, key: str) -> HttpResponse:
    departure = _departure(key)
    form = LastDayForm(request.POST)
    if not form.is_valid():
        return _page(request, departure, day_form=form, status=UNPROCESSABLE)
    try:
        answer_question(departure=departure, last_day=form.cleaned_data["last_day"], by=actor(request), now=now())
    except NoQuestionError:
        messages.warning(request, _("The last day was filled in in the meantime."))
    except StintDatesError:
        form.add_error("last_day", _("This is before the first day. Check both in the record."))
        return _page(request, departure, day_form=form, status=UNPROCESSABLE)
    else:
        messages.success(request, _("Thank you. The last day is in the record."))
    return redirect("departure", key)


@requires(Permission.EDIT_PEOPLE)
@require_POST
def stays(request: HttpRequest, key: str) -> HttpResponse:
    try:
        stays_after_all(departure=_departure(key), by=actor(request), now=now())
    except NoQuestionError:
        messages.warning(request, _("The last day was filled in in the meantime."))
    else:
        messages.success(request, _("Noted in the record: works here. The departure is cancelled."))
    return redirect("departure", key)


def _page(
    request: HttpRequest,
    departure: Any,
    *,
    form: InvitationForm | None = None,
    day_form: LastDayForm | None = None,
    status: int = 200,
) -> HttpResponse:
    moment = now()
    day = today(now=moment)
    user = colleague(request)
    standing = departure.state in (DepartureState.OPEN, DepartureState.QUESTION)
    to_invite = standing and not departure.invited and not departure.said
    may_invite = may(user.role, Permission.INVITE_LEAVERS)
    door = explain(person=departure.person, purpose=Purpose.SERVICE, now=moment, invitation=True) if standing else None
    link_ends = link_ends_at(departure=departure, programme=programme_of(request))
    by_mail = "" if door is None or door.verdict == "yes" else door.rule
    waits = to_invite and must_wait(departure, day=day)
    letter = _letter_form(request, departure, moment) if to_invite and may_invite and not waits else None
    context = {
        "departure": departure,
        "person": departure.person,
        "stint": departure.stint,
        "day": day_words(departure.stint.ends_on, day),
        "beads": beads(departure, day),
        "to_invite": to_invite,
        "may_invite": may_invite,
        "may_edit": may(user.role, Permission.EDIT_PEOPLE),
        "waits": not_yet_words(departure.invite_from) if waits else "",
        "ending_form": EndingForm(initial={"recorded_ending": departure.recorded_ending}),
        "invite_from_form": InviteFromForm(initial={"invite_from": departure.invite_from})
        if to_invite and needs_a_day(departure)
        else None,
        "refused_by_mail": REFUSALS.get(by_mail, "") if by_mail else "",
        "refused_on_paper": waits or by_mail in ("stage", "restricted", "excluded", "decided", "audience", "objected"),
        "door": door,
        "form": form or letter,
        "stage": programme_of(request).stage,
        "language": language_of(departure=departure, programme=programme_of(request)),
        "before_live": _before_live(departure, letter, day) if to_invite and by_mail == "stage" and not waits else None,
        "may_run": may(user.role, Permission.RUN_PROGRAMME),
        "day_form": day_form or LastDayForm(),
        "has_gone": departure.stint.ends_on is not None and departure.stint.ends_on < day,
        "ends_on": link_ends,
        "link_is_over": link_ends <= moment,
        **about_farewell(request, departure, moment),
        **about_conversation(request, departure, moment),
    }
    return render(request, "desk/departures/departure.html", context, status=status)


def _before_live(departure: Departure, letter: InvitationForm | None, day: date) -> dict[str, object]:
    """What can be seen and done while the programme's stage holds the invitation back."""
    in_group = standing_restrictions(person=departure.person, day=day).filter(
        kind=RestrictionKind.TEST_GROUP, starts_on__lte=day
    )
    words = letter.initial if letter else {"subject": "", "body": ""}
    before, _link, after = words["body"].partition("{link}")
    return {
        "in_test_group": in_group.exists(),
        "test_group": RestrictionKind.TEST_GROUP,
        "letter": {"subject": words["subject"], "before": before, "after": after} if letter else None,
    }


def _letter_form(request: HttpRequest, departure: Departure, moment: datetime) -> InvitationForm:
    """The draft; as long as nobody has changed it, signed by whoever is looking at it now."""
    message = departure.invitation
    if message is not None and message.state == MessageState.DRAFT and not untouched(departure):
        return InvitationForm(initial=message.mailing.contents[message.language])
    letter = invitation(
        departure=departure,
        programme=programme_of(request),
        sender_name=colleague(request).name,
        today=today(now=moment),
    )
    return InvitationForm(initial={"subject": letter.subject, "body": letter.body})


def _refused(refused: Exception) -> str:
    if isinstance(refused, AlreadyInvitedError):
        return _("The invitation is on its way already, or was handed over.")
    if isinstance(refused, AlreadyAnsweredError):
        return _("This leaver has answered already, so nobody is invited a second time.")
    if isinstance(refused, NotInvitableError):
        return _("This departure is closed or cancelled, so nobody is invited.")
    if isinstance(refused, NotYetInvitableError):
        return not_yet_words(refused.invite_from)
    assert isinstance(refused, InvitationRefusedError)
    return str(REFUSALS.get(refused.rule, _("The door says no just now.")))


def _departure(key: str) -> Any:
    departure = departure_with_key(key)
    if departure is None:
        raise Http404
    return departure
