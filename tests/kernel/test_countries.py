"""Countries as people and lists write them."""

import pytest

from perennial.kernel.countries import choices, codes, name_of, of_time_zone, recognise


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("NL", "NL"),
        (" nl ", "NL"),
        ("NLD", "NL"),
        ("Niederlande", "NL"),
        ("Nederland", "NL"),
        ("The Netherlands", "NL"),
        ("Нидерланды", "NL"),
        ("Duitsland", "DE"),
        ("DEUTSCHLAND", "DE"),
        ("германия", "DE"),
        ("Russia", "RU"),
        ("Rusland", "RU"),
        ("Russland", "RU"),
        ("РОССИЯ", "RU"),
        ("Российская Федерация", "RU"),
        ("Russian Federation", "RU"),
        ("rus", "RU"),
        ("België", "BE"),
        ("Belgie", "BE"),
        ("USA", "US"),
        ("UK", "GB"),
        ("Österreich", "AT"),
    ],
)
def test_a_country_is_known_by_code_and_by_name_in_four_languages(text: str, code: str) -> None:
    assert recognise(text) == code


@pytest.mark.parametrize("text", ["", "Amsterdam", "EU", "XX", "Europe", "001", "Neverland", "R"])
def test_what_names_no_country_is_not_taken_for_one(text: str) -> None:
    assert recognise(text) is None


def test_every_country_is_recognised_by_every_name_we_give_it() -> None:
    for language in ("en", "nl", "de", "ru"):
        for code, name in choices(language=language):
            assert recognise(name) == code, name
    assert {"NL", "DE", "RU", "BE"} <= codes()
    assert name_of("NL", language="de") == "Niederlande"
    assert name_of("??", language="en") == "??"


def test_a_time_zone_may_say_where_the_house_stands() -> None:
    assert of_time_zone("Europe/Amsterdam") == "NL"
    assert of_time_zone("Europe/Moscow") == "RU"
    assert of_time_zone("UTC") == ""
