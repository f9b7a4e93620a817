"""The register of processing: everything that is held serves something, and what is served has its grounds."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from perennial.audit.models import Event
from perennial.kernel.encryption import EncryptedTextField
from perennial.kernel.purposes import CONSENT_PURPOSES
from perennial.kernel.terms import Term, Unit
from perennial.privacy.held import HELD
from perennial.privacy.register import processings
from perennial.privacy.register.gathering import gather
from perennial.privacy.register.measures import MEASURES
from perennial.privacy.register.portable import as_data
from perennial.privacy.register.processings import PROCESSINGS, Ground, faults
from perennial.privacy.register.proposals import PROPOSALS
from perennial.programme.additions import LONGEST, AdditionTooLongError, add_words, versions, words_now
from perennial.programme.enums import REGISTER_SECTIONS, DataKind, Interest
from perennial.programme.keeping import set_term
from perennial.programme.models import Addition
from tests.cast import NOW, TODAY, programme

SECURITY = (Path(__file__).resolve().parents[2] / "docs" / "security.md").read_text(encoding="utf-8")
MET = {int(number) for number in re.findall(r"^\| (\d+) \| .* \| met \| ", SECURITY, re.MULTILINE)}


def test_each_record_of_legitimate_interest_begins_with_a_text_without_settings() -> None:
    assert list(PROPOSALS) == list(Interest)
    for text in PROPOSALS.values():
        assert all(0 < len(str(step)) < 700 for step in text), "it is to be read"
        # Terms and the like are set, and what was agreed to would be wrong when they change.
        assert not re.search(r"\d", " ".join(map(str, text)))


def test_everything_that_is_held_serves_one_processing() -> None:
    assert faults() == []


def test_a_table_that_serves_nothing_or_two_things_is_found() -> None:
    first, second, *others = PROCESSINGS
    without = replace(first, models=first.models.replace("people.person ", ""))
    assert faults([without, second, *others]) == [
        "people.person serves no processing: name it in privacy/register/processings.py."
    ]
    twice = replace(second, models=f"{second.models} people.person people.nobody")
    assert faults([first, twice, *others]) == [
        "people.person serves 2 processings.",
        "people.nobody serves a processing and is declared nowhere.",
    ]


def test_what_is_about_a_person_is_never_among_settings() -> None:
    about = next(each for each in PROCESSINGS if each.code == "contact")
    wrong = [replace(each, ground=Ground.NONE) if each is about else each for each in PROCESSINGS]
    assert "contact.touch is about a person and serves nothing that may be done." in faults(wrong)


def test_a_purpose_without_an_entry_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {purpose: "…" for purpose in CONSENT_PURPOSES if purpose != "surveys"}
    monkeypatch.setattr(processings, "_PURPOSES", told)
    assert faults() == ["The purpose surveys has no entry."]


def test_a_measure_stands_there_only_while_its_rows_are_met() -> None:
    assert [each.sentence for each in MEASURES if not set(each.rows) <= MET] == []
    assert 4 not in MET, "it does not apply"
    unshown = [str(each.sentence) for each in MEASURES if not each.rows]
    assert [sentence.split(" is ")[0] for sentence in unshown] == ["Free text of exit talks and decisions"]
    encrypted = {
        f"{kind._meta.model_name}.{field.name}"
        for kind in apps.get_models()
        for field in kind._meta.concrete_fields
        if isinstance(field, EncryptedTextField)
    }
    assert {"answer.text", "conversationnote.text", "persondecision.explanation"} <= encrypted


@pytest.mark.django_db
def test_the_register_has_every_kind_each_purpose_on_offer_and_who_sees_what() -> None:
    row = programme(purposes=["newsletter", "events", "personal"])
    with CaptureQueriesContext(connection) as queries:
        found = gather(programme=row, on=TODAY)
    # terms that were set, records of legitimate interest, words that were added
    assert len(queries) == 3
    assert {held.model for entry in found.entries for held in entry.tables} == {held.model for held in HELD}
    assert [entry.processing.code for entry in found.entries][-3:] == [
        "purpose.newsletter",
        "purpose.events",
        "purpose.personal",
    ]
    assert "surveys" in found.not_offered
    assert {kept.kind for kept in found.kept} == set(DataKind)
    exit_answers = next(entry for entry in found.entries if entry.processing.code == "exit")
    assert "coordinator" in exit_answers.roles
    assert "recruiter" not in exit_answers.roles


@pytest.mark.django_db
def test_a_term_of_a_country_stands_beside_that_of_everywhere() -> None:
    row = programme()
    set_term(
        country="NL",
        kind="exit_texts",
        term=Term(24, Unit.MONTHS),
        why="Agreed in March.",
        starts_on=TODAY,
        by="user:1",
        now=NOW,
    )
    kept = [each for each in gather(programme=row, on=TODAY).kept if each.kind == DataKind.EXIT_TEXTS]
    assert [(each.country, each.term.value.amount, each.term.source) for each in kept] == [
        ("EU", 12, kept[0].term.source),
        ("NL", 24, "Agreed in March."),
    ]


@pytest.mark.django_db
def test_as_data_it_can_be_read_again_and_names_everything() -> None:
    row = programme(privacy_contact="Frits Vermeer, privacy@employer.example")
    add_words(section="transfers", text="The server stands in Rotterdam.", by="user:1", now=NOW)
    read = json.loads(json.dumps(as_data(gather(programme=row, on=TODAY))))
    assert read["format"] == "perennial.register/1"
    assert read["controller"]["privacy_contact"] == "Frits Vermeer, privacy@employer.example"
    assert {table["name"] for each in read["processings"] for table in each["tables"]} == {held.model for held in HELD}
    assert {each["ground"] for each in read["processings"]} == {"6(1)(a)", "6(1)(c)", "6(1)(f)", "-"}
    assert read["additions"]["transfers"]["text"] == "The server stands in Rotterdam."
    assert read["recipients"]["mail_server"] is None
    assert read["transfers"] == {"declared": [], "residents_refused": ["RU"]}
    ledger = next(each for each in read["retention"] if each["kind"] == "ledger")
    assert (ledger["term"], ledger["set_here"]) == (None, False)


@pytest.mark.django_db
def test_words_are_kept_in_every_version_and_the_latest_holds() -> None:
    for text in ("The server stands in Delft.", "The server stands in Rotterdam.", "The server stands in Rotterdam. "):
        add_words(section="transfers", text=text, by="user:1", now=NOW)
    assert {section: row.text for section, row in words_now().items()} == {
        "transfers": "The server stands in Rotterdam."
    }
    assert versions(section="transfers").count() == 2
    add_words(section="transfers", text="", by="user:1", now=NOW)
    assert words_now() == {}
    assert [event.details for event in Event.objects.order_by("pk")] == [
        {"section": "transfers", "characters": 27},
        {"section": "transfers", "characters": 31},
        {"section": "transfers", "characters": 0},
    ]
    with pytest.raises(AdditionTooLongError):
        add_words(section="transfers", text="x" * (LONGEST + 1), by="user:1", now=NOW)
    with pytest.raises(ValueError, match="is not a valid Section"):
        add_words(section="kitchen", text="x", by="user:1", now=NOW)


@pytest.mark.django_db
def test_no_version_is_changed_or_deleted() -> None:
    row = add_words(section=REGISTER_SECTIONS[0].value, text="We are two.", by="user:1", now=NOW)
    assert row is not None
    for deed in (lambda: Addition.objects.update(text="We are three."), lambda: Addition.objects.all().delete()):
        with pytest.raises(IntegrityError, match="is only ever added to"), transaction.atomic():
            deed()
