"""Runs every measurement on SQLite and, where a server is reached, on PostgreSQL; prints figures and ratios.

A shared machine is noisy: the ratio to the baseline measured in the same run is what counts.
"""

import os
import subprocess
import sys
from pathlib import Path

import psycopg

HERE = Path(__file__).resolve().parent
MEASUREMENTS = (
    "importing.py",
    "deciding.py",
    "sending.py",
    "pages.py",
    "exit.py",
    "rights.py",
    "replaying.py",
    "retention.py",
)
URL = "PERENNIAL_DATABASE_URL"
LOCAL = "postgresql:///postgres"


def main() -> int:
    kept = {name: value for name, value in os.environ.items() if name != URL}
    places = [("SQLite", kept)]
    server = os.environ.get("PERENNIAL_TEST_DATABASE_URL", LOCAL)
    try:
        psycopg.connect(server, connect_timeout=5).close()
        places.append(("PostgreSQL", kept | {URL: server}))
    except psycopg.OperationalError as error:
        print(f"PostgreSQL: skipped, {str(error).strip().splitlines()[0]}")
    missed = []
    for name, environment in places:
        for script in MEASUREMENTS:
            print(f"== {script} on {name}", flush=True)
            if subprocess.run([sys.executable, str(HERE / script)], env=environment, check=False).returncode:
                missed.append(f"{script} on {name}")
    print("All bars are met." if not missed else "A bar was missed: " + ", ".join(missed))
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
