"""The page of exit figures: what it says, what it does not, and what a file of it holds."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from perennial.accounts.roles import Role
from perennial.audit.models import Event
from perennial.departures.models import AnswerGroup
from perennial.programme.models import Department
from tests.cast import NOW, colleague, programme
from tests.departures.exit.saying import closed_group, leavers, say
from tests.portal.leavers import sentences

pytestmark = pytest.mark.django_db

NUMBERS = (9, 10, 9, 8, 0)


@pytest.fixture(autouse=True)
def _at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def leo(client: Client) -> Client:
    programme()
    client.force_login(colleague(Role.LEADERSHIP, name="Leo Brandt"))
    return client


def spoken(**fields: Any) -> None:
    """Five who answer about everything but in words."""
    for number, departure in enumerate(leavers(5, **fields)):
        say(
            departure,
            recommend=NUMBERS[number],
            reason=["pay", "study"] if number < 2 else ["manager"],
            satisfied_pay=5 + number,
            would_return="yes" if number else "no",
        )


def told(response: Any) -> str:
    return sentences(response.content).replace("\xa0", " ").replace("&#x27;", "'")


def test_before_anybody_was_asked_it_says_what_comes(leo: Client) -> None:
    assert "Nobody has been asked yet" in told(leo.get("/exit/"))


def test_each_question_says_how_many_of_how_many_and_how_sure(leo: Client) -> None:
    spoken()
    text = told(leo.get("/exit/"))
    # Three promoters, one passive, one detractor; the interval is the adjusted one.
    assert "40 points out of 5 answers, −30 to 80 with 95 % confidence" in text
    assert "Working with my manager 60 % 3 / 5 23 to 88" in text
    assert "Pay 40 % 2 / 5 12 to 77" in text
    assert "Pay and conditions 7.0 5 5.0 to 9.0" in text
    # Nobody answered what they think of the culture.
    assert "How we treat one another too few to say" in text


def test_where_all_said_the_same_it_does_not_say_what(leo: Client) -> None:
    leavers(1)
    closed_group(5, 0, 0)
    text = told(leo.get("/exit/"))
    assert "– too alike to show" in text
    assert "100" not in text


def test_a_question_is_taken_apart_by_department_service_ending_and_month(leo: Client) -> None:
    water = Department.objects.create(name="Water")
    spoken(department=water, how_ended="resignation")
    path = "/exit/questions/reason/"
    assert "Water 40 % 2 / 5" in told(leo.get(path))
    assert "All together: 40 % (of 5, 12 to 77)" in told(leo.get(path))
    assert "Water 60 % 3 / 5" in told(leo.get(path, {"answer": "manager"}))
    assert "Left by their own choice 40 %" in told(leo.get(path, {"by": "ending"}))
    assert "Not known 40 %" in told(leo.get(path, {"by": "service"}))
    assert "Sep 2026" in told(leo.get("/exit/questions/recommend/", {"by": "month"}))
    assert leo.get(path, {"by": "person"}).status_code == 404
    assert leo.get("/exit/questions/improve/").status_code == 404
    assert leo.get("/exit/questions/nothing/").status_code == 404
    assert leo.get("/exit/comments/reason/").status_code == 404


def test_a_filter_that_holds_no_whole_group_says_nothing_but_why(leo: Client) -> None:
    spoken()
    text = told(leo.get("/exit/", {"band": "from_10"}))
    assert "points out of" not in text
    assert "Groups that mix people of several kinds are only in the whole" in text
    assert leo.get("/exit/", {"since": "never"}).status_code == 422
    assert "out of 5" in told(leo.get("/exit/", {"since": "2026-09", "until": "2026-09"}))
    assert "out of 5" not in told(leo.get("/exit/", {"since": "2026-10"}))


def test_the_file_holds_the_numbers_of_the_page_and_no_others(leo: Client) -> None:
    spoken()
    answer = leo.post("/exit/export/", {})
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert ["", "Would recommend us", "40", "points", "5", "-30", "80"] in rows
    assert ["Why are you leaving?", "Pay", "40", "%", "5", "12", "77"] in rows
    assert ["My team", "My team", "too few to say"] in rows
    assert Event.objects.filter(deed="departures.exit_figures_exported").count() == 1
    narrowed = leo.post("/exit/export/", {"band": "from_10"}).content.decode()
    assert "40" not in narrowed


def test_comments_stand_ten_together_and_name_nobody(leo: Client) -> None:
    for number, departure in enumerate(leavers(10)):
        if number == 9:
            assert "Too few to say" in told(leo.get("/exit/comments/improve/"))
        say(departure, improve=f"Thought {number}")
    page = told(leo.get("/exit/comments/improve/"))
    assert all(f"Thought {number}" in page for number in range(10))
    assert "Leaver" not in page
    assert "What could we have done better?" in told(leo.get("/exit/"))


def test_the_page_costs_the_same_however_much_there_is(leo: Client) -> None:
    costs = []
    leavers(1)
    for many in (1, 3):
        for _number in range(many):
            closed_group(5, 1, 1)
            group = AnswerGroup.objects.create(question="reason", kind="multiple", closed_at=NOW, n=5)
            group.counts.create(option="pay", count=3)
        for path in ("/exit/", "/exit/questions/reason/"):
            with CaptureQueriesContext(connection) as queries:
                assert leo.get(path).status_code == 200
            costs.append((path, len(queries)))
    assert costs == [("/exit/", 8), ("/exit/questions/reason/", 12)] * 2
