"""What no import may do: grant consent, wake an address, bring back the erased."""

from datetime import date
from typing import Any

import pytest

from perennial.consent.models import ConsentState, LedgerEntry
from perennial.contact.actions import suppress
from perennial.contact.models import Suppression
from perennial.people.actions import add_address, verify_address
from perennial.people.models import EmailAddress, Person, Stint
from perennial.privacy.actions import erase
from tests import cast
from tests.cast import NOW, TODAY
from tests.intake.bringing import counted, reasons

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("programme")]


def test_a_private_address_without_its_day_is_kept_and_not_given(take_in: Any) -> None:
    take_in("1;Alice Winter;alice@home.example;;;;2026-10-14;")
    assert EmailAddress.objects.get().given_on is None
    assert counted(take_in("1;Alice Winter;alice@home.example;2026-09-01;;;2026-10-14;")) == (0, 1, 0, 0)
    assert EmailAddress.objects.get().given_on == date(2026, 9, 1)
    take_in("1;Alice Winter;alice@home.example;2026-09-10;;;2026-10-14;")
    assert EmailAddress.objects.get().given_on == date(2026, 9, 1)


def test_no_import_touches_consent_or_the_state_of_an_address(take_in: Any) -> None:
    person = cast.person("Alice Winter", employee_number="1", private="alice@home.example")
    Stint.objects.update(source="hr")
    address = person.addresses.get()
    verify_address(address=address, by="test", now=NOW)
    dead = add_address(person=person, address="old@home.example", kind="private", source="test", now=NOW)
    suppress(address="old@home.example", reason="bounced", now=NOW)
    take_in("1;Alice Winter;old@home.example;2026-09-10;;;2026-10-14;")
    take_in("1;Alice Winter;alice@home.example;2026-09-10;;;2026-10-14;")
    address.refresh_from_db()
    dead.refresh_from_db()
    assert (address.state, address.verified_at, address.given_on) == ("verified", NOW, TODAY)
    assert (dead.state, dead.given_on) == ("dead", None)
    assert (ConsentState.objects.count(), LedgerEntry.objects.count()) == (0, 0)


def test_a_suppressed_address_comes_in_dead(take_in: Any) -> None:
    suppress(address="old@home.example", reason="bounced", now=NOW)
    take_in("1;Alice Winter;old@home.example;2026-09-10;a@employer.example;;2026-10-14;")
    assert dict(EmailAddress.objects.values_list("address", "state")) == {
        "old@home.example": "dead",
        "a@employer.example": "unverified",
    }


def test_the_employers_address_in_both_columns_is_no_private_one(take_in: Any) -> None:
    take_in("1;Alice Winter;a@employer.example;2026-09-01;a@employer.example;;2026-10-14;")
    assert EmailAddress.objects.get().kind == "business"


@pytest.mark.parametrize(
    "line",
    [
        "1;Somebody Else;;;;;2026-10-14;",
        "9;Somebody Else;alice@home.example;;;;2026-10-14;",
        ";Alice Winter;;;;2010-01-01;2026-10-14;",
    ],
    ids=["by number", "by address", "by name and days"],
)
def test_erased_stays_erased(take_in: Any, line: str) -> None:
    take_in("1;Alice Winter;alice@home.example;;;2010-01-01;2026-10-14;")
    erase(person=Person.objects.get(), by="test", now=NOW)
    result = take_in(line, "2;Bob Summer;;;;;2026-10-14;")
    assert counted(result) == (1, 0, 0, 1)
    assert reasons(result) == [
        "This row is about somebody whose record was erased. It stays erased, so the row is not taken in."
    ]
    assert not Person.objects.filter(full_name__contains="Alice").exists()


def test_erased_under_a_former_key_stays_erased(take_in: Any, settings: Any) -> None:
    take_in("1;Alice Winter;;;;;2026-10-14;")
    erase(person=Person.objects.get(), by="test", now=NOW)
    settings.PERENNIAL_FINGERPRINT_KEYS = ("a new key of the house", *settings.PERENNIAL_FINGERPRINT_KEYS)
    assert counted(take_in("1;Alice Winter;;;;;2026-10-14;")) == (0, 0, 0, 1)


def test_an_erased_address_is_not_taken_up_with_somebody_else(take_in: Any) -> None:
    take_in("1;Alice Winter;home@home.example;;;;2026-10-14;", "2;Bob Summer;;;;;2026-10-14;")
    erase(person=Person.objects.get(full_name="Alice Winter"), by="test", now=NOW)
    assert Suppression.objects.filter(scope="erased").exists()
    take_in("2;Bob Summer;home@home.example;;;;2026-10-14;")
    assert EmailAddress.objects.count() == 0


def test_whose_data_is_stored_only_is_held_back_until_that_ends(take_in: Any) -> None:
    take_in("1;Alice Winter;alice@home.example;;;;2026-10-14;", "2;Bob Jansen;;;;;2026-10-14;")
    Person.objects.filter(full_name="Alice Winter").update(stored_only_since=NOW)
    moved = ("1;Alice Summer;alice@home.example;2026-09-10;;;2026-11-14;", "2;Bob Jansen;;;;;2026-11-14;")
    before = (list(Person.objects.order_by("pk").values()), Stint.objects.order_by("pk").values()[0])
    result = take_in(*moved)
    assert counted(result) == (0, 1, 0, 1)
    assert reasons(result)[0].startswith("Held back: stored only.")
    assert (list(Person.objects.order_by("pk").values()), Stint.objects.order_by("pk").values()[0]) == before
    assert EmailAddress.objects.get().given_on is None
    # A row that would change nothing says nothing.
    assert counted(take_in("1;Alice Winter;alice@home.example;;;;2026-10-14;")) == (0, 0, 1, 0)
    Person.objects.update(stored_only_since=None)
    assert counted(take_in(*moved)) == (0, 1, 1, 0)
    assert Person.objects.filter(full_name="Alice Summer").exists()
