"""The data copy: everything about one person, others left out, readable by people and machines."""

import io
import json
import zipfile
from datetime import date, timedelta
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as house
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from perennial.accounts.roles import Role
from perennial.audit.models import Event
from perennial.contact.actions import record_touch, suppress
from perennial.contact.enums import Direction, TouchKind
from perennial.contact.models import Touch
from perennial.departures.models import ConversationNote, Departure, PersonDecision
from perennial.intake.personal.json_resume import record_of_resume
from perennial.kernel.purposes import Purpose
from perennial.people.actions import add_address
from perennial.people.models import Person
from perennial.privacy.copying import write_copy
from perennial.privacy.held import HELD, rows_about
from perennial.privacy.labels import LABELS
from tests.cast import NOW, colleague, person, programme
from tests.privacy import test_erasure as story

pytestmark = pytest.mark.django_db


def copy_of(someone: Person, *, complete: bool = True) -> tuple[dict[str, Any], str, dict[str, Any]]:
    file = io.BytesIO()
    write_copy(person=someone, to=file, behind_the_wall=complete, by="user:1", now=NOW)
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["data.json", "index.html", "resume.json"]
        told = json.loads(archive.read("data.json"))
        return told, archive.read("index.html").decode(), json.loads(archive.read("resume.json"))


def touch(someone: Person, origin: str, summary: str) -> None:
    record_touch(
        person=someone,
        at=NOW,
        direction=Direction.THEIRS,
        kind=TouchKind.CALL,
        purpose=Purpose.PERSONAL,
        origin=origin,
        summary=summary,
    )


@pytest.fixture
def alice(settings: Any, tmp_path: Path) -> Person:
    """Somebody who went all the way, with notes, a decision, and an import that waits."""
    settings.PERENNIAL_DATA_DIR = tmp_path
    programme()
    someone = story.planted()
    story.staged(someone)
    departure = Departure.objects.get()
    ConversationNote.objects.create(departure=departure, question="improve", text="Kielwasser", by="user:1", at=NOW)
    PersonDecision.objects.create(
        person=someone,
        kind="rehire",
        outcome="no",
        reason=PersonDecision._meta.get_field("reason").choices[0][0],
        explanation="As Zebedee Overmanager says",
        proposed_by="user:1",
        proposed_at=NOW,
        review_on=NOW.date(),
        ends_on=NOW.date() + timedelta(days=30),
    )
    suppress(address="xquix@home.example", reason="refused by the mail server", now=NOW)
    return someone


def test_every_row_about_the_person_is_in_it(alice: Person) -> None:
    told, page, _resume = copy_of(alice)
    full = {held.model for held in HELD if held.about and held.copied() and rows_about(held, person=alice).exists()}
    assert len(full) > 20
    for held in HELD:
        if not held.about or not held.copied():
            assert held.model not in told["held"]
            continue
        # The event that says so is written when all is.
        many = rows_about(held, person=alice).count() - (held.model == "audit.event")
        assert len(told["held"][held.model]) == many, held.model
        if many:
            assert set(told["held"][held.model][0]) == set(held.copied())
            assert escape(str(held.title)) in page
    assert told["held"]["people.person"][0]["full_name"] == story.NAME
    assert (told["format"], told["complete"]) == ("perennial-data-copy/1", True)
    assert story.NAME in page


def test_their_own_words_are_decrypted_for_them_and_for_nobody_else(alice: Person) -> None:
    told, page, _resume = copy_of(alice)
    answers = told["held"]["departures.answer"]
    assert "The canteen closes at noon" in [row["text"] for row in answers]
    assert "The canteen closes at noon" in page
    assert "Kielwasser" in page
    assert {row["option_code"] for row in answers} >= {"pay"}
    assert told["held"]["departures.persondecision"][0]["reason"]
    without, shorter, _resume = copy_of(alice, complete=False)
    assert without["complete"] is False
    assert {"departures.answer", "departures.conversationnote", "departures.exitanswers"} & set(
        without["held"]
    ) == set()
    assert "canteen closes" not in shorter.replace("Quixwood called about the canteen", "")
    assert "is not in this copy" in shorter


def test_others_are_not_named_anywhere(alice: Person) -> None:
    hanna = colleague(Role.HR, name="Hanna Jong", email="hanna@employer.example")
    person("Bob Stone")
    touch(alice, "note", "Spoke of Bob Stone and of Hanna Jong, and of Zebedee Overmanager, at lunch in Den Haag")
    Touch.objects.filter(origin="note").update(summary=Touch.objects.get(origin="note").summary + " with Xaviera")
    told, page, _resume = copy_of(alice)
    for text in (json.dumps(told, ensure_ascii=False), page):
        for name in ("Bob Stone", "Hanna Jong", "Zebedee Overmanager", "Overmanager"):
            assert name not in text
    summaries = [row["summary"] for row in told["held"]["contact.touch"]]
    other = "[somebody else]"
    assert f"Spoke of {other} and of {other}, and of {other}, at lunch in Den Haag with Xaviera" in summaries
    assert told["held"]["people.stint"][0]["manager"] == other
    assert hanna.name == "Hanna Jong"


