"""Every page of the demo, at two widths and in two themes: it opens, fits, breaks no policy, and passes axe."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page

from perennial.operate.demo.cast import COORDINATOR, PASSWORD
from tests.e2e.house import House

pytestmark = pytest.mark.e2e

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LOOKS = [(390, "light"), (390, "dark"), (1280, "light"), (1280, "dark")]
DESK = ["/", "/people/", "/people/new/", "/people/companies/", "/departures/", "/departures/reconciliation/"]
DESK += ["/letters/", "/letters/passed-over/", "/import/", "/figures/", "/audience/", "/audience/people/"]
DESK += ["/exclusions/", "/organisation/", "/organisation/departments/new/", "/organisation/places/"]
DESK += ["/organisation/places/new/", "/organisation/chapters/", "/organisation/chapters/new/"]
DESK += [
    "/decisions/",
    "/requests/",
    "/requests/?view=answered",
    "/programme/",
    "/programme/policy/",
    "/programme/policy/?country=DE",
    "/programme/register/",
    "/programme/register/words/transfers/",
    "/programme/register/interests/",
    "/programme/register/interests/open/",
    "/programme/register/interests/exit/",
    "/programme/register/assessment/",
    "/programme/register/council/",
    "/programme/topics/",
    "/programme/topics/new/",
    "/programme/retention/",
    "/programme/retention/?count=1",
    "/team/",
    "/outbox/",
    "/audit/",
    "/account/security/",
    "/account/password/change/",
    "/account/sessions/",
]
PUBLIC = [
    "/account/sign-in/",
    "/account/sign-in/code/",
    "/account/password/reset/",
    "/privacy/",
    "/my-data/",
    "/my-data/code/",
    "/nowhere/",
]
LANGUAGES = ["en", "nl", "de", "ru"]
STEPS = ["welcome", "reason", "improve", "satisfied_work", "would_return", "expect", "recommend", "relation", "thanks"]


@pytest.fixture(params=LOOKS, ids=lambda look: f"{look[0]}-{look[1]}")
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    width, theme = request.param
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    yield context.new_page()
    context.close()


def look_at(page: Page, url: str, *, status: int = 200) -> None:
    """Opens `url` and fails on an error in the console, a page wider than the window, or an axe violation."""
    said: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # The browser itself reports an answer of 404 or 410, which is what some pages are.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            said.append(message.text)

    page.on("console", note)
    answer = page.goto(url)
    page.remove_listener("console", note)
    assert answer is not None
    assert answer.status == status, url
    assert said == [], url
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{url} is {wide} pixels too wide"
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
    assert found.violations_count == 0, f"{url}\n{found.generate_report()}"


def sign_in(page: Page, house: House, email: str = COORDINATOR.email) -> None:
    page.goto(f"{house.base}/account/sign-in/")
    page.fill("[name=login]", email)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(re.compile(rf"{house.base}/(figures/)?$"))


def first_link(page: Page, house: House, path: str, pattern: str) -> str:
    """The first address on `path` that `pattern` fits."""
    page.goto(house.base + path)
    hrefs = page.eval_on_selector_all("main a[href]", "links => links.map(link => link.getAttribute('href'))")
    return next(href for href in hrefs if re.fullmatch(pattern, href))


def test_the_desk_passes(page: Page, demo: House, tmp_path: Path) -> None:
    leavers = tmp_path / "leavers.csv"
    leavers.write_text("Name;Last day\nMees Dekker;2026-01-31\n", encoding="utf-8")
    demo.command("import", str(leavers), "--apply")
    sign_in(page, demo)
    person = first_link(page, demo, "/people/", r"/people/[\w-]{16}/")
    departure = first_link(page, demo, "/departures/", r"/departures/[\w-]{16}/")
    letter = first_link(page, demo, "/letters/", r"/letters/\d+/")
    # Not the last word to somebody erased, which goes as soon as it has left.
    message = first_link(page, demo, "/outbox/?purpose=personal", r"/outbox/\d+/")
    company = first_link(page, demo, "/people/companies/", r"/people/companies/[\w-]{16}/")
    department = first_link(page, demo, "/organisation/", r"/organisation/departments/\d+/")
    place = first_link(page, demo, "/organisation/places/", r"/organisation/places/\d+/")
    source = first_link(page, demo, "/import/", r"/import/source/\?name=.+")
    objects = [source, person, f"{person}why/", f"{person}correct/", f"{person}erase/", f"{person}addresses/new/"]
    objects += [f"{person}proofs/", f"{person}restrictions/new/", f"{person}requests/new/", company, department, place]
    for path in [*DESK, *objects, departure, letter, message]:
        look_at(page, demo.base + path)


def test_public_pages_pass(page: Page, demo: House) -> None:
    for path in PUBLIC:
        look_at(page, demo.base + path, status=404 if path == "/nowhere/" else 200)


@pytest.mark.parametrize("language", LANGUAGES)
def test_leavers_pages_pass_in_each_language(page: Page, demo: House, language: str) -> None:
    mails = demo.command("outbox")
    paths = {}
    for mail in mails:
        for kind in ("leaver", "preferences", "unsubscribe", "confirm"):
            found = re.search(rf"http://[^\s]+(/{kind}/[\w.-]+/)", mail["text"])
            if found:
                paths[kind] = found[1]
    # The newest of each kind: the older leaver links have run out, and the confirmation was used.
    for step in STEPS:
        look_at(page, f"{demo.base}{paths['leaver']}?step={step}&lang={language}")
        assert page.get_attribute("html", "lang") == language
    for kind in ("preferences", "unsubscribe"):
        look_at(page, f"{demo.base}{paths[kind]}?lang={language}")
        assert page.get_attribute("html", "lang") == language
