"""Somebody's name as the manager of others.

A stint says by name who the manager was, as HR's list has it, and not by a key. So when a person is erased their name
goes out of others' stints where it is exactly theirs, whatever its spaces and capitals and whichever name stands first,
and nobody else on file is called so. Of two namesakes nobody can say which one is meant: then it stays, for the other,
is counted in what is left over, and goes with the last of them.
"""

from collections.abc import Iterable

from perennial.kernel.text import sort_name_from
from perennial.people.models import Person, Stint


def has_namesake(*, person: Person) -> bool:
    """Whether somebody else on file has this name."""
    return Person.objects.exclude(pk=person.pk).filter(sort_name=person.sort_name).exists()


def names_of(*, person: Person, among: Iterable[str]) -> list[str]:
    """Those of `among` that are this person's name."""
    return [text for text in among if text and sort_name_from(text) == person.sort_name]


def named_as_manager(*, person: Person) -> list[int]:
    """The stints of others, by id, whose manager is called exactly as `person`."""
    # Each name once, compared as it is sorted: no database folds and turns round names as we do.
    managers = Stint.objects.exclude(manager="").order_by().values_list("manager", flat=True).distinct()
    spellings = names_of(person=person, among=managers)
    if not spellings:
        return []
    return list(Stint.objects.exclude(person=person).filter(manager__in=spellings).values_list("pk", flat=True))


def forget_as_manager(*, person: Person) -> int:
    """Takes the name out of others' stints, in the caller's transaction; returns out of how many."""
    if has_namesake(person=person):
        return 0
    return Stint.objects.filter(pk__among=named_as_manager(person=person)).update(manager="")
