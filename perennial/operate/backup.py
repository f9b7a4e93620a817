"""Everything in one file, independent of the kind of database; and back into an empty one.

A ZIP with one JSON line a row and table, and the keys. What was written on SQLite may be read into PostgreSQL and the
other way round, which is also how an installation moves when it outgrows one file.
"""

import json
import os
import secrets
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core import serializers
from django.core.management.color import no_style
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError, connection, models, transaction

from perennial import __version__
from perennial.kernel.encryption import EncryptedTextField, Sealed
from perennial.operate.configuration import Keys, keys_as_text, read_configuration, read_keys
from perennial.people.models import Person
from perennial.people.words import keep as keep_words
from perennial.privacy.journal import entries

# 2: exit answers by question, since there are versions of the questionnaire.
FORMAT = 2
BATCH = 1000
# Rows that are made anew and must not travel: sessions end, background results and knocks at the door are of the
# moment, words follow from people's records.
LEFT_OUT = {
    *("accounts.session", "django_tasks_database.dbtaskresult", "contenttypes.contenttype", "auth.permission"),
    "people.word",
    "web.knock",
}


# What reading a damaged file may raise: from the disk, the archive, its parts, or the database that refuses a row.
_DAMAGE = (
    OSError,
    EOFError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
    KeyError,
    TypeError,
    ValueError,
    serializers.base.DeserializationError,
    DatabaseError,
)


class BackupUnusableError(Exception):
    """The file is no backup of ours, or the place it should go to is not empty."""


