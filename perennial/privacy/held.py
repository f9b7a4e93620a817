"""Everything that is held, gathered from the rooms that hold it: an explicit list."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import reduce
from operator import or_
from typing import Any

from django.apps import apps
from django.db.models import Q, QuerySet

from perennial.accounts import privacy as accounts
from perennial.audit import privacy as audit
from perennial.consent import privacy as consent
from perennial.contact import privacy as contact
from perennial.contact.erased import marks_of
from perennial.departures import privacy as departures
from perennial.intake import privacy as intake
from perennial.kernel.privacy import By, Held
from perennial.mail import privacy as mail
from perennial.outreach import privacy as outreach
from perennial.people import privacy as people
from perennial.people.models import Person
from perennial.privacy import above, privacy
from perennial.programme import privacy as programme

# In the order in which the data copy tells it.
HELD: tuple[Held, ...] = (
    *people.HELD,
    *consent.HELD,
    *contact.HELD,
    *mail.HELD,
    *departures.HELD,
    *outreach.HELD,
    *intake.HELD,
    *audit.HELD,
    *privacy.HELD,
    *programme.HELD,
    *accounts.HELD,
    *above.HELD,
)

# What rooms do when a person is erased: entered before the person's record goes, left after.
FORGETTING: tuple[Callable[..., AbstractContextManager[None]], ...] = (
    people.forgetting,
    departures.forgetting,
    intake.forgetting,
    privacy.forgetting,
    above.forgetting,
)


def rows_about(held: Held, *, person: Person) -> QuerySet[Any]:
    """The rows of one model that are about `person`, each once, in the order they were written."""
    values: dict[By, Any] = {By.ID: person.pk, By.KEY: person.key}
    value = marks_of(person) if held.by is By.MARKS else values[held.by]
    ending = "__in" if held.by is By.MARKS else ""
    about = reduce(or_, (Q(**{f"{path}{ending}": value}) for path in held.about.split("|")))
    rows: QuerySet[Any] = apps.get_model(held.model)._base_manager.filter(about, **dict(held.where))
    return rows.order_by("pk")
