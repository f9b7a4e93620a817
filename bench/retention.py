"""What retention would delete, counted over everybody: time, beside a plain count, and memory beside a tenth of them.

1,000,000 people on PostgreSQL, 100,000 on SQLite. `python bench/retention.py [--people N]`
Each count runs in a process of its own, so that its memory is its own.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time

from crowd import gather
from directory import AT_ONCE, multiply
from place import place

BAR_SECONDS, FLAT = 30, 1.25


def count() -> None:
    """In the child: the dry run once, and what it took."""
    import django

    django.setup()
    from perennial.kernel.clock import now
    from perennial.people.models import Person
    from perennial.privacy.retention import dry_run

    started = time.perf_counter()
    everybody = Person.objects.order_by().values("language").distinct().count() and Person.objects.count()
    plain = time.perf_counter() - started
    started = time.perf_counter()
    found = {each.kind.value: each.count for each in dry_run(now=now())}
    taken = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"people": everybody, "found": found, "seconds": taken, "plain": plain, "peak": peak}))


def measured() -> dict[str, float]:
    answer = subprocess.run([sys.executable, __file__, "--count"], check=True, capture_output=True, text=True)
    told: dict[str, float] = json.loads(answer.stdout)
    return told


def grow_old() -> None:
    """Everybody came on file long ago and lives in one of four countries or where nobody said; a sixth wrote lately."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE people_person SET created_at = '2015-01-01 00:00:00+00:00', country = CASE id % 5 WHEN 0 THEN 'NL'"
            " WHEN 1 THEN 'DE' WHEN 2 THEN 'BE' WHEN 3 THEN 'AT' ELSE '' END"
        )
        for year, rest in (("2026", 0), ("2020", 3)):
            cursor.execute(
                "INSERT INTO contact_touch (person_id, at, direction, kind, channel, purpose, intent, origin, summary)"
                f" SELECT id, '{year}-06-01 09:00:00+00:00', 'theirs', 'call', '', 'personal', 'neutral',"
                f" 'bench:retention', '' FROM people_person WHERE id % 6 = {rest}"
            )
        cursor.execute("UPDATE programme_place SET country = 'Netherlands'")
        cursor.execute("ANALYZE")


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    server = os.environ.get("PERENNIAL_DATABASE_URL", "").startswith("postgres")
    asked.add_argument("--people", type=int, default=1_000_000 if server else AT_ONCE)
    asked.add_argument("--count", action="store_true", help=argparse.SUPPRESS)
    said = asked.parse_args()
    if said.count:
        count()
        return 0
    with place(PERENNIAL_DEMO="1") as kind:
        first = min(said.people, AT_ONCE)
        gather(first)
        grow_old()
        few = measured()
        if said.people > first:
            from django.db import connection

            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM contact_touch WHERE origin = 'bench:retention'")
            multiply(said.people // first)
            grow_old()
        many = measured()
        growth = many["peak"] / few["peak"]
        print(
            f"retention {kind}: {many['people']} people counted in {many['seconds']:.1f} s,"
            f" {many['seconds'] / many['plain']:.0f} times a plain count; peak {many['peak']:.0f} MB,"
            f" {growth:.2f} times that of {few['people']}; due {many['found']};"
            f" bars {BAR_SECONDS} s on PostgreSQL, {FLAT} times"
        )
        return int(growth > FLAT or (kind == "postgresql" and many["seconds"] > BAR_SECONDS))


if __name__ == "__main__":
    sys.exit(main())
