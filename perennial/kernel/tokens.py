"""Signed tokens for links in mails and on paper.

A token names a purpose and a row and carries the random that lives on that row. It opens nothing but what its purpose
says, it ends when the row's random changes, and it cannot be made without the signing key.
"""

import base64
import hmac
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings

SIGNATURE_BYTES = 18


class LinkPurpose(StrEnum):
    LEAVER = "leaver"
    CONFIRM = "confirm"
    PREFERENCES = "preferences"
    UNSUBSCRIBE = "unsubscribe"
    INVITE = "invite"
    SET_UP = "set-up"


class TokenInvalidError(Exception):
    """The token is altered, foreign, or meant for something else."""


@dataclass(frozen=True)
class Opened:
    """What an intact token says: which row, and the random that must still stand on it."""

    row: int
    random: str

    def fits(self, random: str) -> bool:
        """Whether `random`, as it stands on the row now, is the token's, in constant time."""
        return bool(random) and hmac.compare_digest(self.random.encode(), random.encode())


def sign(*, purpose: LinkPurpose, row: int, random: str) -> str:
    """A token safe in a URL: row, random and signature with dots between."""
    return f"{row}.{random}.{_signature(settings.SECRET_KEY, purpose, row, random)}"


def open_token(*, purpose: LinkPurpose, token: str) -> Opened:
    """What an intact `token` for `purpose` names. Raises TokenInvalidError. The caller still compares the random."""
    if len(token) > 200 or not token.isascii():
        raise TokenInvalidError
    parts = token.split(".")
    if len(parts) != 3 or not parts[0].isdecimal() or len(parts[0]) > 18:
        raise TokenInvalidError
    row, random, signature = int(parts[0]), parts[1], parts[2]
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        if hmac.compare_digest(_signature(key, purpose, row, random).encode(), signature.encode()):
            return Opened(row, random)
    raise TokenInvalidError


def _signature(key: str, purpose: LinkPurpose, row: int, random: str) -> str:
    digest = hmac.digest(key.encode(), f"{purpose}:{row}:{random}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:SIGNATURE_BYTES]).decode()
