"""Writes accounts: who is invited, what they may do, and when it ends."""

from datetime import date, datetime, timedelta

from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.views.decorators.debug import sensitive_variables

from perennial.accounts import queries
from perennial.accounts.models import Session, User
from perennial.accounts.roles import Role
from perennial.audit.actions import record
from perennial.kernel.keys import new_random
from perennial.kernel.links import path_to
from perennial.kernel.text import one_line
from perennial.kernel.tokens import LinkPurpose

INVITATION_DAYS = 7


class AddressTakenError(ValueError):
    """Somebody already has an account with this address."""


class AddressUnfitError(ValueError):
    """This is no address to send mail to."""


class NameMissingError(ValueError):
    """A colleague has a name."""


class LastCoordinatorError(Exception):
    """Nobody would be left to run the programme."""


class AwayDatesError(ValueError):
    """Being away has a first and a last day, in this order."""


class NotInvitedError(Exception):
    """There is no invitation to renew: the colleague signed in already, or was disabled."""


class StillInvitedError(Exception):
    """The colleague has not answered the invitation yet; it can be renewed or withdrawn, not enabled."""


def invite(*, name: str, email: str, role: Role, language: str, by: str, now: datetime) -> User:
    """Makes an account that opens with the link of `invitation_path`, for seven days.

    Raises AddressTakenError, AddressUnfitError, NameMissingError.
    """
    user = User(
        name=_checked_name(name),
        email=_checked_address(email),
        role=role,
        language=language,
        is_active=False,
        created_at=now,
        invite_random=new_random(),
        invite_expires_at=now + timedelta(days=INVITATION_DAYS),
    )
    user.set_unusable_password()
    with transaction.atomic():
        _insert(user)
        _record("accounts.invited", user, by, now, role=role)
    return user


@sensitive_variables("password", "token")
def add_coordinator(*, name: str, email: str, language: str, password: str, by: str, now: datetime) -> User:
    """Makes the account of who sets up the programme and chooses the password on the spot.

    Raises AddressTakenError, AddressUnfitError, NameMissingError, and Django's ValidationError for a password that is
    too easy.
    """
    user = User(
        name=_checked_name(name),
        email=_checked_address(email),
        role=Role.COORDINATOR,
        language=language,
        is_active=True,
        created_at=now,
    )
    validate_password(password, user)
    user.set_password(password)
    with transaction.atomic():
        _insert(user)
        _record("accounts.added", user, by, now, role=Role.COORDINATOR)
    return user


def invitation_path(user: User) -> str:
    """The path at which `user` chooses a password. Secret: whoever has it may do so, once."""
    return path_to(purpose=LinkPurpose.INVITE, row=user.pk, random=user.invite_random)


@transaction.atomic
def renew_invitation(*, user: User, by: str, now: datetime) -> User:
    """Another seven days with another link; the former link is void. Raises NotInvitedError."""
    user = _locked(user)
    if not user.is_invited:
        raise NotInvitedError
    user.invite_random = new_random()
    user.invite_expires_at = now + timedelta(days=INVITATION_DAYS)
    user.save(update_fields=["invite_random", "invite_expires_at"])
    _record("accounts.invited_again", user, by, now)
    return user


@sensitive_variables("password", "token")
def accept_invitation(*, token: str, password: str, now: datetime) -> User:
    """Sets the first password and uses the link up.

    Raises InvitationGoneError, and Django's ValidationError for a password that is too easy.
    """
    user = queries.invited(token=token, now=now)
    validate_password(password, user)
    used_random = user.invite_random
    user.set_password(password)
    with transaction.atomic():
        taken = User.objects.filter(pk=user.pk, is_active=False, invite_random=used_random).update(
            password=user.password, is_active=True, invite_random="", invite_expires_at=None
        )
        if not taken:
            raise queries.InvitationGoneError
        user.refresh_from_db()
        _record("accounts.joined", user, f"user:{user.pk}", now)
    return user


@transaction.atomic
def change_role(*, user: User, role: Role, by: str, now: datetime) -> User:
    """In force at the next request. Raises LastCoordinatorError."""
    user = _locked_unless_last_coordinator(user) if role != Role.COORDINATOR else _locked(user)
    former = user.role
    if former == role:
        return user
    user.role = role
    user.save(update_fields=["role"])
    _record("accounts.role_changed", user, by, now, former=former, role=role)
    return user


