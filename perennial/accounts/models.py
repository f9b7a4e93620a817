"""Staff accounts. Alumni and leavers have none: they come by signed links."""

from collections.abc import Iterator
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.crypto import salted_hmac

from perennial.accounts.roles import Role
from perennial.kernel.keys import fingerprint


class UserManager(BaseUserManager["User"]):
    """allauth asks for `get_by_natural_key`; accounts are made by actions only."""


class User(AbstractBaseUser):
    """A colleague who works with Perennial. One role; permissions follow from it.

    Who is invited is not active yet and has an `invite_random`; who is disabled is not active and has none.
    """

    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=30, choices=Role.choices)
    language = models.CharField(max_length=10, default="en")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    invite_random = models.CharField(max_length=40, blank=True)
    invite_expires_at = models.DateTimeField(null=True, blank=True)
    # Both or neither; both days belong to it.
    away_from = models.DateField(null=True, blank=True)
    away_until = models.DateField(null=True, blank=True)
    # Every session carries it; raising it ends them all.
    sessions_version = models.PositiveIntegerField(default=0)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="role_is_known"),
            models.CheckConstraint(
                condition=models.Q(invite_random="") | models.Q(is_active=False), name="who_is_invited_is_not_active"
            ),
            models.CheckConstraint(
                condition=models.Q(away_from=None, away_until=None)
                | models.Q(away_from__isnull=False, away_until__gte=models.F("away_from")),
                name="away_has_two_days",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_invited(self) -> bool:
        return not self.is_active and self.invite_random != ""

    @property
    def is_disabled(self) -> bool:
        return not self.is_active and self.invite_random == ""

    def get_session_auth_hash(self) -> str:
        """What a session must carry to be believed: it follows the password and `sessions_version`."""
        return self._session_hash(settings.SECRET_KEY)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        for former_key in settings.SECRET_KEY_FALLBACKS:
            yield self._session_hash(former_key)

    def _session_hash(self, secret: str) -> str:
        return salted_hmac(
            "perennial.accounts.session", f"{self.password}:{self.sessions_version}", secret=secret, algorithm="sha256"
        ).hexdigest()


class Session(AbstractBaseSession):
    """An open session. What the store knows of who is signed in stands beside it in columns, so that it can be listed.

    No address: from where somebody works is nobody's business.
    """

    # None until somebody has signed in.
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    # As `devices.device_of` tells it.
    device = models.CharField(max_length=40, blank=True)
    started_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    class Meta(AbstractBaseSession.Meta):
        ordering = ["session_key"]

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        from perennial.accounts.sessions import SessionStore

        return SessionStore

    @property
    def handle(self) -> str:
        """What the session is called on a page; its key would open it."""
        return fingerprint(self.session_key)[:32]