def write_backup(path: Path) -> dict[str, int]:
    """Writes the backup, readable by this user only, whole or not at all. Returns {'tables': n, 'rows': m}."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        counts = _write(draft)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return counts


def _write(draft: Path) -> dict[str, int]:
    rows = 0
    kinds = _kinds()
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    # One transaction, so that the tables fit each other while people go on working.
    with os.fdopen(handle, "wb") as raw, zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive, _snapshot():
        for kind in kinds:
            with archive.open(f"{kind._meta.label_lower}.jsonl", "w", force_zip64=True) as file:
                for line in _lines(kind):
                    file.write(line)
                    rows += 1
        # Those in use: a signing key may have been given by the environment.
        archive.writestr("keys.json", keys_as_text(read_configuration().keys))
        archive.writestr("about.json", json.dumps({"format": FORMAT, "version": __version__, "rows": rows}))
    return {"tables": len(kinds), "rows": rows}


def read_backup(path: Path) -> dict[str, int]:
    """Fills an empty, migrated installation. Raises BackupUnusableError and then changes nothing."""
    try:
        with zipfile.ZipFile(path) as archive:
            about = json.loads(archive.read("about.json"))
            if about["format"] != FORMAT:
                version = about["version"]
                raise BackupUnusableError(f"{path} was written by version {version}; restore it with that.")
            return _fill(archive, int(about["rows"]))
    except FileNotFoundError as error:
        raise BackupUnusableError(f"There is no file {path}.") from error
    except _DAMAGE as error:
        raise BackupUnusableError(f"{path} is not a whole backup of Perennial; nothing was changed.") from error


@transaction.atomic
def _fill(archive: zipfile.ZipFile, promised: int) -> dict[str, int]:
    kinds = _kinds()
    for kind in kinds:
        if kind._meta.label_lower != "programme.programme" and kind._base_manager.exists():
            raise BackupUnusableError("This installation is not empty; restore into a fresh database.")
    programme = apps.get_model("programme.programme")
    if programme._base_manager.filter(set_up_at__isnull=False).exists():
        raise BackupUnusableError("This installation is set up already; restore into a fresh database.")
    programme._base_manager.all().delete()
    rows = 0
    for kind in kinds:
        name = f"{kind._meta.label_lower}.jsonl"
        if name not in archive.namelist():
            continue
        with archive.open(name) as file:
            objects = (
                _sealed(item.object) for line in file for item in serializers.deserialize("jsonl", line.decode())
            )
            for batch in _batches(objects):
                kind._base_manager.bulk_create(batch)
                rows += len(batch)
    if rows != promised:
        raise BackupUnusableError(f"The file promises {promised} rows and holds {rows}.")
    keep_words(Person.objects.order_by("pk").values_list("search_text", flat=True).iterator(chunk_size=BATCH))
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), kinds):
            cursor.execute(statement)
    # PostgreSQL would only look at the end whether every row finds what it points at.
    connection.check_constraints()
    # Last, when nothing can fail any more: without the old keys links would break and texts stay unreadable.
    _put_keys(keys_as_text(_with_present_marks(read_keys(archive.read("keys.json").decode()))).encode())
    return {"tables": len(kinds), "rows": rows}


def _with_present_marks(keys: Keys) -> Keys:
    """Keys for looking up what the journal of erasures marked since the backup was made, where it holds anything."""
    if not entries():
        return keys
    marked = tuple(key for key in read_configuration().keys.fingerprint if key not in keys.fingerprint)
    return replace(keys, fingerprint=(*keys.fingerprint, *marked))


def _put_keys(content: bytes) -> None:
    path = read_configuration().data_dir / "keys.json"
    draft = path.with_name("keys.json.part")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    os.replace(draft, path)


def _kinds() -> list[type[models.Model]]:
    """All models in an order in which foreign keys find what they point at."""
    ordered = serializers.sort_dependencies([(app, None) for app in apps.get_app_configs()])
    wanted = [kind for kind in ordered if kind._meta.managed and not kind._meta.proxy]
    wanted = [kind for kind in wanted if kind._meta.label_lower not in LEFT_OUT]
    return _by_foreign_keys(wanted)


def _by_foreign_keys(kinds: list[type[models.Model]]) -> list[type[models.Model]]:
    done: list[type[models.Model]] = []
    waiting = list(kinds)
    while waiting:
        ready = [kind for kind in waiting if not _needs(kind) & set(waiting) - {kind}]
        if not ready:
            raise BackupUnusableError("Tables point at each other in a circle.")
        done += ready
        waiting = [kind for kind in waiting if kind not in ready]
    return done


def _needs(kind: type[models.Model]) -> set[Any]:
    return {field.related_model for field in kind._meta.concrete_fields if field.is_relation}


class _Whole(DjangoJSONEncoder):
    """Keeps the microseconds of a moment, which Django's own drops: what was one after the other must stay so."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, datetime) else super().default(o)


def _lines(kind: type[models.Model]) -> Iterator[bytes]:
    for row in kind._base_manager.order_by("pk").iterator(chunk_size=BATCH):
        yield serializers.serialize("jsonl", [row], cls=_Whole).encode()


def _sealed(row: models.Model) -> models.Model:
    """`row` with what stands encrypted in the file as it is: only the keys in the file can read it."""
    for field in row._meta.concrete_fields:
        text = getattr(row, field.attname)
        if isinstance(field, EncryptedTextField) and text:
            setattr(row, field.attname, Sealed(text))
    return row


def _batches(objects: Iterator[models.Model]) -> Iterator[list[models.Model]]:
    batch: list[models.Model] = []
    for item in objects:
        batch.append(item)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


class _snapshot(transaction.Atomic):  # noqa: N801 - reads as what it is
    """A transaction that sees one state of the database throughout."""

    def __init__(self) -> None:
        super().__init__(using=None, savepoint=False, durable=True)

    def __enter__(self) -> None:
        if connection.vendor == "sqlite":
            # Ours begin as writers. This one only reads, and others must be able to write while it does.
            connection.ensure_connection()
            former, connection.transaction_mode = connection.transaction_mode, "DEFERRED"  # type: ignore[attr-defined]
            try:
                super().__enter__()
            finally:
                connection.transaction_mode = former  # type: ignore[attr-defined]
            return
        super().__enter__()
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
