"""The leaver's page."""

import re
from datetime import timedelta
from html import unescape
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.test import Client

from perennial.consent.models import ConsentRequest, LedgerEntry
from perennial.consent.queries import granted, wording_text
from perennial.contact.models import Touch
from perennial.departures.models import Departure, ExitAnswers, RelationAnswer
from perennial.departures.relation import leave
from perennial.kernel.tokens import LinkPurpose, sign
from perennial.mail.models import Message
from perennial.people.actions import add_address, correct_stint
from perennial.people.models import EmailAddress, Person
from perennial.programme.enums import purposes_for
from tests.cast import NOW, TODAY, programme
from tests.departures.exit.saying import given
from tests.portal.leavers import confirmation_path, leaver, page_of, sentences

pytestmark = pytest.mark.django_db

ALL = {
    "reason": ["pay", "study"],
    "improve": "More daylight",
    "recommend": "9",
    "private_email": "Alice@Home.example",
    "consent-newsletter": "yes",
    "consent-events": "yes",
    "channel": ["email", "phone"],
    "frequency": "twice_a_year",
    "language": "nl",
}


@pytest.fixture(autouse=True)
def _at_nine() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def test_it_opens_with_thanks_by_name_and_from_a_person(client: Client) -> None:
    departure = leaver()
    answer = client.get(page_of(departure))
    said = sentences(answer.content)
    assert answer.status_code == 200
    assert "Thank you, Alice" in said
    assert "Carla Coordinator" in said
    assert "confidential" in said
    assert "anonym" not in said.lower()


def test_getting_it_changes_nothing(client: Client, django_assert_max_num_queries: Any) -> None:
    departure = leaver()
    for step in ("", "welcome", "reason", "improve", "recommend", "relation", "thanks"):
        before = (Touch.objects.count(), ExitAnswers.objects.count(), RelationAnswer.objects.count())
        assert client.get(page_of(departure), {"step": step}).status_code == 200
        assert (Touch.objects.count(), ExitAnswers.objects.count(), RelationAnswer.objects.count()) == before


def test_all_fields_in_one_request_are_one_use_case(client: Client) -> None:
    departure = leaver()
    answer = client.post(page_of(departure), ALL)
    assert (answer.status_code, answer["Location"]) == (302, f"{page_of(departure)}?step=thanks")
    row = ExitAnswers.objects.get()
    assert row.submitted_at == NOW
    assert given() == {"reason": ["pay", "study"], "improve": "More daylight", "recommend": 9}
    assert RelationAnswer.objects.get().agreed is True
    request = ConsentRequest.objects.get()
    assert (request.address.address, request.address.kind, request.address.source) == (
        "alice@home.example",
        "private",
        "leaver",
    )
    assert (request.address.given_on, request.frequency) == (TODAY, "twice_a_year")
    assert sorted(request.consents.values_list("purpose", "channel")) == [
        ("events", "email"),
        ("events", "phone"),
        ("newsletter", "email"),
        ("newsletter", "phone"),
    ]
    assert Person.objects.get().language == "nl"
    assert granted(person=departure.person) == set()
    assert sorted(Touch.objects.values_list("kind", "direction")) == [
        ("exit_answers", "theirs"),
        ("relation_answered", "theirs"),
    ]
    said = sentences(client.get(page_of(departure), {"step": "thanks", "lang": "en"}).content)
    assert "a•••@h•••.example" in said
    assert "alice@home.example" not in said


def test_the_second_mail_confirms_by_a_button_and_not_by_looking(client: Client) -> None:
    departure = leaver()
    client.post(page_of(departure), ALL)
    link = confirmation_path("alice@home.example")
    assert client.get(link).status_code == 200
    assert LedgerEntry.objects.count() == 0
    assert client.post(link).status_code == 200
    assert ("newsletter", "email") in granted(person=departure.person)
    assert EmailAddress.objects.get(address="alice@home.example").state == "verified"
    again = client.post(link)
    assert again.status_code == 410
    assert "confirmed already" in sentences(again.content) or "bevestigd" in sentences(again.content)


