"""What is told once a day: also when two look at the same moment, and as many as one sees in a day."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event as Signal

import pytest
from django.db import connection, transaction

from perennial.audit.actions import record, record_seen
from perennial.audit.models import Event
from perennial.audit.queries import Taken, taken
from tests.accounts.test_races import at_once
from tests.cast import NOW, TODAY

SEEN = "people.seen"


def look(key: str = "alice", *, by: str = "user:3", days: int = 0, most: int = 500) -> bool:
    return record_seen(
        deed=SEEN,
        by=by,
        now=NOW + timedelta(days=days),
        on=TODAY + timedelta(days=days),
        subject_kind="person",
        subject_key=key,
        most=most,
    )


@pytest.mark.django_db
def test_each_colleague_day_and_person_is_told_once() -> None:
    for _time in range(3):
        assert look() is True
    assert [look("bob"), look(by="user:4"), look(days=1)] == [True, True, True]
    assert Event.objects.count() == 4


@pytest.mark.django_db
def test_as_many_as_were_said_are_seen_and_those_again() -> None:
    assert [look(key, most=2) for key in ("alice", "bob", "carol")] == [True, True, False]
    assert Event.objects.count() == 2
    assert [look("alice", most=2), look("carol", most=2)] == [True, False]
    assert [look("carol", by="user:4", most=2), look("carol", days=1, most=2)] == [True, True]


@pytest.mark.django_db(transaction=True)
def test_a_look_while_another_is_being_written_down_is_told_once() -> None:
    """The second begins before the first is there for it to see; without the constraint both would be told."""
    first_has_written = Signal()

    def first() -> bool:
        try:
            with transaction.atomic():
                seen = look()
                first_has_written.set()
                time.sleep(0.5)
            return seen
        finally:
            connection.close()

    def second() -> bool:
        try:
            assert first_has_written.wait(10)
            return look()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        looks = [pool.submit(first), pool.submit(second)]
    assert [each.result() for each in looks] == [True, True]
    assert Event.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_are_told_once() -> None:
    assert at_once(*[look] * 8) == ["done"] * 8
    assert Event.objects.count() == 1


@pytest.mark.django_db
def test_what_was_taken_is_summed_for_each_colleague() -> None:
    for number in range(3):
        look(f"person{number}")
    look(days=-1)
    for by, rows in (("user:3", 40), ("user:3", 2), ("user:4", 7)):
        record(deed="people.exported", by=by, now=NOW, details={"rows": rows, "format": "csv"})
    record(deed="people.exported", by="user:4", now=NOW - timedelta(days=1), details={"rows": 1_000})
    record(deed="people.corrected", by="user:5", now=NOW, details={"rows": 9})
    since = NOW - timedelta(hours=9)
    assert taken(seen=SEEN, files=("people.exported",), since=since) == [
        Taken("user:3", 3, 42),
        Taken("user:4", 0, 7),
    ]
    assert taken(seen=SEEN, files=(), since=since, by="user:4") == []
