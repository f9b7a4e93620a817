"""The watched folder: whole files are taken in once, questions wait, and what came of it lies beside the file."""

import json
import os
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perennial.audit.models import Event
from perennial.desk.today.items import things_to_do
from perennial.intake import receiving, watching
from perennial.intake.drop_folder import forget_claimed, safe_name
from perennial.intake.enums import ImportState
from perennial.intake.errors_file import folder as kept_in
from perennial.intake.models import ImportRun
from perennial.intake.privacy import forget_person
from perennial.intake.running import mapping_of
from perennial.intake.steps import choose_columns
from perennial.intake.watching import Watched, watch
from perennial.kernel.clock import now as clock_now
from perennial.operate.soundness import findings
from perennial.operate.tick import TickReport, tick
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
    # The rejected rows stay with the import alone.
    assert "There is no name." in Path(run.errors_path).read_text(encoding="utf-8-sig")
    assert len(list((folder / "hr-nl" / "done").iterdir())) == 2
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


@pytest.mark.parametrize("name", [".taken", "done", "refused"])
def test_a_link_in_place_of_our_folders_is_not_followed(folder: Path, tmp_path: Path, name: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "keys.json").write_text("{}", encoding="utf-8")
    (folder / "hr-nl" / name).symlink_to(elsewhere)
    (folder / "hr-nl" / "leavers.csv").write_text(GOOD, encoding="utf-8")
    (folder / "leavers.csv").write_text(GOOD, encoding="utf-8")
    # The folder beside it goes on.
    assert watch(folder=folder, now=NOW) == Watched(taken=1, applied=1, put_aside=1)
    watch(folder=folder, now=clock_now() + timedelta(days=31))
    assert [path.name for path in elsewhere.iterdir()] == ["keys.json"]
    assert (folder / "hr-nl" / "leavers.csv").exists()


def test_a_link_made_while_a_list_waits_leads_nowhere(folder: Path, tmp_path: Path) -> None:
    (folder / "leavers.csv").write_text("Employee number;Full name;Last day\n1;Alice Winter;03-04-2026\n")
    watch(folder=folder, now=NOW)
    run = ImportRun.objects.get()
    claimed = Path(run.watched_path)
    elsewhere = tmp_path / "elsewhere"
    claimed.parent.rename(elsewhere)
    claimed.parent.symlink_to(elsewhere)
    ImportRun.objects.update(state=ImportState.CANCELLED)
    assert watch(folder=folder, now=NOW) == Watched()
    forget_claimed(run.watched_path)
    assert [path.name for path in elsewhere.iterdir()] == [claimed.name]


def test_a_folder_of_somebody_else_is_left_alone_and_check_says_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "done").mkdir()
    (folder / "leavers.csv").write_text(GOOD, encoding="utf-8")
    somebody = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: somebody)
    assert watch(folder=folder, now=NOW) == Watched()
    assert "A watched folder is left alone" in caplog.text
    monkeypatch.setenv("PERENNIAL_WATCH_DIR", str(folder))
    [finding] = [each for each in findings() if str(folder) in each.sentence]
    assert not finding.ok
    assert "left alone" in finding.sentence
    monkeypatch.undo()
    monkeypatch.setenv("PERENNIAL_WATCH_DIR", str(folder))
    assert [each.ok for each in findings() if str(folder) in each.sentence] == [True]


def test_odd_names_are_taken_in_under_safe_ones(folder: Path) -> None:
    for at, name in enumerate([b"M\xfcller.csv", b"x" * 251 + b".csv", "ü".encode() * 125 + b".csv"]):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_text(
            f"Employee number;Full name;Last day\n{at};Alice Winter {at};2026-10-14\n"
        )
    os.mkdir(os.fsencode(folder) + b"/\xfc")
    assert watch(folder=folder, now=NOW).put_aside == 3
    names = sorted(ImportRun.objects.values_list("file_name", flat=True))
    assert [name.endswith(".csv") for name in names] == [True] * 3
    assert "M\ufffdller.csv" in names
    assert watch(folder=folder, now=NOW) == Watched()


def test_a_claimed_file_with_an_odd_name_is_taken_up_again(folder: Path) -> None:
    (folder / ".taken").mkdir()
    Path(os.fsdecode(os.fsencode(folder) + b"/.taken/abc.M\xfcller.csv")).write_text(GOOD, encoding="utf-8")
    assert watch(folder=folder, now=NOW).put_aside == 1


@given(st.binary(min_size=1, max_size=255).filter(lambda name: not {0, 47} & set(name)))
def test_a_safe_name_is_short_and_stays_what_it_is(name: bytes) -> None:
    safe = safe_name(os.fsdecode(name))
    assert len(safe.encode("utf-8")) <= 200
    assert safe_name(safe) == safe


