"""What is due by policy, holds, and runs that delete it in batches."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from perennial.accounts.models import User
from perennial.audit.models import Event
from perennial.consent.actions import change_preferences
from perennial.consent.models import ConsentState, LedgerEntry
from perennial.consent.queries import granted, preference_of
from perennial.consent.replay import differences
from perennial.contact.actions import record_touch
from perennial.contact.enums import Direction, TouchKind
from perennial.contact.models import Touch
from perennial.departures.enums import DepartureState
from perennial.departures.exit.questionnaire import ship
from perennial.departures.models import Answer, AnswerTheme, ConversationNote, Departure, ExitAnswers, Theme
from perennial.kernel.purposes import Purpose
from perennial.kernel.terms import Term, Unit
from perennial.mail.models import Message
from perennial.mail.render import preferences_path
from perennial.operate.tick import tick
from perennial.people.actions import verify_address
from perennial.people.models import EmailAddress, Person, Stint
from perennial.privacy import retention
from perennial.privacy.announcing import how_many, keep_to_policy, let_go_by_itself
from perennial.privacy.asking import ask_again
from perennial.privacy.models import Hold, Request, RetentionRun, RunState
from perennial.privacy.retention import (
    STILL_WANTED,
    HoldUnfitError,
    RunningAlreadyError,
    begin,
    cancel,
    dry_run,
    due,
    go_on,
    hold,
    lapsed_holds,
    lift,
)
from perennial.privacy.rights.actions import ask, refuse
from perennial.privacy.rights.enums import RequestKind
from perennial.programme.enums import DataKind
from perennial.programme.keeping import set_term
from tests.cast import NOW, TODAY, colleague, exclude, person, programme

pytestmark = pytest.mark.django_db

# Thirty months before NOW, on the day itself: due; a day later is not.
LAST_DAY_DUE = date(2024, 3, 14)
LONG_AGO = datetime(2022, 1, 1, tzinfo=NOW.tzinfo)


@pytest.fixture(autouse=True)
def _set_up() -> None:
    programme()


def gone(
    name: str = "Alice van Dam", *, ends_on: date | None = LAST_DAY_DUE, country: str = "", **stint: Any
) -> Person:
    someone = person(name, ends_on=ends_on, **stint)
    Person.objects.filter(pk=someone.pk).update(created_at=LONG_AGO, country=country)
    return someone


def touch(someone: Person, at: datetime, direction: Direction = Direction.THEIRS) -> None:
    record_touch(
        person=someone, at=at, direction=direction, kind=TouchKind.CALL, purpose=Purpose.PERSONAL, origin=f"t:{at}"
    )


def agree(someone: Person, since: datetime, *, granted: bool = True) -> None:
    fields = {"purpose": "personal", "channel": "email"}
    entry = LedgerEntry.objects.create(
        person_key=someone.key, act="withdrawn", means="preferences", at=since, by="test", **fields
    )
    ConsentState.objects.create(person=someone, granted=granted, since=since, entry=entry, **fields)


def kept_by_a_law(someone: Person) -> None:
    hold(
        person=someone,
        reason="law",
        sentence="A law.",
        ends_on=date(2027, 1, 1),
        owner=User.objects.get(),
        by="user:1",
        now=NOW,
    )


def names(kind: DataKind = DataKind.INACTIVE, *, now: datetime = NOW) -> list[str]:
    return sorted(due(kind=kind, now=now).values_list("full_name", flat=True))


def test_who_left_thirty_months_ago_to_the_day_and_gave_no_sign_is_due() -> None:
    gone("Due")
    gone("A day short", ends_on=LAST_DAY_DUE + timedelta(days=1))
    assert names() == ["Due"]
    assert names(now=NOW + timedelta(days=1)) == ["A day short", "Due"]


def test_whoever_works_here_or_may_is_never_due() -> None:
    gone("Works here", ends_on=None, status="active")
    gone("Nobody knows", ends_on=None)
    returned = gone("Returned")
    Stint.objects.create(person=returned, source="t", status="active", created_at=NOW, updated_at=NOW)
    gone("Left, nobody knows when", ends_on=None, status="left")
    assert names() == ["Left, nobody knows when"]


def test_a_sign_of_their_own_counts_and_one_of_ours_does_not() -> None:
    wrote, written_to, long_ago = gone("Wrote"), gone("Was written to"), gone("Wrote long ago")
    touch(wrote, NOW - timedelta(days=300))
    touch(written_to, NOW - timedelta(days=300), Direction.OURS)
    touch(long_ago, LONG_AGO)
    assert names() == ["Was written to", "Wrote long ago"]


def test_who_came_on_file_lately_is_not_due_however_long_ago_they_left() -> None:
    person("Just imported", ends_on=date(2010, 1, 1))
    assert names() == []


def test_who_agreed_to_something_is_asked_and_not_deleted() -> None:
    agree(gone("Agreed"), LONG_AGO)
    agree(gone("Withdrew long ago"), LONG_AGO, granted=False)
    agree(gone("Withdrew lately"), NOW - timedelta(days=30), granted=False)
    assert names() == ["Withdrew long ago"]
    assert names(DataKind.INACTIVE_ASKED) == ["Agreed"]


def test_who_asked_us_only_to_store_is_not_deleted() -> None:
    someone = gone("Stored only")
    Person.objects.filter(pk=someone.pk).update(stored_only_since=LONG_AGO)
    assert names() == []


def test_who_asked_for_something_is_answered_before_they_are_deleted() -> None:
    someone = gone("Asked")
    request = ask(person=someone, kind=RequestKind.OBJECTION, words="Please stop.", by="user:1", now=NOW)
    assert names() == []
    refuse(request=request, reason="There is nothing to stop.", by="user:1", now=NOW)
    # That they asked was a sign of theirs.
    assert names() == []
    Request.objects.update(asked_at=LONG_AGO)
    assert names() == ["Asked"]


def test_each_country_has_its_own_term() -> None:
    for name, country in (("Of NL", "NL"), ("Of DE", "DE"), ("Of AT", "AT")):
        gone(name, country=country)
    months = {"why": "Agreed.", "starts_on": TODAY, "by": "user:1", "now": NOW, "kind": "inactive"}
    set_term(country="DE", term=Term(31, Unit.MONTHS), **months)
    assert names() == ["Of AT", "Of NL"]
    set_term(country="EU", term=Term(32, Unit.MONTHS), **months)
    assert names() == []
    assert names(now=datetime(2026, 10, 14, 12, tzinfo=NOW.tzinfo)) == ["Of DE"]
    counted = {each.kind: each.by_country for each in dry_run(now=datetime(2026, 11, 14, 12, tzinfo=NOW.tzinfo))}
    assert counted[DataKind.INACTIVE] == {"AT": 1, "DE": 1, "NL": 1}


def test_the_dry_run_asks_as_much_for_three_people_as_for_one() -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            dry_run(now=NOW)
        return len(asked)

    gone("One")
    one = queries()
    gone("Two")
    gone("Three")
    found = dry_run(now=NOW)[0]
    assert (found.count, [name for _key, name in found.names]) == (3, ["One", "Two", "Three"])
    assert queries() == one


# --- holds


def test_a_hold_leaves_somebody_alone_until_its_day() -> None:
    someone, owner = gone("Held"), colleague(email="o@employer.example")
    row = hold(
        person=someone,
        reason="dispute",
        sentence="A claim.",
        ends_on=date(2026, 12, 1),
        owner=owner,
        by="user:1",
        now=NOW,
    )
    assert names() == []
    assert names(now=datetime(2026, 12, 1, 12, tzinfo=NOW.tzinfo)) == []
    assert names(now=datetime(2026, 12, 2, 12, tzinfo=NOW.tzinfo)) == ["Held"]
    assert Event.objects.get(deed="privacy.held").details == {"reason": "dispute", "ends_on": "2026-12-01"}
    assert lift(held=row, by="user:1", now=NOW)
    assert not lift(held=row, by="user:1", now=NOW)
    assert names() == ["Held"]


@pytest.mark.parametrize(
    "changes",
    [{"reason": "mood"}, {"sentence": " "}, {"sentence": "x" * 301}, {"ends_on": TODAY}, {"ends_on": date(2031, 1, 1)}],
)
def test_a_hold_without_reason_sentence_or_end_is_refused(changes: dict[str, Any]) -> None:
    asked = {"reason": "law", "sentence": "A law.", "ends_on": date(2027, 1, 1), **changes}
    with pytest.raises(HoldUnfitError):
        hold(person=gone(), owner=User.objects.get(), by="user:1", now=NOW, **asked)
    assert not Hold.objects.exists()


# --- runs


def test_a_run_deletes_what_is_due_and_leaves_a_record_that_names_nobody() -> None:
    gone("Planted Name", country="DE")
    stays = gone("Stays", ends_on=TODAY)
    run = begin(by="user:1", now=NOW)
    assert (run.state, run.due["inactive"], run.rules["inactive"]) == ("running", {"DE": 1}, {"DE": "30 months"})
    assert Person.objects.count() == 2
    assert go_on(now=NOW) == 1
    assert go_on(now=NOW) == 0
    run.refresh_from_db()
    assert (run.state, run.gone, run.ended_at) == (RunState.DONE, {"inactive": 1, "exit_texts": 0}, NOW)
    assert Person.objects.get() == stays
    told = [str(row) for row in RetentionRun.objects.values()] + [str(row) for row in Event.objects.values()]
    assert not [row for row in told if "Planted" in row]


def test_nothing_goes_before_somebody_began_a_run() -> None:
    gone()
    assert go_on(now=NOW) == 0
    assert Person.objects.exists()


def test_a_run_goes_in_batches_is_stopped_and_gone_on_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for number in range(5):
        gone(f"Person {number}")
    begin(by="user:1", now=NOW)
    with pytest.raises(RunningAlreadyError):
        begin(by="user:1", now=NOW)
    assert go_on(now=NOW) == 2
    assert cancel(by="user:1", now=NOW)
    assert not cancel(by="user:1", now=NOW)
    assert go_on(now=NOW) == 0
    assert Person.objects.count() == 3
    assert RetentionRun.objects.get().gone["inactive"] == 2
    begin(by="user:1", now=NOW)
    assert [go_on(now=NOW) for _ in range(3)] == [2, 1, 0]
    assert not Person.objects.exists()


def test_who_gives_a_sign_or_is_held_while_it_runs_stays() -> None:
    called, held = gone("Calls"), gone("Is held")
    begin(by="user:1", now=NOW)
    touch(called, NOW)
    kept_by_a_law(held)
    assert go_on(now=NOW) == 0
    assert Person.objects.count() == 2


def test_somebody_deleted_does_not_come_back_by_the_next_list() -> None:
    from perennial.contact.models import Suppression

    gone(private="alice@home.example")
    begin(by="user:1", now=NOW)
    go_on(now=NOW)
    assert Suppression.objects.filter(scope="erased").exists()
    with pytest.raises(ObjectDoesNotExist):
        Person.objects.get()


# --- the page


@pytest.fixture
def carla(client: Client) -> Iterator[Client]:
    with time_machine.travel(NOW, tick=False):
        client.force_login(colleague(email="carla.retention@employer.example"))
        yield client


def test_the_page_counts_when_asked_begins_stops_and_holds(carla: Client) -> None:
    page = "/programme/retention/"
    someone = gone("Petra Due", private="petra@home.example")
    assert "Petra Due" not in carla.get(page).content.decode()
    assert "Petra Due" in carla.get(page + "?count=1").content.decode()
    sent = {"person": "nobody@home.example", "reason": "law", "sentence": "A law.", "ends_on": "2027-01-01"}
    assert carla.post(page, sent).status_code == 422
    assert carla.post(page, sent | {"person": someone.key, "ends_on": "2026-01-01"}).status_code == 422
    assert carla.post(page, sent | {"person": "petra@home.example"}).status_code == 302
    row = Hold.objects.get()
    assert (row.person, row.owner and row.owner.email) == (someone, "carla.retention@employer.example")
    assert "A law." in carla.get(page).content.decode()
    for asked in ("", "x", "9" * 30, str(row.pk)):
        assert carla.post(page + "lift/", {"hold": asked}).status_code == 302
    row.refresh_from_db()
    assert row.lifted_at == NOW
    carla.post(page + "begin/")
    carla.post(page + "begin/")
    assert "Stop the run" in carla.get(page).content.decode()
    carla.post(page + "stop/")
    assert [each["state"] for each in carla.get(page + "records/").json()["runs"]] == ["cancelled"]


# --- what leavers wrote


def answered(someone: Person, submitted_at: datetime, text: str = "Planted words") -> ExitAnswers:
    departure = Departure.objects.create(
        person=someone, stint=someone.stints.get(), state=DepartureState.OPEN, opened_at=submitted_at
    )
    version = ship(now=NOW)
    answers = ExitAnswers.objects.create(
        departure=departure, questionnaire=version, language="nl", started_at=submitted_at, submitted_at=submitted_at
    )
    Answer.objects.create(answers=answers, question=version.questions.get(code="improve"), text=text)
    Answer.objects.create(answers=answers, question=version.questions.get(code="recommend"), number=9)
    ConversationNote.objects.create(departure=departure, question="improve", text=text, by="user:2", at=submitted_at)
    theme = Theme.objects.create(name=f"Canteen {someone.pk}", made_by="user:2", made_at=NOW)
    AnswerTheme.objects.create(answers=answers, theme=theme, by="user:2")
    return answers


def test_after_a_year_the_words_go_and_numbers_and_themes_stay() -> None:
    old = answered(gone("Old", ends_on=TODAY), datetime(2025, 9, 14, 9, 0, tzinfo=NOW.tzinfo))
    young = answered(gone("Young", ends_on=TODAY), datetime(2025, 9, 15, 9, 0, tzinfo=NOW.tzinfo))
    held = answered(gone("Held", ends_on=TODAY), datetime(2025, 1, 1, 9, 0, tzinfo=NOW.tzinfo))
    kept_by_a_law(held.departure.person)
    texts = {each.kind: each.by_country for each in dry_run(now=NOW)}[DataKind.EXIT_TEXTS]
    # The answer, and what was noted of the talk.
    assert texts == {"NL": 2}
    begin(by="user:1", now=NOW)
    assert [go_on(now=NOW), go_on(now=NOW)] == [2, 0]
    said = {answers.pk: sorted(answers.given.values_list("text", "number"), key=str) for answers in (old, young, held)}
    assert said[old.pk] == [("", 9), ("", None)]
    assert said[young.pk] == said[held.pk] == [("", 9), ("Planted words", None)]
    assert set(ConversationNote.objects.values_list("departure", flat=True)) == {young.departure_id, held.departure_id}
    assert old.themes.count() == 1
    assert RetentionRun.objects.get().gone == {"inactive": 0, "exit_texts": 2}


def test_a_note_goes_by_its_own_day_with_or_without_an_answer_beside_it() -> None:
    old = answered(gone("Old", ends_on=TODAY), datetime(2025, 9, 14, 9, 0, tzinfo=NOW.tzinfo))
    note = ConversationNote.objects.get()
    Answer.objects.all().delete()
    late = ConversationNote.objects.create(
        departure=old.departure, question="recommend", text="Lately", by="user:2", at=NOW - timedelta(days=7)
    )
    begin(by="user:1", now=NOW)
    assert go_on(now=NOW) == 1
    assert [each.pk for each in ConversationNote.objects.all()] == [late.pk]
    assert note.pk != late.pk


def test_somebody_who_cannot_be_deleted_keeps_nobody_else(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stuck = gone("Stuck")
    gone("Due")
    erases = retention.erase

    def erase(*, person: Person, **more: Any) -> None:
        if person.pk == stuck.pk:
            raise RuntimeError("a trigger of somebody else's")
        erases(person=person, **more)

    monkeypatch.setattr(retention, "erase", erase)
    begin(by="user:1", now=NOW)
    assert [go_on(now=NOW), go_on(now=NOW)] == [1, 0]
    assert names() == ["Stuck"]
    assert RetentionRun.objects.get().state == RunState.DONE
    assert "could not be deleted" in caplog.text


# --- by itself

WEEK = timedelta(days=7)


def tick_on(days: int) -> RetentionRun:
    """The clock's turn so many days from NOW, and the latest run."""
    keep_to_policy(now=NOW + timedelta(days=days))
    return RetentionRun.objects.order_by("pk").last() or RetentionRun()


