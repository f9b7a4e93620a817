"""Backup and restore: everything, keys included, whole or not at all, from either database into either."""

import json
import os
import stat
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from perennial.departures.exit.answering import Answers, save_answers
from perennial.departures.models import Answer, Departure
from perennial.kernel.clock import now as present
from perennial.kernel.encryption import Sealed
from perennial.operate import backup
from perennial.operate.backup import BackupUnusableError, read_backup, write_backup
from perennial.operate.configuration import Keys, keys_as_text, read_configuration, read_keys
from perennial.operate.tick import tick
from perennial.people.models import Person
from perennial.programme.models import Programme
from tests.cast import NOW, programme
from tests.desk.walkers import leaver

OTHER = ("another key of at least thirty-two letters",)


@pytest.fixture
def house(transactional_db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A house with people, letters and encrypted answers; its data folder."""
    configuration = read_configuration({"PERENNIAL_DATA_DIR": str(tmp_path / "house")})
    monkeypatch.setattr(backup, "read_configuration", lambda: configuration)
    programme()
    leaver("Ольга Смирнова", ends_on=NOW.date())
    leaver("Bob Stone", agrees=False)
    save_answers(
        departure=Departure.objects.earliest("pk"),
        answers=Answers(given={"reason": ["pay"], "improve": "The canteen closes at noon", "recommend": 7}),
        language="ru",
        now=NOW,
    )
    tick(now=NOW, worker="test")
    return configuration.data_dir


def rows() -> dict[str, list[Any]]:
    """Every row of every table, as this database gives it back."""
    return {
        kind._meta.label: list(kind._base_manager.order_by("pk").values())
        for kind in apps.get_models()
        if kind._meta.label_lower not in backup.LEFT_OUT and kind._meta.managed
    }


def empty() -> None:
    """As freshly migrated."""
    call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)


def test_everything_comes_back_row_for_row_and_the_keys_with_it(house: Path, tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    before, keys = rows(), (house / "keys.json").read_text()
    counts = write_backup(file)
    assert counts["rows"] == sum(len(table) for table in before.values())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    empty()
    (house / "keys.json").write_text(keys_as_text(Keys(OTHER, OTHER, OTHER, demo=False)))
    assert read_backup(file) == counts
    assert rows() == before
    assert (house / "keys.json").read_text() == keys
    assert stat.S_IMODE((house / "keys.json").stat().st_mode) == 0o600
    # New rows find numbers of their own.
    assert leaver("Charlie Day").pk > max(row["id"] for row in before["people.Person"])


def test_encrypted_texts_stand_encrypted_in_the_file_and_are_read_with_its_keys(
    house: Path, tmp_path: Path, settings: Any
) -> None:
    file = tmp_path / "backup.zip"
    write_backup(file)
    with zipfile.ZipFile(file) as archive:
        texts = b"".join(archive.read(name) for name in archive.namelist())
    assert b"canteen" not in texts
    former = settings.PERENNIAL_DATA_KEYS
    empty()
    # The house that takes it in has made keys of its own, under which nothing of this may be written.
    settings.PERENNIAL_DATA_KEYS = OTHER
    read_backup(file)
    settings.PERENNIAL_DATA_KEYS = former
    assert Answer.objects.exclude(text="").get().text == "The canteen closes at noon"


def test_a_signing_key_from_the_environment_is_in_the_backup_too(
    house: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configuration = read_configuration({"PERENNIAL_DATA_DIR": str(house), "PERENNIAL_SECRET_KEY": OTHER[0]})
    monkeypatch.setattr(backup, "read_configuration", lambda: configuration)
    write_backup(tmp_path / "backup.zip")
    with zipfile.ZipFile(tmp_path / "backup.zip") as archive:
        assert read_keys(archive.read("keys.json").decode()).signing[0] == OTHER[0]


def test_a_house_that_is_lived_in_is_not_written_over(house: Path, tmp_path: Path) -> None:
    write_backup(tmp_path / "backup.zip")
    before, keys = rows(), (house / "keys.json").read_text()
    with pytest.raises(BackupUnusableError, match="not empty"):
        read_backup(tmp_path / "backup.zip")
    assert (rows(), (house / "keys.json").read_text()) == (before, keys)
    empty()
    programme()
    with pytest.raises(BackupUnusableError, match="fresh database"):
        read_backup(tmp_path / "backup.zip")


def change(file: Path, name: str, content: bytes | None) -> None:
    """Writes `file` anew with one part other, or without it."""
    with zipfile.ZipFile(file) as archive:
        parts = {each: archive.read(each) for each in archive.namelist()}
    if content is None:
        del parts[name]
    else:
        parts[name] = content
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, text in parts.items():
            archive.writestr(each, text)


def part(file: Path, name: str) -> bytes:
    with zipfile.ZipFile(file) as archive:
        return archive.read(name)


def flip(file: Path) -> None:
    """One byte in the middle of the packed rows is another."""
    content = bytearray(file.read_bytes())
    with zipfile.ZipFile(file) as archive:
        place = max(archive.infolist(), key=lambda info: info.compress_size)
    at = place.header_offset + len(place.filename) + 40 + place.compress_size // 2
    content[at] ^= 0xFF
    file.write_bytes(bytes(content))


DAMAGE: dict[str, Any] = {
    "missing": lambda file: file.unlink(),
    "empty": lambda file: file.write_bytes(b""),
    "no archive": lambda file: file.write_bytes(os.urandom(5000)),
    "cut": lambda file: file.write_bytes(file.read_bytes()[:-200]),
    "a byte": flip,
    "no keys": lambda file: change(file, "keys.json", None),
    "foreign keys": lambda file: change(file, "keys.json", b'{"signing": ["x"]}'),
    "no about": lambda file: change(file, "about.json", None),
    "about a list": lambda file: change(file, "about.json", b"[]"),
    "another format": lambda file: change(file, "about.json", b'{"format": 99, "version": "9.9", "rows": 1}'),
    "rows missing": lambda file: change(
        file, "people.person.jsonl", part(file, "people.person.jsonl").splitlines()[0] + b"\n"
    ),
    "a table missing": lambda file: change(file, "mail.message.jsonl", None),
    "a row cut": lambda file: change(file, "people.person.jsonl", part(file, "people.person.jsonl")[:-30]),
    "a person missing": lambda file: _without_first(file, "people.person.jsonl"),
    "a wrong value": lambda file: change(
        file, "people.stint.jsonl", part(file, "people.stint.jsonl").replace(b"2026-09-14", b"2026-13-99")
    ),
    "a broken rule": lambda file: change(
        file, "people.person.jsonl", part(file, "people.person.jsonl").replace(b"Bob Stone", b"")
    ),
    "an unknown field": lambda file: change(
        file, "people.person.jsonl", part(file, "people.person.jsonl").replace(b'"called"', b'"cowed"')
    ),
}


def _without_first(file: Path, name: str) -> None:
    """The number of rows is as promised, but others point at one that is not there."""
    lines = part(file, name).splitlines(keepends=True)
    change(file, name, b"".join(lines[1:]))
    about = json.loads(part(file, "about.json"))
    change(file, "about.json", json.dumps({**about, "rows": about["rows"] - 1}).encode())


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_changes_nothing(house: Path, tmp_path: Path, damage: str) -> None:
    file = tmp_path / "backup.zip"
    write_backup(file)
    empty()
    DAMAGE[damage](file)
    before, keys = rows(), (house / "keys.json").read_text()
    with pytest.raises(BackupUnusableError) as refused:
        read_backup(file)
    assert str(refused.value).endswith(".")
    assert "Traceback" not in str(refused.value)
    assert (rows(), (house / "keys.json").read_text()) == (before, keys)


def test_a_backup_that_cannot_be_finished_leaves_nothing_behind(
    house: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "backup.zip"
    write_backup(file)
    former = file.read_bytes()

    def full(_kind: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "_lines", full)
    with pytest.raises(OSError, match="No space"):
        write_backup(file)
    assert file.read_bytes() == former
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["backup.zip"]
    # And the database can be written to again.
    Programme.objects.update(organisation="Employer & Daughters")


def test_people_go_on_working_while_a_backup_is_written(
    house: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = backup._lines
    written: list[str] = []

    def somebody_writes() -> None:
        Person.objects.filter(full_name="Bob Stone").update(called="Bobby")
        connection.close()

    def meanwhile(kind: Any) -> Any:
        if kind is Person:
            with ThreadPoolExecutor(1) as pool:
                pool.submit(somebody_writes).result(timeout=20)
            written.append("done")
        yield from lines(kind)

    monkeypatch.setattr(backup, "_lines", meanwhile)
    write_backup(tmp_path / "backup.zip")
    assert written == ["done"]
    # The file tells of one moment: before.
    assert b"Bobby" not in part(tmp_path / "backup.zip", "people.person.jsonl")
    assert Person.objects.get(full_name="Bob Stone").called == "Bobby"


def test_a_sealed_text_is_a_text() -> None:
    assert Sealed("gAAAA") == "gAAAA"


# From one kind of database into the other, by the command


def perennial(home: Path, *arguments: str, database: str = "") -> Any:
    environ = {"PATH": os.environ["PATH"], "PERENNIAL_DATA_DIR": str(home), "PERENNIAL_TIME_TRAVEL": "1"}
    if database:
        environ["PERENNIAL_DATABASE_URL"] = database
    done = subprocess.run(
        [sys.executable, "-m", "perennial.operate.cli", *arguments, "--json"],
        env=environ,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return json.loads(done.stdout)


def lines_of(file: Path) -> dict[str, list[Any]]:
    with zipfile.ZipFile(file) as archive:
        return {
            name: [json.loads(line) for line in archive.read(name).splitlines()]
            for name in archive.namelist()
            if name.endswith(".jsonl")
        }


@pytest.mark.slow
@pytest.mark.postgresql
def test_from_sqlite_to_postgresql_and_back_nothing_is_lost(tmp_path: Path, empty_postgresql: str) -> None:
    home = tmp_path / "sqlite"
    perennial(
        home,
        *("setup", "--organisation", "Employer & Sons", "--language", "ru", "--stage", "live"),
        *("--coordinator-name", "Carla Jansen", "--coordinator-email", "carla@employer.example"),
    )
    last_day = present().date() + timedelta(days=10)
    (tmp_path / "leavers.csv").write_text(
        "name;end date;private email;private email given on;language;employee number\n"
        f"Ольга Смирнова;{last_day};olga@home.example;2026-09-01;ru;0071\n"
        f"Zoë Peeters;{last_day};zoe@home.example;2026-09-01;nl;0072\n",
        encoding="utf-8",
    )
    assert perennial(home, "import", str(tmp_path / "leavers.csv"), "--apply")["created"] == 2
    assert perennial(home, "tick", "--at", last_day.isoformat())["drafted"] == 2
    assert perennial(home, "drafts", "--approve", "all") == {"approved": 2}
    assert perennial(home, "tick", "--at", last_day.isoformat())["sent"] == 2
    perennial(home, "backup", str(tmp_path / "one.zip"))
    moved = tmp_path / "postgresql"
    perennial(moved, "restore", str(tmp_path / "one.zip"), database=empty_postgresql)
    assert (moved / "keys.json").read_text() == (home / "keys.json").read_text()
    perennial(moved, "backup", str(tmp_path / "two.zip"), database=empty_postgresql)
    back = tmp_path / "back"
    perennial(back, "restore", str(tmp_path / "two.zip"))
    perennial(back, "backup", str(tmp_path / "three.zip"))
    perennial(back, "backup", str(tmp_path / "three.zip"), "--replace")
    one, two, three = (lines_of(tmp_path / f"{name}.zip") for name in ("one", "two", "three"))
    assert sum(len(table) for table in one.values()) > 20
    assert one == two == three
    # With links and all: the keys are the same.
    assert perennial(back, "outbox") == perennial(home, "outbox")
    assert perennial(moved, "outbox", database=empty_postgresql) == perennial(home, "outbox")
