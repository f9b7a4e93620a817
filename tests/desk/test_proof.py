"""The proof of consents, as it leaves the house: all that a court could ask for, as PDF and as JSON."""

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pypdf import PdfReader

from perennial.accounts.roles import Role
from perennial.audit.models import Event
from perennial.consent.actions import request_consents, withdraw
from perennial.consent.enums import Means
from perennial.consent.evidence import drop_expired_evidence
from perennial.consent.models import LedgerEntry
from perennial.mail.confirmation import ask, confirm
from perennial.mail.send import send_due
from perennial.people.models import Person
from tests.cast import NOW, colleague, person, programme

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
HOSTILE = '#import "x": * *b* `c` $d$ </w:t> Жанна'


@pytest.fixture
def hr() -> Client:
    programme()
    client = Client()
    client.force_login(colleague(Role.HR))
    return client


def agreed(name: str = "Alice van Dam", *purposes: str) -> Person:
    """Asked from one address and confirmed from another, by the mail that went out in between."""
    alice = person(name, private="alice@home.example")
    request = request_consents(
        person=alice,
        address=alice.addresses.get(),
        purposes=purposes or ["personal", "events"],
        channels=["email"],
        frequency="monthly",
        language="nl",
        ip="198.51.100.7",
        by=f"person:{alice.key}",
        now=NOW,
    )
    message = ask(request=request, by="test", now=NOW)
    send_due(now=NOW + HOUR / 60, worker="w")
    token = message.link_path.strip("/").rpartition("/")[2]
    confirm(token=token, ip="198.51.100.8", now=NOW + HOUR)
    return alice


def proof(client: Client, someone: Person, kind: str = "json", **more: Any) -> Any:
    return client.post(f"/people/{someone.key}/proofs/file/", {"format": kind, **more})


