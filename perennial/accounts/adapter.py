"""How allauth fits our house: staff only, no sign-up, a trace of every security event, secrets under the data key."""

import logging
from functools import partial
from typing import Any, cast
from urllib.parse import urlsplit

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from perennial.accounts.actions import record_security_event
from perennial.accounts.devices import device_of
from perennial.accounts.models import User
from perennial.accounts.sessions import SessionStore
from perennial.accounts.visitor import household_of, ip_of
from perennial.kernel import encryption
from perennial.kernel.clock import now
from perennial.kernel.links import absolute

logger = logging.getLogger("perennial.accounts")

_GREETING = "account/messages/logged_in.txt"


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts of staff: made by actions, signed in here."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: User) -> None:
        with transaction.atomic():
            super().login(request, user)
            session = cast(SessionStore, request.session)
            session.note_seen(device=device_of(request.headers.get("User-Agent", "")))
            record_security_event(user=user, deed="accounts.signed_in", now=now())

    def get_client_ip(self, request: HttpRequest) -> str:
        """For allauth's limits the same visitor as for ours."""
        return household_of(request)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        # No address: what people type into a sign-in form is not always their own, and not always an address.
        logger.warning("Sign-in refused, from %s", ip_of(request))

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """A disabled account is told what a wrong password is told."""
        messages.error(request, self.error_messages["email_password_mismatch"])
        return HttpResponseRedirect(reverse("account_login"))

    def is_reauthentication_required(self, *, app: str, **_kwargs: Any) -> bool:
        """Who signed in a moment ago has just proved who they are."""
        session: SessionStore = self.request.session
        return session.seconds_since_sign_in() >= int(app_settings.REAUTHENTICATION_TIMEOUT)

    def set_password(self, user: User, password: str) -> None:
        user.set_password(password)
        user.save(update_fields=["password"])

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("mfa_index")

    def get_reset_password_from_key_url(self, key: str) -> str:
        """At our own address, whatever name the request came in under."""
        return absolute(urlsplit(super().get_reset_password_from_key_url(key)).path)

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **more: Any
    ) -> None:
        """allauth's messages, but for the one that greets at every sign-in."""
        if message_template != _GREETING:
            super().add_message(request, level, message_template, *args, **more)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Written at once, but where the page that is asked holds its mail back until after the answer."""
        held = getattr(self.request, "held_mail", None)
        if held is None:
            super().send_mail(template_prefix, email, context)
        else:
            held.append(partial(super().send_mail, template_prefix, email, context))

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tells the owner by mail what changed in their account, and the audit trail too.

        The deed is the last word of the template's name: 'mfa/email/totp_activated' is 'accounts.totp_activated'.
        """
        with transaction.atomic():
            record_security_event(user=user, deed=f"accounts.{template_prefix.rsplit('/', 1)[-1]}", now=now())
            super().send_notification_mail(template_prefix, user, context, email)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors: their secrets stand encrypted in the database."""

    def encrypt(self, text: str) -> str:
        return encryption.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return encryption.decrypt(encrypted_text)

    def generate_authenticator_name(self, user: User, type: str) -> str:  # noqa: A002  (allauth's name)
        return _("My passkey")

    def _get_site_name(self) -> str:
        return "Perennial"
