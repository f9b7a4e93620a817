"""Keeps what a colleague said about the files of a source, for the next of them; and forgets it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from perennial.audit.actions import record
from perennial.intake.columns import Field
from perennial.intake.models import SourceColumn
from perennial.intake.recognising import LONGEST_KEY, header_key


@transaction.atomic
def remember_columns(
    *, source: str, header: Sequence[str], mapping: Mapping[Field, int], by: str, now: datetime
) -> None:
    """Keep what each column of a file was said to mean, or that it was left out.

    A column without a name, and one of a name that stands there twice, could not be known again.
    """
    fields = {position: field for field, position in mapping.items()}
    keys = [header_key(name) for name in header]
    often = Counter(keys)
    said = [
        SourceColumn(
            source=source,
            header_key=key,
            header=header[position][:LONGEST_KEY],
            field=fields.get(position, ""),
            said_by=by,
            said_at=now,
        )
        for position, key in enumerate(keys)
        if key and often[key] == 1
    ]
    SourceColumn.objects.bulk_create(
        said,
        update_conflicts=True,
        unique_fields=["source", "header_key"],
        update_fields=["header", "field", "said_by", "said_at"],
    )


@transaction.atomic
def forget_column(*, source: str, column: int, by: str, now: datetime) -> bool:
    """Forget what a column means in a source; returns whether there was anything to forget."""
    gone, _each = SourceColumn.objects.filter(source=source, pk=column).delete()
    if gone:
        record(deed="intake.column_forgotten", by=by, now=now, subject_kind="source")
    return bool(gone)
