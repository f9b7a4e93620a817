"""The journal of erasures: only added to, whole after a crash, and never believed when it is damaged."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from perennial.privacy.actions import erase
from perennial.privacy.journal import Entry, JournalDamagedError, append, entries, path
from perennial.privacy.models import Erasure
from perennial.privacy.replaying import replay
from perennial.privacy.settling import settle
from tests.cast import NOW, person


@pytest.fixture(autouse=True)
def data_folder(settings: Any, tmp_path: Path) -> None:
    settings.PERENNIAL_DATA_DIR = tmp_path


def entry(number: int, *marks: str) -> Entry:
    return Entry(f"key{number}", frozenset(marks or {f"mark{number}"}), NOW)


def three() -> list[bytes]:
    append([entry(1), entry(2), entry(3)])
    return path().read_bytes().splitlines(keepends=True)


def test_what_is_written_is_read_and_only_this_user_may() -> None:
    assert entries() == []
    assert append([entry(1, "a", "b")]) == 1
    assert append([entry(2)]) == 1
    assert entries() == [entry(1, "a", "b"), entry(2)]
    assert stat.S_IMODE(path().stat().st_mode) == 0o600


def test_what_it_holds_already_is_not_written_twice_and_more_marks_are() -> None:
    append([entry(1, "a")])
    assert append([entry(1, "a"), entry(1)]) == 1
    assert append([entry(1, "a", "mark1")]) == 0
    assert [each.marks for each in entries()] == [{"a"}, {"mark1"}]


def test_lines_are_added_to_and_none_is_changed() -> None:
    before = b"".join(three())
    append([entry(4)])
    assert path().read_bytes().startswith(before)


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("damage", ["changed", "no json", "a list", "without marks", "not utf-8"])
def test_a_line_that_is_damaged_is_said(number: int, damage: str) -> None:
    lines = three()
    told = json.loads(lines[number])
    lines[number] = {
        "changed": lines[number].replace(b"key", b"kex"),
        "no json": b"{\n",
        "a list": b"[]\n",
        "without marks": json.dumps({name: told[name] for name in ("key", "at", "sum")}).encode() + b"\n",
        "not utf-8": b"\xff\xfe\n",
    }[damage]
    path().write_bytes(b"".join(lines))
    with pytest.raises(JournalDamagedError, match=rf"Line {number + 1} of .* is damaged"):
        entries()
    with pytest.raises(JournalDamagedError):
        append([entry(9)])
    assert path().read_bytes() == b"".join(lines)


@pytest.mark.parametrize("gone", [0, 1])
def test_a_line_that_is_missing_before_another_is_said(gone: int) -> None:
    lines = three()
    del lines[gone]
    path().write_bytes(b"".join(lines))
    with pytest.raises(JournalDamagedError, match="missing"):
        entries()


def test_a_last_line_cut_off_is_refused_for_reading_and_taken_away_before_writing() -> None:
    lines = three()
    path().write_bytes(b"".join(lines)[:-10])
    with pytest.raises(JournalDamagedError, match=r"The last line of .* is cut off"):
        entries()
    assert append([entry(3)]) == 1
    assert path().read_bytes() == b"".join(lines)


def test_two_processes_write_one_after_the_other() -> None:
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda number: append([entry(number)]), range(40))) == 40
    assert {each.key for each in entries()} == {f"key{number}" for number in range(40)}


@pytest.mark.django_db(transaction=True)
def test_an_erasure_stands_in_the_journal_once_it_is_committed() -> None:
    someone = person("Alice van Dam", private="alice@home.example")
    erase(person=someone, by="user:1", now=NOW)
    row = Erasure.objects.get()
    assert entries() == [Entry(someone.key, frozenset(row.marks), NOW)]
    assert len(row.marks) == 2
    assert row.settled_at == NOW
    assert b"alice" not in path().read_bytes().lower()


@pytest.mark.django_db
def test_an_erasure_that_crashed_before_the_journal_is_written_by_the_next_tick() -> None:
    someone = person("Alice van Dam", private="alice@home.example")
    # Within the test's transaction nothing is committed, as if the process had died there.
    erase(person=someone, by="user:1", now=NOW)
    assert entries() == []
    settle(now=NOW + timedelta(minutes=1))
    assert [each.key for each in entries()] == [someone.key]


@pytest.mark.django_db
def test_a_journal_that_is_gone_is_written_anew_from_the_table() -> None:
    keys = []
    for name in ("Alice van Dam", "Bob Stone"):
        someone = person(name)
        keys.append(someone.key)
        erase(person=someone, by="user:1", now=NOW)
    Erasure.objects.update(settled_at=NOW)
    assert replay(thoroughly=False, now=NOW) == 0
    assert [each.key for each in entries()] == keys


@pytest.mark.django_db(transaction=True)
def test_a_damaged_journal_keeps_nobody_from_being_erased(caplog: pytest.LogCaptureFixture) -> None:
    path().write_text("nonsense\n")
    someone = person("Alice van Dam")
    erase(person=someone, by="user:1", now=NOW)
    assert not type(someone).objects.exists()
    assert "is damaged" in caplog.text
    assert Erasure.objects.get().settled_at is None
    with pytest.raises(JournalDamagedError):
        replay(thoroughly=False, now=NOW)
