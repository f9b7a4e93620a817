"""The desk's pages on what people ask about their data."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from perennial.accounts.models import User
from perennial.accounts.roles import Role
from perennial.audit.models import Event
from perennial.mail.models import Message
from perennial.people.models import Person
from perennial.privacy.models import Request
from perennial.privacy.rights.actions import ask, tell_of_lifting
from perennial.privacy.rights.copies import make_ordered
from perennial.privacy.rights.enums import Field, RequestKind
from tests.cast import NOW, TODAY, colleague, person, programme
from tests.portal.leavers import sentences
from tests.portal.test_preferences import alumna

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def hanna(client: Client) -> Client:
    programme()
    client.force_login(User.objects.filter(role=Role.HR).first() or colleague(Role.HR))
    return client


def asked(someone: Person, kind: RequestKind, **more: Any) -> Request:
    return ask(person=someone, kind=kind, by=f"person:{someone.key}", now=NOW, **more)


@pytest.mark.parametrize("view", ["open", "answered"])
@pytest.mark.parametrize("many", [1, 3])
def test_the_list_takes_the_same_queries_for_one_and_for_three(hanna: Client, view: str, many: int) -> None:
    kind = RequestKind.COPY if view == "open" else RequestKind.NO_MARKETING
    for number in range(many):
        asked(person(f"Alice {number}"), kind)
    hanna.get("/requests/")
    with CaptureQueriesContext(connection) as queries:
        page = sentences(hanna.get(f"/requests/?view={view}").content)
    assert page.count("Alice") == many
    assert len(queries) == 8


def test_the_earliest_due_stands_first_and_what_is_late_says_so(hanna: Client) -> None:
    asked(person("Bob Second"), RequestKind.COPY)
    asked(person("Alice First"), RequestKind.COPY, received_on=TODAY - 40 * DAY)
    page = sentences(hanna.get("/requests/").content)
    assert page.index("Alice First") < page.index("Bob Second")
    assert page.count("Late") == 1


def test_today_shows_what_is_due_within_a_fortnight_to_those_who_answer(hanna: Client) -> None:
    asked(person("Alice Due"), RequestKind.COPY, received_on=TODAY - 20 * DAY)
    asked(person("Bob Fresh"), RequestKind.COPY)
    asked(person("Carol Late"), RequestKind.ERASURE, received_on=TODAY - 60 * DAY)
    content = hanna.get("/").content
    page = sentences(content)
    assert page.index("Carol Late") < page.index("Alice Due")
    assert "Bob Fresh" not in page
    assert b"is-late" in content
    other = Client()
    other.force_login(colleague(Role.RECRUITER))
    assert "Alice Due" not in sentences(other.get("/").content)


def test_today_asks_the_same_of_one_and_of_three(hanna: Client) -> None:
    counts = []
    for number in range(3):
        asked(person(f"Alice {number}"), RequestKind.COPY, received_on=TODAY - 20 * DAY)
        hanna.get("/")
        with CaptureQueriesContext(connection) as queries:
            hanna.get("/")
        counts.append(len(queries))
    assert counts[0] == counts[2]


def test_a_letter_is_noted_with_how_it_was_made_sure_who_asks(hanna: Client) -> None:
    someone = person("Alice van Dam", private="alice@home.example")
    body = {
        "kind": "correction",
        "field": "work",
        "words": "I left in May.",
        "came_by": "letter",
        "checked_by": "known",
        "received_on": "2026-09-10",
    }
    path = f"/people/{someone.key}/requests/new/"
    for broken in ({"words": ""}, {"field": ""}, {"checked_by": ""}, {"received_on": "2026-09-15"}):
        assert hanna.post(path, body | broken).status_code == 422
    assert not Request.objects.exists()
    answer = hanna.post(path, body)
    row = Request.objects.get()
    assert answer["Location"] == f"/requests/{row.key}/"
    assert (row.came_by, row.checked_by, row.due_on) == ("letter", "known", date(2026, 10, 12))
    assert "I left in May." in sentences(hanna.get(answer["Location"]).content)
    assert hanna.post(path, body).status_code == 422


def test_the_day_of_lifting_is_the_one_in_the_letter(hanna: Client) -> None:
    row = asked(alumna("newsletter"), RequestKind.RESTRICTION)
    # The 15th already where the programme lives.
    late = datetime(2026, 9, 14, 23, 30, tzinfo=UTC)
    tell_of_lifting(request=row, reason="It is settled.", by="user:1", now=late)
    assert "22 September 2026" in Message.objects.order_by("-pk")[0].mailing.contents["en"]["body"]
    assert "22 September 2026" in sentences(hanna.get(f"/requests/{row.key}/").content)


def test_a_refusal_without_a_reason_is_not_taken(hanna: Client) -> None:
    row = asked(alumna("newsletter"), RequestKind.OBJECTION, words="My mother.")
    assert hanna.post(f"/requests/{row.key}/refuse/", {"reason": " "}).status_code == 422
    hanna.post(f"/requests/{row.key}/refuse/", {"reason": "A court case is pending."})
    row.refresh_from_db()
    assert (row.state, row.answer) == ("refused", "A court case is pending.")
    assert hanna.post(f"/requests/{row.key}/carry-out/").status_code == 302
    row.refresh_from_db()
    assert row.state == "refused"


def test_more_time_is_taken_on_the_page(hanna: Client) -> None:
    row = asked(alumna("newsletter"), RequestKind.COPY)
    assert "Take more time" in sentences(hanna.get(f"/requests/{row.key}/").content)
    hanna.post(f"/requests/{row.key}/extend/", {"reason": "Three archives."})
    row.refresh_from_db()
    assert row.due_on == date(2026, 12, 14)
    page = sentences(hanna.get(f"/requests/{row.key}/").content)
    assert "Take more time" not in page
    assert "Three archives." in page


def test_an_erasure_is_carried_out_after_the_name_and_says_what_stays(hanna: Client) -> None:
    someone = alumna("newsletter")
    row = asked(someone, RequestKind.ERASURE)
    page = sentences(hanna.get(f"/requests/{row.key}/").content)
    assert "Entries of the consent ledger" in page
    assert hanna.post(f"/requests/{row.key}/carry-out/", {"name": "Somebody"}).status_code == 422
    assert Person.objects.filter(pk=someone.pk).exists()
    [field] = hanna.get(f"/people/{someone.key}/erase/").context["form"].fields
    hanna.post(f"/requests/{row.key}/carry-out/", {field: someone.full_name})
    assert not Person.objects.filter(pk=someone.pk).exists()
    page = sentences(hanna.get(f"/requests/{row.key}/").content)
    assert "nothing says who it was" in page
    assert "Alice" not in page
    assert "Erased" in sentences(hanna.get("/requests/?view=answered").content)
    assert Message.objects.get().mailing.origin == "privacy:last-word"


def test_a_record_that_is_stored_only_opens_for_those_who_answer_and_for_nobody_else(hanna: Client) -> None:
    someone = alumna("newsletter")
    row = asked(someone, RequestKind.RESTRICTION)
    assert "Stored and nothing else" in sentences(hanna.get(f"/people/{someone.key}/").content)
    assert "Alice" not in sentences(hanna.get("/people/").content)
    other = Client()
    other.force_login(colleague(Role.RECRUITER))
    assert other.get(f"/people/{someone.key}/").status_code == 404
    hanna.post(f"/requests/{row.key}/lift/")
    someone.refresh_from_db()
    assert someone.stored_only_since is not None
    hanna.post(f"/requests/{row.key}/tell/", {"reason": "It is put right."})
    with time_machine.travel(NOW + 7 * DAY, tick=False):
        hanna.force_login(User.objects.get(role=Role.HR))
        assert "It can be lifted" in sentences(hanna.get(f"/requests/{row.key}/").content)
        hanna.post(f"/requests/{row.key}/lift/")
    someone.refresh_from_db()
    assert someone.stored_only_since is None


def test_the_trail_holds_codes_and_no_words(hanna: Client) -> None:
    someone = alumna("newsletter")
    row = asked(someone, RequestKind.CORRECTION, field=Field.WORK, words="Planted words")
    hanna.post(f"/requests/{row.key}/carry-out/", {"answer": "Planted answer", "recipients_told": "Planted payroll"})
    hanna.post(f"/requests/{asked(someone, RequestKind.COPY).key}/extend/", {"reason": "Planted reason"})
    trail = str(list(Event.objects.values_list("deed", "details")))
    assert "privacy.answered" in trail
    assert "Planted" not in trail


def test_a_copy_is_made_by_itself_and_goes_on_paper_to_whom_no_mail_reaches(hanna: Client) -> None:
    by_itself = asked(alumna("newsletter"), RequestKind.COPY)
    assert "made by itself" in sentences(hanna.get(f"/requests/{by_itself.key}/").content)
    hanna.post(f"/requests/{by_itself.key}/carry-out/")
    by_itself.refresh_from_db()
    assert by_itself.state == "open"
    on_paper = asked(person("Bob Jansen"), RequestKind.COPY)
    assert make_ordered(now=NOW) == 1
    on_paper.refresh_from_db()
    by_itself.refresh_from_db()
    assert (by_itself.state, on_paper.state) == ("done", "open")
    assert "send it on paper" in sentences(hanna.get(f"/requests/{on_paper.key}/").content)
    hanna.post(f"/requests/{on_paper.key}/carry-out/")
    on_paper.refresh_from_db()
    assert on_paper.state == "done"
