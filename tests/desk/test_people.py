"""The pages of people: the list and its search, a person's page, corrections, the door explained, erasure."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from perennial.accounts.models import User
from perennial.accounts.roles import Role
from perennial.audit.models import Event
from perennial.consent.actions import change_preferences, withdraw
from perennial.consent.enums import Means
from perennial.contact.actions import record_touch
from perennial.contact.door import explain
from perennial.contact.enums import Direction, TouchKind
from perennial.contact.models import Restriction
from perennial.departures.exit.answering import Answers, save_answers
from perennial.departures.models import Departure
from perennial.desk.people.columns import COLUMNS
from perennial.intake.at_once import run_import
from perennial.intake.reader.table import open_table
from perennial.kernel.purposes import Purpose
from perennial.people.actions import add_address
from perennial.people.models import EmailAddress, Person, Stint
from perennial.privacy.rights.actions import ask
from perennial.privacy.rights.enums import RequestKind
from perennial.programme.models import Department, Programme
from tests.cast import NOW, TODAY, chapter, colleague, person, programme
from tests.desk.walkers import agree, leaver
from tests.portal.leavers import sentences as raw_sentences

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def hr(client: Client) -> Client:
    programme()
    client.force_login(colleague(Role.HR, name="Hanna Visser"))
    return client


def sentences(content: bytes) -> str:
    return unescape(raw_sentences(content))


def as_role(role: Role) -> Client:
    client = Client()
    client.force_login(colleague(role, email=f"{role.value}.now@employer.example"))
    return client


def page_of(someone: Person, rest: str = "") -> str:
    return f"/people/{someone.key}/{rest}"


def names(response: Any) -> list[str]:
    return [row.full_name for row in response.context["found"].people]


def stint(**fields: str) -> dict[str, str]:
    return {"status": "leaving", "ends_on": "2026-10-01", **fields}


# The list


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_takes_the_same_queries_for_one_and_for_three(hr: Client, many: int) -> None:
    for number in range(many):
        leaver(f"Person{number} Stone", department=None)
    hr.get("/people/")
    with CaptureQueriesContext(connection) as queries:
        response = hr.get("/people/")
    assert len(names(response)) == many
    # Programme, session, user; departments and places to choose from; how many, from where, which, and what is
    # shown of them: persons, stints, addresses, jobs elsewhere, skills.
    assert len(queries) == 13


def test_the_list_is_sorted_by_family_name_and_tells_what_people_did(hr: Client) -> None:
    person("Fenna de Boer", title="Hydrologist", ends_on=date(2026, 3, 31))
    person("Alice Zwart")
    person("Bob Adams")
    response = hr.get("/people/")
    assert names(response) == ["Bob Adams", "Fenna de Boer", "Alice Zwart"]
    said = sentences(response.content)
    assert "Fenna de Boer Hydrologist 31 Mar 2026" in said
    assert "3 people" in said


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("zoe", ["Zoë Peeters"]),
        ("ZOË pee", ["Zoë Peeters"]),
        ("смирнова", ["Ольга Смирнова"]),
        ("ОЛЬГА", ["Ольга Смирнова"]),
        ("soren", ["Søren Ødegård"]),
        ("home.example", ["Søren Ødegård"]),
        ("planner", ["Zoë Peeters"]),
        ("nobody", []),
        ("%", []),
        ("\x00", ["Søren Ødegård", "Zoë Peeters", "Ольга Смирнова"]),
    ],
)
def test_the_search_minds_neither_accents_nor_case(hr: Client, typed: str, found: list[str]) -> None:
    person("Zoë Peeters", title="Planner")
    person("Ольга Смирнова")
    person("Søren Ødegård", private="soren@home.example")
    assert sorted(names(hr.get("/people/", {"q": typed}))) == sorted(found)


def test_a_search_without_a_hit_says_what_to_try(hr: Client) -> None:
    person("Alice van Dam")
    said = sentences(hr.get("/people/", {"q": "<script>alert(1)</script>"}).content)
    assert "Nobody found Try a part of the name, or fewer filters." in said
    assert "<script>alert" not in hr.get("/people/", {"q": "<script>alert(1)</script>"}).content.decode()


def test_an_empty_list_says_what_to_do_first(hr: Client) -> None:
    said = sentences(hr.get("/people/").content)
    assert "Nobody is in here yet" in said
    assert "Take in a list" in said
    assert "Take in a list" not in sentences(as_role(Role.RECRUITER).get("/people/").content)


def test_the_list_has_pages_that_keep_what_was_asked(hr: Client) -> None:
    for number in range(27):
        person(f"Person {number:02}", ends_on=None)
    first = hr.get("/people/", {"q": "person", "column": "language"})
    assert len(names(first)) == 25
    (further,) = re.findall(r'rel="next" href="([^"]+)"', first.content.decode())
    second = hr.get("/people/" + unescape(further))
    assert names(second) == ["Person 25", "Person 26"]
    assert "Name Language Person 25 nl" in sentences(second.content)
    (back,) = re.findall(r'rel="prev" href="([^"]+)"', second.content.decode())
    assert names(hr.get("/people/" + unescape(back))) == names(first)
    assert len(names(hr.get("/people/", {"after": "nonsense", "department": "x", "left_from": "yesterday"}))) == 25


def test_columns_are_chosen_and_no_role_sees_more_than_it_may(hr: Client) -> None:
    leaver("Alice van Dam", how_ended="redundancy", private="alice@home.example")
    asked = {"column": ["how_ended", "private_email", "ends_on"], "how_ended": "redundancy"}
    assert "Name Last day How it ended Private e-mail Alice van Dam" in sentences(hr.get("/people/", asked).content)
    assert "alice@home.example" in sentences(hr.get("/people/", asked).content)
    recruiter = as_role(Role.RECRUITER)
    page = recruiter.get("/people/", asked)
    assert "alice@home.example" not in sentences(page.content)
    assert "How it ended" not in sentences(page.content)
    # Nor does the filter tell it: who was not made redundant is shown as well.
    person("Bob Stone")
    assert names(recruiter.get("/people/", {"how_ended": "redundancy"})) == ["Alice van Dam", "Bob Stone"] or names(
        recruiter.get("/people/", {"how_ended": "redundancy"})
    ) == ["Bob Stone", "Alice van Dam"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_everybody_found_comes_as_a_file_whose_cells_do_nothing(hr: Client, kind: str, tmp_path: Path) -> None:
    person("=HYPERLINK(1) Dam", title="@SUM(A1)", ends_on=date(2026, 3, 31))
    person("Bob Stone")
    answer = hr.post("/people/export/", {"q": "dam", "format": kind, "column": ["title", "ends_on"]})
    assert answer["Content-Disposition"] == f'attachment; filename="people.{kind}"'
    path = tmp_path / f"people.{kind}"
    path.write_bytes(b"".join(answer.streaming_content))  # type: ignore[arg-type]
    rows = [row.cells for row in open_table(str(path)).rows()]
    assert rows == [["'=HYPERLINK(1) Dam", "'@SUM(A1)", "2026-03-31"]]
    event = Event.objects.get(deed="people.exported")
    assert event.details == {"rows": 1, "format": kind, "columns": ["title", "ends_on"]}


def test_a_file_of_another_kind_is_refused_and_nothing_is_noted(hr: Client) -> None:
    assert hr.post("/people/export/", {"format": "exe"}).status_code == 400
    assert not Event.objects.filter(deed="people.exported").exists()


def test_what_was_taken_out_comes_in_again_and_changes_nothing(hr: Client, tmp_path: Path) -> None:
    zoe = leaver("Zoë Peeters", title="Planner", private="zoe@home.example", ends_on=date(2026, 3, 31))
    hr.post(page_of(zoe, "positions/new/"), {"company": "Acme", "title": "Head of planning"})
    hr.post(page_of(zoe, "skills/"), {"skills": "SQL, Chess"})
    columns = [column.code for column in COLUMNS]
    answer = hr.post("/people/export/", {"format": "csv", "column": columns})
    path = tmp_path / "people.csv"
    path.write_bytes(b"".join(answer.streaming_content))  # type: ignore[arg-type]
    assert 'Acme,Head of planning,"Chess, SQL"' in path.read_text(encoding="utf-8-sig")
    result = run_import(path=path, source="test", apply=True, date_order=None, by="user:1", now=NOW)
    assert (result.rows, result.unchanged, result.rejected) == (1, 1, 0)


# A person's page


@pytest.mark.parametrize("many", [1, 3])
def test_a_persons_page_takes_the_same_queries_for_one_touch_and_for_three(hr: Client, many: int) -> None:
    alice = leaver("Alice van Dam")
    for number in range(many):
        record_touch(
            person=alice,
            at=NOW - number * DAY,
            direction=Direction.OURS,
            kind=TouchKind.MAIL,
            purpose=Purpose.SERVICE,
            origin=f"test:{number}",
            summary=f"Epistle {number}",
        )
        hr.post(page_of(alice, "stints/new/"), stint(title=f"Title {number}", department="Water", place="Delft"))
        hr.post(page_of(alice, "addresses/new/"), {"address": f"a{number}@home.example", "kind": "private"})
        hr.post(page_of(alice, f"stints/{alice.stints.latest('pk').pk}/"), stint(title=f"Corrected {number}"))
        hr.post(page_of(alice, "positions/new/"), {"company": f"Company {number}", "title": "Lead"})
        hr.post(page_of(alice, "skills/"), {"skills": ", ".join(f"Skill {each}" for each in range(number + 1))})
    agree(alice, *list(Purpose)[:many])
    hr.get(page_of(alice))
    with CaptureQueriesContext(connection) as queries:
        page = hr.get(page_of(alice))
    assert sentences(page.content).count("Epistle") == many
    # Programme, session, user; the person, timeline, stints, addresses, departures, balance; chapters; positions,
    # skills, who said what and their names; restrictions and the day; what was agreed to, and the door about all of it;
    # what two colleagues decided; that somebody looked, and had looked before; what they asked about their data.
    assert len(queries) == 12 + 4 + 1 + 1 + 1 + 1 + 2


def test_a_persons_page_tells_who_it_is_and_whether_we_may_write(hr: Client) -> None:
    alice = leaver("Alice van Dam", title="Hydrologist", starts_on=date(2018, 5, 1))
    change_preferences(person=alice, not_now_until=TODAY + 30 * DAY, by="test", now=NOW)
    said = sentences(hr.get(page_of(alice)).content)
    assert "Hydrologist 1 May 2018 – 14 Sep 2026" in said
    assert "Personal notes later from 14 Oct 2026" in said
    assert "Not agreed to: News , Gatherings" in said
    assert "Manager: Mara Smit" in said
    assert "alice@home.example Private · Confirmed, by its owner on 14 Sep 2026 · from test on 14 Sep 2026" in said
    assert "given for staying in touch on 14 Sep 2026" in said
    assert "Agreed to Personal notes E-mail · since 14 Sep 2026 · Confirmed from the second mail" in said


def test_between_us_is_told_like_a_correspondence_newest_first(hr: Client) -> None:
    alice = leaver("Alice van Dam")
    record_touch(
        person=alice,
        at=NOW - 40 * DAY,
        direction=Direction.OURS,
        kind=TouchKind.CALL,
        purpose=Purpose.PERSONAL,
        origin="test",
        summary="<b>About the garden</b>",
    )
    withdraw(person=alice, means=Means.ONE_CLICK, by="test", now=NOW + timedelta(minutes=1))
    page = hr.get(page_of(alice)).content.decode()
    said = sentences(page.encode())
    order = [said.index(words) for words in ("September 2026", "Withdrew", "Agreed", "August 2026", "Call 5")]
    assert order == sorted(order)
    assert "&lt;b&gt;About the garden&lt;/b&gt;" in page


def test_a_long_correspondence_has_pages_and_loses_nothing_between_them(hr: Client) -> None:
    alice = person("Alice van Dam")
    for number in range(120):
        record_touch(
            person=alice,
            # Three at each moment, so that some moment lies on the edge of a page.
            at=NOW - timedelta(hours=number // 3),
            direction=Direction.OURS,
            kind=TouchKind.MAIL,
            purpose=Purpose.SERVICE,
            origin=f"test:{number}",
            summary=f"Letter {number:03}.",
        )
    seen: list[str] = []
    address = page_of(alice)
    for _ in range(5):
        response = hr.get(address)
        seen += [line.title for line in response.context["entries"]]
        earlier = response.context["earlier"]
        if earlier is None:
            break
        link = response.content.decode().split('href="?until=')[1].split('"')[0]
        address = f"{page_of(alice)}?until={link}"
    assert sorted(seen) == [f"Letter {number:03}." for number in range(120)]


@pytest.mark.parametrize(
    "until", ["nonsense", "2026-13-45T00:00:00Z", "2026-09-14T09:00:00", "0001-01-01T00:00:00+14:00", "\x00"]
)
def test_a_broken_address_of_a_page_is_as_if_there_were_none(hr: Client, until: str) -> None:
    alice = leaver("Alice van Dam")
    assert hr.get(page_of(alice), {"until": until}).status_code == 200


def test_an_unknown_person_is_not_found(hr: Client) -> None:
    for rest in ("", "why/", "correct/", "stints/new/", "stints/1/", "addresses/new/", "erase/", "restrictions/new/"):
        assert hr.get(f"/people/nobody/{rest}").status_code == 404


def test_a_stint_of_somebody_else_is_not_found(hr: Client) -> None:
    alice, bob = person("Alice van Dam"), person("Bob Stone")
    assert hr.get(page_of(alice, f"stints/{bob.stints.get().pk}/")).status_code == 404
    assert hr.post(page_of(alice, f"stints/{bob.stints.get().pk}/"), stint(title="x")).status_code == 404
    assert bob.stints.get().title == ""


@pytest.mark.parametrize("role", [Role.RECRUITER, Role.HOST, Role.EDITOR])
def test_who_has_nothing_to_do_with_departures_sees_none_and_no_reasons(hr: Client, role: Role) -> None:
    roads = Department.objects.create(name="Roads")
    alice = leaver("Alice van Dam", how_ended="dismissal", department=roads)
    departure = Departure.objects.get()
    save_answers(
        departure=departure,
        answers=Answers(given={"reason": ["pay"], "improve": "The canteen closes at noon", "recommend": 2}),
        language="en",
        now=NOW,
    )
    assert f"/departures/{departure.key}/" in hr.get(page_of(alice)).content.decode()
    client = as_role(role)
    chapter("Roads", *User.objects.filter(role=Role.HOST), department=roads)
    answer = client.get(page_of(alice))
    assert answer.status_code == 200
    page = answer.content.decode()
    for secret in (f"/departures/{departure.key}/", "canteen", "Dismissed", "dismissal", "Pay", "Correct", "Erase"):
        assert secret not in page
    assert client.get(page_of(alice, "erase/")).status_code == 403
    assert client.get(page_of(alice, "correct/")).status_code == 403


# The door explained


def test_the_door_is_explained_rule_by_rule_with_what_would_change_it(hr: Client) -> None:
    alice = leaver("Alice van Dam")
    said = sentences(hr.get(page_of(alice, "why/")).content)
    assert "Agreed to 'Personal notes' by e-mail on 14 September 2026." in said
    assert "This one decides." not in said
    said = sentences(hr.get(page_of(alice, "why/?purpose=events")).content)
    assert "Has not agreed to 'Gatherings' by e-mail. This one decides." in said
    assert "Only the person can change this, on the page where preferences are kept." in said
    said = sentences(hr.get(page_of(alice, "why/?purpose=personal&channel=phone")).content)
    assert "Has not agreed to 'Personal notes' by phone. This one decides." in said


@pytest.mark.parametrize("query", ["purpose=nonsense", "channel=pigeon", "purpose="])
def test_a_purpose_or_channel_that_is_not_ours_is_not_found(hr: Client, query: str) -> None:
    assert hr.get(page_of(leaver("Alice van Dam"), f"why/?{query}")).status_code == 404


# Typing in and correcting


def test_a_leaver_is_typed_in_and_the_departure_opens(hr: Client) -> None:
    response = hr.post(
        "/people/new/",
        stint(full_name="Zoë Peeters", called="Zo", language="nl", title="Planner", department="Cities", manager="M"),
        follow=True,
    )
    zoe = Person.objects.get()
    assert response.redirect_chain == [(page_of(zoe), 302)]
    assert "Zoë Peeters is on file." in sentences(response.content)
    assert (zoe.called, zoe.language, zoe.sort_name) == ("Zo", "nl", "peeters, zoe")
    row = zoe.stints.select_related("department").get()
    assert (row.source, row.title, str(row.department), row.ends_on) == (
        "typed",
        "Planner",
        "Cities",
        date(2026, 10, 1),
    )
    assert Departure.objects.get().person == zoe
    assert {event.by for event in Event.objects.filter(deed__startswith="people.")} == {_hanna()}


def _hanna() -> str:
    return f"user:{User.objects.get(role=Role.HR).pk}"


@pytest.mark.parametrize(
    ("changes", "at_fault"),
    [
        ({"full_name": ""}, "full_name"),
        ({"full_name": "x" * 301}, "full_name"),
        ({"full_name": "\x01\u2028"}, "full_name"),
        ({"full_name": "12 34"}, "full_name"),
        ({"title": "Planner\nBcc: x"}, "title"),
        ({"manager": "\x1b[8mM"}, "manager"),
        ({"department": "\u202eseitiC"}, "department"),
        ({"ends_on": "31-02-2026"}, "ends_on"),
        ({"starts_on": "2026-11-01"}, "ends_on"),
        ({"status": "gone"}, "status"),
        ({"language": "fr"}, "language"),
        ({"how_ended": "eloped"}, "how_ended"),
    ],
)
def test_a_wrong_answer_is_said_in_place_and_nobody_is_written_down(
    hr: Client, changes: dict[str, str], at_fault: str
) -> None:
    response = hr.post("/people/new/", stint(full_name="Zoë Peeters") | changes)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [at_fault]
    assert Person.objects.count() == Stint.objects.count() == 0


def test_a_number_that_is_taken_is_said_and_leaves_nobody_half_written(hr: Client) -> None:
    fields = stint(full_name="Zoë Peeters", employee_number="7", starts_on="2020-01-01")
    hr.post("/people/new/", fields)
    response = hr.post("/people/new/", fields | {"full_name": "Bob Stone"})
    assert response.status_code == 422
    assert "Another stint has this employee number and first day." in sentences(response.content)
    assert Person.objects.count() == 1


def test_a_name_is_corrected_with_a_trace(hr: Client) -> None:
    alice = person("Alice van Dam")
    form = hr.get(page_of(alice, "correct/")).context["form"]
    assert form.initial == {"full_name": "Alice van Dam", "called": "Alice", "language": "nl", "country": ""}
    response = hr.post(page_of(alice, "correct/"), {"full_name": "Alice Grün", "called": "", "language": "de"})
    assert response["Location"] == page_of(alice)
    alice.refresh_from_db()
    assert (alice.full_name, alice.called, alice.language, alice.sort_name) == (
        "Alice Grün",
        "Alice",
        "de",
        "grun, alice",
    )
    assert Event.objects.get(deed="people.corrected").details == {"fields": ["full_name", "language"]}


def test_a_corrected_last_day_moves_the_departure(hr: Client) -> None:
    alice = person("Alice van Dam", ends_on=TODAY - 300 * DAY, title="Planner")
    row = alice.stints.get()
    path = page_of(alice, f"stints/{row.pk}/")
    form = hr.get(path).context["form"]
    assert (form.initial["title"], form.initial["ends_on"]) == ("Planner", TODAY - 300 * DAY)
    assert Departure.objects.count() == 0
    assert hr.post(path, stint(title="Lead", place="Delft")).status_code == 302
    row.refresh_from_db()
    assert (row.title, str(row.place), row.ends_on) == ("Lead", "Delft", date(2026, 10, 1))
    assert Departure.objects.get().stint == row


def test_a_second_stint_is_added_and_the_head_line_speaks_of_the_latest(hr: Client) -> None:
    alice = person("Alice van Dam", title="Planner", ends_on=date(2020, 1, 1))
    hr.post(page_of(alice, "stints/new/"), stint(title="Lead", starts_on="2024-01-01"))
    response = hr.get(page_of(alice))
    assert response.context["stint"].title == "Lead"
    assert [row.title for row, _told in response.context["stints"]] == ["Lead", "Planner"]
    taken = stint(employee_number="7", starts_on="2024-01-01")
    assert hr.post(page_of(alice, "stints/new/"), taken).status_code == 302
    assert hr.post(page_of(alice, "stints/new/"), taken).status_code == 422


def test_a_wrong_address_is_removed_and_the_search_forgets_it(hr: Client) -> None:
    alice, bob = person("Alice van Dam"), person("Bob Stone")
    wrong = add_address(person=alice, address="alcie@home.example", kind="private", source="typed", now=NOW)
    page = sentences(hr.post(page_of(alice, f"addresses/{wrong.pk}/remove/"), follow=True).content)
    assert "it comes back with the next import." in page
    assert "No address is on file." in page
    alice.refresh_from_db()
    assert "alcie" not in alice.search_text
    assert Event.objects.get(deed="people.address_removed").details == {"kind": "private", "source": "typed"}
    # Nobody's address goes by way of somebody else's page.
    of_bob = add_address(person=bob, address="bob@home.example", kind="private", source="typed", now=NOW)
    assert hr.post(page_of(alice, f"addresses/{of_bob.pk}/remove/")).status_code == 404
    assert bob.addresses.exists()


@pytest.mark.parametrize("address", ["alice", "alice@home", "a b@home.example", "a@home.example\r\nBcc: b@x.example"])
def test_an_address_that_is_none_is_said(hr: Client, address: str) -> None:
    alice = person("Alice van Dam")
    response = hr.post(page_of(alice, "addresses/new/"), {"address": address, "kind": "private"})
    assert response.status_code == 422
    assert EmailAddress.objects.count() == 0


def test_an_address_is_added_with_the_day_it_was_given(hr: Client) -> None:
    alice = person("Alice van Dam")
    path = page_of(alice, "addresses/new/")
    hr.post(path, {"address": "Alice@Home.example", "kind": "private"})
    assert EmailAddress.objects.get().given_on is None
    event = Event.objects.get(deed="people.address_added")
    assert (event.by, event.details) == (_hanna(), {"kind": "private", "source": "typed"})
    hr.post(path, {"address": "alice@home.example", "kind": "private", "given_on": "2026-09-01"})
    row = EmailAddress.objects.get()
    assert (row.address, row.source, row.given_on, row.state) == (
        "alice@home.example",
        "typed",
        date(2026, 9, 1),
        "unverified",
    )


# Decisions about contact


@pytest.mark.parametrize("kind", [RequestKind.RESTRICTION, RequestKind.ERASURE])
def test_what_somebody_asked_for_is_not_lifted_beside_their_request(hr: Client, kind: RequestKind) -> None:
    alice = leaver("Alice van Dam")
    ask(person=alice, kind=kind, by="user:1", now=NOW)
    row = Restriction.objects.get()
    hr.post(page_of(alice, f"restrictions/{row.pk}/lift/"))
    row.refresh_from_db()
    assert row.lifted_at is None
    assert "/lift/" not in hr.get(page_of(alice)).content.decode()
    assert "it ends with their request" in sentences(hr.get(page_of(alice)).content)


def test_a_decision_is_written_down_for_the_door_and_lifted(hr: Client) -> None:
    alice = leaver("Alice van Dam")
    form = hr.get(page_of(alice, "restrictions/new/")).context["form"]
    reason = form.fields["reason"].choices[-1][0]
    sent = {"kind": "restriction", "reason": reason, "purpose": "", "ends_on": "2026-09-20"}
    assert hr.post(page_of(alice, "restrictions/new/"), sent)["Location"] == page_of(alice)
    assert "Personal notes later from 21 Sep 2026" in sentences(hr.get(page_of(alice)).content)
    assert sentences(as_role(Role.RECRUITER).get(page_of(alice)).content).count("Contact restricted") == 0
    row = Restriction.objects.get()
    assert (row.starts_on, row.ends_on, row.by) == (TODAY, date(2026, 9, 20), _hanna())
    bob = person("Bob Stone")
    assert hr.post(page_of(bob, f"restrictions/{row.pk}/lift/")).status_code == 404
    assert hr.get(page_of(alice, f"restrictions/{row.pk}/lift/")).status_code == 405
    assert hr.post(page_of(alice, f"restrictions/{row.pk}/lift/")).status_code == 302
    assert "Personal notes yes" in sentences(hr.get(page_of(alice)).content)


def test_a_decision_that_ends_before_today_is_refused(hr: Client) -> None:
    alice = leaver("Alice van Dam")
    form = hr.get(page_of(alice, "restrictions/new/")).context["form"]
    sent = {"kind": "exclusion", "reason": form.fields["reason"].choices[-1][0], "ends_on": "2026-09-13"}
    sent["review_on"] = "2027-01-01"
    assert hr.post(page_of(alice, "restrictions/new/"), sent).status_code == 422
    assert Restriction.objects.count() == 0


# Erasure


def test_nobody_is_erased_without_typing_the_name(hr: Client) -> None:
    alice = leaver("Alice van Dam")
    path = page_of(alice, "erase/")
    assert hr.get(path).status_code == 200
    for typed in ("", "Alice", "alice van dam", "Alice van Dam Jr"):
        response = hr.post(path, {"full_name": typed})
        assert response.status_code == 422
        assert Person.objects.count() == 1
    response = hr.post(path, {"full_name": " Alice van Dam "}, follow=True)
    assert response.redirect_chain == [(f"/people/erased/{alice.key}/", 302)]
    assert Person.objects.count() == 0
    assert "Erased. A later import will not bring this person back." in sentences(response.content)
    assert hr.get(page_of(alice)).status_code == 404
    assert Event.objects.get(deed="privacy.erased").by == _hanna()


def test_a_programme_with_fewer_purposes_asks_the_door_about_those(hr: Client) -> None:
    Programme.objects.update(purposes=["personal", "surveys"])
    alice = leaver("Alice van Dam")
    agree(alice, "events")
    agree(alice, "personal")
    response = hr.get(page_of(alice))
    assert [purpose for purpose, _told, _why in response.context["answers"]] == [Purpose.PERSONAL]
    assert response.context["not_agreed"] == [Purpose.SURVEYS]


# Calls and meetings


@pytest.mark.parametrize(
    ("what", "kind", "direction"),
    [("called", "call", "ours"), ("met", "meeting", "ours"), ("heard", "call", "theirs")],
)
def test_a_call_is_noted_and_stands_between_us(what: str, kind: str, direction: str) -> None:
    programme()
    alice = leaver("Alice van Dam")
    sent = {"what": what, "summary": "talked about\r\nher new garden", "intent": "give"}
    page = sentences(as_role(Role.RECRUITER).post(page_of(alice, "contact/"), sent, follow=True).content)
    touch = alice.touches.get(origin__startswith="desk:")
    assert (touch.kind, touch.direction, touch.purpose, touch.intent) == (kind, direction, "personal", "give")
    assert touch.summary == "talked about her new garden"
    assert "talked about her new garden" in page


def test_who_was_called_yesterday_is_not_written_to_today(hr: Client) -> None:
    alice = leaver("Alice van Dam")
    hr.post(page_of(alice, "contact/"), {"what": "called", "summary": "the garden"})
    with time_machine.travel(NOW + DAY, tick=False):
        decision = explain(person=alice, purpose=Purpose.PERSONAL, now=NOW + DAY)
    assert (decision.verdict, decision.rule) == ("later", "frequency")


@pytest.mark.parametrize("sent", [{"what": "called", "summary": " "}, {"what": "flew", "summary": "x"}, {}])
def test_a_note_that_says_nothing_is_shown_again(hr: Client, sent: dict[str, str]) -> None:
    alice = leaver("Alice van Dam")
    assert hr.post(page_of(alice, "contact/"), sent).status_code == 422
    assert not alice.touches.filter(origin__startswith="desk:").exists()


# Decisions about contact


def test_nothing_is_chosen_beforehand_as_the_reason_of_a_decision(hr: Client) -> None:
    alice = leaver("Alice van Dam")
    path = page_of(alice, "restrictions/new/")
    assert 'value="misconduct" selected' not in hr.get(path).content.decode()
    refused = hr.post(path, {"kind": "exclusion", "review_on": "2027-01-01"})
    assert refused.status_code == 422
    assert "Choose why." in sentences(refused.content)
    hr.post(path, {"kind": "test_group"})
    assert [(row.kind, row.reason) for row in Restriction.objects.all()] == [("test_group", "trying_out")]


def test_who_is_typed_in_brings_addresses_along(hr: Client) -> None:
    sent = stint(
        full_name="Zoë Peeters",
        business_email="Zoe@Employer.example",
        private_email="zoe@home.example",
        private_email_given_on="2026-09-01",
    )
    hr.post("/people/new/", sent)
    rows = EmailAddress.objects.order_by("kind").values_list("kind", "address", "given_on", "source")
    assert list(rows) == [
        ("business", "zoe@employer.example", None, "typed"),
        ("private", "zoe@home.example", date(2026, 9, 1), "typed"),
    ]
    refused = hr.post("/people/new/", sent | {"private_email": "zoe@home"})
    assert refused.status_code == 422
    assert Person.objects.count() == 1
