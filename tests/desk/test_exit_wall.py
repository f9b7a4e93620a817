"""The wall: raw answers for an exit interviewer, each opening written down, and for nobody else anywhere."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from perennial.accounts.roles import PERMISSIONS, Permission, Role
from perennial.audit.models import Event
from perennial.departures.exit.enums import Review
from perennial.departures.models import Answer, Departure
from perennial.departures.queries import departure_with_key
from perennial.operate.tick import tick
from tests.cast import NOW, colleague
from tests.departures.exit.saying import leavers, say
from tests.portal.leavers import sentences
from tests.web.routes import LETTERS, OBJECTS, PUBLIC, ROUTES

pytestmark = pytest.mark.django_db

SECRET = "Quixotic canteen"
PRIVATE = "Quixotic depression of mine"


@pytest.fixture(autouse=True)
def _at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def spoken() -> Departure:
    [departure] = leavers(1)
    say(departure, improve=SECRET, keep=PRIVATE, recommend=3, reason=["manager"], main_reason="manager")
    return departure


@pytest.fixture
def ingrid(client: Client) -> Client:
    client.force_login(colleague(Role.EXIT_INTERVIEWER, name="Ingrid Talsma"))
    return client


def path(departure: Departure, rest: str = "") -> str:
    return f"/exit/answers/{departure.key}/{rest}"


def test_only_the_exit_interviewer_holds_the_key() -> None:
    assert [role for role, held in PERMISSIONS.items() if Permission.READ_EXIT_ANSWERS in held] == [
        Role.EXIT_INTERVIEWER
    ]


def test_answers_open_after_saying_why_and_each_opening_is_written_down(ingrid: Client, spoken: Departure) -> None:
    closed = sentences(ingrid.get(path(spoken)).content)
    assert SECRET not in closed
    assert Event.objects.filter(deed="departures.exit_answers_read").count() == 0
    assert ingrid.post(path(spoken)).status_code == 422
    opened = ingrid.post(path(spoken), {"why": "conversation"})
    said = sentences(opened.content)
    assert "no-store" in opened["Cache-Control"]
    for words in (SECRET, PRIVATE, "Working with my manager", "3"):
        assert words in said
    assert "09:00" not in said
    ingrid.post(path(spoken), {"why": "asked"})
    events = Event.objects.filter(deed="departures.exit_answers_read").order_by("pk")
    assert [(event.subject_key, event.details) for event in events] == [
        (spoken.person.key, {"why": "conversation"}),
        (spoken.person.key, {"why": "asked"}),
    ]
    again = ingrid.get(path(spoken))
    assert "Ingrid Talsma" in sentences(again.content)
    # What was chosen last is chosen again.
    assert again.context["form"].initial == {"why": "asked"}


def test_who_answered_nothing_has_nothing_to_open(ingrid: Client) -> None:
    [departure] = leavers(1)
    assert ingrid.post(path(departure), {"why": "review"}).status_code == 404
    assert ingrid.get("/exit/answers/nobody/").status_code == 404
    assert "Nobody has answered yet" in sentences(ingrid.get("/exit/answers/").content)


def test_a_text_that_waits_is_cleared_or_shortened(ingrid: Client, spoken: Departure) -> None:
    assert "1 text may speak" in sentences(ingrid.get("/exit/answers/").content)
    keep = Answer.objects.get(question__code="keep")
    improve = Answer.objects.get(question__code="improve")
    assert (keep.review, improve.review) == (Review.WAITS, "")
    ingrid.post(path(spoken, f"texts/{keep.pk}/"), {"text": "Quieter rooms"})
    keep.refresh_from_db()
    assert (keep.text, keep.review) == ("Quieter rooms", Review.REDACTED)
    ingrid.post(path(spoken, f"texts/{improve.pk}/"), {"clear": "1", "text": "ignored"})
    improve.refresh_from_db()
    assert (improve.text, improve.review) == (SECRET, Review.CLEARED)
    number = Answer.objects.get(question__code="recommend")
    assert ingrid.post(path(spoken, f"texts/{number.pk}/"), {"text": "x"}).status_code == 404
    assert sorted(Event.objects.filter(deed__startswith="departures.exit_text").values_list("deed", flat=True)) == [
        "departures.exit_text_cleared",
        "departures.exit_text_redacted",
    ]


def test_the_list_costs_the_same_however_many_there_are(ingrid: Client) -> None:
    costs = []
    for many in (1, 3):
        for departure in leavers(many):
            say(departure, improve=SECRET)
        with CaptureQueriesContext(connection) as queries:
            ingrid.get("/exit/answers/")
        costs.append(len(queries))
    assert costs == [6, 6]


@pytest.mark.parametrize("letter", [letter for letter in LETTERS if letter != "X"])
def test_no_other_role_finds_a_word_on_any_page_that_opens_for_it(letter: str, spoken: Departure) -> None:
    """Every route that takes no object, those of this person, what they are called by in a search, and the files."""
    tick(now=NOW, worker="test")
    user = colleague(LETTERS[letter], email="somebody@employer.example")
    client = Client(raise_request_exception=False)
    client.force_login(user)
    ids = {"person": spoken.person.key, "departure": spoken.key}
    pages = ["/people/?q=Quixotic", "/people/?q=manager", "/departures/reconciliation/?outcome=answered"]
    for pattern, line in ROUTES.items():
        kinds = OBJECTS.get(pattern, ("",))[1:]
        if line == PUBLIC or letter not in line or len(kinds) > 1 or not set(kinds) <= set(ids):
            continue
        pages.append("/" + pattern.replace("<str:key>", ids[kinds[0]] if kinds else ""))
    opened = 0
    for page in pages:
        for answer in (
            client.get(page),
            client.post(page, {"why": "review", "columns": ["department"], "kind": "csv"}),
        ):
            content = b"".join(answer) if answer.streaming else answer.content  # type: ignore[call-overload]
            opened += answer.status_code == 200
            assert b"Quixotic" not in content.replace(b"q=Quixotic", b"").replace(b'value="Quixotic"', b""), page
            assert b"satisfied_" not in content, page
    assert opened > 5
    assert Event.objects.filter(deed="departures.exit_answers_read").count() == 0
    assert not any("Quixotic" in str(event.details) for event in Event.objects.all())


def test_hr_records_how_it_ended_for_the_figures(client: Client, spoken: Departure) -> None:
    client.force_login(colleague(Role.HR))
    page = client.get(f"/departures/{spoken.key}/")
    assert "For the figures it counts as" in sentences(page.content)
    client.post(f"/departures/{spoken.key}/ending/", {"recorded_ending": "discharge"})
    client.post(f"/departures/{spoken.key}/ending/", {"recorded_ending": "nonsense"})
    again = departure_with_key(spoken.key)
    assert again is not None
    assert again.recorded_ending == "discharge"
    assert Event.objects.filter(deed="departures.ending_recorded").count() == 1


def test_an_error_report_holds_no_answer(settings: Any, spoken: Departure) -> None:
    from django.views.debug import ExceptionReporter

    try:
        _fails(SECRET)
    except ZeroDivisionError as error:
        report = ExceptionReporter(None, type(error), error, error.__traceback__)
        settings.DEBUG = False
        assert "Quixotic" not in report.get_traceback_text()


def _fails(text: str) -> None:
    from django.views.decorators.debug import sensitive_variables

    @sensitive_variables()
    def inner(words: str) -> float:
        return len(words) / 0

    inner(text)
