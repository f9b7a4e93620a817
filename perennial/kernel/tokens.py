"""Signed tokens for links in mails and on paper.

A token names a purpose and a row and carries the random that lives on that row. It opens nothing but what its purpose
says, it ends when the row's random changes, and it cannot be made without the signing key.

Beside the token there is a code for the one link that somebody types from paper: short, without letters that look
alike, and still 80 bits that nobody guesses where wrong codes are counted.
"""

import base64
import hmac
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings

SIGNATURE_BYTES = 18
# 32 signs; no 0 and o, and no 1 and l, which look alike on paper.
TYPEABLE = "abcdefghijkmnpqrstuvwxyz23456789"
CODE_BYTES = 10
CODE_LENGTH = CODE_BYTES * 8 // 5


class LinkPurpose(StrEnum):
    LEAVER = "leaver"
    LEAVER_TYPED = "leaver-typed"
    CONFIRM = "confirm"
    VOUCH = "vouch"
    PREFERENCES = "preferences"
    UNSUBSCRIBE = "unsubscribe"
    MANAGER = "manager"
    OWN = "own"
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


@dataclass(frozen=True)
class Typed:
    """What a code as somebody typed it says: which row, and the signature that must be that row's."""

    row: int
    signature: str

    def fits(self, *, purpose: LinkPurpose, random: str) -> bool:
        """Whether this is the code of the row that `random` stands on now, in constant time."""
        keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
        fitting = [hmac.compare_digest(_typeable(key, purpose, self.row, random), self.signature) for key in keys]
        return bool(random) and any(fitting)


def code(*, purpose: LinkPurpose, row: int, random: str) -> str:
    """A code to be typed: the row, then 80 bits of signature in groups of four. It ends with the row's random."""
    signature = _typeable(settings.SECRET_KEY, purpose, row, random)
    groups = [signature[start : start + 4] for start in range(0, CODE_LENGTH, 4)]
    return "-".join([_in_signs(row), *groups])


def read_code(typed: str) -> Typed:
    """What a typed code names, however it is grouped and in capitals or not. Raises TokenInvalidError."""
    if len(typed) > 60 or not typed.isascii():
        raise TokenInvalidError
    # Neither 1 nor l is ever printed, so both can only be an i.
    signs = "".join(sign for sign in typed.casefold() if sign not in " -.").replace("1", "i").replace("l", "i")
    if not CODE_LENGTH < len(signs) <= CODE_LENGTH + 11 or set(signs) - set(TYPEABLE):
        raise TokenInvalidError
    row = 0
    for sign in signs[:-CODE_LENGTH]:
        row = row * len(TYPEABLE) + TYPEABLE.index(sign)
    return Typed(row, signs[-CODE_LENGTH:])


def digits(random: str) -> str:
    """The six-digit code that follows from `random` and the signing key, for where tries are counted."""
    digest = hmac.digest(settings.SECRET_KEY.encode(), f"digits:{random}".encode(), "sha256")
    return f"{int.from_bytes(digest[:16]) % 1_000_000:06}"


def _in_signs(number: int) -> str:
    signs = ""
    while number or not signs:
        number, rest = divmod(number, len(TYPEABLE))
        signs = TYPEABLE[rest] + signs
    return signs


def _typeable(key: str, purpose: LinkPurpose, row: int, random: str) -> str:
    digest = hmac.digest(key.encode(), f"{purpose}:{row}:{random}".encode(), "sha256")
    return _in_signs(int.from_bytes(digest[:CODE_BYTES])).rjust(CODE_LENGTH, TYPEABLE[0])


def _signature(key: str, purpose: LinkPurpose, row: int, random: str) -> str:
    digest = hmac.digest(key.encode(), f"{purpose}:{row}:{random}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:SIGNATURE_BYTES]).decode()
