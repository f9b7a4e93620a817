"""The page of themes, and where they are noted."""

from collections.abc import Iterator
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from perennial.accounts.roles import Role
from perennial.departures.models import Theme, ThemeAction
from tests.cast import NOW, TODAY, colleague, programme
from tests.departures.exit.saying import counted_theme, leavers, say
from tests.portal.leavers import sentences

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def test_an_interviewer_notes_them_and_others_see_five_together(client: Client) -> None:
    rows = leavers(5)
    client.force_login(colleague(Role.EXIT_INTERVIEWER))
    for number, departure in enumerate(rows):
        say(departure, keep="Parking")
        if number == 4:
            other = Client()
            other.force_login(colleague(Role.LEADERSHIP))
            page = sentences(other.get("/exit/themes/").content)
            assert "No themes yet" in page
            assert "Parking" not in page
        path = f"/exit/answers/{departure.key}/themes/"
        theme = Theme.objects.filter(name="Parking").first()
        client.post(
            path, {"theme": theme.key} if theme and number < 4 else {"new": "Parking" if not theme else "Noise"}
        )
    client.post(path, {"new": "Canteen"})
    assert not Theme.objects.filter(name="Canteen").exists()
    text = sentences(other.get("/exit/themes/").content).replace("\xa0", " ")
    assert "Parking 80 %" in text
    assert "Parking 80 % 4 / 5" in text
    assert "Leaver" not in text
    assert "Who" not in text
    opened = sentences(client.post(f"/exit/answers/{rows[0].key}/", {"why": "themes"}).content)
    assert "What it is about" in opened


def test_a_coordinator_plans_what_is_done_and_it_stands_on_their_today(client: Client) -> None:
    owner = programme().owner
    assert owner is not None
    client.force_login(owner)
    assert "No themes yet" in sentences(client.get("/exit/themes/").content)
    hidden = Theme.objects.create(name="Bullying by the CFO", made_by="user:1", made_at=NOW)
    assert "Bullying" not in sentences(client.get("/exit/themes/").content)
    theme = counted_theme("Parking")
    sent = {"theme": theme.key, "text": "Ask the city for more places", "owner": owner.pk, "due_on": "2026-09-14"}
    assert client.post("/exit/themes/plan/", {**sent, "due_on": "soon"}).status_code == 422
    refused = client.post("/exit/themes/plan/", {**sent, "theme": hidden.key})
    assert refused.status_code == 422
    assert "Bullying" not in sentences(refused.content)
    client.post("/exit/themes/plan/", sent)
    assert "Ask the city for more places" in sentences(client.get("/exit/themes/").content)
    assert "About 'Parking': Ask the city for more places." in sentences(client.get("/").content)
    action = ThemeAction.objects.get()
    client.post(f"/exit/themes/actions/{action.pk}/")
    assert "done on 14 Sep 2026" in sentences(client.get("/exit/themes/").content)
    assert "Ask the city" not in sentences(client.get("/").content)
    client.post(f"/exit/themes/actions/{action.pk}/", {"undo": "1"})
    action.refresh_from_db()
    assert action.done_at is None
    assert client.post("/exit/themes/actions/0/").status_code == 404


def test_the_page_costs_the_same_however_many_there_are(client: Client) -> None:
    owner = programme().owner
    assert owner is not None
    client.force_login(owner)
    costs = []
    for many in (1, 3):
        for number in range(many):
            theme = counted_theme(f"Theme {many} {number}")
            theme.actions.create(text="Ask", owner=owner, due_on=TODAY)
        with CaptureQueriesContext(connection) as queries:
            client.get("/exit/themes/")
        costs.append(len(queries))
    assert costs == [12, 12]


def test_an_interviewer_gives_a_theme_another_name(client: Client) -> None:
    programme()
    theme = counted_theme("Bullying by the CFO")
    hidden = Theme.objects.create(name="Canteen", made_by="user:1", made_at=NOW)
    client.force_login(colleague(Role.EXIT_INTERVIEWER))
    page = "/exit/themes/names/"
    assert "Canteen" in sentences(client.get(page).content)
    taken = client.post(page, {"theme": theme.key, "name": hidden.name})
    assert taken.status_code == 422
    assert "Another theme has this name already." in sentences(taken.content)
    assert client.post(page, {"theme": "another", "name": "Tone"}).status_code == 422
    answer = client.post(page, {"theme": theme.key, "name": "Tone at the top"}, follow=True)
    assert "Renamed. What is counted of it stays." in sentences(answer.content)
    other = Client()
    other.force_login(colleague(Role.LEADERSHIP))
    text = sentences(other.get("/exit/themes/").content)
    assert "Tone at the top" in text
    assert "Bullying" not in text


def test_with_no_theme_the_page_of_names_says_where_they_come_from(client: Client) -> None:
    programme()
    client.force_login(colleague(Role.EXIT_INTERVIEWER))
    text = unescape(sentences(client.get("/exit/themes/names/").content))
    assert "You note what somebody's answers are about where you read them" in text