def test_as_long_as_nobody_agreed_it_is_counted_each_week_and_nothing_goes() -> None:
    gone("Due", country="DE")
    gone("Due in a week", ends_on=LAST_DAY_DUE + WEEK)
    assert [(run.state, run.begins_on, run.due["inactive"]) for run in (tick_on(0), tick_on(6))] == [
        ("announced", TODAY + WEEK, {"DE": 1})
    ] * 2
    run = tick_on(7)
    assert (run.state, run.begins_on, how_many(run, DataKind.INACTIVE)) == ("announced", TODAY + 2 * WEEK, 2)
    assert go_on(now=NOW + WEEK) == 0
    assert (RetentionRun.objects.count(), Person.objects.count()) == (1, 2)


def test_once_agreed_it_is_announced_a_week_ahead_and_begins_on_its_day() -> None:
    gone("Due")
    gone("Due in a week", ends_on=LAST_DAY_DUE + WEEK)
    tick_on(0)
    tick_on(6)
    let_go_by_itself(wanted=True, by="user:1", now=NOW + timedelta(days=6))
    assert Event.objects.filter(deed="privacy.retention_by_itself", by="user:1").exists()
    coming = tick_on(6)
    # A week from the agreement, and with whoever is over by then.
    assert (coming.begins_on, how_many(coming, DataKind.INACTIVE)) == (TODAY + timedelta(days=13), 2)
    assert tick_on(12).state == "announced"
    begun = tick_on(13)
    assert (begun.state, begun.by, begun.due["inactive"], begun.begins_on) == ("running", "system", {"NL": 2}, None)
    assert tick_on(13) == begun
    assert [go_on(now=NOW + 2 * WEEK) for _ in range(2)] == [2, 0]
    begun.refresh_from_db()
    assert (begun.state, begun.gone["inactive"]) == ("done", 2)
    assert (tick_on(13).state, RetentionRun.objects.count()) == ("announced", 2)


