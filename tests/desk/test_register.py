"""The page with the register of processing, its files, and what the employer adds."""

import csv
import io
import json
from collections.abc import Iterator
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from perennial.accounts.roles import Role
from perennial.audit.models import Event
from perennial.operate.configuration import MailServer
from perennial.privacy.held import HELD
from perennial.programme.additions import add_words
from tests.cast import NOW, colleague, programme
from tests.portal.leavers import sentences

pytestmark = pytest.mark.django_db

PAGE = "/programme/register/"
WORDS = PAGE + "words/transfers/"
EXPORT = PAGE + "export/"
HOSTILE = '<script>alert(1)</script> =1+1 #import "x" \u202eesrever Привет'


@pytest.fixture(autouse=True)
def _at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def carla(client: Client) -> Client:
    client.force_login(colleague(name="Carla Jansen"))
    programme()
    return client


def said(content: bytes) -> str:
    return unescape(sentences(content))


def test_the_page_tells_every_section_and_costs_the_same_with_more_words(carla: Client) -> None:
    counts = []
    for section in ("transfers", "recipients", "measures"):
        add_words(section=section, text=f"Our words on {section}.", by="user:1", now=NOW)
        with CaptureQueriesContext(connection) as queries:
            answer = carla.get(PAGE)
        counts.append(len(queries))
    # session, user with second factor, programme with owner, terms that were set, records of interest, words
    assert counts == [6, 6, 6]
    text = said(answer.content)
    for sentence in (
        "Register of processing",
        "Employer & Sons",
        "Keeping the record of who worked here",
        "Legitimate interest (GDPR 6(1)(f))",
        "Carla Jansen",
        "No mail server is set; letters are kept and reach nobody.",
        "residents of Russia",
        "What leavers wrote, word for word",
        "Colleagues sign in with a second factor",
        "Our words on recipients.",
        "Nobody is named yet whom people ask about their data.",
    ):
        assert sentence in text
    assert [held.model for held in HELD if held.model not in text] == []


def test_the_mail_server_is_named_and_its_password_is_not(carla: Client, settings: pytest.FixtureRequest) -> None:
    settings.PERENNIAL_MAIL_SERVER = MailServer(  # type: ignore[attr-defined]
        host="mail.employer.example", user="alumni", password="planted-secret"
    )
    page = carla.get(PAGE).content + carla.post(EXPORT, {"format": "json"}).content
    assert b"mail.employer.example" in page
    assert b"planted-secret" not in page


def test_it_is_taken_as_html_json_and_csv_and_each_is_written_down(carla: Client) -> None:
    add_words(section="transfers", text=HOSTILE, by="user:1", now=NOW)
    html, data, table, pdf = (carla.post(EXPORT, {"format": kind}) for kind in ("html", "json", "csv", "pdf"))
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf.content)).pages).split())
    assert '<script>alert(1)</script> =1+1 #import "x" [U+202E]esrever Привет' in text
    assert "Keeping the record of who worked here" in text
    assert html["Content-Disposition"] == 'attachment; filename="register-of-processing-2026-09-14.html"'
    assert b"<script" not in html.content
    assert HOSTILE in unescape(html.content.decode())
    assert [held.model for held in HELD if held.model not in html.content.decode()] == []
    assert json.loads(data.content)["additions"]["transfers"]["text"] == HOSTILE
    rows = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert {len(row) for row in rows} == {7}
    assert [row[0] for row in rows][:3] == [
        "Processing",
        "Keeping the record of who worked here",
        "Taking in HR's lists",
    ]
    taken = Event.objects.filter(deed="privacy.register_exported").order_by("pk")
    assert [event.details for event in taken] == [{"format": each} for each in ("html", "json", "csv", "pdf")]
    assert carla.post(EXPORT, {"format": "exe"}).status_code == 404
    assert carla.get(EXPORT).status_code == 405


def test_words_are_added_taken_away_and_all_versions_shown(carla: Client) -> None:
    assert carla.post(WORDS, {"text": HOSTILE})["Location"] == PAGE
    assert carla.post(WORDS, {"text": ""}).status_code == 302
    page = carla.get(WORDS)
    assert b"<script>alert" not in page.content
    text = said(page.content)
    assert "Taken away." in text
    assert "#import" in text
    assert "Carla Jansen" in text
    refused = carla.post(WORDS, {"text": "x" * 10_001})
    assert refused.status_code == 422
    assert carla.get(PAGE + "words/kitchen/").status_code == 404


def test_hr_does_not_open_it(client: Client) -> None:
    programme()
    client.force_login(colleague(Role.HR))
    assert [client.get(PAGE).status_code, client.post(EXPORT, {"format": "json"}).status_code] == [403, 403]


def test_whom_to_ask_is_set_on_the_programme_page(carla: Client) -> None:
    page = carla.get("/programme/")
    sent = {name: value for name, value in page.context["form"].initial.items() if value is not None}
    assert (
        carla.post("/programme/", {**sent, "privacy_contact": "Frits Vermeer\nprivacy@employer.example"}).status_code
        == 302
    )
    text = said(carla.get(PAGE).content)
    assert "Frits Vermeer" in text
    assert "Nobody is named yet" not in text
