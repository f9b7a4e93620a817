"""Signed tokens: what opens, and all that does not."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perennial.kernel.keys import new_random
from perennial.kernel.links import PATHS, absolute, path_to, route
from perennial.kernel.tokens import TYPEABLE, LinkPurpose, Opened, TokenInvalidError, code, open_token, read_code, sign

RANDOM = "kK8s0cY4Zt1u7n3QpVb2xL9a-_5eWf6h"


def test_a_token_opens_the_row_it_names_for_its_purpose() -> None:
    token = sign(purpose=LinkPurpose.LEAVER, row=17, random=RANDOM)
    assert open_token(purpose=LinkPurpose.LEAVER, token=token) == Opened(17, RANDOM)


@given(st.sampled_from(LinkPurpose), st.integers(0, 2**53), st.builds(new_random))
def test_whatever_was_signed_opens_and_is_safe_in_an_address(purpose: LinkPurpose, row: int, random: str) -> None:
    token = sign(purpose=purpose, row=row, random=random)
    assert open_token(purpose=purpose, token=token) == Opened(row, random)
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


@pytest.mark.parametrize("other", [purpose for purpose in LinkPurpose if purpose is not LinkPurpose.UNSUBSCRIBE])
def test_a_token_for_unsubscribing_opens_nothing_else(other: LinkPurpose) -> None:
    token = sign(purpose=LinkPurpose.UNSUBSCRIBE, row=17, random=RANDOM)
    with pytest.raises(TokenInvalidError):
        open_token(purpose=other, token=token)


def test_no_character_of_a_token_can_be_altered() -> None:
    token = sign(purpose=LinkPurpose.CONFIRM, row=17, random=RANDOM)
    for place, letter in enumerate(token):
        altered = token[:place] + ("A" if letter != "A" else "B") + token[place + 1 :]
        with pytest.raises(TokenInvalidError):
            open_token(purpose=LinkPurpose.CONFIRM, token=altered)


def test_a_token_for_one_row_opens_no_other_row() -> None:
    seventeen = sign(purpose=LinkPurpose.LEAVER, row=17, random=RANDOM)
    with pytest.raises(TokenInvalidError):
        open_token(purpose=LinkPurpose.LEAVER, token="18" + seventeen.removeprefix("17"))


@pytest.mark.parametrize(
    "nonsense",
    [
        "",
        "..",
        "17",
        f"17.{RANDOM}",
        f"17.{RANDOM}.",
        f"-1.{RANDOM}.x",
        f"1e3.{RANDOM}.x",
        f"١٧.{RANDOM}.x",
        f"17.{RANDOM}.x.y",
        "17.\ud800.x",
        "17.\x00.x",
        "17.Ж.Ж",
        "9" * 5_000 + ".a.b",
        "1." + "a" * 1_000_000 + ".b",
        "." * 1_000_000,
    ],
    ids=lambda text: repr(text[:20]),
)
def test_nonsense_is_refused_and_takes_no_time(nonsense: str) -> None:
    started = time.perf_counter()
    with pytest.raises(TokenInvalidError):
        open_token(purpose=LinkPurpose.LEAVER, token=nonsense)
    assert time.perf_counter() - started < 0.1


@given(st.text(max_size=60))
def test_no_text_at_all_opens_anything(text: str) -> None:
    with pytest.raises(TokenInvalidError):
        open_token(purpose=LinkPurpose.LEAVER, token=text)


def test_a_token_under_a_former_key_still_opens_until_that_key_goes(settings: Any) -> None:
    settings.SECRET_KEY = "the key of last year, which was long enough"
    token = sign(purpose=LinkPurpose.PREFERENCES, row=3, random=RANDOM)
    settings.SECRET_KEY = "the key of this year, which is long enough"
    with pytest.raises(TokenInvalidError):
        open_token(purpose=LinkPurpose.PREFERENCES, token=token)
    settings.SECRET_KEY_FALLBACKS = ["the key of last year, which was long enough"]
    assert open_token(purpose=LinkPurpose.PREFERENCES, token=token).row == 3
    assert sign(purpose=LinkPurpose.PREFERENCES, row=3, random=RANDOM) != token


def test_a_link_ends_when_the_random_on_its_row_changes() -> None:
    opened = Opened(17, RANDOM)
    assert opened.fits(RANDOM)
    assert not opened.fits(new_random())
    assert not opened.fits("")
    assert not Opened(17, "").fits("")


def test_every_purpose_has_a_path_of_its_own_with_one_place_for_the_token() -> None:
    assert set(PATHS) == set(LinkPurpose)
    assert len(set(PATHS.values())) == len(PATHS)
    assert [path.count("<token>") for path in PATHS.values()] == [1] * len(PATHS)
    assert route(LinkPurpose.LEAVER) == "leaver/<str:token>/"


def test_a_link_is_made_of_the_address_of_the_installation_and_the_token(settings: Any) -> None:
    settings.BASE_URL = "https://alumni.employer.example"
    path = path_to(purpose=LinkPurpose.CONFIRM, row=5, random=RANDOM)
    token = sign(purpose=LinkPurpose.CONFIRM, row=5, random=RANDOM)
    assert absolute(path) == f"https://alumni.employer.example/confirm/{token}/"


# Codes that are typed from paper


@given(st.integers(0, 2**53), st.builds(new_random))
def test_a_code_reads_back_however_it_is_typed(row: int, random: str) -> None:
    printed = code(purpose=LinkPurpose.LEAVER_TYPED, row=row, random=random)
    assert set(printed) <= set(TYPEABLE) | {"-"}
    for typed in (
        printed,
        printed.replace("-", ""),
        printed.replace("-", " ").upper(),
        printed.replace("i", "1"),
        printed.replace("i", "l"),
    ):
        read = read_code(typed)
        assert read.row == row
        assert read.fits(purpose=LinkPurpose.LEAVER_TYPED, random=random)


def test_a_code_has_eighty_bits_and_no_letters_that_look_alike() -> None:
    assert (len(TYPEABLE), len(set(TYPEABLE))) == (32, 32)
    assert not set("01lo") & set(TYPEABLE)
    assert len(code(purpose=LinkPurpose.LEAVER_TYPED, row=17, random=RANDOM).partition("-")[2]) == len("xxxx-" * 4) - 1


def test_a_code_ends_with_the_random_and_fits_no_other_row_or_purpose() -> None:
    read = read_code(code(purpose=LinkPurpose.LEAVER_TYPED, row=17, random=RANDOM))
    assert not read.fits(purpose=LinkPurpose.LEAVER_TYPED, random=new_random())
    assert not read.fits(purpose=LinkPurpose.LEAVER_TYPED, random="")
    assert not read.fits(purpose=LinkPurpose.PREFERENCES, random=RANDOM)
    other = code(purpose=LinkPurpose.LEAVER_TYPED, row=18, random=RANDOM).split("-")[0]
    printed = code(purpose=LinkPurpose.LEAVER_TYPED, row=17, random=RANDOM)
    moved = read_code("-".join([other, *printed.split("-")[1:]]))
    assert not moved.fits(purpose=LinkPurpose.LEAVER_TYPED, random=RANDOM)


@pytest.mark.parametrize("nonsense", ["", "abcd", "a" * 16, "a" * 28, "a" * 1_000_000, "0" * 20, "ж" * 20, "a/b" * 9])
def test_what_is_no_code_is_refused(nonsense: str) -> None:
    with pytest.raises(TokenInvalidError):
        read_code(nonsense)


def test_a_code_under_a_former_key_still_opens_until_that_key_goes(settings: Any) -> None:
    settings.SECRET_KEY = "the key of last year, which was long enough"
    read = read_code(code(purpose=LinkPurpose.LEAVER_TYPED, row=3, random=RANDOM))
    settings.SECRET_KEY = "the key of this year, which is long enough"
    assert not read.fits(purpose=LinkPurpose.LEAVER_TYPED, random=RANDOM)
    settings.SECRET_KEY_FALLBACKS = ["the key of last year, which was long enough"]
    assert read.fits(purpose=LinkPurpose.LEAVER_TYPED, random=RANDOM)
