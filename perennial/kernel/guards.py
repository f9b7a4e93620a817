"""Tables that the database itself keeps from being changed: rows are added and stay as they were written.

A guard stands in a model's `Meta.constraints` and is a trigger. It holds whoever asks: our code, a shell, a slip in a
migration. Both databases answer with an integrity error. What the owner of the database does on purpose (dropping the
trigger) nobody can prevent; `perennial check` says when one is missing.

SQLite makes a table anew for most changes of it, and a trigger goes with the old one. So the statement stands among
those that the schema editor carries out last, and is written again with every table made.
"""

from typing import Any

from django.apps import apps
from django.db import connections
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement, Table
from django.db.models import BaseConstraint, Model

# On PostgreSQL for the statement, since TRUNCATE knows no rows.
_POSTGRESQL = """
CREATE OR REPLACE FUNCTION perennial_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'restrict_violation',
    MESSAGE = TG_TABLE_NAME || ' is only ever added to; ' || TG_OP || ' is refused';
END
$$;
CREATE TRIGGER %(name)s BEFORE %(deeds)s ON %(table)s FOR EACH STATEMENT EXECUTE FUNCTION perennial_refuses()
"""
_SQLITE = (
    "CREATE TRIGGER %(name)s BEFORE %(deeds)s ON %(table)s FOR EACH ROW "
    "BEGIN SELECT RAISE(ABORT, '%(called)s is only ever added to; %(deeds)s is refused'); END"
)


class Guard(BaseConstraint):
    """Refuses statements on a table. `name` is the trigger's, and unique in the database."""

    on_sqlite = ""
    on_postgresql = ""

    def __init__(self, *, name: str) -> None:
        super().__init__(name=name)

    # The types Django's stubs give these three are not those it calls them with.
    def constraint_sql(  # type: ignore[override]
        self, model: type[Model], schema_editor: BaseDatabaseSchemaEditor
    ) -> str:
        """Nothing to say within CREATE TABLE; the trigger follows once the table has its name."""
        schema_editor.deferred_sql.append(self.create_sql(model, schema_editor))
        return ""

    def create_sql(  # type: ignore[override]
        self, model: type[Model], schema_editor: BaseDatabaseSchemaEditor
    ) -> Statement:
        table = model._meta.db_table
        parts = {"name": schema_editor.quote_name(self.name), "table": Table(table, schema_editor.quote_name)}
        if schema_editor.connection.vendor == "postgresql":
            return Statement(_POSTGRESQL, deeds=self.on_postgresql, **parts)
        # A table that is made anew has another name for a moment.
        return Statement(_SQLITE, deeds=self.on_sqlite, called=table.removeprefix("new__"), **parts)

    def remove_sql(  # type: ignore[override]
        self, model: type[Model], schema_editor: BaseDatabaseSchemaEditor
    ) -> Statement:
        """For PostgreSQL; SQLite makes the table anew without it."""
        return Statement(
            "DROP TRIGGER %(name)s ON %(table)s",
            name=schema_editor.quote_name(self.name),
            table=Table(model._meta.db_table, schema_editor.quote_name),
        )

    def validate(self, *_model_and_instance: Any, **_how: Any) -> None:
        """A row cannot break it; a statement can."""

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and isinstance(other, Guard) and other.name == self.name

    def __hash__(self) -> int:
        return hash((type(self), self.name))

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: name={self.name!r}>"


class NeverChanged(Guard):
    """A row stays as it was written."""

    on_sqlite = on_postgresql = "UPDATE"


class NeverDeleted(Guard):
    """A row stays, also when all are thrown away at once."""

    on_sqlite = "DELETE"
    on_postgresql = "DELETE OR TRUNCATE"


_STANDING = {
    "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": (
        "SELECT trigger.tgname, class.relname FROM pg_trigger AS trigger JOIN pg_class AS class "
        "ON class.oid = trigger.tgrelid WHERE NOT trigger.tgisinternal AND trigger.tgenabled IN ('O', 'A') "
        "AND pg_table_is_visible(class.oid)"
    ),
}


def guarded() -> list[tuple[str, str]]:
    """Every guard of every model, as (its name, its table)."""
    return sorted(
        (constraint.name, kind._meta.db_table)
        for kind in apps.get_models()
        for constraint in kind._meta.constraints
        if isinstance(constraint, Guard)
    )


def missing_guards(*, using: str = "default") -> list[tuple[str, str]]:
    """The guards that the models ask for and the database does not have, or has switched off."""
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute(_STANDING[connection.vendor])
        standing = set(cursor.fetchall())
    return [guard for guard in guarded() if guard not in standing]
