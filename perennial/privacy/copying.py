"""The data copy: everything that is held about one person, for that person (Art. 15 and 20 GDPR).

A ZIP of three files. `data.json` is `{"format", "organisation", "made_at", "complete", "held": {model: [row, ...]}}`,
with the models and fields as docs/privacy.md names them; days and moments are ISO 8601, money is text. Of colleagues
it says 'colleague:' and their role, of other people '[somebody else]'. `index.html` says the same in the person's
language and needs nothing else. `resume.json` is JSON Resume 1.0.0.

Rows are read three times and written as they come, so the memory does not grow with them: for the names in them, for
one file and for the other.
"""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from typing import IO, Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils.translation import override

from perennial.audit.actions import record
from perennial.kernel.privacy import Held, Privacy
from perennial.people.models import Person
from perennial.privacy.held import HELD, rows_about
from perennial.privacy.naming import WITHHELD, Naming, strings_in, with_each
from perennial.privacy.readable import Page
from perennial.privacy.resume import resume
from perennial.programme.queries import current

FORMAT = "perennial-data-copy/1"
_CHUNK = 1_000
# In what others wrote, or what quotes it, somebody else may be named.
_MAY_NAME = frozenset({Privacy.HISTORY, Privacy.JUDGEMENT, Privacy.CONSENT, Privacy.RECORD})


@transaction.atomic
def write_copy(*, person: Person, to: IO[bytes], behind_the_wall: bool, by: str, now: datetime) -> int:
    """Writes the ZIP into `to` and returns how many rows are in it.

    `behind_the_wall`: for the person alone, with what they answered when they left and what was noted of the talk.
    """
    wanted = [held for held in HELD if held.about and held.copied() and (behind_the_wall or not held.behind_the_wall)]
    naming = Naming(person=person, texts=_texts(wanted, person))
    programme = current()
    known = {code for code, _name in settings.LANGUAGES}
    language = person.language if person.language in known else programme.language
    rows = 0
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("data.json", "w", force_zip64=True) as raw, io.TextIOWrapper(raw, "utf-8") as file:
            head = {"format": FORMAT, "organisation": programme.organisation, "made_at": now}
            file.write(_json({**head, "complete": behind_the_wall})[:-1] + ', "held": {')
            for place, held in enumerate(wanted):
                file.write(f"{',' if place else ''}\n{json.dumps(held.model)}: [")
                for number, row in enumerate(_rows(held, person, naming)):
                    file.write(("," if number else "") + "\n " + _json(row))
                    rows += 1
                file.write("]")
            file.write("}}\n")
        with (
            override(language),
            archive.open("index.html", "w", force_zip64=True) as raw,
            io.TextIOWrapper(raw, "utf-8") as file,
        ):
            page = Page(file, language=language, time_zone=programme.time_zone)
            page.begin(organisation=programme.organisation, now=now, complete=behind_the_wall)
            for held in wanted:
                page.section(held, _rows(held, person, naming))
            page.end()
        archive.writestr("resume.json", _json(resume(person=person, organisation=programme.organisation)))
    details = {"rows": rows, "complete": behind_the_wall}
    record(deed="privacy.copied", by=by, now=now, subject_kind="person", subject_key=person.key, details=details)
    return rows


def _texts(wanted: list[Held], person: Person) -> Iterator[str]:
    """What may name others. Columns that are codes alone name nobody and cost little."""
    for held in wanted:
        columns = [name for name, each in held.classes.items() if each in _MAY_NAME]
        rows = rows_about(held, person=person).values_list(*columns) if columns else None
        if rows is not None:
            yield from chain.from_iterable(map(strings_in, chain.from_iterable(rows.iterator(chunk_size=_CHUNK))))


def _rows(held: Held, person: Person, naming: Naming) -> Iterator[dict[str, object]]:
    """The rows of one model as they stand in the copy. The newest first would need no other order; ids are as good."""
    columns = held.copied()
    classes = {name: each for name, each in held.classes.items() if name not in held.shown}
    rows = rows_about(held, person=person).values_list(*columns.values())
    for values in rows.iterator(chunk_size=_CHUNK):
        yield {name: _told(value, classes.get(name), naming) for name, value in zip(columns, values, strict=True)}


def _told(value: Any, privacy: Privacy | None, naming: Naming) -> object:
    if value in (None, ""):
        return value
    if privacy is Privacy.OTHERS:
        return WITHHELD
    if privacy is Privacy.COLLEAGUE:
        return naming.who(value)
    if privacy in _MAY_NAME:
        return with_each(value, naming.without_others)
    return value


def _json(value: object) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