def text_of(answer: Any) -> str:
    pages = PdfReader(io.BytesIO(answer.content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_it_holds_request_mail_confirmation_times_and_addresses_for_every_act(hr: Client) -> None:
    alice = agreed()
    answer = json.loads(proof(hr, alice).content)
    assert answer["person"] == {"key": alice.key, "name": "Alice van Dam"}
    assert [(act["purpose"], act["act"], act["at"]) for act in answer["acts"]] == [
        ("events", "granted", "2026-09-14T10:00:00+00:00"),
        ("personal", "granted", "2026-09-14T10:00:00+00:00"),
    ]
    entry = LedgerEntry.objects.select_related("wording").get(purpose="events")
    assert entry.wording is not None
    assert answer["acts"][0]["wording"] == {
        "text": entry.wording.text,
        "language": "nl",
        "version": 1,
        "meaning": 1,
        "basis": "consent",
        "sha256": entry.wording.sha256,
    }
    asked, mail, confirmed = answer["evidence"]
    assert (
        answer["acts"][0]["evidence"]
        == answer["acts"][1]["evidence"]
        == [piece["number"] for piece in (asked, mail, confirmed)]
    )
    assert (asked["kind"], asked["at"], asked["ip"], asked["address"]) == (
        "request",
        "2026-09-14T09:00:00+00:00",
        "198.51.100.7",
        "alice@home.example",
    )
    first = asked["ticked"]["ticked"][0]
    assert (first["purpose"], first["text"]) == ("events", entry.wording.text)
    assert (asked["ticked"]["language"], asked["ticked"]["frequency"]) == ("nl", "monthly")
    assert "To: Alice van Dam <alice@home.example>" in mail["mail"]
    assert (mail["sent"]["state"], mail["sent"]["at"]) == ("kept", "2026-09-14T09:01:00+00:00")
    assert f"Message-ID: <{mail['sent']['message_id']}>" in mail["mail"]
    assert (confirmed["kind"], confirmed["ip"]) == ("confirmation", "198.51.100.8")


def test_the_pdf_says_the_same_and_its_link_opens_nothing(hr: Client) -> None:
    alice = agreed()
    answer = proof(hr, alice, "pdf")
    assert (answer["Content-Type"], answer["Content-Disposition"]) == (
        "application/pdf",
        'attachment; filename="proof-of-consent.pdf"',
    )
    said = text_of(answer)
    for entry in LedgerEntry.objects.select_related("wording"):
        assert entry.wording is not None
        # Once where it was ticked, once where it was agreed to.
        assert said.count(entry.wording.text) == 2
        assert entry.wording.sha256 in said.replace(" ", "")
        assert f"Number in the ledger {entry.pk}" in said
    for fact in (
        "Proof of consent: Alice van Dam",
        "When 2026-09-14 09:00:00 UTC E-mail address alice@home.example From the network address 198.51.100.7",
        "When 2026-09-14 10:00:00 UTC E-mail address alice@home.example From the network address 198.51.100.8",
        "What became of it Kept, not sent, 2026-09-14 09:01:00 UTC",
        "To: Alice van Dam <alice@home.example>",
        "How often at most At most once a month",
    ):
        assert fact in said
    # The link of the mail stands there as it is shown everywhere: without what opens it.
    assert said.count("/confirm/") == said.count("/confirm/•••/") == 1


def test_one_act_alone_with_what_proves_it(hr: Client) -> None:
    alice = agreed()
    withdraw(person=alice, means=Means.PREFERENCES, by="p", now=NOW + 2 * HOUR, purposes=["events"])
    entry = LedgerEntry.objects.get(purpose="personal")
    answer = json.loads(proof(hr, alice, act=entry.pk).content)
    assert [act["number"] for act in answer["acts"]] == [entry.pk]
    assert len(answer["evidence"]) == 3
    withdrawn = LedgerEntry.objects.get(act="withdrawn")
    said = text_of(proof(hr, alice, "pdf", act=withdrawn.pk))
    assert "Withdrew: Gatherings, E-mail" in said
    assert "Nothing is kept any more" in said


@pytest.mark.parametrize("act", ["0", "-1", "x", "9" * 30, "²"])
def test_an_act_that_is_not_theirs_is_not_found(hr: Client, act: str) -> None:
    assert proof(hr, agreed(), act=act).status_code == 404


def test_nobody_elses_act_is_told(hr: Client) -> None:
    alice, bob = agreed(), person("Bob Stone")
    entry = LedgerEntry.objects.earliest("pk")
    assert proof(hr, bob, act=entry.pk).status_code == 404
    assert json.loads(proof(hr, bob).content)["acts"] == []
    assert "Nothing is in the ledger." in text_of(proof(hr, bob, "pdf"))
    assert proof(hr, alice, "html").status_code == 404


@pytest.mark.parametrize("name", [HOSTILE, "שרה כהן", "漢字", "Ж" * 300])
def test_a_name_is_printed_and_read_as_nothing_but_a_name(hr: Client, name: str) -> None:
    alice = agreed("Alice van Dam")
    Person.objects.filter(pk=alice.pk).update(full_name=name)
    said = text_of(proof(hr, alice, "pdf")).replace(" ", "")
    wanted = "[U+6F22][U+5B57]" if name == "漢字" else name
    assert f"Proofofconsent:{wanted.replace(' ', '')}" in said or name.startswith("ש")
    if name.startswith("ש"):
        assert "שרה" in said


def test_making_it_is_written_down_without_a_name(hr: Client) -> None:
    alice = agreed()
    proof(hr, alice, "pdf")
    event = Event.objects.get(deed="privacy.proof_made")
    assert (event.subject_key, event.details) == (alice.key, {"acts": 2, "form": "pdf"})
    assert event.by.startswith("user:")


def test_what_is_over_is_no_longer_proved_and_the_ledger_still_says_it(hr: Client) -> None:
    alice = agreed()
    withdraw(person=alice, means=Means.PREFERENCES, by="p", now=NOW + 2 * HOUR)
    drop_expired_evidence(now=NOW + timedelta(days=1200))
    answer = json.loads(proof(hr, alice).content)
    assert answer["evidence"] == []
    assert len(answer["acts"]) == 4


def test_the_page_offers_both_and_looking_makes_nothing(hr: Client) -> None:
    alice = agreed()
    page = hr.get(f"/people/{alice.key}/proofs/").content.decode()
    assert page.count(f'action="/people/{alice.key}/proofs/file/"') == 3
    assert hr.get(f"/people/{alice.key}/proofs/file/").status_code == 405
    assert not Event.objects.filter(deed="privacy.proof_made").exists()
