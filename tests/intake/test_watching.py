"""The watched folder: whole files are taken in once, questions wait, and what came of it lies beside the file."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from perennial.desk.today.items import things_to_do
from perennial.intake import watching
from perennial.intake.actions import choose_columns
from perennial.intake.enums import ImportState
from perennial.intake.models import ImportRun
from perennial.intake.running import mapping_of
from perennial.intake.watching import Watched, watch
from perennial.kernel.clock import now as clock_now
from perennial.people.models import Person
from tests.cast import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("programme")]

GOOD = "Employee number;Full name;Last day\n1;Alice Winter;2026-10-14\n2;Bob Summer;2026-10-15\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(watching, "SETTLED_AFTER", 0.0)
    place = tmp_path / "drop"
    (place / "hr-nl").mkdir(parents=True)
    return place


def told(folder: Path) -> dict[str, Any]:
    [path] = folder.glob("*.json")
    answer: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return answer


def test_a_dropped_file_is_taken_in_and_put_aside_with_what_came_of_it(folder: Path) -> None:
    (folder / "hr-nl" / "leavers.csv").write_text(GOOD + "3;;2026-10-15\n", encoding="utf-8")
    assert watch(folder=folder, now=NOW) == Watched(taken=1, applied=1, put_aside=1)
    run = ImportRun.objects.get()
    assert (run.source, run.file_name, run.state, run.watched_path) == ("hr-nl", "leavers.csv", ImportState.DONE, "")
    assert sorted(Person.objects.values_list("full_name", flat=True)) == ["Alice Winter", "Bob Summer"]
    answer = told(folder / "hr-nl" / "done")
    assert (answer["file"], answer["key"], answer["created"], answer["rejected"]) == ("leavers.csv", run.key, 2, 1)
    rejected = folder / "hr-nl" / "done" / answer["errors_file"]
    assert "There is no name." in rejected.read_text(encoding="utf-8-sig")
    assert len(list((folder / "hr-nl" / "done").iterdir())) == 3
    assert list((folder / "hr-nl" / ".taken").iterdir()) == []
    assert watch(folder=folder, now=NOW) == Watched()


def test_the_same_file_again_changes_nothing(folder: Path) -> None:
    for _time in range(2):
        (folder / "leavers.csv").write_text(GOOD, encoding="utf-8")
        watch(folder=folder, now=NOW)
    counts = ImportRun.objects.order_by("pk").values_list("created", "updated", "unchanged")
    assert list(counts) == [(2, 0, 0), (0, 0, 2)]


def test_what_may_still_be_written_is_left_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "SETTLED_AFTER", 60.0)
    path = folder / "leavers.csv"
    path.write_text(GOOD, encoding="utf-8")
    # That its time was set back, as a copying program may do, makes it no older.
    os.utime(path, (1, 1))
    assert watch(folder=folder, now=NOW) == Watched()
    later = clock_now() + timedelta(seconds=61)
    monkeypatch.setattr(watching, "clock_now", lambda: later)
    assert watch(folder=folder, now=NOW).taken == 1


def test_unfinished_hidden_and_linked_files_are_ignored(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text(GOOD, encoding="utf-8")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "leavers.csv").write_text(GOOD, encoding="utf-8")
    for name in ("leavers.csv.part", "leavers.TMP", ".leavers.csv"):
        (folder / name).write_text(GOOD, encoding="utf-8")
    (folder / "linked.csv").symlink_to(outside)
    (folder / "linked").symlink_to(elsewhere)
    os.mkfifo(folder / "pipe.csv")
    assert watch(folder=folder, now=NOW) == Watched()
    assert outside.exists()
    assert (elsewhere / "leavers.csv").exists()


def test_a_file_that_is_no_list_is_refused_with_the_reason(folder: Path) -> None:
    (folder / "leavers.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    assert watch(folder=folder, now=NOW) == Watched(refused=1)
    assert told(folder / "refused")["refused"]
    assert not ImportRun.objects.exists()
    assert watch(folder=folder, now=NOW) == Watched()


def test_a_question_waits_for_a_colleague_and_then_it_goes_on(folder: Path) -> None:
    (folder / "hr-nl" / "leavers.csv").write_text(
        "Employee number;Full name;Last day\n1;Alice Winter;03-04-2026\n", encoding="utf-8"
    )
    assert watch(folder=folder, now=NOW) == Watched(taken=1)
    run = ImportRun.objects.get()
    assert (run.state, run.date_example) == (ImportState.MAPPING, "03-04-2026")
    items = [str(item.sentence) for item in things_to_do(role="hr", now=NOW)]
    assert items == ["The list leavers.csv of hr-nl waits for an answer."]
    choose_columns(run=run, mapping=mapping_of(run), date_order="dmy", by="user:1", now=NOW)
    assert watch(folder=folder, now=NOW) == Watched(applied=1, put_aside=1)
    assert Person.objects.count() == 1
    assert things_to_do(role="hr", now=NOW) == []


def test_what_a_killed_process_had_claimed_is_taken_up_again(folder: Path) -> None:
    (folder / ".taken").mkdir()
    (folder / ".taken" / "abc.leavers.csv").write_text(GOOD, encoding="utf-8")
    assert watch(folder=folder, now=NOW) == Watched(taken=1, applied=1, put_aside=1)
    assert ImportRun.objects.get().file_name == "leavers.csv"


def test_only_one_process_looks_at_a_time(folder: Path) -> None:
    (folder / "leavers.csv").write_text(GOOD, encoding="utf-8")
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import fcntl, sys, time; f = open(sys.argv[1], 'w'); fcntl.flock(f, fcntl.LOCK_EX);"
            " print('held', flush=True); time.sleep(600)",
            str(folder / ".watched"),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    assert watch(folder=folder, now=NOW) == Watched()
    holder.kill()
    holder.communicate()
    assert watch(folder=folder, now=NOW).taken == 1


def test_what_was_put_aside_is_forgotten_after_thirty_days(folder: Path) -> None:
    (folder / "leavers.csv").write_text(GOOD, encoding="utf-8")
    watch(folder=folder, now=clock_now())
    assert len(list((folder / "done").iterdir())) == 2
    watch(folder=folder, now=clock_now() + timedelta(days=31))
    assert list((folder / "done").iterdir()) == []
