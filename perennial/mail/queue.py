"""Moves messages through their states: off to the queue, put aside, claimed by a worker, given back, done.

The Message table is the queue. A worker claims a batch with a lease in real time (not the time the work is done for,
which may be travelled), so what a killed worker held comes back by itself.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, Least

from perennial.audit.actions import record
from perennial.kernel import clock
from perennial.kernel.lookups import among
from perennial.kernel.text import one_line
from perennial.mail.claimed import Claimed, claimed
from perennial.mail.compose import NAME_LENGTH
from perennial.mail.enums import NOT_GONE, MessageState
from perennial.mail.models import Lease, Mailing, Message
from perennial.people.actions import normal_address
from perennial.people.models import Person

# How long a worker may hold a batch before others may have it.
LEASE = timedelta(minutes=5)
# Any number that nothing else in the database locks: claims stand in line behind it on PostgreSQL.
_CLAIMS = 0x7065_7265_6E


class MessageNotFailedError(Exception):
    """Only what could not be delivered is tried anew."""


@transaction.atomic
def approve(*, message_ids: Iterable[int], by: str, now: datetime, sender_name: str = "", reply_to: str = "") -> int:
    """Sends drafts off to the queue and freezes their words. Returns how many; what is no draft is left alone.

    A given sender is written on the letter: whoever looked at it signs it.
    """
    drafts = Message.objects.filter(pk__among=message_ids, state=MessageState.DRAFT)
    held = list(drafts.select_for_update().values_list("pk", "mailing_id"))
    if not held:
        return 0
    sender = {
        **({"sender_name": one_line(sender_name)[:NAME_LENGTH]} if sender_name else {}),
        **({"reply_to": normal_address(reply_to)} if reply_to else {}),
    }
    Mailing.objects.filter(pk__among=[mailing for _, mailing in held]).update(frozen_at=now, **sender)
    # Due from when it was written, not from this moment, so that it goes with a tick for any time since then.
    count = drafts.filter(pk__among=[pk for pk, _ in held]).update(
        state=MessageState.QUEUED, not_before=Coalesce(F("not_before"), Least(F("created_at"), Value(now)))
    )
    record(deed="mail.approved", by=by, now=now, details={"messages": [pk for pk, _ in held]})
    return count


@transaction.atomic
def put_aside(*, message_id: int, by: str, now: datetime) -> bool:
    """Takes what has not gone out of the way: a draft, what waits in the queue, what could not be delivered.

    False when it has gone already.
    """
    changed = Message.objects.filter(pk=message_id, state__in=NOT_GONE).update(
        state=MessageState.DISCARDED, not_before=None, done_at=now
    )
    if changed:
        record(deed="mail.put_aside", by=by, now=now, subject_kind="message", subject_key=str(message_id))
    return bool(changed)


@transaction.atomic
def take_back(*, message_id: int, by: str, now: datetime) -> bool:
    """Makes a letter that was approved or put aside a draft again, as long as it has not begun to leave."""
    changed = Message.objects.filter(
        pk=message_id,
        state__in=[MessageState.QUEUED, MessageState.DISCARDED],
        attempts=0,
        mailing__automatic=False,
        person__isnull=False,
    ).update(state=MessageState.DRAFT, not_before=None, done_at=None, skip_rule="", last_error="")
    if changed:
        Mailing.objects.filter(messages=message_id).update(frozen_at=None)
        record(deed="mail.taken_back", by=by, now=now, subject_kind="message", subject_key=str(message_id))
    return bool(changed)


@transaction.atomic
def put_mailing_aside(*, mailing_id: int, by: str, now: datetime) -> int:
    """Takes all of a mailing that waits in the queue out of the way, in one statement. Returns how many.

    What a worker has in its hands just now is not called back behind its back.
    """
    changed = Message.objects.filter(mailing=mailing_id, state=MessageState.QUEUED).update(
        state=MessageState.DISCARDED, not_before=None, done_at=now, skip_rule=""
    )
    if changed:
        details = {"messages": changed}
        record(
            deed="mail.mailing_put_aside",
            by=by,
            now=now,
            subject_kind="mailing",
            subject_key=str(mailing_id),
            details=details,
        )
    return changed


@transaction.atomic
def retry(*, message_id: int, by: str, now: datetime) -> None:
    """Puts back into the queue what could not be delivered. The door is asked again. Raises MessageNotFailedError."""
    changed = Message.objects.filter(pk=message_id, state=MessageState.FAILED).update(
        state=MessageState.QUEUED, not_before=now, done_at=None, attempts=0
    )
    if not changed:
        raise MessageNotFailedError
    record(deed="mail.retried", by=by, now=now, subject_kind="message", subject_key=str(message_id))


def due(*, now: datetime) -> QuerySet[Message]:
    """What may be sent at `now`: queued, or waiting for its one retry."""
    waiting = Q(state=MessageState.QUEUED) | Q(state=MessageState.UNCERTAIN, done_at=None)
    return Message.objects.filter(waiting, not_before__lte=now)


@transaction.atomic
def claim(*, holder: str, now: datetime, count: int, purpose: str | None = None) -> list[Claimed]:
    """Takes up to `count` due messages into the hands of `holder`, the urgent first.

    At most one for each person, and none for a person who has one in another worker's hands: what is sent must be
    written down as a touch before the door is asked about the next.
    """
    if connection.vendor == "postgresql":
        # Of two claims at once neither sees the other's. They stand in line instead; a claim takes milliseconds.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CLAIMS])
    in_other_hands = Message.objects.filter(
        person=OuterRef("person"), state=MessageState.SENDING, not_before__isnull=False
    )
    free = due(now=now).filter(~Exists(in_other_hands)).order_by("priority", "not_before", "pk")
    if purpose is not None:
        free = free.filter(mailing__purpose=purpose)
    taken = _one_a_person(claimed(free.select_for_update(skip_locked=True, of=("self",))[:count]))
    if taken:
        Lease.objects.create(holder=holder, until=clock.now() + LEASE)
        ids = [each.pk for each in taken]
        Message.objects.filter(pk__among=ids).update(state=MessageState.SENDING, leased_by=holder)
    return taken


def _one_a_person(messages: Iterable[Claimed]) -> list[Claimed]:
    people: set[int] = set()
    first = []
    for message in messages:
        if message.person_id is None:
            first.append(message)
        elif message.person_id not in people:
            people.add(message.person_id)
            first.append(message)
    return first


def held(*, holder: str, message_ids: Iterable[int] | None = None) -> QuerySet[Message]:
    """The messages, or those of them, that `holder` still holds; after a lapsed lease they are in other hands."""
    messages = Message.objects.filter(state=MessageState.SENDING, leased_by=holder)
    return messages if message_ids is None else messages.filter(pk__among=message_ids)


@transaction.atomic(savepoint=False)
def begin(*, holder: str, message_ids: Sequence[int]) -> set[int] | None:
    """Writes down that the mail server is about to hear of these, and renews the lease.

    Returns those that `holder` still holds: only they may be sent. None: the lease ran out and may have been taken
    over; none of them may be sent.
    """
    at = clock.now()
    # Locked, so that of `let_go` and this one comes first.
    ours = set(held(holder=holder, message_ids=message_ids).select_for_update().values_list("pk", flat=True))
    begun = [pk for pk in message_ids if pk in ours]
    lease = Lease.objects.filter(holder=holder, until__gt=at)
    return ours if lease.update(until=at + LEASE, begun=begun) == 1 else None


def hold_mail(*, person: Person) -> None:
    """No worker goes on with this person's mail before the transaction has ended."""
    list(Message.objects.filter(person=person).order_by("pk").select_for_update().values_list("pk"))


