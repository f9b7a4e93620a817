"""Stopping mails from the mail itself."""

from datetime import timedelta

import pytest

from perennial.consent.enums import Means
from perennial.consent.models import Evidence, LedgerEntry
from perennial.consent.queries import granted
from perennial.contact.models import Touch
from perennial.kernel.links import path_to
from perennial.kernel.purposes import Purpose
from perennial.kernel.tokens import LinkPurpose
from perennial.mail.models import Message
from perennial.mail.render import unsubscribe_path
from perennial.mail.send import send_due
from perennial.mail.unsubscribe import UnsubscribeUnknownError, find, one_click
from tests.cast import NOW, programme
from tests.mail.people import agreed, fresh, letter

pytestmark = pytest.mark.django_db
IP = "198.51.100.8"


@pytest.fixture(autouse=True)
def _live() -> None:
    programme()


def token_of(message: Message) -> str:
    return unsubscribe_path(message).strip("/").rpartition("/")[2]


def test_it_stops_the_purpose_of_that_mail_at_once_and_leaves_the_others() -> None:
    someone = agreed(purposes=["personal", "newsletter"])
    message, waiting = letter(someone), letter(someone)
    done = one_click(token=token_of(message), ip=IP, now=NOW)
    assert (done.person, done.purpose, done.withdrawn) == (someone, Purpose.PERSONAL, 1)
    assert granted(person=someone) == {("newsletter", "email")}
    entry = LedgerEntry.objects.get(act="withdrawn")
    assert (entry.means, entry.by) == (Means.ONE_CLICK, f"person:{someone.key}")
    assert Evidence.objects.get(kind="one_click").ip == IP
    assert Touch.objects.filter(direction="theirs", kind="preferences").count() == 1
    send_due(now=NOW, worker="w")
    assert (fresh(waiting).state, fresh(waiting).skip_rule) == ("skipped", "consent")


def test_pressing_again_changes_nothing_and_is_no_error() -> None:
    message = letter(agreed())
    assert [one_click(token=token_of(message), ip=IP, now=NOW).withdrawn for _ in range(3)] == [1, 0, 0]
    assert LedgerEntry.objects.filter(act="withdrawn").count() == 1
    assert Evidence.objects.filter(kind="one_click").count() == 1


def test_the_link_of_an_old_mail_stops_a_consent_given_anew() -> None:
    someone = agreed()
    message = letter(someone)
    one_click(token=token_of(message), ip=IP, now=NOW)
    from perennial.consent.actions import grant_request, request_consents

    request = request_consents(
        person=someone,
        address=someone.addresses.get(),
        purposes=["personal"],
        channels=["email"],
        language="nl",
        by="test",
        now=NOW + timedelta(days=1),
    )
    grant_request(request=request, ip=None, by="test", now=NOW + timedelta(days=1))
    assert one_click(token=token_of(message), ip=IP, now=NOW + timedelta(days=400)).withdrawn == 1


def test_looking_changes_nothing() -> None:
    message = letter(agreed())
    assert find(token=token_of(message)) == message
    assert LedgerEntry.objects.filter(act="withdrawn").count() == 0


def test_unknown_altered_and_foreign_tokens_stop_nothing() -> None:
    message = letter(agreed())
    token = token_of(message)
    foreign = path_to(purpose=LinkPurpose.PREFERENCES, row=message.pk, random=message.random)
    for wrong in ("", "x", token[:-1] + ("A" if token[-1] != "A" else "B"), foreign.strip("/").rpartition("/")[2]):
        with pytest.raises(UnsubscribeUnknownError):
            one_click(token=wrong, ip=IP, now=NOW)
    Message.objects.update(random="another")
    with pytest.raises(UnsubscribeUnknownError):
        one_click(token=token, ip=IP, now=NOW)
    assert LedgerEntry.objects.filter(act="withdrawn").count() == 0
