"""Erased stays erased: after a backup from before was put back, after the same list was taken in again."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from perennial.contact.models import Suppression
from perennial.intake.at_once import run_import
from perennial.intake.enums import EmptyCells, Mode
from perennial.intake.models import FormerValue, ImportRun, StagedChange, StagedRow
from perennial.kernel.keys import fingerprint
from perennial.operate import backup
from perennial.operate.backup import read_backup, write_backup
from perennial.operate.configuration import read_configuration
from perennial.people.actions import add_address, add_person, add_stint
from perennial.people.models import Person, Stint
from perennial.privacy.actions import erase
from perennial.privacy.journal import entries
from perennial.privacy.models import Erasure
from perennial.privacy.replaying import replay
from tests.cast import NOW, person, programme

DAY = timedelta(days=1)
HEADER = "Employee number;Full name;Business e-mail;Private e-mail;First day;Last day;Manager\n"
LINES = (
    "4711;Alice van Dam;alice@employer.example;alice@home.example;2020-01-01;2026-09-20;Mara Smit\n"
    "4712;Bob Stone;bob@employer.example;bob@home.example;2020-01-01;2026-09-20;Alice van Dam\n"
)


@pytest.fixture
def house(transactional_db: None, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> Path:
    configuration = read_configuration({"PERENNIAL_DATA_DIR": str(tmp_path / "house")})
    monkeypatch.setattr(backup, "read_configuration", lambda: configuration)
    settings.PERENNIAL_DATA_DIR = configuration.data_dir
    settings.PERENNIAL_FINGERPRINT_KEYS = configuration.keys.fingerprint
    settings.PERENNIAL_DATA_KEYS = configuration.keys.data
    programme()
    return configuration.data_dir


def take_in(tmp_path: Path, lines: str = LINES) -> Any:
    file = tmp_path / "leavers.csv"
    file.write_text(HEADER + lines, encoding="utf-8")
    return run_import(
        path=file,
        source="hr",
        apply=True,
        date_order=None,
        mode=Mode.ADD_AND_UPDATE,
        empty_cells=EmptyCells.LEAVE,
        by="command",
        now=NOW,
    )


def put_back(file: Path, *, at: Any) -> int:
    call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)
    read_backup(file)
    return replay(thoroughly=True, now=at)


def test_erased_after_a_backup_that_is_put_back_and_the_same_list_still_gone(house: Path, tmp_path: Path) -> None:
    assert take_in(tmp_path).created == 2
    write_backup(tmp_path / "before.zip")
    alice = Person.objects.get(full_name="Alice van Dam")
    erase(person=alice, by="user:1", now=NOW + DAY)
    assert Stint.objects.get().manager == ""

    assert put_back(tmp_path / "before.zip", at=NOW + 2 * DAY) == 1
    assert list(Person.objects.values_list("full_name", flat=True)) == ["Bob Stone"]
    assert Stint.objects.get().manager == ""
    assert Erasure.objects.get().person_key == alice.key

    again = take_in(tmp_path)
    assert (again.created, again.rejected) == (0, 1)
    assert list(Person.objects.values_list("full_name", flat=True)) == ["Bob Stone"]
    # Nor does she come back as Bob's manager.
    assert Stint.objects.get().manager == ""


def test_without_the_journal_she_would_be_back(house: Path, tmp_path: Path) -> None:
    """The test above can fail."""
    take_in(tmp_path)
    write_backup(tmp_path / "before.zip")
    erase(person=Person.objects.get(full_name="Alice van Dam"), by="user:1", now=NOW + DAY)
    (house / "erased.jsonl").unlink()
    assert put_back(tmp_path / "before.zip", at=NOW + 2 * DAY) == 0
    assert Person.objects.filter(full_name="Alice van Dam").exists()


def test_a_list_is_refused_that_brings_somebody_whom_the_backup_does_not_know(house: Path, tmp_path: Path) -> None:
    write_backup(tmp_path / "empty.zip")
    take_in(tmp_path)
    erase(person=Person.objects.get(full_name="Alice van Dam"), by="user:1", now=NOW + DAY)
    assert put_back(tmp_path / "empty.zip", at=NOW + 2 * DAY) == 0
    assert take_in(tmp_path).rejected == 1
    assert list(Person.objects.values_list("full_name", flat=True)) == ["Bob Stone"]


def test_an_older_backup_knows_her_by_other_keys_and_she_goes_all_the_same(house: Path) -> None:
    """Added twice under different keys: the address, the number and the name with its days each tell her."""
    for address, number in (("alice@home.example", ""), ("", "4711"), ("", "")):
        first = person("Alice van Dam", private=address, employee_number=number)
        erase(person=first, by="user:1", now=NOW + DAY)
        person("Alice van Dam", private=address, employee_number=number)
        assert replay(thoroughly=True, now=NOW + 2 * DAY) == 1
        assert not Person.objects.exists()


def test_who_comes_back_later_by_their_own_will_stays(house: Path) -> None:
    erase(person=person("Alice van Dam", private="alice@home.example"), by="user:1", now=NOW)
    again = add_person(full_name="Alice van Dam", source="typed", by="user:1", now=NOW + DAY)
    add_address(person=again, address="alice@home.example", kind="private", source="typed", now=NOW + DAY)
    assert replay(thoroughly=True, now=NOW + 2 * DAY) == 0
    assert Person.objects.get() == again


def test_who_shares_a_mailbox_with_somebody_erased_stays(house: Path) -> None:
    alice, bob = person("Alice van Dam", ends_on=date(2026, 9, 20)), person("Bob Bakker", ends_on=date(2026, 9, 21))
    for each in (alice, bob):
        add_address(
            person=each, address="family@home.example", kind="private", source="hr", given_on=NOW.date(), now=NOW
        )
    # One from before we minded: its mark tells both, and this database knows it.
    erase(person=alice, by="user:1", now=NOW + DAY)
    Erasure.objects.update(marks=[*Erasure.objects.get().marks, fingerprint("family@home.example")])
    assert replay(thoroughly=False, now=NOW + 2 * DAY) == 0
    assert Person.objects.get() == bob


def test_the_mark_of_a_shared_mailbox_is_not_kept(house: Path) -> None:
    alice, bob = person("Alice van Dam", ends_on=date(2026, 9, 20)), person("Bob Bakker", ends_on=date(2026, 9, 21))
    for each in (alice, bob):
        add_address(
            person=each, address="family@home.example", kind="private", source="hr", given_on=NOW.date(), now=NOW
        )
    mark = fingerprint("family@home.example")
    erase(person=alice, by="user:1", now=NOW + DAY)
    assert mark not in Erasure.objects.get().marks
    erase(person=bob, by="user:1", now=NOW + DAY)
    assert mark in Erasure.objects.latest("pk").marks


def test_replaying_twice_changes_nothing(house: Path) -> None:
    erase(person=person("Alice van Dam", private="alice@home.example"), by="user:1", now=NOW)
    rows = [list(model.objects.order_by("pk").values()) for model in (Erasure, Suppression)]
    journal = entries()
    assert replay(thoroughly=True, now=NOW + DAY) == replay(thoroughly=False, now=NOW + DAY) == 0
    assert [list(model.objects.order_by("pk").values()) for model in (Erasure, Suppression)] == rows
    assert entries() == journal


# Her name as the manager of others


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("manager", "after"),
    [
        ("Alice van Dam", ""),
        ("ALICE  VAN DAM", ""),
        ("van Dam, Alice", "van Dam, Alice"),
        ("Dam, Alice van", ""),
        ("Alice van Damme", "Alice van Damme"),
        ("Alice", "Alice"),
    ],
)
def test_her_name_goes_out_of_others_records_where_it_is_exactly_hers(manager: str, after: str) -> None:
    bob = person("Bob Stone", manager=manager)
    erase(person=person("Alice van Dam"), by="user:1", now=NOW)
    assert bob.stints.get().manager == after


@pytest.mark.django_db
def test_of_two_namesakes_the_name_stays_for_the_other_is_counted_and_goes_with_the_last() -> None:
    bob = person("Bob Stone", manager="Alice van Dam")
    first, second = person("Alice van Dam"), person("Alice van Dam")
    erase(person=first, by="user:1", now=NOW)
    assert bob.stints.get().manager == "Alice van Dam"
    assert Erasure.objects.get().kept == {"namesakes": 1}
    erase(person=second, by="user:1", now=NOW)
    assert bob.stints.get().manager == ""


@pytest.mark.django_db
def test_her_name_goes_out_of_what_imports_keep_of_others() -> None:
    bob = person("Bob Stone")
    run = ImportRun.objects.create(source="hr", file_name="l.csv", started_by="user:1", created_at=NOW)
    StagedRow.objects.create(run=run, number=2, outcome="changed", full_name="Bob Stone", manager="Alice van Dam")
    StagedChange.objects.create(run=run, number=2, field="manager", before="Alice van Dam", after="Mara Smit")
    former = {"run": run, "batch": 1, "person_ref": bob.pk, "row_ref": 1, "field": "manager"}
    FormerValue.objects.create(**former, before="Mara Smit", after="Alice van Dam")
    erase(person=person("Alice van Dam"), by="user:1", now=NOW)
    assert StagedRow.objects.get().manager == ""
    assert list(StagedChange.objects.values_list("before", "after")) == [("", "Mara Smit")]
    assert list(FormerValue.objects.values_list("before", "after")) == [("Mara Smit", "")]


@pytest.mark.django_db
def test_a_name_is_kept_as_a_mark_only_where_somebody_names_it_as_their_manager() -> None:
    erase(person=person("Alice van Dam"), by="user:1", now=NOW)
    assert len(Erasure.objects.get().marks) == 1
    alice, bob = person("Anna de Wit"), person("Bob Stone", manager="Anna de Wit")
    add_stint(person=bob, source="hr", starts_on=date(2010, 1, 1), manager="Anna de Wit", by="test", now=NOW)
    erase(person=alice, by="user:1", now=NOW)
    assert len(Erasure.objects.get(person_key=alice.key).marks) == 2
