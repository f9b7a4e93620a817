"""Somebody whose country asks for documents: one page a purpose, each agreed to or declined by itself."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from pypdf import PdfReader

from perennial.accounts.roles import Role
from perennial.consent.models import ConsentRequest, Evidence, LedgerEntry
from perennial.consent.queries import granted
from perennial.contact.actions import suppress
from perennial.mail.models import Message
from perennial.mail.render import render
from perennial.people.actions import add_address, verify_address
from perennial.people.models import Person
from tests.cast import NOW, TODAY, colleague, person, programme
from tests.portal.leavers import confirmation_path, leaver, page_of, sentences
from tests.portal.test_own import come_in, settled_alumna
from tests.portal.test_preferences import page_of as choices_of
from tests.portal.test_preferences import ticked
from tests.portal.test_vouching import word_path

pytestmark = pytest.mark.django_db
HOME, NEW = "alice@home.example", "alice@new.example"
# All that a script sends, as docs/cli.md promises.
TICKED = {"step": "relation", "relation": "save", "private_email": HOME, "consent-newsletter": "yes"}
BOTH = {**TICKED, "consent-events": "yes"}


@pytest.fixture(autouse=True)
def _at_nine(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.PERENNIAL_STANDS_IN = ("RU",)
    monkeypatch.setattr("perennial.web.pace.FLOOR_SECONDS", 0)
    with time_machine.travel(NOW, tick=False):
        yield


def moved_to_russia(someone: Person) -> Person:
    Person.objects.filter(pk=someone.pk).update(country="RU")
    someone.refresh_from_db()
    return someone


def asking(client: Client, sent: dict[str, str] = BOTH, **fields: Any) -> tuple[Person, str]:
    """A leaver of Russia who ticked two purposes, and the link in the mail that went out."""
    departure = leaver(**fields)
    someone = moved_to_russia(departure.person)
    client.post(page_of(departure), sent)
    return someone, confirmation_path(HOME)


def settle(client: Client, path: str, answer: str = "yes", **more: str) -> Any:
    """Presses a button below the document that the page shows."""
    document = client.get(path).context["document"]
    return client.post(path, {"document": document.purpose, "shown": document.sha256, "agree": answer, **more})


def test_the_leavers_page_says_that_a_tick_agrees_to_nothing_yet(client: Client) -> None:
    departure = leaver()
    before = sentences(client.get(page_of(departure), {"step": "relation"}).content)
    moved_to_russia(departure.person)
    said = sentences(client.get(page_of(departure), {"step": "relation"}).content)
    assert "Ticking here agrees to nothing yet" in said
    assert "Ticking here agrees to nothing yet" not in before
    client.post(page_of(departure), BOTH)
    assert granted(person=departure.person) == set()
    thanks = sentences(client.get(page_of(departure), {"step": "thanks"}).content)
    assert "it leads to the documents, and each that you agree to there counts" in thanks


def test_the_mail_leads_to_the_documents(client: Client) -> None:
    asking(client)
    [message] = Message.objects.filter(mailing__origin="mail:confirmation")
    mail = render(message, reveal=True)
    assert mail.headers["Subject"] == "Your documents"
    assert "There is one for each purpose, and you agree to each or decline it by itself" in " ".join(mail.text.split())
    assert mail.text.count("http") == 1


def test_looking_agrees_to_nothing_and_the_page_shows_one_document(client: Client) -> None:
    someone, path = asking(client)
    for _ in range(2):
        answer = client.get(path)
    said = sentences(answer.content)
    assert answer.context["document"].purpose == "newsletter"
    assert "Согласие на обработку персональных данных: Новости" in said
    assert "Consent to the processing of personal data: News" in said
    assert "I, Alice van Dam, agree freely" in said
    assert "After this one: Gatherings" in said
    assert "Gatherings and" not in said
    assert answer.content.decode().count("<form") == 1
    assert 'lang="ru"' in answer.content.decode()
    assert (granted(person=someone), LedgerEntry.objects.count()) == (set(), 0)


def test_in_russian_it_stands_there_once(client: Client) -> None:
    _someone, path = asking(client, language="ru")
    answer = client.get(path)
    assert [text.language for text in answer.context["document"].texts] == ["ru"]
    assert "Даю согласие" in sentences(answer.content)


def test_one_is_agreed_to_and_the_other_is_not(client: Client) -> None:
    someone, path = asking(client)
    answer = settle(client, path)
    assert (answer.status_code, answer["Location"]) == (302, path)
    assert granted(person=someone) == {("newsletter", "email")}
    assert client.get(path).context["document"].purpose == "events"
    done = settle(client, path, "no")
    said = sentences(done.content)
    assert "From now on you hear from us about what you chose" in said
    assert "What you agreed to News Download" in said
    assert granted(person=someone) == {("newsletter", "email")}
    assert someone.addresses.get(address=HOME).state == "verified"
    gone = client.get(path)
    assert gone.status_code == 410
    assert "This is confirmed already" in sentences(gone.content)


def test_whoever_declines_all_is_thanked_and_nothing_is_kept(client: Client) -> None:
    someone, path = asking(client)
    settle(client, path, "no")
    assert "You agreed to nothing, and that is quite all right" in sentences(settle(client, path, "no").content)
    assert (granted(person=someone), Evidence.objects.count(), ConsentRequest.objects.count()) == (set(), 0, 0)
    assert client.get(path).status_code == 410


def test_whoever_stops_halfway_has_agreed_to_what_they_agreed_to(client: Client) -> None:
    someone, path = asking(client)
    settle(client, path)
    with time_machine.travel(NOW.replace(day=NOW.day + 8), tick=False):
        assert client.get(path).status_code == 410
    assert granted(person=someone) == {("newsletter", "email")}


def test_a_press_that_comes_twice_grants_no_second_document(client: Client) -> None:
    someone, path = asking(client)
    document = client.get(path).context["document"]
    press = {"document": document.purpose, "shown": document.sha256, "agree": "yes"}
    client.post(path, press)
    again = client.post(path, press)
    assert (again.status_code, again["Location"]) == (302, path)
    assert granted(person=someone) == {("newsletter", "email")}
    settle(client, path)
    assert client.post(path, press).status_code == 410
    assert LedgerEntry.objects.count() == 2


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"agree": "yes"},
        {"shown": "0"},
        {"document": "newsletter", "agree": "yes"},
        {"document": "newsletter", "agree": "yes", "shown": "0"},
        {"document": "newsletter", "agree": "on"},
        {"document": "surveys", "agree": "yes"},
        {"document": "", "agree": "yes"},
    ],
)
def test_no_other_press_grants_anything(client: Client, sent: dict[str, str]) -> None:
    someone, path = asking(client)
    assert client.post(path, sent).status_code in (302, 409)
    assert (granted(person=someone), LedgerEntry.objects.count()) == (set(), 0)
    assert ConsentRequest.objects.get().consents.count() == 2


def test_a_document_that_reads_otherwise_by_now_is_shown_again(client: Client) -> None:
    someone, path = asking(client)
    document = client.get(path).context["document"]
    programme(postal_address="Short Street 2, 1000 AA Amsterdam")
    answer = client.post(path, {"document": "newsletter", "shown": document.sha256, "agree": "yes"})
    assert answer.status_code == 409
    said = sentences(answer.content)
    assert "Nothing has been agreed to by your last press" in said
    assert "Short Street 2" in said
    assert granted(person=someone) == set()
    settle(client, path)
    assert granted(person=someone) == {("newsletter", "email")}


def test_somebody_elsewhere_sees_what_they_saw_before(client: Client) -> None:
    departure = leaver()
    client.post(page_of(departure), BOTH)
    path = confirmation_path(HOME)
    said = sentences(client.get(path).content)
    assert "Yes, that is right" in said
    assert "document" not in said
    assert "Thank you, Alice" in sentences(client.post(path).content)
    assert granted(person=departure.person) == {("newsletter", "email"), ("events", "email")}
    assert set(LedgerEntry.objects.values_list("means", flat=True)) == {"double_opt_in"}
    assert not Evidence.objects.filter(kind="document").exists()


# --- a new address that needs a second word


def with_new_address(client: Client) -> Person:
    someone = settled_alumna("newsletter")
    moved_to_russia(someone)
    client.post(choices_of(someone), ticked("newsletter", "events", private_email=NEW))
    return someone


def test_whoever_was_handed_the_link_reads_no_name_before_the_address_is_vouched_for(client: Client) -> None:
    someone = with_new_address(client)
    path = confirmation_path(NEW)
    assert "van Dam" not in client.get(path).content.decode()
    assert "One more step" in sentences(client.post(path).content)
    assert "van Dam" not in client.get(path).content.decode()
    press = {"document": "events", "shown": "0", "agree": "yes"}
    assert client.post(path, press).status_code == 409
    assert ("events", "email") not in granted(person=someone)


def test_vouched_for_first_the_press_in_the_mailbox_leads_to_the_documents(client: Client) -> None:
    someone = with_new_address(client)
    assert "One more step" in sentences(client.post(word_path()).content)
    path = confirmation_path(NEW)
    assert client.post(path)["Location"] == path
    assert granted(person=someone) == set()
    settle(client, path)
    settle(client, path)
    assert granted(person=someone) == {("newsletter", "email"), ("events", "email")}


def test_vouched_for_last_the_documents_are_mailed_there(client: Client) -> None:
    someone = with_new_address(client)
    path = confirmation_path(NEW)
    client.post(path)
    assert "We have mailed the documents to" in sentences(client.post(word_path()).content)
    assert confirmation_path(NEW) == path
    assert Message.objects.filter(address=NEW, mailing__origin="mail:confirmation").count() == 2
    assert granted(person=someone) == set()
    settle(client, path)
    assert granted(person=someone) == {("newsletter", "email")}


def test_a_colleagues_word_grants_nothing_either(client: Client) -> None:
    someone = settled_alumna("newsletter")
    moved_to_russia(someone)
    suppress(address=HOME, reason="bounced", now=NOW)
    client.post(choices_of(someone), ticked("newsletter", private_email=NEW))
    client.post(confirmation_path(NEW))
    hr = Client()
    hr.force_login(colleague(Role.HR))
    address = someone.addresses.get(address=NEW)
    answer = hr.post(f"/people/{someone.key}/addresses/{address.pk}/vouch/", follow=True)
    assert "The documents to agree to went to this address" in sentences(answer.content)
    assert granted(person=someone) == set()
    settle(client, confirmation_path(NEW))
    assert granted(person=someone) == {("newsletter", "email")}


# --- what was agreed to before, and what one has in one's hands


def test_what_was_agreed_to_without_a_document_is_asked_again_on_the_page_of_choices(client: Client) -> None:
    someone = moved_to_russia(settled_alumna("newsletter", "events"))
    form = client.get(choices_of(someone)).context["form"]
    assert (form["consent-newsletter"].initial, form["consent-events"].initial) == (None, None)
    said = sentences(client.get(choices_of(someone)).content)
    assert said.count("This takes a document by itself now") == 2
    assert not Message.objects.filter(mailing__origin="mail:confirmation").exists()
    client.post(choices_of(someone), ticked("events"))
    settle(client, confirmation_path(HOME))
    assert granted(person=someone) == {("events", "email")}


def pdf(answer: Any) -> str:
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages).split())


def agreed(client: Client) -> Person:
    someone, path = asking(client, TICKED)
    settle(client, path)
    return someone


def test_the_person_gets_the_document_on_their_own_page(client: Client) -> None:
    someone = agreed(client)
    address = someone.addresses.get(address=HOME)
    address.verified_at = NOW.replace(year=NOW.year - 1)
    address.save()
    come_in(client, someone)
    assert "Your documents News, 14 September 2026" in sentences(client.get("/my-data/mine/").content)
    row = Evidence.objects.get(kind="document")
    said = pdf(client.post(f"/my-data/mine/document/{row.pk}/"))
    assert "Согласие на обработку персональных данных: Новости" in said
    assert "I, Alice van Dam, agree freely" in said
    assert "2026-09-14 09:00:00 UTC" in said
    assert client.get(f"/my-data/mine/document/{row.pk}/").status_code == 405
    for other in (row.pk + 1, "x", "1e3"):
        assert client.post(f"/my-data/mine/document/{other}/").status_code == 404
    assert Client().post(f"/my-data/mine/document/{row.pk}/").status_code == 404


def test_the_link_hands_over_what_was_agreed_to_by_it_as_long_as_it_lives(client: Client) -> None:
    someone, path = asking(client)
    settle(client, path)
    said = sentences(client.get(path).content)
    assert "What you agreed to News Download" in said
    row = Evidence.objects.get(kind="document")
    assert "Согласие на обработку персональных данных: Новости" in pdf(client.post(path, {"print": row.pk}))
    settle(client, path)
    used = client.get(path)
    assert (used.status_code, len(used.context["agreed_to"])) == (410, 2)
    assert "I, Alice van Dam, agree freely" in pdf(client.post(path, {"print": row.pk}))
    for other in ("", "x", str(row.pk + 9)):
        assert client.post(path, {"print": other}).status_code == 404
    with time_machine.travel(NOW.replace(day=NOW.day + 8), tick=False):
        assert client.post(path, {"print": row.pk}).status_code == 404
        later = client.get(path)
        assert (later.status_code, later.context["used"], later.context["agreed_to"]) == (410, True, [])
    assert LedgerEntry.objects.filter(person_key=someone.key).count() == 2


def test_somebody_elses_document_is_not_there(client: Client) -> None:
    agreed(client)
    bob = person("Bob Jansen", language="en")
    address = add_address(person=bob, address="bob@home.example", kind="private", source="t", given_on=TODAY, now=NOW)
    verify_address(address=address, by="test", now=NOW.replace(year=NOW.year - 1))
    visitor = Client()
    come_in(visitor, bob)
    row = Evidence.objects.get(kind="document")
    assert "Your documents" not in sentences(visitor.get("/my-data/mine/").content)
    assert visitor.post(f"/my-data/mine/document/{row.pk}/").status_code == 404


def test_hr_prints_it_and_the_proof_has_it_word_for_word(client: Client) -> None:
    someone = agreed(client)
    hr = Client()
    hr.force_login(colleague(Role.HR))
    row = Evidence.objects.get(kind="document")
    assert "The document alone" in sentences(hr.get(f"/people/{someone.key}/proofs/").content)
    alone = pdf(hr.post(f"/people/{someone.key}/proofs/{row.pk}/document/"))
    assert "Согласие на обработку персональных данных: Новости" in alone
    assert hr.post(f"/people/{someone.key}/proofs/{row.pk + 9}/document/").status_code == 404
    whole = pdf(hr.post(f"/people/{someone.key}/proofs/file/", {"format": "pdf"}))
    assert "Согласие на обработку персональных данных: Новости" in whole
    assert "I, Alice van Dam, agree freely" in whole
    told = hr.post(f"/people/{someone.key}/proofs/file/", {"format": "json"}).json()
    [document] = [piece["document"] for piece in told["evidence"] if piece["document"]]
    assert (document["purpose"], document["version"]) == ("newsletter", 1)
    assert [text["language"] for text in document["texts"]] == ["ru", "en"]
