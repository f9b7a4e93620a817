"""In a browser, on a phone and at a desk: a conversation is planned, and two colleagues decide about somebody."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, Page

from perennial.operate.demo.cast import COLLEAGUES, COORDINATOR
from tests.e2e.house import House
from tests.e2e.test_pages import first_link, look_at, sign_in

pytestmark = pytest.mark.e2e

HR, INTERVIEWER = COLLEAGUES[0], COLLEAGUES[1]
IN_A_WEEK = date.today() + timedelta(days=7)  # noqa: DTZ011 - the browser's own day is good enough


@pytest.fixture(params=[390, 1280])
def open_page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Callable[[], Page]]:
    """A fresh page of this width for each colleague."""
    contexts = []

    def fresh() -> Page:
        contexts.append(browser.new_context(viewport={"width": request.param, "height": 900}))
        return contexts[-1].new_page()

    yield fresh
    for context in contexts:
        context.close()


def test_a_conversation_is_planned_moved_and_taken_into_a_calendar(open_page: Callable[[], Page], demo: House) -> None:
    page = open_page()
    sign_in(page, demo, HR.email)
    departure = first_link(page, demo, "/departures/?view=invited", r"/departures/[\w-]{16}/")
    for rest in ("conversation/", "guide/"):
        look_at(page, f"{demo.base}{departure}{rest}")
    page.goto(f"{demo.base}{departure}conversation/")
    page.get_by_label("Who leads it").select_option(label=INTERVIEWER.name)
    page.get_by_label("Day").fill(IN_A_WEEK.isoformat())
    page.get_by_label("Time").fill("11:00")
    page.get_by_label("By phone").check()
    # The demo is shared: at the second width it is planned already, and moved.
    page.locator("main form button.btn-primary").click()
    section = page.locator("section", has=page.get_by_role("heading", name="The conversation"))
    assert f"{IN_A_WEEK.day} {IN_A_WEEK:%B %Y}, 11:00" in section.inner_text()
    with page.expect_download() as download:
        section.get_by_role("link", name="For your calendar").click()
    file = download.value.path().read_bytes()
    assert b"METHOD:PUBLISH\r\n" in file
    look_at(page, f"{demo.base}{departure}")
    section.get_by_role("link", name="Move it").click()
    page.get_by_label("Time").fill("15:30")
    page.get_by_role("button", name="Move it").click()
    assert "15:30" in section.inner_text()

    # Whoever leads it finds it on Today and keeps notes, which nobody opens unseen.
    theirs = open_page()
    sign_in(theirs, demo, INTERVIEWER.email)
    look_at(theirs, demo.base + "/")
    look_at(theirs, f"{demo.base}{departure}notes/")
    if theirs.get_by_role("button", name="Keep").count():
        theirs.locator("textarea").first.fill("The lamp in the corridor")
        theirs.get_by_role("button", name="Keep").click()
    look_at(theirs, f"{demo.base}{departure}notes/")
    assert "The lamp" not in theirs.content()
    theirs.get_by_role("button", name="Open the notes").click()
    assert theirs.locator("textarea").first.input_value() == "The lamp in the corridor"


def test_two_colleagues_decide_about_somebody(open_page: Callable[[], Page], demo: House) -> None:
    hers = open_page()
    sign_in(hers, demo, HR.email)
    person = first_link(hers, demo, "/people/?text=Ravi", r"/people/[\w-]{16}/")
    look_at(hers, f"{demo.base}{person}decisions/rehire/")
    hers.locator("input[name=outcome][value=conditional]").check()
    hers.get_by_label("Why").select_option("other_work")
    hers.get_by_label("In neutral words").fill("The work on site did not suit; work in the office would.")
    hers.get_by_label("What shows it").fill("Talk of the 3rd of March, noted by both.")
    hers.get_by_label("Look again on").fill((date.today() + timedelta(days=90)).isoformat())  # noqa: DTZ011
    hers.get_by_label("Until").fill((date.today() + timedelta(days=365)).isoformat())  # noqa: DTZ011
    hers.get_by_role("button", name="Propose it").click()
    decision = hers.url
    assert "It waits for a second colleague" in hers.content()
    assert not hers.get_by_role("button", name="Approve", exact=True).count()

    theirs = open_page()
    sign_in(theirs, demo, COORDINATOR.email)
    look_at(theirs, demo.base + "/decisions/")
    look_at(theirs, decision)
    theirs.get_by_role("button", name="Approve", exact=True).click()
    assert "Does it still hold?" in theirs.content()
    look_at(theirs, decision)
    look_at(theirs, f"{demo.base}{person}")
    look_at(theirs, f"{demo.base}{person}proofs/")

    others = open_page()
    sign_in(others, demo, INTERVIEWER.email)
    look_at(others, demo.base + person)
    assert "Ask HR before you approach this person." in others.content()
    assert "in the office" not in others.content()
    # Ended, so that the next width begins as this one did.
    theirs.goto(decision)
    theirs.on("dialog", lambda dialog: dialog.accept())
    theirs.get_by_role("button", name="End it").click()
