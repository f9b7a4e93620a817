"""Every route against the table of who may open it. An undeclared or untabled route fails."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve

from perennial.accounts.models import User
from perennial.accounts.roles import Permission, Role
from perennial.web.access import requires
from perennial.web.context import NAVIGATION
from perennial.web.middleware import AccessMiddleware
from tests.cast import colleague, programme
from tests.web.routes import EXPLAIN_THEMSELVES, LETTERS, PUBLIC, ROUTES

SIGN_IN = "/account/sign-in/"
# A page may note who is here and how often they asked; nothing else may be written by looking at it.
WRITTEN_BY_LOOKING = ("accounts_session", "perennial_cache", "web_knock")


@dataclass(frozen=True)
class Route:
    """One place of the URLconf: its pattern as the table writes it, its view, and an address with unknown ids."""

    pattern: str
    view: Callable[..., Any]

    @property
    def path(self) -> str:
        path = re.sub(r"\(\?P<[^>]+>[^)]*\)", "unknown", self.pattern)
        path = re.sub(r"<int:[^>]+>", "999999999", path)
        return "/" + re.sub(r"<[^>]+>", "unknown", path)

    @property
    def names_an_object(self) -> bool:
        return "<" in self.pattern


def routes() -> list[Route]:
    return list(_walk(get_resolver().url_patterns, ""))


def _walk(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[Route]:
    for pattern in patterns:
        here = prefix + str(pattern.pattern).removeprefix("^").removesuffix("$")
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, here)
        else:
            yield Route(here, pattern.callback)


def is_sent_to_sign_in(response: HttpResponse) -> bool:
    return response.status_code == 302 and response["Location"].startswith(SIGN_IN)


@pytest.fixture
def signed_in(db: None) -> Callable[[Role], Client]:
    programme()

    def client_of(role: Role) -> Client:
        client = Client()
        client.force_login(User.objects.filter(role=role).first() or colleague(role))
        return client

    return client_of


def test_every_route_declares_who_may_open_it() -> None:
    assert [route.pattern for route in routes() if not hasattr(route.view, "permission")] == []


def test_every_route_stands_in_the_table_and_every_line_has_its_route() -> None:
    assert sorted(ROUTES) == sorted(route.pattern for route in routes())


@pytest.mark.parametrize("letter", LETTERS)
def test_each_role_opens_what_the_table_says(letter: str, signed_in: Callable[[Role], Client]) -> None:
    client = signed_in(LETTERS[letter])
    wrong = []
    for route in routes():
        line = ROUTES.get(route.pattern, "")
        response = client.get(route.path)
        if route.path == "/" and letter not in line:
            refused = response.status_code == 302
        else:
            refused = response.status_code == 403
        if is_sent_to_sign_in(response) and line != PUBLIC:
            wrong.append(f"{route.path} sends a signed-in colleague to the sign-in page")
        if refused == (line == PUBLIC or letter in line):
            wrong.append(f"{route.path} answers {response.status_code}")
    assert wrong == []


@pytest.mark.django_db
def test_a_stranger_opens_what_is_public_and_is_sent_to_sign_in_elsewhere(client: Client) -> None:
    programme()
    wrong = []
    for route in routes():
        response = client.get(route.path)
        at_home = ROUTES.get(route.pattern) == PUBLIC
        if at_home and response.status_code == 403:
            wrong.append(f"{route.path} answers {response.status_code}")
        if not at_home and not is_sent_to_sign_in(response):
            wrong.append(f"{route.path} answers {response.status_code}")
    assert wrong == []


def test_an_unknown_id_answers_as_if_there_were_nothing(signed_in: Callable[[Role], Client]) -> None:
    wrong = []
    for route in routes():
        line = ROUTES.get(route.pattern, "")
        if not route.names_an_object or not line or route.pattern in EXPLAIN_THEMSELVES:
            continue
        client = Client() if line == PUBLIC else signed_in(LETTERS[line[0]])
        response = client.get(route.path)
        if response.status_code == 405:
            response = client.post(route.path)
        if response.status_code != 404:
            wrong.append(f"{route.path} answers {response.status_code}")
    assert wrong == []


def test_looking_at_a_page_changes_nothing(signed_in: Callable[[Role], Client]) -> None:
    wrong = []
    for route in routes():
        line = ROUTES.get(route.pattern, "")
        client = signed_in(LETTERS[line[0]]) if line not in ("", PUBLIC) else Client()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(route.path)
        for query in queries.captured_queries:
            sql = query["sql"]
            if sql.startswith(("INSERT", "UPDATE", "DELETE")) and not any(name in sql for name in WRITTEN_BY_LOOKING):
                wrong.append(f"{route.path}: {sql[:200]}")
    assert wrong == []


@pytest.mark.parametrize("route", ["email", "signup", "3rdparty", "inactive", "confirm-email", "2fa/trust"])
def test_pages_of_the_library_that_we_do_not_use_do_not_exist(route: str) -> None:
    with pytest.raises(Resolver404):
        resolve(f"/account/{route}/")


def test_an_undeclared_view_opens_for_nobody(rf: RequestFactory) -> None:
    def undeclared(request: Any) -> HttpResponse:
        return HttpResponse("come in")

    guard = AccessMiddleware(lambda request: HttpResponse())
    with pytest.raises(PermissionDenied):
        guard.process_view(rf.get("/"), undeclared, (), {})


@pytest.mark.django_db
def test_a_view_asks_again_for_itself(rf: RequestFactory) -> None:
    """A form that waited for somebody to prove who they are reaches the view without the middleware."""

    @requires(Permission.MANAGE_TEAM)
    def view(request: Any) -> HttpResponse:
        return HttpResponse("come in")

    request = rf.post("/")
    request.user = colleague(Role.COORDINATOR)
    assert view(request).content == b"come in"
    request.user = colleague(Role.HR)
    with pytest.raises(PermissionDenied):
        view(request)


def test_the_navigation_asks_what_the_page_asks() -> None:
    missing = []
    for _label, url, _icon, permission in NAVIGATION:
        try:
            view = resolve(url).func
        except Resolver404:
            missing.append(url)
        else:
            assert (url, view.permission) == (url, permission)
    if missing:
        pytest.skip(f"not built yet: {', '.join(missing)}")


@pytest.mark.parametrize("role", Role)
def test_the_front_door_leads_everybody_to_a_page_of_theirs(role: Role, signed_in: Callable[[Role], Client]) -> None:
    try:
        resolve("/")
    except Resolver404:
        pytest.skip("not built yet: /")
    response = signed_in(role).get("/", follow=True)
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/people/?after=%00", 200),
        ("/people/?before=%00&q=x", 200),
        ("/people/?%00=1", 200),
        ("/import/source/?name=a%00", 404),
        ("/people/%00/", 404),
        ("/departures/%00/", 404),
    ],
)
def test_a_nul_in_an_address_names_nothing(path: str, status: int, signed_in: Callable[[Role], Client]) -> None:
    """PostgreSQL takes no text with one in it; SQLite would."""
    assert signed_in(Role.COORDINATOR).get(path).status_code == status


@pytest.mark.parametrize("path", ["export/", "test-group/", "exclude/"])
def test_a_nul_among_ticked_people_ticks_nobody(path: str, signed_in: Callable[[Role], Client]) -> None:
    answer = signed_in(Role.COORDINATOR).post(f"/people/{path}", {"ticked": "1", "person": "\0", "format": "csv"})
    assert answer.status_code < 500
