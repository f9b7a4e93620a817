"""A file is brought: it is kept for us alone, opened, and its columns are looked at. Where every way in begins."""

import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from perennial.audit.actions import record
from perennial.intake.columns import Field
from perennial.intake.enums import ImportState
from perennial.intake.errors_file import folder, open_private
from perennial.intake.models import SOURCE_LENGTH, ImportRun
from perennial.intake.queries import recognitions
from perennial.intake.reader.refusals import UnreadableFile
from perennial.intake.reader.table import Table, open_table
from perennial.intake.recognising import contested, proposed
from perennial.intake.rows import NAME_FIELDS, WHEN_FIELDS
from perennial.kernel.keys import new_key
from perennial.kernel.text import one_line

DEFAULT_SOURCE = "upload"


class FileRefusedError(Exception):
    """The file as a whole cannot be taken in; the message is one sentence for whoever brought it."""


def receive_file(
    *,
    chunks: Iterable[bytes],
    file_name: str,
    source: str,
    by: str,
    now: datetime,
    refuse_doubt: bool = False,
    watched_path: str = "",
) -> ImportRun:
    """Keep a file that was brought and see what it is. Raises FileRefusedError, and then keeps nothing.

    With `refuse_doubt` a column that is needed and not recognised is a refusal; else it is a question on the page.
    """
    source = checked_source(source)
    key = new_key()
    stored = folder() / f"{key}.file"
    try:
        with os.fdopen(open_private(stored), "wb") as out:
            for chunk in chunks:
                out.write(chunk)
        table = opened(stored)
        mapping = proposed(recognitions(table=table, source=source))
        if refuse_doubt:
            check_mapping(mapping, table)
        with transaction.atomic():
            run = ImportRun.objects.create(
                key=key,
                source=source,
                file_name=one_line(file_name)[:300] or key,
                stored_path=str(stored),
                owns_file=True,
                watched_path=watched_path,
                state=ImportState.MAPPING,
                language=get_language() or "en",
                started_by=by,
                created_at=now,
                mapping={each.value: position for each, position in mapping.items()},
                **reading(table),
            )
            record(deed="intake.received", by=by, now=now, subject_kind="import", subject_key=key)
    except BaseException:
        stored.unlink(missing_ok=True)
        raise
    return run


def opened(path: Path, *, encoding: str | None = None, delimiter: str | None = None, sheet: str | None = None) -> Table:
    try:
        return open_table(path, encoding=encoding or None, delimiter=delimiter or None, sheet=sheet or None)
    except UnreadableFile as refusal:
        raise FileRefusedError(refusal.sentence) from refusal


def check_mapping(mapping: Mapping[Field, int], table: Table) -> None:
    """Raises FileRefusedError with which column is missing and what to do."""
    rivals = contested(table.recognitions)
    for needed, sentence in (
        (
            NAME_FIELDS,
            _("No column was recognised as the name. Call it “Full name”, or “First name” and “Last name”."),
        ),
        (WHEN_FIELDS, _("No column was recognised as the last day or the status. Call one “Last day” or “Status”.")),
    ):
        if any(each in mapping for each in needed):
            continue
        claims = [position for each in needed for position in rivals.get(each, ())]
        if claims:
            names = ", ".join(f"“{table.header[position]}”" for position in claims)
            raise FileRefusedError(
                _("More than one column could be meant (%(names)s). %(sentence)s")
                % {"names": names, "sentence": sentence}
            )
        found = ", ".join(f"“{name}”" for name in table.header[:8] if name)
        raise FileRefusedError(_("%(sentence)s The file has: %(found)s.") % {"sentence": sentence, "found": found})


def checked_source(source: str) -> str:
    name = one_line(source)
    if not name or len(name) > SOURCE_LENGTH:
        raise FileRefusedError(
            ngettext(
                "The source needs a name of at most %(most)s character.",
                "The source needs a name of at most %(most)s characters.",
                SOURCE_LENGTH,
            )
            % {"most": SOURCE_LENGTH}
        )
    return name


def reading(table: Table) -> dict[str, object]:
    return {
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "sheet": table.sheet[:100],
        "header": list(table.header),
    }
