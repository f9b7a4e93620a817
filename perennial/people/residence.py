"""Where people live, and by which country's policy they are kept."""

from datetime import date, datetime

from django.conf import settings
from django.db.models import Case, CharField, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, NullIf
from django.db.models.lookups import In

from perennial.kernel.countries import codes, of_time_zone
from perennial.people.models import Person, Stint
from perennial.people.queries import LATEST_FIRST
from perennial.programme.policy import document_languages, refused_residences
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


def document_language_of(person: Person, *, on: date) -> str:
    """The language of the documents by which this person agrees, one for each purpose; empty where none are asked for.

    By the policy of their country.
    """
    return document_languages(on=on).get(person.country or policy_country_of(person), "")


def agrees_by_documents(*, on: date) -> Q:
    """The same of people in a statement: those who agree by documents.

    Where the database stands in no country that asks for them, none of its residents is taken in, and a column tells
    who is on file all the same, so that the door stays one statement. Somebody of whom we know only that they worked
    there is asked by document all the same; what they agreed to before that counts on.
    """
    countries = sorted(document_languages(on=on))
    if set(countries).isdisjoint(settings.PERENNIAL_STANDS_IN):
        return Q(country__in=countries)
    return Q(In(_policy_country(), countries))


def document_languages_in_use(*, on: date) -> dict[str, str]:
    """Of the countries that ask for documents those that somebody here may belong to, with the language."""
    languages = document_languages(on=on)
    living = set(Person.objects.filter(country__in=languages).values_list("country", flat=True).distinct())
    here = living | {home_country()} | set(place_countries().values()) | set(settings.PERENNIAL_STANDS_IN)
    return {country: language for country, language in languages.items() if country in here}


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
