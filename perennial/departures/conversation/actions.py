"""Plans, moves, calls off and settles an exit conversation, and tells the leaver when a colleague asks for it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet

from perennial.accounts.models import User
from perennial.audit.actions import record
from perennial.contact.actions import record_touch
from perennial.contact.door import decide
from perennial.contact.enums import Direction, TouchKind, Verdict
from perennial.contact.models import Touch
from perennial.departures.conversation.calendar_file import for_leaver
from perennial.departures.conversation.enums import LEADING_ROLES, ConversationState, Way
from perennial.departures.conversation.letters import invitation
from perennial.departures.endings import ask_for_the_day
from perennial.departures.enums import DepartureState
from perennial.departures.farewell.actions import (
    FarewellOverError,
    StepOpenError,
    StepSettledError,
    do_step,
    reopen_step,
    skip_step,
)
from perennial.departures.farewell.enums import StepKind, StepState
from perennial.departures.invitations import InvitationRefusedError
from perennial.departures.models import ConversationNote, Departure, ExitConversation, FarewellStep
from perennial.departures.models.conversation import LONGEST_MINUTES, SHORTEST_MINUTES
from perennial.kernel.purposes import Intent, Purpose
from perennial.kernel.text import one_line
from perennial.mail.compose import write
from perennial.mail.enums import NOT_GONE, MessageState
from perennial.mail.queue import put_aside
from perennial.people.models import EmailAddress, Person
from perennial.programme.queries import current, today

ORIGIN = "departures:conversation"
PLACE_LENGTH = 300
NOTE_LENGTH = 8000
# What both sides expect of staying in touch, noted beside the questions. It is no consent: that is the leaver's alone.
EXPECTATIONS = ("expects_of_us", "we_said")
_NEVER_ARRIVED = (MessageState.DISCARDED, MessageState.SKIPPED)
# From these a conversation is planned again: a slip, or the leaver thought better of it.
_UNDONE = (ConversationState.HELD, ConversationState.DECLINED, ConversationState.DID_NOT_HAPPEN)


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


class NotYetHeldError(Exception):
    """It lies ahead: nobody can have held or missed it."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Who leads it, when (aware), for how many minutes, and how or where."""

    leader: User
    starts_at: datetime
    minutes: int
    way: Way
    place: str = ""


@dataclass(frozen=True, kw_only=True)
class Sender:
    """In whose name the leaver is written to, and where an answer goes."""

    name: str
    reply_to: str


@transaction.atomic
def plan_conversation(
    *, departure: Departure, plan: Plan, tell: Sender | None, by: str, now: datetime
) -> ExitConversation:
    """Plans one. With `tell` the leaver gets a mail with the calendar file, in that colleague's name.

    Raises NotPlannableError, AlreadyPlannedError, LeaderUnfitError, TimeUnfitError; with `tell` also
    InvitationRefusedError, endings' NotYetInvitableError. Then nothing is written.
    """
    locked = _standing(departure)
    if locked.conversations.filter(state=ConversationState.PLANNED).exists():
        raise AlreadyPlannedError
    _check(plan, now)
    conversation = ExitConversation.objects.create(departure=locked, changed_at=now, planned_by=by, **_as_planned(plan))
    if tell:
        _tell(conversation, tell, moved=False, by=by, now=now)
    _note("planned", conversation, by, now)
    return conversation


@transaction.atomic
def move_conversation(
    *, conversation: ExitConversation, plan: Plan, tell: Sender | None, by: str, now: datetime
) -> ExitConversation:
    """Another time, place, way or leader; the calendar file has the same UID and a higher sequence.

    Raises NotPlannableError, NotPlannedError, LeaderUnfitError, TimeUnfitError, and with `tell` what
    `plan_conversation` raises.
    """
    held = _planned(conversation)
    _check(plan, now)
    wanted = _as_planned(plan)
    if any(getattr(held, name) != value for name, value in wanted.items()):
        for name, value in wanted.items():
            setattr(held, name, value)
        _changed(held, now)
        held.save()
    if tell:
        _tell(held, tell, moved=held.message_id is not None, by=by, now=now)
    _note("moved", held, by, now)
    return held


