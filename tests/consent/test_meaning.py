"""A wording that comes to mean something else asks again: nothing is upgraded, and nobody is written to."""

from typing import Any

import pytest
from django.test import Client

from perennial.consent import wordings
from perennial.consent.actions import grant_request, request_consents, withdraw
from perennial.consent.enums import Means
from perennial.consent.models import ConsentState, LedgerEntry, Wording
from perennial.consent.queries import (
    granted,
    people_who_agreed,
    preference_of,
    standing_consents,
    to_be_asked_again,
    wording_for,
)
from perennial.contact.door import decide, explain
from perennial.departures.relation import waiting_consents
from perennial.kernel.links import path_to
from perennial.kernel.purposes import Channel, Purpose
from perennial.kernel.tokens import LinkPurpose
from perennial.mail.confirmation import ORIGIN
from perennial.mail.models import Message
from perennial.operate.tick import tick
from perennial.people.models import Person
from tests.cast import NOW, person, programme
from tests.portal.leavers import sentences

pytestmark = pytest.mark.django_db
PERSONAL = ("personal", "email")


def agree(someone: Person, *purposes: str) -> None:
    request = request_consents(
        person=someone,
        address=someone.addresses.get(),
        purposes=purposes,
        channels=["email"],
        language="nl",
        by="p",
        now=NOW,
    )
    grant_request(request=request, ip=None, by="p", now=NOW)


@pytest.fixture
def alice() -> Person:
    programme()
    someone = person("Alice van Dam", private="alice@home.example", language="en")
    agree(someone, "personal", "events")
    return someone


@pytest.fixture
def changed(alice: Person, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Alice, after personal notes have come to mean more."""
    means = wordings.Sentence(2, "Write or call me in person, and tell others how to.", 2)
    monkeypatch.setitem(wordings.WORDINGS, Purpose.PERSONAL, means)
    return alice


def page(someone: Person) -> str:
    row = preference_of(person=someone)
    return path_to(purpose=LinkPurpose.PREFERENCES, row=row.pk, random=row.link_random)


def said(someone: Person, purpose: Purpose) -> tuple[str, str]:
    told = explain(person=someone, purpose=purpose, channel=Channel.EMAIL, now=NOW)
    return str(told.verdict), next(str(rule.sentence) for rule in told.rules if rule.rule == "consent")


def test_a_corrected_text_keeps_what_was_agreed(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    better = wordings.Sentence(2, "Write or call me now and then, as a former colleague would.")
    monkeypatch.setitem(wordings.WORDINGS, Purpose.PERSONAL, better)
    assert wording_for(purpose="personal", language="nl").version == 2
    assert PERSONAL in granted(person=alice)
    assert said(alice, Purpose.PERSONAL)[1].startswith("Agreed to 'Personal notes'")


def test_a_changed_meaning_closes_the_door_with_a_sentence_of_its_own(changed: Person) -> None:
    verdict, sentence = said(changed, Purpose.PERSONAL)
    assert verdict == "no"
    assert sentence == (
        "Agreed to 'Personal notes' by e-mail on 14 September 2026, but what it says has changed since, so it has to "
        "be asked again."
    )
    [decision] = decide(people=Person.objects.all(), purpose=Purpose.PERSONAL, now=NOW)
    assert (decision.verdict, decision.rule) == ("no", "consent")
    assert list(people_who_agreed(purpose=Purpose.PERSONAL, channel=Channel.EMAIL)) == []
    # What stayed as it was is as open as before.
    assert said(changed, Purpose.EVENTS)[1].startswith("Agreed to 'Gatherings'")
    assert granted(person=changed) == {("events", "email")}
    assert to_be_asked_again(person=changed) == {PERSONAL}
    assert {row.purpose: row.asks_again for row in standing_consents(person=changed)} == {  # type: ignore[attr-defined]
        "events": False,
        "personal": True,
    }


def test_nothing_is_upgraded_and_nobody_is_written_to(changed: Person) -> None:
    rows = list(LedgerEntry.objects.order_by("pk").values())
    tick(now=NOW, worker="test")
    assert list(LedgerEntry.objects.order_by("pk").values()) == rows
    assert ConsentState.objects.get(purpose="personal").meaning == 1
    # The invitation to somebody who leaves is no matter of consent.
    assert not Message.objects.exclude(mailing__purpose="service").exists()
    assert not Message.objects.filter(mailing__origin=ORIGIN).exists()


def test_the_page_of_choices_shows_it_unticked_with_a_word_about_it(changed: Person, client: Client) -> None:
    answer = client.get(page(changed))
    form = answer.context["form"]
    assert (form["consent-personal"].initial, form["consent-events"].initial) == (None, True)
    assert "tell others how to. " in sentences(answer.content)
    assert "We changed what this says; please agree again if you like." in sentences(answer.content)


def send(client: Client, someone: Person, *purposes: str) -> Any:
    boxes = {f"consent-{purpose}": "yes" for purpose in purposes}
    return client.post(page(someone), {**boxes, "channel": "email", "frequency": "quarterly", "language": "en"})


def test_agreeing_again_asks_by_mail_and_holds_once_it_is_confirmed(changed: Person, client: Client) -> None:
    send(client, changed, "events", "personal")
    [waiting] = waiting_consents(person=changed)
    assert (waiting.purpose, waiting.wording.meaning, waiting.wording.version) == ("personal", 2, 2)
    assert "Waits for you to press the button" in sentences(client.get(page(changed)).content)
    grant_request(request=waiting.request, ip=None, by="p", now=NOW)
    assert granted(person=changed) == {PERSONAL, ("events", "email")}
    assert to_be_asked_again(person=changed) == set()


def test_saving_something_else_neither_agrees_again_nor_withdraws(changed: Person, client: Client) -> None:
    before = LedgerEntry.objects.count()
    send(client, changed, "events")
    assert LedgerEntry.objects.count() == before
    assert to_be_asked_again(person=changed) == {PERSONAL}


def test_what_is_to_be_asked_again_can_be_withdrawn_like_anything(changed: Person) -> None:
    assert withdraw(person=changed, means=Means.PREFERENCES, by="p", now=NOW) == 2
    assert to_be_asked_again(person=changed) == set()
    assert said(changed, Purpose.PERSONAL)[1].startswith("Withdrew")


def test_what_was_asked_before_the_change_and_confirmed_after_it_is_asked_again(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = request_consents(
        person=alice,
        address=alice.addresses.get(),
        purposes=["surveys"],
        channels=[],
        language="en",
        by="p",
        now=NOW,
    )
    monkeypatch.setitem(wordings.WORDINGS, Purpose.SURVEYS, wordings.Sentence(2, "Ask me whatever you like.", 2))
    grant_request(request=request, ip=None, by="p", now=NOW)
    assert ("surveys", "email") in to_be_asked_again(person=alice)


def test_a_meaning_raised_without_a_new_translation_is_a_wording_of_its_own(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = wordings.WORDINGS[Purpose.PERSONAL].text
    monkeypatch.setitem(wordings.WORDINGS, Purpose.PERSONAL, wordings.Sentence(1, text, 2))
    again = wording_for(purpose="personal", language="nl")
    assert (again.version, again.meaning, again.basis) == (2, 2, "consent")
    assert Wording.objects.filter(purpose="personal", language="nl").count() == 2
