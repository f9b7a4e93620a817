"""Reads persons."""

from django.db.models import F, Prefetch, QuerySet

from perennial.people.models import Person, Stint

# The one still running first, then the one that ended last. Said in full: the databases sort NULL differently.
_LATEST_FIRST = (F("ends_on").desc(nulls_first=True), F("starts_on").desc(nulls_last=True), "-pk")


def stints_of(person: Person) -> QuerySet[Stint]:
    """All stretches of work, the latest first; the first of them is what a person's head line speaks of."""
    return person.stints.select_related("department", "place").order_by(*_LATEST_FIRST)


def latest_stint(person: Person) -> Stint | None:
    """The stint a person's head line speaks of: the one still running, else the one that ended last."""
    return stints_of(person).first()


def person_with_key(key: str) -> Person | None:
    """The person an address names, or None."""
    return Person.objects.filter(key=key).first()


def with_latest_stints(people: QuerySet[Person]) -> QuerySet[Person]:
    """Brings along each person's addresses and `stints_latest_first`, a list, with their departments and places."""
    stints = Stint.objects.select_related("department", "place").order_by(*_LATEST_FIRST)
    return people.prefetch_related(Prefetch("stints", queryset=stints, to_attr="stints_latest_first"), "addresses")
