"""A browser, and a demo that all page tests share."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.house import House

CHROMIUM = os.environ.get("PERENNIAL_TEST_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("demo"))
    try:
        house.start("demo")
        yield house
    finally:
        # One that took too long to start runs all the same.
        house.stop()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An empty place; whatever was started in it is stopped."""
    made = House(tmp_path / "place")
    yield made
    made.stop()