def test_of_colleagues_only_the_role_is_told(alice: Person) -> None:
    hanna = colleague(Role.HR, name="Hanna Jong", email="hanna@employer.example")
    PersonDecision.objects.update(proposed_by=f"user:{hanna.pk}", owner=hanna)
    told, page, _resume = copy_of(alice)
    row = told["held"]["departures.persondecision"][0]
    assert (row["proposed_by"], row["owner"]) == ("colleague:hr", "colleague:hr")
    assert "a colleague (HR)" in page
    assert f"user:{hanna.pk}" not in json.dumps(told)
    assert "you" in {row["by"] for row in told["held"]["consent.ledgerentry"]}


def test_no_secret_and_no_link_is_in_it(alice: Person) -> None:
    told, page, _resume = copy_of(alice)
    secrets = []
    for held in HELD:
        names = [name for name, each in held.classes.items() if each == "secret"]
        if held.about and names:
            for row in rows_about(held, person=alice).values_list(*names):
                secrets += [value for value in row if value]
    assert len(secrets) >= 5
    for text in (json.dumps(told), page):
        assert [secret for secret in secrets if str(secret) in text] == []


def test_hostile_texts_stay_texts() -> None:
    programme()
    someone = person('<script>alert(1)</script> & "Co"', private="x@home.example")
    touch(someone, "a", "</dd></dl><img src=x onerror=alert(1)>")
    _told, page, _resume = copy_of(someone)
    tags: set[str] = set()

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: Any) -> None:
            tags.add(tag)

    Reader().feed(page)
    assert {"script", "img"} & tags == set()
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    ("language", "word", "day"),
    [
        ("en", "Your data", "September"),
        ("nl", "Je gegevens", "september"),
        ("de", "Ihre Daten", "September"),
        ("ru", "Ваши данные", "сентября"),
    ],
)
def test_the_page_is_in_the_persons_language(language: str, word: str, day: str) -> None:
    programme()
    someone = person("Alice van Dam", language=language)
    _told, page, _resume = copy_of(someone)
    assert f'<html lang="{language}">' in page
    assert f"<h1>{word}</h1>" in page
    assert day in page


def test_every_field_of_a_copy_and_every_heading_has_its_words_in_every_language() -> None:
    shown = {name for held in HELD if held.about for name in held.copied()}
    assert set(LABELS) == shown
    for code, _name in house.LANGUAGES:
        with override("en"):
            english = {**{name: str(label) for name, label in LABELS.items()}}
        if code == "en":
            continue
        with override(code):
            same = [name for name, label in LABELS.items() if str(label) == english[name]]
        # Words that two languages share.
        assert set(same) <= {"status", "name", "full_name", "domain", "minutes", "text", "state"}, code


def test_a_short_name_of_a_colleague_leaves_other_words_whole(alice: Person) -> None:
    colleague(Role.HR, name="Ed", email="ed@employer.example")
    touch(alice, "note", "Ed edited the wedding speech")
    told, _page, _resume = copy_of(alice)
    assert "[somebody else] edited the wedding speech" in [row["summary"] for row in told["held"]["contact.touch"]]


def test_the_resume_has_the_address_that_was_confirmed() -> None:
    programme()
    someone = person("Alice van Dam", private="alice@home.example")
    someone.addresses.update(verified_at=NOW, state="verified")
    add_address(person=someone, address="typo@elsewhere.example", kind="private", source="leaver", now=NOW)
    assert copy_of(someone)[2]["basics"]["email"] == "alice@home.example"


def test_the_resume_is_read_by_our_own_reader() -> None:
    programme()
    someone = person("Alice van Dam", private="alice@home.example", title="Planner", starts_on=date(2020, 1, 1))
    story.add_position(person=someone, company="Acme", title="Head", source="typed", by="user:1", now=NOW)
    story.set_skills(person=someone, names=["SQL"], source="typed", by="user:1", now=NOW)
    _told, _page, resume = copy_of(someone)
    read = record_of_resume(json.dumps(resume).encode())
    assert read.name == "Alice van Dam"
    assert [(held.company, held.title) for held in read.positions] == [("Employer & Sons", "Planner"), ("Acme", "Head")]
    assert list(read.skills) == ["SQL"]


def test_it_asks_as_much_for_one_touch_as_for_many() -> None:
    programme()
    few, many = person("Alice van Dam"), person("Bob Stone")
    touch(few, "0", "a call")
    for number in range(30):
        touch(many, str(number), f"a call, the {number}th")
    counts = []
    for someone in (few, many):
        copy_of(someone)
        with CaptureQueriesContext(connection) as queries:
            copy_of(someone)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_nobody_elses_rows_are_in_it(alice: Person) -> None:
    bob = person("Bob Stone", private="bob@home.example")
    touch(bob, "b", "about the harbour")
    told, page, _resume = copy_of(alice)
    assert "bob@home.example" not in json.dumps(told) + page
    assert "about the harbour" not in json.dumps(told) + page


def test_it_is_written_down_with_counts_alone(alice: Person) -> None:
    told, _page, _resume = copy_of(alice)
    rows = sum(len(rows) for rows in told["held"].values())
    event = Event.objects.get(deed="privacy.copied")
    assert (event.subject_key, event.details) == (alice.key, {"rows": rows, "complete": True})
