"""How a conversation went: held, declined, did not happen, and taking that back."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from perennial.contact.actions import record_touch
from perennial.contact.enums import Direction, TouchKind
from perennial.contact.models import Touch
from perennial.departures.conversation.enums import ConversationState, Way
from perennial.departures.conversation.planning import (
    AlreadyPlannedError,
    NotPlannedError,
    count_change,
    record_deed,
    settle,
    standing,
    still_planned,
)
from perennial.departures.farewell.actions import (
    FarewellOverError,
    StepOpenError,
    StepSettledError,
    do_step,
    reopen_step,
    skip_step,
)
from perennial.departures.farewell.enums import StepKind, StepState
from perennial.departures.models import ExitConversation, FarewellStep
from perennial.kernel.purposes import Purpose
from perennial.mail.queue import put_aside
from perennial.programme.queries import today

# From these a conversation is planned again: a slip, or the leaver thought better of it.
_UNDONE = (ConversationState.HELD, ConversationState.DECLINED, ConversationState.DID_NOT_HAPPEN)


class NotYetHeldError(Exception):
    """It lies ahead: nobody can have held or missed it."""


@transaction.atomic
def note_held(*, conversation: ExitConversation, by: str, now: datetime) -> ExitConversation:
    """It took place: it stands in the history of contact, and the step of the checklist is done.

    Raises NotPlannableError, NotPlannedError, NotYetHeldError.
    """
    held = still_planned(conversation)
    _ask_whether_it_has_come(held, now)
    settle(held, ConversationState.HELD, by, now)
    record_touch(
        person=held.departure.person,
        at=held.starts_at,
        direction=Direction.OURS,
        kind=TouchKind.MEETING if held.way == Way.IN_PERSON else TouchKind.CALL,
        purpose=Purpose.SERVICE,
        origin=_origin(held),
    )
    for step in _steps(held, StepState.OPEN):
        try:
            do_step(step=step, by=by, now=now)
        except (FarewellOverError, StepSettledError):
            # The conversation took place all the same; the checklist has ended or says so already.
            continue
    return held


@transaction.atomic
def note_declined(*, conversation: ExitConversation, reason: str, by: str, now: datetime) -> ExitConversation:
    """The leaver would rather not, which needs no reason of theirs; `reason` stands on the checklist's step.

    A mail that has not left goes nowhere. Raises NotPlannableError, NotPlannedError.
    """
    held = still_planned(conversation)
    if held.message_id is not None:
        put_aside(message_id=held.message_id, by=by, now=now)
    settle(held, ConversationState.DECLINED, by, now)
    for step in _steps(held, StepState.OPEN):
        try:
            skip_step(step=step, reason=reason, by=by, now=now)
        except (FarewellOverError, StepSettledError):
            continue
    return held


@transaction.atomic
def note_did_not_happen(*, conversation: ExitConversation, by: str, now: datetime) -> ExitConversation:
    """Its time has passed and nobody talked; another can be planned.

    Raises NotPlannableError, NotPlannedError, NotYetHeldError.
    """
    held = still_planned(conversation)
    _ask_whether_it_has_come(held, now)
    return settle(held, ConversationState.DID_NOT_HAPPEN, by, now)


@transaction.atomic
def take_back(*, conversation: ExitConversation, by: str, now: datetime) -> ExitConversation:
    """Undo of how it went: it is planned again, and what followed from it is undone.

    Raises NotPlannableError, NotPlannedError, AlreadyPlannedError.
    """
    departure = standing(conversation.departure)
    held = ExitConversation.objects.select_for_update(of=("self",)).filter(pk=conversation.pk, state__in=_UNDONE)
    row = held.select_related("leader").first()
    if row is None:
        raise NotPlannedError
    if departure.conversations.filter(state=ConversationState.PLANNED).exists():
        raise AlreadyPlannedError
    row.departure = departure
    former = ConversationState(row.state)
    Touch.objects.filter(person=departure.person, origin=_origin(row)).delete()
    row.state, row.settled_at, row.settled_by = ConversationState.PLANNED, None, ""
    count_change(row, now)
    row.save()
    settled = {ConversationState.HELD: StepState.DONE, ConversationState.DECLINED: StepState.SKIPPED}.get(former)
    for step in _steps(row, settled) if settled else ():
        try:
            reopen_step(step=step, by=by, now=now)
        except (FarewellOverError, StepOpenError):
            continue
    record_deed("taken_back", row, by, now)
    return row


def _ask_whether_it_has_come(conversation: ExitConversation, now: datetime) -> None:
    # By the day: somebody may come early.
    if today(now=conversation.starts_at) > today(now=now):
        raise NotYetHeldError


def _steps(conversation: ExitConversation, state: StepState) -> Iterable[FarewellStep]:
    """The steps of the checklist that this conversation is."""
    return list(
        FarewellStep.objects.filter(
            departure=conversation.departure, kind=StepKind.EXIT_CONVERSATION, state=state
        ).order_by("pk")
    )


def _origin(conversation: ExitConversation) -> str:
    return f"conversation:{conversation.uid}"
