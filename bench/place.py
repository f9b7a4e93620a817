"""A database of the moment for a measurement, on the server that PERENNIAL_DATABASE_URL names; SQLite without it."""

import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))


@contextmanager
def place(**environment: str) -> Iterator[str]:
    """Settings for an empty, migrated installation that goes afterwards. Yields 'sqlite' or 'postgresql'."""
    home = tempfile.mkdtemp(prefix="perennial-bench-")
    url = os.environ.get("PERENNIAL_DATABASE_URL", "")
    for name in [name for name in os.environ if name.startswith("PERENNIAL_")]:
        del os.environ[name]
    os.environ |= {"PERENNIAL_DATA_DIR": home, "DJANGO_SETTINGS_MODULE": "perennial.operate.settings", **environment}
    name = ""
    try:
        if url.startswith("postgres"):
            import psycopg

            name = f"perennial_bench_{secrets.token_hex(4)}"
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}")
            os.environ["PERENNIAL_DATABASE_URL"] = urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        yield "postgresql" if name else "sqlite"
    finally:
        if name:
            from django.db import connections

            connections.close_all()
            import psycopg

            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        shutil.rmtree(home, ignore_errors=True)
