"""Free text encrypted at rest, under the data key.

A field of our own rather than a library's: those at hand derive their key from SECRET_KEY, and the signing key and the
data key must turn independently of each other.
"""

import base64
import hashlib
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models


def _cipher() -> MultiFernet:
    return MultiFernet(
        [
            Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()))
            for key in settings.PERENNIAL_DATA_KEYS
        ]
    )


def encrypt(text: str) -> str:
    """`text` under the present data key."""
    return _cipher().encrypt(text.encode()).decode("ascii")


def decrypt(encrypted: str) -> str:
    """What `encrypt` was given, under the present data key or a former one."""
    return _cipher().decrypt(encrypted.encode("ascii")).decode()


class Sealed(str):
    """A text that is encrypted already and is written as it stands: what a backup brings back."""

    __slots__ = ()


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """A text that stands encrypted in the database (Fernet: AES-128-CBC with HMAC). It cannot be searched."""

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return text if not text or isinstance(value, Sealed) else encrypt(text)

    def value_to_string(self, obj: Any) -> str:
        """As it leaves the database in a file: encrypted there too."""
        text = self.value_from_object(obj)
        return encrypt(text) if text else ""

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        return value if not value else decrypt(value)
