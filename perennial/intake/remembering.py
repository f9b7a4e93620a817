"""Keeps what a colleague said about the files of a source, for the next of them; and forgets it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from perennial.audit.actions import record
from perennial.intake.codes import MEANINGS
from perennial.intake.columns import CODE_FIELDS, PLACED_FIELDS, Field
from perennial.intake.models import SourceColumn, SourceValue
from perennial.intake.recognising import LONGEST_KEY, header_key
from perennial.intake.values import LONGEST_KEY as LONGEST_VALUE
from perennial.intake.values import value_key


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
def remember_values(*, source: str, meanings: Mapping[tuple[Field, str], str], by: str, now: datetime) -> None:
    """Keep what values mean, by field and text. An empty meaning: left as it is, and not asked again.

    A department's or place's name that is left as it is need not be kept: it is on file afterwards.
    """
    said: dict[tuple[str, str], SourceValue] = {}
    for (field, text), meaning in meanings.items():
        key = value_key(text)
        if not key or (field in PLACED_FIELDS and not meaning):
            continue
        if field in CODE_FIELDS and meaning and meaning not in MEANINGS[field]:
            raise ValueError(meaning)
        said[field, key] = SourceValue(
            source=source,
            field=field,
            text_key=key,
            text=text[:LONGEST_VALUE],
            meaning=meaning,
            said_by=by,
            said_at=now,
        )
    SourceValue.objects.bulk_create(
        said.values(),
        update_conflicts=True,
        unique_fields=["source", "field", "text_key"],
        update_fields=["text", "meaning", "said_by", "said_at"],
    )


@transaction.atomic
def forget_value(*, source: str, value: int, by: str, now: datetime) -> bool:
    """Forget what a value means in a source; returns whether there was anything to forget."""
    gone, _each = SourceValue.objects.filter(source=source, pk=value).delete()
    if gone:
        record(deed="intake.value_forgotten", by=by, now=now, subject_kind="source")
    return bool(gone)


@transaction.atomic
def forget_column(*, source: str, column: int, by: str, now: datetime) -> bool:
    """Forget what a column means in a source; returns whether there was anything to forget."""
    gone, _each = SourceColumn.objects.filter(source=source, pk=column).delete()
    if gone:
        record(deed="intake.column_forgotten", by=by, now=now, subject_kind="source")
    return bool(gone)
