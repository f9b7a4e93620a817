"""What a password must not be, besides short: one that many have, or such a one with something put around it."""

import re
from functools import cache
from hashlib import sha256
from pathlib import Path

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# Beginnings of the hashes of the 10,000 most common passwords of ten characters or more, sorted; see
# `tools/common_passwords.py`. By so many bytes two passwords are hardly ever taken for one.
COMMON = Path(__file__).parent / "common.sha256"
_BYTES = 6
# Shorter ones stand within too many passwords that nobody would guess.
_SHORTEST_CORE = 5
# Digits and signs before and after, which is how people make a common password long enough.
_AROUND = re.compile(r"^[\W\d_]+|[\W\d_]+$")


class CommonLongValidator:
    """Refuses the 10,000 most common of those that are long enough, however they are capitalised (ASVS 5.0, 6.2.4).

    Django's list has 1,777 of them: it is cut off by how often each was found, and most that are common are short.
    """

    def validate(self, password: str, user: object = None) -> None:
        """Raises ValidationError."""
        if mark(password.casefold()) in _long():
            raise ValidationError(_("Many people have this password."), code="common_long")

    def get_help_text(self) -> str:
        return _("Your password can't be one that many people have.")


class CommonCoreValidator:
    """Refuses what is a common password once digits and signs around it are taken away, or once it is said only once.

    The list of common ones is Django's.
    """

    def validate(self, password: str, user: object = None) -> None:
        """Raises ValidationError."""
        word = _once(_AROUND.sub("", password.casefold()))
        if len(word) >= _SHORTEST_CORE and word in _common():
            raise ValidationError(_("This is a common password with something around it."), code="common_core")

    def get_help_text(self) -> str:
        return _("Your password can't be a common one with digits or signs around it, nor one written several times.")


def mark(password: str) -> bytes:
    """By what a password, all of it in small letters, is known in the list of common ones."""
    return sha256(password.encode()).digest()[:_BYTES]


def _once(word: str) -> str:
    """`word` without repetition: 'qwertyqwerty' is 'qwerty'."""
    period = (word + word).find(word, 1)
    return word[:period] if 0 < period < len(word) else word


@cache
def _common() -> frozenset[str]:
    return frozenset(CommonPasswordValidator().passwords)


@cache
def _long() -> frozenset[bytes]:
    marks = COMMON.read_bytes()
    return frozenset(marks[at : at + _BYTES] for at in range(0, len(marks), _BYTES))
