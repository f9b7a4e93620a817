"""The page on one's own sessions."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.sessions.backends.base import UpdateError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from perennial.accounts import actions
from perennial.accounts.devices import device_of
from perennial.accounts.models import Session, User
from perennial.accounts.queries import OpenSession, open_sessions
from perennial.accounts.roles import Role
from perennial.accounts.sessions import IDLE_SECONDS, LONGEST_SECONDS
from perennial.audit.models import Event
from tests.cast import NOW, colleague, programme
from tests.portal.leavers import sentences

pytestmark = pytest.mark.django_db
PAGE = "/account/sessions/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:141.0) Gecko/20100101 Firefox/141.0"
CHROME = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Safari/604.1"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0"


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def bob(clock: time_machine.Traveller) -> User:
    programme(owner=colleague())
    return colleague(Role.HR, name="Bob Smit", email="bob@employer.example")


def signed_in(user: User, browser: str = "") -> Client:
    client = Client(headers={"User-Agent": browser})
    client.force_login(user)
    client.get(PAGE)
    return client


def shown(client: Client) -> list[tuple[OpenSession, str]]:
    return list(client.get(PAGE).context["sessions"])


def is_in(client: Client) -> bool:
    return client.get(PAGE).status_code == 200


@pytest.mark.parametrize(
    ("browser", "device"),
    [
        (FIREFOX, "Firefox/Windows"),
        (CHROME, "Chrome/Android"),
        (SAFARI, "Safari/iOS"),
        (EDGE, "Edge/Windows"),
        ("curl/8.9", ""),
        ("<script>Firefox/1</script> Bob's own", "Firefox/"),
        ("X" * 100_000 + "Linux", "/Linux"),
    ],
)
def test_a_device_is_told_coarsely_and_in_our_own_words(browser: str, device: str) -> None:
    assert device_of(browser) == device


def test_it_tells_on_what_since_when_and_the_own_one_first(clock: time_machine.Traveller, bob: User) -> None:
    here = signed_in(bob, FIREFOX)
    clock.shift(timedelta(minutes=30))
    there = signed_in(bob, CHROME)
    signed_in(colleague(Role.EDITOR), SAFARI)
    assert [(device, row.is_own, row.started_at) for row, device in shown(here)] == [
        ("Firefox on Windows", True, NOW),
        ("Chrome on Android", False, NOW + timedelta(minutes=30)),
    ]
    assert [device for _row, device in shown(there)] == ["Chrome on Android", "Firefox on Windows"]
    said = sentences(here.get(PAGE).content)
    assert "nobody was seen for 8 hours, and after 12 hours in any case" in said
    assert "Safari" not in said


def test_no_page_holds_what_opens_a_session(bob: User) -> None:
    here, there = signed_in(bob), signed_in(bob)
    keys = [client.session.session_key for client in (here, there)]
    page = here.get(PAGE).content.decode()
    assert [key in page for key in keys] == [False, False]
    assert shown(here)[1][0].handle in page


def test_no_address_is_kept(bob: User) -> None:
    client = Client(headers={"User-Agent": FIREFOX}, REMOTE_ADDR="203.0.113.7")
    client.force_login(bob)
    client.get(PAGE)
    row = Session.objects.get(session_key=client.session.session_key)
    assert "203.0.113.7" not in repr([row.__dict__, row.get_decoded()])


@pytest.mark.parametrize("others", [0, 2])
def test_it_costs_the_same_for_one_and_for_three(others: int, bob: User) -> None:
    here = signed_in(bob)
    for _other in range(others):
        signed_in(bob)
    with CaptureQueriesContext(connection) as queries:
        assert len(shown(here)) == 1 + others
    # session, user with second factor, programme with owner, the sessions
    assert len(queries) == 4


def test_one_is_ended_and_the_others_stay(bob: User) -> None:
    here, phone, train = signed_in(bob, FIREFOX), signed_in(bob, SAFARI), signed_in(bob, CHROME)
    handle = next(row.handle for row, device in shown(here) if device == "Safari on iOS")
    assert here.post(f"{PAGE}{handle}/end/")["Location"] == PAGE
    assert [is_in(client) for client in (here, phone, train)] == [True, False, True]
    assert here.post(f"{PAGE}{handle}/end/").status_code == 404
    event = Event.objects.get(deed="accounts.sessions_ended")
    assert (event.by, event.subject_key, event.details) == (f"user:{bob.pk}", str(bob.pk), {"ended": 1})


def test_the_one_in_use_ends_by_signing_out_alone(bob: User) -> None:
    here = signed_in(bob)
    assert here.post(f"{PAGE}{shown(here)[0][0].handle}/end/").status_code == 404
    assert is_in(here) is True


def test_all_others_are_ended_at_once_and_nobody_elses(bob: User) -> None:
    eve = signed_in(colleague(Role.EDITOR))
    here, phone, train = signed_in(bob), signed_in(bob), signed_in(bob)
    said = sentences(here.post(f"{PAGE}end-others/", follow=True).content)
    assert "Signed out on 2 other devices." in said
    assert [is_in(client) for client in (here, phone, train, eve)] == [True, False, False, True]
    assert Event.objects.get(deed="accounts.sessions_ended").details == {"ended": 2}
    assert "You were signed in nowhere else." in sentences(here.post(f"{PAGE}end-others/", follow=True).content)
    assert Event.objects.filter(deed="accounts.sessions_ended").count() == 1


def test_a_request_on_its_way_does_not_bring_an_ended_session_back(bob: User) -> None:
    """What the request would write at its end meets no row."""
    here, phone = signed_in(bob), signed_in(bob)
    session = phone.session
    session["something"] = "new"
    here.post(f"{PAGE}end-others/")
    with pytest.raises(UpdateError):
        session.save()
    assert is_in(phone) is False


def test_it_says_when_a_session_ends_because_nobody_is_seen_and_then_it_does(
    clock: time_machine.Traveller, bob: User
) -> None:
    here, phone = signed_in(bob), signed_in(bob, SAFARI)
    ends_at = shown(here)[1][0].ends_at
    assert ends_at == NOW + timedelta(seconds=IDLE_SECONDS)
    page = here.get(PAGE).content.decode()
    assert "14 Sep 2026, 19:00" in page
    clock.move_to(ends_at - timedelta(seconds=1))
    here.get(PAGE)
    assert len(shown(here)) == 2
    clock.move_to(ends_at)
    assert [row.is_own for row, _device in shown(here)] == [True]
    assert is_in(phone) is False


def test_it_says_when_a_busy_session_ends_and_then_it_does(clock: time_machine.Traveller, bob: User) -> None:
    here = signed_in(bob)
    ends = []
    for _hour in range(11):
        clock.shift(timedelta(hours=1))
        ends.append(shown(here)[0][0].ends_at)
    last = NOW + timedelta(seconds=LONGEST_SECONDS)
    # Each look puts the end off, but never past the twelfth hour.
    assert ends == [min(NOW + timedelta(hours=hour + 8), last) for hour in range(1, 12)]
    clock.move_to(last - timedelta(seconds=1))
    phone = signed_in(bob)
    assert is_in(here) is True
    clock.move_to(last)
    assert is_in(here) is False
    assert [row.is_own for row, _device in shown(phone)] == [True]


def test_a_session_that_opens_nothing_any_more_is_not_listed(bob: User) -> None:
    phone = signed_in(bob)
    actions.reset_second_factor(user=bob, by="user:1", now=NOW)
    colleague_again = User.objects.get(pk=bob.pk)
    assert is_in(phone) is False
    assert open_sessions(user=colleague_again, own_key=None, now=NOW) == []


def test_who_is_not_signed_in_stands_in_no_list(bob: User) -> None:
    stranger = Client()
    stranger.post("/account/sign-in/code/", {"email": "bob@employer.example"})
    row = Session.objects.get(session_key=stranger.session.session_key)
    assert (row.user, row.started_at) == (None, None)
    assert open_sessions(user=bob, own_key=None, now=datetime.now(UTC)) == []
