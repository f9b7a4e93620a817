"""A link to somebody's choices in other hands: a new address needs a word from the one on file, or of a colleague."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from perennial.accounts.roles import Role
from perennial.audit.models import Event
from perennial.consent.models import ConsentRequest, Evidence, Vouching
from perennial.consent.queries import granted
from perennial.contact.actions import suppress
from perennial.contact.door import decide
from perennial.kernel.purposes import Purpose
from perennial.mail.confirmation import forget_unconfirmed
from perennial.mail.models import Message
from perennial.mail.render import render
from perennial.people.actions import remove_address, verify_address
from perennial.people.models import EmailAddress, Person
from tests.cast import NOW, colleague
from tests.portal.leavers import confirmation_path, leaver, sentences
from tests.portal.leavers import page_of as leaver_page
from tests.portal.test_preferences import alumna, page_of, ticked

pytestmark = pytest.mark.django_db
NEW = "mallory@elsewhere.example"
OLD = "alice@home.example"


@pytest.fixture(autouse=True)
def _at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def confirmed_alumna() -> Person:
    """Alice, who gets news at the address she confirmed."""
    someone = alumna("newsletter")
    verify_address(address=someone.addresses.get(), by="test", now=NOW - timedelta(days=300))
    return someone


def word_path() -> str:
    """The link of the mail that asks at the address on file."""
    return Message.objects.filter(mailing__origin="mail:vouching").order_by("-pk")[0].link_path


def lands_at(someone: Person, purpose: Purpose) -> str:
    """Where a letter to this person would go now; empty where none may."""
    [decision] = decide(people=Person.objects.filter(pk=someone.pk), purpose=purpose, now=NOW + timedelta(days=200))
    return EmailAddress.objects.get(pk=decision.address_id).address if decision.address_id else ""


def test_whoever_holds_the_link_cannot_lead_the_letters_to_a_mailbox_of_their_own(client: Client) -> None:
    someone = confirmed_alumna()
    answer = client.post(page_of(someone), ticked("newsletter", private_email=NEW))
    assert answer["Location"].endswith("saved=both")
    said = sentences(client.post(confirmation_path(NEW)).content)
    assert "One more step" in said
    assert "a•••@h•••.example" in said
    assert someone.addresses.get(address=NEW).state == "unverified"
    assert (lands_at(someone, Purpose.NEWSLETTER), lands_at(someone, Purpose.SERVICE)) == (OLD, OLD)
    with time_machine.travel(NOW + timedelta(days=8), tick=False):
        assert client.post(word_path()).status_code == 410
        forget_unconfirmed(now=NOW + timedelta(days=8))
    assert [address.address for address in someone.addresses.all()] == [OLD]
    assert Vouching.objects.count() == 0


@pytest.mark.parametrize("mailbox_first", [True, False])
def test_both_mailboxes_make_it_count_in_either_order(client: Client, mailbox_first: bool) -> None:
    someone = confirmed_alumna()
    client.post(page_of(someone), ticked("newsletter", "events", private_email=NEW))
    buttons = [confirmation_path(NEW), word_path()]
    first, second = buttons if mailbox_first else buttons[::-1]
    assert "One more step" in sentences(client.post(first).content)
    assert ("events", "email") not in granted(person=someone)
    assert "Thank you, Alice" in sentences(client.post(second).content)
    assert granted(person=someone) == {("newsletter", "email"), ("events", "email")}
    assert lands_at(someone, Purpose.NEWSLETTER) == NEW
    assert set(Evidence.objects.values_list("kind", flat=True)) >= {"mailbox", "vouched", "confirmation"}
    for button in buttons:
        assert client.post(button).status_code == 410


def test_the_mail_to_the_address_on_file_names_the_new_one_so_that_only_its_owner_knows_it(client: Client) -> None:
    someone = confirmed_alumna()
    client.post(page_of(someone), ticked("newsletter", private_email=NEW))
    mail = render(Message.objects.get(mailing__origin="mail:vouching"), reveal=False)
    assert "m•••@e•••.example" in mail.text
    assert NEW not in mail.text
    assert "m•••@e•••.example" in sentences(client.get(word_path()).content)
    assert Event.objects.filter(deed="consent.address_vouched").count() == 0


def test_where_nothing_on_file_works_a_colleague_says_whose_it_is(client: Client) -> None:
    someone = confirmed_alumna()
    suppress(address=OLD, reason="bounced", now=NOW)
    answer = client.post(page_of(someone), ticked("newsletter", private_email=NEW), follow=True)
    assert "one of us also makes sure that it is yours" in sentences(answer.content)
    assert not Message.objects.filter(mailing__origin="mail:vouching").exists()
    client.post(confirmation_path(NEW))
    assert (lands_at(someone, Purpose.NEWSLETTER), lands_at(someone, Purpose.SERVICE)) == ("", "")
    hr = Client()
    hr.force_login(colleague(Role.HR))
    assert "Ask Alice van Dam whether the new address is theirs" in sentences(hr.get("/").content)
    assert "no other address works" in sentences(hr.get(f"/people/{someone.key}/").content)
    address = someone.addresses.get(address=NEW)
    hr.post(f"/people/{someone.key}/addresses/{address.pk}/vouch/")
    assert lands_at(someone, Purpose.NEWSLETTER) == NEW
    assert Event.objects.get(deed="consent.address_vouched").details == {"from": "colleague"}
    assert hr.post(f"/people/{someone.key}/addresses/{address.pk}/vouch/").status_code == 404


def test_an_address_taken_off_the_record_vouches_for_nothing(client: Client) -> None:
    someone = confirmed_alumna()
    client.post(page_of(someone), ticked("newsletter", private_email=NEW))
    remove_address(address=someone.addresses.get(address=OLD), by="test", now=NOW)
    assert client.post(word_path()).status_code == 410
    client.post(confirmation_path(NEW))
    assert someone.addresses.get().state == "unverified"


def test_an_address_confirmed_before_needs_its_own_mailbox_alone(client: Client) -> None:
    someone = confirmed_alumna()
    client.post(page_of(someone), ticked("newsletter", private_email=NEW))
    client.post(word_path())
    client.post(confirmation_path(NEW))
    client.post(page_of(someone), ticked("newsletter", "events", private_email=OLD))
    assert Message.objects.filter(mailing__origin="mail:vouching").count() == 1
    client.post(confirmation_path(OLD))
    assert ("events", "email") in granted(person=someone)


def test_the_same_address_typed_once_more_still_needs_the_second_word(client: Client) -> None:
    someone = confirmed_alumna()
    for _again in range(2):
        client.post(page_of(someone), ticked("newsletter", private_email=NEW))
    client.post(page_of(someone), ticked("newsletter", "events"))
    assert ConsentRequest.objects.filter(confirmed_at=None).count() == 1
    client.post(confirmation_path(NEW))
    assert someone.addresses.get(address=NEW).state == "unverified"


def test_what_is_ticked_after_a_press_is_not_granted_by_the_second_word(client: Client) -> None:
    someone = confirmed_alumna()
    client.post(page_of(someone), ticked("newsletter", private_email=NEW))
    client.post(confirmation_path(NEW))
    word = word_path()
    client.post(page_of(someone), ticked("newsletter", "events", channel=["email", "phone"]))
    client.post(word)
    assert granted(person=someone) == {("newsletter", "email")}


def test_the_button_grants_what_stood_above_it_and_nothing_that_was_added_since(client: Client) -> None:
    someone = confirmed_alumna()
    client.post(page_of(someone), ticked("newsletter", "events"))
    link = confirmation_path(OLD)
    page = client.get(link)
    client.post(page_of(someone), ticked("newsletter", "events", "personal"))
    again = client.post(link, {"shown": page.context["shown"]})
    assert again.status_code == 409
    assert "Nothing has been agreed to by your last press" in sentences(again.content)
    assert len(again.context["sentences"]) == len(page.context["sentences"]) + 1
    assert granted(person=someone) == {("newsletter", "email")}
    client.post(link, {"shown": again.context["shown"]})
    assert granted(person=someone) == {(purpose, "email") for purpose in ("newsletter", "events", "personal")}


def test_a_leaver_who_confirmed_an_address_before_is_asked_there_too(client: Client) -> None:
    departure = leaver(private=OLD)
    someone = departure.person
    verify_address(address=someone.addresses.get(address=OLD), by="test", now=NOW - timedelta(days=900))
    answer = client.post(leaver_page(departure), {"consent-events": "yes", "private_email": NEW}, follow=True)
    assert "we ask there too" in sentences(answer.content)
    client.post(confirmation_path(NEW))
    assert granted(person=someone) == set()
    client.post(word_path())
    assert granted(person=someone) == {("events", "email")}


def test_other_links_vouch_for_nothing(client: Client) -> None:
    someone = confirmed_alumna()
    client.post(page_of(someone), ticked("newsletter", private_email=NEW))
    good, foreign = word_path().split("/")[2], confirmation_path(NEW).split("/")[2]
    for wrong in (good[:-1], foreign, "x"):
        assert client.get(f"/vouch/{wrong}/").status_code == 404
        assert client.post(f"/vouch/{wrong}/").status_code == 404
    assert client.get(word_path()).status_code == 200
    assert Vouching.objects.get().vouched_at is None
