"""People at a certain point of the walk, for the pages of the desk."""

from datetime import date, datetime
from typing import Any

from perennial.consent.actions import grant_request, request_consents
from perennial.departures.actions import open_due
from perennial.outreach.actions import plan
from perennial.people.actions import verify_address
from perennial.people.models import Person
from tests.cast import NOW, TODAY, person


def leaver(name: str = "Alice van Dam", *, ends_on: date | None = TODAY, agrees: bool = True, **more: Any) -> Person:
    """Somebody whose departure stands open, with a confirmed address; agreed to personal notes if `agrees`."""
    address = more.pop("private", "") or name.split()[0].lower() + "@home.example"
    someone = person(name, ends_on=ends_on, private=address, language=more.pop("language", "en"), **more)
    verify_address(address=someone.addresses.get(), by="test", now=NOW)
    if agrees:
        agree(someone)
    open_due(now=NOW)
    return someone


def agree(someone: Person, *purposes: str, at: datetime = NOW) -> None:
    request = request_consents(
        person=someone,
        address=someone.addresses.earliest("pk"),
        purposes=purposes or ["personal"],
        channels=[],
        language="en",
        by="test",
        now=at,
    )
    grant_request(request=request, ip=None, by="test", now=at)


def draft_letters(*, at: datetime) -> None:
    assert plan(now=at).drafted > 0
