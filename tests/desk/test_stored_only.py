"""Whose data is stored and nothing else: colleagues find, count and are reminded of them nowhere (GDPR 18)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from perennial.accounts.models import User
from perennial.accounts.roles import Role
from perennial.departures.audience.queries import counts, current_audience
from perennial.departures.farewell.manager import manager_path, write_to_manager
from perennial.departures.farewell.reminders import remind_leavers, remind_managers, remind_staff
from perennial.departures.invitations import draft_invitations
from perennial.departures.models import Departure, ExitConversation, Farewell
from perennial.departures.reconciliation import reconcile
from perennial.mail.models import Message
from perennial.operate.tick import tick
from perennial.people.elsewhere import add_position
from perennial.people.models import Company, Person
from tests.cast import NOW, TODAY, colleague, exclude, person, programme
from tests.departures.exit.saying import say
from tests.desk.walkers import draft_letters, leaver
from tests.web.routes import LETTERS, OBJECTS, PUBLIC, ROUTES

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NAME = b"Quentin"
# Of those who do not answer requests the two that see most, and of those who do the one that sees all the other does.
OTHERS, ANSWERING = "XE", "C"
# Where those who answer requests still meet the name: the trail of what was done and the list of what was sent.
ON_RECORD = ("audit/", "outbox/", "requests/")


@pytest.fixture(autouse=True)
def _at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def quentin() -> Person:
    """Somebody of whom something stands on every page there is, as far as one person can."""
    programme()
    someone = leaver("Quentin Varro", ends_on=TODAY - 14 * DAY, status="left")
    draft_letters(at=NOW)
    add_position(person=someone, company="Harbour Works", title="Pilot", source="typed", by="user:1", now=NOW)
    [first] = Departure.objects.filter(person=someone)
    say(first, improve="The canteen")
    again = person("Quentin Other", ends_on=TODAY + 3 * DAY, manager="Mara Smit")
    Departure.objects.filter(person=again).delete()
    tick(now=NOW, worker="test")
    other = Departure.objects.get(person=again)
    write_to_manager(
        departure=other,
        email="mara@employer.example",
        language="en",
        sender_name="Hanna",
        reply_to="hr@employer.example",
        by="user:1",
        now=NOW,
    )
    ExitConversation.objects.create(
        departure=other,
        changed_at=NOW,
        starts_at=NOW + DAY,
        minutes=30,
        way="phone",
        planned_by="user:1",
    )
    person("Quentin Asked", ends_on=None, status="leaving")
    kept = person("Quentin Kept", ends_on=TODAY - 2 * DAY)
    exclude(kept, review_on=TODAY)
    tick(now=NOW, worker="test")
    return someone


def pages_naming(client: Client, letter: str, ids: dict[str, str]) -> list[str]:
    """The pages that open for a role and hold the name: those about nobody, and those about these ids."""
    found = []
    searches = ["people/?q=Quentin", "departures/?view=late", "departures/?view=kept-out", "departures/?view=answered"]
    searches += ["departures/?view=nothing-personal", "audience/people/?standing=excluded", "exclusions/?view=due"]
    for outcome in ("answered", "too_late", "not_sent", "no_address", "excluded"):
        searches.append(f"departures/reconciliation/?outcome={outcome}")
    for pattern, line in ROUTES.items():
        kinds = OBJECTS.get(pattern, ("",))[1:]
        if line != PUBLIC and letter in line and len(kinds) <= 1 and set(kinds) <= set(ids):
            searches.append(pattern.replace("<str:key>", ids[kinds[0]] if kinds else ""))
    for page in searches:
        answer = client.get("/" + page)
        content = b"".join(answer) if answer.streaming else answer.content  # type: ignore[call-overload]
        if NAME in content.replace(b"q=Quentin", b"").replace(b'value="Quentin"', b""):
            found.append(page)
    return found


@pytest.mark.parametrize("letter", ANSWERING + OTHERS)
def test_no_page_names_them_but_to_those_who_answer_requests(letter: str, quentin: Person) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(colleague(LETTERS[letter], email="somebody@employer.example"))
    company = Company.objects.get().key
    ids = {"departure": Departure.objects.get(person=quentin).key, "company": company}
    before = pages_naming(client, letter, ids)
    assert "people/?q=Quentin" in before
    assert (f"people/companies/{company}/" in before) == (letter in ROUTES["people/companies/<str:key>/"])
    assert "" in before
    sees_departures = letter in ROUTES["departures/<str:key>/"]
    assert (f"departures/{ids['departure']}/" in before) == sees_departures
    Person.objects.update(stored_only_since=NOW)
    after = [page for page in pages_naming(client, letter, ids) if not page.startswith(ON_RECORD)]
    assert after == []
    opens = 200 if letter in ANSWERING else 404
    assert client.get(f"/people/{quentin.key}/").status_code == opens
    assert client.get(f"/departures/{ids['departure']}/").status_code == (404 if sees_departures else 403)


def test_nobody_is_reminded_and_the_managers_link_is_closed(client: Client, quentin: Person) -> None:
    User.objects.filter(role=Role.HR).update(last_login=NOW)
    farewell = Farewell.objects.exclude(manager_email="").get()
    page = manager_path(farewell)
    assert client.get(page).status_code == 200
    later = NOW + 7 * DAY
    assert (remind_managers(now=later), remind_staff(now=later)) == (1, 1)
    Farewell.objects.update(manager_reminded_at=None)
    Person.objects.update(stored_only_since=NOW)
    later += 7 * DAY
    assert (remind_leavers(now=later), remind_managers(now=later), remind_staff(now=later)) == (0, 0, 0)
    assert client.get(page).status_code == 410


def test_they_are_counted_neither_in_the_audience_nor_among_the_leavers(quentin: Person) -> None:
    period: dict[str, Any] = {"first_day": TODAY - 30 * DAY, "last_day": TODAY, "now": NOW, "tells_death": True}
    assert (counts(audience=current_audience(), day=TODAY).everybody, reconcile(**period).leavers) == (4, 2)
    Message.objects.filter(state="draft").delete()
    Departure.objects.update(invitation=None)
    Person.objects.update(stored_only_since=NOW)
    assert counts(audience=current_audience(), day=TODAY).everybody == 0
    assert (reconcile(**period).leavers, reconcile(**period).without_day) == (0, 0)
    assert draft_invitations(now=NOW) == 0
