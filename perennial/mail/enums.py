"""States of a message."""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _


class MessageState(TextChoices):
    DRAFT = "draft", _("Waits to be looked at")
    QUEUED = "queued", _("In the queue")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    KEPT = "kept", _("Kept, not sent")
    UNCERTAIN = "uncertain", _("Perhaps sent: the mail server's answer was lost")
    FAILED = "failed", _("Could not be delivered")
    SKIPPED = "skipped", _("Not sent: the door said no")
    DISCARDED = "discarded", _("Put aside")


# What nobody has received and somebody may still send off, or send off again.
NOT_GONE: tuple[MessageState, ...] = (MessageState.DRAFT, MessageState.QUEUED, MessageState.FAILED)

# States that nothing follows by itself. UNCERTAIN is not among them: it may still have its one retry before it.
ENDED: tuple[MessageState, ...] = (
    MessageState.SENT,
    MessageState.KEPT,
    MessageState.FAILED,
    MessageState.SKIPPED,
    MessageState.DISCARDED,
)


class Priority(IntegerChoices):
    """Which goes first: somebody waits for a sign-in code or a confirmation in front of the screen."""

    URGENT = 0, _("at once")
    ORDINARY = 1, _("in turn")
