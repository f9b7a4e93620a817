"""An old database upgrades: what a released version wrote is all there afterwards, on both databases.

Beside this lie the demo organisations of released versions, as their databases dumped them, with their keys:
`old/VERSION/sqlite.sql.gz`, `old/VERSION/postgresql.sql.gz`. A new release adds its own.
"""

import gzip
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from perennial.kernel.guards import guarded

OLD = Path(__file__).with_name("old")
VERSIONS = sorted(each.name for each in OLD.iterdir())
# Run after the upgrade: how many rows each table has, and whether what was built since works on what was there.
LOOK = """
import json, django
django.setup()
from django.apps import apps
from perennial.kernel.guards import guarded, missing_guards
from perennial.people.directory import Filters, find
from perennial.people.models import Person
from perennial.departures.models import Answer, AnswerGroup
from perennial.programme.queries import current
exit = {
    "numbers": Answer.objects.filter(question__code="recommend").count(),
    "reasons": Answer.objects.filter(question__code="reason").count(),
    "groups": AnswerGroup.objects.count(),
    "counted": Answer.objects.exclude(group=None).count() - sum(AnswerGroup.objects.values_list("n", flat=True)),
    "sums": AnswerGroup.objects.filter(total=None).count(),
}
rows = {kind._meta.db_table: kind._base_manager.count() for kind in apps.get_models() if kind._meta.managed}
near = find(among=Person.objects.order_by(), filters=Filters(text="krmaer"), size=25)
print(json.dumps({"exit": exit, "rows": rows, "near": [person.full_name for person in near.people],
    "purposes": current().purposes, "guards": [len(guarded()), missing_guards()]}))
"""


def run(home: Path, database: str, *command: str) -> str:
    environ = {"PATH": os.environ["PATH"], "PERENNIAL_DATA_DIR": str(home), "PERENNIAL_TIME_TRAVEL": "1"}
    environ |= {"DJANGO_SETTINGS_MODULE": "perennial.operate.settings"}
    environ |= {"PERENNIAL_DATABASE_URL": database} if database else {}
    # Told to the program by its checkout: a child knows nothing of the paths of its parent.
    environ["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
    done = subprocess.run([sys.executable, *command], env=environ, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


def upgraded(home: Path, database: str = "") -> dict[str, Any]:
    run(home, database, "-m", "django", "migrate", "--verbosity", "0")
    seen: dict[str, Any] = json.loads(run(home, database, "-c", LOOK))
    command = ("-m", "perennial.operate.cli")
    seen["outbox"] = json.loads(run(home, database, *command, "outbox", "--json"))
    seen["drafts"] = len(json.loads(run(home, database, *command, "drafts", "--json")))
    return seen


def home_of(version: str, tmp_path: Path) -> Path:
    home = tmp_path / "place"
    home.mkdir(mode=0o700)
    keys = home / "keys.json"
    keys.write_bytes((OLD / version / "keys.json").read_bytes())
    keys.chmod(0o600)
    return home


def dumped(version: str, kind: str) -> str:
    return gzip.decompress((OLD / version / f"{kind}.sql.gz").read_bytes()).decode()


def inserted(dump: str) -> dict[str, int]:
    """How many rows the dump has of each table of ours."""
    rows: dict[str, int] = {}
    for line in dump.splitlines():
        if line.startswith("INSERT INTO "):
            table = line.split()[2].strip('"').removeprefix("public.")
            rows[table] = rows.get(table, 0) + 1
    return {table: count for table, count in rows.items() if not table.startswith(("auth_", "django_", "sqlite_"))}


def check(seen: dict[str, Any], before: dict[str, int]) -> None:
    assert before["people_person"] > 10
    assert {table: seen["rows"][table] for table in before if table in seen["rows"]} == {
        table: count for table, count in before.items() if table in seen["rows"]
    }
    # What leavers said stands by question now, and what was published is published still.
    assert seen["exit"] == {
        "numbers": 17,
        "reasons": before["departures_exitreason"],
        "groups": before["departures_answerbatch"],
        "counted": 0,
        "sums": 0,
    }
    assert seen["near"] == ["Tobias Krämer"]
    # It aims at feedback, so what came of that is offered; nobody has agreed by being upgraded.
    assert "feedback" in seen["purposes"]
    # What is only ever added to was so by habit; from now on by the database.
    assert seen["guards"] == [len(guarded()), []]
    assert before["consent_consentstate"] == seen["rows"]["consent_consentstate"]
    assert len(seen["outbox"]) == seen["rows"]["mail_message"] - seen["drafts"]
    assert {mail["state"] for mail in seen["outbox"]} == {"kept"}


@pytest.mark.slow
@pytest.mark.parametrize("version", VERSIONS)
def test_what_a_release_wrote_on_sqlite_is_there_after_the_upgrade(version: str, tmp_path: Path) -> None:
    home, dump = home_of(version, tmp_path), dumped(version, "sqlite")
    with sqlite3.connect(home / "perennial.sqlite3") as database:
        database.executescript(dump)
    database.close()
    check(upgraded(home), inserted(dump))


@pytest.mark.slow
@pytest.mark.postgresql
@pytest.mark.parametrize("version", VERSIONS)
def test_what_a_release_wrote_on_postgresql_is_there_after_the_upgrade(
    version: str, tmp_path: Path, empty_postgresql: str
) -> None:
    import psycopg

    home, dump = home_of(version, tmp_path), dumped(version, "postgresql")
    with psycopg.connect(empty_postgresql, autocommit=True) as database:
        database.execute(dump)
    check(upgraded(home, empty_postgresql), inserted(dump))
