"""A farewell in a real browser: two hundred leavers on the board, and a manager without account on a phone."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from perennial.kernel.clock import now
from tests.e2e.house import House
from tests.e2e.test_pages import look_at, sign_in

pytestmark = pytest.mark.e2e
LEAVERS = 200
# The farewell of whoever leaves in so many days is what the manager is written to about.
DAYS = 3


@pytest.fixture
def crowded(demo: House, tmp_path: Path) -> House:
    """The demo with two hundred more leavers of the next two months."""
    rows = [
        f"Leaver {number:03} Example;{now().date() + timedelta(days=DAYS + number % 60)};nl;Mara Smit;9{number:03}"
        for number in range(LEAVERS)
    ]
    file = tmp_path / "leavers.csv"
    file.write_text("\n".join(["name;end date;language;manager;employee number", *rows]), encoding="utf-8")
    demo.command("import", str(file), "--apply")
    return demo


@pytest.mark.parametrize("width", [390, 1280])
def test_a_board_of_two_hundred_and_the_pages_around_it_pass(browser: Browser, crowded: House, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    sign_in(page, crowded)
    look_at(page, f"{crowded.base}/departures/")
    assert page.locator(".departure-card").count() >= LEAVERS
    assert page.locator(".board-column").count() >= 3
    expect(page.locator(".card-step").first).to_contain_text("·")
    departure = page.locator(".departure-card a", has_text="Leaver 000 Example").get_attribute("href")
    assert departure is not None
    for path in (departure, f"{departure}manager/sheet/", "/departures/checklists/", "/departures/checklists/new/"):
        look_at(page, crowded.base + path)
    page.goto(f"{crowded.base}/departures/checklists/")
    checklist = page.locator("main h2 a").first.get_attribute("href")
    look_at(page, f"{crowded.base}{checklist}")
    look_at(page, f"{crowded.base}{checklist}steps/new/")
    context.close()


def test_a_manager_without_account_does_their_steps_on_a_phone(browser: Browser, crowded: House) -> None:
    desk = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    sign_in(desk, crowded)
    desk.goto(f"{crowded.base}/departures/")
    desk.click("text=Leaver 000 Example")
    desk.fill("#manager [name=email]", "mara@halvorsen.example")
    desk.select_option("#manager [name=language]", "nl")
    desk.click("text=Send the link")
    expect(desk.locator("#manager")).to_contain_text("mara@halvorsen.example")
    crowded.command("tick")
    [mail] = [mail for mail in crowded.command("outbox") if "mara@halvorsen.example" in mail["to"]]
    assert mail["subject"] == "Afscheid van Leaver 000 Example: jouw deel"
    found = re.search(r"http://[^\s]+(/manager/[\w.-]+/)", mail["text"])
    assert found is not None

    # Without script and without a session, in one hand.
    phone = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page = phone.new_page()
    page.goto(crowded.base + found[1])
    expect(page.locator("h1")).to_have_text("Afscheid nemen van Leaver 000 Example")
    many = page.locator(".manager-step").count()
    assert many >= 1
    page.locator(".manager-step button[name=done]").first.click()
    expect(page.locator("main")).to_contain_text("Dank je, dat is genoteerd.")
    assert page.locator(".manager-step").count() == many - 1
    page.locator(".settled button[name=undo]").first.click()
    assert page.locator(".manager-step").count() == many
    page.locator(".manager-step summary").first.click()
    page.locator(".manager-step [name=reason]").first.fill("Hij wil liever niet")
    page.locator(".manager-step button[name=not]").first.click()
    expect(page.locator(".settled")).to_contain_text("Hij wil liever niet")
    phone.close()

    for language in ("en", "nl", "de", "ru"):
        look = browser.new_context(viewport={"width": 390, "height": 844})
        look_at(look.new_page(), f"{crowded.base}{found[1]}?lang={language}")
        look.close()
