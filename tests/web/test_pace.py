"""How often one may knock at a door that is open to all."""

import re
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings

from perennial.accounts.visitor import household_of, ip_of
from perennial.web.access import public
from perennial.web.middleware import AccessMiddleware
from perennial.web.models import Knock
from perennial.web.pace import KEY, LINK, SIGN_IN, UNSUBSCRIBE, Pace, forget_knocks
from tests.cast import NOW, programme
from tests.portal.leavers import sentences
from tests.web.routes import PUBLIC, ROUTES
from tests.web.test_access import routes

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_nine() -> Iterator[None]:
    programme()
    with time_machine.travel(NOW, tick=False):
        yield


def test_every_route_without_an_account_says_how_often_one_may_come() -> None:
    open_to_all = {route.pattern: route.view for route in routes() if ROUTES[route.pattern] == PUBLIC}
    assert len(open_to_all) >= 19
    assert [pattern for pattern, view in open_to_all.items() if not isinstance(getattr(view, "pace", None), Pace)] == []


def test_a_door_that_says_nothing_about_it_opens_for_nobody() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("in")

    view.permission = None  # type: ignore[attr-defined]
    request = RequestFactory().get("/")
    with pytest.raises(PermissionDenied):
        AccessMiddleware(view).process_view(request, view, (), {})


@pytest.mark.parametrize(
    "route", [route for route in routes() if ROUTES[route.pattern] == PUBLIC], ids=lambda r: r.path
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_whoever_comes_too_often_is_told_when_to_come_back(route: Any, method: str, client: Client) -> None:
    pace = route.view.pace
    ask = getattr(client, method)
    ask(route.path)
    assert Knock.objects.count() == 1
    assert ask(route.path).status_code != 429
    Knock.objects.update(count=pace.looks if method == "get" else pace.sends)
    answer = ask(route.path, headers={"Accept-Language": "en"})
    assert (answer.status_code, answer["Retry-After"], answer["Cache-Control"]) == (429, "60", "no-store")
    assert "Come back in 1 minute; nothing is lost." in sentences(answer.content)
    elsewhere = ask(route.path, REMOTE_ADDR="198.51.100.9")
    assert elsewhere.status_code != 429
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        assert ask(route.path).status_code != 429


def test_the_limit_is_counted_exactly(client: Client) -> None:
    assert [client.post("/welcome/x/").status_code for _turn in range(KEY.sends)] == [404] * KEY.sends
    assert client.post("/welcome/x/").status_code == 429
    # Reading is counted apart from sending, and one kind of door apart from the other.
    assert client.get("/welcome/x/").status_code == 404
    assert client.get("/confirm/x/").status_code == 404


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("nl", "Kom over 1 minuut terug"),
        ("de", "Kommen Sie in 1 Minute wieder"),
        ("ru", "Зайдите снова через 1 минуту"),
    ],
)
def test_it_is_said_in_the_visitors_language(language: str, sentence: str, client: Client) -> None:
    client.get("/confirm/x/")
    Knock.objects.update(count=LINK.looks)
    assert sentence in sentences(client.get("/confirm/x/", headers={"Accept-Language": language}).content)
    assert sentence in sentences(client.get(f"/confirm/x/?lang={language}").content)


def test_what_allauth_limits_is_told_by_the_same_page(client: Client) -> None:
    for _turn in range(31):
        answer = client.post("/account/sign-in/", {"login": "nobody@employer.example", "password": "x"})
    assert answer.status_code == 429
    assert "Come back in 5 minutes" in sentences(answer.content)


def test_mail_programs_may_unsubscribe_for_thousands() -> None:
    assert UNSUBSCRIBE.sends >= 50 * SIGN_IN.sends


def test_no_address_is_kept_and_what_is_counted_is_forgotten(client: Client) -> None:
    client.get("/confirm/x/", REMOTE_ADDR="198.51.100.7")
    row = Knock.objects.get()
    assert re.fullmatch(r"[0-9a-f]{64}", row.key)
    assert "198.51.100.7" not in str(row.__dict__)
    assert forget_knocks(now=NOW + timedelta(seconds=59)) == 0
    assert forget_knocks(now=NOW + timedelta(seconds=60)) == 1


def asked_from(remote: str, forwarded: str = "") -> HttpRequest:
    more = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    return RequestFactory().get("/", REMOTE_ADDR=remote, **more)


@pytest.mark.parametrize(
    ("remote", "forwarded", "visitor"),
    [
        # From nobody we trust: what it says of others is its own invention.
        ("198.51.100.7", "203.0.113.1", "198.51.100.7"),
        ("198.51.100.7", "127.0.0.1", "198.51.100.7"),
        # The proxy on this machine adds the last.
        ("127.0.0.1", "203.0.113.1, 198.51.100.7", "198.51.100.7"),
        ("::1", "198.51.100.7", "198.51.100.7"),
        ("::ffff:127.0.0.1", "198.51.100.7", "198.51.100.7"),
        # Two of ours, one behind the other; the first of three is what the visitor wrote.
        ("127.0.0.1", "203.0.113.1, 198.51.100.7, 10.0.0.5", "198.51.100.7"),
        # Nobody but ourselves.
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", " , ", "127.0.0.1"),
        ("127.0.0.1", "10.0.0.5", "10.0.0.5"),
        # No address at all.
        ("127.0.0.1", "<script>", None),
        ("127.0.0.1", "203.0.113.1, unknown", None),
        ("", "198.51.100.7", None),
    ],
)
def test_a_visitor_cannot_choose_their_address(remote: str, forwarded: str, visitor: str | None) -> None:
    trusted = [ip_network("127.0.0.0/8"), ip_network("::1"), ip_network("10.0.0.5")]
    with override_settings(PERENNIAL_TRUSTED_PROXIES=trusted):
        assert ip_of(asked_from(remote, forwarded)) == visitor


def test_where_no_proxy_is_trusted_the_nearest_is_the_visitor() -> None:
    with override_settings(PERENNIAL_TRUSTED_PROXIES=()):
        assert ip_of(asked_from("127.0.0.1", "198.51.100.7")) == "127.0.0.1"


def test_of_ipv6_a_household_counts_as_one() -> None:
    assert household_of(asked_from("2001:db8:1:2:3::4")) == household_of(asked_from("2001:db8:1:2:ffff::1"))
    assert household_of(asked_from("2001:db8:1:2::4")) != household_of(asked_from("2001:db8:1:3::4"))


def test_a_view_declares_its_pace_where_it_says_that_it_is_public() -> None:
    @public(KEY)
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("in")

    assert (view.permission, view.pace) == (None, KEY)  # type: ignore[attr-defined]