def test_one_question_a_screen_can_be_left_and_resumed(client: Client) -> None:
    departure = leaver()
    page = page_of(departure)
    assert client.post(page, {"step": "reason", "reason": "pay"})["Location"] == f"{page}?step=improve"
    assert ExitAnswers.objects.get().submitted_at is None
    assert "What could we have done better?" in sentences(client.get(page).content)
    answer = client.post(page, {"step": "improve", "skip": "1", "improve": "begun", "keep": "begun"})
    assert answer["Location"] == f"{page}?step=satisfied_work"
    assert given() == {"reason": ["pay"]}
    for step, following in pairwise(("satisfied_work", "would_return", "expect", "recommend")):
        assert client.post(page, {"step": step, "skip": "1"})["Location"] == f"{page}?step={following}"
    assert ExitAnswers.objects.get().submitted_at is None
    assert client.post(page, {"step": "recommend", "skip": "1"})["Location"] == f"{page}?step=relation"
    assert ExitAnswers.objects.get().submitted_at == NOW
    assert "The door stays open" in sentences(client.get(page).content)
    assert client.post(page, {"step": "relation", "relation": "nothing"})["Location"] == f"{page}?step=thanks"
    assert RelationAnswer.objects.get().agreed is False


def test_whoever_skips_everything_leaves_no_answers(client: Client) -> None:
    departure = leaver()
    for step in ("reason", "improve", "recommend"):
        client.post(page_of(departure), {"step": step, "skip": "1"})
    assert ExitAnswers.objects.count() == 0
    assert Touch.objects.count() == 0


def test_nothing_thank_you_is_thanked_as_warmly_and_keeps_no_address(client: Client) -> None:
    departure = leaver()
    client.post(page_of(departure), {**ALL, "relation": "nothing"})
    assert RelationAnswer.objects.get().agreed is False
    assert ConsentRequest.objects.count() == 0
    assert EmailAddress.objects.count() == 0
    assert Message.objects.count() == 0
    assert "Thank you, Alice" in sentences(client.get(page_of(departure), {"lang": "en"}).content)


def test_an_address_without_a_tick_is_not_kept_and_that_is_said(client: Client) -> None:
    departure = leaver()
    answer = client.post(page_of(departure), {"private_email": "alice@home.example"}, follow=True)
    assert EmailAddress.objects.count() == 0
    assert "we have not kept your private address" in sentences(answer.content)


def ticks(page: str) -> list[str]:
    """What is chosen on `page`, but for how often and in which language, which are shown as they hold."""
    chosen = re.findall(r'name="([^"]+)"[^>]*\schecked', page)
    return [name for name in chosen if name not in ("frequency", "language")]


def test_how_often_and_in_which_language_are_shown_as_they_hold(client: Client) -> None:
    departure = leaver(private="alice@home.example")
    page = client.get(page_of(departure), {"step": "relation", "lang": "de"}).content.decode()
    assert re.findall(r'name="(\w+)" value="(\w+)"[^>]*\schecked', page) == [
        ("frequency", "quarterly"),
        ("language", "de"),
    ]
    client.post(page_of(departure), {"consent-events": "yes", "frequency": "quarterly"})
    said = sentences(client.post(confirmation_path("alice@home.example")).content)
    assert "How often: At most once a quarter" in said


def test_ways_without_a_field_say_how_they_work(client: Client) -> None:
    said = sentences(client.get(page_of(leaver()), {"step": "relation"}).content)
    assert "asks you for it first" in said


