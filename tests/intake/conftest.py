"""Fixtures of the tests of the import."""

from pathlib import Path
from typing import Any

import pytest

from perennial.intake.at_once import ImportResult
from tests import cast
from tests.intake.bringing import HEADER, take_in_file


@pytest.fixture
def programme(db: None) -> None:
    cast.programme()


@pytest.fixture
def take_in(tmp_path: Path) -> Any:
    def run(*lines: str, apply: bool = True, header: str = HEADER, **asked: Any) -> ImportResult:
        path = tmp_path / "leavers.csv"
        path.write_text("\n".join([header, *lines]), encoding="utf-8")
        return take_in_file(path, apply=apply, **asked)

    return run
