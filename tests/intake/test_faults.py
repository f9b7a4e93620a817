"""Killed in the middle, cancelled, two at once: whole batches or none, and nobody twice."""

import os
import random
import subprocess
import sys
import threading
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connection, connections

from perennial.audit.models import Event
from perennial.departures.models import Departure
from perennial.intake import applying, running, steps, upkeep
from perennial.intake.at_once import run_import
from perennial.intake.enums import ImportState
from perennial.intake.errors_file import folder
from perennial.intake.models import ImportRun, StagedRow
from perennial.intake.receiving import receive_file
from perennial.intake.running import mapping_of
from perennial.intake.steps import NotNowError
from perennial.kernel.clock import now as clock_now
from perennial.people.models import EmailAddress, Person, Stint
from perennial.privacy.actions import erase
from tests import cast
from tests.cast import NOW

HEADER = "Employee number,Full name,Business e-mail,First day,Last day\n"


def write_people(path: Path, numbers: range) -> Path:
    lines = [f"{n},Person Number{n},p{n}@employer.example,2019-01-01,2026-10-{1 + n % 28:02d}\n" for n in numbers]
    path.write_text(HEADER + "".join(lines))
    return path


def received(path: Path) -> ImportRun:
    """A run that was compared and waits to be applied."""
    run = receive_file(chunks=[path.read_bytes()], file_name=path.name, source="hr", by="user:1", now=NOW)
    steps.choose_columns(run=run, mapping=mapping_of(run), by="user:1", now=NOW)
    run.refresh_from_db()
    assert run.state == ImportState.READY
    return run


def queued(path: Path) -> ImportRun:
    run = received(path)
    ImportRun.objects.filter(pk=run.pk).update(state=ImportState.QUEUED)
    return run


def aged(run: ImportRun) -> None:
    """As if its process had given no sign for two minutes."""
    ImportRun.objects.filter(pk=run.pk).update(heartbeat_at=clock_now() - timedelta(minutes=2))


def assert_everybody_once(numbers: range) -> None:
    assert Person.objects.count() == Stint.objects.count() == EmailAddress.objects.count() == len(numbers)
    assert set(Stint.objects.values_list("employee_number", flat=True)) == {str(number) for number in numbers}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_killed_at_any_point_it_goes_on_with_nobody_missing_and_nobody_twice(tmp_path: Path) -> None:
    cast.programme()
    # Four lives of at most four batches each leave some of the twenty for the last one.
    numbers, batch, allowed = range(4000), 200, 4
    run = queued(write_people(tmp_path / "people.csv", numbers))
    name = str(connection.settings_dict["NAME"])
    # As the suite's own settings would: the child makes no keys of its own.
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": os.getcwd()}
    chance = random.Random(7)  # noqa: S311 - not a secret
    for _kill in range(4):
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.intake.crash", str(run.pk), str(batch), name, str(allowed)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        for _batch in range(chance.randint(1, 3)):
            child.stdout.readline()
        time.sleep(chance.random() * 0.02)
        child.kill()
        child.communicate()
        run.refresh_from_db()
        assert run.state == ImportState.APPLYING
        # Whole batches, and what the run says is what is there.
        assert Person.objects.count() % batch == 0
        assert Person.objects.count() == Stint.objects.count() == EmailAddress.objects.count() == run.progress_done
        aged(run)
    done_before = Person.objects.count()
    assert 0 < done_before < len(numbers)
    assert upkeep.resume_abandoned(now=NOW) == 1
    run.refresh_from_db()
    assert (run.state, run.created, run.rejected) == (ImportState.DONE, len(numbers), 0)
    assert_everybody_once(numbers)
    assert sum(event.details["created"] for event in Event.objects.filter(deed="intake.batch_applied")) == len(numbers)


