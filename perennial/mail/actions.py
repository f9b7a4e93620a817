"""Small use cases around the queue. The pipeline itself is compose, render, queue, send."""

from datetime import datetime

from django.utils.translation import get_language, gettext

from perennial.kernel.purposes import Intent, Purpose
from perennial.mail.compose import write
from perennial.mail.enums import Priority
from perennial.mail.models import Message
from perennial.programme.queries import current

TEST_ORIGIN = "mail:test"


def send_test(*, to: str, by: str, now: datetime) -> Message:
    """A mail to a colleague that shows whether mail arrives. It may leave in every stage.

    Raises AddressUnusableError.
    """
    return write(
        person=None,
        purpose=Purpose.SERVICE,
        intent=Intent.NEUTRAL,
        subject=gettext("Test mail from %(organisation)s") % {"organisation": current().organisation or "Perennial"},
        body=gettext(
            "If you can read this, mail from Perennial arrives.\n\n"
            "Look at two things: whether it came to your inbox and not to the junk mail, "
            "and whether the sender is the one your people should see."
        ),
        language=(get_language() or "en").partition("-")[0],
        origin=TEST_ORIGIN,
        by=by,
        now=now,
        address=to,
        automatic=True,
        priority=Priority.URGENT,
    )


def send_as_test(*, subject: str, body: str, language: str, to: str, by: str, now: datetime) -> Message:
    """The words of a letter to many, to the colleague who writes it. May leave in every stage.

    Raises AddressUnusableError.
    """
    return write(
        person=None,
        purpose=Purpose.SERVICE,
        intent=Intent.NEUTRAL,
        subject=gettext("Test: %(subject)s") % {"subject": subject},
        body=body,
        language=language,
        origin=TEST_ORIGIN,
        by=by,
        now=now,
        address=to,
        priority=Priority.URGENT,
    )
