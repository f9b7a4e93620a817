"""What every test shares."""

import os
from collections.abc import Iterator

import pytest
from django.utils import translation


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
