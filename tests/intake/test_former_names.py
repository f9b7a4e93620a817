"""A list that still writes the former name of a department or place lands where its people are."""

from pathlib import Path

import pytest

from perennial.intake import applying, running, steps
from perennial.intake.enums import ImportState
from perennial.intake.models import ImportRun, StagedChange
from perennial.people.models import Person, Stint
from perennial.people.reorganising import merge, rename
from perennial.programme.models import Department, Place
from perennial.programme.structure import named
from tests import cast
from tests.cast import NOW
from tests.intake.bringing import counted, everything, take_in_file
from tests.intake.test_faults import received

pytestmark = pytest.mark.django_db

HEADER = "Employee number,Full name,Department,Location,Last day\n"
ROWS = (
    "1,Alice Winter,Streets,Quay,2026-10-01\n2,Bob Summer,Streets,Quay,2026-10-02\n3,Carla Autumn,Office,,2026-10-03\n"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    cast.programme()
    path = tmp_path / "people.csv"
    path.write_text(HEADER + ROWS)
    return path


def test_after_a_rename_the_same_file_changes_nothing(path: Path) -> None:
    take_in_file(path)
    rename(unit=Department.objects.get(name="Streets"), name="Roads", by="user:1", now=NOW)
    rename(unit=Place.objects.get(name="Quay"), name="Harbour", by="user:1", now=NOW)
    before = everything()
    assert counted(take_in_file(path)) == (0, 0, 3, 0)
    path.write_text(HEADER + ROWS.replace("Streets", "STREETS"))
    assert counted(take_in_file(path)) == (0, 0, 3, 0)
    assert everything() == before
    assert sorted(Department.objects.values_list("name", flat=True)) == ["Office", "Roads"]
    assert sorted(Place.objects.values_list("name", flat=True)) == ["Harbour"]


def test_after_a_merge_the_same_file_changes_nothing_and_new_people_land_in_the_present_department(path: Path) -> None:
    take_in_file(path)
    merge(gone=Department.objects.get(name="Streets"), into=Department.objects.get(name="Office"), by="user:1", now=NOW)
    before = everything()
    assert counted(take_in_file(path)) == (0, 0, 3, 0)
    assert everything() == before
    path.write_text(HEADER + ROWS + "4,Dirk Spring,Streets,,2026-10-04\n")
    assert counted(take_in_file(path)) == (1, 0, 3, 0)
    dirk = Person.objects.get(full_name="Dirk Spring")
    assert dirk.stints.get().department == Department.objects.get()
    assert dirk.search_text.endswith("office")


def test_a_file_that_knows_both_names_says_one_thing(path: Path) -> None:
    take_in_file(path)
    rename(unit=Department.objects.get(name="Streets"), name="Roads", by="user:1", now=NOW)
    path.write_text(HEADER + ROWS + "1,Alice Winter,Roads,Quay,2026-10-01\n")
    assert counted(take_in_file(path)) == (0, 0, 4, 0)


@pytest.mark.parametrize("deed", ["rename", "merge"])
def test_what_was_compared_before_the_name_changed_lands_there_too(path: Path, deed: str) -> None:
    """New people, a moved one, and one for whom nothing changes, all staged under the former name."""
    take_in_file(path)
    path.write_text(
        HEADER + "1,Alice Winter,Streets,Quay,2026-10-01\n3,Carla Autumn,Streets,,2026-10-03\n"
        "4,Dirk Spring,Streets,Quay,2026-10-04\n"
    )
    run = received(path)
    assert (run.created, run.updated, run.unchanged) == (1, 1, 1)
    assert StagedChange.objects.filter(field="department").count() == 1
    streets, quay = Department.objects.get(name="Streets"), Place.objects.get(name="Quay")
    if deed == "rename":
        rename(unit=streets, name="Roads", by="user:1", now=NOW)
        rename(unit=quay, name="Harbour", by="user:1", now=NOW)
    else:
        merge(gone=streets, into=Department.objects.create(name="Roads"), by="user:1", now=NOW)
        merge(gone=quay, into=Place.objects.create(name="Harbour"), by="user:1", now=NOW)
    ImportRun.objects.filter(pk=run.pk).update(state=ImportState.QUEUED)
    worker = running.claim(run_id=run.pk, state=ImportState.QUEUED, becomes=ImportState.APPLYING)
    assert worker is not None
    running.apply_all(run_id=run.pk, worker=worker, now=NOW)
    run.refresh_from_db()
    assert (run.state, run.created, run.updated) == (ImportState.DONE, 1, 1)
    roads = Department.objects.get(name="Roads")
    assert named(Department, "Streets") == roads
    assert sorted(Department.objects.values_list("name", flat=True)) == ["Office", "Roads"]
    assert set(Stint.objects.exclude(employee_number="2").values_list("department", flat=True)) == {roads.pk}
    for name in ("Alice Winter", "Carla Autumn", "Dirk Spring"):
        assert "roads" in Person.objects.get(full_name=name).search_text
        assert "streets" not in Person.objects.get(full_name=name).search_text


def test_nothing_but_the_statements_is_needed_to_land_right(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the name changed between comparing a batch again and writing it, which the lock does not allow."""
    take_in_file(path)
    path.write_text(HEADER + "3,Carla Autumn,Streets,Quay,2026-10-03\n4,Dirk Spring,Streets,Quay,2026-10-04\n")
    run = received(path)
    rename(unit=Department.objects.get(name="Streets"), name="Roads", by="user:1", now=NOW)
    rename(unit=Place.objects.get(name="Quay"), name="Harbour", by="user:1", now=NOW)
    monkeypatch.setattr(applying, "_compare_again", lambda *args, **more: None)
    steps.apply(run=run, by="user:1", now=NOW)
    landed = Stint.objects.filter(employee_number__in=["3", "4"]).values_list("department__name", "place__name")
    assert set(landed) == {("Roads", "Harbour")}
    assert (Department.objects.count(), Place.objects.count()) == (2, 1)
