"""Somebody's own page on a phone, from the mailed code to erasure, and the same requests at the desk."""

import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.house import House
from tests.e2e.test_pages import look_at, sign_in

pytestmark = pytest.mark.e2e

EMMA, ADDRESS = "Emma Clarke", "emma.clarke@private.example"


def test_somebody_sees_and_asks_on_a_phone_and_a_coordinator_answers(
    browser: Browser, demo: House, tmp_path: Path
) -> None:
    phone = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB", has_touch=True).new_page()
    desk = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB").new_page()
    sign_in(desk, demo)

    phone.goto(f"{demo.base}/my-data/")
    phone.fill("[name=address]", ADDRESS)
    phone.get_by_role("button", name="Mail me the code").tap()
    phone.fill("[name=code]", mailed_code(desk, demo))
    phone.get_by_role("button", name="Open my page").tap()
    phone.get_by_role("heading", name="Your own page, Emma").wait_for()
    for held in (EMMA, ADDRESS, "Project lead", "Please confirm your address"):
        assert held in phone.inner_text("main")

    ask(phone, "A copy of everything")
    read_the_copy(phone, tmp_path)
    phone.goto(f"{demo.base}/my-data/mine/ask/correction/")
    phone.select_option("[name=field]", "called")
    phone.fill("[name=words]", "Em")
    phone.get_by_role("button", name="Ask for it").tap()
    ask(phone, "To be stored and nothing else", button="Yes, from now on")
    phone.get_by_text("Your data is stored and nothing else, as you asked.").wait_for()
    phone.get_by_role("button", name="Use it again").tap()
    phone.get_by_text("Your data is used again as you agreed.").wait_for()
    ask(phone, "An objection, with reasons", words="I do not want notes about calls.")
    ask(phone, "To be erased", button="Yes, erase everything")
    look_at(phone, f"{demo.base}/my-data/mine/")

    answer(desk, demo, "A correction: What to call you")
    refuse(desk, demo, "An objection, with reasons", "Notes are what a colleague writes; we keep none of calls.")
    phone.reload()
    assert phone.inner_text("h1") == "Your own page, Em"
    assert "we keep none of calls" in phone.inner_text("main")
    erase(desk, demo)
    phone.reload()
    phone.get_by_role("button", name="Mail me the code").wait_for()
    phone.context.close()
    desk.context.close()


def mailed_code(desk: Page, house: House) -> str:
    """The six digits, once the mail was handed over; the outbox of a demo shows them."""
    row = desk.locator("main tr", has_text=EMMA).filter(has_text="Your code")
    for _ in range(60):
        desk.goto(f"{house.base}/outbox/")
        if row.count():
            break
        desk.wait_for_timeout(250)
    row.get_by_role("link").first.click()
    desk.wait_for_load_state()
    found = re.search(r"\b\d{6}\b", desk.inner_text("main"))
    assert found
    return found[0]


def ask(phone: Page, kind: str, *, button: str = "Ask for it", words: str = "") -> None:
    phone.get_by_role("link", name=kind, exact=True).tap()
    phone.get_by_role("heading", name=kind).wait_for()
    if words:
        phone.fill("[name=words]", words)
    phone.get_by_role("button", name=button).tap()
    phone.get_by_text("We have it. What came of it stands below.").wait_for()


def read_the_copy(phone: Page, folder: Path) -> None:
    """Takes the file as a phone does, and reads the page in it."""
    with phone.expect_download() as waiting:
        phone.get_by_role("button", name="Download").tap()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    with zipfile.ZipFile(path) as parts:
        assert parts.testzip() is None
        readable = next(name for name in parts.namelist() if name.endswith(".html"))
        parts.extractall(folder)
    reader = phone.context.new_page()
    look_at(reader, (folder / readable).as_uri())
    assert EMMA in reader.inner_text("body")
    assert ADDRESS in reader.inner_text("body")
    reader.close()


def open_request(desk: Page, house: House, kind: str) -> None:
    desk.goto(f"{house.base}/requests/")
    desk.locator("tr", has_text=EMMA).get_by_role("link", name=kind).click()
    desk.get_by_role("heading", name=kind, level=1).wait_for()


def answer(desk: Page, house: House, kind: str) -> None:
    open_request(desk, house, kind)
    look_at(desk, desk.url)
    desk.get_by_role("button", name="It is done: tell the person").click()
    desk.get_by_text("Done, and the person was written to.").wait_for()


def refuse(desk: Page, house: House, kind: str, reason: str) -> None:
    open_request(desk, house, kind)
    desk.set_viewport_size({"width": 390, "height": 844})
    look_at(desk, desk.url)
    desk.locator("#refuse_reason").fill(reason)
    desk.get_by_role("button", name="Tell the person why not").click()
    desk.get_by_text("The person was told why, and where to complain.").wait_for()


def erase(desk: Page, house: House) -> None:
    open_request(desk, house, "To be erased")
    page = desk.get_by_role("link", name=EMMA).get_attribute("href") or ""
    desk.fill("[name=full_name]", EMMA)
    desk.get_by_role("button", name="Erase for good").click()
    desk.get_by_role("heading", name="To be erased", level=1).wait_for()
    assert "nothing says who it was" in desk.inner_text("main")
    look_at(desk, house.base + page.replace("/people/", "/people/erased/"))
