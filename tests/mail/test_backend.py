"""What libraries send to staff goes through our queue, first, and is never shown."""

import pytest
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection, send_mail
from django.utils import translation

from perennial.kernel import clock
from perennial.mail.backend import AttachmentRefusedError
from perennial.mail.enums import Priority
from perennial.mail.models import Message
from perennial.mail.render import render
from perennial.mail.send import send_due
from perennial.people.actions import AddressUnusableError
from perennial.programme.enums import Stage
from tests.cast import programme
from tests.mail.servers import ScriptedServer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_ours")]


@pytest.fixture
def _ours(settings: object) -> None:
    # The test runner puts its own in the place of every backend.
    settings.EMAIL_BACKEND = "perennial.mail.backend.QueueBackend"  # type: ignore[attr-defined]
    programme(Stage.PREPARATION)


def test_a_sign_in_code_is_queued_without_a_person_and_sent_in_every_stage(server: ScriptedServer) -> None:
    with translation.override("nl"):
        assert send_mail("Code", "Your code: 424242", None, ["Carla <carla@employer.example>"]) == 1
    message = Message.objects.select_related("mailing").get()
    assert (message.person_id, message.address, message.recipient_name) == (None, "carla@employer.example", "Carla")
    assert (message.mailing.origin, message.priority, message.language) == ("accounts", Priority.URGENT, "nl")
    assert "424242" not in render(message, reveal=False).text
    assert send_due(now=clock.now(), worker="w").sent == 1
    mail = server.deliveries[0].mail
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["From"] == "Employer & Sons <alumni@employer.example>"
    body = mail.get_body(("plain",))
    assert body is not None
    assert body.get_content() == "Your code: 424242\r\n" or body.get_content() == "Your code: 424242\n"


def test_each_recipient_gets_a_message_of_their_own() -> None:
    mail = EmailMultiAlternatives(
        "s", "b", to=["a@b.example", "c@d.example"], bcc=["e@f.example"], reply_to=["Mara <mara@employer.example>"]
    )
    mail.attach_alternative("<p>b</p>", "text/html")
    assert mail.send() == 1
    assert sorted(Message.objects.values_list("address", "mailing__reply_to")) == [
        ("a@b.example", "mara@employer.example"),
        ("c@d.example", "mara@employer.example"),
        ("e@f.example", "mara@employer.example"),
    ]


def test_an_attachment_is_refused_not_dropped() -> None:
    mail = EmailMessage("s", "b", to=["a@b.example"])
    mail.attach("x.txt", "x", "text/plain")
    with pytest.raises(AttachmentRefusedError):
        mail.send()
    assert Message.objects.count() == 0


def test_an_address_that_is_none_is_refused_unless_failures_are_to_be_silent() -> None:
    with pytest.raises(AddressUnusableError):
        send_mail("s", "b", None, ["nobody"])
    good, bad = EmailMessage("s", "b", to=["a@b.example"]), EmailMessage("s", "b", to=["nobody"])
    assert get_connection(fail_silently=True).send_messages([bad, good]) == 1
    assert list(Message.objects.values_list("address", flat=True)) == ["a@b.example"]
