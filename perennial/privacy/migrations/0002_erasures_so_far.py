"""Erasures from before they had a table, by the audit trail and the fingerprints of the same moment.

And on SQLite the file is written anew once: until now what was deleted stayed readable in its free pages.
"""

import sys

from django.db import DatabaseError, migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def take_up(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    erasures, events = apps.get_model("privacy", "Erasure"), apps.get_model("audit", "Event")
    suppressions = apps.get_model("contact", "Suppression")
    for key, at, by in events.objects.filter(deed="privacy.erased").values_list("subject_key", "at", "by"):
        # Of two at the very same moment each gets the marks of both; both are erased.
        marks = suppressions.objects.filter(scope="erased", since=at).values_list("fingerprint", flat=True)
        erasures.objects.get_or_create(person_key=key, defaults={"marks": sorted(marks), "at": at, "by": by})


def write_anew(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor != "sqlite":
        return
    try:
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("VACUUM")
    except DatabaseError as error:
        # It needs as much room on the disk again. What was deleted before may then still be readable in the file.
        sys.stderr.write(f"The database file could not be written anew ({error}); run VACUUM on it once.\n")


class Migration(migrations.Migration):
    # VACUUM runs in no transaction.
    atomic = False
    dependencies = [("privacy", "0001_erasures"), ("audit", "0001_initial"), ("contact", "0001_initial")]
    operations = [
        migrations.RunPython(take_up, migrations.RunPython.noop),
        migrations.RunPython(write_anew, migrations.RunPython.noop),
    ]
