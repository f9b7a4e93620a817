"""What tests of the whole installation share."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest


@pytest.fixture
def empty_postgresql() -> Any:
    """The address of an empty PostgreSQL database of our own, dropped afterwards."""
    url = os.environ.get("PERENNIAL_TEST_DATABASE_URL", "")
    if not url.startswith("postgresql:///"):
        pytest.skip("needs PERENNIAL_TEST_DATABASE_URL with a PostgreSQL server on the local socket")
    import psycopg

    name = f"perennial_restore_{uuid4().hex[:8]}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        server.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    yield f"postgresql:///{name}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a house in which nobody has been yet."""
    home = tmp_path_factory.mktemp("migrated")
    environ = {"PATH": os.environ["PATH"], "PERENNIAL_DATA_DIR": str(home)}
    environ |= {"DJANGO_SETTINGS_MODULE": "perennial.operate.settings"}
    subprocess.run([sys.executable, "-m", "django", "migrate", "--verbosity", "0"], env=environ, check=True)
    return home


@pytest.fixture
def fresh_home(migrated: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Makes a data folder with an empty database and no keys: copied, for migrating takes a command ten seconds.

    That a command migrates by itself is shown by the tests that set up a house in a folder that is not there yet.
    """

    def make(name: str) -> Path:
        home = tmp_path / name
        home.mkdir(mode=0o700)
        for file in migrated.glob("perennial.sqlite3*"):
            (home / file.name).write_bytes(file.read_bytes())
        return home

    return make
