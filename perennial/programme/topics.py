"""Writes and reads topics: what letters of a purpose are about, in the order in which people see them."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Max, QuerySet

from perennial.audit.actions import record
from perennial.kernel.purposes import CONSENT_PURPOSES, Purpose
from perennial.kernel.text import one_line
from perennial.programme.models import Programme, Topic
from perennial.programme.queries import current

NAME_LENGTH = 80


class TopicUnnamedError(ValueError):
    """A topic has a name in the programme's language at least."""


class TopicNameTakenError(ValueError):
    """Another topic of this purpose has this name in that language."""


class TopicOfOtherPurposeError(ValueError):
    """A letter is about a topic of its own purpose, or about none."""


def shown_topics(*, purposes: Collection[str]) -> list[Topic]:
    """The topics of these purposes that were not retired, in their order; one query."""
    return list(Topic.objects.filter(purpose__in=purposes, retired_at=None))


def all_topics() -> QuerySet[Topic]:
    """Every topic, in the order of the list, the retired among them."""
    return Topic.objects.order_by("position", "pk")


def fitting(topic: Topic | None, purpose: str) -> Topic | None:
    """`topic` if it is one of `purpose`. Raises TopicOfOtherPurposeError."""
    if topic is not None and topic.purpose != purpose:
        raise TopicOfOtherPurposeError
    return topic


@transaction.atomic
def add_topic(*, purpose: Purpose, names: Mapping[str, str], by: str, now: datetime) -> Topic:
    """A new topic, the last of its purpose. It reaches all who agreed to the purpose until they say otherwise.

    Raises TopicUnnamedError, TopicNameTakenError.
    """
    if purpose not in CONSENT_PURPOSES:
        raise TopicOfOtherPurposeError
    _one_at_a_time()
    topic = Topic(purpose=Purpose(purpose), added_at=now)
    topic.names = _names(topic, names)
    last = Topic.objects.filter(purpose=purpose).aggregate(last=Max("position"))["last"]
    topic.position = (last or 0) + 1
    topic.save()
    _record("programme.topic_added", topic, by, now)
    return topic


@transaction.atomic
def rename_topic(*, topic: Topic, names: Mapping[str, str], by: str, now: datetime) -> Topic:
    """Calls it otherwise. Who would rather not read about it keeps that, so a new subject needs a new topic.

    Raises TopicUnnamedError, TopicNameTakenError.
    """
    _one_at_a_time()
    row = Topic.objects.select_for_update().get(pk=topic.pk)
    called = _names(row, names)
    if called != row.names:
        row.names = called
        row.save(update_fields=["names"])
        _record("programme.topic_renamed", row, by, now)
    return row


@transaction.atomic
def move_topic(*, topic: Topic, up: bool, by: str, now: datetime) -> bool:
    """Changes places with the one above it, or below. False where there is none."""
    _one_at_a_time()
    order = list(Topic.objects.filter(purpose=topic.purpose, retired_at=None).select_for_update())
    at = next((place for place, each in enumerate(order) if each.pk == topic.pk), None)
    to = None if at is None else at + (-1 if up else 1)
    if at is None or to is None or not 0 <= to < len(order):
        return False
    order[at], order[to] = order[to], order[at]
    for place, each in enumerate(order, start=1):
        each.position = place
    Topic.objects.bulk_update(order, ["position"])
    _record("programme.topic_moved", topic, by, now)
    return True


@transaction.atomic
def retire_topic(*, topic: Topic, by: str, now: datetime) -> bool:
    """Shows it to nobody any more; what people said about it is kept. False when it was retired already."""
    if not Topic.objects.filter(pk=topic.pk, retired_at=None).update(retired_at=now):
        return False
    _record("programme.topic_retired", topic, by, now)
    return True


@transaction.atomic
def restore_topic(*, topic: Topic, by: str, now: datetime) -> bool:
    """Takes a retirement back, with what people had said. False when it stands. Raises TopicNameTakenError."""
    _one_at_a_time()
    row = Topic.objects.select_for_update().get(pk=topic.pk)
    if row.retired_at is None:
        return False
    _names(row, row.names)
    row.retired_at = None
    row.save(update_fields=["retired_at"])
    _record("programme.topic_restored", row, by, now)
    return True


def _names(topic: Topic, names: Mapping[str, str]) -> dict[str, str]:
    """`names` as they are kept, the programme's language first: it stands in for those that are missing."""
    own = current().language
    languages = [own, *(code for code, _name in settings.LANGUAGES if code != own)]
    called = {code: one_line(names.get(code, ""))[:NAME_LENGTH] for code in languages}
    called = {code: name for code, name in called.items() if name}
    if own not in called:
        raise TopicUnnamedError
    for other in Topic.objects.filter(purpose=topic.purpose, retired_at=None).exclude(pk=topic.pk):
        if any(name.casefold() == other.names.get(code, "").casefold() for code, name in called.items()):
            raise TopicNameTakenError
    return called


def _one_at_a_time() -> None:
    """Of two changes at once the later one sees what the earlier one did: no name twice, no order mixed up."""
    Programme.objects.select_for_update(no_key=True).filter(pk=1).values_list("pk").first()


def _record(deed: str, topic: Topic, by: str, now: datetime) -> None:
    record(
        deed=deed,
        by=by,
        now=now,
        subject_kind="topic",
        subject_key=str(topic.pk),
        details={"purpose": str(topic.purpose)},
    )