def let_go(*, person: Person) -> int:
    """Has the door asked anew about all that waits for `person`, who has just changed what they want; so also about
    what a worker holds and has asked about already.

    What a worker has begun is with the mail server. Call it as the last thing in the transaction of the change: until
    that has ended, no worker claims what waits for this person or begins what it holds. Returns how many a worker held.
    """
    waiting = Message.objects.filter(person=person, not_before__isnull=False)
    in_hands = [
        (pk, holder)
        for pk, state, holder in waiting.order_by("pk").select_for_update().values_list("pk", "state", "leased_by")
        if state == MessageState.SENDING
    ]
    if not in_hands:
        return 0
    # Asked after the lock was had, so that what was begun a moment ago stands there.
    begun = {pk for each in Lease.objects.filter(holder__in=[holder for _, holder in in_hands]) for pk in each.begun}
    return sum(give_back(holder=holder, message_ids=[pk]) for pk, holder in in_hands if pk not in begun)


def release(*, holder: str) -> None:
    """Ends the lease; what still stands in it goes back into the queue."""
    give_back(holder=holder)
    Lease.objects.filter(holder=holder).delete()


def end(
    *,
    holder: str,
    message_ids: Iterable[int],
    state: MessageState,
    now: datetime,
    error: str = "",
    rule: str = "",
    address_ids: Collection[int] = (),
) -> int:
    """Ends messages in `state`, out of the queue, with the addresses that the door picked for them."""
    changes: dict[str, object] = {"state": state, "leased_by": "", "not_before": None, "done_at": now}
    changes |= {"last_error": error[:500], "skip_rule": rule}
    if address_ids:
        changes["address"] = _picked(address_ids)
    return held(holder=holder, message_ids=message_ids).update(**changes)


