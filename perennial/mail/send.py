"""Sends what is due: claim, ask the door again, hand over to the mail server, write down what became of it.

Never lost, and repeated only what was in hand. A batch is claimed with a lease. Of it, a handful at a time is marked as
begun before the mail server hears of it, and its outcome is written together with the next one's mark. When a worker is
killed, what it had claimed but not begun goes back untouched; what it had begun may have gone, so it has one retry
under the same Message-ID and is shown as uncertain.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from perennial.audit.actions import record
from perennial.kernel.keys import new_key
from perennial.kernel.links import host
from perennial.mail import outcome, queue
from perennial.mail.asking import ask_the_door
from perennial.mail.batch import Batch, SendReport, ids
from perennial.mail.claimed import Claimed
from perennial.mail.recovery import recover
from perennial.mail.render import letterhead, render
from perennial.mail.smtp import Answer, Connection, Mail, Result, ServerUnavailableError, watched

logger = logging.getLogger(__name__)

# How many a worker claims and asks the door about at once, and how long that answer is good for: a withdrawal must be
# in force within a minute (standards.md M3), so what is not begun by then goes back and is asked about anew.
BATCH = 1000
ANSWER_HOLDS_SECONDS = 30.0
# How many of them are begun at once, which is the most that a killed worker may repeat: as many as go in a moment.
FEWEST_IN_HAND, MOST_IN_HAND = 5, 100
MOMENT_SECONDS = 0.2
# The connection is cut when one handful takes so long; with the time to open one it stays below the lease.
CUT_SECONDS = 180.0
# After so many broken conversations in a row the server is taken to be in trouble, and the rest waits.
HUNG_UP_IN_A_ROW = 3


def send_due(
    *,
    now: datetime,
    worker: str,
    limit: int | None = None,
    purpose: str | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> SendReport:
    """Sends what is due at `now`, urgent first, up to `limit` messages. Any number of processes may do so at once.

    Where mail is kept, everything is the same but for the mail server. When the door cannot answer, nothing is sent,
    the messages go back and the error goes on to the caller. `stopping` is asked between mails.
    """
    recover(now=now)
    report = SendReport()
    left = limit
    while (left is None or left > 0) and not stopping() and not report.trouble:
        holder = f"{worker[:50]}/{new_key()}"
        count = BATCH if left is None else min(BATCH, left)
        claimed = queue.claim(holder=holder, now=now, count=count, purpose=purpose)
        if not claimed:
            break
        _work_off(Batch(holder, claimed, now, report, stopping))
        if left is not None:
            left -= len(claimed)
    return report


@dataclass(frozen=True, slots=True)
class _Ready:
    """A message as it goes over the wire."""

    message: Claimed
    mail: Mail


def _work_off(batch: Batch) -> None:
    try:
        allowed = ask_the_door(batch)
    except Exception:
        # Whatever the reason: without the door's answer nothing is sent (ASVS 16.5.3).
        logger.exception("The door could not be asked; the messages go back into the queue.")
        _close(batch, [])
        raise
    ready = list(_rendered(batch, allowed))
    if settings.PERENNIAL_MAIL_SERVER.keeps:
        with transaction.atomic():
            outcome.keep(batch, [each.message for each in ready])
            _close(batch, [])
    elif ready:
        _hand_over(batch, ready)
    else:
        _close(batch, [])


@transaction.atomic
def _close(batch: Batch, answers: Sequence[tuple[Claimed, Answer]], error: str | None = None) -> None:
    """Writes down the last answers; what was not begun keeps its place in the queue, with what is wrong if so."""
    outcome.write_down(batch, answers)
    if error is not None:
        queue.give_back(holder=batch.holder, error=error)
    queue.release(holder=batch.holder)
    record(
        deed="mail.worked_off",
        by="system",
        now=batch.now,
        details={"messages": len(batch.messages)},
    )


def _rendered(batch: Batch, messages: Sequence[Claimed]) -> Iterator[_Ready]:
    head = letterhead(messages=messages, at=batch.now)
    boundary = f"=_{new_key()}"
    for message in messages:
        try:
            mail = render(message, reveal=True, head=head)
            yield _Ready(message, Mail(*mail.envelope, mail.as_bytes(boundary=boundary)))
        except Exception as error:
            logger.exception("Message %s cannot be made into a mail.", message.pk)
            with transaction.atomic():
                outcome.fail(batch, message, f"It cannot be made into a mail: {type(error).__name__}: {error}")


def _hand_over(batch: Batch, ready: Sequence[_Ready]) -> None:
    answers: list[tuple[Claimed, Answer]] = []
    try:
        with Connection(settings.PERENNIAL_MAIL_SERVER, name=host()) as connection:
            rest, size = list(ready), FEWEST_IN_HAND
            while rest and not (answers and _must_stop(batch)):
                with transaction.atomic():
                    outcome.write_down(batch, answers)
                    ours = queue.begin(holder=batch.holder, message_ids=ids(each.message for each in rest[:size]))
                answers, started = [], time.monotonic()
                if ours is None:
                    logger.warning("The lease of %s ran out; the rest of its batch is left alone.", batch.holder)
                    return
                # Without those that somebody took out of our hands meanwhile, as their choices changed.
                handful = [each for each in rest[:size] if each.message.pk in ours]
                if handful:
                    _send_handful(batch, connection, handful, answers)
                rest = handful[len(answers) :] + rest[size:]
                size = _as_go_in_a_moment(len(answers), time.monotonic() - started)
        _close(batch, answers)
    except ServerUnavailableError as error:
        # No message is to blame: they keep their place, and the sentence is shown.
        logger.warning("%s The mail waits.", error)
        _close(batch, answers, str(error))
        batch.report.trouble = str(error)


def _send_handful(
    batch: Batch, connection: Connection, handful: Sequence[_Ready], answers: list[tuple[Claimed, Answer]]
) -> None:
    """Sends one after the other and adds the answers. Raises ServerUnavailableError."""
    hung_up = 0
    with watched(connection, seconds=CUT_SECONDS):
        for each, following in zip(handful, [*(each.mail for each in handful[1:]), None], strict=True):
            if answers and _must_stop(batch):
                return
            answer = connection.send(each.mail, following=following)
            answers.append((each.message, answer))
            hung_up = hung_up + 1 if answer.result in (Result.HUNG_UP, Result.UNANSWERED) else 0
            if hung_up >= HUNG_UP_IN_A_ROW:
                raise ServerUnavailableError(answer.sentence)


def _must_stop(batch: Batch) -> bool:
    return batch.age > ANSWER_HOLDS_SECONDS or batch.stopping()


def _as_go_in_a_moment(count: int, seconds: float) -> int:
    fitting = int(count * MOMENT_SECONDS / seconds) if seconds else MOST_IN_HAND
    return max(FEWEST_IN_HAND, min(MOST_IN_HAND, fitting))
