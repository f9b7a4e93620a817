"""Tables that are only ever added to: the database refuses everything else, whoever asks."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations.state import ModelState, ProjectState

from perennial.audit.actions import record
from perennial.audit.models import Event
from perennial.consent.actions import grant_request, request_consents
from perennial.consent.models import LedgerEntry, Wording
from perennial.kernel.guards import NeverChanged, NeverDeleted, guarded, missing_guards
from perennial.operate.soundness import findings
from perennial.programme.additions import add_words
from perennial.programme.models import Addition, CouncilAnswer, InterestRecord
from tests.cast import NOW, TODAY, person, programme
from tests.guards import lifted

GUARDED: list[type[models.Model]] = [Event, LedgerEntry, Wording, Addition, InterestRecord, CouncilAnswer]
DEEDS: dict[str, Callable[[str], str]] = {
    "update": lambda table: f'UPDATE "{table}" SET id = id',  # noqa: S608 - a name of ours
    "delete": lambda table: f'DELETE FROM "{table}"',  # noqa: S608 - a name of ours
    "truncate": lambda table: f'TRUNCATE "{table}" CASCADE',
    "replace": lambda table: f'REPLACE INTO "{table}" SELECT * FROM "{table}"',  # noqa: S608 - a name of ours
    "upsert": lambda table: (
        f'INSERT INTO "{table}" SELECT * FROM "{table}" WHERE true '  # noqa: S608 - a name of ours
        "ON CONFLICT (id) DO UPDATE SET id = excluded.id"
    ),
}
# What only one of the two databases has, and what is like it on the other.
ELSEWHERE = {"sqlite": {"truncate": "delete"}, "postgresql": {"replace": "upsert"}}


@pytest.fixture(params=GUARDED, ids=lambda kind: kind._meta.label)
def kind(request: pytest.FixtureRequest, db: None) -> type[models.Model]:
    """A guarded model with rows."""
    programme()
    alice = person(private="alice@home.example")
    asked = request_consents(
        person=alice, address=alice.addresses.get(), purposes=["personal"], channels=[], language="en", by="t", now=NOW
    )
    grant_request(request=asked, ip=None, by="t", now=NOW)
    add_words(section="transfers", text="The server stands in Rotterdam.", by="t", now=NOW)
    CouncilAnswer.objects.create(country="NL", gate="wor_27", outcome="agreed", answered_on=TODAY, by="t", at=NOW)
    record(deed="test.done", by="t", now=NOW)
    # PostgreSQL looks at foreign keys at the end, and alters no table before it has.
    connection.check_constraints()
    guarded_kind: type[models.Model] = request.param
    return guarded_kind


def refused(statement: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except IntegrityError as error:
        return "only ever added to" in str(error)
    return False


def rows(kind: type[models.Model]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = list(kind._base_manager.order_by("pk").values())
    assert found
    return found


@pytest.mark.parametrize("deed", DEEDS)
def test_raw_statements_are_refused(kind: type[models.Model], deed: str) -> None:
    deed = ELSEWHERE[connection.vendor].get(deed, deed)
    before = rows(kind)
    assert refused(DEEDS[deed](kind._meta.db_table))
    assert rows(kind) == before


def test_the_orm_is_refused_in_every_way_it_has(kind: type[models.Model]) -> None:
    before = rows(kind)
    row = kind._base_manager.latest("pk")
    field = next(each.attname for each in kind._meta.concrete_fields if not each.primary_key and not each.is_relation)
    ways: list[Callable[[], object]] = [
        row.save,
        lambda: kind._base_manager.update(**{field: getattr(row, field)}),
        lambda: kind._base_manager.bulk_update([row], [field]),
        lambda: kind._base_manager.all()._raw_delete("default"),
    ]
    for way in ways:
        with pytest.raises(IntegrityError, match="only ever added to"), transaction.atomic():
            way()
    assert rows(kind) == before


def test_rows_are_added_as_before(kind: type[models.Model]) -> None:
    before = rows(kind)
    copy = kind._base_manager.latest("pk")
    copy.pk = None
    if isinstance(copy, Wording | InterestRecord):
        copy.version += 1
    copy.save(force_insert=True)
    assert rows(kind)[:-1] == before


def test_the_guards_stand_after_the_table_was_made_anew(kind: type[models.Model]) -> None:
    """As a later migration would: a new column with a value for the rows there are, and a column of another type."""
    state = ProjectState.from_apps(_apps())
    label = kind._meta.app_label
    before = len(rows(kind))
    model = state.apps.get_model(label, kind._meta.model_name or "")
    field = models.CharField(max_length=10, default="x")
    field.set_attributes_from_name("added")
    with _editor() as editor:
        editor.add_field(model, field)
    state.add_field(label, kind._meta.model_name or "", "added", field, preserve_default=True)
    model = state.apps.get_model(label, kind._meta.model_name or "")
    longer = models.CharField(max_length=500, null=True)
    longer.set_attributes_from_name("added")
    longer.model = model
    with _editor() as editor:
        editor.alter_field(model, model._meta.get_field("added"), longer, strict=True)
    assert missing_guards() == []
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT added FROM "{kind._meta.db_table}"')  # noqa: S608 - a name of ours
        assert len(cursor.fetchall()) == before
    for deed in ("update", "delete"):
        assert refused(DEEDS[deed](kind._meta.db_table)), deed


def _apps() -> Any:
    from django.apps import apps

    return apps


def _editor() -> Any:
    """The schema editor within the transaction of the test, which SQLite allows once nothing is checked in between."""
    editor = connection.schema_editor(atomic=False)
    if connection.vendor == "sqlite":
        editor.deferred_sql = []
        return _Within(editor)
    return editor


class _Within:
    """SQLite's editor refuses to begin in a transaction, for fear of foreign keys; the last statements are ours."""

    def __init__(self, editor: Any) -> None:
        self.editor = editor

    def __enter__(self) -> Any:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA defer_foreign_keys = ON")
        return self.editor

    def __exit__(self, *_raised: object) -> None:
        for statement in self.editor.deferred_sql:
            self.editor.execute(statement, None)


