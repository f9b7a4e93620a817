"""Asks the door about 100,000 people in one statement, beside a plain join of the same people and addresses.

python bench/deciding.py [--people 100000]
"""

import argparse
import statistics
import sys
import time

from crowd import NOW, gather
from place import place

BAR_SECONDS = 1.0
ROUNDS = 5


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--people", type=int, default=100_000)
    people = asked.parse_args().people
    with place() as kind:
        gather(people)
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        from perennial.contact.door import decide
        from perennial.kernel.purposes import Purpose
        from perennial.people.models import EmailAddress, Person

        def ours() -> int:
            return len(decide(people=Person.objects.all(), purpose=Purpose.PERSONAL, now=NOW))

        def plain() -> int:
            return len(list(EmailAddress.objects.order_by().values_list("person_id", "person__key", "pk")))

        with CaptureQueriesContext(
            connection,
        ) as queries:
            ours()
        statements = len([query for query in queries if "people_person" in query["sql"]])
        taken: dict[str, list[float]] = {"ours": [], "plain": []}
        for _ in range(ROUNDS):
            for name, work in (("ours", ours), ("plain", plain)):
                start = time.perf_counter()
                assert work() == people
                taken[name].append(time.perf_counter() - start)
        mine, theirs = statistics.median(taken["ours"]), statistics.median(taken["plain"])
        print(
            f"deciding {kind}: {people} people in {mine:.2f} s, {statements} statement; "
            f"{mine / theirs:.1f} times a plain join ({theirs:.2f} s); bar {BAR_SECONDS} s on PostgreSQL"
        )
        return int(statements != 1)


if __name__ == "__main__":
    sys.exit(main())
