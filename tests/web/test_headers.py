"""What every answer tells browsers and proxies, over all routes, for a stranger and for a colleague."""

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client, override_settings

from perennial.accounts.roles import Role
from perennial.kernel.links import PATHS
from tests.cast import colleague, programme
from tests.web.test_access import routes

pytestmark = pytest.mark.django_db
YEAR = 365 * 24 * 60 * 60
BEHIND_A_TOKEN = tuple("/" + path.split("<token>")[0] for path in PATHS.values())


def policy_of(response: HttpResponse) -> dict[str, str]:
    """The content security policy, by directive."""
    parts = [part.strip().partition(" ") for part in response["Content-Security-Policy"].split(";")]
    return {name: sources for name, _space, sources in parts}


def faults(response: HttpResponse, path: str) -> list[str]:
    """What is missing, each as a sentence."""
    csp = policy_of(response)
    permissions = response.get("Permissions-Policy", "")
    wanted = {
        "is kept by caches": "no-store" in response.get("Cache-Control", ""),
        "tells other sites where one comes from": response.get("Referrer-Policy") in ("same-origin", "no-referrer"),
        "may be read as another type": response.get("X-Content-Type-Options") == "nosniff",
        "may be framed": (csp.get("frame-ancestors"), response.get("X-Frame-Options")) == ("'none'", "DENY"),
        "shares its window": response.get("Cross-Origin-Opener-Policy") == "same-origin",
        "may be embedded elsewhere": response.get("Cross-Origin-Resource-Policy") == "same-origin",
        "may use camera or place": {"camera=()", "geolocation=()", "microphone=()"} <= set(permissions.split(", ")),
        "loads what is not ours": (csp.get("default-src"), csp.get("object-src"), csp.get("base-uri"))
        == ("'none'", "'none'", "'none'"),
        "runs scripts without a nonce": "'unsafe-inline'" not in csp.get("script-src", "'unsafe-inline'"),
        "is not only for https": response.get("Strict-Transport-Security") == f"max-age={YEAR}",
    }
    return [f"{path} {sentence}" for sentence, holds in wanted.items() if not holds]


@pytest.mark.parametrize("who", ["stranger", "colleague"])
def test_every_answer_of_every_route_is_guarded(who: str) -> None:
    programme()
    with override_settings(SECURE_HSTS_SECONDS=YEAR):
        client = Client()
        if who == "colleague":
            client.force_login(colleague(Role.HR))
        wrong, asked = [], 0
        for route in routes():
            for ask in (client.get, client.post):
                wrong += faults(ask(route.path, secure=True), route.path)
                asked += 1
        wrong += faults(client.get("/there/is/nothing/", secure=True), "the page that is not there")
    assert wrong == []
    assert asked >= 2 * 150


def test_a_page_behind_a_signed_link_is_found_by_no_search_engine(client: Client) -> None:
    programme()
    for start in BEHIND_A_TOKEN:
        if start not in ("/welcome/", "/set-up/"):
            assert client.get(f"{start}x/").get("X-Robots-Tag", "noindex") == "noindex"


def test_cookies_go_nowhere_else_and_no_script_reads_them(client: Client) -> None:
    programme()
    shown = client.get("/account/sign-in/")
    sent = client.post(
        "/account/sign-in/", {"login": "coordinator@employer.example", "password": "correct horse battery staple"}
    )
    cookies = {**shown.cookies, **sent.cookies}
    assert {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME} <= set(cookies)
    for cookie in cookies.values():
        assert (cookie["httponly"], cookie["samesite"], cookie["domain"]) == (True, "Lax", "")