@pytest.mark.postgresql
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="needs PostgreSQL: SQLite has one writer at a time")
def test_two_overlapping_files_at_once_make_nobody_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cast.programme()
    monkeypatch.setattr(applying, "BATCH", 150)
    runs = [
        queued(write_people(tmp_path / "one.csv", range(2000))),
        queued(write_people(tmp_path / "two.csv", range(1000, 3000))),
    ]
    failed: list[BaseException] = []

    def work(run: ImportRun) -> None:
        try:
            worker = running.claim(run_id=run.pk, state=ImportState.QUEUED, becomes=ImportState.APPLYING)
            assert worker is not None
            running.apply_all(run_id=run.pk, worker=worker, now=NOW)
        except BaseException as error:  # noqa: BLE001 - a thread's error is the test's
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert [run.state for run in ImportRun.objects.order_by("pk")] == [ImportState.DONE, ImportState.DONE]
    assert_everybody_once(range(3000))
    assert sum(run.created for run in ImportRun.objects.all()) == 3000


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="needs PostgreSQL: SQLite has no connection to lose")
def test_a_lost_connection_leaves_whole_batches_and_it_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cast.programme()
    monkeypatch.setattr(applying, "BATCH", 4)
    run = queued(write_people(tmp_path / "p.csv", range(10)))
    ours, calls = applying._write, []

    def loses_the_connection(*given: Any, **named: Any) -> Any:
        written = ours(*given, **named)
        calls.append(1)
        if len(calls) == 2:
            other = connection.copy()
            with other.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
            other.close()
        return written

    monkeypatch.setattr(applying, "_write", loses_the_connection)
    worker = running.claim(run_id=run.pk, state=ImportState.QUEUED, becomes=ImportState.APPLYING)
    assert worker is not None
    with pytest.raises((OperationalError, InterfaceError)):
        running.apply_all(run_id=run.pk, worker=worker, now=NOW)
    run.refresh_from_db()
    # A new connection was at hand to say so.
    assert (run.state, run.progress_done, Person.objects.count()) == (ImportState.FAILED, 4, 4)
    steps.resume(run=run, by="user:1", now=NOW)
    run.refresh_from_db()
    assert (run.state, run.created) == (ImportState.DONE, 10)
    assert_everybody_once(range(10))


@pytest.mark.django_db
def test_two_files_compared_before_either_was_applied_make_nobody_twice(tmp_path: Path) -> None:
    """The race of the test above, without luck: the second was compared when nobody was on file."""
    cast.programme()
    first = received(write_people(tmp_path / "one.csv", range(10)))
    second = received(write_people(tmp_path / "two.csv", range(5, 15)))
    assert (first.created, second.created) == (10, 10)
    for run in (first, second):
        steps.apply(run=run, by="user:1", now=NOW)
    second.refresh_from_db()
    assert (second.created, second.updated, second.unchanged) == (5, 0, 5)
    assert_everybody_once(range(15))


@pytest.mark.django_db
def test_who_was_erased_after_the_comparison_stays_erased(tmp_path: Path) -> None:
    cast.programme()
    run_import(
        path=write_people(tmp_path / "a.csv", range(2)), source="hr", apply=True, date_order=None, by="t", now=NOW
    )
    path = tmp_path / "b.csv"
    path.write_text(HEADER + "0,Person Number0,p0@employer.example,2019-01-01,2027-01-31\n")
    # Its turn comes later: a list nobody said yes to yet is thrown away with the person, see `tests/privacy`.
    run = queued(path)
    assert run.updated == 1
    erase(person=Person.objects.get(full_name="Person Number0"), by="t", now=NOW)
    worker = running.claim(run_id=run.pk, state=ImportState.QUEUED, becomes=ImportState.APPLYING)
    assert worker is not None
    running.apply_all(run_id=run.pk, worker=worker, now=NOW)
    run.refresh_from_db()
    assert run.state == ImportState.DONE
    assert list(Person.objects.values_list("full_name", flat=True)) == ["Person Number1"]


@pytest.mark.django_db
def test_who_asked_us_only_to_store_after_the_comparison_is_held_back(tmp_path: Path) -> None:
    cast.programme()
    run_import(
        path=write_people(tmp_path / "a.csv", range(1)), source="hr", apply=True, date_order=None, by="t", now=NOW
    )
    path = tmp_path / "b.csv"
    path.write_text(HEADER + "0,Person Number0,p0@employer.example,2019-01-01,2027-01-31\n")
    run = queued(path)
    Person.objects.update(stored_only_since=NOW)
    worker = running.claim(run_id=run.pk, state=ImportState.QUEUED, becomes=ImportState.APPLYING)
    assert worker is not None
    running.apply_all(run_id=run.pk, worker=worker, now=NOW)
    run.refresh_from_db()
    assert (run.state, run.updated, run.rejected, run.conflicts) == (ImportState.DONE, 0, 1, 0)
    assert Stint.objects.get().ends_on != date(2027, 1, 31)


@pytest.mark.django_db
def test_a_process_that_lost_its_import_writes_nothing_more(tmp_path: Path) -> None:
    cast.programme()
    run = queued(write_people(tmp_path / "p.csv", range(5)))
    lost = running.claim(run_id=run.pk, state=ImportState.QUEUED, becomes=ImportState.APPLYING)
    assert lost is not None
    assert running.claim(run_id=run.pk, state=ImportState.QUEUED, becomes=ImportState.APPLYING) is None
    aged(run)
    assert running.claim(run_id=run.pk, state=ImportState.QUEUED, becomes=ImportState.APPLYING) is not None
    running.apply_all(run_id=run.pk, worker=lost, now=NOW)
    assert Person.objects.count() == 0


