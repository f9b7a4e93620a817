"""By which country's policy somebody is kept."""

from datetime import date

import pytest

from perennial.people.models import Person
from perennial.people.residence import policy_country_of, with_policy_country
from perennial.programme.models import Place
from tests.cast import NOW, person, programme

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _set_up() -> None:
    programme()


def living_in(country: str, **fields: object) -> Person:
    someone = person(**fields)  # type: ignore[arg-type]
    Person.objects.filter(pk=someone.pk).update(country=country)
    return someone


def test_where_somebody_lives_comes_first_then_where_they_worked_last_then_the_programme() -> None:
    berlin = Place.objects.create(name="Werk 2", country="Duitsland")
    nowhere = Place.objects.create(name="Somewhere", country="Neverland")
    belgium = Place.objects.create(name="België")
    told = living_in("RU", full_name="Alice", place=berlin)
    works = living_in("", full_name="Bob", place=berlin)
    named = living_in("", full_name="Cleo", place=belgium)
    unknown = living_in("", full_name="Dora", place=nowhere)
    without = living_in("", full_name="Ella")
    found = dict(with_policy_country(Person.objects.all()).values_list("pk", "policy_country"))
    assert found == {told.pk: "RU", works.pk: "DE", named.pk: "BE", unknown.pk: "NL", without.pk: "NL"}
    assert policy_country_of(works) == "DE"


def test_the_latest_place_counts() -> None:
    berlin, gent = (
        Place.objects.create(name=name, country=country) for name, country in (("Berlin", "DE"), ("Gent", "BE"))
    )
    someone = person(place=berlin, ends_on=date(2020, 1, 1))
    someone.stints.create(source="t", place=gent, ends_on=date(2024, 1, 1), created_at=NOW, updated_at=NOW)
    assert policy_country_of(someone) == "BE"
    someone.stints.create(source="t", place=berlin, created_at=NOW, updated_at=NOW)
    assert policy_country_of(someone) == "DE"


def test_a_programme_whose_time_zone_lies_in_no_country_has_none() -> None:
    programme(time_zone="UTC")
    assert policy_country_of(person()) == ""
