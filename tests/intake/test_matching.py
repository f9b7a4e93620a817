"""Whom a row means: the same person is met again, and doubt is said."""

from datetime import date
from typing import Any

import pytest

from perennial.people.models import Person, Stint
from tests import cast
from tests.intake.bringing import counted, reasons

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("programme")]


def test_who_returns_under_the_same_number_has_a_second_stint(take_in: Any) -> None:
    take_in("1;Alice Winter;;;;2010-01-01;2015-01-31;left")
    result = take_in("1;Alice Winter;;;;2018-01-01;2026-10-14;leaving")
    assert (counted(result), result.departures) == ((0, 1, 0, 0), 1)
    assert list(Person.objects.get().stints.values_list("starts_on", "ends_on")) == [
        (date(2018, 1, 1), date(2026, 10, 14)),
        (date(2010, 1, 1), date(2015, 1, 31)),
    ]
    assert counted(take_in("1;Alice Winter;;;;2018-01-01;2026-10-14;leaving")) == (0, 0, 1, 0)


def test_a_number_given_out_anew_is_refused_with_the_name_it_had(take_in: Any) -> None:
    take_in("1;Alice Winter;;;;2010-01-01;2015-01-31;left")
    result = take_in("1;Bob Summer;;;;2020-01-01;2026-10-14;leaving")
    assert counted(result) == (0, 0, 0, 1)
    assert reasons(result)[0].startswith("The employee number 1 is Alice Winter's on file")
    assert Person.objects.count() == 1


def test_a_corrected_name_under_the_same_number_and_days_is_taken_over(take_in: Any) -> None:
    take_in("1;Alice Winter;;;;2010-01-01;2026-10-14;leaving")
    result = take_in("1;Alice Summer;;;;2010-01-01;2026-10-14;leaving")
    assert counted(result) == (0, 1, 0, 0)
    person = Person.objects.get()
    assert (person.full_name, person.sort_name) == ("Alice Summer", "summer, alice")
    assert person.search_text.startswith("alice summer")


def test_the_number_of_another_source_is_another_number(take_in: Any) -> None:
    take_in("1;Alice Winter;;;;2010-01-01;2015-01-31;left", source="hr-nl")
    assert counted(take_in("1;Bob Summer;;;;2010-01-01;2015-01-31;left", source="hr-de")) == (1, 0, 0, 0)


def test_without_a_number_the_address_tells(take_in: Any) -> None:
    take_in("1;Alice Winter;alice@home.example;;;2010-01-01;2015-01-31;left")
    result = take_in(";Alice Winter;alice@home.example;;;2018-01-01;2026-10-14;leaving")
    assert counted(result) == (0, 1, 0, 0)
    assert Person.objects.get().stints.count() == 2


def test_an_address_with_another_name_is_ambiguous(take_in: Any) -> None:
    take_in("1;Alice Winter;;;desk@employer.example;;2026-10-14;")
    result = take_in("2;Bob Summer;;;desk@employer.example;;2026-10-14;")
    assert counted(result) == (0, 0, 0, 1)
    assert "Alice Winter's on file" in reasons(result)[0]


def test_without_number_and_address_name_and_days_tell(take_in: Any) -> None:
    take_in(";Alice Winter;;;;2010-01-01;2026-10-14;")
    assert counted(take_in(";Alice Winter;;;;2010-01-01;2026-10-14;")) == (0, 0, 1, 0)
    assert counted(take_in(";Alice Winter;;;;2012-01-01;2026-10-14;")) == (1, 0, 0, 0)


@pytest.mark.parametrize(("first", "second"), [("Fenna de Boer", "FENNA DE BOER"), ("FENNA DE BOER", "Fenna  de Boer")])
def test_a_name_in_capitals_is_the_same_name(take_in: Any, first: str, second: str) -> None:
    take_in(f";{first};;;;2010-01-01;2026-10-14;")
    assert counted(take_in(f";{second};;;;2010-01-01;2026-10-14;")) == (0, 0, 1, 0)
    assert Person.objects.get().full_name == first


def test_a_moved_day_with_nothing_but_a_name_is_asked_back(take_in: Any) -> None:
    take_in(";Alice Winter;;;;;2026-10-14;")
    result = take_in(";Alice Winter;;;;;2026-11-14;")
    assert counted(result) == (0, 0, 0, 1)
    assert reasons(result)[0].startswith("Somebody of this name is on file with other days")


def test_a_typed_in_person_is_met_again_and_gets_the_number(take_in: Any) -> None:
    person = cast.person("Alice Winter", ends_on=date(2026, 10, 14))
    Stint.objects.update(source="typed")
    assert counted(take_in("1;Alice Winter;;;;;2026-10-14;")) == (0, 1, 0, 0)
    stint = person.stints.get()
    assert (stint.source, stint.employee_number) == ("hr", "1")
    assert counted(take_in("1;Alice Winter;;;;;2026-10-14;")) == (0, 0, 1, 0)


def test_a_name_of_letters_that_stand_for_words_stops_no_import_and_is_met_again(take_in: Any) -> None:
    # Decomposed it is eighteen times as long; PostgreSQL refused the whole list for it.
    row = f";{'ﷺ' * 300};;;;2010-01-01;2026-10-14;leaving"
    assert counted(take_in(row, "2;Bob Summer;;;;2010-01-01;2026-10-14;")) == (2, 0, 0, 0)
    assert counted(take_in(row)) == (0, 0, 1, 0)