def _picked(address_ids: Collection[int]) -> RawSQL:
    """The message's own address, or the one of its person's that the door picked.

    Empty should it have been taken away a moment ago: that must not keep the others from being written down. By hand,
    because putting the same together from expressions takes longer than the database takes for a handful.
    """
    condition, ids = among(ids=address_ids, vendor=connection.vendor)
    theirs = f"""
        SELECT picked.address FROM people_emailaddress AS picked
        WHERE picked.person_id = mail_message.person_id AND picked.id {condition}
    """  # noqa: S608 - the condition is ours and the ids are its parameter
    own = "mail_message.address"
    return RawSQL(f"CASE WHEN {own} <> '' THEN {own} ELSE COALESCE(({theirs}), '') END", ids)  # noqa: S611


def give_back(
    *,
    holder: str,
    message_ids: Iterable[int] | None = None,
    not_before: datetime | None = None,
    error: str | None = None,
    rule: str = "",
    counts: bool = False,
) -> int:
    """Puts messages (all that are held) back into the queue, until `not_before` if given.

    `counts`: it was an attempt of their own. One whose answer was lost before goes back to waiting for its one retry.
    """
    changes: dict[str, object] = {"leased_by": "", "skip_rule": rule}
    if not_before is not None:
        changes["not_before"] = not_before
    if error is not None:
        changes["last_error"] = error[:500]
    if counts:
        changes["attempts"] = F("attempts") + 1
    messages = held(holder=holder, message_ids=message_ids)
    back = messages.filter(uncertain=True).update(state=MessageState.UNCERTAIN, **changes)
    return back + messages.update(state=MessageState.QUEUED, **changes)


def doubt(*, holder: str, message_ids: Iterable[int], error: str, not_before: datetime, handed_over: bool) -> int:
    """Nobody knows whether these went: tried again with the same Message-ID, and shown as uncertain."""
    changes: dict[str, object] = {"handed_over": True} if handed_over else {"attempts": F("attempts") + 1}
    return held(holder=holder, message_ids=message_ids).update(
        state=MessageState.UNCERTAIN,
        uncertain=True,
        leased_by="",
        not_before=not_before,
        last_error=error[:500],
        **changes,
    )
