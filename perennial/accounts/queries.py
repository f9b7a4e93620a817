"""Reads accounts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from allauth.mfa.models import Authenticator
from django.contrib.auth import HASH_SESSION_KEY
from django.db.models import Exists, OuterRef, QuerySet

from perennial.accounts.models import Session, User
from perennial.accounts.roles import Permission, Role, may
from perennial.accounts.sessions import IDLE_SECONDS, LONGEST_SECONDS
from perennial.kernel.tokens import LinkPurpose, TokenInvalidError, open_token

# Recovery codes are no factor of their own.
_FACTORS = Authenticator.objects.filter(type__in=[Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN])


class InvitationGoneError(Exception):
    """The link of an invitation is altered, used, withdrawn or older than seven days."""


@dataclass(frozen=True)
class OpenSession:
    """One session that still opens: on what, since when, when last seen, and when it ends if nobody is seen again."""

    handle: str
    device: str
    started_at: datetime
    seen_at: datetime
    ends_at: datetime
    is_own: bool


def with_second_factor() -> QuerySet[User]:
    """All accounts, each with `second_factor`: whether an authenticator app or a passkey stands behind it."""
    return User.objects.annotate(second_factor=Exists(_FACTORS.filter(user=OuterRef("pk"))))


def has_second_factor(user: User) -> bool:
    """Whether `user` has an authenticator app or a passkey. Costs no query for the user of a request."""
    known: bool | None = getattr(user, "second_factor", None)
    if known is None:
        return bool(_FACTORS.filter(user=user).exists())
    return known


def open_sessions(*, user: User, own_key: str | None, now: datetime) -> list[OpenSession]:
    """The sessions in which `user` is signed in now, the one that asks first, then those seen last.

    A session from before a new password stands in the table and opens nothing, so it is not among them.
    """
    idle, longest = timedelta(seconds=IDLE_SECONDS), timedelta(seconds=LONGEST_SECONDS)
    rows = Session.objects.filter(
        user=user, expire_date__gt=now, started_at__gt=now - longest, seen_at__gt=now - idle
    ).order_by("-seen_at", "-started_at", "session_key")
    believed = {user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()}
    found = []
    for row in rows:
        if row.started_at is None or row.seen_at is None or row.get_decoded().get(HASH_SESSION_KEY) not in believed:
            continue
        is_own = row.session_key == own_key
        # Who asks is seen by that; it is written down later.
        seen_at = now if is_own else row.seen_at
        ends_at = min(row.started_at + longest, seen_at + idle)
        found.append(OpenSession(row.handle, row.device, row.started_at, seen_at, ends_at, is_own))
    return sorted(found, key=lambda session: not session.is_own)


def colleagues() -> QuerySet[User]:
    """Everybody with an account, those who can sign in first."""
    return with_second_factor().order_by("-is_active", "name", "pk")


def names_behind(labels: Iterable[str]) -> dict[str, str]:
    """The names of colleagues by the labels under which their deeds are recorded ('user:3'); of others nothing."""
    ids = {int(label[5:]) for label in labels if label.startswith("user:") and label[5:].isdecimal()}
    found = User.objects.filter(pk__in=ids).order_by("pk").values_list("pk", "name") if ids else ()
    return {f"user:{pk}": name for pk, name in found}


def coordinators() -> QuerySet[User]:
    """Those who can run the programme now."""
    return User.objects.filter(is_active=True, role=Role.COORDINATOR).order_by("name", "pk")


def who_may(permission: Permission) -> QuerySet[User]:
    """Those who can sign in now and hold `permission`."""
    roles = [role for role in Role if may(role, permission)]
    return User.objects.filter(is_active=True, role__in=roles).order_by("name", "pk")


def away_between(*, first_day: date, last_day: date) -> QuerySet[User]:
    """Colleagues who are away on a day of the period, who goes first first."""
    return User.objects.filter(is_active=True, away_from__lte=last_day, away_until__gte=first_day).order_by(
        "away_from", "name", "pk"
    )


def invited(*, token: str, now: datetime) -> User:
    """The colleague whom `token` invites. Raises InvitationGoneError."""
    try:
        opened = open_token(purpose=LinkPurpose.INVITE, token=token)
    except TokenInvalidError as error:
        raise InvitationGoneError from error
    user = User.objects.filter(pk=opened.row, is_active=False).first()
    if user is None or not opened.fits(user.invite_random):
        raise InvitationGoneError
    if user.invite_expires_at is None or user.invite_expires_at <= now:
        raise InvitationGoneError
    return user
