"""Reads persons."""

from django.db.models import F, OuterRef, QuerySet, Subquery

from perennial.kernel.text import one_line, searchable
from perennial.people.models import Person, Stint

# The one still running first, then the one that ended last. Said in full: the databases sort NULL differently.
_LATEST_FIRST = (F("ends_on").desc(nulls_first=True), F("starts_on").desc(nulls_last=True), "-pk")


def stints_of(person: Person) -> QuerySet[Stint]:
    """All stretches of work, the latest first; the first of them is what a person's head line speaks of."""
    return person.stints.select_related("department", "place").order_by(*_LATEST_FIRST)


def latest_stint(person: Person) -> Stint | None:
    """The stint a person's head line speaks of: the one still running, else the one that ended last."""
    return stints_of(person).first()


def search(text: str = "") -> QuerySet[Person]:
    """People whose name, address or title holds every word of `text`, diacritics and case aside, by name."""
    people = Person.objects.order_by("sort_name", "pk")
    for word in searchable(one_line(text)).split()[:8]:
        people = people.filter(search_text__contains=word)
    return people


def with_latest_stint(people: QuerySet[Person]) -> QuerySet[Person]:
    """Adds `last_title`, `last_department`, `last_day` and `last_started` of each person's latest stint."""
    latest = Stint.objects.filter(person=OuterRef("pk")).order_by(*_LATEST_FIRST)
    return people.annotate(
        last_title=Subquery(latest.values("title")[:1]),
        last_department=Subquery(latest.values("department__name")[:1]),
        last_started=Subquery(latest.values("starts_on")[:1]),
        last_day=Subquery(latest.values("ends_on")[:1]),
    )
