"""Where the corpora lie: npm packages that nobody here wrote, put into node_modules by `npm ci --ignore-scripts`."""

import os
from pathlib import Path

import pytest

MODULES = Path(__file__).resolve().parents[2] / "node_modules"


def corpus(name: str) -> Path:
    """The folder of a package. Elsewhere than in CI its tests are skipped where it is not installed."""
    folder = MODULES / name
    if not folder.is_dir():
        reason = f"{name} is not installed; `npm ci --ignore-scripts` installs it"
        if os.environ.get("CI") == "true":
            raise AssertionError(reason)
        pytest.skip(reason, allow_module_level=True)
    return folder
