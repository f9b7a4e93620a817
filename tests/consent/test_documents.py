"""Where a country asks for it, each purpose is agreed to by a document of its own, and by nothing else."""

import hashlib
from datetime import date, timedelta
from typing import Any

import pytest

from perennial.consent import documents
from perennial.consent.actions import (
    DocumentMissingError,
    RequestGoneError,
    decline_document,
    drop_unconfirmed,
    grant_request,
    request_consents,
    set_apart,
    withdraw,
)
from perennial.consent.documents import Document, documents_asked, documents_of, lacking, read
from perennial.consent.enums import Means
from perennial.consent.evidence import drop_expired_evidence
from perennial.consent.models import ConsentRequest, ConsentState, Evidence, LedgerEntry
from perennial.consent.queries import granted, people_who_agreed, standing_consents, to_be_asked_again
from perennial.consent.replay import differences
from perennial.contact.door import decide, explain
from perennial.kernel.purposes import CONSENT_PURPOSES, Channel, Purpose
from perennial.people.actions import verify_address
from perennial.people.models import EmailAddress, Person
from perennial.people.residence import document_language_of, document_languages_in_use
from perennial.programme.models import Place
from perennial.programme.policy import document_languages
from tests.cast import NOW, TODAY, person, programme

pytestmark = pytest.mark.django_db
NEWS, EVENTS = ("newsletter", "email"), ("events", "email")


@pytest.fixture(autouse=True)
def _stands_in_russia(settings: Any) -> None:
    settings.PERENNIAL_STANDS_IN = ("RU",)
    programme()


def olga(country: str = "RU", **fields: Any) -> Person:
    someone = person("Ольга Заплатина", private="olga@home.example", language="ru", **fields)
    Person.objects.filter(pk=someone.pk).update(country=country)
    someone.refresh_from_db()
    return someone


def asked(someone: Person, *purposes: str, channels: tuple[str, ...] = ("email",), **more: Any) -> ConsentRequest:
    return request_consents(
        person=someone,
        address=someone.addresses.get(),
        purposes=purposes or ["newsletter", "events"],
        channels=channels,
        language="ru",
        by="p",
        now=NOW,
        **more,
    )


def shown(request: ConsentRequest, language: str = "ru") -> dict[str, Document]:
    return {each.purpose: each for each in documents_asked(request=request, language=language, now=NOW)}


def agree(request: ConsentRequest, purpose: str) -> list[LedgerEntry]:
    document = shown(request)[purpose]
    part = set_apart(request=request, purpose=purpose)
    return grant_request(request=part, ip="198.51.100.8", by="p", now=NOW, document=document)


def agree_without(someone: Person, *purposes: str) -> None:
    """As it was before that law: by one button."""
    country = someone.country
    Person.objects.filter(pk=someone.pk).update(country="NL")
    someone.refresh_from_db()
    grant_request(request=asked(someone, *purposes), ip=None, by="p", now=NOW)
    Person.objects.filter(pk=someone.pk).update(country=country)
    someone.refresh_from_db()


# --- whose law asks for it


def test_russia_asks_for_documents_in_russian_since_september_2025() -> None:
    assert document_languages(on=date(2025, 8, 31)) == {}
    assert document_languages(on=date(2025, 9, 1)) == {"RU": "ru"}


def test_it_is_asked_of_who_lives_there_or_worked_there_last_and_of_nobody_else() -> None:
    moscow = Place.objects.create(name="Москва", country="Россия")
    assert document_language_of(olga(), on=TODAY) == "ru"
    assert document_language_of(olga("", place=moscow), on=TODAY) == "ru"
    assert document_language_of(olga("NL", place=moscow), on=TODAY) == ""
    assert document_language_of(olga(""), on=TODAY) == ""


def test_which_countries_matter_here(settings: Any) -> None:
    assert document_languages_in_use(on=TODAY) == {"RU": "ru"}
    settings.PERENNIAL_STANDS_IN = ()
    assert document_languages_in_use(on=TODAY) == {}
    Place.objects.create(name="Москва", country="Россия")
    assert document_languages_in_use(on=TODAY) == {"RU": "ru"}


# --- what stands in it


