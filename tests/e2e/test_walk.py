"""The walk through the house as its users take it: from a spreadsheet to a personal letter and a figure."""

import csv
import os
import re
import secrets
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.house import House, totp

pytestmark = pytest.mark.e2e

PASSWORD = "the-door-stays-open"
SERVER = os.environ.get("PERENNIAL_TEST_DATABASE_URL", "")


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, house: House) -> Iterator[House]:
    """An empty installation on each database."""
    if request.param == "sqlite":
        yield house
        return
    if not SERVER:
        pytest.skip("PERENNIAL_TEST_DATABASE_URL names no PostgreSQL server")
    name = f"perennial_walk_{secrets.token_hex(4)}"
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    house.database_url = re.sub(r"/[^/?]*($|\?)", rf"/{name}\1", SERVER)
    yield house
    house.stop()
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_from_a_spreadsheet_to_a_letter_and_a_figure(place: House, browser: Browser, tmp_path: Path) -> None:
    last_day = datetime.now(tz=UTC).date() + timedelta(days=5)
    said = place.start("run")
    desk = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    set_up(desk, re.search(r"http://\S+/set-up/\S+", said)[0])  # type: ignore[index]
    sign_in_with_a_second_factor(desk, place)
    assert "Nobody is in here yet" in desk.inner_text("main")

    answer = place.command("import", str(leavers(tmp_path, last_day)), "--apply")
    assert (answer["rows"], answer["created"], answer["departures"]) == (2, 2, 2)
    assert place.command("tick")["drafted"] == 2

    send_the_invitation(desk, place, "Fenna de Boer")
    place.command("tick")
    invitation = newest(place, to="fenna@bouwbedrijf.example")
    assert invitation["from"] == "Marit Kok <alumni@bouwbedrijf.example>"
    assert "marit@bouwbedrijf.example" in invitation["reply_to"]

    phone = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True).new_page()
    answer_as_leaver(phone, link(invitation, "leaver"))
    assert place.command("explain", "fenna@thuis.example", "--purpose", "personal")["rule"] == "consent"
    place.command("tick")
    confirm(phone, link(newest(place, to="fenna@thuis.example"), "confirm"))

    noon = f"{last_day + timedelta(days=14)}T12:00"
    verdict = place.command("explain", "fenna@thuis.example", "--purpose", "personal", "--at", noon)
    assert verdict["verdict"] == "yes", verdict
    planned = place.command("tick", "--at", noon)
    assert planned["drafted"] == 1
    assert planned["skipped"] == {"consent": 1}
    assert place.command("tick", "--at", noon)["drafted"] == 0

    send_the_letter(desk, place)
    place.command("tick", "--at", noon)
    letter = newest(place, to="fenna@thuis.example")
    assert "Joost Hendriks" in letter["text"]
    assert "Groet van Marit" in letter["text"]
    assert letter["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    figures = {figure["kpi"]: figure for figure in place.command("kpi")}
    assert (figures["consent_rate"]["numerator"], figures["consent_rate"]["denominator"]) == (1, 1)
    assert figures["nps_at_departure"]["value"] is None
    desk.goto(f"{place.base}/figures/")
    assert "100 %" in desk.inner_text("main")
    assert "–" in desk.inner_text("main")


def leavers(folder: Path, last_day: date) -> Path:
    """HR's list in Dutch, with a title row above and semicolons between."""
    path = folder / "uitdienst.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, delimiter=";")
        rows.writerow(["Uitdiensttreders", "", "", "", "", ""])
        rows.writerow(
            ["Personeelsnummer", "Naam", "Zakelijk e-mailadres", "Datum uit dienst", "Leidinggevende", "Taal"]
        )
        day = last_day.strftime("%d-%m-%Y") if last_day.day > 12 else last_day.isoformat()
        rows.writerow(["1001", "Fenna de Boer", "fenna@bouwbedrijf.example", day, "Joost Hendriks", "nl"])
        rows.writerow(["1002", "Bram Visser", "bram@bouwbedrijf.example", day, "Joost Hendriks", "nl"])
    return path


def set_up(page: Page, url: str) -> None:
    page.goto(url)
    page.fill("[name=organisation]", "Bouwbedrijf Noord")
    page.fill("[name=postal_address]", "Kade 1, Groningen")
    page.fill("[name=privacy_notice]", "Wij bewaren wat u ons vertelt zolang u dat wilt.")
    page.select_option("[name=language]", "nl")
    page.fill("[name=coordinator_name]", "Marit Kok")
    page.fill("[name=coordinator_email]", "marit@bouwbedrijf.example")
    page.fill("[name=password]", PASSWORD)
    page.check("[name=aims][value=ambassadors]")
    page.check("[name=stage][value=live]")
    page.click("main .btn-primary")
    page.wait_for_url("**/account/sign-in/")
    again = page.goto(url)
    assert again is not None
    assert again.status == 404


def sign_in_with_a_second_factor(page: Page, house: House) -> None:
    page.goto(f"{house.base}/account/sign-in/")
    page.fill("[name=login]", "marit@bouwbedrijf.example")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_load_state()
    page.goto(f"{house.base}/people/")
    assert "/people/" not in page.url, "without a second factor nothing of the desk opens"
    page.goto(f"{house.base}/account/security/app/")
    page.fill("[name=code]", totp(page.inner_text("#authenticator_secret").strip()))
    page.press("[name=code]", "Enter")
    page.wait_for_load_state()
    page.goto(f"{house.base}/")


def send_the_invitation(page: Page, house: House, name: str) -> None:
    page.goto(f"{house.base}/")
    row = page.locator("ol.today > li", has_text=name).first
    row.get_by_role("link", name="Look and send").click()
    page.get_by_role("button", name=re.compile("^Send")).first.click()
    page.wait_for_load_state()


def answer_as_leaver(page: Page, url: str) -> None:
    page.goto(url)
    assert "Bouwbedrijf Noord" in page.inner_text("body")
    assert page.get_attribute("html", "lang") == "nl"
    page.click("main .btn-primary")
    page.locator("label", has=page.locator("[name=reason][value=career_growth]")).tap()
    page.click("main .btn-primary")
    page.fill("[name=improve]", "Meer ruimte om te leren.")
    page.click("main .btn-primary")
    page.locator("label", has=page.locator("[name=satisfied_team][value='8']")).tap()
    page.click("main .btn-primary")
    page.locator("label", has=page.locator("[name=would_return][value=perhaps]")).tap()
    page.click("main .btn-primary")
    page.click("main .btn:not(.btn-primary)")
    page.locator("label", has=page.locator("[name=recommend][value='9']")).tap()
    page.click("main .btn-primary")
    for name in ("consent-personal", "consent-newsletter", "consent-events"):
        assert not page.is_checked(f"[name={name}]")
    page.fill("[name=private_email]", "fenna@thuis.example")
    page.check("[name=consent-personal]")
    page.check("[name=frequency][value=monthly]")
    page.click("main .btn-primary")
    page.wait_for_load_state()


def confirm(page: Page, url: str) -> None:
    page.goto(url)
    page.goto(url)
    page.click("main .btn-primary")
    page.wait_for_load_state()


def send_the_letter(page: Page, house: House) -> None:
    page.goto(f"{house.base}/letters/")
    page.get_by_role("link", name="Look and send").first.click()
    page.fill("[name=body]", page.input_value("[name=body]") + "\n\nGroet van Marit")
    page.get_by_role("button", name="Send", exact=True).click()
    page.wait_for_load_state()


def newest(house: House, *, to: str) -> dict[str, str]:
    return next(mail for mail in reversed(house.command("outbox")) if to in mail["to"])


def link(mail: dict[str, str], kind: str) -> str:
    found = re.search(rf"http://\S+/{kind}/[\w.-]+/", mail["text"])
    assert found, mail["text"]
    return found[0]
