"""The pages on legitimate interest, and what the desk says where a record is missing."""

import io
import json
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
from perennial.departures.exit.editing import begin_draft, draft
from perennial.departures.exit.questionnaire import ship
from perennial.departures.models import PersonDecision
from perennial.desk.register.forms import RecordForm
from perennial.desk.today.accountability import accounts_to_give
from perennial.privacy.register.proposals import PROPOSALS
from perennial.programme.enums import Interest, Stage
from perennial.programme.models import InterestRecord
from perennial.programme.queries import current
from tests.cast import NOW, TODAY, colleague, person, programme, weighed
from tests.desk.test_decisions import ASKED
from tests.guards import lifted
from tests.portal.leavers import sentences

pytestmark = pytest.mark.django_db

PAGE = "/programme/register/interests/"
HOSTILE = '<script>alert(1)</script> =1+1 #import "/etc/passwd" \u202eesrever Привет'
SENT: dict[str, Any] = {
    "interest": HOSTILE,
    "necessity": "Nobody has to answer.",
    "balancing": "Figures are of groups.",
    "prevails": "yes",
    "decided_by": "The board",
    "decided_on": TODAY.isoformat(),
    "review_on": (TODAY + timedelta(days=365)).isoformat(),
}


@pytest.fixture(autouse=True)
def _at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def carla(client: Client) -> Client:
    client.force_login(colleague(name="Carla Jansen"))
    programme(Stage.PREPARATION)
    without_records()
    return client


def without_records() -> None:
    with lifted(connection):
        InterestRecord.objects.all().delete()


def said(content: bytes) -> str:
    return unescape(sentences(content))


def test_a_record_is_written_and_stands_and_the_list_costs_the_same(carla: Client) -> None:
    counts = []
    for processing in ("exit", "record", "team"):
        answer = carla.post(f"{PAGE}{processing}/", SENT)
        assert answer["Location"] == PAGE
        carla.get(PAGE)
        with CaptureQueriesContext(connection) as queries:
            page = carla.get(PAGE)
        counts.append(len(queries))
    # session, user with second factor, programme with owner, records
    assert counts == [4, 4, 4]
    text = said(page.content)
    assert text.count("it may be done.") == 3
    assert text.count("No record yet of why it may be.") == 4
    one = carla.get(f"{PAGE}exit/")
    assert b"<script>alert" not in one.content
    assert "Version 1, decided on 14 Sep 2026 by The board" in said(one.content)
    assert one.context["form"].initial["necessity"] == "Nobody has to answer."
    assert carla.get(f"{PAGE}kitchen/").status_code == 404


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"interest": ""}, "required"),
        ({"decided_by": " "}, "Write who decided."),
        ({"prevails": "perhaps"}, "perhaps"),
        ({"review_on": TODAY.isoformat()}, "within three years"),
        ({"decided_on": (TODAY + timedelta(days=1)).isoformat()}, "within three years"),
    ],
)
def test_what_does_not_fit_is_said_beside_the_form(carla: Client, changes: dict[str, Any], sentence: str) -> None:
    answer = carla.post(f"{PAGE}exit/", {**SENT, **changes})
    assert answer.status_code == 422
    assert sentence in said(answer.content)
    assert InterestRecord.objects.count() == 0


def proposed(form: RecordForm, **changes: str) -> dict[str, str]:
    """What the browser sends of a form with a proposed text, and its button."""
    fields = {form.add_prefix(name): str(form[name].value()) for name in form.fields}
    return {"processing": str(form.prefix), **fields, **{form.add_prefix(name): text for name, text in changes.items()}}


def test_what_is_open_is_agreed_to_one_by_one_beginning_with_a_text(carla: Client) -> None:
    weighed(Interest.TEAM, prevails=False).save()
    page, counts = carla.get(f"{PAGE}open/"), []
    forms = {what: form for what, _purpose, form in page.context["rows"]}
    assert list(forms) == [each for each in Interest if each != Interest.TEAM]
    assert str(PROPOSALS[Interest.EXIT].balancing) in said(page.content)
    assert InterestRecord.objects.count() == 1, "what was only read counts for nothing"
    for what in (Interest.EXIT, Interest.RECORD):
        changed = proposed(forms[what], necessity="With us it is different.")
        assert carla.post(f"{PAGE}open/", changed)["Location"] == f"{PAGE}open/"
        with CaptureQueriesContext(connection) as queries:
            page = carla.get(f"{PAGE}open/")
        counts.append(len(queries))
    # session, user with second factor, programme with owner, records
    assert counts == [4, 4]
    record = InterestRecord.objects.get(processing=Interest.EXIT)
    assert (record.interest, record.necessity) == (str(PROPOSALS[Interest.EXIT].interest), "With us it is different.")
    assert (record.prevails, record.decided_by, record.decided_on) == (True, "Carla Jansen", TODAY)
    assert InterestRecord.objects.count() == 3
    assert page.context["opened"] == Interest.LISTS


