"""Somebody's own page: nobody comes in without the code, and what is asked there is done."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client, override_settings

from perennial.consent.queries import granted, preference_of
from perennial.kernel.links import path_to
from perennial.kernel.tokens import LinkPurpose, sign
from perennial.mail.models import Message
from perennial.mail.render import render
from perennial.mail.send import send_due
from perennial.people.actions import add_address
from perennial.people.models import Person
from perennial.privacy.models import DataCopy, Request, Visit
from perennial.privacy.rights.copies import forget_files, make_ordered
from perennial.privacy.rights.visits import KNOWN_FOR, TRIES, WRONG_A_DAY, forget_visits
from perennial.programme.enums import Stage
from perennial.web.models import Knock
from tests.cast import NOW, TODAY, person, programme
from tests.portal.leavers import confirmation_path, leaver, page_of, sentences
from tests.portal.test_preferences import alumna

pytestmark = pytest.mark.django_db
START, CODE, MINE = "/my-data/", "/my-data/code/", "/my-data/mine/"
KNOWN, UNKNOWN = "alice@home.example", "nobody@elsewhere.example"
LATER = timedelta(minutes=10)


@pytest.fixture(autouse=True)
def _at_nine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("perennial.web.pace.FLOOR_SECONDS", 0)
    with time_machine.travel(NOW, tick=False):
        yield


def settled_alumna(*purposes: str, **fields: Any) -> Person:
    """Alice, whose address was confirmed long enough ago for codes."""
    someone = alumna(*purposes, **fields)
    someone.addresses.filter(verified_at__isnull=False).update(verified_at=NOW - KNOWN_FOR)
    return someone


def link_of(someone: Person) -> str:
    row = preference_of(person=someone)
    return path_to(purpose=LinkPurpose.OWN, row=row.pk, random=row.link_random)


def mails() -> list[Message]:
    return list(Message.objects.filter(mailing__origin="privacy:code").order_by("pk"))


def code_in(message: Message) -> str:
    return re.search(r"^\d{6}$", render(message, reveal=True).text, re.MULTILINE)[0]  # type: ignore[index]


def come_in(client: Client, someone: Person) -> None:
    client.post(link_of(someone))
    assert client.post(CODE, {"code": code_in(mails()[-1])})["Location"] == MINE


def ask(client: Client, kind: str, **body: Any) -> Any:
    return client.post(f"{MINE}ask/{kind}/", body)


def test_the_link_alone_shows_nothing_and_the_code_opens_the_page(client: Client) -> None:
    someone = settled_alumna("newsletter")
    page = sentences(client.get(link_of(someone)).content)
    assert "a•••@h•••.example" in page
    assert "Alice" not in page
    assert KNOWN not in page
    assert client.get(MINE)["Location"] == START
    come_in(client, someone)
    page = sentences(client.get(MINE).content)
    assert "Alice van Dam" in page
    assert KNOWN in page
    assert "Employer &amp; Sons" in page


def test_a_link_for_something_else_or_altered_opens_nothing(client: Client) -> None:
    someone = settled_alumna("newsletter")
    row = preference_of(person=someone)
    foreign = sign(purpose=LinkPurpose.PREFERENCES, row=row.pk, random=row.link_random)
    assert client.get(f"/own/{foreign}/").status_code == 404
    assert client.post(f"/own/{foreign}/").status_code == 404
    assert not Visit.objects.exists()


def test_where_the_code_is_typed_speaks_as_the_page_before(client: Client) -> None:
    someone = settled_alumna("newsletter")
    Person.objects.update(language="nl")
    answer = client.post(link_of(someone), headers={"Accept-Language": "en"}, follow=True)
    assert '<html lang="nl"' in answer.content.decode()
    answer = client.post(f"{START}?lang=ru", {"address": UNKNOWN}, headers={"Accept-Language": "en"}, follow=True)
    assert '<html lang="ru"' in answer.content.decode()


@pytest.mark.parametrize("stage", [Stage.PREPARATION, Stage.LIVE])
def test_the_code_goes_at_every_stage_and_stands_in_no_row_and_in_no_outbox(client: Client, stage: Stage) -> None:
    someone = settled_alumna("newsletter")
    programme(stage)
    client.post(link_of(someone))
    [message] = mails()
    send_due(now=NOW, worker="w")
    message.refresh_from_db()
    assert (message.state, message.address) == ("kept", KNOWN)
    code = code_in(message)
    assert code not in str(message.mailing.contents)
    assert code not in render(message, reveal=False).text
    assert code not in str(list(Visit.objects.values()))


def test_an_address_that_nobody_has_gets_the_same_answer(client: Client) -> None:
    settled_alumna("newsletter")
    answers = []
    for typed in (KNOWN, UNKNOWN, "no address"):
        browser = Client()
        answer = browser.post(START, {"address": typed})
        page = browser.get(CODE)
        wrong = browser.post(CODE, {"code": "12"})
        answers.append(
            (
                answer.status_code,
                answer["Location"],
                sorted(answer.cookies),
                len(answer.cookies["own"].value),
                sentences(page.content),
                wrong.status_code,
                sentences(wrong.content),
            )
        )
    assert answers[0] == answers[1] == answers[2]
    assert len(mails()) == 1


def test_an_address_that_is_not_confirmed_or_no_longer_theirs_gets_no_code(client: Client) -> None:
    someone = settled_alumna("newsletter", ends_on=TODAY - timedelta(days=1))
    add_address(person=someone, address="typed@home.example", kind="private", source="leaver", now=NOW)
    add_address(person=someone, address="alice@employer.example", kind="business", source="hr", now=NOW)
    for typed in ("typed@home.example", "alice@employer.example"):
        client.post(START, {"address": typed})
    assert mails() == []


def test_the_business_address_serves_until_the_last_day(client: Client) -> None:
    someone = person("Bob Jansen", ends_on=TODAY)
    programme()
    add_address(person=someone, address="bob@employer.example", kind="business", source="hr", now=NOW)
    client.post(START, {"address": "Bob@Employer.example"})
    assert [message.address for message in mails()] == ["bob@employer.example"]


def test_of_two_who_share_a_mailbox_neither_is_shown_by_its_address(client: Client) -> None:
    settled_alumna("newsletter")
    other = person("Bob van Dam", ends_on=None)
    address = add_address(person=other, address=KNOWN, kind="private", source="hr", given_on=TODAY, now=NOW)
    type(address).objects.filter(pk=address.pk).update(state="verified", verified_at=NOW)
    client.post(START, {"address": KNOWN})
    assert mails() == []


@pytest.mark.parametrize("on_file", ["nothing", "business", "private"])
def test_a_leavers_link_in_other_hands_opens_no_record(client: Client, on_file: str) -> None:
    departure = leaver()
    someone = departure.person
    if on_file != "nothing":
        add_address(person=someone, address="alice@there.example", kind=on_file, source="hr", given_on=TODAY, now=NOW)
    client.post(page_of(departure), {"consent-events": "yes", "private_email": "mallory@elsewhere.example"})
    client.post(confirmation_path("mallory@elsewhere.example"))
    told = Message.objects.filter(mailing__origin="mail:new-address").values_list("address", flat=True)
    assert list(told) == ([] if on_file == "nothing" else ["alice@there.example"])
    client.post(START, {"address": "mallory@elsewhere.example"})
    assert [mail for mail in mails() if mail.address == "mallory@elsewhere.example"] == []
    with time_machine.travel(NOW + KNOWN_FOR, tick=False):
        client.post(START, {"address": "mallory@elsewhere.example"})
    assert [mail.address for mail in mails()] == ["mallory@elsewhere.example"]


def test_the_mailbox_of_somebody_who_left_hears_of_no_new_address(client: Client) -> None:
    departure = leaver()
    add_address(person=departure.person, address="alice@there.example", kind="business", source="hr", now=NOW)
    departure.person.stints.update(ends_on=TODAY - timedelta(days=1))
    client.post(page_of(departure), {"consent-events": "yes", "private_email": "alice@home.example"})
    client.post(confirmation_path("alice@home.example"))
    assert departure.person.addresses.get(address="alice@home.example").state == "verified"
    assert not Message.objects.filter(mailing__origin="mail:new-address").exists()


def test_a_code_opens_once_and_only_in_the_browser_that_asked(client: Client) -> None:
    someone = settled_alumna("newsletter")
    client.post(link_of(someone))
    code = code_in(mails()[0])
    other = Client()
    other.post(START, {"address": UNKNOWN})
    assert other.post(CODE, {"code": code}).status_code == 422
    assert Client().post(CODE, {"code": code}).status_code == 410
    assert client.post(CODE, {"code": code}).status_code == 302
    assert client.post(CODE, {"code": code}).status_code == 410


def test_whoever_presses_twice_stays_in(client: Client) -> None:
    someone = settled_alumna("newsletter")
    client.post(link_of(someone))
    before, code = client.cookies["own"].value, code_in(mails()[0])
    client.post(CODE, {"code": code})
    twice = Client()
    twice.cookies["own"] = before
    assert "own" not in twice.post(CODE, {"code": code}).cookies
    assert client.get(MINE).status_code == 200


def test_a_code_of_somebody_else_opens_nothing(client: Client) -> None:
    alice = settled_alumna("newsletter")
    bob = person("Bob Jansen", ends_on=TODAY)
    add_address(person=bob, address="bob@employer.example", kind="business", source="hr", now=NOW)
    other = Client()
    other.post(link_of(bob))
    client.post(link_of(alice))
    assert client.post(CODE, {"code": code_in(mails()[0])}).status_code == 422
    assert client.get(MINE).status_code == 302


def test_five_wrong_codes_end_it_and_the_right_one_comes_too_late(client: Client) -> None:
    client.post(link_of(settled_alumna("newsletter")))
    code = code_in(mails()[0])
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    assert [client.post(CODE, {"code": wrong}).status_code for _try in range(5)] == [422] * 5
    assert client.post(CODE, {"code": code}).status_code == 410


def test_a_code_holds_for_ten_minutes_and_the_page_for_twenty(client: Client) -> None:
    someone = settled_alumna("newsletter")
    client.post(link_of(someone))
    with time_machine.travel(NOW + LATER, tick=False):
        assert client.post(CODE, {"code": code_in(mails()[0])}).status_code == 410
    come_in(client, someone)
    with time_machine.travel(NOW + timedelta(minutes=19, seconds=59), tick=False):
        assert client.get(MINE).status_code == 200
    with time_machine.travel(NOW + timedelta(minutes=20), tick=False):
        assert client.get(MINE).status_code == 302
        assert ask(client, "restriction").status_code == 404
    assert not Request.objects.exists()


def test_the_cookie_of_before_the_code_opens_nothing(client: Client) -> None:
    client.post(link_of(settled_alumna("newsletter")))
    before = client.cookies["own"].value
    client.post(CODE, {"code": code_in(mails()[0])})
    thief = Client()
    thief.cookies["own"] = before
    assert thief.get(MINE).status_code == 302


def test_the_button_ends_it_for_whoever_kept_the_cookie(client: Client) -> None:
    come_in(client, settled_alumna("newsletter"))
    kept = client.cookies["own"].value
    client.post("/my-data/end/")
    thief = Client()
    thief.cookies["own"] = kept
    assert thief.get(MINE).status_code == 302


def test_a_mailbox_is_not_filled_with_codes(client: Client) -> None:
    someone = settled_alumna("newsletter")
    for _press in range(8):
        assert client.post(link_of(someone)).status_code == 302
    assert len(mails()) == 5
    for minutes, mailed in ((9, 5), (10, 6), (19, 6), (20, 7)):
        with time_machine.travel(NOW + timedelta(minutes=minutes), tick=False):
            for _press in range(4):
                client.post(link_of(someone))
            assert len(mails()) == mailed


def test_whoever_asks_with_a_link_passed_on_keeps_nobody_out(client: Client) -> None:
    """However often a stranger asks: the code that lies in the mailbox opens the browser of whoever asks too."""
    someone = settled_alumna("newsletter")
    stranger = Client()
    for hours in (0, 5, 10, 15):
        with time_machine.travel(NOW + timedelta(hours=hours), tick=False):
            for _press in range(12):
                stranger.post(link_of(someone))
            last = mails()[-1]
            for start, body in ((link_of(someone), {}), (START, {"address": KNOWN})):
                own = Client()
                own.post(start, body)
                assert own.post(CODE, {"code": code_in(last)})["Location"] == MINE
                assert "Alice van Dam" in sentences(own.get(MINE).content)
            assert stranger.get(MINE).status_code == 302


def test_after_so_many_wrong_codes_a_day_none_is_heard(client: Client) -> None:
    someone = settled_alumna("newsletter")
    browsers = [Client() for _browser in range(WRONG_A_DAY // TRIES)]
    late = Client()
    for browser in (*browsers, late):
        browser.post(link_of(someone))
    code = code_in(mails()[-1])
    wrong = "000000" if code != "000000" else "111111"
    for browser in browsers:
        Knock.objects.all().delete()
        for _try in range(TRIES):
            browser.post(CODE, {"code": wrong})
    late.post(CODE, {"code": code})
    assert late.get(MINE).status_code == 302
    with time_machine.travel(NOW + timedelta(days=1, seconds=1), tick=False):
        come_in(client, someone)
        assert client.get(MINE).status_code == 200


def test_forms_need_their_token_and_the_cookie_is_for_this_host_alone() -> None:
    someone = settled_alumna("newsletter")
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(link_of(someone)).status_code == 403
    assert strict.post(f"{MINE}ask/erasure/").status_code == 403
    with override_settings(SESSION_COOKIE_SECURE=True):
        answer = Client().post(START, {"address": KNOWN}, secure=True)
        held = answer.cookies["__Host-own"]
        assert (held["secure"], held["httponly"], held["samesite"], held["path"], held["domain"]) == (
            True,
            True,
            "Strict",
            "/",
            "",
        )


def test_a_copy_is_asked_for_made_and_fetched_by_the_person_alone(client: Client) -> None:
    someone = settled_alumna("newsletter")
    come_in(client, someone)
    ask(client, "copy")
    row = Request.objects.get()
    assert (row.state, row.kind) == ("done", "copy")
    assert "Download" in sentences(client.get(MINE).content)
    fetched = client.post(f"{MINE}file/{row.key}/")
    assert fetched["Content-Disposition"] == 'attachment; filename="data-copy.zip"'
    assert "no-store" in fetched["Cache-Control"]
    with zipfile.ZipFile(io.BytesIO(fetched.content)) as archive:
        assert {"data.json", "index.html", "resume.json"} <= set(archive.namelist())
        told = json.loads(archive.read("data.json"))
    assert told["complete"] is True
    assert told["held"]["people.person"][0]["full_name"] == "Alice van Dam"
    assert client.get(f"{MINE}file/{row.key}/").status_code == 405
    bob = person("Bob Jansen", ends_on=TODAY)
    add_address(person=bob, address="bob@employer.example", kind="business", source="hr", now=NOW)
    other = Client()
    come_in(other, bob)
    assert other.post(f"{MINE}file/{row.key}/").status_code == 404
    assert other.post(f"{MINE}take-back/{row.key}/").status_code == 404
    assert Client().post(f"{MINE}file/{row.key}/").status_code == 404
    assert forget_files(now=NOW + timedelta(days=7) - timedelta(seconds=1)) == 0
    assert forget_files(now=NOW + timedelta(days=7)) == 1


def test_keys_that_are_none_lead_nowhere(client: Client) -> None:
    come_in(client, settled_alumna("newsletter"))
    for key in ("a%00b", "%F0%9F%8C%B1", "0" * 300):
        assert client.post(f"/my-data/mine/file/{key}/").status_code == 404


def test_whose_mailbox_died_meanwhile_is_sent_the_copy_on_paper(client: Client) -> None:
    someone = settled_alumna("newsletter")
    come_in(client, someone)
    someone.addresses.update(state="dead")
    assert ask(client, "copy")["Location"].endswith("said=asked#asked")
    assert Request.objects.get().state == "open"


def test_a_large_copy_is_made_by_the_tick_and_not_while_one_waits(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    someone = settled_alumna("newsletter")
    come_in(client, someone)
    monkeypatch.setattr("perennial.privacy.rights.copies.LITTLE", 0)
    ask(client, "copy")
    assert Request.objects.get().state == "open"
    assert "Download" not in sentences(client.get(MINE).content)
    assert make_ordered(now=NOW) == 1
    assert make_ordered(now=NOW) == 0
    assert "Download" in sentences(client.get(MINE).content)


def test_a_file_for_another_service_holds_what_the_person_told(client: Client) -> None:
    come_in(client, settled_alumna("newsletter"))
    ask(client, "portability")
    fetched = client.post(f"{MINE}file/{Request.objects.get().key}/")
    assert fetched["Content-Type"] == "application/json"
    assert json.loads(fetched.content)["basics"]["name"] == "Alice van Dam"


def test_the_file_stands_encrypted_and_goes_with_the_person(client: Client) -> None:
    someone = settled_alumna("newsletter")
    come_in(client, someone)
    ask(client, "portability")
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM privacy_datacopy")
        assert cursor.fetchone()[0].startswith("gAAAA")
    someone.delete()
    assert not DataCopy.objects.exists()
    assert client.get(MINE).status_code == 302


def test_what_is_asked_holds_at_once_and_is_taken_back(client: Client) -> None:
    someone = settled_alumna("newsletter")
    come_in(client, someone)
    assert client.get(f"{MINE}ask/restriction/").status_code == 200
    assert not Request.objects.exists()
    ask(client, "no_marketing")
    assert granted(person=someone) == set()
    ask(client, "restriction")
    someone.refresh_from_db()
    assert someone.stored_only_since == NOW
    page = sentences(client.get(MINE).content)
    assert "stored and nothing else" in page
    client.post(f"{MINE}lift/{Request.objects.get(kind='restriction').key}/")
    someone.refresh_from_db()
    assert someone.stored_only_since is None
    ask(client, "erasure")
    row = Request.objects.get(kind="erasure")
    assert row.state == "open"
    client.post(f"{MINE}take-back/{row.key}/")
    row.refresh_from_db()
    assert row.state == "taken_back"


def test_a_correction_says_what_and_two_presses_make_one(client: Client) -> None:
    come_in(client, settled_alumna("newsletter"))
    assert ask(client, "correction", field="work", words=" ").status_code == 422
    assert ask(client, "correction", field="work", words="I left in May.")["Location"].startswith(f"{MINE}?said=asked")
    assert "already" in ask(client, "correction", field="work", words="I left in May.")["Location"]
    assert Request.objects.count() == 1
    assert ask(client, "unknown").status_code == 404


def test_visits_and_codes_are_forgotten(client: Client) -> None:
    client.post(link_of(settled_alumna("newsletter")))
    assert forget_visits(now=NOW) == 0
    assert len(mails()) == 1
    assert forget_visits(now=NOW + LATER) == 0
    assert mails() == []
    assert forget_visits(now=NOW + timedelta(days=1)) == 1


@pytest.mark.parametrize("language", ["en", "nl", "de", "ru"])
def test_every_page_is_in_the_persons_language_without_script(client: Client, language: str) -> None:
    someone = settled_alumna("newsletter", language=language)
    come_in(client, someone)
    for path in (link_of(someone), MINE, *(f"{MINE}ask/{kind}/" for kind in ("copy", "correction", "erasure"))):
        answer = client.get(path)
        assert (answer.status_code, answer["Content-Language"]) == (200, language)
    assert ("Your own page" in sentences(client.get(MINE).content)) == (language == "en")
