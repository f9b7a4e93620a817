"""Where people live, and by which country's policy they are kept."""

from datetime import datetime

from django.db.models import Case, CharField, F, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, NullIf

from perennial.kernel.countries import codes, of_time_zone
from perennial.people.models import Person, Stint
from perennial.people.queries import LATEST_FIRST
from perennial.programme.policy import refused_residences
from perennial.programme.queries import current, today
from perennial.programme.structure import place_countries


class ResidenceRefusedError(ValueError):
    """People who live there are not taken in: this installation does not stand there, or there is no such country."""


def check_residence(country: str, *, now: datetime) -> None:
    """Raises ResidenceRefusedError where a resident of `country` may not be written down here. Empty is not known."""
    if country and (country not in codes() or country in refused_residences(on=today(now=now))):
        raise ResidenceRefusedError(country)


def home_country() -> str:
    """The code of the country of the programme itself, by its time zone; empty where that lies in none alone."""
    return of_time_zone(current().time_zone)


def with_policy_country(people: QuerySet[Person]) -> QuerySet[Person]:
    """Brings along `policy_country`: where somebody lives, else where they worked last, else the programme's own."""
    return people.annotate(policy_country=_policy_country())


def policy_country_of(person: Person) -> str:
    """The same of one person."""
    return str(Person.objects.filter(pk=person.pk).values_list(_policy_country(), flat=True).get())


def _policy_country() -> Coalesce:
    lies_in: dict[str, list[int]] = {}
    for place, code in place_countries().items():
        lies_in.setdefault(code, []).append(place)
    said = [NullIf(F("country"), Value(""))]
    if lies_in:
        whens = [When(place__in=places, then=Value(code)) for code, places in sorted(lies_in.items())]
        stints = Stint.objects.filter(person=OuterRef("pk")).order_by(*LATEST_FIRST)
        works = stints.values(code=Case(*whens, default=None, output_field=CharField()))[:1]
        said.append(Subquery(works))  # type: ignore[arg-type]
    return Coalesce(*said, Value(home_country()), output_field=CharField())
