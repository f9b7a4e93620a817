"""Personal data planted everywhere, and searched for in every column of every table and every byte of every file.

What is searched for is found everywhere first, so the search that finds nothing afterwards could have found it.
"""

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django_tasks_db.models import DBTaskResult

from perennial.contact.actions import record_touch
from perennial.contact.enums import Direction, TouchKind
from perennial.departures.models import (
    AnswerTheme,
    ConversationNote,
    Departure,
    ExitAnswers,
    Farewell,
    FarewellStep,
    PersonDecision,
    Theme,
)
from perennial.intake.columns import Field
from perennial.intake.errors_file import folder
from perennial.intake.models import FormerValue, ImportRun, StagedChange, StagedRow
from perennial.intake.receiving import receive_file
from perennial.intake.remembering import remember_columns, remember_values
from perennial.kernel.purposes import Purpose
from perennial.kernel.text import searchable
from perennial.people.models import Person
from perennial.privacy.actions import erase
from tests.cast import NOW, TODAY, person
from tests.privacy import test_erasure as story

pytestmark = pytest.mark.django_db(transaction=True)

# One word for each place that a text may stand in, so that each is looked for by itself. Signs that JSON escapes.
NAME = "Ксавьера Quixwoodé"
WORDS = {
    "a name": "Ксавьера",
    "a family name": "Quixwoodé",
    "an address": "xquix",
    "a number": "QX-998877",
    "a place on the net": "192.0.2.77",
    "a title": "Grandmaster of Dredging",
    "a company": "Zwischenwasser",
    "a skill": "Wellenlesen",
    "a summary": "Muschelbank",
    "a reason": "Gangspill",
    "a gift": "Kaffeemühle",
    "a theme": "Ankerkette",
    "a former title": "Bootsmannsgehilfe",
    "a trace of failed work": "Havarieprotokoll",
}
# What is encrypted is looked for as it stands encrypted.
SECRETS = ("The canteen closes at noon", "Kielwasser-Notiz", "Zeugnis-Erklärung", "manager@quix.example", "Deichweg 1")


def forms(word: str) -> set[str]:
    return {word.casefold(), searchable(word), json.dumps(word)[1:-1].casefold(), repr(word)[1:-1].casefold()}


def in_tables() -> dict[str, str]:
    """All that stands in each column of each table, in small letters."""
    found = {}
    with connection.cursor() as cursor:
        for table in story.tables():
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            names = [column[0] for column in cursor.description]
            rows = cursor.fetchall()
            for place, name in enumerate(names):
                found[f"{table}.{name}"] = "\n".join(_text(row[place]) for row in rows).casefold()
    return found


def _text(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "replace")
    return value if isinstance(value, str) else json.dumps(value, default=str)


def in_files(home: Path) -> dict[str, str]:
    """All that stands in each file of the data folder, and in those of SQLite."""
    paths = [path for path in home.rglob("*") if path.is_file()]
    if connection.vendor == "sqlite":
        database = Path(connection.settings_dict["NAME"])
        paths += [path for path in database.parent.glob(f"{database.name}*") if path.is_file()]
    return {path.name: path.read_bytes().decode("utf-8", "replace").casefold() for path in paths}


def places(words: dict[str, str], home: Path) -> dict[str, set[str]]:
    """Where each word stands, in whatever form."""
    texts = {**in_tables(), **in_files(home)}
    found = {
        name: {place for place, text in texts.items() if any(form in text for form in forms(word))}
        for name, word in words.items()
    }
    return {name: where for name, where in found.items() if where}


def encrypted() -> dict[str, str]:
    """What stands in each encrypted column, as it stands there."""
    found = {}
    with connection.cursor() as cursor:
        for table, column in (
            ("departures_answer", "text"),
            ("departures_conversationnote", "text"),
            ("departures_persondecision", "explanation"),
            ("departures_farewell", "manager_email"),
            ("departures_farewell", "flowers_address"),
        ):
            cursor.execute(f'SELECT "{column}" FROM "{table}" WHERE "{column}" <> %s', [""])  # noqa: S608
            found[f"{table}.{column}"] = cursor.fetchall()[0][0]
    return found


