"""Runs the test-suite on SQLite and, where one can be reached, on PostgreSQL; says what was skipped and why.

What keeps nothing in a database runs once.
"""

import os
import subprocess
import sys
import time

import psycopg

URL = "PERENNIAL_TEST_DATABASE_URL"
LOCAL = "postgresql:///postgres"


def main() -> int:
    failed = _run("SQLite", {})
    url, reason = _postgresql()
    if url:
        strict = {"PERENNIAL_TEST_FAIL_ON_SKIP": "1"} if os.environ.get("CI") == "true" else {}
        failed |= _run("PostgreSQL", {URL: url, "PERENNIAL_TEST_AGAIN": "1"} | strict)
    else:
        print(f"PostgreSQL: skipped, because {reason}.", flush=True)
        failed |= os.environ.get("CI") == "true"
    return int(failed)


def _run(name: str, more: dict[str, str]) -> bool:
    environment = {key: value for key, value in os.environ.items() if key != URL} | more
    print(f"== {name}", flush=True)
    started = time.monotonic()
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "worksteal", "-m", "not e2e", "-rs", *sys.argv[1:]]
    code = subprocess.run(command, env=environment, check=False).returncode
    print(f"== {name}: {'passed' if code == 0 else 'FAILED'} in {time.monotonic() - started:.0f} s", flush=True)
    return code != 0


def _postgresql() -> tuple[str, str]:
    """A server that lets us create a database of our own, or why there is none."""
    url = os.environ.get(URL, "")
    try:
        with psycopg.connect(url or LOCAL, autocommit=True, connect_timeout=5) as connection:
            row = connection.execute(
                "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
    except psycopg.OperationalError as error:
        where = URL if url else "the local socket"
        return "", f"no server answers on {where} ({str(error).strip().splitlines()[0]})"
    if not row or not row[0]:
        return "", "the server does not let us create a database"
    return url or LOCAL, ""


if __name__ == "__main__":
    sys.exit(main())
