"""What a form does not show is not changed by whoever sends it all the same."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client

from perennial.accounts.models import User
from perennial.accounts.roles import Role
from perennial.consent.models import Preference
from perennial.people.models import EmailAddress, Person, Stint
from tests.cast import NOW, colleague, programme
from tests.portal.test_preferences import alumna, page_of, ticked

pytestmark = pytest.mark.django_db

# What nobody sets by a form: who one is, what one may, what was proved, where a row comes from.
EXTRA: dict[str, Any] = {
    "id": "999",
    "pk": "999",
    "key": "chosen-by-hand",
    "role": "coordinator",
    "is_active": "on",
    "is_superuser": "on",
    "password": "chosen-by-hand",
    "sessions_version": "99",
    "invite_random": "chosen-by-hand",
    "state": "verified",
    "verified_at": "2026-09-01T00:00:00Z",
    "source": "chosen-by-hand",
    "added_by": "user:999",
    "created_at": "2001-01-01T00:00:00Z",
    "person": "999",
    "link_random": "chosen-by-hand",
    "search_text": "chosen-by-hand",
    "fingerprint": "chosen-by-hand",
}


def beyond(row: Model, *, but: set[str]) -> dict[str, Any]:
    """All fields of a row as they stand now, without those a form is there for."""
    fresh = type(row)._base_manager.get(pk=row.pk)
    every = {field.attname: getattr(fresh, field.attname) for field in fresh._meta.concrete_fields}
    return {name: value for name, value in every.items() if name not in but | {"updated_at"}}


@pytest.fixture
def hr(client: Client) -> Client:
    programme()
    client.force_login(colleague(Role.HR))
    return client


def test_what_a_form_does_not_show_is_not_changed(hr: Client) -> None:
    someone = alumna("newsletter")
    names = {"full_name", "called", "sort_name", "search_text", "language"}
    before = beyond(someone, but=names)
    assert (
        hr.post(f"/people/{someone.key}/correct/", {**EXTRA, "full_name": "Zoe Vos", "called": "Zoe"}).status_code
        == 302
    )
    assert Person.objects.get().full_name == "Zoe Vos"
    assert beyond(someone, but=names) == before

    stint = someone.stints.get()
    before = beyond(stint, but={"title", "status", "how_ended", "manager", "ends_on"})
    hr.post(f"/people/{someone.key}/stints/{stint.pk}/", {**EXTRA, "title": "Planner", "status": "left"})
    assert Stint.objects.get().title == "Planner"
    kept = beyond(stint, but={"title", "status", "how_ended", "manager", "ends_on"})
    assert (kept["source"], kept["person_id"], kept["added_by"], kept["id"]) == tuple(
        before[name] for name in ("source", "person_id", "added_by", "id")
    )

    hr.post(f"/people/{someone.key}/addresses/new/", {**EXTRA, "address": "zoe@elsewhere.example", "kind": "private"})
    address = EmailAddress.objects.get(address="zoe@elsewhere.example")
    assert (address.state, address.verified_at, address.source) == ("unverified", None, "typed")


def test_nobody_gives_themselves_a_role(hr: Client) -> None:
    user = User.objects.get(role=Role.HR)
    before = beyond(user, but={"away_from", "away_until"})
    day = (NOW.date() + timedelta(days=900)).isoformat()
    assert hr.post("/away/", {**EXTRA, "first_day": day, "last_day": day}).status_code == 302
    assert User.objects.get(pk=user.pk).away_from is not None
    assert beyond(user, but={"away_from", "away_until"}) == before


def test_whoever_holds_a_link_changes_what_its_page_shows_alone(client: Client) -> None:
    someone = alumna("newsletter")
    page = page_of(someone)
    row = Preference.objects.get()
    # What was chosen before is noted by us, for taking it back.
    rows = [(row, {"frequency", "before", "changed_at"}), (someone, {"language"}), (someone.addresses.get(), set())]
    before = [beyond(each, but=shown) for each, shown in rows]
    client.post(page, {**ticked("newsletter", frequency="monthly"), **EXTRA, "full_name": "Somebody Else"})
    assert Preference.objects.get().frequency == "monthly"
    assert [beyond(each, but=shown) for each, shown in rows] == before


@pytest.mark.parametrize(
    "sort", ["full_name; DROP TABLE people_person", "-password", "person__key", "1", "random()", "?"]
)
def test_an_order_that_is_none_is_the_usual_one(hr: Client, sort: str) -> None:
    alumna()
    usual, answer = hr.get("/people/"), hr.get("/people/", {"sort": sort, "order": sort})
    assert (answer.status_code, "Alice van Dam" in answer.content.decode()) == (200, True)
    assert answer.content.count(b"Alice van Dam") == usual.content.count(b"Alice van Dam")
    assert Person.objects.count() == 1
