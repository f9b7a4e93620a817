"""One change at a time of what belongs to a person."""

from perennial.people.models import Person


def one_at_a_time(*, person: Person) -> None:
    """Whoever changes the same person waits until this transaction has ended, and then sees what it did.

    Without the key, so that a worker may write down a contact with them meanwhile. Whatever else is locked is locked
    after this, or two wait for each other.
    """
    Person.objects.select_for_update(no_key=True).filter(pk=person.pk).values_list("pk").first()
