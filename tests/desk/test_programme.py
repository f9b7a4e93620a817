"""The Programme page."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from perennial.accounts.models import User
from perennial.accounts.roles import Role
from perennial.audit.models import Event
from perennial.mail.models import Message
from perennial.operate.configuration import MailServer
from perennial.programme.enums import RETURN_ALONE, Stage
from perennial.programme.models import Programme
from perennial.programme.queries import current
from tests.cast import colleague, programme
from tests.portal.leavers import sentences

pytestmark = pytest.mark.django_db


@pytest.fixture
def carla() -> User:
    user = colleague(name="Carla Jansen")
    programme(owner=user)
    return user


@pytest.fixture
def desk(client: Client, carla: User) -> Client:
    client.force_login(carla)
    return client


def answers(**changes: Any) -> dict[str, Any]:
    return {
        "organisation": "Employer & Sons",
        "postal_address": "Long Street 1, 1000 AA Amsterdam",
        "privacy_notice": "We keep what you tell us for as long as you like.",
        "language": "en",
        "time_zone": "Europe/Amsterdam",
        "aims": ["ambassadors", "feedback"],
        "sender_address": "alumni@employer.example",
        "quiet_from": "20",
        "quiet_until": "8",
        **changes,
    }


def test_the_page_shows_what_is_set_and_costs_four_queries(desk: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        response = desk.get("/programme/")
    assert response.context["form"].initial["organisation"] == "Employer & Sons"
    # session, user with second factor, programme with owner, coordinators to choose from
    assert len(queries) == 4


def test_settings_are_saved_with_a_trace(desk: Client, carla: User) -> None:
    response = desk.post("/programme/", answers(time_zone="Asia/Kolkata", quiet_until="9", aims=["clients"]))
    assert response["Location"] == "/programme/"
    row = current()
    assert (row.time_zone, row.quiet_until, row.aims) == ("Asia/Kolkata", 9, ["clients"])
    assert row.purposes == ["newsletter", "events", "personal", "business"]
    event = Event.objects.get()
    assert (event.by, event.deed) == (f"user:{carla.pk}", "programme.changed")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("organisation", ""),
        ("organisation", "x" * 201),
        ("postal_address", " "),
        ("language", "fr"),
        ("time_zone", "Mars/Olympus"),
        ("sender_address", "alumni"),
        ("sender_address", "a@employer.example\r\nBcc: b@elsewhere.example"),
        ("quiet_from", "24"),
        ("quiet_until", "-1"),
        ("quiet_until", "late"),
        ("aims", []),
        ("aims", ["profit"]),
    ],
)
def test_a_wrong_answer_is_said_in_place_and_nothing_is_saved(field: str, value: Any, desk: Client) -> None:
    before = Programme.objects.values().get()
    response = desk.post("/programme/", answers(**{field: value}))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert Programme.objects.values().get() == before


def test_winning_people_back_alone_is_saved_with_a_warning(desk: Client) -> None:
    page = desk.post("/programme/", answers(aims=["return"]), follow=True).content.decode()
    assert current().aims == ["return"]
    assert page.count(str(RETURN_ALONE)) == 2


def test_the_stage_is_changed(desk: Client) -> None:
    assert desk.post("/programme/stage/", {"stage": "soft-launch"})["Location"] == "/programme/"
    assert current().stage == Stage.SOFT_LAUNCH
    assert desk.post("/programme/stage/", {"stage": "loud"}).status_code == 422
    assert "Soft launch: only the test group is written to." in desk.get("/team/").content.decode()


def test_an_owner_is_named_out_of_the_coordinators(desk: Client) -> None:
    dora = colleague(name="Dora", email="dora@employer.example")
    hanna = colleague(Role.HR)
    assert desk.post("/programme/owner/", {"owner": hanna.pk}).status_code == 422
    assert desk.post("/programme/owner/", {"owner": "nobody"}).status_code == 422
    assert desk.post("/programme/owner/", {"owner": dora.pk})["Location"] == "/programme/"
    assert current().owner == dora


def test_every_desk_page_says_that_nobody_answers_for_the_programme(desk: Client) -> None:
    sentence = "This programme has no owner yet."
    assert sentence not in desk.get("/team/").content.decode()
    Programme.objects.update(owner=None)
    for page in ("/team/", "/programme/", "/account/security/"):
        assert sentence in desk.get(page).content.decode()


def test_a_test_mail_is_sent_to_the_address_asked_for(desk: Client) -> None:
    assert desk.post("/programme/test-mail/", {"to": "Bob@Elsewhere.example"})["Location"] == "/programme/"
    assert list(Message.objects.values_list("address", flat=True)) == ["bob@elsewhere.example"]
    assert desk.post("/programme/test-mail/", {"to": "bob"}).status_code == 422
    assert Message.objects.count() == 1


def test_the_page_says_itself_whether_mail_leaves(desk: Client, settings: Any) -> None:
    assert "No No mail server is set (PERENNIAL_EMAIL_URL)" in sentences(desk.get("/programme/").content)
    kept = sentences(desk.post("/programme/test-mail/", {"to": "bob@elsewhere.example"}, follow=True).content)
    assert "The test mail to bob@elsewhere.example was kept in the Outbox and not sent." in kept
    settings.PERENNIAL_MAIL_SERVER = MailServer("mail.example.org")
    assert "Yes, by mail.example.org." in sentences(desk.get("/programme/").content)
    sent = sentences(desk.post("/programme/test-mail/", {"to": "bob@elsewhere.example"}, follow=True).content)
    assert "A test mail to bob@elsewhere.example is on its way." in sent


def test_a_test_mail_takes_a_form(desk: Client) -> None:
    assert desk.get("/programme/test-mail/").status_code == 405
    assert Message.objects.count() == 0


def test_the_navigation_has_what_the_role_opens(client: Client, carla: User) -> None:
    client.force_login(colleague(Role.LEADERSHIP))
    items = client.get("/account/security/").context["navigation"]
    assert [item.url for item in items] == ["/figures/", "/exit/"]
    client.force_login(carla)
    items = client.get("/programme/").context["navigation"]
    assert [item.url for item in items if item.current] == ["/programme/"]
    assert len(items) == 14


def test_dates_are_shown_where_the_programme_lives(desk: Client, carla: User) -> None:
    Programme.objects.update(time_zone="Asia/Kolkata")
    User.objects.filter(pk=carla.pk).update(last_login="2026-01-01T20:00:00Z")
    assert "2 January 2026, 01:30" in desk.get(f"/team/{carla.pk}/").content.decode()