def test_a_guard_that_is_asked_for_and_not_there_is_told_by_the_check(db: None) -> None:
    programme()
    assert missing_guards() == []
    assert [each.sentence for each in findings() if "only ever added to" in each.sentence and each.ok]
    with connection.cursor() as cursor:
        on = " ON consent_ledgerentry" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER no_act_is_changed{on}")
    assert missing_guards() == [("no_act_is_changed", "consent_ledgerentry")]
    [told] = [each for each in findings() if "no_act_is_changed" in each.sentence]
    assert not told.ok


@pytest.mark.postgresql
def test_a_guard_that_is_switched_off_is_told_too(db: None) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("PostgreSQL switches triggers off")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER no_event_is_deleted")
    assert missing_guards() == [("no_event_is_deleted", "audit_event")]


def test_what_a_test_may_do_leaves_the_guards_standing(kind: type[models.Model]) -> None:
    with lifted(connection), connection.cursor() as cursor:
        cursor.execute(DEEDS["update"](kind._meta.db_table))
    assert missing_guards() == []
    assert refused(DEEDS["update"](kind._meta.db_table))


def test_every_table_that_promises_it_has_both_guards() -> None:
    tables = {kind._meta.db_table for kind in GUARDED}
    assert {table for _name, table in guarded()} == tables
    assert len(guarded()) == 2 * len(tables)


def test_guards_are_told_apart_by_kind_and_name_and_written_into_migrations() -> None:
    assert NeverChanged(name="a") == NeverChanged(name="a")
    assert NeverChanged(name="a") != NeverChanged(name="b")
    assert NeverChanged(name="a") != NeverDeleted(name="a")
    assert NeverDeleted(name="a").deconstruct() == ("perennial.kernel.guards.NeverDeleted", (), {"name": "a"})
    assert NeverDeleted(name="a").clone() == NeverDeleted(name="a")


@pytest.mark.django_db(transaction=True)
def test_a_guard_is_made_with_its_table_and_goes_when_it_is_no_longer_asked_for() -> None:
    guard = NeverChanged(name="test_guard")
    fields = [("id", models.BigAutoField(primary_key=True)), ("text", models.CharField(max_length=9, db_default="-"))]
    state = ProjectState()
    state.add_model(ModelState("audit", "Kept", fields, {"constraints": [guard], "db_table": "test_kept"}))
    kept = state.apps.get_model("audit", "kept")
    with connection.schema_editor() as editor:
        editor.create_model(kept)
    try:
        kept._base_manager.create()
        assert refused("UPDATE \"test_kept\" SET text = '+'")
        state.remove_constraint("audit", "kept", "test_guard")
        with connection.schema_editor() as editor:
            editor.remove_constraint(state.apps.get_model("audit", "kept"), guard)
        assert not refused("UPDATE \"test_kept\" SET text = '+'")
    finally:
        with connection.schema_editor() as editor:
            editor.delete_model(kept)
