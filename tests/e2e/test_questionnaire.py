"""The leaver's page on a phone, by keyboard, in each language; narrow and enlarged; light enough for any line."""

import re

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.house import House

LANGUAGES = ("en", "nl", "de", "ru")
STEPS = ("reason", "improve", "satisfied_work", "would_return", "expect", "recommend")
KILOBYTES = 60


@pytest.fixture(scope="module")
def path(demo: House) -> str:
    """The page of somebody in the demo who has not answered yet."""
    mails = [mail for mail in demo.command("outbox") if "/leaver/" in mail["text"]]
    found = re.search(r"http://[^/]+(/leaver/[\w.-]+/)", mails[-1]["text"])
    assert found
    return demo.base + found[1]


def too_wide(page: Page) -> int:
    width: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width


@pytest.mark.e2e
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_screen_is_answered_by_keyboard_on_a_phone(browser: Browser, path: str, language: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.goto(f"{path}?lang={language}&step=would_return")
    assert page.get_attribute("html", "lang") == language
    first = page.locator("main input[type=radio]").first
    first.focus()
    page.keyboard.press("Space")
    assert first.is_checked()
    page.keyboard.press("ArrowDown")
    assert not first.is_checked()
    # From the first question to the second, and from there to the buttons, with nothing in between that traps.
    seen = []
    for _press in range(14):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.name"))
    assert "return_if" in seen
    assert "next" in seen
    page.locator("button[name=next]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("step=expect"))
    assert page.get_attribute("html", "lang") == language
    # What a screen reader hears: one heading, and a name for each group and control.
    page.goto(f"{path}?lang={language}&step=satisfied_work")
    tree = page.locator("main").aria_snapshot()
    assert tree.count("heading") == 1
    assert tree.count("- group ") >= 8
    assert tree.count("radio ") == 88
    context.close()


@pytest.mark.e2e
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("width", "zoom"), [(320, 1), (390, 1), (640, 2)])
def test_nothing_scrolls_sideways_and_no_page_is_heavy(
    browser: Browser, path: str, language: str, width: int, zoom: int
) -> None:
    """200 % of 640 pixels is what a browser zoomed in on a narrow window shows: 320 of the page's own pixels."""
    context = browser.new_context(viewport={"width": width // zoom, "height": 700}, device_scale_factor=zoom)
    page = context.new_page()
    for step in ("welcome", *STEPS, "relation", "thanks"):
        answer = page.goto(f"{path}?lang={language}&step={step}")
        assert answer is not None
        assert answer.status == 200
        assert len(answer.body()) <= KILOBYTES * 1024, step
        assert too_wide(page) <= 0, (step, width, zoom)
        for box in page.locator("main .answer").all()[:12]:
            size = box.bounding_box()
            assert size is None or (size["width"] >= 24 and size["height"] >= 24)
    context.close()