def test_a_mistake_is_where_the_browser_goes_and_going_back_sends_nothing_again(client: Client) -> None:
    answer = client.post(page_of(leaver()), {"step": "relation", "consent-events": "yes", "relation": "save"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "autofocus" in page.split('name="private_email"')[1].split(">")[0]
    assert "data-answer-to-a-form" in page
    assert "data-answer-to-a-form" not in client.get(page_of(leaver("Bob"))).content.decode()


@pytest.mark.parametrize(
    ("days", "asked", "not_asked"),
    [(-1, "Why did you leave?", "Why are you leaving?"), (0, "Why are you leaving?", "Why did you leave?")],
)
def test_who_has_left_is_not_spoken_to_as_if_they_were_leaving(
    client: Client, days: int, asked: str, not_asked: str
) -> None:
    departure = leaver(ends_on=TODAY + timedelta(days=days))
    said = " ".join(sentences(client.get(page_of(departure), {"step": step}).content) for step in ("welcome", "reason"))
    assert asked in said
    assert not_asked not in said
    assert ("Before you go" in said) == (days >= 0)


def test_the_thanks_say_what_holds_and_not_what_was_ticked_once(client: Client) -> None:
    departure = leaver(private="alice@home.example")
    client.post(page_of(departure), {"consent-events": "yes"})
    client.post(confirmation_path("alice@home.example"))
    assert "What you chose is confirmed" in sentences(client.get(page_of(departure)).content)
    leave(person=departure.person, by="person:x", now=NOW)
    said = sentences(client.get(page_of(departure)).content)
    assert "What you chose is confirmed" not in said
    assert "We do not write to you" in said


def test_the_answers_are_never_shown_again(client: Client) -> None:
    departure = leaver()
    client.post(page_of(departure), {"reason": "pay", "improve": "More daylight", "recommend": "3"})
    for step in ("", "reason", "improve", "recommend", "relation", "thanks"):
        shown = client.get(page_of(departure), {"step": step}).content.decode()
        assert "More daylight" not in shown
        assert ticks(shown) == []


def test_nothing_is_ticked_beforehand(client: Client) -> None:
    departure = leaver(private="alice@home.example")
    page = client.get(page_of(departure), {"step": "relation"}).content.decode()
    assert page.count('name="consent-') == 8
    assert ticks(page) == []
    assert "a•••@h•••.example" in page


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "What we changed"),
        ("nl", "Wat we hebben veranderd"),
        ("de", "Was wir geändert haben"),
        ("ru", "Что мы изменили"),
    ],
)
def test_to_hear_what_changed_is_asked_in_ones_own_language(client: Client, language: str, words: str) -> None:
    departure = leaver()
    programme(purposes=purposes_for(["feedback"]))
    page = client.get(page_of(departure), {"step": "relation", "lang": language}).content.decode()
    assert words in page
    assert wording_text(purpose="feedback", language=language) in unescape(page)
    assert ticks(page) == []
    assert len(page.encode()) < 60_000
    programme(purposes=purposes_for(["clients"]))
    assert words not in client.get(page_of(departure), {"step": "relation", "lang": language}).content.decode()


def test_only_purposes_that_are_switched_on_are_asked(client: Client) -> None:
    departure = leaver()
    programme(purposes=["newsletter"])
    page = client.get(page_of(departure), {"step": "relation"}).content.decode()
    assert page.count('name="consent-') == 1
    answer = client.post(page_of(departure), {"consent-events": "yes", "private_email": "alice@home.example"})
    assert answer.status_code == 422
    assert "that we do not ask at present" in sentences(answer.content)
    assert ConsentRequest.objects.count() == 0


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("reason", "boredom", "We do not know one of these answers."),
        ("recommend", "11", "Choose a number from 0 to 10."),
        ("recommend", "-1", "Choose a number from 0 to 10."),
        ("recommend", "nine", "Choose a number from 0 to 10."),
        ("improve", "x" * 4001, "This is longer than we can keep: 4000 characters fit, yours has 4001."),
        ("private_email", "alice at home", "This does not look like an e-mail address."),
        ("private_email", "a@b.example\r\nBcc: c@d.example", "This does not look like an e-mail address."),
        ("channel", "pigeon", "We do not know one of these ways."),
        ("frequency", "hourly", "Choose one of the answers, or none."),
        ("language", "fr", "We write in English, Dutch, German and Russian."),
        ("consent-newsletter", "maybe", "Tick the box for yes, or leave it empty."),
    ],
)
def test_a_bad_value_gets_a_sentence_and_nothing_typed_is_lost(
    client: Client, field: str, value: str, sentence: str
) -> None:
    departure = leaver()
    answer = client.post(page_of(departure), {**ALL, field: value})
    assert answer.status_code == 422
    assert sentence in sentences(answer.content)
    assert (ExitAnswers.objects.count(), RelationAnswer.objects.count(), Message.objects.count()) == (0, 0, 0)
    shown = answer.content.decode()
    if field != "improve":
        assert "More daylight" in shown
    if field != "private_email":
        assert "Alice@Home.example" in shown


