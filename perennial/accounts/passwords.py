"""What a password must not be, besides short and common: a common one with something put around it."""

import re
from functools import cache

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# Shorter ones stand within too many passwords that nobody would guess.
_SHORTEST_CORE = 5
# Digits and signs before and after, which is how people make a common password long enough.
_AROUND = re.compile(r"^[\W\d_]+|[\W\d_]+$")


class CommonCoreValidator:
    """Refuses what is a common password once digits and signs around it are taken away, or once it is said only once.

    The list of common ones is Django's; it holds few that are long, since it is cut off by how often each was found.
    """

    def validate(self, password: str, user: object = None) -> None:
        """Raises ValidationError."""
        word = _once(_AROUND.sub("", password.casefold()))
        if len(word) >= _SHORTEST_CORE and word in _common():
            raise ValidationError(_("This is a common password with something around it."), code="common_core")

    def get_help_text(self) -> str:
        return _("Your password can't be a common one with digits or signs around it, nor one written several times.")


def _once(word: str) -> str:
    """`word` without repetition: 'qwertyqwerty' is 'qwerty'."""
    period = (word + word).find(word, 1)
    return word[:period] if 0 < period < len(word) else word


@cache
def _common() -> frozenset[str]:
    return frozenset(CommonPasswordValidator().passwords)
