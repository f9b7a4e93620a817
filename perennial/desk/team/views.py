"""The Team pages, and the page on which somebody who was invited chooses a password."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.accounts import actions, queries
from perennial.accounts.models import User
from perennial.accounts.roles import ROLE_SENTENCES, Permission, Role
from perennial.audit.actions import record
from perennial.desk.team.forms import AwayForm, InviteForm, PasswordForm, RoleForm
from perennial.kernel.clock import now
from perennial.kernel.links import absolute
from perennial.mail import welcome
from perennial.web.access import actor, colleague, public, requires, sensitive
from perennial.web.pace import KEY

UNPROCESSABLE = 422
# Kept in the session: the colleague whose link is shown once, on the next look at their page.
TO_HAND_OVER = "invitation_to_hand_over"


@require_GET
@requires(Permission.MANAGE_TEAM)
def team(request: HttpRequest) -> HttpResponse:
    """Everybody with an account, and the form to invite another."""
    return _team_page(request, InviteForm(initial={"role": Role.HR}))


@require_POST
@requires(Permission.MANAGE_TEAM)
@sensitive
def invite(request: HttpRequest) -> HttpResponse:
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _team_page(request, form, status=UNPROCESSABLE)
    answers = form.cleaned_data
    try:
        user = welcome.invite_colleague(
            name=answers["name"],
            email=answers["email"],
            role=answers["role"],
            language="en",
            inviter=colleague(request),
            by=actor(request),
            now=now(),
        )
    except actions.AddressTakenError:
        form.add_error("email", _("Somebody in the team has this address already."))
        return _team_page(request, form, status=UNPROCESSABLE)
    return _invited(request, user, _("The invitation to %(name)s is on its way."), then=redirect("team"))


@require_http_methods(["GET", "POST"])
@requires(Permission.OWN_ACCOUNT)
def be_away(request: HttpRequest) -> HttpResponse:
    """From when until when whoever asks is away."""
    user = colleague(request)
    form = AwayForm(request.POST or None, initial={"first_day": user.away_from, "last_day": user.away_until})
    if request.method == "POST" and form.is_valid():
        try:
            actions.be_away(user=user, now=now(), **form.cleaned_data)
        except actions.AwayDatesError:
            form.add_error("last_day", _("Give a first and a last day, in this order, or neither."))
        else:
            messages.success(request, _("Kept. Have a good time.") if user.away_from else _("Kept. Welcome back."))
            return redirect("away")
    return render(request, "desk/team/away.html", {"form": form}, status=UNPROCESSABLE if form.is_bound else None)


@never_cache
@require_GET
@requires(Permission.MANAGE_TEAM)
def member(request: HttpRequest, pk: int) -> HttpResponse:
    """One colleague: what they may do, and how to change or end it."""
    user = get_object_or_404(queries.with_second_factor(), pk=pk)
    return _member_page(request, user, RoleForm(initial={"role": user.role}), link=_link_to_hand_over(request, user))


@require_POST
@requires(Permission.MANAGE_TEAM)
@sensitive
def change_role(request: HttpRequest, pk: int) -> HttpResponse:
    user = get_object_or_404(queries.with_second_factor(), pk=pk)
    form = RoleForm(request.POST)
    if not form.is_valid():
        return _member_page(request, user, form, status=UNPROCESSABLE)
    try:
        changed = actions.change_role(user=user, role=form.cleaned_data["role"], by=actor(request), now=now())
    except actions.LastCoordinatorError:
        return _refused_as_last_coordinator(request, user)
    messages.success(
        request,
        _("%(name)s is now %(role)s.") % {"name": changed.name, "role": Role(changed.role).label},
    )
    return _back_to(request, changed)


@require_POST
@requires(Permission.MANAGE_TEAM)
@sensitive
def disable(request: HttpRequest, pk: int) -> HttpResponse:
    user = get_object_or_404(User, pk=pk)
    try:
        actions.disable(user=user, by=actor(request), now=now())
    except actions.LastCoordinatorError:
        return _refused_as_last_coordinator(request, user)
    messages.success(request, _("%(name)s can no longer sign in, and was signed out everywhere.") % {"name": user.name})
    return _back_to(request, user)


@require_POST
@requires(Permission.MANAGE_TEAM)
@sensitive
def enable(request: HttpRequest, pk: int) -> HttpResponse:
    user = get_object_or_404(User, pk=pk)
    try:
        enabled = actions.enable(user=user, by=actor(request), now=now())
    except actions.StillInvitedError as error:
        raise Http404 from error
    if enabled.is_invited:
        welcome.invite_again(user=enabled, inviter=colleague(request), by=actor(request), now=now())
        told = _("%(name)s never chose a password and was invited again.")
        return _invited(request, enabled, told, then=_back_to(request, user))
    messages.success(request, _("%(name)s can sign in again.") % {"name": user.name})
    return _back_to(request, user)


@require_POST
@requires(Permission.MANAGE_TEAM)
@sensitive
def reset_second_factor(request: HttpRequest, pk: int) -> HttpResponse:
    user = get_object_or_404(User, pk=pk)
    actions.reset_second_factor(user=user, by=actor(request), now=now())
    messages.success(
        request,
        _("%(name)s was signed out everywhere and sets up a new second factor at the next sign-in.")
        % {"name": user.name},
    )
    return _back_to(request, user)


@require_POST
@requires(Permission.MANAGE_TEAM)
@sensitive
def invite_again(request: HttpRequest, pk: int) -> HttpResponse:
    user = get_object_or_404(User, pk=pk)
    try:
        welcome.invite_again(user=user, inviter=colleague(request), by=actor(request), now=now())
    except actions.NotInvitedError as error:
        raise Http404 from error
    told = _("A new invitation to %(name)s is on its way; the former link no longer works.")
    return _invited(request, user, told, then=_back_to(request, user))


@public(KEY)
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def welcome_page(request: HttpRequest, token: str) -> HttpResponse:
    """Who was invited chooses a password. The link works once; every link that does not work gets the same answer."""
    try:
        user = queries.invited(token=token, now=now())
    except queries.InvitationGoneError:
        return _gone(request)
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.accept_invitation(token=token, password=form.cleaned_data["password"], now=now())
        except queries.InvitationGoneError:
            return _gone(request)
        except ValidationError as error:
            form.add_error("password", error)
        else:
            messages.success(request, _("Your password is set. Sign in with it now."))
            return redirect("account_login")
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "desk/team/welcome.html", {"form": form, "invited": user}, status=status)


def _team_page(request: HttpRequest, form: InviteForm, status: int = 200) -> HttpResponse:
    people = [(user, Role(user.role).label, ROLE_SENTENCES[Role(user.role)]) for user in queries.colleagues()]
    return render(request, "desk/team/list.html", {"people": people, "form": form}, status=status)


def _member_page(request: HttpRequest, user: User, form: RoleForm, status: int = 200, link: str = "") -> HttpResponse:
    context = {
        "member": user,
        "role": Role(user.role).label,
        "sentence": ROLE_SENTENCES[Role(user.role)],
        "form": form,
        "is_oneself": user.pk == colleague(request).pk,
        "link_to_hand_over": link,
        "invitation_is_over": user.invite_expires_at is not None and user.invite_expires_at <= now(),
    }
    return render(request, "desk/team/member.html", context, status=status)


def _invited(request: HttpRequest, user: User, told: str, *, then: HttpResponse) -> HttpResponse:
    """Says that the invitation went out; where mail is kept, leads to its link, which who invited hands over."""
    if not settings.PERENNIAL_MAIL_SERVER.keeps:
        messages.success(request, told % {"name": user.name})
        return then
    record(
        deed="accounts.invitation_link_shown",
        by=actor(request),
        now=now(),
        subject_kind="user",
        subject_key=str(user.pk),
    )
    request.session[TO_HAND_OVER] = user.pk
    return redirect("team_member", pk=user.pk)


def _link_to_hand_over(request: HttpRequest, user: User) -> str:
    """The link of the invitation, once, for whoever has just sent it; else nothing."""
    if request.session.get(TO_HAND_OVER) != user.pk:
        return ""
    del request.session[TO_HAND_OVER]
    return absolute(actions.invitation_path(user)) if user.is_invited else ""


def _back_to(request: HttpRequest, user: User) -> HttpResponse:
    """To the colleague's page, unless who pressed the button has just lost it."""
    return redirect("/") if user.pk == colleague(request).pk else redirect("team_member", pk=user.pk)


def _refused_as_last_coordinator(request: HttpRequest, user: User) -> HttpResponse:
    messages.error(
        request,
        _("%(name)s is the only coordinator. Make somebody else coordinator first.") % {"name": user.name},
    )
    return redirect("team_member", pk=user.pk)


def _gone(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/team/welcome_gone.html", status=404)
