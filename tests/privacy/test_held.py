"""Every field of every table has a privacy class, and a declaration that does not fit is found."""

from dataclasses import replace

import pytest
from django.apps import apps
from django.db import connection

from perennial.kernel.privacy import Erased, Held, Privacy
from perennial.privacy.above import TABLES
from perennial.privacy.completeness import faults
from perennial.privacy.held import HELD

OF = {held.model: held for held in HELD}


def with_other(held: Held) -> list[Held]:
    return [held if each.model == held.model else each for each in HELD]


def test_every_field_of_every_model_is_declared_once() -> None:
    assert faults() == []


@pytest.mark.django_db
def test_every_table_is_a_models_or_named() -> None:
    of_models = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    assert set(connection.introspection.table_names()) - of_models == set(TABLES)


def test_a_model_that_is_declared_nowhere_is_found() -> None:
    assert faults([each for each in HELD if each.model != "desk.putoff"]) == ["desk.putoff is declared nowhere."]


def test_a_model_that_is_declared_twice_or_is_not_there_is_found() -> None:
    other = replace(OF["desk.putoff"], model="desk.gone")
    assert faults([*HELD, OF["desk.putoff"], other]) == [
        "desk.putoff is declared 2 times.",
        "desk.gone is declared, and there is no such model.",
    ]


@pytest.mark.parametrize(
    ("names", "fault"),
    [
        ({Privacy.KEY: "id user item"}, "the field until has no privacy class."),
        ({Privacy.KEY: "id user item until", Privacy.NONE: "until"}, "the field until has 2 privacy classes."),
        ({Privacy.KEY: "id user item until since"}, "there is no field since."),
    ],
)
def test_a_field_without_a_class_with_two_or_that_is_not_there_is_found(names: dict[Privacy, str], fault: str) -> None:
    assert faults(with_other(replace(OF["desk.putoff"], fields=names))) == [f"desk.putoff: {fault}"]


def test_an_encrypted_field_is_never_plain() -> None:
    held = OF["departures.decisionappeal"]
    plain = replace(held, fields={**held.fields, Privacy.WORDS: "", Privacy.NONE: "said"})
    assert faults(with_other(plain)) == ["departures.decisionappeal: the field said is encrypted, so it is personal."]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"shown": {"nose": "person__full_name"}}, "the copy's field nose has no label in labels.py."),
        ({"about": "human"}, "there is no human."),
        ({"shown": {"x": "person__nose"}}, "there is no person__nose."),
        (
            {"about": ""},
            "it does not go with the person: the foreign keys along 'about' do not cascade to one.",
        ),
        ({"erased": Erased.KEPT}, "it is kept without a rule."),
        ({"title": ""}, "it is about a person and has no heading in the data copy."),
    ],
)
def test_a_declaration_that_leads_nowhere_is_found(change: dict[str, object], fault: str) -> None:
    found = faults(with_other(replace(OF["contact.touch"], **change)))  # type: ignore[arg-type]
    assert f"contact.touch: {fault}" in found


def test_a_row_that_leads_to_a_person_cannot_be_said_to_be_about_nobody() -> None:
    held = replace(OF["departures.answer"], about="", erased=Erased.NOT_THEIRS)
    assert faults(with_other(held)) == ["departures.answer: answers leads to a person, and 'about' is empty."]


def test_what_goes_with_the_person_is_held_by_cascading_keys() -> None:
    held = replace(OF["people.company"], about="positions__person", erased=Erased.WITH_PERSON, title="x")
    fault = "it does not go with the person: the foreign keys along 'about' do not cascade to one."
    assert f"people.company: {fault}" in faults(with_other(held))
