"""The pages on country policy and on what is kept too long by it."""

from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from perennial.accounts.models import User
from perennial.people.models import Person
from perennial.privacy.models import Hold
from perennial.programme.models import RetentionTerm
from tests.cast import NOW, TODAY, colleague, person, programme
from tests.portal.leavers import sentences

pytestmark = pytest.mark.django_db

PAGE = "/programme/policy/"
RETENTION = "/programme/retention/"
IN_A_WEEK = (TODAY + timedelta(days=7)).isoformat()
SENT = {"kind": "inactive", "amount": "26", "unit": "months", "starts_on": IN_A_WEEK, "why": "Agreed in March."}


@pytest.fixture(autouse=True)
def _at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def carla(client: Client) -> Client:
    programme()
    client.force_login(colleague(email="carla.policy@employer.example"))
    return client


def said(content: bytes) -> str:
    return unescape(sentences(content))


def test_the_page_says_what_holds_since_when_and_by_what(carla: Client) -> None:
    everywhere, russia = said(carla.get(PAGE).content), said(carla.get(PAGE + "?country=RU").content)
    assert "30 months" in everywhere
    assert "GDPR 12(3), counted as Regulation 1182/71 says." in everywhere
    assert "1 month" in everywhere
    assert "10 working days" in russia
    assert "152-FZ art. 18(5)" in russia
    assert "1 Jul 2025" in russia
    assert "(everywhere)" in russia
    assert carla.get(PAGE + "?country=XX").status_code == 404


def test_a_term_is_set_and_stands_there_with_its_reason(carla: Client) -> None:
    assert carla.post(PAGE + "?country=NL", SENT).status_code == 302
    row = RetentionTerm.objects.get()
    assert (row.country, row.kind, row.amount, row.unit, row.why) == ("NL", "inactive", 26, "months", SENT["why"])
    assert row.by.startswith("user:")
    assert "26 months, from 21 Sep 2026. Agreed in March." in said(carla.get(PAGE + "?country=NL").content)
    with time_machine.travel(NOW + timedelta(days=7), tick=False):
        carla.force_login(User.objects.get(email="carla.policy@employer.example"))
        assert "26 months (set here; as shipped 30 months)" in said(carla.get(PAGE + "?country=NL").content)
    assert carla.post(PAGE + "?country=NL", SENT | {"unit": "shipped", "amount": ""}).status_code == 302
    assert RetentionTerm.objects.latest("pk").amount is None


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"starts_on": TODAY.isoformat()}, "at the earliest"),
        ({"amount": "24"}, "at least thirty days before"),
        ({"amount": "121"}, "Between a day and ten years."),
        ({"amount": ""}, "Write how long."),
        ({"amount": "9999"}, "3650"),
        ({"why": " "}, "Say why; it will be asked one day."),
        ({"kind": "audit"}, "audit"),
        ({"unit": "working_days"}, "working_days"),
        ({"starts_on": "soon"}, "day"),
    ],
)
def test_what_cannot_be_is_said_and_what_was_typed_stays(carla: Client, changes: dict[str, str], sentence: str) -> None:
    answer = carla.post(PAGE, SENT | changes)
    assert answer.status_code == 422
    assert sentence in said(answer.content)
    assert not RetentionTerm.objects.exists()


def test_the_page_asks_as_much_for_three_terms_as_for_one(carla: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert carla.get(PAGE).status_code == 200
        return len(asked)

    carla.post(PAGE, SENT)
    one = queries()
    carla.post(PAGE, SENT | {"amount": "27"})
    carla.post(PAGE, SENT | {"kind": "evidence"})
    assert queries() == one == 6


def test_deleting_is_offered_once_something_is_due(carla: Client) -> None:
    somebody = person("Alice van Dam", ends_on=TODAY - timedelta(days=400))
    assert RETENTION + "begin/" not in carla.get(RETENTION).content.decode()
    nothing = carla.get(RETENTION + "?count=1").content
    assert RETENTION + "begin/" not in nothing.decode()
    assert "Nothing has been kept for too long." in sentences(nothing)
    Person.objects.filter(pk=somebody.pk).update(created_at=NOW - timedelta(days=3000))
    somebody.stints.update(ends_on=TODAY - timedelta(days=2000), created_at=NOW - timedelta(days=3000))
    something = carla.get(RETENTION + "?count=1").content
    assert RETENTION + "begin/" in something.decode()
    assert "Nothing has been kept for too long." not in sentences(something)


def test_why_somebody_is_left_alone_is_chosen_and_not_taken_for_granted(carla: Client) -> None:
    somebody = person("Alice van Dam")
    sent = {"person": somebody.key, "sentence": "A claim runs.", "ends_on": (TODAY + timedelta(days=90)).isoformat()}
    assert carla.post(RETENTION, sent).status_code == 422
    assert not Hold.objects.exists()
    assert carla.post(RETENTION, sent | {"reason": "dispute"}).status_code == 302
    assert Hold.objects.get().reason == "dispute"