def test_what_was_not_on_the_screen_of_the_mistake_travels_along(client: Client) -> None:
    departure = leaver()
    page = client.post(page_of(departure), {**ALL, "recommend": "11"}).content.decode()
    for name, value in (
        ("reason", "pay"),
        ("reason", "study"),
        ("consent-events", "yes"),
        ("frequency", "twice_a_year"),
    ):
        assert f'<input type="hidden" name="{name}" value="{value}">' in page


def test_a_tick_without_an_address_asks_for_one_and_saves_nothing(client: Client) -> None:
    departure = leaver()
    answer = client.post(page_of(departure), {"recommend": "9", "consent-events": "yes"})
    assert answer.status_code == 422
    assert "we need a private address of yours" in sentences(answer.content)
    assert (ExitAnswers.objects.count(), RelationAnswer.objects.count()) == (0, 0)


def test_a_tick_without_an_address_uses_the_one_given_for_this(client: Client) -> None:
    departure = leaver(private="alice@home.example")
    assert client.post(page_of(departure), {"consent-events": "yes"}).status_code == 302
    assert ConsentRequest.objects.get().address.address == "alice@home.example"


def test_a_private_address_that_was_not_given_for_this_is_not_used(client: Client) -> None:
    departure = leaver()
    add_address(person=departure.person, address="old@home.example", kind="private", source="hr", now=NOW)
    assert client.post(page_of(departure), {"consent-events": "yes"}).status_code == 422
    assert "o•••@" not in client.get(page_of(departure), {"step": "relation"}).content.decode()


def test_the_business_address_is_refused_as_private(client: Client) -> None:
    departure = leaver()
    add_address(person=departure.person, address="alice@employer.example", kind="business", source="hr", now=NOW)
    answer = client.post(page_of(departure), {"consent-events": "yes", "private_email": "Alice@employer.example"})
    assert answer.status_code == 422
    assert "This is your business address" in sentences(answer.content)


def test_a_second_submission_replaces_what_waits(client: Client) -> None:
    departure = leaver()
    client.post(page_of(departure), ALL)
    first = confirmation_path("alice@home.example")
    client.post(page_of(departure), {"consent-vacancies": "yes", "private_email": "alice@elsewhere.example"})
    assert list(ConsentRequest.objects.get().consents.values_list("purpose", flat=True)) == ["vacancies"]
    assert client.post(first).status_code == 410
    assert client.post(confirmation_path("alice@elsewhere.example")).status_code == 200
    assert granted(person=departure.person) == {("vacancies", "email")}


def test_an_address_that_was_mistyped_is_forgotten(client: Client) -> None:
    departure = leaver(private="alice@home.example")
    client.post(page_of(departure), {"consent-events": "yes", "private_email": "alcie@home.example"})
    client.post(page_of(departure), {"consent-events": "yes", "private_email": "alice@elsewhere.example"})
    addresses = EmailAddress.objects.order_by("address").values_list("address", flat=True)
    assert list(addresses) == ["alice@elsewhere.example", "alice@home.example"]
    client.post(page_of(departure), {"relation": "nothing"})
    assert list(addresses.all()) == ["alice@home.example"]
    assert "elsewhere" not in Person.objects.get().search_text


def test_what_is_submitted_last_counts_and_ends_what_was_confirmed(client: Client) -> None:
    departure = leaver()
    client.post(page_of(departure), ALL)
    client.post(confirmation_path("alice@home.example"))
    client.post(page_of(departure), {"step": "relation", "relation": "nothing"})
    assert granted(person=departure.person) == set()
    assert RelationAnswer.objects.get().agreed is False


def test_nobody_can_fill_a_mailbox_through_the_page(client: Client) -> None:
    departure = leaver()
    for number in range(5):
        sent = {"consent-events": "yes", "private_email": f"victim{number}@home.example"}
        assert client.post(page_of(departure), sent).status_code == 302
    answer = client.post(page_of(departure), {"consent-events": "yes", "private_email": "victim5@home.example"})
    assert answer.status_code == 422
    assert "several confirmation mails today" in sentences(answer.content)
    assert Message.objects.filter(address="victim5@home.example").count() == 0