@pytest.mark.django_db
def test_stopping_keeps_whole_batches_and_the_same_file_goes_on(tmp_path: Path, monkeypatch: Any) -> None:
    cast.programme()
    monkeypatch.setattr(applying, "BATCH", 4)
    path = write_people(tmp_path / "p.csv", range(10))
    run = queued(path)
    worker = running.claim(run_id=run.pk, state=ImportState.QUEUED, becomes=ImportState.APPLYING)
    assert worker is not None
    ours = running.apply_batch

    def stopped_after_one(**asked: Any) -> bool:
        more = ours(**asked)
        held = ImportRun.objects.get(pk=run.pk)
        if not held.cancel_requested:
            steps.cancel(run=held, by="user:1", now=NOW)
        return more

    monkeypatch.setattr(running, "apply_batch", stopped_after_one)
    running.apply_all(run_id=run.pk, worker=worker, now=NOW)
    run.refresh_from_db()
    assert (run.state, run.created, run.departures, run.stored_path) == (ImportState.CANCELLED, 4, 4, "")
    assert (Person.objects.count(), Departure.objects.count(), StagedRow.objects.count()) == (4, 4, 0)
    with pytest.raises(NotNowError):
        steps.cancel(run=run, by="user:1", now=NOW)
    monkeypatch.setattr(running, "apply_batch", ours)
    again = run_import(path=path, source="hr", apply=True, date_order=None, by="t", now=NOW)
    assert (again.created, again.unchanged) == (6, 4)


@pytest.mark.django_db
def test_an_error_in_the_middle_is_said_and_can_be_resumed(tmp_path: Path, monkeypatch: Any) -> None:
    cast.programme()
    monkeypatch.setattr(applying, "BATCH", 4)
    run = queued(write_people(tmp_path / "p.csv", range(10)))
    ours = applying._write
    calls = []

    def breaks_the_second_time(*given: Any, **named: Any) -> Any:
        calls.append(1)
        written = ours(*given, **named)
        if len(calls) == 2:
            raise RuntimeError("disk full")
        return written

    monkeypatch.setattr(applying, "_write", breaks_the_second_time)
    worker = running.claim(run_id=run.pk, state=ImportState.QUEUED, becomes=ImportState.APPLYING)
    assert worker is not None
    with pytest.raises(RuntimeError):
        running.apply_all(run_id=run.pk, worker=worker, now=NOW)
    run.refresh_from_db()
    assert run.state == ImportState.FAILED
    assert "nothing is half done" in run.failure
    assert Person.objects.count() == 4
    steps.resume(run=run, by="user:1", now=NOW)
    run.refresh_from_db()
    assert (run.state, run.created) == (ImportState.DONE, 10)
    assert_everybody_once(range(10))


@pytest.mark.django_db
def test_only_what_gave_no_sign_for_a_minute_is_resumed(tmp_path: Path) -> None:
    cast.programme()
    run = queued(write_people(tmp_path / "p.csv", range(3)))
    ImportRun.objects.filter(pk=run.pk).update(heartbeat_at=clock_now())
    assert upkeep.resume_abandoned(now=NOW) == 0
    with pytest.raises(NotNowError):
        steps.resume(run=run, by="user:1", now=NOW)
    aged(run)
    assert upkeep.resume_abandoned(now=NOW) == 1
    assert Person.objects.count() == 3
    assert upkeep.resume_abandoned(now=NOW) == 0


@pytest.mark.django_db
def test_a_comparison_that_was_killed_begins_anew(tmp_path: Path) -> None:
    cast.programme()
    run = received(write_people(tmp_path / "p.csv", range(3)))
    ImportRun.objects.filter(pk=run.pk).update(state=ImportState.STAGING, worker="killed")
    aged(run)
    assert upkeep.resume_abandoned(now=NOW) == 1
    run.refresh_from_db()
    assert (run.state, run.created, StagedRow.objects.count()) == (ImportState.READY, 3, 3)


@pytest.mark.django_db
def test_files_and_rows_are_forgotten_after_a_month(tmp_path: Path) -> None:
    cast.programme()
    path = tmp_path / "p.csv"
    path.write_text(HEADER + "1,,x@employer.example,,2026-10-14\n")
    run_import(path=path, source="hr", apply=True, date_order=None, by="t", now=NOW)
    left_lying = received(write_people(tmp_path / "q.csv", range(3)))
    dry = run_import(path=path, source="hr", apply=False, date_order=None, by="t", now=NOW)
    assert upkeep.forget_old(now=NOW + timedelta(days=29)) == 0
    old = (NOW - timedelta(days=40)).timestamp()
    os.utime(dry.errors_file or "", (old, old))
    assert upkeep.forget_old(now=NOW + timedelta(days=31)) == 2
    assert StagedRow.objects.count() == 0
    left_lying.refresh_from_db()
    assert left_lying.state == ImportState.CANCELLED
    mine = {left_lying.key, *ImportRun.objects.values_list("key", flat=True)}
    assert [each for each in folder().iterdir() if any(key in each.name for key in mine)] == []
    assert not Path(dry.errors_file or "").exists()
    assert upkeep.forget_old(now=NOW + timedelta(days=31)) == 0