@transaction.atomic
def call_off(*, conversation: ExitConversation, tell: Sender | None, by: str, now: datetime) -> ExitConversation:
    """It does not take place. Who was told by mail is told again with `tell`; a mail that has not left goes nowhere.

    Raises NotPlannableError, NotPlannedError, InvitationRefusedError.
    """
    held = _planned(conversation)
    was_told = held.message is not None and held.message.state not in _NEVER_ARRIVED
    if held.message_id is not None and put_aside(message_id=held.message_id, by=by, now=now):
        was_told = False
    _settle(held, ConversationState.CALLED_OFF, by, now)
    if tell and was_told:
        # Whatever was recorded since of how it ends: nobody is left to wait for a talk that does not take place.
        _mail(held, tell, moved=False, by=by, now=now)
    return held


@transaction.atomic
def note_held(*, conversation: ExitConversation, by: str, now: datetime) -> ExitConversation:
    """It took place: it stands in the history of contact, and the step of the checklist is done.

    Raises NotPlannableError, NotPlannedError, NotYetHeldError.
    """
    held = _planned(conversation)
    _ask_whether_it_has_come(held, now)
    _settle(held, ConversationState.HELD, by, now)
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
    held = _planned(conversation)
    if held.message_id is not None:
        put_aside(message_id=held.message_id, by=by, now=now)
    _settle(held, ConversationState.DECLINED, by, now)
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
    held = _planned(conversation)
    _ask_whether_it_has_come(held, now)
    return _settle(held, ConversationState.DID_NOT_HAPPEN, by, now)


@transaction.atomic
def take_back(*, conversation: ExitConversation, by: str, now: datetime) -> ExitConversation:
    """Undo of how it went: it is planned again, and what followed from it is undone.

    Raises NotPlannableError, NotPlannedError, AlreadyPlannedError.
    """
    departure = _standing(conversation.departure)
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
    _changed(row, now)
    row.save()
    settled = {ConversationState.HELD: StepState.DONE, ConversationState.DECLINED: StepState.SKIPPED}.get(former)
    for step in _steps(row, settled) if settled else ():
        try:
            reopen_step(step=step, by=by, now=now)
        except (FarewellOverError, StepOpenError):
            continue
    _note("taken_back", row, by, now)
    return row


@transaction.atomic
def keep_notes(*, departure: Departure, notes: dict[str, str], opened: bool, by: str, now: datetime) -> int:
    """Writes down what was said, by code of the question. Returns how many notes were written or taken away.

    `opened`: whoever writes has read what stood there, so that it is replaced, and what they emptied goes. Else what
    stood there stays, and theirs comes after it. Behind the wall: the caller has asked for READ_EXIT_ANSWERS.
    """
    locked = Departure.objects.select_for_update(of=("self",)).select_related("person").get(pk=departure.pk)
    former = {note.question: note for note in ConversationNote.objects.filter(departure=locked)}
    written = 0
    for question, said in notes.items():
        text, note = said.strip()[:NOTE_LENGTH], former.get(question)
        if note and opened and not text:
            note.delete()
        elif not text or (note and note.text == text):
            continue
        else:
            if note and not opened:
                text = f"{note.text}\n\n{text}"
            ConversationNote.objects.update_or_create(
                departure=locked, question=question, defaults={"text": text, "by": by, "at": now}
            )
        written += 1
    if written:
        record(
            deed="departures.conversation_notes_kept",
            by=by,
            now=now,
            subject_kind="person",
            subject_key=locked.person.key,
            details={"notes": written},
        )
    return written


@transaction.atomic
def open_notes(*, departure: Departure, by: str, now: datetime) -> dict[str, str]:
    """The notes by code of the question. That they were opened, by whom and whose, stands in the audit trail."""
    notes = dict(ConversationNote.objects.filter(departure=departure).values_list("question", "text"))
    record(
        deed="departures.conversation_notes_opened",
        by=by,
        now=now,
        subject_kind="person",
        subject_key=departure.person.key,
        details={"notes": len(notes)},
    )
    return notes


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


