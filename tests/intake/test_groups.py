"""What rows of one file say together."""

from typing import Any

import pytest

from perennial.people.models import Person
from tests.intake.bringing import counted, reasons

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("programme")]


def test_both_stints_may_stand_in_one_file_in_either_order(take_in: Any) -> None:
    lines = ["1;Alice Winter;;;;2018-01-01;2026-10-14;leaving", "1;Alice Winter;;;;2010-01-01;2015-01-31;left"]
    assert counted(take_in(*lines)) == (1, 1, 0, 0)
    assert Person.objects.get().stints.count() == 2
    assert counted(take_in(*reversed(lines))) == (0, 0, 2, 0)


def test_rows_that_repeat_each_other_are_taken_once(take_in: Any) -> None:
    line = "1;Alice Winter;;;;;2026-10-14;"
    assert counted(take_in(line, line, line)) == (1, 0, 2, 0)
    assert Person.objects.count() == 1


def test_rows_that_contradict_each_other_are_all_refused(take_in: Any) -> None:
    result = take_in("1;Alice Winter;;;;;2026-10-14;", "1;Alice Winter;;;;;2026-10-15;", "2;Bob Summer;;;;;2026-10-14;")
    assert counted(result) == (1, 0, 0, 2)
    sentence = (
        "Rows 2 and 3 have the same employee number 1 and say different things of the same time; keep the right one."
    )
    assert reasons(result) == [sentence, sentence]


def test_one_number_with_two_names_in_a_file_is_refused(take_in: Any) -> None:
    result = take_in("1;Alice Winter;;;;2010-01-01;2012-01-31;", "1;Bob Summer;;;;2015-01-01;2026-10-14;")
    assert counted(result) == (0, 0, 0, 2)
    assert reasons(result)[0] == "Rows 2 and 3 have the same employee number 1 and different names."


def test_rows_of_one_address_are_one_person(take_in: Any) -> None:
    result = take_in(
        "1;Alice Winter;alice@home.example;;;2010-01-01;2012-01-31;left",
        "7;Alice Winter;alice@home.example;;;2015-01-01;2026-10-14;leaving",
    )
    assert counted(result) == (1, 1, 0, 0)
    assert sorted(Person.objects.get().stints.values_list("employee_number", flat=True)) == ["1", "7"]


def test_two_people_of_one_name_with_numbers_are_two_people(take_in: Any) -> None:
    lines = ["1;Jan de Vries;;;;2010-01-01;2026-10-14;", "2;Jan de Vries;;;;2010-01-01;2026-10-14;"]
    assert counted(take_in(*lines)) == (2, 0, 0, 0)
    assert counted(take_in(*lines)) == (0, 0, 2, 0)
