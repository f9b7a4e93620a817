"""The impact assessment, and what those who represent the staff said."""

import io
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from perennial.accounts.roles import Role
from perennial.audit.models import Event
from perennial.desk.today.accountability import accounts_to_give
from perennial.privacy.register.assessment import CRITERIA, ENOUGH, RISKS, assess
from perennial.programme.additions import add_words
from perennial.programme.councils import AnswerUnfitError, NoSuchGateError, gates, write_answer
from perennial.programme.models import CouncilAnswer, Place
from perennial.programme.queries import current
from tests.cast import NOW, TODAY, colleague, person, programme
from tests.guards import lifted
from tests.portal.leavers import sentences
from tests.privacy.test_register import MET

pytestmark = pytest.mark.django_db

PAGE = "/programme/register/assessment/"
COUNCIL = "/programme/register/council/"
HOSTILE = '<script>alert(1)</script> =1+1 #import "/etc/passwd" \u202eesrever Привет'
SAID: dict[str, Any] = {
    "country": "DE",
    "gate": "betrvg_94",
    "outcome": "agreed",
    "answered_on": TODAY,
    "note": "Agreement 12.",
    "by": "user:1",
    "now": NOW,
}


@pytest.fixture(autouse=True)
def _at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def carla(client: Client) -> Client:
    client.force_login(colleague(name="Carla Jansen"))
    programme()
    Place.objects.create(name="Werk Nord", city="Kiel", country="Deutschland")
    Place.objects.create(name="Somewhere", country="No such land")
    with lifted(connection):
        CouncilAnswer.objects.all().delete()
    return client


def said(content: bytes) -> str:
    return unescape(sentences(content))


def read(file: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(file)).pages).split())


def test_there_is_reason_enough_and_each_measure_named_is_met() -> None:
    assert sum(each.met is True for each in CRITERIA) >= ENOUGH
    assert len(CRITERIA) == 9
    assert [str(each.what) for each in RISKS if not set(each.rows) <= MET] == []


def test_the_page_is_filled_from_what_is_set_and_costs_the_same(carla: Client) -> None:
    counts = []
    for number in range(3):
        person(f"Somebody {number}")
        Place.objects.create(name=f"Office {number}", country="Niederlande")
        with CaptureQueriesContext(connection) as queries:
            page = carla.get(PAGE)
        counts.append(len(queries))
    # session, user with second factor, programme with owner, terms, records, words, places, answers, people
    assert counts == [9, 9, 9]
    text = said(page.content)
    for sentence in (
        "Of the nine criteria of the guidelines WP 248, 5 are met here; 2 suffice.",
        "3 people are on file.",
        "Keeping the record of who worked here",
        "Weighed on 14 September 2026 by The board (version 1): it may be done.",
        "Works council: questionnaires to staff (DE)",
        "Works council: consent to systems",
        "Nothing is written down yet.",
        "Advice of the privacy officer",
    ):
        assert sentence in text


def test_it_is_taken_as_pdf_and_html_and_each_is_written_down(carla: Client) -> None:
    add_words(section="dpia_risks", text=HOSTILE, by="user:1", now=NOW)
    pdf, html = (carla.post(PAGE + "export/", {"format": kind}) for kind in ("pdf", "html"))
    text = read(pdf.content)
    assert '<script>alert(1)</script> =1+1 #import "/etc/passwd" [U+202E]esrever Привет' in text
    assert "Decision of the controller" in text
    assert b"<script" not in html.content
    assert HOSTILE in unescape(html.content.decode())
    assert html["Content-Disposition"] == 'attachment; filename="impact-assessment-2026-09-14.html"'
    taken = Event.objects.filter(deed="privacy.assessment_exported").order_by("pk")
    assert [event.details["format"] for event in taken] == ["pdf", "html"]
    assert carla.post(PAGE + "export/", {"format": "exe"}).status_code == 404