def test_the_wording_recorded_is_the_sentence_that_was_shown(client: Client) -> None:
    departure = leaver(language="nl")
    page = client.get(page_of(departure), {"step": "relation", "lang": "en"}).content.decode()
    client.post(
        f"{page_of(departure)}?lang=en",
        {"consent-events": "yes", "private_email": "alice@home.example", "language": "de"},
    )
    wording = ConsentRequest.objects.get().consents.get().wording
    assert wording.language == "en"
    assert wording.text in page
    assert Person.objects.get().language == "de"


# Links


def test_a_link_ends_ninety_days_after_the_last_day_and_moves_with_it(client: Client) -> None:
    departure = leaver(ends_on=TODAY)
    with time_machine.travel(NOW + timedelta(days=90), tick=False):
        assert client.get(page_of(departure)).status_code == 200
    with time_machine.travel(NOW + timedelta(days=91), tick=False):
        assert client.get(page_of(departure)).status_code == 410
        correct_stint(stint=departure.stint, ends_on=TODAY + timedelta(days=30), by="test", now=NOW)
        assert client.get(page_of(departure)).status_code == 200


def test_an_expired_link_offers_a_fresh_one_to_the_address_on_file_and_never_says_whether_there_is_one(
    client: Client,
) -> None:
    known = leaver(ends_on=TODAY, private="alice@home.example")
    unknown = leaver("Bob Jansen", ends_on=TODAY)
    with time_machine.travel(NOW + timedelta(days=100), tick=False):
        old = page_of(known)
        assert Message.objects.count() == 0
        assert "Send me a fresh link" in sentences(client.get(old).content)
        first, second = client.post(old, {"fresh": "yes"}), client.post(page_of(unknown), {"fresh": "yes"})
        assert (first.status_code, sentences(first.content)) == (second.status_code, sentences(second.content))
        assert list(Message.objects.values_list("person")) == [(known.person.pk,)]
        assert client.get(Message.objects.get().link_path).status_code == 200
        assert client.get(old).status_code == 410


def test_fresh_links_are_limited(client: Client) -> None:
    departure = leaver(ends_on=TODAY, private="alice@home.example")
    with time_machine.travel(NOW + timedelta(days=100), tick=False):
        old = page_of(departure)
        answers = {client.post(old, {"fresh": "yes"}).content for _ in range(5)}
        assert Message.objects.count() == 3
        assert len({sentences(answer) for answer in answers}) == 1


def test_an_expired_link_takes_no_answers(client: Client) -> None:
    departure = leaver(ends_on=TODAY)
    with time_machine.travel(NOW + timedelta(days=100), tick=False):
        client.post(page_of(departure), ALL)
    assert (ExitAnswers.objects.count(), RelationAnswer.objects.count()) == (0, 0)


def test_altered_and_foreign_links_get_a_kind_sentence(client: Client) -> None:
    departure = leaver()
    token = page_of(departure).split("/")[2]
    other = sign(purpose=LinkPurpose.PREFERENCES, row=departure.pk, random=departure.link_random)
    for wrong in (token[:-1], token[:-2] + "xx", token + "x", other, "1", "a.b.c", f"{10**17}.x.y", "0", "%00", "🙂"):
        answer = client.get(f"/leaver/{wrong}/")
        assert (wrong, answer.status_code) == (wrong, 404)
        assert "This link is not whole" in sentences(answer.content)
        assert client.post(f"/leaver/{wrong}/", ALL).status_code == 404
    missing = sign(purpose=LinkPurpose.LEAVER, row=999, random=departure.link_random)
    assert client.get(f"/leaver/{missing}/").status_code == 404
    assert ExitAnswers.objects.count() == 0


def test_the_page_of_a_cancelled_departure_is_closed(client: Client) -> None:
    departure = leaver()
    Departure.objects.update(state="cancelled")
    assert client.get(page_of(departure)).status_code == 410
    assert client.post(page_of(departure), ALL).status_code == 410
    assert ExitAnswers.objects.count() == 0


def test_browsers_and_proxies_keep_nothing(client: Client) -> None:
    departure = leaver()
    for path in (page_of(departure), "/leaver/wrong/"):
        answer = client.get(path)
        assert (answer["Cache-Control"], answer["X-Robots-Tag"], answer["Referrer-Policy"]) == (
            "no-store",
            "noindex",
            "same-origin",
        )


