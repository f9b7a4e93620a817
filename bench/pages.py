"""Server time of the pages people look at most, at 100,000 people, beside an empty page of the same site.

python bench/pages.py [--people 100000]
"""

import argparse
import statistics
import sys
import time

from crowd import gather
from place import place

ROUNDS, WARM_UP = 40, 3
P95_MS, KILOBYTES = 100, 100


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--people", type=int, default=100_000)
    people = asked.parse_args().people
    failed = False
    with place(PERENNIAL_DEMO="1") as kind:
        gather(people)
        from django.db import connection
        from django.test import Client
        from django.test.utils import CaptureQueriesContext

        from perennial.accounts.models import User
        from perennial.kernel.garbage import spare_what_stands
        from perennial.people.models import Person

        client = Client(headers={"host": "localhost"})
        client.force_login(User.objects.get())
        # As the web server does once it has started.
        spare_what_stands()
        keys = list(Person.objects.order_by("pk").values_list("key", flat=True)[:: people // 20])
        by_name = Person.objects.order_by("sort_name", "pk").values_list("key", flat=True)
        pages = {
            "empty page (baseline)": ["/people/new/"],
            "people, first page": ["/people/"],
            "people, middle page": [f"/people/?after={by_name[people // 2]}"],
            "people, last page": [f"/people/?after={by_name.reverse()[25]}"],
            "people, search": ["/people/?q=boer", "/people/?q=смирнова", "/people/?q=p777@"],
            "person": [f"/people/{key}/" for key in keys],
            "today": ["/"],
            "departures": ["/departures/"],
            "leadership": ["/figures/"],
        }
        baseline = 0.0
        for name, paths in pages.items():
            taken, sizes, counts = [], [], set()
            for turn in range(ROUNDS + WARM_UP):
                path = paths[turn % len(paths)]
                with CaptureQueriesContext(connection) as queries:
                    start = time.perf_counter()
                    answer = client.get(path)
                    took = 1000 * (time.perf_counter() - start)
                assert answer.status_code == 200, (path, answer.status_code)
                sizes.append(len(answer.content) / 1024)
                # The first visits after a restart also read what is cached afterwards.
                if turn >= WARM_UP:
                    taken.append(took)
                    counts.add(len(queries))
            p95 = statistics.quantiles(taken, n=20)[-1]
            baseline = baseline or p95
            failed |= p95 > P95_MS or max(sizes) > KILOBYTES
            print(
                f"{kind}, {people} people: {name}: p95 {p95:.0f} ms, {p95 / baseline:.1f} times the empty page, "
                f"{max(sizes):.0f} KB, {'/'.join(map(str, sorted(counts)))} statements"
            )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
