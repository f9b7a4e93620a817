"""What a farewell keeps of people, and when it goes. The rows themselves go with the person.

| what | goes |
| --- | --- |
| steps, what was given, reasons | with the person |
| the address for flowers | an hour after the step was settled, when the farewell is over, a month after the day |
| where the manager is reached, the link, the mails that went there | when the departure is over, or the link is ended |
| the same of a manager who is on file | when the manager is erased |
"""

from datetime import datetime

from django.db import transaction

from perennial.audit.actions import record
from perennial.departures.farewell.flowers import forget_addresses
from perennial.departures.farewell.handing_out import STANDING
from perennial.departures.farewell.manager_mails import (
    forget_letters,
    forget_letters_of,
    forget_managers_of,
    keys_of,
    mails_to_managers,
)
from perennial.departures.models import Departure, Farewell
from perennial.people.models import Person


def forget_served(*, now: datetime) -> None:
    """Forgets what has served its time. Safe to repeat."""
    forget_addresses(now=now)
    forget_managers(now=now)


@transaction.atomic
def forget_managers(*, now: datetime) -> int:
    """Where managers of departures that are over were reached, and what was written to them. Returns how many."""
    _forget_stray_letters()
    over = list(
        Farewell.objects.exclude(departure__state__in=STANDING)
        .exclude(manager_email="")
        .select_related("departure")
        .order_by("pk")
    )
    if not over:
        return 0
    forget_managers_of(farewells=over)
    forget_letters(departures=[farewell.departure for farewell in over])
    record(deed="departures.managers_forgotten", by="system", now=now, details={"managers": len(over)})
    return len(over)


def forget_person(*, person: Person) -> None:
    """Deletes what was written to managers about `person`, and what was written to `person` as a manager.

    The digests of colleagues name nobody.
    """
    forget_letters(departures=list(person.departures.all()))
    addresses = {row.address.lower() for row in person.addresses.all()}
    if not addresses:
        return
    # Read one by one: what is encrypted cannot be searched.
    known = Farewell.objects.exclude(manager_email="").select_related("departure").order_by("pk")
    theirs = [farewell for farewell in known if farewell.manager_email.lower() in addresses]
    forget_managers_of(farewells=theirs)
    forget_letters(departures=[farewell.departure for farewell in theirs])


def _forget_stray_letters() -> None:
    """Mails that a worker had in its hands when the rest went: nobody is known any more to whom they were written."""
    keys = keys_of(mails_to_managers())
    # The address, and not the state: departures that are over are forgotten with it in a moment.
    known = Departure.objects.filter(key__in=keys, farewell__isnull=False).exclude(farewell__manager_email="")
    forget_letters_of(keys=keys - set(known.values_list("key", flat=True)))
