"""What tests of the whole installation share."""

import os
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
    yield f"postgresql:///{name}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
