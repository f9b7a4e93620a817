"""What a browser sends for a passkey, at our edge: whatever is none is answered with a sentence.

allauth and fido2 take apart what a stranger sends before anybody has signed in, and catch only some of what can go
wrong.
"""

import logging
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from django import forms
from django.forms.fields import InvalidJSONInput
from django.utils.translation import gettext_lazy as _

logger = logging.getLogger("perennial.accounts")

# The largest that browsers send, with an attestation and its certificates, is some thousand characters.
LONGEST = 20_000
_UNREADABLE = _("This passkey could not be read. Try once more, or come in another way.")
# What reading a stranger's bytes raises: JSON, CBOR, base64, keys and signatures. None of it comes of the database.
_BROKEN = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    InvalidSignature,
    UnsupportedAlgorithm,
)


@contextmanager
def _refusing_what_is_none() -> Iterator[None]:
    try:
        yield
    except _BROKEN as broken:
        # Only of which kind: what was sent is a stranger's.
        logger.warning("Something that is no passkey was sent: %s", type(broken).__name__)
        raise forms.ValidationError(_UNREADABLE, code="unreadable") from broken


class CredentialField(forms.JSONField):
    """An object in JSON, not too long and not too deep; what was refused is not written into the page again."""

    def to_python(self, value: Any) -> Any:
        with _refusing_what_is_none():
            if isinstance(value, str) and len(value) > LONGEST:
                raise ValueError
            found = super().to_python(value)
            if found is not None and not isinstance(found, dict):
                raise TypeError
        return found

    def bound_data(self, data: Any, initial: Any) -> Any:
        return InvalidJSONInput("")


class _WithCredential(forms.Form):
    credential = CredentialField(widget=forms.HiddenInput)


class _Comparing(_WithCredential):
    def clean_credential(self) -> Any:
        with _refusing_what_is_none():
            return super().clean_credential()  # type: ignore[misc]


class SignInForm(_Comparing, LoginWebAuthnForm):  # type: ignore[misc]
    """Comes in with a passkey alone."""


class SecondFactorForm(_Comparing, AuthenticateWebAuthnForm):  # type: ignore[misc]
    """Comes in with a passkey after the password."""


class OnceMoreForm(_Comparing, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """Says once more who it is."""


class AddForm(_WithCredential, AddWebAuthnForm):  # type: ignore[misc]
    """Adds a passkey to one's own account."""

    def clean(self) -> dict[str, Any]:
        with _refusing_what_is_none():
            cleaned: dict[str, Any] = super().clean() or {}
        return cleaned
