"""Replays a consent ledger of 1,000,000 acts against what is kept as agreed, beside one plain pass over the same acts.

python bench/replaying.py [--acts 1000000]
"""

import argparse
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta

from place import place

BAR_SECONDS = 30.0
ROUNDS = 3
NOW = datetime(2026, 9, 14, 9, 0, tzinfo=UTC)
# Of each purpose somebody agreed, withdrew, agreed again, withdrew and so on: so many acts.
ACTS_EACH, PURPOSES = 4, ("newsletter", "events", "personal", "surveys", "business")
BATCH = 5_000


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--acts", type=int, default=1_000_000)
    acts = asked.parse_args().acts
    with place() as kind:
        write(acts // (ACTS_EACH * len(PURPOSES)))
        from django.db import connection

        from perennial.consent.models import ConsentState, LedgerEntry
        from perennial.consent.replay import differences, state_at

        count = LedgerEntry.objects.count()
        # Something to find, or finding nothing would prove nothing.
        planted = ConsentState.objects.order_by("-pk")[0]
        ConsentState.objects.filter(pk=planted.pk).update(granted=not planted.granted)

        def replay() -> int:
            return len(list(differences()))

        def past() -> int:
            return state_at(NOW + timedelta(days=2, hours=1)).count()

        def plain() -> int:
            with connection.cursor() as cursor:
                cursor.execute("SELECT COUNT(*), COUNT(DISTINCT person_key), MAX(at) FROM consent_ledgerentry")
                return int(cursor.fetchone()[0])

        expected = {replay: 1, past: ConsentState.objects.count(), plain: count}
        taken: dict[str, list[float]] = {work.__name__: [] for work in expected}
        for _ in range(ROUNDS):
            for work, result in expected.items():
                start = time.perf_counter()
                found = work()
                taken[work.__name__].append(time.perf_counter() - start)
                assert found == result, (work.__name__, found, result)
        whole, day, baseline = (statistics.median(taken[name]) for name in ("replay", "past", "plain"))
        print(
            f"replaying {kind}: {count:,} acts in {whole:.1f} s, {whole / baseline:.1f} times a plain pass "
            f"({baseline:.1f} s); what held on a day {day:.1f} s; bar {BAR_SECONDS:.0f} s"
        )
        return int(whole > BAR_SECONDS)


def write(people: int) -> None:
    """People who changed their minds: acts in the order of time, so that one person's lie far apart."""
    from django.db import connection

    from perennial.consent.models import ConsentState, LedgerEntry, Wording
    from perennial.people.models import Person

    rows = Person.objects.bulk_create(
        [Person(full_name=f"{at}", sort_name=f"{at}", created_at=NOW, updated_at=NOW) for at in range(people)],
        batch_size=BATCH,
    )
    wording = {
        purpose: Wording.objects.create(purpose=purpose, language="en", version=1, text="-", sha256="-")
        for purpose in PURPOSES
    }
    last: list[LedgerEntry] = []
    for turn in range(ACTS_EACH):
        agrees = turn % 2 == 0
        last = LedgerEntry.objects.bulk_create(
            [
                LedgerEntry(
                    person_key=row.key,
                    purpose=purpose,
                    channel="email",
                    act="granted" if agrees else "withdrawn",
                    means="double_opt_in" if agrees else "preferences",
                    wording=wording[purpose] if agrees else None,
                    at=NOW + timedelta(days=turn),
                    by="bench",
                )
                for row in rows
                for purpose in PURPOSES
            ],
            batch_size=BATCH,
        )
    by_key = {row.key: row for row in rows}
    ConsentState.objects.bulk_create(
        [
            ConsentState(
                person=by_key[entry.person_key],
                purpose=entry.purpose,
                channel=entry.channel,
                granted=entry.act == "granted",
                since=entry.at,
                entry=entry,
            )
            for entry in last
        ],
        batch_size=BATCH,
    )
    with connection.cursor() as cursor:
        # As autovacuum has long done by the time there are so many.
        cursor.execute("ANALYZE")


if __name__ == "__main__":
    sys.exit(main())
