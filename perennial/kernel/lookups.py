"""A lookup for long lists of ids: `pk__among=ids` is `pk__in=ids` with one parameter, however many there are.

The list goes as one array (PostgreSQL) or one JSON text (SQLite), so that neither Django nor the driver handles each id
by itself, and no limit on the number of parameters is met. Importing this module makes the lookup known.
"""

import json
from collections.abc import Iterable
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import AutoField, BigAutoField, ForeignKey, Lookup
from django.db.models.sql.compiler import SQLCompiler


def among(*, ids: Iterable[int], vendor: str) -> tuple[str, tuple[Any]]:
    """What stands in SQL behind a column that holds one of `ids`, and its one parameter."""
    if vendor == "postgresql":
        return "= ANY(%s::bigint[])", (list(ids),)
    return "IN (SELECT value FROM json_each(%s))", (json.dumps(list(ids)),)


@AutoField.register_lookup
@BigAutoField.register_lookup
@ForeignKey.register_lookup
class Among(Lookup[Any]):
    """Whether the id is one of a list of ids."""

    lookup_name = "among"

    def get_prep_lookup(self) -> list[int]:
        return [int(each) for each in self.rhs]

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        column, parameters = self.process_lhs(compiler, connection)
        condition, ids = among(ids=self.rhs, vendor=connection.vendor)
        return f"{column} {condition}", (*parameters, *ids)