def test_a_form_from_elsewhere_is_refused_and_the_pages_own_is_taken() -> None:
    strict = Client(enforce_csrf_checks=True)
    departure = leaver()
    assert strict.post(page_of(departure), ALL).status_code == 403
    strict.get(page_of(departure))
    token = strict.cookies["csrftoken"].value
    assert strict.post(page_of(departure), {**ALL, "csrfmiddlewaretoken": token}).status_code == 302


# Languages and names


@pytest.mark.parametrize(("wished", "shown"), [("", "ru"), ("de", "de"), ("xx", "ru"), ("nl", "nl")])
def test_the_page_speaks_the_persons_language_unless_asked(client: Client, wished: str, shown: str) -> None:
    departure = leaver(language="ru")
    answer = client.get(page_of(departure), {"lang": wished} if wished else {})
    assert f'<html lang="{shown}"' in answer.content.decode()
    assert answer["Content-Language"] == shown


def test_the_language_asked_for_stays_while_answering(client: Client) -> None:
    departure = leaver()
    answer = client.post(f"{page_of(departure)}?lang=de", {"step": "reason", "reason": "pay"})
    assert answer["Location"] == f"{page_of(departure)}?lang=de&step=improve"


@pytest.mark.parametrize("name", ["שרה כהן", "Наталья Ильинична Преображенская", "x" * 300, "<b>Bob</b> {link}"])
def test_any_name_is_greeted(client: Client, name: str) -> None:
    departure = leaver(name)
    answer = client.get(page_of(departure))
    assert answer.status_code == 200
    assert "<b>Bob" not in answer.content.decode()


def test_the_english_of_the_questions_is_english(client: Client) -> None:
    departure = leaver()
    said = " ".join(
        sentences(client.get(page_of(departure), {"step": step}).content) for step in ("reason", "recommend")
    )
    for words in (
        "Working with my manager",
        "The direction of the organisation",
        "The work did not suit me",
        "An offer I could not refuse",
        "0 means certainly not, 10 means certainly.",
        "Back",
    ):
        assert words in said


@pytest.mark.parametrize("ending", ["redundancy", "dismissal", "retirement"])
def test_who_did_not_choose_to_go_is_not_asked_why_on_any_screen(client: Client, ending: str) -> None:
    departure = leaver(how_ended=ending)
    path = page_of(departure)
    first = client.get(path)
    assert "why" not in sentences(first.content).casefold()
    assert "!" not in sentences(first.content)
    assert ending not in first.content.decode().casefold()
    # The screen is not there either for whoever types its name.
    assert client.get(path, {"step": "reason"}).context["step"] == "welcome"
    seen, step = [], first.context["first"]
    while step != "thanks":
        shown = client.get(path, {"step": step})
        seen.append(step)
        step = parse_qs(urlsplit(client.post(path, {"step": step, "skip": "1"})["Location"]).query)["step"][0]
        assert "reason" not in shown.content.decode().replace("no reason", "")
    assert "reason" not in seen
    assert seen[-1] == "relation"
    assert shown.context["total"] == len(seen)


def test_whose_contract_ended_is_asked_in_other_words(client: Client) -> None:
    departure = leaver(how_ended="end_of_contract")
    said = sentences(client.get(page_of(departure), {"step": "reason"}).content)
    assert "If it was also your own choice: what made you choose so?" in said
    assert "Why are you leaving" not in said


def test_the_page_says_that_what_was_submitted_stays_and_adds_what_was_skipped(client: Client) -> None:
    departure = leaver()
    client.post(page_of(departure), {"reason": "pay", "step": "reason", "next": "1"})
    assert "A new answer takes its place." in sentences(client.get(page_of(departure), {"step": "reason"}).content)
    ExitAnswers.objects.update(submitted_at=NOW)
    page = sentences(client.get(page_of(departure), {"step": "reason"}).content)
    assert "It stays as you gave it; what you skipped you may still answer." in page
    sent = {"reason": "study", "improve": "More daylight", "step": "reason", "next": "1"}
    after = sentences(client.post(page_of(departure), sent, follow=True).content)
    assert "What you answered before stays as you gave it" in after
    assert given() == {"reason": ["pay"], "improve": "More daylight"}
