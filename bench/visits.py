"""Measures how long the server takes over pages, each beside the first of them."""

import statistics
import time
from collections.abc import Mapping, Sequence

ROUNDS, WARM_UP, KILOBYTES = 40, 3, 100


def within(*, what: str, pages: Mapping[str, str | Sequence[str]], milliseconds: float) -> bool:
    """Visits `pages` as a coordinator and prints each; whether all were within the bars of time (p95) and size.

    Several addresses of one page take turns. The first page is the baseline. The first visits of a page are left out:
    they also read what is cached afterwards.
    """
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from perennial.accounts.models import User
    from perennial.kernel.garbage import spare_what_stands

    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get())
    # As the web server does once it has started.
    spare_what_stands()
    baseline, met = 0.0, True
    for name, said in pages.items():
        paths = [said] if isinstance(said, str) else said
        taken, sizes, counts = [], [], set()
        for turn in range(ROUNDS + WARM_UP):
            path = paths[turn % len(paths)]
            # Django keeps 9,000 statements and then forgets the first, which would be counted as none.
            connection.queries_log.clear()
            with CaptureQueriesContext(connection) as queries:
                start = time.perf_counter()
                answer = client.get(path)
                took = 1000 * (time.perf_counter() - start)
            assert answer.status_code == 200, (path, answer.status_code)
            if turn >= WARM_UP:
                taken.append(took)
                sizes.append(len(answer.content) / 1024)
                counts.add(len(queries))
        p95 = statistics.quantiles(taken, n=20)[-1]
        baseline = baseline or p95
        met &= p95 <= milliseconds and max(sizes) <= KILOBYTES
        print(
            f"{what}: {name}: p95 {p95:.0f} ms, median {statistics.median(taken):.0f}, {p95 / baseline:.1f} times the "
            f"first, {max(sizes):.0f} KB, {'/'.join(map(str, sorted(counts)))} statements",
            flush=True,
        )
    return met
