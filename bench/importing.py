"""How fast a file of HR's is taken in, beside a bare COPY or executemany of the same cells.

Makes a database of its own on the server of PERENNIAL_DATABASE_URL (SQLite without it) and drops it at the end.
`python bench/importing.py [rows]`
"""

import argparse
import csv
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

HEADER = [
    *("Employee number", "First name", "Name prefix", "Last name", "Business e-mail", "Private e-mail"),
    *("Private e-mail given on", "First day", "Last day", "Status", "Job title", "Department", "Location", "Manager"),
    *("Kind of contract", "How it ended", "Language"),
]
FIRST = ["Anna", "Bas", "Chloé", "Daan", "Eva", "Finn", "Greta", "Hugo", "Iris", "Jan", "Kim", "Lars", "Maria", "Zoë"]
LAST = ["Jansen", "Bakker", "Visser", "Smit", "Meijer", "Mulder", "Bos", "Peters", "Dekker", "Müller", "Schmidt"]
PREFIXES = ["", "", "", "de", "van", "van der"]
TITLES = ["Engineer", "Planner", "Account manager", "Nurse", "Analyst", "Driver", "Team lead", "Buyer"]
TARGET_ROWS, TARGET_RATIO, TARGET_MEMORY = 5_000, 1.3, 250


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("rows", type=int, nargs="?", default=100_000)
    asked.add_argument("--turns", type=int, default=3, help="how often each is measured; the fastest counts")
    asked.add_argument("--child", choices=["import", "baseline"], help=argparse.SUPPRESS)
    asked.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    asked.add_argument("--profile", action="store_true", help="print where the time goes")
    chosen = asked.parse_args()
    if chosen.child == "import":
        import_once(chosen.file, profile=chosen.profile)
    elif chosen.child == "baseline":
        baseline(chosen.file)
    else:
        compare(chosen)