def test_more_than_was_announced_or_another_day_is_announced_anew() -> None:
    let_go_by_itself(wanted=True, by="user:1", now=NOW)
    gone("Due")
    tick_on(0)
    late = gone("Corrected by a list meanwhile")
    assert (tick_on(7).state, tick_on(7).begins_on) == ("announced", TODAY + 2 * WEEK)
    # The clock stood still on the day.
    assert (tick_on(15).state, tick_on(15).begins_on) == ("announced", TODAY + timedelta(days=22))
    kept_by_a_law(late)
    assert tick_on(22).state == "running"


def test_nothing_is_begun_where_nothing_is_over_and_after_it_was_switched_off() -> None:
    let_go_by_itself(wanted=True, by="user:1", now=NOW)
    assert [tick_on(days).state for days in (0, 7)] == ["announced"] * 2
    gone("Due")
    let_go_by_itself(wanted=False, by="user:1", now=NOW)
    assert [tick_on(days).state for days in (7, 14)] == ["announced"] * 2
    assert Event.objects.filter(deed="privacy.retention_by_hand").exists()


def test_a_run_begun_by_hand_takes_the_place_of_the_one_that_was_announced() -> None:
    gone("Due")
    tick_on(0)
    run = begin(by="user:1", now=NOW)
    assert RetentionRun.objects.get() == run
    assert tick_on(0) == run


