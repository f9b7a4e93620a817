"""What tells that somebody was erased: texts whose keyed fingerprints are kept when everything else has gone.

An erased person stays erased: the intake makes the same texts from a row and refuses it when one is known.
"""

from collections.abc import Iterator
from datetime import date

from perennial.kernel.keys import fingerprints
from perennial.kernel.text import searchable, sort_name_from
from perennial.people.models import Person


def address_identity(address: str) -> str:
    return address


def number_identity(source: str, employee_number: str) -> str:
    return f"number:{source}:{employee_number}"


def name_identity(full_name: str, starts_on: date | None, ends_on: date | None) -> str:
    """A name alone is shared by many; with the first and last day it means one person."""
    return f"name:{searchable(full_name)}:{starts_on or ''}:{ends_on or ''}"


def identities(person: Person) -> Iterator[str]:
    """All texts by which a feed could bring `person` back."""
    for address in person.addresses.all():
        yield address_identity(address.address)
    for stint in person.stints.all():
        if stint.employee_number:
            yield number_identity(stint.source, stint.employee_number)
        if stint.starts_on or stint.ends_on:
            yield name_identity(person.full_name, stint.starts_on, stint.ends_on)


def manager_identity(name: str) -> str:
    """Somebody's name where others' records have it as their manager's; it tells no row of the person's own."""
    return f"manager:{sort_name_from(name)}"


def marks_of(person: Person) -> list[str]:
    """The fingerprints of all that tells `person`, under every key there is: for looking up."""
    return [mark for identity in identities(person) for mark in fingerprints(identity)]
