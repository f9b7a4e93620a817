"""How a test gets round the guards of tables that are only ever added to. The product has no such thing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from perennial.kernel.guards import guarded


@contextmanager
def lifted(connection: Any) -> Iterator[None]:
    """Without guards inside; afterwards as it was."""
    names = [name for name, _table in guarded()]
    tables = sorted({table for _name, table in guarded()})
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for table in tables:
                cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
            yield
            # No table is altered while PostgreSQL has yet to look at its foreign keys.
            connection.check_constraints()
            for table in tables:
                cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')
            return
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        standing = [(name, sql) for name, sql in cursor.fetchall() if name in names]
        for name, _sql in standing:
            cursor.execute(f'DROP TRIGGER "{name}"')
        yield
        for _name, sql in standing:
            cursor.execute(sql)