def test_the_clock_begins_what_was_agreed_to(carla: Client) -> None:
    gone("Due")
    assert "From now on by itself" not in carla.get("/programme/retention/").content.decode()
    assert "From now on by itself" in carla.get("/programme/retention/?count=1").content.decode()
    carla.post("/programme/retention/by-itself/", {"wanted": "yes"})
    tick(now=NOW, worker="test")
    assert "The next is on 21 September 2026." in carla.get("/programme/retention/").content.decode()
    assert carla.get("/programme/retention/records/").json() == {"runs": []}
    for _ in range(3):
        tick(now=NOW + WEEK, worker="test")
    assert not Person.objects.exists()
    carla.post("/programme/retention/by-itself/", {"wanted": "no"})
    assert "Switched off" in carla.get("/programme/retention/").content.decode()


def test_whoever_is_held_anew_is_held_once() -> None:
    someone, owner = gone("Held"), User.objects.get()
    asked = {"person": someone, "reason": "law", "sentence": "A law.", "owner": owner, "by": "u"}
    first = hold(**asked, ends_on=TODAY + WEEK, now=NOW)
    assert [list(lapsed_holds(day=TODAY + days * timedelta(days=1))) for days in (7, 8)] == [[], [first]]
    hold(**asked, ends_on=TODAY + 4 * WEEK, now=NOW + 2 * WEEK)
    assert list(lapsed_holds(day=TODAY + 3 * WEEK)) == []


