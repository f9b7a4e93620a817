"""A data copy and the erasure of a person with 10,000 touches, beside a plain reading of those touches.

python bench/rights.py [--touches 10000] [--people 20000]
"""

import argparse
import io
import statistics
import sys
import time
import tracemalloc

from crowd import NOW, gather
from place import place

BAR_SECONDS = 3.0
ROUNDS = 3


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--touches", type=int, default=10_000)
    asked.add_argument("--people", type=int, default=20_000)
    given = asked.parse_args()
    with place() as kind:
        gather(given.people)
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        from perennial.contact.models import Touch
        from perennial.people.models import Person
        from perennial.privacy.actions import erase
        from perennial.privacy.copying import write_copy

        taken: dict[str, list[float]] = {"copy": [], "erasure": [], "plain": []}
        statements = []
        for person in Person.objects.order_by("pk")[:ROUNDS]:
            touches(person.pk, given.touches)
            start = time.perf_counter()
            plain = len(list(Touch.objects.filter(person=person)))
            taken["plain"].append(time.perf_counter() - start)
            assert plain >= given.touches
            start = time.perf_counter()
            rows = write_copy(person=person, to=io.BytesIO(), behind_the_wall=True, by="bench", now=NOW)
            taken["copy"].append(time.perf_counter() - start)
            assert rows > given.touches
            with CaptureQueriesContext(connection) as queries:
                write_copy(person=person, to=io.BytesIO(), behind_the_wall=True, by="bench", now=NOW)
            statements.append(len(queries))
            tracemalloc.start()
            write_copy(person=person, to=io.BytesIO(), behind_the_wall=True, by="bench", now=NOW)
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            start = time.perf_counter()
            erase(person=person, by="bench", now=NOW)
            taken["erasure"].append(time.perf_counter() - start)
            assert not Touch.objects.filter(person=person.pk).exists()
        plain_took = statistics.median(taken["plain"])
        missed = False
        for name in ("copy", "erasure"):
            took = statistics.median(taken[name])
            missed |= took > BAR_SECONDS
            print(
                f"rights {kind}: {name} of a person with {given.touches} touches in {took:.2f} s, "
                f"{took / plain_took:.1f} times reading them ({plain_took:.2f} s); bar {BAR_SECONDS} s"
            )
        print(f"rights {kind}: a copy asks {max(statements)} statements and takes {peak / 2**20:.0f} MiB at most")
        return int(missed)


def touches(person: int, many: int) -> None:
    """As a person of many years has them: calls and mails, half of them with a summary."""
    from datetime import timedelta

    from perennial.contact.models import Touch

    Touch.objects.bulk_create(
        [
            Touch(
                person_id=person,
                at=NOW - timedelta(hours=number),
                direction="ours" if number % 3 else "theirs",
                kind="mail" if number % 3 else "call",
                channel="email" if number % 3 else "phone",
                purpose="personal",
                intent="neutral",
                origin=f"rights:{number}",
                summary=f"Spoke of the harbour of Rotterdam Zuid and of Fenna de Boer, for the {number}th time"
                if number % 2
                else "",
            )
            for number in range(many)
        ],
        batch_size=1_000,
    )


if __name__ == "__main__":
    sys.exit(main())