def plant_more(someone: Person) -> None:
    """Beside what `test_erasure` plants: what colleagues and lists say of somebody."""
    departure = Departure.objects.get(person=someone)
    summary = f"{WORDS['a summary']} {NAME}"
    touch = {"direction": Direction.THEIRS, "kind": TouchKind.CALL, "purpose": Purpose.PERSONAL}
    record_touch(person=someone, at=NOW, origin="planted", summary=summary, **touch)
    ConversationNote.objects.create(departure=departure, question="improve", text=SECRETS[1], by="user:1", at=NOW)
    PersonDecision.objects.create(
        person=someone,
        kind="rehire",
        outcome="yes",
        reason=PersonDecision._meta.get_field("reason").choices[0][0],
        explanation=SECRETS[2],
        proposed_by="user:1",
        proposed_at=NOW,
    )
    steps = FarewellStep.objects.filter(departure=departure).order_by("pk")
    first, second = steps[0], steps[1]
    Farewell.objects.filter(departure=departure).delete()
    Farewell.objects.create(
        departure=departure,
        template_id=FarewellStep.objects.filter(departure=departure).values_list("template_step__template", flat=True)[
            0
        ],
        manager_email=SECRETS[3],
        flowers_address=SECRETS[4],
        flowers_agreed_at=NOW,
        first_day_on=TODAY,
    )
    FarewellStep.objects.filter(pk=first.pk).update(
        state="skipped", reason=WORDS["a reason"], settled_at=NOW, settled_by="user:1"
    )
    FarewellStep.objects.filter(pk=second.pk).update(title=WORDS["a gift"])
    theme = Theme.objects.create(name=WORDS["a theme"], made_by="user:1", made_at=NOW)
    AnswerTheme.objects.create(answers=ExitAnswers.objects.get(departure=departure), theme=theme, by="user:1")
    run = ImportRun.objects.create(
        source="hr", file_name="old.csv", state="done", started_by="user:1", created_at=NOW, header=[NAME, "4711"]
    )
    former = {"run": run, "batch": 1, "person_ref": someone.pk, "row_ref": 1, "field": "title"}
    FormerValue.objects.create(**former, before=WORDS["a former title"], after=WORDS["a title"])
    bob = person("Bob Stone", manager=NAME)
    StagedRow.objects.create(run=run, number=9, outcome="changed", full_name="Bob Stone", manager=NAME)
    StagedChange.objects.create(run=run, number=9, field="manager", before="", after=NAME)
    FormerValue.objects.create(run=run, batch=1, person_ref=bob.pk, row_ref=1, field="manager", before=NAME, after="")
    remember_columns(source="hr", header=[NAME, "QX-998877"], mapping={}, by="user:1", now=NOW)
    remember_values(source="hr", meanings={(Field.STATUS, f"Mrs {NAME}"): ""}, by="user:1", now=NOW)
    line = f"QX-998877,{NAME},xquix@employer.example,2026-10-01\n"
    content = ("Employee number,Full name,Business e-mail,Last day\n" + line).encode()
    receive_file(chunks=[content], file_name="waiting.csv", source="hr", by="user:1", now=NOW)
    DBTaskResult.objects.create(
        args_kwargs={"args": [run.pk], "kwargs": {}},
        task_path="perennial.intake.tasks.compare",
        backend_name="default",
        run_after=NOW,
        status="FAILED",
        traceback=f"Key (name)=({NAME}) {WORDS['a trace of failed work']}",
    )


def test_planted_everywhere_and_after_erasure_nowhere(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PERENNIAL_DATA_DIR = tmp_path
    story.programme()
    monkeypatch.setattr(story, "NAME", NAME)
    someone = story.planted()
    story.add_position(person=someone, company=WORDS["a company"], domain="", source="typed", by="user:1", now=NOW)
    story.set_skills(person=someone, names=[WORDS["a skill"]], source="typed", by="user:1", now=NOW)
    done, rejected = story.staged(someone)
    rejected.write_text(f"{NAME};no last day", encoding="utf-8")
    StagedRow.objects.filter(run=done, number=2).update(cells=[NAME, "QX-998877"])
    plant_more(someone)
    Person.objects.filter(pk=someone.pk).update(called="Ксавьера")

    before = places(WORDS, tmp_path)
    assert set(before) == set(WORDS)
    tables_told = {place.split(".")[0] for where in before.values() for place in where}
    assert tables_told >= {
        *("people_person", "people_stint", "people_emailaddress", "people_company", "people_skill", "people_word"),
        *("consent_evidence", "contact_touch", "mail_mailing", "mail_message", "departures_farewellstep"),
        *("departures_theme", "intake_stagedrow", "intake_stagedchange", "intake_formervalue", "intake_importrun"),
        *("intake_sourcecolumn", "intake_sourcevalue", "django_tasks_database_dbtaskresult"),
    }
    assert {rejected.name} <= before["a name"]
    sealed = encrypted()
    assert len(sealed) == 5
    assert set(places(sealed, tmp_path)) == set(sealed)
    if connection.vendor == "sqlite":
        assert any("sqlite3" in place for place in before["a name"])

    erase(person=someone, by="user:1", now=NOW + timedelta(days=20))

    assert places(WORDS, tmp_path) == {}
    assert places(sealed, tmp_path) == {}
    # Nor in the copies that may be made from now on.
    copy = tmp_path / "copy"
    copy.mkdir()
    if connection.vendor == "sqlite":
        shutil.copy(connection.settings_dict["NAME"], copy / "database")
        assert places(WORDS, copy) == {}
    assert folder().exists()
