"""Writes down who said what stands in a field, once it is not whoever brought its row."""

from collections.abc import Iterable
from datetime import datetime

from perennial.people.models import EmailAddress, Person, Position, Provenance, Stint

_NAMES: dict[type, str] = {Person: "person", Stint: "stint", EmailAddress: "address", Position: "position"}


def note_source(
    *, of: Person | Stint | EmailAddress | Position, fields: Iterable[str], source: str, now: datetime
) -> None:
    """Remembers who changed `fields` last: a feed, or somebody as the audit trail names them.

    Runs in the caller's transaction. `intake.applying` writes the same for many rows at once.
    """
    name = _NAMES[type(of)]
    Provenance.objects.bulk_create(
        [Provenance(**{name: of}, field=field, source=source, at=now) for field in fields],
        update_conflicts=True,
        unique_fields=[name, "field"],
        update_fields=["source", "at"],
    )
