"""Unsubscribing, by a mail program and by a human; and confirming."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from perennial.consent.models import LedgerEntry
from perennial.consent.queries import granted
from perennial.kernel.links import path_to
from perennial.kernel.purposes import Intent, Purpose
from perennial.kernel.tokens import LinkPurpose, sign
from perennial.mail.compose import write
from perennial.mail.models import Message
from perennial.people.models import Person
from perennial.privacy.actions import erase
from tests.cast import NOW
from tests.portal.leavers import confirmation_path, leaver, sentences
from tests.portal.leavers import page_of as leaver_page
from tests.portal.test_preferences import alumna

pytestmark = pytest.mark.django_db
ONE_CLICK = "List-Unsubscribe=One-Click"


@pytest.fixture(autouse=True)
def _at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def mail_to(someone: Person) -> Message:
    return write(
        person=someone,
        purpose=Purpose.NEWSLETTER,
        intent=Intent.GIVE,
        subject="News",
        body="News",
        language="en",
        origin="test",
        by="test",
        now=NOW,
    )


def link_of(message: Message) -> str:
    return path_to(purpose=LinkPurpose.UNSUBSCRIBE, row=message.pk, random=message.random)


def test_one_click_needs_no_cookie_sets_none_and_may_be_repeated() -> None:
    someone = alumna("newsletter", "events")
    link = link_of(mail_to(someone))
    bare = Client(enforce_csrf_checks=True)
    for _ in range(2):
        answer = bare.post(link, ONE_CLICK, content_type="application/x-www-form-urlencoded")
        assert (answer.status_code, answer.content) == (200, b"")
        assert dict(answer.cookies) == {}
    assert granted(person=someone) == {("events", "email")}
    assert LedgerEntry.objects.filter(act="withdrawn").count() == 1


def test_one_click_as_multipart_does_the_same() -> None:
    someone = alumna("newsletter")
    answer = Client(enforce_csrf_checks=True).post(link_of(mail_to(someone)), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert granted(person=someone) == set()


def test_looking_at_the_page_changes_nothing_and_leads_nowhere_else(client: Client) -> None:
    someone = alumna("newsletter")
    for ask in (client.get, client.head):
        answer = ask(link_of(mail_to(someone)))
        assert answer.status_code == 200
    assert granted(person=someone) == {("newsletter", "email")}
    assert "/preferences/" not in client.get(link_of(mail_to(someone))).content.decode()
    assert (answer["Cache-Control"], answer["X-Robots-Tag"], answer["Referrer-Policy"]) == (
        "no-store",
        "noindex",
        "no-referrer",
    )


def test_the_button_stops_these_mails_and_offers_everything(client: Client) -> None:
    someone = alumna("newsletter", "events")
    link = link_of(mail_to(someone))
    answer = client.post(link, {"stop": "yes"})
    assert answer.status_code == 200
    assert "It has ended" in sentences(answer.content)
    assert granted(person=someone) == {("events", "email")}
    answer = client.post(link, {"everything": "yes"})
    assert "We will not write to you any more" in sentences(answer.content)
    assert granted(person=someone) == set()


def test_wrong_links_stop_nothing(client: Client) -> None:
    someone = alumna("newsletter")
    message = mail_to(someone)
    good = link_of(message).split("/")[2]
    foreign = sign(purpose=LinkPurpose.PREFERENCES, row=message.pk, random=message.random)
    for wrong in (good[:-1], foreign, "x"):
        assert client.get(f"/unsubscribe/{wrong}/").status_code == 404
        answer = client.post(f"/unsubscribe/{wrong}/", ONE_CLICK, content_type="application/x-www-form-urlencoded")
        assert answer.status_code == 404
    assert granted(person=someone) == {("newsletter", "email")}


def test_a_mail_to_somebody_erased_is_answered_kindly(client: Client) -> None:
    someone = alumna("newsletter")
    link = link_of(mail_to(someone))
    erase(person=someone, by="user:1", now=NOW)
    assert "nothing left to stop" in sentences(client.get(link).content)
    answer = client.post(link, ONE_CLICK, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 200


def test_after_it_worked_the_link_says_so_and_offers_no_more_than_is_left(client: Client) -> None:
    someone = alumna("newsletter", "events")
    link = link_of(mail_to(someone))
    client.post(link, {"stop": "yes"})
    page = client.get(link)
    said = sentences(page.content)
    assert "It has ended" in said
    assert 'name="stop"' not in page.content.decode()
    assert 'name="everything"' in page.content.decode()
    client.post(link, {"everything": "yes"})
    page = client.get(link)
    assert "We will not write to you any more" in sentences(page.content)
    assert "<button" not in page.content.decode().split("<main")[1].split("</main>")[0]


# Confirming


def test_the_confirmation_page_shows_the_very_sentences_and_masks_the_address(client: Client) -> None:
    departure = leaver()
    client.post(leaver_page(departure), {"consent-events": "yes", "private_email": "alice@home.example"})
    link = confirmation_path("alice@home.example")
    said = sentences(client.get(link).content)
    assert "Invite me to reunions and other gatherings." in said
    assert "a•••@h•••.example" in said
    assert "alice@home.example" not in said
    assert client.head(link).status_code == 200
    assert LedgerEntry.objects.count() == 0


def test_after_seven_days_the_link_says_so_kindly(client: Client) -> None:
    departure = leaver()
    client.post(leaver_page(departure), {"consent-events": "yes", "private_email": "alice@home.example"})
    link = confirmation_path("alice@home.example")
    with time_machine.travel(NOW + timedelta(days=7), tick=False):
        for ask in (client.get, client.post):
            answer = ask(link)
            assert answer.status_code == 410
            assert "This link has run out" in sentences(answer.content)
    assert LedgerEntry.objects.count() == 0


def test_altered_and_foreign_confirmation_links_are_unknown(client: Client) -> None:
    departure = leaver()
    client.post(leaver_page(departure), {"consent-events": "yes", "private_email": "alice@home.example"})
    good = confirmation_path("alice@home.example").split("/")[2]
    for wrong in (good[:-1], good + "x", leaver_page(departure).split("/")[2], "x"):
        assert client.get(f"/confirm/{wrong}/").status_code == 404
        assert client.post(f"/confirm/{wrong}/").status_code == 404
    assert LedgerEntry.objects.count() == 0


def test_the_confirmation_needs_its_own_form() -> None:
    departure = leaver()
    strict = Client(enforce_csrf_checks=True)
    Client().post(leaver_page(departure), {"consent-events": "yes", "private_email": "alice@home.example"})
    link = confirmation_path("alice@home.example")
    assert strict.post(link).status_code == 403
    strict.get(link)
    token = strict.cookies["csrftoken"].value
    assert strict.post(link, {"csrfmiddlewaretoken": token}).status_code == 200
    assert granted(person=departure.person) == {("events", "email")}


def test_the_privacy_notice_is_the_organisations_own(client: Client) -> None:
    leaver()
    said = sentences(client.get("/privacy/?lang=en").content)
    assert "We keep what you tell us for as long as you like." in said
    assert "Employer &amp; Sons" in said


def test_what_is_confirmed_already_is_told_in_the_persons_language(client: Client) -> None:
    departure = leaver(language="nl")
    client.post(leaver_page(departure), {"consent-events": "yes", "private_email": "alice@home.example"})
    link = confirmation_path("alice@home.example")
    client.post(link)
    answer = client.get(link, headers={"Accept-Language": "ru"})
    assert (answer.status_code, answer["Content-Language"]) == (410, "nl")