def withdraw_mails(*, departures: QuerySet[Departure], now: datetime) -> int:
    """Puts aside what waits to be sent about planned conversations of `departures`. They stay planned.

    Returns how many. What a worker has in its hands at this moment still goes.
    """
    planned = ExitConversation.objects.filter(
        departure__in=departures, state=ConversationState.PLANNED, message__state__in=NOT_GONE
    )
    messages = [message for message in planned.values_list("message_id", flat=True) if message is not None]
    return sum(put_aside(message_id=message, by="system", now=now) for message in messages)


def _standing(departure: Departure) -> Departure:
    locked = Departure.objects.select_for_update(of=("self",)).select_related("person", "stint").get(pk=departure.pk)
    if locked.state not in (DepartureState.OPEN, DepartureState.QUESTION):
        raise NotPlannableError
    return locked


def _planned(conversation: ExitConversation) -> ExitConversation:
    """The conversation, locked, if it is still planned."""
    departure = _standing(conversation.departure)
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


def _ask_whether_it_has_come(conversation: ExitConversation, now: datetime) -> None:
    # By the day: somebody may come early.
    if today(now=conversation.starts_at) > today(now=now):
        raise NotYetHeldError


def _changed(conversation: ExitConversation, now: datetime) -> None:
    conversation.sequence += 1
    conversation.changed_at = now


def _settle(conversation: ExitConversation, state: ConversationState, by: str, now: datetime) -> ExitConversation:
    conversation.state, conversation.settled_at, conversation.settled_by = state, now, by
    _changed(conversation, now)
    conversation.save()
    _note(state.value, conversation, by, now)
    return conversation


def _tell(conversation: ExitConversation, sender: Sender, *, moved: bool, by: str, now: datetime) -> None:
    """Asks the leaver to a conversation. Raises endings' NotYetInvitableError, and what `_mail` raises."""
    ask_for_the_day(conversation.departure, day=today(now=now))
    _mail(conversation, sender, moved=moved, by=by, now=now)


def _mail(conversation: ExitConversation, sender: Sender, *, moved: bool, by: str, now: datetime) -> None:
    """Mails the leaver; of two mails about one conversation the earlier does not leave any more."""
    departure = conversation.departure
    [decision] = decide(people=Person.objects.filter(pk=departure.person_id), purpose=Purpose.SERVICE, now=now)
    if decision.verdict is not Verdict.YES or decision.address_id is None:
        raise InvitationRefusedError(decision.rule)
    if conversation.message_id is not None:
        put_aside(message_id=conversation.message_id, by=by, now=now)
    programme = current()
    text = invitation(conversation=conversation, programme=programme, moved=moved, sender_name=sender.name)
    attendee = EmailAddress.objects.values_list("address", flat=True).get(pk=decision.address_id)
    conversation.message = write(
        person=departure.person,
        purpose=Purpose.SERVICE,
        intent=Intent.NEUTRAL,
        subject=text.subject,
        body=text.body,
        language=text.language,
        origin=ORIGIN,
        by=by,
        now=now,
        sender_name=sender.name,
        reply_to=sender.reply_to,
        calendar=for_leaver(
            conversation=conversation,
            attendee=attendee,
            organisation=one_line(programme.organisation),
            language=text.language,
        ).decode(),
    )
    conversation.save(update_fields=["message"])


def _steps(conversation: ExitConversation, state: StepState) -> Iterable[FarewellStep]:
    """The steps of the checklist that this conversation is."""
    return list(
        FarewellStep.objects.filter(
            departure=conversation.departure, kind=StepKind.EXIT_CONVERSATION, state=state
        ).order_by("pk")
    )


def _origin(conversation: ExitConversation) -> str:
    return f"conversation:{conversation.uid}"


def _note(deed: str, conversation: ExitConversation, by: str, now: datetime) -> None:
    record(
        deed=f"departures.conversation_{deed}",
        by=by,
        now=now,
        subject_kind="person",
        subject_key=conversation.departure.person.key,
        details={"conversation": conversation.pk},
    )
