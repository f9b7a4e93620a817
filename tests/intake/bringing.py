"""Brings files of HR's to the import, and looks at what came of it."""

import csv
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import transaction

from perennial.intake.at_once import ImportResult, run_import
from perennial.people.models import EmailAddress, Person, Stint
from tests import cast
from tests.cast import NOW, TODAY

NEXT_MONTH = TODAY + timedelta(days=30)

HEADER = "Employee number;Full name;Private e-mail;Private e-mail given on;Business e-mail;First day;Last day;Status"


def take_in_file(path: Path, *, apply: bool = True, **asked: Any) -> ImportResult:
    settled = {"source": "hr", "date_order": None, "by": "test", "now": NOW} | asked
    return run_import(path=path, apply=apply, **settled)


def counted(result: ImportResult) -> tuple[int, int, int, int]:
    assert result.rows == result.created + result.updated + result.unchanged + result.rejected
    return result.created, result.updated, result.unchanged, result.rejected


def reasons(result: ImportResult) -> list[str]:
    """The last column of the file of rejected rows."""
    assert result.errors_file is not None
    with Path(result.errors_file).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    return [row[-1] for row in rows[1:]]


def everything() -> dict[str, Any]:
    """All that an import can touch, without times and row numbers."""
    return {
        "people": sorted(
            Person.objects.values_list("full_name", "called", "sort_name", "search_text", "language"), key=str
        ),
        "stints": sorted(
            Stint.objects.values_list(
                *("person__full_name", "source", "employee_number", "starts_on", "ends_on", "status", "title"),
                *("department__name", "place__name", "manager", "contract_kind", "how_ended"),
            ),
            key=str,
        ),
        "addresses": sorted(
            EmailAddress.objects.values_list(
                "person__full_name", "kind", "address", "fingerprint", "state", "source", "given_on"
            ),
            key=str,
        ),
    }


class RolledBack(Exception):  # noqa: N818 - control flow of these tests
    pass


def in_a_world_of_its_own(work: Any) -> Any:
    """Hypothesis runs many examples in one test; each starts from the same empty house."""
    found = None
    try:
        with transaction.atomic():
            cast.programme()
            found = work()
            raise RolledBack
    except RolledBack:
        return found
