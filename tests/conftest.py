"""What every test shares."""

import gc
import os
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from django.db.backends.base.operations import BaseDatabaseOperations
from django.utils import translation
from pytest_django.fixtures import validate_django_db

from tests.guards import lifted

# What a test asks for that keeps something in a database.
_KEEPERS = {"db", "transactional_db", "live_server", "empty_postgresql"}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Slow tests come first, so that no worker is idle at the end while the other has a long one in hand.

    Where the suite has run on another database already, only what a database can change runs again.
    """
    # Those that commit stay behind: they empty the tables, and what migrations wrote is gone with it.
    items.sort(key=lambda item: not item.get_closest_marker("slow") or _commits(item))
    if os.environ.get("PERENNIAL_TEST_AGAIN") != "1":
        return
    again = [item for item in items if _keeps_something(item)]
    config.hook.pytest_deselected(items=[item for item in items if not _keeps_something(item)])
    items[:] = again


def _commits(item: pytest.Item) -> bool:
    mark = item.get_closest_marker("django_db")
    asked = bool(mark) and validate_django_db(mark)[0]
    return asked or not {"transactional_db", "live_server"}.isdisjoint(getattr(item, "fixturenames", ()))


def pytest_collection_finish() -> None:
    """What five thousand collected tests are made of stays to the end: the collector need not walk through it again."""
    gc.collect()
    gc.freeze()
    # By default it looks every 700 objects, and one page of the desk makes a hundred thousand.
    gc.set_threshold(50_000, 20, 20)


def _keeps_something(item: pytest.Item) -> bool:
    marks = ("django_db", "postgresql")
    return any(item.get_closest_marker(mark) for mark in marks) or not _KEEPERS.isdisjoint(
        getattr(item, "fixturenames", ())
    )


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Where everything should be there (in CI, on PostgreSQL), a skipped test is a failed run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("PERENNIAL_TEST_FAIL_ON_SKIP") == "1" and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """A request leaves its language behind in the thread, and the next test in this process would speak it."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True, scope="session")
def _tables_are_emptied_between_tests() -> Iterator[None]:
    """A test that commits is followed by a flush, which the guards of the tables rightly refuse."""
    flush = BaseDatabaseOperations.execute_sql_flush

    def unguarded(operations: Any, sql_list: Sequence[str]) -> None:
        with lifted(operations.connection):
            flush(operations, _deletions(operations.connection) if sql_list else sql_list)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", unguarded)
        yield


def _deletions(connection: Any) -> list[str]:
    """Empties the tables that hold rows, in any order: foreign keys are looked at when all of it is done.

    Django's TRUNCATE of every table makes new files of a hundred, and PostgreSQL waits for the disk to throw the old
    ones away: three seconds for a test that wrote ten rows.
    """
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    named = {table: connection.ops.quote_name(table) for table in tables}
    with connection.cursor() as cursor:
        # Each is a name of ours.
        asked = (f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {name})" for table, name in named.items())  # noqa: S608
        cursor.execute(" UNION ALL ".join(asked))
        return [f"DELETE FROM {named[table]}" for (table,) in cursor.fetchall()]  # noqa: S608
