"""What a farewell keeps of people, and when it goes. The rows themselves go with the person.

| what | goes |
| --- | --- |
| steps, what was given, reasons | with the person |
| the address for flowers | an hour after the step was settled, when the farewell is over, a month after the day |
| where the manager is reached, and the mails that went there (they name the leaver) | when the departure is over |
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from perennial.audit.actions import record
from perennial.departures.farewell.flowers import forget_addresses
from perennial.departures.farewell.handing_out import STANDING
from perennial.departures.farewell.manager import origin_of
from perennial.departures.models import Departure, Farewell
from perennial.mail.enums import MessageState
from perennial.mail.models import Mailing, Message
from perennial.people.models import Person


def forget_served(*, now: datetime) -> None:
    """Forgets what has served its time. Safe to repeat."""
    forget_addresses(now=now)
    forget_managers(now=now)


@transaction.atomic
def forget_managers(*, now: datetime) -> int:
    """Where managers of departures that are over were reached, and what was written to them. Returns how many."""
    over = Farewell.objects.exclude(departure__state__in=STANDING).exclude(manager_email="")
    departures = [farewell.departure for farewell in over.select_related("departure").order_by("pk")]
    if not departures:
        return 0
    Farewell.objects.filter(departure__in=departures).update(
        manager_email="", manager_written_at=None, manager_reminded_at=None
    )
    forget_letters(departures=departures)
    record(deed="departures.managers_forgotten", by="system", now=now, details={"managers": len(departures)})
    return len(departures)


def forget_person(*, person: Person) -> None:
    """Deletes what was written to managers about `person`. The digests of colleagues name nobody."""
    forget_letters(departures=list(person.departures.all()))


def forget_letters(*, departures: Sequence[Departure]) -> None:
    """Mails to the managers of `departures`, with their text; what a worker has in its hands just now goes later."""
    mailings = Mailing.objects.filter(origin__in=[origin_of(departure) for departure in departures])
    ids = list(mailings.exclude(messages__state=MessageState.SENDING).values_list("pk", flat=True))
    Message.objects.filter(mailing__in=ids).delete()
    Mailing.objects.filter(pk__in=ids).delete()