def test_it_says_what_the_law_names_in_russian_and_in_the_language_of_the_page() -> None:
    request = asked(olga(), "newsletter", channels=("email", "phone"))
    [document] = documents_asked(request=request, language="en", now=NOW)
    russian, english = document.texts
    assert (russian.language, english.language, document.version) == ("ru", "en", documents.VERSION)
    assert russian.title == "Согласие на обработку персональных данных: Новости"
    assert "Я, Ольга Заплатина, " in russian.lead
    facts = dict(english.facts)
    assert list(facts) == [
        "Who processes it",
        "Whose data",
        "What for",
        "Which data",
        "What is done with it",
        "By which ways",
        "How long",
        "How to withdraw",
    ]
    assert facts["Who processes it"] == "Employer & Sons, Long Street 1, 1000 AA Amsterdam"
    assert facts["Whose data"] == "Ольга Заплатина, olga@home.example"
    assert facts["What for"].startswith("News: Send me news from Employer & Sons")
    assert facts["By which ways"] == "e-mail, phone"
    assert len(russian.facts) == len(english.facts)
    assert not {fact for fact in russian.facts if fact in english.facts} - {russian.facts[0], russian.facts[1]}


def test_in_russian_it_is_one_text_and_what_is_kept_reads_as_it_stood() -> None:
    [document] = documents_asked(request=asked(olga(), "events"), language="ru", now=NOW)
    assert [text.language for text in document.texts] == ["ru"]
    assert read(document.kept()) == document
    assert read(document.kept()).sha256 == document.sha256


def test_every_purpose_has_one_in_every_language() -> None:
    for language in ("en", "nl", "de", "ru"):
        assert lacking(purposes=CONSENT_PURPOSES, language=language) == []


def test_a_purpose_without_words_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(documents.PARTS, Purpose.SURVEYS)
    assert lacking(purposes=CONSENT_PURPOSES, language="ru") == [Purpose.SURVEYS]
    untranslated = documents.Parts("Shoe size.", "Measuring.")
    monkeypatch.setitem(documents.PARTS, Purpose.EVENTS, untranslated)
    assert lacking(purposes=[Purpose.EVENTS], language="en") == []
    assert lacking(purposes=[Purpose.EVENTS], language="ru") == [Purpose.EVENTS]


def test_changed_words_are_a_new_version() -> None:
    words = [words for purpose in CONSENT_PURPOSES for words in documents.sources(purpose)[:-1]]
    digest = hashlib.sha256("\n".join(words).encode()).hexdigest()[:12]
    assert (documents.VERSION, digest) == (1, "f4db68b2b976")


# --- agreeing by it


def test_one_button_grants_nothing() -> None:
    someone = olga()
    request = asked(someone)
    with pytest.raises(DocumentMissingError):
        grant_request(request=request, ip=None, by="p", now=NOW)
    with pytest.raises(DocumentMissingError):
        # Not by the document of another purpose, nor two by one.
        grant_request(request=request, ip=None, by="p", now=NOW, document=shown(request)["events"])
    assert granted(person=someone) == set()
    assert ConsentRequest.objects.get().confirmed_at is None


def test_each_is_agreed_to_by_itself_and_the_rest_goes_on_waiting() -> None:
    someone = olga()
    request = asked(someone, frequency="monthly")
    [entry] = agree(request, "events")
    assert (entry.purpose, entry.means) == ("events", Means.DOCUMENT)
    assert granted(person=someone) == {EVENTS}
    assert someone.preference.frequency == "monthly"
    request.refresh_from_db()
    assert (request.confirmed_at, request.frequency) == (None, "")
    assert list(shown(request)) == ["newsletter"]
    with pytest.raises(RequestGoneError):
        set_apart(request=request, purpose="events")
    agree(request, "newsletter")
    assert granted(person=someone) == {EVENTS, NEWS}
    assert list(differences()) == []


def test_what_was_agreed_to_outlives_the_rest_and_its_proof_names_no_other_purpose() -> None:
    someone = olga()
    request = asked(someone)
    [entry] = agree(request, "events")
    drop_unconfirmed(now=NOW + timedelta(days=8))
    assert granted(person=someone) == {EVENTS}
    assert not ConsentRequest.objects.filter(confirmed_at=None).exists()
    proof = {proving.evidence.kind: proving.evidence for proving in entry.proven_by.select_related("evidence")}
    assert set(proof) == {"request", "document", "confirmation"}
    assert '"newsletter"' not in proof["request"].content
    assert '"events"' in proof["request"].content
    assert proof["document"].ip == "198.51.100.8"
    [(_row, kept)] = documents_of(person_key=someone.key)
    assert kept.texts[0].title == "Согласие на обработку персональных данных: Встречи"
    assert Evidence.objects.count() == 3


