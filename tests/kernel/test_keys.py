"""Fingerprints, random keys and encryption, over the turning of keys."""

from typing import Any

import pytest
from cryptography.fernet import InvalidToken
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from perennial.departures.enums import DepartureState
from perennial.departures.exit.questionnaire import ship
from perennial.departures.models import Answer, Departure, ExitAnswers
from perennial.kernel.encryption import Sealed, decrypt, encrypt
from perennial.kernel.keys import KEY_LENGTH, fingerprint, fingerprints, new_key, new_random
from tests.cast import NOW, person

TEXT = st.text(st.characters(exclude_categories=("Cs",)))


def test_keys_and_randoms_have_their_length_and_never_repeat() -> None:
    keys = [new_key() for _ in range(2000)]
    assert {len(key) for key in keys} == {KEY_LENGTH}
    # A command would take it for an option.
    assert not any(key.startswith("-") for key in keys)
    assert {len(new_random()) for _ in range(200)} == {32}
    assert len({new_random() for _ in range(200)}) == 200


@pytest.mark.parametrize("same", ["alice@home.example", "Alice@Home.example", "  ALICE@home.EXAMPLE\n"])
def test_a_fingerprint_knows_an_address_however_it_is_written(same: str) -> None:
    assert fingerprint(same) == fingerprint("alice@home.example")


def test_a_fingerprint_does_not_say_what_it_was() -> None:
    mark = fingerprint("alice@home.example")
    assert len(mark) == 64
    assert "alice" not in mark
    assert mark != fingerprint("alice@home.examples")


def test_a_fingerprint_under_a_former_key_is_found_after_the_key_has_turned(settings: Any) -> None:
    settings.PERENNIAL_FINGERPRINT_KEYS = ("former",)
    former = fingerprint("alice@home.example")
    settings.PERENNIAL_FINGERPRINT_KEYS = ("present", "former")
    assert fingerprint("alice@home.example") != former
    assert fingerprints("alice@home.example") == [fingerprint("alice@home.example"), former]
    settings.PERENNIAL_FINGERPRINT_KEYS = ("present",)
    assert former not in fingerprints("alice@home.example")


@given(TEXT)
def test_a_text_comes_back_as_it_went(text: str) -> None:
    assert decrypt(encrypt(text)) == text


def test_the_same_text_is_never_encrypted_to_the_same() -> None:
    assert encrypt("the canteen") != encrypt("the canteen")


def test_a_text_under_a_former_data_key_is_read_until_that_key_goes(settings: Any) -> None:
    settings.PERENNIAL_DATA_KEYS = ("former",)
    kept = encrypt("the canteen")
    settings.PERENNIAL_DATA_KEYS = ("present", "former")
    assert decrypt(kept) == "the canteen"
    settings.PERENNIAL_DATA_KEYS = ("present",)
    with pytest.raises(InvalidToken):
        decrypt(kept)


def test_the_signing_key_may_turn_without_the_texts(settings: Any) -> None:
    kept = encrypt("the canteen")
    settings.SECRET_KEY = "another signing key that is long enough for it"
    assert decrypt(kept) == "the canteen"


@pytest.mark.django_db
def test_an_encrypted_field_stands_encrypted_in_the_database() -> None:
    answer = _answer("the canteen, честно")
    assert Answer.objects.get().text == "the canteen, честно"
    assert "canteen" not in _stands_as(answer)
    assert decrypt(_stands_as(answer)) == "the canteen, честно"


@pytest.mark.django_db
def test_an_empty_text_stays_empty_and_a_sealed_one_is_not_sealed_again() -> None:
    answer = _answer("")
    assert _stands_as(answer) == ""
    answer.text = Sealed(encrypt("the canteen"))
    answer.save()
    assert Answer.objects.get().text == "the canteen"


def _answer(text: str) -> Answer:
    alice = person()
    departure = Departure.objects.create(
        person=alice, stint=alice.stints.get(), state=DepartureState.OPEN, opened_at=NOW
    )
    version = ship(now=NOW)
    answers = ExitAnswers.objects.create(departure=departure, questionnaire=version, language="nl", started_at=NOW)
    return Answer.objects.create(answers=answers, question=version.questions.get(code="improve"), text=text)


def _stands_as(answer: Answer) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM departures_answer WHERE id = %s", [answer.pk])
        return str(cursor.fetchone()[0])
