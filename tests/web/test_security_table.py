"""docs/security.md: each test it names is there, each of its rows is told, and the list of parts is whole."""

import ast
import re
from pathlib import Path

import pytest

from tools.sbom import REQUIREMENTS, VENDORED, bill

HOUSE = Path(__file__).resolve().parents[2]
TABLE = (HOUSE / "docs" / "security.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TABLE)
ROWS = re.findall(r"^\| (\d+) \| .* \| (met|not applicable|open) \| (.*) \|$", TABLE, re.MULTILINE)


def named_in(file: str) -> set[str]:
    tree = ast.parse((HOUSE / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_every_test_that_is_named_is_there() -> None:
    assert len(NAMED) >= 60
    assert [f"{file}::{name}" for file, name in NAMED if name not in named_in(file)] == []


def test_a_name_that_is_nowhere_would_be_found() -> None:
    assert "test_that_nobody_wrote" not in named_in("tests/web/test_security_table.py")


def test_every_row_of_the_standard_is_told_once() -> None:
    assert [int(number) for number, _state, _why in ROWS] == list(range(1, 46))


def test_what_is_met_names_its_test_and_what_is_not_says_why() -> None:
    for number, state, why in ROWS:
        assert ("`tests/" in why) if state == "met" else len(why) > 10, number


def test_each_class_seen_in_others_has_a_test() -> None:
    lines = [line for line in TABLE.split("## What went wrong in others")[1].splitlines() if line.startswith("| ")]
    assert len(lines[2:]) == 12
    assert [line for line in lines[2:] if "`tests/" not in line] == []


def test_the_list_of_parts_names_every_requirement_with_its_hashes() -> None:
    text = REQUIREMENTS.read_text(encoding="utf-8")
    listed = bill(requirements=text, version="9.9")
    pinned = {line.split("==")[0].split("[")[0].lower() for line in text.splitlines() if re.match(r"[\w.-]+.*==", line)}
    components = {part["name"]: part for part in listed["components"] if "purl" in part}
    assert {re.sub(r"[-_.]+", "-", name) for name in pinned} == set(components)
    assert "django" in components
    assert all(part["hashes"] and part["version"] for part in components.values())
    assert sum(len(part["hashes"]) for part in components.values()) == text.count("--hash=sha256:")
    assert listed["dependencies"][0]["dependsOn"] == [part["bom-ref"] for part in listed["components"]]


def test_the_list_of_parts_names_what_browsers_load() -> None:
    folders = {path.name for path in VENDORED.parent.iterdir() if path.is_dir()}
    listed = bill(requirements="", version="9.9")["components"]
    assert {f"{part['name']}-{part['version']}" for part in listed} == folders
    assert all(part["hashes"] for part in listed)


@pytest.mark.parametrize("key", ["bomFormat", "specVersion", "version", "metadata", "components"])
def test_the_list_has_what_the_format_asks(key: str) -> None:
    assert key in bill(requirements="django==5.2 \\\n    --hash=sha256:" + "a" * 64, version="1")
