"""Writing letters, as drafts and into the queue."""

from datetime import timedelta
from typing import Any

import pytest

from perennial.audit.models import Event
from perennial.kernel.purposes import Intent, Purpose
from perennial.mail.compose import (
    Letter,
    MessageNotDraftError,
    RecipientMissingError,
    edit,
    in_letter,
    language_of,
    plain_text,
    words,
    write_all,
)
from perennial.mail.enums import MessageState
from perennial.mail.layout import html_parts
from perennial.mail.models import Mailing, Message
from perennial.mail.queue import MessageNotFailedError, approve, put_aside, retry, take_back
from perennial.people.actions import AddressUnusableError
from perennial.people.models import Person
from perennial.programme.models import Programme
from tests.cast import NOW, person, programme
from tests.mail.people import fresh, letter

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _live() -> None:
    programme()


def test_a_letter_is_a_mailing_of_one_in_the_queue() -> None:
    message = fresh(letter(person(), link_path="/leaver/x/"))
    assert (message.state, message.not_before, message.address) == ("queued", NOW, "")
    assert message.recipient_name == "Alice van Dam"
    assert message.mailing.contents == {
        "en": {"subject": "How are you?", "body": "Dear Alice,\n\nhow are you?\n\nMara"}
    }
    assert message.mailing.frozen_at == NOW
    assert list(Event.objects.filter(deed="mail.written").values_list("by", "subject_kind")) == [("test", "person")]


def test_many_letters_take_a_constant_number_of_statements(django_assert_num_queries: Any) -> None:
    people = [person(f"Person {at}") for at in range(3)]
    for count in (1, 3):
        letters = [
            Letter(
                person=each,
                purpose=Purpose.SERVICE,
                intent=Intent.NEUTRAL,
                subject="s",
                body="b",
                language="en",
                origin="test",
            )
            for each in people[:count]
        ]
        with django_assert_num_queries(6):
            assert len(write_all(letters=letters, by="test", now=NOW)) == count
    assert write_all(letters=[], by="test", now=NOW) == []


def test_the_audit_trail_knows_what_wrote_a_letter_and_not_about_whom() -> None:
    letters = [
        Letter(
            person=None,
            purpose=Purpose.SERVICE,
            intent=Intent.NEUTRAL,
            subject="s",
            body="b",
            language="en",
            origin=origin,
            address="mara@employer.example",
        )
        for origin in ("farewell:manager/KEY-OF-ALICE", "farewell:manager/KEY-OF-BOB", "departures:digest")
    ]
    written = write_all(letters=letters, by="test", now=NOW)
    assert [message.mailing.origin for message in written] == [each.origin for each in letters]
    event = Event.objects.get(deed="mail.written")
    assert event.details == {"origins": {"farewell:manager": 2, "departures:digest": 1}}


def test_what_needs_consent_needs_a_person_to_ask_about() -> None:
    with pytest.raises(RecipientMissingError):
        letter(None, address="somebody@home.example")
    assert Mailing.objects.count() == 0


def test_service_mail_without_a_person_needs_an_address() -> None:
    with pytest.raises(RecipientMissingError):
        letter(None, purpose=Purpose.SERVICE)


@pytest.mark.parametrize("address", ["no address", "a@b.example\r\nBcc: c@d.example"])
def test_an_address_that_is_none_is_refused_at_once(address: str) -> None:
    with pytest.raises(AddressUnusableError):
        letter(None, purpose=Purpose.SERVICE, address=address)
    with pytest.raises(AddressUnusableError):
        letter(person(), reply_to=address)


def test_control_characters_and_foreign_line_ends_do_not_get_in() -> None:
    kept = words(subject=" a\r\nBcc: x\u2028\0 b ", body="\na\r\nb\rc\u2028d\0\ud800e\n")
    assert kept == {"subject": "a Bcc: x b", "body": "a\nb\nc\nd" + "e"}
    assert plain_text("a\tb\n\nc") == "a\tb\n\nc"


