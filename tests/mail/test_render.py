"""What recipients read, in their language, and what is hidden from everybody else."""

from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from perennial.kernel.purposes import Intent, Purpose
from perennial.kernel.tokens import LinkPurpose, open_token
from perennial.mail.compose import write
from perennial.mail.models import Message
from perennial.mail.render import HIDDEN, render
from tests.cast import NOW, person, programme
from tests.mail.people import agreed, fresh, letter

pytestmark = pytest.mark.django_db
SECRET_PATH = "/leaver/17.the-secret-half.signature/"


@pytest.fixture(autouse=True)
def _live() -> None:
    programme()


def service(**fields: object) -> Message:
    given = {
        "person": person(),
        "purpose": Purpose.SERVICE,
        "intent": Intent.NEUTRAL,
        "subject": "Your page",
        "body": "Hello,\n\nplease look:\n\n{link}\n\nHR",
        "language": "en",
        "origin": "test",
        "by": "test",
        "now": NOW,
        "link_path": SECRET_PATH,
        **fields,
    }
    return fresh(write(**given))  # type: ignore[arg-type]


def wire(message: Message) -> EmailMessage:
    message.address = message.address or "alice@home.example"
    content = render(message, reveal=True).as_bytes(boundary="=_b")
    return message_from_bytes(content, policy=policy.default)  # type: ignore[return-value]


def test_a_personal_letter_comes_from_a_person_and_answers_go_to_them() -> None:
    mail = wire(fresh(letter(agreed())))
    assert mail["From"] == "Mara Smit <alumni@employer.example>"
    assert mail["Reply-To"] == "Mara Smit <mara@employer.example>"
    assert mail["To"] == "Alice van Dam <alice@home.example>"
    assert (mail["Cc"], mail["Bcc"], mail["Auto-Submitted"]) == (None, None, None)
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


def test_a_letter_that_needs_consent_can_be_stopped_by_one_click() -> None:
    message = fresh(letter(agreed()))
    mail = wire(message)
    https, mailto = (way.strip("<> ") for way in mail["List-Unsubscribe"].split(","))
    assert mailto == "mailto:alumni@employer.example?subject=unsubscribe"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-Id"] == "Employer & Sons <personal.employer.example>"
    token = https.rstrip("/").rpartition("/")[2]
    assert open_token(purpose=LinkPurpose.UNSUBSCRIBE, token=token).row == message.pk
    assert https in render(message, reveal=True).text


def test_the_foot_says_who_why_and_the_ways_out() -> None:
    text = render(fresh(letter(agreed())), reveal=True).text
    foot = text.partition("\n-- \n")[2].splitlines()
    assert foot[:2] == [
        "Mara Smit writes to you for Employer & Sons, Long Street 1, 1000 AA Amsterdam.",
        "You get it because you agreed to 'Personal notes' by e-mail.",
    ]
    assert foot[2].startswith("Change what we send you: http://localhost:8000/preferences/")
    assert foot[3].startswith("Stop these mails: http://localhost:8000/unsubscribe/")
    assert len(foot) == 4


def test_service_mail_has_no_foot_and_no_list() -> None:
    message = service(automatic=True)
    mail = wire(message)
    assert [mail[name] for name in ("List-Unsubscribe", "List-Unsubscribe-Post", "List-Id")] == [None, None, None]
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["From"] == "Employer & Sons <alumni@employer.example>"
    assert "-- " not in render(message, reveal=True).text


def test_a_paragraph_that_is_the_link_becomes_a_button_and_stays_a_link_in_the_text() -> None:
    mail = render(service(), reveal=True)
    assert mail.text == f"Hello,\n\nplease look:\n\nhttp://localhost:8000{SECRET_PATH}\n\nHR\n"
    assert mail.html.count(f'href="http://localhost:8000{SECRET_PATH}"') == 1
    assert ">Open your page</a>" in mail.html


def test_a_link_that_was_edited_away_is_put_at_the_end() -> None:
    mail = render(service(body="Hello,\n\nHR"), reveal=True)
    assert mail.text == f"Hello,\n\nHR\n\nhttp://localhost:8000{SECRET_PATH}\n"


def test_without_reveal_no_secret_is_in_any_part() -> None:
    someone = agreed()
    message = fresh(letter(someone, body="Look: {link}", link_path=SECRET_PATH))
    shown, hidden = render(message, reveal=True), render(message, reveal=False)
    secrets = ["the-secret-half", message.random, someone.preference.link_random]
    everything = "\n".join([shown.text, shown.html, *shown.headers.values()])
    assert [secret in everything for secret in secrets] == [True, True, True]
    everything = "\n".join([hidden.text, hidden.html, *hidden.headers.values()])
    assert [secret in everything for secret in secrets] == [False, False, False]
    assert f"http://localhost:8000/leaver/{HIDDEN}/" in hidden.text


def test_a_mail_for_signing_in_is_hidden_whole() -> None:
    message = service(
        person=None, address="carla@employer.example", origin="accounts", body="Code: 424242", link_path=""
    )
    assert "424242" in render(message, reveal=True).text
    hidden = render(message, reveal=False)
    assert "424242" not in hidden.text + hidden.html


def test_what_somebody_writes_cannot_become_markup() -> None:
    message = fresh(letter(agreed(), subject="<b>x</b>", body="<script>alert(1)</script>\n\n\"'><img src=x onerror=y>"))
    html = render(message, reveal=True).html
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<title>&lt;b&gt;x&lt;/b&gt;</title>" in html


def test_addresses_on_the_web_can_be_clicked_and_nothing_else() -> None:
    body = 'See https://a.example/x?b=1&c="2".\njavascript:alert(1)'
    html = render(fresh(letter(agreed(), body=body)), reveal=True).html
    assert '<a style="color:#1f6f54" href="https://a.example/x?b=1&amp;c=">' in html
    assert html.count("<a ") == 3
    assert 'href="javascript' not in html


def test_html_loads_nothing_from_elsewhere_and_names_its_language() -> None:
    html = render(fresh(letter(agreed(), language="nl")), reveal=True).html
    assert '<html lang="nl">' in html
    assert not any(mark in html for mark in ("<img", "<link", "<script", "<style", "url(", "src=", "@import"))


def test_each_language_has_a_foot_of_its_own_with_both_ways_out() -> None:
    feet = set()
    for language in ("en", "nl", "de", "ru"):
        text = render(fresh(letter(agreed(), language=language)), reveal=False).text
        assert (text.count("/preferences/"), text.count("/unsubscribe/")) == (1, 1)
        feet.add(text.partition("\n-- \n")[2])
    assert len(feet) == 4


def test_the_message_id_is_the_same_every_time_and_its_own() -> None:
    one, other = fresh(letter(agreed())), fresh(letter(agreed("Bob", "bob@home.example")))
    assert render(one, reveal=True).headers["Message-ID"] == render(fresh(one), reveal=True).headers["Message-ID"]
    assert one.message_id != other.message_id
    assert one.message_id.endswith("@employer.example")


def test_a_mail_that_went_is_shown_with_the_date_it_went() -> None:
    message = fresh(letter(agreed()))
    message.done_at = NOW + timedelta(days=2)
    assert render(message, reveal=False).headers["Date"] == "Wed, 16 Sep 2026 09:00:00 +0000"


def test_before_the_programme_has_an_address_mail_comes_from_this_host() -> None:
    programme(sender_address="", organisation="")
    mail = render(service(), reveal=True)
    assert mail.from_ == "Perennial <perennial@localhost>"
