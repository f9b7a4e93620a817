"""Mails to managers as the queue has them: which there are, and how they go, with the links they bring.

They name the leaver and have no person of their own, so their origin says whose farewell they are about.
"""

from collections.abc import Iterable, Sequence

from django.db.models import QuerySet

from perennial.departures.models import Departure, Farewell
from perennial.kernel.keys import new_random
from perennial.mail.enums import NOT_GONE, MessageState
from perennial.mail.models import Mailing, Message

_PREFIX = "farewell:manager/"
_BATCH = 1000


def origin_of(departure: Departure) -> str:
    """Where mails to the manager of this departure say they come from."""
    return f"{_PREFIX}{departure.key}"


def mails_to_managers() -> QuerySet[Message]:
    # Without a person is said for the index: most mails have one.
    return Message.objects.filter(person=None, mailing__origin__startswith=_PREFIX)


def keys_of(messages: QuerySet[Message]) -> set[str]:
    """Of which departures `messages` to managers are. Some may have gone with their person."""
    origins = messages.order_by().values_list("mailing__origin", flat=True).distinct()
    return {origin.removeprefix(_PREFIX) for origin in origins}


def forget_managers_of(*, farewells: Sequence[Farewell]) -> None:
    """Where the managers of `farewells` were reached, and the links that went there: the next one is another."""
    for farewell in farewells:
        farewell.manager_email, farewell.manager_random = "", new_random()
        farewell.manager_written_at = farewell.manager_reminded_at = None
    fields = ["manager_email", "manager_random", "manager_written_at", "manager_reminded_at"]
    Farewell.objects.bulk_update(farewells, fields, batch_size=_BATCH)


def forget_letters(*, departures: Sequence[Departure]) -> None:
    """Mails to the managers of `departures`, with their text; what a worker has in its hands just now goes later."""
    forget_letters_of(keys=[departure.key for departure in departures])


def forget_letters_of(*, keys: Iterable[str], unsent: bool = False) -> None:
    """The same by key of the departure, of which nothing else need be left. `unsent`: only what nobody has received."""
    mails = mails_to_managers().filter(mailing__origin__in=[f"{_PREFIX}{key}" for key in keys])
    mails = mails.filter(state__in=NOT_GONE) if unsent else mails.exclude(state=MessageState.SENDING)
    mailings = list(mails.values_list("mailing_id", flat=True))
    # Not by the mailings: what a worker has claimed in between stays until it is done.
    Message.objects.filter(mailing__in=mailings).exclude(state=MessageState.SENDING).delete()
    Mailing.objects.filter(pk__in=mailings, messages=None).delete()
