"""In a browser, on a phone and at a desk: what came of a theme is written, looked at, sent and taken back."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from perennial.operate.demo.cast import COORDINATOR, LONG_HOURS
from tests.e2e.house import House
from tests.e2e.test_pages import look_at, sign_in

pytestmark = pytest.mark.e2e


@pytest.fixture(params=[390, 1280])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": request.param, "height": 900})
    yield context.new_page()
    context.close()


def test_what_came_of_it_is_told_and_taken_back(page: Page, demo: House) -> None:
    sign_in(page, demo, COORDINATOR.email)
    look_at(page, f"{demo.base}/exit/themes/")
    page.get_by_label(f"{LONG_HOURS}: Tenders are planned").check()
    page.get_by_role("button", name="Say what came of it").click()
    draft = page.url
    look_at(page, draft)
    english = page.get_by_role("group", name="English")
    assert f"You told us: {LONG_HOURS}." in english.get_by_label("Letter").input_value()
    english.get_by_label("Subject").fill("What we changed about long hours")
    russian = page.get_by_role("group", name="Russian")
    for field in ("Subject", "Letter"):
        russian.get_by_label(field).fill("")
    page.get_by_role("button", name="Look at it").click()
    look_at(page, page.url)
    text = page.locator("main").inner_text()
    assert "4 people hear it." in text
    assert "1 of them reads Russian, and gets it in English." in text
    assert "Dutch: the text still stands as it was proposed." in text
    page.get_by_role("button", name="First to me").click()
    assert f"to {COORDINATOR.email}" in page.get_by_role("status").inner_text()
    page.get_by_role("button", name="Send", exact=True).click()
    assert "It leaves in 10 minutes" in page.get_by_role("status").inner_text()
    look_at(page, page.url)
    assert "What we changed about long hours" in page.locator("main").inner_text()
    page.get_by_role("button", name="Take back what has not left").click()
    assert "Taken back: nobody got it." in page.get_by_role("status").inner_text()
    assert page.url == draft
    # Discarded, so that the next width begins as this one did.
    page.get_by_role("button", name="Discard").click()
    page.get_by_role("button", name="Yes").click()
    page.wait_for_url("**/exit/themes/")
    assert "Discarded." in page.get_by_role("status").inner_text()