# --- asked again

MONTHS_24 = date(2024, 9, 14)


def agreed_long_ago(name: str = "Alice van Dam", *, ends_on: date = MONTHS_24, language: str = "nl") -> Person:
    """Silent since `ends_on`, with an address that was confirmed and an agreement to personal notes by mail."""
    someone = gone(name, ends_on=ends_on, private=f"{name.split()[0].lower()}@home.example", language=language)
    verify_address(address=someone.addresses.get(), by="test", now=LONG_AGO)
    agree(someone, LONG_AGO)
    Touch.objects.filter(person=someone).update(at=LONG_AGO)
    return someone


def asked_on(someone: Person, days: int) -> Message:
    """The letter that asks, as it left so many days from NOW."""
    at = NOW + timedelta(days=days)
    assert ask_again(now=at) == 1
    letter = Message.objects.get(person=someone, created_at=at)
    Message.objects.filter(pk=letter.pk).update(state="sent", done_at=at, not_before=None)
    return letter


def test_who_agreed_is_asked_once_after_24_months_of_silence() -> None:
    someone = agreed_long_ago()
    agreed_long_ago("Bob Stone", ends_on=MONTHS_24 + timedelta(days=1))
    assert names(DataKind.INACTIVE_ASKED) == ["Alice van Dam"]
    letter = asked_on(someone, 0)
    assert (letter.mailing.purpose, letter.mailing.intent, letter.mailing.automatic) == ("personal", "neutral", True)
    assert letter.link_path == preferences_path(preference_of(person=someone))
    assert names(DataKind.INACTIVE_ASKED) == []
    assert ask_again(now=NOW) == 0
    assert ConsentState.objects.get(person=someone).since == LONG_AGO


