"""Reads mail."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import Coalesce

from perennial.mail.enums import MessageState
from perennial.mail.models import Message
from perennial.mail.queue import due

# How long a failure is worth a line on Today.
STUCK_FOR = timedelta(days=14)


def outbox(*, state: str = "", purpose: str = "") -> QuerySet[Any]:
    """Everything that was sent off, newest first, with what is needed to show it; drafts are not among it.

    Each with `at`: when it was done, or as long as it is not, when it was written. The order is that of `at`.
    """
    messages = (
        Message.objects.exclude(state__in=[MessageState.DRAFT, MessageState.DISCARDED])
        .select_related("mailing", "person")
        .annotate(at=Coalesce("done_at", "created_at"))
        .order_by("-at", "-pk")
    )
    if state:
        messages = messages.filter(state=state)
    if purpose:
        messages = messages.filter(mailing__purpose=purpose)
    return messages


def drafts() -> QuerySet[Message]:
    """What waits for somebody to look at it, oldest first."""
    drafts = Message.objects.filter(state=MessageState.DRAFT)
    return drafts.select_related("mailing", "person").order_by("created_at", "pk")


def skipped() -> QuerySet[Message]:
    """What the door did not let pass, newest first."""
    stopped = Message.objects.filter(state=MessageState.SKIPPED)
    return stopped.select_related("mailing", "person").order_by("-done_at", "-pk")


def stuck(*, now: datetime) -> QuerySet[Message]:
    """What could not be delivered these last two weeks."""
    return Message.objects.filter(state=MessageState.FAILED, done_at__gt=now - STUCK_FOR, done_at__lte=now)


def how_many_due(*, now: datetime) -> int:
    """How many messages could be sent at this moment."""
    return due(now=now).count()


def states_of(*, mailings: Iterable[int]) -> dict[int, dict[str, int]]:
    """How many messages of each mailing stand in which state, by the mailing's id, in one statement."""
    rows = Message.objects.filter(mailing__in=list(mailings)).order_by().values_list("mailing", "state")
    found: dict[int, dict[str, int]] = {}
    for mailing, state, many in rows.annotate(many=Count("pk")):
        found.setdefault(mailing, {})[state] = many
    return found
