"""Server time of the pages people look at most, at 100,000 people, beside an empty page of the same site.

python bench/pages.py [--people 100000]
"""

import argparse
import sys

from crowd import NOW, gather
from place import place
from visits import within

P95_MS = 100


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--people", type=int, default=100_000)
    people = asked.parse_args().people
    with place(PERENNIAL_DEMO="1") as kind:
        gather(people)
        from django.db import connection

        from perennial.operate.tick import tick
        from perennial.people.models import Person

        # As every page finds it: checklists handed out, invitations and letters drafted.
        print(f"{kind}: one turn of all that is due: {tick(now=NOW, worker='bench')}", flush=True)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

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
        met = within(what=f"{kind}, {people:,} people", pages=pages, milliseconds=P95_MS)
    return int(not met)


if __name__ == "__main__":
    sys.exit(main())
