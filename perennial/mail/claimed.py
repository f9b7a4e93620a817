"""A message in a worker's hands: what sending needs of it, without the weight of a model."""

from dataclasses import dataclass

from django.db.models import QuerySet

from perennial.mail.models import Message


@dataclass(slots=True)
class ClaimedMailing:
    """The words of a claimed message, and what they are for."""

    purpose: str
    intent: str
    topic_id: int | None
    origin: str
    sender_name: str
    reply_to: str
    automatic: bool
    answer: bool
    contents: dict[str, dict[str, str]]


@dataclass(slots=True)
class Claimed:
    """Has the names that `Message` has. `address` is filled in when the door picked one."""

    mailing: ClaimedMailing
    pk: int
    person_id: int | None
    address: str
    recipient_name: str
    language: str
    link_path: str
    random: str
    message_id: str
    attempts: int
    uncertain: bool
    handed_over: bool
    last_error: str


_OF_THE_MESSAGE = tuple(name for name in Claimed.__slots__ if name != "mailing")
_OF_THE_MAILING = tuple(f"mailing__{name}" for name in ClaimedMailing.__slots__)


def claimed(messages: QuerySet[Message]) -> list[Claimed]:
    """The messages, in one statement."""
    count = len(_OF_THE_MESSAGE)
    rows = messages.values_list(*_OF_THE_MESSAGE, *_OF_THE_MAILING)
    return [Claimed(ClaimedMailing(*row[count:]), *row[:count]) for row in rows]
