"""Writes down what became of messages. Everything here runs in the caller's transaction."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from perennial.contact.actions import NewTouch, record_touches, suppress
from perennial.contact.enums import Direction, TouchKind
from perennial.kernel.purposes import Channel, Intent, Purpose
from perennial.mail import queue
from perennial.mail.batch import Batch, ids
from perennial.mail.claimed import Claimed
from perennial.mail.enums import MessageState
from perennial.mail.render import CODE_ORIGIN, HIDDEN_ORIGIN, content_of
from perennial.mail.smtp import Answer, Result

# The pauses after the first, second, ... time that the server put a message off. After the last it has failed.
PAUSES: tuple[timedelta, ...] = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=24),
)
# A sign-in code is worth nothing after ten minutes.
PAUSES_OF_CODES = PAUSES[:2]
# Before the one retry of what may have gone already.
PAUSE_OF_UNCERTAIN = timedelta(minutes=1)
WORKER_DIED = "The worker stopped while this mail was being sent."


def write_down(batch: Batch, answers: Sequence[tuple[Claimed, Answer]]) -> None:
    """The mail server's answers: the accepted in one statement, the others one by one."""
    accepted = [message for message, answer in answers if answer.result is Result.ACCEPTED]
    if accepted:
        batch.report.sent += queue.end(
            holder=batch.holder,
            message_ids=ids(accepted),
            state=MessageState.SENT,
            now=batch.now,
            address_ids=batch.picked_for(accepted),
        )
        _touch(batch, accepted)
    for message, answer in answers:
        if answer.result is Result.REFUSED:
            # Staff mail passes no door, so a mark at the door would do nothing there but stay.
            if answer.dead and message.person_id is not None:
                suppress(address=message.address, reason="refused by the mail server", now=batch.now)
            fail(batch, message, answer.sentence)
        elif answer.result in (Result.DEFERRED, Result.HUNG_UP):
            _put_off(batch, message, answer.sentence)
        elif answer.result is Result.UNANSWERED:
            _doubt(batch, message, answer.sentence)


def keep(batch: Batch, messages: Sequence[Claimed]) -> None:
    """Where there is no mail server: the same as sent, but nothing leaves."""
    batch.report.kept += queue.end(
        holder=batch.holder,
        message_ids=ids(messages),
        state=MessageState.KEPT,
        now=batch.now,
        address_ids=batch.picked_for(messages),
    )
    _touch(batch, messages)


def skip(batch: Batch, messages: Sequence[Claimed], rule: str) -> None:
    """The door said no. What may have gone already is not called skipped."""
    plain = [message for message in messages if not message.uncertain]
    queue.end(holder=batch.holder, message_ids=ids(plain), state=MessageState.SKIPPED, now=batch.now, rule=rule)
    leave_uncertain(batch, [message for message in messages if message.uncertain], rule=rule)
    batch.report.skip(rule, len(plain))


def fail(batch: Batch, message: Claimed, sentence: str) -> None:
    """It cannot be delivered; unless an earlier attempt perhaps did."""
    if message.uncertain:
        leave_uncertain(batch, [message], sentence)
        return
    batch.report.failed += queue.end(
        holder=batch.holder, message_ids=[message.pk], state=MessageState.FAILED, now=batch.now, error=sentence
    )


def leave_uncertain(batch: Batch, messages: Sequence[Claimed], sentence: str = "", rule: str = "") -> None:
    """There is no further retry and still nobody knows. It counts as a contact: the person may have read it."""
    for message in messages:
        batch.report.uncertain += queue.end(
            holder=batch.holder,
            message_ids=[message.pk],
            state=MessageState.UNCERTAIN,
            now=batch.now,
            error=sentence or message.last_error,
            rule=rule,
        )
    _touch(batch, messages)


def _put_off(batch: Batch, message: Claimed, sentence: str) -> None:
    pauses = PAUSES_OF_CODES if message.mailing.origin in (HIDDEN_ORIGIN, CODE_ORIGIN) else PAUSES
    if message.attempts >= len(pauses):
        fail(batch, message, sentence)
        return
    batch.report.retried += queue.give_back(
        holder=batch.holder,
        message_ids=[message.pk],
        not_before=batch.now + pauses[message.attempts],
        error=sentence,
        counts=True,
    )


def worker_died(batch: Batch, message: Claimed) -> None:
    """It had been begun when its worker died. It is tried again, for it may well not have gone.

    Unless the server had it whole before; or workers die over it again and again.
    """
    if message.handed_over or message.attempts >= len(PAUSES):
        leave_uncertain(batch, [message], WORKER_DIED)
        return
    pause = PAUSES[message.attempts - 1] if message.attempts else timedelta(0)
    queue.doubt(
        holder=batch.holder,
        message_ids=[message.pk],
        not_before=batch.now + pause,
        error=WORKER_DIED,
        handed_over=False,
    )


def _doubt(batch: Batch, message: Claimed, sentence: str) -> None:
    if message.uncertain:
        leave_uncertain(batch, [message], sentence)
        return
    batch.report.uncertain += queue.doubt(
        holder=batch.holder,
        message_ids=[message.pk],
        not_before=batch.now + PAUSE_OF_UNCERTAIN,
        error=sentence,
        handed_over=True,
    )


def _touch(batch: Batch, messages: Iterable[Claimed]) -> None:
    record_touches(
        NewTouch(
            person_id=message.person_id,
            at=batch.now,
            direction=Direction.OURS,
            kind=TouchKind.MAIL,
            purpose=Purpose(message.mailing.purpose),
            intent=Intent(message.mailing.intent),
            channel=Channel.EMAIL,
            origin=f"message:{message.pk}",
            summary=content_of(message)["subject"],
        )
        for message in messages
        if message.person_id is not None
    )