def test_names_are_one_line_and_not_too_long() -> None:
    message = fresh(letter(person(), sender_name="Mara\r\nSmit" + "x" * 300, recipient_name="A\u2028B"))
    assert message.mailing.sender_name == ("Mara Smit" + "x" * 300)[:200]
    assert message.recipient_name == "A B"


def test_a_draft_can_be_edited_until_it_is_sent_off() -> None:
    draft = letter(person(), state=MessageState.DRAFT)
    assert fresh(draft).not_before is None
    edit(message=draft, subject="New", body="Words", by="user:1", now=NOW)
    assert fresh(draft).mailing.contents == {"en": {"subject": "New", "body": "Words"}}
    assert fresh(draft).mailing.frozen_at is None
    assert approve(message_ids=[draft.pk], by="user:1", now=LATER) == 1
    with pytest.raises(MessageNotDraftError):
        edit(message=draft, subject="Newer", body="Words", by="user:1", now=LATER)
    assert fresh(draft).mailing.contents == {"en": {"subject": "New", "body": "Words"}}


def test_whoever_sends_a_draft_off_signs_it() -> None:
    draft = letter(person(), state=MessageState.DRAFT, sender_name="", reply_to="")
    approve(message_ids=[draft.pk], by="user:1", now=LATER, sender_name="Carla", reply_to="carla@employer.example")
    sent = fresh(draft)
    assert (sent.state, sent.not_before, sent.mailing.frozen_at) == ("queued", NOW, LATER)
    assert (sent.mailing.sender_name, sent.mailing.reply_to) == ("Carla", "carla@employer.example")
    assert approve(message_ids=[draft.pk], by="user:2", now=LATER) == 0


def test_a_draft_planned_for_later_keeps_its_time() -> None:
    draft = letter(person(), state=MessageState.DRAFT, not_before=NOW + timedelta(days=3))
    approve(message_ids=[draft.pk], by="user:1", now=LATER)
    assert fresh(draft).not_before == NOW + timedelta(days=3)


def test_a_letter_put_aside_can_be_taken_back() -> None:
    draft = letter(person(), state=MessageState.DRAFT)
    assert put_aside(message_id=draft.pk, by="user:1", now=LATER)
    assert (fresh(draft).state, fresh(draft).done_at) == ("discarded", LATER)
    assert take_back(message_id=draft.pk, by="user:1", now=LATER)
    assert (fresh(draft).state, fresh(draft).done_at) == ("draft", None)


def test_a_letter_that_is_on_its_way_cannot_be_taken_back_or_put_aside() -> None:
    message = letter(person())
    Message.objects.update(state=MessageState.SENDING)
    assert not take_back(message_id=message.pk, by="user:1", now=LATER)
    assert not put_aside(message_id=message.pk, by="user:1", now=LATER)
    assert fresh(message).state == "sending"


def test_only_what_failed_is_tried_again() -> None:
    message = letter(person())
    with pytest.raises(MessageNotFailedError):
        retry(message_id=message.pk, by="user:1", now=LATER)
    Message.objects.update(state=MessageState.FAILED, not_before=None, done_at=NOW, attempts=7)
    retry(message_id=message.pk, by="user:1", now=LATER)
    again = fresh(message)
    assert (again.state, again.not_before, again.done_at, again.attempts) == ("queued", LATER, None, 0)


def test_a_name_in_a_letter_is_neither_the_place_of_the_link_nor_a_link() -> None:
    assert in_letter("Alice {link}\nvan Dam") == "Alice (link) van Dam"
    # Whoever is called so would have us mail an address of theirs, in our name, to click on.
    body = f"Dear {in_letter('Alice, win at https://evil.example/x')},\n\nhow are you?"
    assert "<a " not in "".join(html_parts(body=body, subject="", language="en", link="", button="", footer=None))
    assert in_letter("Alice van Dam") == "Alice van Dam"


@pytest.mark.parametrize(
    ("theirs", "programmes", "language"), [("de", "nl", "de"), ("fr", "nl", "nl"), ("", "fr", "en")]
)
def test_a_letter_is_in_one_of_our_languages(theirs: str, programmes: str, language: str) -> None:
    assert language_of(Person(language=theirs), programme=Programme(language=programmes)) == language