@transaction.atomic
def disable(*, user: User, by: str, now: datetime) -> User:
    """Ends the account's sessions at once, and its invitation if it stands open. Raises LastCoordinatorError."""
    user = _locked_unless_last_coordinator(user)
    if user.is_disabled:
        return user
    user.is_active = False
    user.invite_random = ""
    user.invite_expires_at = None
    user.sessions_version = F("sessions_version") + 1
    user.save(update_fields=["is_active", "invite_random", "invite_expires_at", "sessions_version"])
    user.refresh_from_db()
    _record("accounts.disabled", user, by, now)
    return user


@transaction.atomic
def enable(*, user: User, by: str, now: datetime) -> User:
    """Opens the account again; who never chose a password is invited anew instead. Raises StillInvitedError."""
    user = _locked(user)
    if user.is_invited:
        raise StillInvitedError
    if user.is_active:
        return user
    if user.has_usable_password():
        user.is_active = True
    else:
        user.invite_random = new_random()
        user.invite_expires_at = now + timedelta(days=INVITATION_DAYS)
    user.save(update_fields=["is_active", "invite_random", "invite_expires_at"])
    _record("accounts.enabled", user, by, now)
    return user


@transaction.atomic
def reset_second_factor(*, user: User, by: str, now: datetime) -> User:
    """Forgets authenticator app, passkeys and recovery codes, and ends all sessions."""
    user = _locked(user)
    forgotten, _ = Authenticator.objects.filter(user=user).delete()
    user.sessions_version = F("sessions_version") + 1
    user.save(update_fields=["sessions_version"])
    user.refresh_from_db()
    _record("accounts.second_factor_reset", user, by, now, forgotten=forgotten)
    return user


@transaction.atomic
def end_session(*, user: User, handle: str, own_key: str | None, now: datetime) -> bool:
    """Ends one of a colleague's open sessions, but not the one they ask from (`own_key`); whether there was such."""
    others = Session.objects.filter(user=user).exclude(session_key=own_key)
    keys = [row.session_key for row in others if row.handle == handle]
    if not Session.objects.filter(session_key__in=keys).delete()[0]:
        return False
    _record("accounts.sessions_ended", user, f"user:{user.pk}", now, ended=1)
    return True


@transaction.atomic
def end_other_sessions(*, user: User, own_key: str | None, now: datetime) -> int:
    """Ends all of a colleague's sessions but the one they ask from; how many there were."""
    ended = Session.objects.filter(user=user).exclude(session_key=own_key).delete()[0]
    if ended:
        _record("accounts.sessions_ended", user, f"user:{user.pk}", now, ended=ended)
    return ended


def drop_ended_sessions(*, now: datetime) -> int:
    """Deletes the sessions that nobody can use any more; how many there were. A chore without audit event."""
    return Session.objects.filter(expire_date__lt=now).delete()[0]


def record_security_event(*, user: User, deed: str, now: datetime) -> None:
    """What somebody did with their own account ('accounts.signed_in', 'accounts.totp_activated')."""
    _record(deed, user, f"user:{user.pk}", now)


@transaction.atomic
def be_away(*, user: User, first_day: date | None, last_day: date | None, now: datetime) -> None:
    """Says from when until when a colleague is away, both days included; None and None: not any more.

    Raises AwayDatesError.
    """
    if (first_day is None) != (last_day is None) or (first_day and last_day and last_day < first_day):
        raise AwayDatesError
    user.away_from, user.away_until = first_day, last_day
    user.save(update_fields=["away_from", "away_until"])
    _record("accounts.away", user, f"user:{user.pk}", now)


def _checked_name(name: str) -> str:
    if not one_line(name):
        raise NameMissingError("A colleague must have a name.")
    return one_line(name)


def _checked_address(email: str) -> str:
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise AddressUnfitError(f"{email!r} is not an e-mail address.") from error
    return address


def _insert(user: User) -> None:
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        raise AddressTakenError(f"{user.email} has an account already.") from error


def _locked(user: User) -> User:
    return User.objects.select_for_update().get(pk=user.pk)


def _locked_unless_last_coordinator(user: User) -> User:
    # All coordinators are locked too, in one order, so that two of them cannot disable each other at the same moment.
    rows = User.objects.select_for_update().filter(Q(pk=user.pk) | Q(is_active=True, role=Role.COORDINATOR))
    locked = {row.pk: row for row in rows.order_by("pk")}
    own = locked.pop(user.pk)
    if own.is_active and own.role == Role.COORDINATOR and not locked:
        raise LastCoordinatorError
    return own


def _record(deed: str, user: User, by: str, now: datetime, **details: str | int) -> None:
    record(deed=deed, by=by, now=now, subject_kind="user", subject_key=str(user.pk), details=details)
