"""The words of people's records: kept once, forgotten with the last who has them, found when mistyped."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perennial.people import words
from perennial.people.actions import correct_person
from perennial.people.models import Person, Word
from perennial.privacy.actions import erase
from tests.cast import NOW, person


def kept() -> list[str]:
    return list(Word.objects.order_by("text").values_list("text", flat=True))


@pytest.mark.django_db
def test_words_of_letters_are_kept_once_and_nothing_else() -> None:
    words.keep(["anna van der o'neill anna@home.example 4711 q3 smith-jones", "anna ab " + "x" * 41])
    words.keep(["anna der"])
    assert kept() == ["anna", "der", "o'neill", "smith-jones", "van"]


@pytest.mark.django_db
def test_a_word_goes_with_the_last_who_has_it() -> None:
    alice = person("Alice Winterswijk", title="Hydrologist")
    bob = person("Bob Winterswijk", title="Planner")
    assert kept() == ["alice", "bob", "hydrologist", "planner", "winterswijk"]
    erase(person=alice, by="test", now=NOW)
    assert kept() == ["bob", "planner", "winterswijk"]
    correct_person(person=bob, full_name="Bob Stone", called="", language="en", by="test", now=NOW)
    assert kept() == ["bob", "planner", "stone"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("wilelms", ["willems"]),  # swapped
        ("willem", ["willems"]),  # short of a letter
        ("wyllems", ["willems"]),  # another
        ("willlems", ["willems"]),  # one too many
        ("hydorlogist", ["hydrologist"]),
        ("смирнава", ["смирнова"]),
        ("boe", []),  # too short to tell
        ("xylophone", []),
    ],
)
def test_a_mistyped_word_stands_for_those_spelled_alike(typed: str, meant: list[str]) -> None:
    words.keep(["willems wilson hydrologist boer смирнова williams"])
    assert words.alike(typed)[:1] == meant


LETTERS = st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=5, max_size=12)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=LETTERS, at=st.integers(0, 11), crowd=st.lists(LETTERS, max_size=10))
def test_one_letter_left_out_still_finds_the_word(db: None, name: str, at: int, crowd: list[str]) -> None:
    Word.objects.all().delete()
    words.keep([" ".join([name, *crowd])])
    at %= len(name)
    typed = name[:at] + name[at + 1 :]
    options = words.alike(typed)
    # At most four stand for the one typed; none of them is less alike than the one that was meant.
    assert name in options or all(words.likeness(typed, each) >= words.likeness(typed, name) for each in options)
    assert options


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one write at a time")
def test_two_who_bring_the_same_new_words_do_not_wait_for_each_other() -> None:
    """Each writes what the other is about to write. Waiting in turn they would stop each other for ever."""
    began, go_on = threading.Event(), threading.Event()

    def other() -> None:
        try:
            with transaction.atomic():
                words.keep(["zebra"])
                began.set()
                assert go_on.wait(10)
                words.keep(["aardvark"])
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        others = pool.submit(other)
        assert began.wait(10)
        with transaction.atomic():
            words.keep(["aardvark"])
            words.keep(["zebra", "heron"])
            go_on.set()
            others.result(timeout=10)
    assert kept() == ["aardvark", "heron", "zebra"]


@pytest.mark.django_db
def test_a_name_mistyped_twice_finds_the_person(client: Any) -> None:
    from perennial.people.directory import Filters, find

    person("Tobias Willems")
    person("Bob Stone")
    found = find(among=Person.objects.all(), filters=Filters(text="tobais wilelms"), size=25)
    assert [each.full_name for each in found.people] == ["Tobias Willems"]
    assert found.near
