"""Django's e-mail backend: what libraries send to staff (sign-in codes, invitations) goes through our queue, first."""

from collections.abc import Sequence
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.translation import get_language

from perennial.kernel import clock
from perennial.kernel.purposes import Intent, Purpose
from perennial.mail.compose import Letter, write_all
from perennial.mail.enums import Priority
from perennial.mail.render import HIDDEN_ORIGIN
from perennial.people.actions import AddressUnusableError


class AttachmentRefusedError(ValueError):
    """Mail that a library sends through us has words only."""


class QueueBackend(BaseEmailBackend):
    """Writes each recipient's own message into the queue; a worker sends it within seconds. Staff mail has no door.

    Sender and programme are ours: a library's From is not taken over, its Reply-To is.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        written = 0
        for message in email_messages:
            try:
                write_all(letters=_letters(message), by="system", now=clock.now())
                written += 1
            except (AttachmentRefusedError, AddressUnusableError):
                if not self.fail_silently:
                    raise
        return written


def _letters(message: EmailMessage) -> list[Letter]:
    if message.attachments:
        raise AttachmentRefusedError
    common: dict[str, Any] = {
        "person": None,
        "purpose": Purpose.SERVICE,
        "intent": Intent.NEUTRAL,
        "subject": str(message.subject),
        "body": str(message.body),
        "language": (get_language() or settings.LANGUAGE_CODE).partition("-")[0],
        "origin": HIDDEN_ORIGIN,
        "reply_to": parseaddr(message.reply_to[0])[1] if message.reply_to else "",
        "automatic": True,
        "priority": Priority.URGENT,
    }
    recipients = [parseaddr(recipient) for recipient in message.recipients()]
    return [Letter(**common, address=address, recipient_name=name) for name, address in recipients]