def compare(asked: argparse.Namespace) -> None:
    rows = asked.rows
    with tempfile.TemporaryDirectory(prefix="perennial-bench-") as home:
        small, large = Path(home) / "small.csv", Path(home) / "large.csv"
        write_file(small, rows // 10)
        write_file(large, rows)
        # Turn about, and the fastest of each counts: what else runs on the machine can only make a turn slower.
        turns: dict[str, list[dict[str, Any]]] = {"small": [], "large": [], "bare": []}
        for turn in range(asked.turns):
            for name, path in (("small", small), ("large", large), ("bare", large)):
                with own_database(home, f"{name}{turn}") as environment:
                    what = "baseline" if name == "bare" else "import"
                    turns[name].append(child(what, path, environment, profile=asked.profile and name == "large"))
        results = {name: min(each, key=seconds_of) for name, each in turns.items()}
        bare = results["bare"]
        large_result = results["large"]
        per_second = rows / large_result["seconds"]
        again = rows / large_result["again_seconds"]
        per_row = (large_result["seconds"] / rows) / (results["small"]["seconds"] / (rows // 10))
        print(f"import of {rows:,} rows on {large_result['database']}: {large_result['seconds']:.1f} s")
        judged("rows a second", per_second, f">= {TARGET_ROWS:,}", per_second >= TARGET_ROWS)
        print(f"  the same file again, nothing changed: {again:,.0f} rows a second")
        ratio = large_result["seconds"] / bare["seconds"]
        bare_rate = rows / bare["seconds"]
        print(
            f"  {bare['how']} of the same cells: {bare_rate:,.0f} rows a second; ours takes {ratio:.1f} times as long"
        )
        judged(f"time a row beside that at {rows // 10:,} rows", per_row, f"<= {TARGET_RATIO}", per_row <= TARGET_RATIO)
        judged(
            "peak memory in MB", large_result["memory"], f"< {TARGET_MEMORY}", large_result["memory"] < TARGET_MEMORY
        )


def seconds_of(result: dict[str, Any]) -> float:
    return float(result["seconds"])


def judged(what: str, value: float, target: str, met: bool) -> None:
    print(f"  {what}: {value:,.2f} (target {target}): {'met' if met else 'MISSED'}")


def child(what: str, path: Path, environment: dict[str, str], *, profile: bool = False) -> dict[str, Any]:
    command = [sys.executable, __file__, "--child", what, "--file", str(path), *(["--profile"] if profile else [])]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, text=True)
    *told, last = done.stdout.strip().splitlines()
    print("\n".join(told), end="\n" if told else "")
    result: dict[str, Any] = json.loads(last)
    return result


class own_database:  # noqa: N801 - a context, named for how it reads
    """An environment with a fresh, migrated database that goes away afterwards."""

    def __init__(self, home: str, name: str) -> None:
        self.url = os.environ.get("PERENNIAL_DATABASE_URL", "")
        self.name = f"perennial_bench_{os.getpid()}_{name}"
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith("PERENNIAL_")}
        self.environment["PERENNIAL_DATA_DIR"] = str(Path(home) / name)
        self.environment["PYTHONPATH"] = str(Path(__file__).resolve().parent.parent)
        self.environment["DJANGO_SETTINGS_MODULE"] = "perennial.operate.settings"

    def __enter__(self) -> dict[str, str]:
        if self.on_server:
            self._ask_server(f'CREATE DATABASE "{self.name}"')
            self.environment["PERENNIAL_DATABASE_URL"] = urlunsplit(urlsplit(self.url)._replace(path=f"/{self.name}"))
            if "://" not in self.environment["PERENNIAL_DATABASE_URL"]:
                # urlunsplit drops the empty host of postgresql:///name.
                scheme = urlsplit(self.url).scheme
                self.environment["PERENNIAL_DATABASE_URL"] = f"{scheme}:///{self.name}"
        subprocess.run(
            [sys.executable, "-m", "django", "migrate", "--verbosity", "0"], env=self.environment, check=True
        )
        return self.environment

    def __exit__(self, *_: object) -> None:
        if self.on_server:
            self._ask_server(f'DROP DATABASE "{self.name}" WITH (FORCE)')

    @property
    def on_server(self) -> bool:
        return self.url.startswith("postgres")

    def _ask_server(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)


def import_once(path: Path, *, profile: bool) -> None:
    import django

    django.setup()
    from django.db import connection

    from perennial.intake.at_once import run_import
    from perennial.kernel.clock import now
    from perennial.programme.queries import current

    current()
    asked: dict[str, Any] = {
        "path": path,
        "source": "bench",
        "apply": True,
        "date_order": None,
        "by": "bench",
        "now": now(),
    }
    watch = None
    if profile:
        import cProfile

        watch = cProfile.Profile()
        watch.enable()
    began = time.perf_counter()
    first = run_import(**asked)
    seconds = time.perf_counter() - began
    if watch is not None:
        import io
        import pstats

        watch.disable()
        out = io.StringIO()
        pstats.Stats(watch, stream=out).sort_stats("tottime").print_stats(35)
        print(out.getvalue())
    began = time.perf_counter()
    second = run_import(**asked)
    again = time.perf_counter() - began
    if first.created + first.updated != first.rows or second.unchanged != second.rows:
        raise SystemExit(f"the import is wrong: {first} {second}")
    print(
        json.dumps(
            {
                "seconds": seconds,
                "again_seconds": again,
                "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "database": connection.vendor,
            }
        )
    )


def baseline(path: Path) -> None:
    """The cells as they stand, into a table of texts without index or constraint."""
    import django

    django.setup()
    from django.db import connection, transaction

    columns = ", ".join(f"c{at}" for at in range(len(HEADER)))
    began = 0.0
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bare ({columns.replace(',', ' TEXT,')} TEXT)")
        began = time.perf_counter()
        with path.open(encoding="utf-8", newline="") as file, transaction.atomic():
            rows = csv.reader(file)
            next(rows)
            if connection.vendor == "postgresql":
                how = "a bare COPY"
                with cursor.copy(f"COPY bare ({columns}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
            else:
                how = "a bare executemany"
                cursor.executemany(f"INSERT INTO bare VALUES ({', '.join(['%s'] * len(HEADER))})", rows)
    print(json.dumps({"seconds": time.perf_counter() - began, "how": how}))


def write_file(path: Path, rows: int) -> None:
    """Leavers of ten years and of the months ahead, the same for the same number of rows."""
    chance = random.Random(rows)  # noqa: S311 - invented people need no secrecy
    today = date.today()  # noqa: DTZ011 - a file for now
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(HEADER)
        for number in range(rows):
            first, last, prefix = chance.choice(FIRST), chance.choice(LAST), chance.choice(PREFIXES)
            ends = today + timedelta(days=chance.randint(-3650, 90))
            given = ends - timedelta(days=20)
            address = f"{first}.{last}.{number}".lower().replace("é", "e").replace("ë", "e").replace("ü", "u")
            has_private = chance.random() < 0.6
            out.writerow(
                [
                    100_000 + number,
                    first,
                    prefix,
                    last,
                    f"{address}@company.example",
                    f"{address}@home.example" if has_private else "",
                    given.isoformat() if has_private and given <= today else "",
                    (ends - timedelta(days=chance.randint(200, 5000))).isoformat(),
                    ends.isoformat(),
                    "left" if ends < today else "leaving",
                    chance.choice(TITLES),
                    f"Department {chance.randint(1, 40)}",
                    f"Place {chance.randint(1, 12)}",
                    f"{chance.choice(FIRST)} {chance.choice(LAST)}",
                    chance.choice(["permanent", "fixed term", "freelance"]),
                    chance.choice(["resignation", "end of contract", "redundancy", "retirement"]),
                    chance.choice(["nl", "de", "en", ""]),
                ]
            )


if __name__ == "__main__":
    main()
