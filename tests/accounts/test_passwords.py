"""What a password must be, wherever one is chosen."""

import pytest
from django.contrib.auth.password_validation import CommonPasswordValidator, validate_password
from django.core.exceptions import ValidationError

from perennial.accounts.passwords import COMMON
from perennial.operate import settings as product


def test_no_password_of_the_list_of_common_ones_is_taken() -> None:
    """Those long enough to pass the other rule; the list was made from passwords that leaked."""
    long_enough = sorted(word for word in CommonPasswordValidator().passwords if len(word) >= 10)
    assert len(long_enough) > 1_500
    taken = []
    for word in long_enough:
        try:
            validate_password(word.upper() if word.isascii() else word)
        except ValidationError:
            continue
        taken.append(word)
    assert taken == []


def test_the_list_of_long_ones_is_as_long_as_is_asked_for_and_no_longer_than_it_need_be() -> None:
    """ASVS asks for the 3,000 most common that fit the rules."""
    marks = COMMON.read_bytes()
    assert len({marks[at : at + 6] for at in range(0, len(marks), 6)}) == len(marks) // 6 == 10_000


@pytest.mark.parametrize("password", ["123qweasdzxc", "JuanCarlos", "NIKITA2003", "manchesterunited"])
def test_a_long_one_that_many_have_is_refused_however_it_is_written(password: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_password(password)
    assert "common_long" in [each.code for each in refused.value.error_list]


@pytest.mark.parametrize("password", ["nine long", "qwertyuiop"])
def test_a_short_or_common_one_is_refused(password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password)


@pytest.mark.parametrize("before", ["", "!!", "2026-"])
@pytest.mark.parametrize("after", ["12345", "_2026!", "0" * 12])
@pytest.mark.parametrize("core", ["welcome", "Qwerty", "sunshine", "qwertyqwerty"])
def test_a_common_one_with_something_around_it_is_refused(before: str, core: str, after: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_password(before + core + after)
    assert "common_core" in [each.code for each in refused.value.error_list]


@pytest.mark.parametrize("password", ["only small letters", "ß" * 10, "a long walk " * 12, "4 welcome geese", "ab" * 6])
def test_no_kinds_of_characters_are_asked_for_and_none_is_too_long(password: str) -> None:
    validate_password(password)


def test_the_rules_are_these() -> None:
    names = [rule["NAME"].rpartition(".")[2] for rule in product.AUTH_PASSWORD_VALIDATORS]
    common = ["CommonPasswordValidator", "CommonLongValidator", "CommonCoreValidator"]
    assert names == ["UserAttributeSimilarityValidator", "MinimumLengthValidator", *common]
