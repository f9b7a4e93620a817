"""Rights from the command line: a copy, what is kept, and an old backup that brings nobody back."""

import json
import os
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow
ERASE = """
import django; django.setup()
from perennial.kernel.clock import now
from perennial.people.models import Person
from perennial.privacy.actions import erase
erase(person=Person.objects.get(), by="user:1", now=now())
"""


def run(home: Path, *arguments: str, database: str = "", expect: int = 0) -> Any:
    """What a command answers as JSON, or the sentence with which it refuses."""
    environ = {"PATH": os.environ["PATH"], "PERENNIAL_DATA_DIR": str(home), "PORT": "8799"}
    if database:
        environ["PERENNIAL_DATABASE_URL"] = database
    python = [sys.executable]
    if arguments[0] == "-c":
        environ["DJANGO_SETTINGS_MODULE"] = "perennial.operate.settings"
        python += list(arguments)
    else:
        python += ["-m", "perennial.operate.cli", *arguments, "--json"]
    done = subprocess.run(python, env=environ, capture_output=True, text=True, timeout=120)
    assert done.returncode == expect, done.stderr
    assert "Traceback" not in done.stderr
    if expect:
        return done.stderr
    return json.loads(done.stdout) if done.stdout else None


def settled(home: Path, tmp_path: Path, database: str = "") -> str:
    """A house with one person and a backup of it; the person's key."""
    run(
        home,
        *("setup", "--organisation", "Employer & Sons", "--language", "en", "--stage", "live"),
        *("--coordinator-name", "Carla Jansen", "--coordinator-email", "carla@employer.example"),
        database=database,
    )
    take_in(home, tmp_path, database)
    run(home, "backup", str(tmp_path / "before.zip"), database=database)
    with zipfile.ZipFile(tmp_path / "before.zip") as archive:
        key: str = json.loads(archive.read("people.person.jsonl"))["fields"]["key"]
    return key


def take_in(home: Path, tmp_path: Path, database: str = "", expect: int = 0) -> None:
    file = tmp_path / "leavers.csv"
    file.write_text("name;end date;employee number\nAlice van Dam;2026-09-20;4711\n", encoding="utf-8")
    environ = {"PATH": os.environ["PATH"], "PERENNIAL_DATA_DIR": str(home)}
    if database:
        environ["PERENNIAL_DATABASE_URL"] = database
    arguments = [sys.executable, "-m", "perennial.operate.cli", "import", str(file), "--apply"]
    done = subprocess.run(arguments, env=environ, capture_output=True, text=True, timeout=120)
    assert done.returncode == expect, done.stderr


def test_a_copy_is_for_this_user_alone_and_nothing_is_written_over(tmp_path: Path) -> None:
    home = tmp_path / "home"
    key = settled(home, tmp_path)
    file = tmp_path / "copy.zip"
    assert run(home, "data-copy", key, str(file))["rows"] >= 2
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with zipfile.ZipFile(file) as archive:
        assert json.loads(archive.read("data.json"))["complete"] is True
    assert "is there already" in run(home, "data-copy", key, str(file), expect=2)
    assert "Nobody on file" in run(home, "data-copy", "nobody", str(tmp_path / "x.zip"), expect=2)
    assert not (tmp_path / "x.zip").exists()


def test_an_old_backup_brings_nobody_back(tmp_path: Path, fresh_home: Callable[[str], Path]) -> None:
    _brings_nobody_back(tmp_path, fresh_home, "")


@pytest.mark.postgresql
def test_an_old_backup_brings_nobody_back_on_postgresql(
    tmp_path: Path, fresh_home: Callable[[str], Path], empty_postgresql: str
) -> None:
    _brings_nobody_back(tmp_path, fresh_home, empty_postgresql)


def _brings_nobody_back(tmp_path: Path, fresh_home: Callable[[str], Path], database: str) -> None:
    """Erased on SQLite; the old backup goes into a fresh house that has the journal and no other thing."""
    home, fresh = fresh_home("home"), fresh_home("fresh")
    key = settled(home, tmp_path)
    before = run(home, "leftovers", key)
    assert before["erased"] is False
    run(home, "-c", ERASE)
    after = run(home, "leftovers", key)
    assert after["erased"] is True
    assert [each["count"] for each in after["kept"]] == [each["count"] for each in before["kept"]]
    (fresh / "erased.jsonl").write_bytes((home / "erased.jsonl").read_bytes())
    assert run(fresh, "restore", str(tmp_path / "before.zip"), database=database)["erased_again"] == 1
    run(fresh, "backup", str(tmp_path / "after.zip"), database=database)
    with zipfile.ZipFile(tmp_path / "after.zip") as archive:
        assert archive.read("people.person.jsonl") == b""
    take_in(fresh, tmp_path, database, expect=1)
    assert run(fresh, "leftovers", key, database=database)["erased"] is True


def test_a_damaged_journal_is_refused_by_run_and_restore_and_nothing_is_changed(
    tmp_path: Path, fresh_home: Callable[[str], Path]
) -> None:
    home, fresh = fresh_home("home"), fresh_home("fresh")
    settled(home, tmp_path)
    run(home, "-c", ERASE)
    journal = home / "erased.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b'"at"', b'"ad"'))
    assert "is damaged" in run(home, "run", expect=2)
    (fresh / "erased.jsonl").write_bytes(journal.read_bytes())
    assert "is damaged" in run(fresh, "restore", str(tmp_path / "before.zip"), expect=2)
    (fresh / "erased.jsonl").unlink()
    assert run(fresh, "restore", str(tmp_path / "before.zip"))["erased_again"] == 0
