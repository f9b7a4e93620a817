"""The ledger replayed: what held at any moment, and whether the state kept beside it says the same.

An act is undone by none but the next one of the same person, purpose and channel, so what a replay comes to is the last
of them, and sets of people are replayed by one statement. Last is what was written last: two clocks may differ by a
moment, and going by `at` would turn a withdrawal around.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Max, QuerySet

from perennial.consent.enums import Act
from perennial.consent.models import ConsentState, LedgerEntry, Wording
from perennial.people.models import Person

# In one pass over the ledger: the last act of each, beside who it is about and what is kept as their state.
_DIFFERENCES = """
WITH last AS (
  SELECT person_key, purpose, channel, MAX(id) AS id FROM {ledger} GROUP BY person_key, purpose, channel
)
SELECT last.person_key, last.purpose, last.channel,
  CASE
    WHEN person.id IS NULL THEN 'nobody'
    WHEN state.id IS NULL THEN 'missing'
    WHEN state.entry_id <> last.id THEN 'older'
    ELSE 'differs'
  END
FROM last
JOIN {ledger} AS entry ON entry.id = last.id
LEFT JOIN {wording} AS wording ON wording.id = entry.wording_id
LEFT JOIN {person} AS person ON person.key = last.person_key
LEFT JOIN {state} AS state
  ON state.person_id = person.id AND state.purpose = last.purpose AND state.channel = last.channel
WHERE
  CASE WHEN person.id IS NULL THEN entry.act = %s
  ELSE state.id IS NULL OR state.entry_id <> last.id OR state.granted <> (entry.act = %s) OR state.since <> entry.at
    OR (entry.act = %s AND state.meaning <> wording.meaning)
  END
UNION ALL
SELECT person.key, state.purpose, state.channel, 'unfounded'
FROM {state} AS state
JOIN {person} AS person ON person.id = state.person_id
WHERE NOT EXISTS (
  SELECT 1 FROM {ledger} AS entry
  WHERE entry.person_key = person.key AND entry.purpose = state.purpose AND entry.channel = state.channel
)
ORDER BY 1, 2, 3
"""
SENTENCES = {
    "nobody": "the ledger says agreed, and there is nobody of this key",
    "missing": "the ledger has acts, and no state is kept",
    "older": "the state names an act that is not the last one",
    "differs": "the state says something else than the last act",
    "unfounded": "a state is kept, and the ledger has no act",
}


@dataclass(frozen=True)
class Difference:
    """Where the state kept for the door is not what the ledger comes to. `kind` is a key of SENTENCES."""

    person_key: str
    purpose: str
    channel: str
    kind: str

    @property
    def sentence(self) -> str:
        return SENTENCES[self.kind]


def differences() -> Iterator[Difference]:
    """Every difference between state and ledger, by one statement whatever the number of acts."""
    kinds = {"ledger": LedgerEntry, "wording": Wording, "person": Person, "state": ConsentState}
    tables = {name: connection.ops.quote_name(kind._meta.db_table) for name, kind in kinds.items()}
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENCES.format(**tables), [Act.GRANTED, Act.GRANTED, Act.GRANTED])
        while rows := cursor.fetchmany(1000):
            yield from (Difference(*row) for row in rows)


def state_at(at: datetime | None = None, *, person_key: str = "") -> QuerySet[LedgerEntry]:
    """The grants that held at `at`, of everybody or of one person; without `at` those that hold now.

    At the very moment of a withdrawal it holds no longer.
    """
    acts = LedgerEntry.objects.all() if at is None else LedgerEntry.objects.filter(at__lte=at)
    if person_key:
        acts = acts.filter(person_key=person_key)
    last = acts.order_by().values("person_key", "purpose", "channel").annotate(last=Max("pk")).values("last")
    return LedgerEntry.objects.filter(pk__in=last, act=Act.GRANTED).order_by("person_key", "purpose", "channel", "pk")
