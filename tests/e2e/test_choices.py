"""The page of choices on a phone without script: a pause, what it changed, and taking it back."""

import re

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.house import House
from tests.e2e.test_pages import LANGUAGES, look_at

pytestmark = pytest.mark.e2e


def link_to_choices(house: House) -> str:
    """The way to somebody's page, from the newest mail that has one."""
    found = [re.search(r"http://[^\s]+(/preferences/[\w.-]+/)", mail["text"]) for mail in house.command("outbox")]
    return [each[1] for each in found if each][-1]


def fits(page: Page) -> None:
    assert page.locator("main").bounding_box()["width"] <= 390  # type: ignore[index]


def test_choices_are_made_and_taken_back_without_script(browser: Browser, demo: House) -> None:
    path = link_to_choices(demo)
    phone = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page = phone.new_page()
    page.goto(f"{demo.base}{path}?lang=en")
    fits(page)
    for part in ("Not now", "Leave", "This link is yours", "Who we are"):
        assert page.get_by_role("heading", name=part, exact=True).is_visible()
    page.get_by_role("button", name="Three months").click()
    assert page.get_by_text("Nothing before").is_visible()
    page.get_by_role("button", name="Take this back").click()
    assert page.get_by_text("Taken back.").is_visible()
    assert page.get_by_role("button", name="Write to me again").count() == 0
    fits(page)
    phone.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_passes_while_a_pause_lasts(browser: Browser, demo: House, width: int) -> None:
    path = link_to_choices(demo)
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    for language in LANGUAGES:
        page.goto(f"{demo.base}{path}?lang={language}")
        page.locator("button[name=pause][value='6']").click()
        page.locator(".what-changed").first.wait_for()
        look_at(page, f"{demo.base}{path}?lang={language}&saved=yes")
        page.locator("button[name=pause][value=end]").click()
        page.locator("button[name=pause][value=end]").wait_for(state="detached")
    context.close()
