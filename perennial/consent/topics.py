"""What somebody would rather not read about within a purpose they agreed to."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Count

from perennial.audit.actions import record
from perennial.consent.models import UnwantedTopic
from perennial.people.models import Person
from perennial.people.turns import one_at_a_time


def unwanted_topics(*, person: Person) -> set[int]:
    """The ids of the topics this person does not want, retired ones too."""
    return set(UnwantedTopic.objects.filter(person=person).values_list("topic_id", flat=True))


def how_many_refuse() -> Counter[int]:
    """By the id of a topic: how many people do not want it."""
    rows = UnwantedTopic.objects.order_by().values_list("topic_id").annotate(many=Count("pk"))
    return Counter(dict(rows))


@transaction.atomic
def choose_topics(*, person: Person, shown: Collection[int], wanted: Collection[int], by: str, now: datetime) -> bool:
    """Of the topics that were shown, those in `wanted` may come and the others not; what was not shown stays.

    In force at once. Returns whether anything changed.
    """
    one_at_a_time(person=person)
    before = unwanted_topics(person=person)
    refused = set(shown) - set(wanted)
    again = before & set(wanted) & set(shown)
    new = refused - before
    if not again and not new:
        return False
    UnwantedTopic.objects.filter(person=person, topic_id__in=again).delete()
    UnwantedTopic.objects.bulk_create(
        [UnwantedTopic(person=person, topic_id=topic, since=now) for topic in sorted(new)], ignore_conflicts=True
    )
    record(
        deed="consent.topics_chosen",
        by=by,
        now=now,
        subject_kind="person",
        subject_key=person.key,
        details={"unwanted": sorted(new), "wanted_again": sorted(again)},
    )
    return True
