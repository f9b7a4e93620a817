"""The second mail of the double opt-in."""

from datetime import datetime, timedelta

import pytest

from perennial.consent.actions import drop_unconfirmed, request_consents, withdraw
from perennial.consent.enums import Means
from perennial.consent.models import ConsentRequest, Evidence
from perennial.consent.queries import granted
from perennial.contact.actions import suppress
from perennial.contact.models import Suppression, Touch
from perennial.mail.confirmation import MAILS_A_DAY, AskedTooOftenError, ConfirmationGone, Gone, ask, confirm, find
from perennial.mail.enums import Priority
from perennial.mail.models import Message
from perennial.mail.render import render
from perennial.mail.send import send_due
from perennial.people.models import Person
from tests.cast import NOW, person, programme

pytestmark = pytest.mark.django_db
PAGE = "198.51.100.7"
MAILBOX = "198.51.100.8"


@pytest.fixture(autouse=True)
def _live() -> None:
    programme()


def requested(someone: Person, *, now: datetime = NOW, language: str = "en") -> ConsentRequest:
    return request_consents(
        person=someone,
        address=someone.addresses.get(),
        purposes=["personal", "newsletter"],
        channels=["email"],
        frequency="quarterly",
        language=language,
        ip=PAGE,
        by=f"person:{someone.key}",
        now=now,
    )


def asked(someone: Person, *, now: datetime = NOW) -> tuple[Message, str]:
    """The confirmation mail and the token in it."""
    message = ask(request=requested(someone, now=now), by="test", now=now)
    return message, message.link_path.strip("/").rpartition("/")[2]


def alice() -> Person:
    return person("Alice van Dam", private="alice@home.example")


def gone(token: str, now: datetime = NOW) -> Gone:
    with pytest.raises(ConfirmationGone) as refusal:
        confirm(token=token, ip=MAILBOX, now=now)
    return refusal.value.kind


def test_the_mail_goes_to_the_address_to_be_confirmed_at_once_and_promotes_nothing() -> None:
    message, _ = asked(alice())
    assert (message.address, message.priority, message.mailing.purpose) == (
        "alice@home.example",
        Priority.URGENT,
        "service",
    )
    mail = render(message, reveal=True)
    assert mail.headers["Auto-Submitted"] == "auto-generated"
    assert "List-Unsubscribe" not in mail.headers
    assert mail.text.count("http") == 1
    assert send_due(now=NOW, worker="w").kept == 1


def test_a_press_verifies_the_address_grants_what_was_ticked_and_is_written_down() -> None:
    someone = alice()
    _, token = asked(someone)
    assert granted(person=someone) == set()
    confirmed = confirm(token=token, ip=MAILBOX, now=NOW + timedelta(hours=1))
    assert (confirmed.person, len(confirmed.entries)) == (someone, 2)
    assert granted(person=someone) == {("personal", "email"), ("newsletter", "email")}
    address = someone.addresses.get()
    assert (address.state, address.verified_at) == ("verified", NOW + timedelta(hours=1))
    assert someone.preference.frequency == "quarterly"
    assert Touch.objects.filter(person=someone, kind="address_confirmed", direction="theirs").count() == 1


def test_request_mail_and_confirmation_are_kept_as_evidence_without_the_token() -> None:
    someone = alice()
    _, token = asked(someone)
    confirm(token=token, ip=MAILBOX, now=NOW)
    evidence = {each.kind: each for each in Evidence.objects.filter(person_key=someone.key)}
    assert {kind: each.ip for kind, each in evidence.items()} == {
        "request": PAGE,
        "confirmation_mail": None,
        "confirmation": MAILBOX,
    }
    mail = evidence["confirmation_mail"].content
    assert "To: Alice van Dam <alice@home.example>" in mail
    assert "Subject: Please confirm your address" in mail
    assert token not in mail
    assert token.split(".")[1] not in mail


def test_looking_at_the_page_changes_nothing() -> None:
    someone = alice()
    message, token = asked(someone)
    for _ in range(3):
        assert find(token=token, now=NOW).person == someone
    assert granted(person=someone) == set()
    assert someone.addresses.get().state == "unverified"
    assert message.state == "queued"


def test_a_link_works_once() -> None:
    _, token = asked(alice())
    confirm(token=token, ip=MAILBOX, now=NOW)
    assert gone(token) is Gone.USED


def test_a_link_works_for_seven_days() -> None:
    someone = alice()
    _, token = asked(someone)
    assert gone(token, NOW + timedelta(days=7)) is Gone.EXPIRED
    drop_unconfirmed(now=NOW + timedelta(days=7))
    assert gone(token, NOW + timedelta(days=7)) is Gone.EXPIRED
    assert granted(person=someone) == set()


def test_a_newer_request_ends_the_older_link() -> None:
    someone = alice()
    _, older = asked(someone)
    _, newer = asked(someone)
    assert gone(older) in (Gone.EXPIRED, Gone.UNKNOWN)
    assert len(confirm(token=newer, ip=MAILBOX, now=NOW).entries) == 2


def test_what_was_withdrawn_before_the_press_is_not_granted_by_it() -> None:
    someone = alice()
    _, token = asked(someone)
    withdraw(person=someone, means=Means.PREFERENCES, by="test", now=NOW)
    assert gone(token) is Gone.EXPIRED
    assert granted(person=someone) == set()


@pytest.mark.parametrize("change", ["", "x", "altered", "random", "other row"])
def test_an_altered_or_foreign_token_is_unknown(change: str) -> None:
    _, token = asked(alice())
    row, random, signature = token.split(".")
    other = {
        "": "",
        "x": "x",
        "altered": f"{row}.{random}.{signature[:-1]}{'A' if signature[-1] != 'A' else 'B'}",
        "random": f"{row}.{'A' * len(random)}.{signature}",
        "other row": f"{int(row) + 1}.{random}.{signature}",
    }[change]
    assert gone(other) is Gone.UNKNOWN


def test_a_token_for_something_else_confirms_nothing() -> None:
    message, _ = asked(alice())
    from perennial.mail.render import unsubscribe_path

    assert gone(unsubscribe_path(message).strip("/").rpartition("/")[2]) is Gone.UNKNOWN


def test_an_address_gets_only_so_many_confirmation_mails_a_day() -> None:
    someone = alice()
    for _ in range(MAILS_A_DAY):
        asked(someone)
    request = requested(someone)
    with pytest.raises(AskedTooOftenError):
        ask(request=request, by="test", now=NOW)
    ask(request=request, by="test", now=NOW + timedelta(days=1))
    assert Message.objects.count() == MAILS_A_DAY + 1


def test_mail_that_once_came_back_is_forgotten_when_the_owner_presses_the_button() -> None:
    someone = alice()
    suppress(address="alice@home.example", reason="bounce", now=NOW)
    assert someone.addresses.get().state == "dead"
    _, token = asked(someone)
    assert send_due(now=NOW, worker="w").kept == 1
    confirm(token=token, ip=MAILBOX, now=NOW)
    assert someone.addresses.get().state == "verified"
    assert Suppression.objects.count() == 0
