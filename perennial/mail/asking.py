"""Asks the door about a claimed batch, once more before it is sent, and sorts the batch by the answer."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from perennial.contact.door import Decision, decide
from perennial.contact.enums import Verdict
from perennial.kernel.purposes import Channel, Purpose
from perennial.mail import outcome, queue
from perennial.mail.batch import Batch, ids
from perennial.mail.claimed import Claimed
from perennial.people.models import EmailAddress, Person
from perennial.programme.models import Topic

# Where the door says later but not until when, and the shortest wait before it is asked again.
PAUSE = timedelta(hours=1)
SHORTEST_PAUSE = timedelta(minutes=1)
# The rule that stands on a message that needs consent and has no person to ask about.
NO_PERSON = "no_person"


def ask_the_door(batch: Batch) -> list[Claimed]:
    """The messages that may go now, each with its address; the others are skipped, or wait."""
    decisions = _decisions(batch)
    with transaction.atomic():
        return _addressed(batch, _sorted_out(batch, decisions), decisions)


def _decisions(batch: Batch) -> dict[int, Decision]:
    """The door's answer for each message that has a person: one question for each purpose and topic among them."""
    questions: dict[tuple[str, bool, bool, int | None], dict[int, Claimed]] = {}
    for message in batch.messages:
        if message.person_id is not None:
            of = message.mailing
            asked_about = (of.purpose, bool(message.address), of.answer, of.topic_id)
            questions.setdefault(asked_about, {})[message.person_id] = message
    about = {topic_id for _purpose, _address_given, _answer, topic_id in questions if topic_id is not None}
    topics = Topic.objects.in_bulk(about) if about else {}
    decisions: dict[int, Decision] = {}
    for (purpose, address_given, answer, topic_id), asked in questions.items():
        for decision in decide(
            people=Person.objects.filter(pk__among=asked),
            purpose=Purpose(purpose),
            channel=Channel.EMAIL,
            now=batch.now,
            address_given=address_given,
            answer=answer,
            topic=topics[topic_id] if topic_id is not None else None,
        ):
            decisions[asked[decision.person_id].pk] = decision
    return decisions


def _sorted_out(batch: Batch, decisions: dict[int, Decision]) -> list[Claimed]:
    allowed = []
    refused: dict[str, list[Claimed]] = {}
    waiting: dict[tuple[str, datetime], list[int]] = {}
    for message in batch.messages:
        decision = decisions.get(message.pk)
        if decision is None:
            # Staff mail and test mail pass no door. A person erased a moment ago has no decision either, and what
            # needs consent never goes without one.
            if message.person_id is None and message.mailing.purpose == Purpose.SERVICE:
                allowed.append(message)
            else:
                refused.setdefault(NO_PERSON, []).append(message)
        elif decision.verdict == Verdict.YES:
            allowed.append(message)
        elif decision.verdict == Verdict.LATER:
            until = max(decision.until or batch.now + PAUSE, batch.now + SHORTEST_PAUSE)
            waiting.setdefault((decision.rule, until), []).append(message.pk)
        else:
            refused.setdefault(decision.rule, []).append(message)
    for rule, stopped in refused.items():
        outcome.skip(batch, stopped, rule)
    for (rule, until), waits in waiting.items():
        batch.report.postponed += queue.give_back(
            holder=batch.holder, message_ids=waits, not_before=until, error="", rule=rule
        )
    return allowed


def _addressed(batch: Batch, allowed: Sequence[Claimed], decisions: dict[int, Decision]) -> list[Claimed]:
    """`allowed` with the address that the door picked, where the message did not bring its own."""
    picked = {
        message.pk: decisions[message.pk].address_id or 0
        for message in allowed
        if message.pk in decisions and not message.address
    }
    texts = dict(EmailAddress.objects.filter(pk__among=picked.values()).values_list("pk", "address")) if picked else {}
    for message in allowed:
        if message.pk in picked:
            message.address = texts.get(picked[message.pk], "")
    batch.picked.update(picked)
    # An address taken away a moment ago: the door is asked anew in a while.
    gone = ids(message for message in allowed if not message.address)
    if gone:
        batch.report.postponed += queue.give_back(
            holder=batch.holder, message_ids=gone, not_before=batch.now + SHORTEST_PAUSE
        )
    return [message for message in allowed if message.address]
