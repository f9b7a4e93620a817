"""Random keys and keyed fingerprints."""

import hashlib
import hmac
import secrets

from django.conf import settings

KEY_LENGTH = 16


def new_key() -> str:
    """A name for a row that cannot be guessed: 96 random bits in 16 characters. Not a secret.

    Never with a hyphen first, which a command would take for an option.
    """
    while (key := secrets.token_urlsafe(12)).startswith("-"):
        pass
    return key


def new_random() -> str:
    """The secret half of a link: 192 random bits in 32 characters (ASVS 11.5.1 asks for 128)."""
    return secrets.token_urlsafe(24)


def fingerprint(text: str, /) -> str:
    """HMAC-SHA-256 of normalised `text` in hexadecimal: tells whether we met it before, not what it was."""
    return fingerprints(text)[0]


def fingerprints(text: str, /) -> list[str]:
    """The fingerprint under the present key and under every former one, for looking up."""
    normalised = " ".join(text.casefold().split()).encode()
    return [
        hmac.new(key.encode(), normalised, hashlib.sha256).hexdigest() for key in settings.PERENNIAL_FINGERPRINT_KEYS
    ]
