"""What an upgrade does to what is there already."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests.cast import NOW

BEFORE, AFTER = ("programme", "0003_ids_of_what_was_merged"), ("programme", "0004_what_was_merged")


@pytest.mark.django_db(transaction=True)
def test_the_ids_of_what_was_merged_before_the_upgrade_lead_on() -> None:
    executor = MigrationExecutor(connection)
    latest = executor.loader.graph.leaf_nodes()
    executor.migrate([BEFORE])
    try:
        old = executor.loader.project_state([BEFORE]).apps
        for unit, alias in (("Department", "DepartmentAlias"), ("Place", "PlaceAlias")):
            now = old.get_model("programme", unit).objects.create(id=7, name="Roads")
            names = old.get_model("programme", alias).objects
            for name, merged in (("Streets", 3), ("Lanes", 5), ("Ways", None)):
                names.create(name=name, since=NOW, merged_id=merged, **{unit.lower(): now})
        executor = MigrationExecutor(connection)
        executor.migrate([AFTER])
        new = executor.loader.project_state([AFTER]).apps
        for unit in ("department", "place"):
            rows = new.get_model("programme", f"Merged{unit}").objects.values_list("former_id", f"{unit}_id")
            assert sorted(rows) == [(3, 7), (5, 7)]
    finally:
        MigrationExecutor(connection).migrate(latest)