def test_a_proposed_text_that_was_emptied_or_overtaken_is_not_written_and_not_lost(carla: Client) -> None:
    form = carla.get(f"{PAGE}open/").context["rows"][0][2]
    emptied = carla.post(f"{PAGE}open/", proposed(form, interest=" ", necessity="Ours."))
    assert (emptied.status_code, InterestRecord.objects.count()) == (422, 0)
    assert "Ours." in said(emptied.content)
    weighed(Interest.RECORD, prevails=False).save()
    overtaken = carla.post(f"{PAGE}open/", proposed(form, necessity="Ours."))
    assert (overtaken.status_code, InterestRecord.objects.count()) == (422, 1)
    assert "Somebody wrote it down in the meantime" in said(overtaken.content)
    assert "Ours." in said(overtaken.content)
    assert carla.post(f"{PAGE}open/", {"processing": "kitchen"}).status_code == 404


def test_when_everything_was_weighed_the_page_leads_to_the_records(carla: Client) -> None:
    assert "7 are still to be weighed" in said(carla.get(PAGE).content)
    programme(Stage.PREPARATION)
    assert "Everything was weighed" in said(carla.get(f"{PAGE}open/").content)
    assert "still to be weighed" not in said(carla.get(PAGE).content)


def test_records_are_taken_as_pdf_html_and_json(carla: Client) -> None:
    carla.post(f"{PAGE}exit/", SENT)
    pdf, html, data = (carla.post(PAGE + "export/", {"format": kind}) for kind in ("pdf", "html", "json"))
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf.content)).pages).split())
    assert '<script>alert(1)</script> =1+1 #import "/etc/passwd" [U+202E]esrever Привет' in text
    assert "No record yet of why it may be." in text
    assert HOSTILE in unescape(html.content.decode())
    records = json.loads(data.content)["records"]
    assert [each["stands"] for each in records] == [each["processing"] == "exit" for each in records]
    taken = Event.objects.filter(deed="privacy.interests_exported").order_by("pk")
    assert [event.details["format"] for event in taken] == ["pdf", "html", "json"]
    assert carla.post(PAGE + "export/", {"format": "exe"}).status_code == 404


def test_the_stage_page_says_what_is_missing(carla: Client) -> None:
    answer = carla.post("/programme/stage/", {"stage": "live"})
    assert answer.status_code == 422
    assert "nobody has written down yet why it may be: Keeping the record of who worked here" in said(answer.content)
    assert f'href="{PAGE}open/"' in answer.content.decode()
    assert current().stage == Stage.PREPARATION


def test_a_decision_is_not_proposed_before_its_record_stands(carla: Client) -> None:
    alice = person()
    address = f"/people/{alice.key}/decisions/eligibility/"
    answer = carla.post(address, ASKED)
    assert "nobody has written down yet why it may be: Deciding whom the programme is for" in said(answer.content)
    assert PersonDecision.objects.count() == 0
    weighed(Interest.DECISIONS).save()
    assert carla.post(address, ASKED).status_code == 302


def test_a_questionnaire_is_not_put_in_use_before_its_record_stands(carla: Client) -> None:
    ship(now=NOW)
    begin_draft(by="user:1", now=NOW)
    answer = carla.post("/exit/questionnaire/publish/", follow=True)
    assert "nobody has written down yet why it may be: Asking why people leave" in said(answer.content)
    assert draft() is not None
    weighed(Interest.EXIT).save()
    carla.post("/exit/questionnaire/publish/")
    assert draft() is None


def test_today_tells_what_is_open_and_what_is_to_be_looked_at_again() -> None:
    programme()
    assert list(accounts_to_give(day=TODAY, programme=current())) == []
    late = TODAY + timedelta(days=1001)
    again = list(accounts_to_give(day=late, programme=current()))
    assert [(item.late, item.key) for item in again][:1] == [(True, "interest.record.1")]
    assert len(again) == len(Interest)
    without_records()
    (item,) = accounts_to_give(day=TODAY, programme=current())
    assert "Write down why 7 things may be done without asking: Keeping the record" in item.sentence
    assert item.action_url == f"{PAGE}open/"
    InterestRecord.objects.bulk_create(weighed(each, prevails=False) for each in Interest)
    (item,) = accounts_to_give(day=TODAY, programme=current())
    assert item.action_url == PAGE, "for a no there is no text to propose"


def test_hr_does_not_open_it(client: Client) -> None:
    programme()
    client.force_login(colleague(Role.HR))
    asked = [client.get(PAGE), client.post(f"{PAGE}exit/", SENT), client.post(PAGE + "export/", {"format": "json"})]
    assert [answer.status_code for answer in asked] == [403, 403, 403]