def test_who_is_asked_follows_from_where_the_places_are(carla: Client) -> None:
    found = gates(programme=current(), on=TODAY)
    assert [(each.country, each.gate.value, each.is_open) for each in found] == [
        ("DE", "betrvg_87", True),
        ("DE", "betrvg_94", True),
        ("NL", "wor_27", True),
    ]
    assert all(each.source for each in found)
    write_answer(**SAID)
    write_answer(**{**SAID, "gate": "betrvg_87", "outcome": "agreed"})
    write_answer(**{**SAID, "gate": "betrvg_87", "outcome": "refused"})
    states = {each.gate.value: each.is_open for each in gates(programme=current(), on=TODAY)}
    assert states == {"betrvg_87": True, "betrvg_94": False, "wor_27": True}
    assert len(assess(programme=current(), on=TODAY).gates) == 3


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"gate": "wor_27"}, NoSuchGateError),
        ({"country": "FR"}, NoSuchGateError),
        ({"answered_on": TODAY + timedelta(days=1)}, AnswerUnfitError),
        ({"outcome": "not_needed", "note": " "}, AnswerUnfitError),
        ({"note": "x" * 301}, AnswerUnfitError),
        ({"outcome": "perhaps"}, ValueError),
    ],
)
def test_an_answer_that_does_not_fit_is_refused(carla: Client, changes: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        write_answer(**{**SAID, **changes})
    assert CouncilAnswer.objects.count() == 0


def test_an_answer_is_written_down_on_its_page(carla: Client) -> None:
    sent = {"gate": "DE.betrvg_94", "outcome": "consulted", "answered_on": TODAY.isoformat(), "note": HOSTILE}
    refused = carla.post(COUNCIL, {**sent, "outcome": "not_needed", "note": ""})
    assert (refused.status_code, "say why" in said(refused.content)) == (422, True)
    assert carla.post(COUNCIL, {**sent, "gate": "FR.wor_27"}).status_code == 422
    sent["note"] = "Minutes of 3 September, <b>item 4</b>."
    assert carla.post(COUNCIL, sent)["Location"] == COUNCIL
    page = carla.get(COUNCIL)
    assert b"<b>item" not in page.content
    assert "They were heard, 14 September 2026. Minutes of 3 September, <b>item 4</b>." in said(page.content)
    event = Event.objects.get(deed="programme.council_answered")
    assert (event.subject_key, event.details) == ("DE", {"gate": "betrvg_94", "outcome": "consulted"})


def test_going_live_without_an_answer_warns_and_is_not_locked(carla: Client) -> None:
    carla.post("/programme/stage/", {"stage": "preparation"})
    page = carla.post("/programme/stage/", {"stage": "live"}, follow=True)
    assert current().stage == "live"
    assert "those who represent the staff have a say in: Germany, Netherlands." in said(page.content)
    (item,) = accounts_to_give(day=TODAY, programme=current())
    assert (item.key, item.action_url) == ("council-open", COUNCIL)
    for country, gate in (("DE", "betrvg_87"), ("DE", "betrvg_94"), ("NL", "wor_27")):
        write_answer(**{**SAID, "country": country, "gate": gate})
    assert list(accounts_to_give(day=TODAY, programme=current())) == []
    carla.post("/programme/stage/", {"stage": "preparation"})
    again = carla.post("/programme/stage/", {"stage": "live"}, follow=True)
    assert "have a say in" not in said(again.content)


def test_where_nobody_must_be_asked_the_page_says_so(client: Client) -> None:
    client.force_login(colleague())
    programme(time_zone="Europe/Paris")
    assert "names nobody who must be asked" in said(client.get(COUNCIL).content)
    assert "names nobody who must be asked" in said(client.get(PAGE).content)


def test_hr_does_not_open_it(client: Client) -> None:
    programme()
    client.force_login(colleague(Role.HR))
    asked = [client.get(PAGE), client.get(COUNCIL), client.post(PAGE + "export/", {"format": "pdf"})]
    assert [answer.status_code for answer in asked] == [403, 403, 403]
