"""The one way in for staff."""

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.base_user import AbstractBaseUser

from perennial.accounts import queries
from perennial.accounts.models import User


class StaffBackend(AuthenticationBackend):  # type: ignore[misc]
    """allauth's, but who is disabled or only invited gets the answer that a wrong password gets."""

    def _check_password(self, user: AbstractBaseUser | None, password: str) -> AbstractBaseUser | None:
        if user is None:
            return None
        self._did_check_password = True
        fits = user.check_password(password)
        return user if fits and user.is_active else None

    def get_user(self, user_id: int) -> User | None:
        """The active user with `user_id`, with what the access check asks, in one query."""
        return queries.with_second_factor().filter(pk=user_id, is_active=True).first()