@pytest.mark.parametrize(
    ("language", "subject", "dear"),
    [
        ("en", "Do you still want to hear from Employer & Sons?", "Dear Alice,"),
        ("nl", "Wil je nog van Employer & Sons horen?", "Beste Alice,"),
        ("de", "Möchten Sie weiterhin von Employer & Sons hören?", "Guten Tag Alice,"),
        ("ru", "Хотите ли Вы и дальше получать письма от Employer & Sons?", "Здравствуйте, Alice,"),
    ],
)
def test_it_is_asked_in_the_language_of_whom_it_is_about(language: str, subject: str, dear: str) -> None:
    content = asked_on(agreed_long_ago(language=language), 0).mailing.contents[language]
    assert content["subject"] == subject
    assert content["body"].startswith(dear)
    assert "{link}" in content["body"]
    assert "2026" in content["body"]


def test_the_door_decides_whether_somebody_is_asked() -> None:
    paused, excluded, no_address = (agreed_long_ago(name) for name in ("Paula", "Eva", "Nora"))
    change_preferences(person=paused, not_now_until=TODAY + timedelta(days=90), by="test", now=NOW)
    exclude(excluded)
    EmailAddress.objects.filter(person=no_address).delete()
    assert ask_again(now=NOW) == 0
    assert len(names(DataKind.INACTIVE_ASKED)) == 3
    assert ask_again(now=NOW + timedelta(days=91)) == 1
    # That it is night keeps it from the mailbox and not from the queue.
    agreed_long_ago("Nick")
    assert ask_again(now=NOW + timedelta(days=91, hours=13)) == 1


