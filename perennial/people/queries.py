"""Reads persons."""

from django.db.models import F, Prefetch, QuerySet

from perennial.accounts.models import User
from perennial.accounts.roles import CHAPTER_ROLES
from perennial.people.models import Person, Stint
from perennial.programme.structure import belongs_to_any, chapters_of

# The one still running first, then the one that ended last. Said in full: the databases sort NULL differently.
_LATEST_FIRST = (F("ends_on").desc(nulls_first=True), F("starts_on").desc(nulls_last=True), "-pk")


def sees_everybody(user: User) -> bool:
    """Whether nobody is hidden from `user`, as from hosts all are who belong to no chapter of theirs."""
    return user.role not in CHAPTER_ROLES


def visible_to(user: User) -> QuerySet[Person]:
    """Everybody `user` may know of, in no order. Whatever shows persons to colleagues begins here.

    A host sees who belongs to a running chapter of theirs by any stint, however long ago. For everybody else the
    answer costs nothing.
    """
    if sees_everybody(user):
        return Person.objects.order_by()
    stint = belongs_to_any(chapters_of(user))
    if stint is None:
        return Person.objects.none()
    return Person.objects.order_by().filter(pk__in=Stint.objects.order_by().filter(stint).values("person"))


def stints_of(person: Person) -> QuerySet[Stint]:
    """All stretches of work, the latest first; the first of them is what a person's head line speaks of."""
    return person.stints.select_related("department", "place").order_by(*_LATEST_FIRST)


def latest_stint(person: Person) -> Stint | None:
    """The stint a person's head line speaks of: the one still running, else the one that ended last."""
    return stints_of(person).first()


def person_with_key(key: str, *, among: QuerySet[Person]) -> Person | None:
    """The person among those that an address names, or None."""
    return among.filter(key=key).first()


def with_latest_stints(people: QuerySet[Person]) -> QuerySet[Person]:
    """Brings along each person's addresses and `stints_latest_first`, a list, with their departments and places."""
    stints = Stint.objects.select_related("department", "place").order_by(*_LATEST_FIRST)
    return people.prefetch_related(Prefetch("stints", queryset=stints, to_attr="stints_latest_first"), "addresses")