def test_a_file_that_may_not_be_read_is_refused_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "leavers.csv").write_text(GOOD, encoding="utf-8")
    really = os.open

    def closed(path: Any, flags: int, *rest: Any, **named: Any) -> int:
        if str(path).endswith("leavers.csv"):
            raise PermissionError(13, "Permission denied")
        return really(path, flags, *rest, **named)

    monkeypatch.setattr(os, "open", closed)
    assert watch(folder=folder, now=NOW) == Watched(refused=1)
    assert watch(folder=folder, now=NOW) == Watched()
    assert Event.objects.filter(deed="intake.drop_refused").count() == 1
    assert "may not read" in told(folder / "refused")["refused"]


def test_a_refusal_that_cannot_be_put_aside_is_no_event_each_minute(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "alice-winter.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    (folder / "hr-nl" / "leavers.csv").write_text(GOOD, encoding="utf-8")

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(watching.json, "dump", full)
        assert watch(folder=folder, now=NOW) == Watched(taken=1, applied=1)
    assert not Event.objects.filter(deed="intake.drop_refused").exists()
    assert "No space left on device" in caplog.text
    assert "alice" not in caplog.text
    assert list((folder / "refused").iterdir()) == []
    assert watch(folder=folder, now=NOW) == Watched(refused=1, put_aside=1)


def test_a_stored_copy_goes_when_the_import_cannot_be_noted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "leavers.csv").write_text(GOOD, encoding="utf-8")

    def broken(**_: Any) -> None:
        raise OSError("broken")

    before = set(kept_in().iterdir())
    monkeypatch.setattr(receiving, "record", broken)
    assert watch(folder=folder, now=NOW) == Watched()
    assert set(kept_in().iterdir()) == before
    assert not ImportRun.objects.exists()


def test_folders_among_what_was_put_aside_are_left_alone(folder: Path) -> None:
    (folder / "done" / "own").mkdir(parents=True)
    (folder / "leavers.csv").write_text(GOOD, encoding="utf-8")
    watch(folder=folder, now=clock_now())
    watch(folder=folder, now=clock_now() + timedelta(days=31))
    assert [path.name for path in (folder / "done").iterdir()] == ["own"]


def test_an_import_is_over_though_its_folder_is_gone(folder: Path) -> None:
    (folder / "hr-nl" / "leavers.csv").write_text(
        "Employee number;Full name;Last day\n1;Alice Winter;03-04-2026\n", encoding="utf-8"
    )
    watch(folder=folder, now=NOW)
    shutil.rmtree(folder / "hr-nl")
    run = ImportRun.objects.get()
    choose_columns(run=run, mapping=mapping_of(run), date_order="dmy", by="user:1", now=NOW)
    assert watch(folder=folder, now=NOW) == Watched(applied=1)
    assert list(ImportRun.objects.values_list("state", "watched_path")) == [(ImportState.DONE, "")]


def test_nothing_of_the_watched_folder_keeps_the_tick_from_its_end(
    folder: Path, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.PERENNIAL_WATCH_DIR = folder / "gone"
    assert tick(now=NOW, worker="w") == TickReport()
    assert "The watched folder could not be looked at" in caplog.text


def test_erasure_deletes_the_lists_that_were_put_aside(
    folder: Path, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.PERENNIAL_WATCH_DIR = folder
    (folder / "hr-nl" / "leavers.csv").write_text(GOOD + "3;;2026-10-15\n", encoding="utf-8")
    (folder / "leavers.json").write_bytes(b"PK\x03\x04 Alice Winter")
    watch(folder=folder, now=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        forget_person(person=Person.objects.get(full_name="Alice Winter"))
    left = [path for path in folder.rglob("*") if path.is_file() and path.name != ".watched"]
    assert sorted(path.parent.name for path in left) == ["done", "refused"]
    assert all("Alice" not in path.read_text(encoding="utf-8") for path in left)


def test_erasure_deletes_a_list_that_is_about_to_be_put_aside(
    folder: Path, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    (folder / "leavers.csv").write_text(GOOD, encoding="utf-8")
    with monkeypatch.context() as patched:

        def full(*_: Any, **__: Any) -> None:
            raise OSError(28, "No space left on device")

        patched.setattr(watching.json, "dump", full)
        watch(folder=folder, now=NOW)
    assert len(list((folder / ".taken").iterdir())) == 1
    with django_capture_on_commit_callbacks(execute=True):
        forget_person(person=Person.objects.get(full_name="Alice Winter"))
    assert list((folder / ".taken").iterdir()) == []
    assert watch(folder=folder, now=NOW) == Watched(put_aside=1)
    assert [path.suffix for path in (folder / "done").iterdir()] == [".json"]