def test_who_stays_silent_is_let_go_by_the_longer_term_and_the_ledger_says_by_silence() -> None:
    someone = agreed_long_ago(ends_on=LAST_DAY_DUE)
    assert names() == []
    asked_on(someone, 0)
    assert names(now=NOW + timedelta(days=30)) == []
    month_later = NOW + timedelta(days=30, minutes=1)
    assert names(now=month_later) == ["Alice van Dam"]
    begin(by="user:1", now=month_later)
    assert go_on(now=month_later) == 1
    assert LedgerEntry.objects.filter(person_key=someone.key).order_by("-pk").values_list("act", "means").first() == (
        "withdrawn",
        "no_answer",
    )
    assert list(differences()) == []


@pytest.mark.parametrize("state", ["queued", "kept", "failed", "uncertain"])
def test_a_letter_that_did_not_leave_for_certain_lets_nobody_go(state: str) -> None:
    someone = agreed_long_ago(ends_on=LAST_DAY_DUE)
    letter = asked_on(someone, 0)
    queued = {"not_before": NOW, "done_at": None} if state in ("queued", "uncertain") else {}
    Message.objects.filter(pk=letter.pk).update(state=state, **queued)
    assert names(now=NOW + timedelta(days=60)) == []


def test_to_save_the_page_of_choices_as_it_is_is_an_answer(client: Client) -> None:
    someone = agreed_long_ago(ends_on=LAST_DAY_DUE)
    path = asked_on(someone, 0).link_path
    with time_machine.travel(NOW + timedelta(days=3), tick=False):
        page = client.get(path)
        assert page.status_code == 200
        ticked = {"personal": "on"} | {name: "on" for name in page.context["form"].fields if name.endswith("personal")}
        saved = client.post(path, ticked | {"language": "nl", "frequency": "quarterly"})
        assert saved.status_code == 302
    assert granted(person=someone) == {("personal", "email")}
    assert names(now=NOW + timedelta(days=90)) == []
    assert names(DataKind.INACTIVE_ASKED, now=NOW + timedelta(days=90)) == []


def test_the_clock_asks_once_what_is_over_goes_by_itself() -> None:
    agreed_long_ago()
    tick(now=NOW, worker="test")
    assert not Message.objects.filter(mailing__origin=STILL_WANTED).exists()
    let_go_by_itself(wanted=True, by="user:1", now=NOW)
    tick(now=NOW, worker="test")
    tick(now=NOW + WEEK, worker="test")
    assert Message.objects.filter(mailing__origin=STILL_WANTED).count() == 1