def test_withdrawing_one_lets_its_proof_end_and_the_others_stay() -> None:
    someone = olga()
    request = asked(someone)
    agree(request, "events")
    agree(request, "newsletter")
    withdraw(person=someone, means=Means.PREFERENCES, by="p", now=NOW, purposes=["events"])
    ends = {document.purpose: row.expires_on for row, document in documents_of(person_key=someone.key)}
    assert ends["newsletter"] is None
    assert ends["events"] is not None
    drop_expired_evidence(now=NOW + timedelta(days=4000))
    assert [document.purpose for _row, document in documents_of(person_key=someone.key)] == ["newsletter"]


def test_declining_one_leaves_the_others_and_declining_all_leaves_nothing() -> None:
    someone = olga()
    request = asked(someone)
    decline_document(request=request, purpose="events", by="p", now=NOW)
    assert list(shown(request)) == ["newsletter"]
    with pytest.raises(RequestGoneError):
        decline_document(request=request, purpose="events", by="p", now=NOW)
    decline_document(request=request, purpose="newsletter", by="p", now=NOW)
    assert (ConsentRequest.objects.count(), Evidence.objects.count(), LedgerEntry.objects.count()) == (0, 0, 0)


def test_a_document_declined_last_keeps_no_stray_proof() -> None:
    someone = olga()
    request = asked(someone)
    agree(request, "events")
    decline_document(request=request, purpose="newsletter", by="p", now=NOW)
    request.refresh_from_db()
    assert request.confirmed_at == NOW
    assert set(Evidence.objects.values_list("proves__entry__purpose", flat=True)) == {"events"}


# --- what was agreed to before


def test_what_was_agreed_to_without_one_is_asked_again_and_never_upgraded() -> None:
    someone = olga()
    agree_without(someone, "newsletter", "events")
    assert granted(person=someone) == set()
    assert to_be_asked_again(person=someone) == {NEWS, EVENTS}
    assert all(row.asks_again for row in standing_consents(person=someone))  # type: ignore[attr-defined]
    agree(asked(someone, "events"), "events")
    assert granted(person=someone) == {EVENTS}
    assert to_be_asked_again(person=someone) == {NEWS}
    assert list(LedgerEntry.objects.order_by("pk").values_list("purpose", "means")) == [
        ("newsletter", "double_opt_in"),
        ("events", "double_opt_in"),
        ("events", "document"),
    ]


@pytest.mark.parametrize("stands_in", [("RU",), ()])
def test_the_door_is_shut_to_it_with_a_sentence_of_its_own(stands_in: tuple[str, ...], settings: Any) -> None:
    settings.PERENNIAL_STANDS_IN = stands_in
    someone, other = olga(), person("Bob Jansen", private="bob@home.example")
    agree_without(someone, "newsletter")
    agree_without(other, "newsletter")
    for address in EmailAddress.objects.all():
        verify_address(address=address, by="test", now=NOW)
    found = decide(people=Person.objects.order_by("pk"), purpose=Purpose.NEWSLETTER, now=NOW)
    assert {each.person_id: (each.verdict, each.rule) for each in found} == {
        someone.pk: ("no", "consent"),
        other.pk: ("yes", ""),
    }
    told = explain(person=someone, purpose=Purpose.NEWSLETTER, now=NOW)
    assert next(rule.sentence for rule in told.rules if rule.rule == "consent") == (
        "Agreed to 'News' by e-mail on 14 September 2026, but not by a document of its own, which their country asks "
        "for; so it has to be asked again."
    )
    assert list(people_who_agreed(purpose=Purpose.NEWSLETTER, channel=Channel.EMAIL)) == [other]
    agree(asked(someone, "newsletter"), "newsletter")
    assert list(people_who_agreed(purpose=Purpose.NEWSLETTER, channel=Channel.EMAIL)) == [someone, other]
    assert all(
        each.verdict == "yes" for each in decide(people=Person.objects.all(), purpose=Purpose.NEWSLETTER, now=NOW)
    )


def test_where_somebody_worked_counts_at_the_door_too() -> None:
    someone = olga("", place=Place.objects.create(name="Москва", country="Россия"))
    state = {"purpose": "newsletter", "channel": "email"}
    request = asked(someone, "newsletter")
    wording = request.consents.get().wording
    entry = LedgerEntry.objects.create(
        person_key=someone.key, act="granted", means="double_opt_in", wording=wording, at=NOW, by="p", **state
    )
    ConsentState.objects.create(person=someone, granted=True, since=NOW, entry=entry, **state)
    [decision] = decide(people=Person.objects.all(), purpose=Purpose.NEWSLETTER, now=NOW)
    assert (decision.verdict, decision.rule) == ("no", "consent")
