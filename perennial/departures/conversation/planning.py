"""Plans, moves and calls off an exit conversation, and tells the leaver when a colleague asks for it."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet

from perennial.accounts.models import User
from perennial.audit.actions import record
from perennial.departures.conversation.enums import LEADING_ROLES, ConversationState, Way
from perennial.departures.conversation.mails import Sender, ask_to_come, write_to_leaver
from perennial.departures.enums import DepartureState
from perennial.departures.models import Departure, ExitConversation
from perennial.departures.models.conversation import LONGEST_MINUTES, SHORTEST_MINUTES
from perennial.kernel.text import one_line
from perennial.mail.enums import MessageState
from perennial.mail.queue import put_aside

PLACE_LENGTH = 300
_NEVER_ARRIVED = (MessageState.DISCARDED, MessageState.SKIPPED)


class NotPlannableError(Exception):
    """The departure is cancelled or closed."""


class AlreadyPlannedError(Exception):
    """A conversation is planned already; it can be moved."""


class NotPlannedError(Exception):
    """It was held, declined or called off in the meantime."""


class LeaderUnfitError(ValueError):
    """Only an exit interviewer or HR leads such a conversation, and they can sign in."""


class TimeUnfitError(ValueError):
    """It would begin in the past, be over before it began, or take half a day."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Who leads it, when (aware), for how many minutes, and how or where."""

    leader: User
    starts_at: datetime
    minutes: int
    way: Way
    place: str = ""


@transaction.atomic
def plan_conversation(
    *, departure: Departure, plan: Plan, tell: Sender | None, by: str, now: datetime
) -> ExitConversation:
    """Plans one. With `tell` the leaver gets a mail with the calendar file, in that colleague's name.

    Raises NotPlannableError, AlreadyPlannedError, LeaderUnfitError, TimeUnfitError; with `tell` also
    InvitationRefusedError, endings' NotYetInvitableError. Then nothing is written.
    """
    locked = standing(departure)
    if locked.conversations.filter(state=ConversationState.PLANNED).exists():
        raise AlreadyPlannedError
    _check(plan, now)
    conversation = ExitConversation.objects.create(departure=locked, changed_at=now, planned_by=by, **_as_planned(plan))
    if tell:
        ask_to_come(conversation, tell, moved=False, by=by, now=now)
    record_deed("planned", conversation, by, now)
    return conversation


@transaction.atomic
def move_conversation(
    *, conversation: ExitConversation, plan: Plan, tell: Sender | None, by: str, now: datetime
) -> ExitConversation:
    """Another time, place, way or leader; the calendar file has the same UID and a higher sequence.

    Raises NotPlannableError, NotPlannedError, LeaderUnfitError, TimeUnfitError, and with `tell` what
    `plan_conversation` raises.
    """
    held = still_planned(conversation)
    _check(plan, now)
    wanted = _as_planned(plan)
    if any(getattr(held, name) != value for name, value in wanted.items()):
        for name, value in wanted.items():
            setattr(held, name, value)
        count_change(held, now)
        held.save()
    if tell:
        ask_to_come(held, tell, moved=held.message_id is not None, by=by, now=now)
    record_deed("moved", held, by, now)
    return held


@transaction.atomic
def call_off(*, conversation: ExitConversation, tell: Sender | None, by: str, now: datetime) -> ExitConversation:
    """It does not take place. Who was told by mail is told again with `tell`; a mail that has not left goes nowhere.

    Raises NotPlannableError, NotPlannedError, InvitationRefusedError.
    """
    held = still_planned(conversation)
    was_told = held.message is not None and held.message.state not in _NEVER_ARRIVED
    if held.message_id is not None and put_aside(message_id=held.message_id, by=by, now=now):
        was_told = False
    settle(held, ConversationState.CALLED_OFF, by, now)
    if tell and was_told:
        # Whatever was recorded since of how it ends: nobody is left to wait for a talk that does not take place.
        write_to_leaver(held, tell, moved=False, by=by, now=now)
    return held


def call_off_silently(*, departures: QuerySet[Departure], now: datetime) -> int:
    """Ends what is planned for `departures`, which are no more: somebody stays, or has died. Nobody is written to.

    What waits to be sent goes nowhere. Returns how many.
    """
    planned = ExitConversation.objects.filter(departure__in=departures, state=ConversationState.PLANNED)
    rows = list(planned.values_list("pk", "message_id"))
    if not rows:
        return 0
    for _pk, message in rows:
        if message is not None:
            put_aside(message_id=message, by="system", now=now)
    return ExitConversation.objects.filter(pk__in=[pk for pk, _message in rows]).update(
        state=ConversationState.CALLED_OFF,
        settled_at=now,
        settled_by="system",
        changed_at=now,
        sequence=F("sequence") + 1,
    )


def standing(departure: Departure) -> Departure:
    """The departure, locked, with its person and stint. Raises NotPlannableError if it is cancelled or closed."""
    locked = Departure.objects.select_for_update(of=("self",)).select_related("person", "stint").get(pk=departure.pk)
    if locked.state not in (DepartureState.OPEN, DepartureState.QUESTION):
        raise NotPlannableError
    return locked


def still_planned(conversation: ExitConversation) -> ExitConversation:
    """The conversation, locked, with its departure. Raises NotPlannableError, NotPlannedError."""
    departure = standing(conversation.departure)
    held = (
        ExitConversation.objects.select_for_update(of=("self",))
        .select_related("leader", "message")
        .filter(pk=conversation.pk, state=ConversationState.PLANNED)
        .first()
    )
    if held is None:
        raise NotPlannedError
    held.departure = departure
    return held


def settle(conversation: ExitConversation, state: ConversationState, by: str, now: datetime) -> ExitConversation:
    """Writes down how it ended, with its event."""
    conversation.state, conversation.settled_at, conversation.settled_by = state, now, by
    count_change(conversation, now)
    conversation.save()
    record_deed(state.value, conversation, by, now)
    return conversation


def count_change(conversation: ExitConversation, now: datetime) -> None:
    """A calendar takes an entry anew only if its sequence has risen. Not saved yet."""
    conversation.sequence += 1
    conversation.changed_at = now


def record_deed(deed: str, conversation: ExitConversation, by: str, now: datetime) -> None:
    record(
        deed=f"departures.conversation_{deed}",
        by=by,
        now=now,
        subject_kind="person",
        subject_key=conversation.departure.person.key,
        details={"conversation": conversation.pk},
    )


def _check(plan: Plan, now: datetime) -> None:
    if not User.objects.filter(pk=plan.leader.pk, is_active=True, role__in=LEADING_ROLES).exists():
        raise LeaderUnfitError
    if plan.starts_at <= now or not SHORTEST_MINUTES <= plan.minutes <= LONGEST_MINUTES:
        raise TimeUnfitError


def _as_planned(plan: Plan) -> dict[str, object]:
    return {
        "leader": plan.leader,
        "starts_at": plan.starts_at.replace(second=0, microsecond=0),
        "minutes": plan.minutes,
        "way": Way(plan.way),
        "place": one_line(plan.place)[:PLACE_LENGTH],
    }
