"""Words that often speak of what is nobody's business, in four languages."""

import pytest

from perennial.departures.exit.private_words import speaks_of_private_life


@pytest.mark.parametrize(
    "text",
    [
        "I was SICK for weeks",
        "after my Burn-out nobody called",
        "my manager joked about my headscarf",
        "since I joined the trade union",
        "Ik was zwanger toen het begon",
        "de ondernemingsraad",
        "Wegen meiner Krankheit",
        "als Betriebsrätin",
        "meine Herkunft spielte eine Rolle",
        "Из-за беременности",
        "я состою в профсоюзе",
        "моё здоровье",
        "my co-worker is gay",
    ],
)
def test_what_may_be_private_is_seen(text: str) -> None:
    assert speaks_of_private_life(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "More daylight, please",
        "The jewellery of the trade fair",
        "Ik geloof dat het beter kan",
        "Die Arbeit war schön, das Team auch",
        "Здорово, что был обед",
        "в зависимости от проекта",
        "operational planning",
    ],
)
def test_what_is_about_the_work_is_not(text: str) -> None:
    assert not speaks_of_private_life(text)
