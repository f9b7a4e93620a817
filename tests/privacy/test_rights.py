"""What people ask about their data: the term, what holds at once, what is weighed, and the proof that stays."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction

from perennial.audit.models import Event
from perennial.consent.queries import granted
from perennial.contact.actions import end_objection, restrict
from perennial.contact.door import decide
from perennial.contact.enums import RestrictionKind, Verdict
from perennial.contact.models import Restriction
from perennial.contact.queries import touched_this_month
from perennial.departures.actions import open_due
from perennial.departures.metrics import Span, capture_counts_over, response_counts_over
from perennial.departures.queries import to_invite
from perennial.kernel.purposes import Purpose
from perennial.mail.models import Mailing, Message
from perennial.mail.send import send_due
from perennial.operate.tick import tick
from perennial.people.actions import add_address
from perennial.people.directory import Filters, find
from perennial.people.enums import Sort
from perennial.people.models import Person
from perennial.people.queries import leaves_out, visible_to
from perennial.privacy.models import Request
from perennial.privacy.rights.actions import (
    AlreadyAskedError,
    DayUnfitError,
    NoMoreTimeError,
    NotOpenError,
    NotToldError,
    TooLateToExtendError,
    WordsMissingError,
    ask,
    carry_out,
    extend,
    lift_restriction,
    refuse,
    take_back,
    tell_of_lifting,
)
from perennial.privacy.rights.clock import answer_due_on, extended_due_on
from perennial.privacy.rights.enums import PAUSING, CameBy, Checked, Field, RequestKind, RequestState
from perennial.privacy.rights.letters import forget_last_words
from perennial.privacy.rights.queries import due_by, open_requests
from perennial.programme.enums import Stage
from tests.cast import NOW, TODAY, colleague, person, programme
from tests.portal.test_preferences import alumna

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def asked(someone: Person, kind: RequestKind, **more: Any) -> Request:
    return ask(person=someone, kind=kind, by=f"person:{someone.key}", now=more.pop("now", NOW), **more)


def answers(someone: Person) -> list[str]:
    rows = Message.objects.filter(person=someone, mailing__origin="privacy:answer").order_by("pk")
    return [row.mailing.contents[row.language]["subject"] for row in rows]


def moment(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("received_on", "due_on", "extended"),
    [
        # A month has the same day, or the last of a month that has none.
        (date(2026, 9, 14), date(2026, 10, 14), date(2026, 12, 14)),
        (date(2029, 1, 31), date(2029, 2, 28), date(2029, 4, 30)),
        # 29 February in a leap year; 30 April 2028 is a Sunday.
        (date(2028, 1, 31), date(2028, 2, 29), date(2028, 5, 1)),
        # 31 January 2027 is a Sunday.
        (date(2026, 12, 31), date(2027, 2, 1), date(2027, 3, 31)),
        # Easter Monday 2027 is 29 March; King's Day 2027 is 27 April, a Tuesday.
        (date(2027, 2, 28), date(2027, 3, 30), date(2027, 5, 28)),
        (date(2027, 3, 27), date(2027, 4, 28), date(2027, 6, 28)),
        # Christmas and the day after it, then a Sunday.
        (date(2026, 11, 25), date(2026, 12, 28), date(2027, 2, 25)),
    ],
)
def test_the_term_is_a_month_as_the_regulation_counts_it(received_on: date, due_on: date, extended: date) -> None:
    someone = alumna()
    assert answer_due_on(person=someone, received_on=received_on) == due_on
    assert extended_due_on(person=someone, received_on=received_on) == extended


def test_where_the_policy_says_so_it_is_working_days() -> None:
    someone = alumna()
    Person.objects.filter(pk=someone.pk).update(country="RU")
    # Ten working days from Monday 14 September 2026, and five more.
    assert answer_due_on(person=someone, received_on=date(2026, 9, 14)) == date(2026, 9, 28)
    assert extended_due_on(person=someone, received_on=date(2026, 9, 14)) == date(2026, 10, 5)


def test_days_off_of_both_countries_end_the_term_sooner_never_later() -> None:
    someone = alumna()
    Person.objects.filter(pk=someone.pk).update(country="DE")
    # 5 May 2030 is a Sunday; 27 April 2029 is a day off in the Netherlands alone, 3 October 2028 in Germany alone.
    assert answer_due_on(person=someone, received_on=date(2029, 3, 27)) == date(2029, 4, 27)
    assert answer_due_on(person=someone, received_on=date(2028, 9, 3)) == date(2028, 10, 3)


def test_a_request_runs_from_the_day_it_was_received_whoever_opened_the_letter() -> None:
    someone = alumna()
    row = ask(
        person=someone,
        kind=RequestKind.COPY,
        came_by=CameBy.LETTER,
        checked_by=Checked.KNOWN,
        received_on=TODAY - 5 * DAY,
        by="user:1",
        now=NOW,
    )
    assert (row.received_on, row.due_on) == (date(2026, 9, 9), date(2026, 10, 9))
    with pytest.raises(DayUnfitError):
        asked(someone, RequestKind.ERASURE, received_on=TODAY + DAY)
    with pytest.raises(DayUnfitError):
        asked(someone, RequestKind.ERASURE, received_on=date(2016, 9, 9))


def test_more_time_is_taken_once_within_the_first_term_and_the_person_hears_of_it() -> None:
    someone = alumna("newsletter")
    row = asked(someone, RequestKind.COPY)
    assert row.due_on == date(2026, 10, 14)
    with pytest.raises(WordsMissingError):
        extend(request=row, reason="  ", by="user:1", now=NOW)
    extend(request=row, reason="There are three archives.", by="user:1", now=moment(date(2026, 10, 14)))
    row.refresh_from_db()
    assert (row.first_due_on, row.due_on) == (date(2026, 10, 14), date(2026, 12, 14))
    body = Message.objects.filter(mailing__origin="privacy:answer").order_by("-pk")[0].mailing.contents["en"]["body"]
    assert "There are three archives." in body
    assert "14 December 2026" in body
    with pytest.raises(TooLateToExtendError):
        extend(request=row, reason="And another.", by="user:1", now=moment(date(2026, 10, 14)))


def test_after_the_first_term_no_more_time_is_taken() -> None:
    row = asked(alumna(), RequestKind.COPY)
    # Still the 14th in Greenwich, and the 15th where the programme lives.
    late = datetime(2026, 10, 14, 22, 30, tzinfo=UTC)
    with pytest.raises(TooLateToExtendError):
        extend(request=row, reason="Late.", by="user:1", now=late)
    row.refresh_from_db()
    assert row.extended_at is None
    assert row.due_on == row.first_due_on


def test_where_the_law_of_the_country_they_moved_to_gives_no_more_time_none_is_taken() -> None:
    someone = alumna()
    row = asked(someone, RequestKind.OBJECTION, words="Please stop.")
    Person.objects.filter(pk=someone.pk).update(country="RU")
    with pytest.raises(NoMoreTimeError):
        extend(request=row, reason="There are three archives.", by="user:1", now=NOW + 3 * DAY)
    row.refresh_from_db()
    assert (row.extended_at, row.due_on) == (None, row.first_due_on)


def test_the_database_knows_no_later_day_without_a_notice() -> None:
    row = asked(alumna(), RequestKind.COPY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Request.objects.filter(pk=row.pk).update(due_on=row.due_on + DAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Request.objects.filter(pk=row.pk).update(state=RequestState.DONE)


def test_the_same_is_not_open_twice_and_two_corrections_of_different_things_are() -> None:
    someone = alumna()
    asked(someone, RequestKind.COPY)
    with pytest.raises(AlreadyAskedError):
        asked(someone, RequestKind.COPY)
    asked(someone, RequestKind.CORRECTION, field=Field.WORK, words="I left in May.")
    asked(someone, RequestKind.CORRECTION, field=Field.CALLED, words="Lies")
    with pytest.raises(AlreadyAskedError):
        asked(someone, RequestKind.CORRECTION, field=Field.WORK, words="I left in June.")
    with pytest.raises(WordsMissingError):
        asked(someone, RequestKind.CORRECTION, field=Field.OTHER)
    assert open_requests().count() == 3


def test_an_objection_to_letters_ends_every_purpose_at_once_and_cannot_be_refused() -> None:
    someone = alumna("newsletter", "events", "personal")
    assert granted(person=someone)
    row = asked(someone, RequestKind.NO_MARKETING)
    assert granted(person=someone) == set()
    assert row.state == RequestState.DONE
    with pytest.raises(NotOpenError):
        refuse(request=row, reason="We would rather not.", by="user:1", now=NOW)
    assert answers(someone) == ["What you asked is done"]


@pytest.mark.parametrize("stage", [Stage.PREPARATION, Stage.LIVE])
def test_stored_only_holds_at_once_everywhere_and_answers_still_arrive(stage: Stage) -> None:
    someone = alumna("newsletter", ends_on=TODAY - 30 * DAY)
    programme(stage)
    carla = colleague(email="carla.now@employer.example")
    for found in (
        find(among=visible_to(carla), filters=Filters(), size=5),
        find(among=visible_to(carla), filters=Filters(), size=5, sort=Sort.LAST_DAY),
        find(among=visible_to(carla), filters=Filters(text="Alice"), size=5),
        find(among=visible_to(carla), filters=Filters(left_from=TODAY - 60 * DAY), size=5),
    ):
        assert [each.pk for each in found.people] == [someone.pk]
    asked(someone, RequestKind.RESTRICTION)
    for found in (
        find(among=visible_to(carla), filters=Filters(), size=5),
        find(among=visible_to(carla), filters=Filters(), size=5, sort=Sort.LAST_DAY),
        find(among=visible_to(carla), filters=Filters(text="Alice"), size=5),
        find(among=visible_to(carla), filters=Filters(left_from=TODAY - 60 * DAY), size=5),
    ):
        assert (list(found.people), found.count) == ([], 0)
    assert not visible_to(carla).exists()
    assert visible_to(carla, also_stored_only=True).get() == someone
    for purpose in (Purpose.NEWSLETTER, Purpose.SERVICE):
        [decision] = decide(people=Person.objects.all(), purpose=purpose, now=NOW)
        assert decision.verdict is Verdict.NO
    send_due(now=NOW, worker="w")
    sent = Message.objects.filter(mailing__origin="privacy:answer")
    assert [row.state for row in sent] == ["kept"]


def test_who_is_hidden_from_hosts_is_not_taken_for_who_is_stored_only() -> None:
    carla = colleague()
    assert not leaves_out(visible_to(carla))
    assert not leaves_out(visible_to(carla, also_stored_only=True))
    assert leaves_out(Person.objects.filter(key="x"))
    assert leaves_out(visible_to(carla).filter(key="x"))


def test_stored_only_is_counted_in_no_figure() -> None:
    someone = alumna("newsletter", ends_on=TODAY)
    programme()
    open_due(now=NOW)
    Message.objects.all().delete()
    span = Span(TODAY - 10 * DAY, TODAY + 10 * DAY, NOW - 10 * DAY, NOW + 10 * DAY)
    before = capture_counts_over(spans=[span])
    assert before == [(1, 1)]
    asked(someone, RequestKind.RESTRICTION)
    assert capture_counts_over(spans=[span]) == [(0, 0)]
    assert response_counts_over(spans=[span]) == [(0, 0)]
    assert touched_this_month(now=NOW).people == 0


def test_the_person_lifts_it_at_once_and_a_colleague_only_a_week_after_telling() -> None:
    someone = alumna("newsletter")
    row = asked(someone, RequestKind.RESTRICTION)
    with pytest.raises(AlreadyAskedError):
        asked(someone, RequestKind.RESTRICTION)
    with pytest.raises(NotToldError):
        lift_restriction(request=row, by="user:1", now=NOW)
    with pytest.raises(WordsMissingError):
        tell_of_lifting(request=row, reason="", by="user:1", now=NOW)
    tell_of_lifting(request=row, reason="The days are put right.", by="user:1", now=NOW)
    with pytest.raises(NotToldError):
        lift_restriction(request=row, by="user:1", now=NOW + 7 * DAY - timedelta(seconds=1))
    lift_restriction(request=row, by="user:1", now=NOW + 7 * DAY)
    someone.refresh_from_db()
    assert someone.stored_only_since is None
    assert not Restriction.objects.filter(lifted_at=None).exists()
    again = asked(someone, RequestKind.RESTRICTION, now=NOW + 8 * DAY)
    lift_restriction(request=again, by=f"person:{someone.key}", now=NOW + 8 * DAY)
    assert answers(someone)[1] == "Your data will be used again"
    with pytest.raises(NotOpenError):
        lift_restriction(request=again, by="user:1", now=NOW + 80 * DAY)


def test_what_a_colleague_restricted_stays_when_the_person_lifts_their_own() -> None:
    someone = alumna()
    restrict(person=someone, kind=RestrictionKind.RESTRICTION, reason="conflict", starts_on=TODAY, by="user:1", now=NOW)
    row = asked(someone, RequestKind.RESTRICTION)
    lift_restriction(request=row, by=f"person:{someone.key}", now=NOW)
    assert [each.by for each in Restriction.objects.filter(lifted_at=None)] == ["user:1"]


def test_a_name_is_put_right_as_it_was_asked_and_the_person_reads_the_answer() -> None:
    someone = alumna("newsletter")
    row = asked(someone, RequestKind.CORRECTION, field=Field.FULL_NAME, words="Alice van Damme {link}")
    carry_out(request=row, answer="Sorry about that. {link}", recipients_told="Payroll.", by="user:1", now=NOW)
    someone.refresh_from_db()
    assert someone.full_name == "Alice van Damme {link}"
    body = Message.objects.order_by("-pk")[0].mailing.contents["en"]["body"]
    assert "Sorry about that. (link)" in body
    assert body.count("{link}") == 1
    row.refresh_from_db()
    assert (row.state, row.recipients_told) == ("done", "Payroll.")
    with pytest.raises(NotOpenError):
        carry_out(request=row, by="user:1", now=NOW)


def test_a_refusal_has_a_reason_and_says_where_to_complain() -> None:
    someone = alumna("newsletter")
    row = asked(someone, RequestKind.OBJECTION, words="My new employer minds.")
    with pytest.raises(WordsMissingError):
        refuse(request=row, reason="", by="user:1", now=NOW)
    refuse(request=row, reason="A court case is pending.", by="user:1", now=NOW)
    body = Message.objects.order_by("-pk")[0].mailing.contents["en"]["body"]
    assert "A court case is pending." in body
    assert "data protection authority" in body
    assert granted(person=someone)


def test_an_objection_that_is_followed_ends_every_contact() -> None:
    someone = alumna("newsletter")
    carry_out(request=asked(someone, RequestKind.OBJECTION, words="My mother."), by="user:1", now=NOW)
    assert granted(person=someone) == set()


@pytest.mark.parametrize("kind", PAUSING)
@pytest.mark.parametrize("end", ["taken back", "refused"])
def test_nothing_is_sent_while_it_waits_and_it_goes_on_when_it_does_not_happen(kind: RequestKind, end: str) -> None:
    someone = alumna("newsletter")
    row = asked(someone, kind, words="My mother.")

    def verdict() -> Verdict:
        return decide(people=Person.objects.all(), purpose=Purpose.NEWSLETTER, now=NOW + 90 * DAY)[0].verdict

    assert verdict() is Verdict.NO
    if end == "refused":
        refuse(request=row, reason="A court case is pending.", by="user:1", now=NOW)
    else:
        take_back(request=row, by=f"person:{someone.key}", now=NOW)
    assert verdict() is Verdict.YES
    with pytest.raises(NotOpenError):
        take_back(request=row, by=f"person:{someone.key}", now=NOW)


def test_a_refused_objection_leaves_the_pause_of_an_erasure() -> None:
    someone = alumna("newsletter")
    asked(someone, RequestKind.ERASURE)
    refuse(request=asked(someone, RequestKind.OBJECTION, words="My mother."), reason="No.", by="user:1", now=NOW)
    [decision] = decide(people=Person.objects.all(), purpose=Purpose.NEWSLETTER, now=NOW + 90 * DAY)
    assert (decision.verdict, decision.rule) == (Verdict.NO, "restricted")


def test_lifting_stored_only_leaves_the_pause_of_an_erasure() -> None:
    someone = alumna("newsletter")
    asked(someone, RequestKind.ERASURE)
    row = asked(someone, RequestKind.RESTRICTION)
    lift_restriction(request=row, by=f"person:{someone.key}", now=NOW)
    [decision] = decide(people=Person.objects.all(), purpose=Purpose.NEWSLETTER, now=NOW + 90 * DAY)
    assert decision.verdict is Verdict.NO


def test_an_erasure_leaves_the_proof_without_a_word_and_a_last_letter_that_goes_too() -> None:
    someone = alumna("newsletter")
    key = someone.key
    asked(someone, RequestKind.CORRECTION, field=Field.OTHER, words="Planted words about Mr Tester")
    row = asked(someone, RequestKind.ERASURE)
    assert carry_out(request=row, recipients_told="Planted recipients", by="user:1", now=NOW)
    assert not Person.objects.filter(key=key).exists()
    assert list(open_requests()) == []
    for each in Request.objects.filter(person_key=key):
        assert (each.person, each.words, each.answer, each.recipients_told) == (None, "", "", "")
    row.refresh_from_db()
    assert (row.kind, row.state, row.received_on, row.due_on) == ("erasure", "done", TODAY, date(2026, 10, 14))
    assert row.answered_at == NOW
    deeds = set(Event.objects.filter(subject_key=key).values_list("deed", flat=True))
    assert {"privacy.asked", "privacy.erased", "privacy.answered"} <= deeds
    last = Message.objects.get()
    assert (last.address, last.person) == ("alice@home.example", None)
    assert forget_last_words(before=NOW - 3 * DAY) == 0
    send_due(now=NOW, worker="w")
    assert Message.objects.get().state == "kept"
    assert forget_last_words(before=NOW - 3 * DAY) == 1
    assert (Message.objects.count(), Mailing.objects.count()) == (0, 0)


def test_a_last_letter_that_cannot_leave_is_forgotten_too() -> None:
    someone = alumna("newsletter")
    carry_out(request=asked(someone, RequestKind.ERASURE), by="user:1", now=NOW)
    assert Message.objects.count() == 1
    assert forget_last_words(before=NOW + DAY) == 1


def test_without_an_address_it_is_said_that_no_mail_goes() -> None:
    someone = alumna()
    someone.addresses.all().delete()
    row = asked(someone, RequestKind.OBJECTION, words="No.")
    assert refuse(request=row, reason="Because.", by="user:1", now=NOW) is False
    assert Message.objects.count() == 0


def test_due_ones_come_first_by_their_day() -> None:
    someone = alumna()
    later = asked(someone, RequestKind.COPY)
    sooner = asked(someone, RequestKind.ERASURE, received_on=TODAY - 10 * DAY)
    assert list(open_requests()) == [sooner, later]
    assert list(due_by(day=date(2026, 10, 13))) == [sooner]


@pytest.mark.parametrize("language", ["en", "nl", "de", "ru"])
def test_every_answer_is_in_the_persons_language(language: str) -> None:
    someone = alumna("newsletter", language=language)
    row = asked(someone, RequestKind.OBJECTION, words="No.")
    extend(request=row, reason="X", by="user:1", now=NOW)
    carry_out(request=row, by="user:1", now=NOW)
    asked(someone, RequestKind.RESTRICTION)
    said = [
        message.mailing.contents[language]["subject"]
        for message in Message.objects.filter(mailing__origin="privacy:answer").order_by("pk")
    ]
    assert len(said) == 4
    english = ["We have received what you asked", "What you asked takes longer", "What you asked is done"]
    assert (said[:3] == english) == (language == "en")


@pytest.mark.parametrize("kind", [RequestKind.NO_MARKETING, RequestKind.OBJECTION])
def test_who_asked_to_be_left_alone_is_not_invited_when_they_leave_and_is_welcome_back(kind: RequestKind) -> None:
    programme()
    someone = person(ends_on=TODAY + 60 * DAY, language="en")
    add_address(person=someone, address="alice@employer.example", kind="business", source="hr", now=NOW)
    row = asked(someone, kind, words="Please stop.")
    if kind is RequestKind.OBJECTION:
        carry_out(request=row, by="user:1", now=NOW)
    for day in (1, 46, 53, 61):
        tick(now=NOW + day * DAY, worker="w")
    ours = Message.objects.filter(person=someone).exclude(mailing__origin__startswith="privacy:")
    assert not ours.exists()
    assert list(to_invite(day=TODAY + 53 * DAY)) == []
    end_objection(person=someone, by=f"person:{someone.key}", now=NOW)
    assert [each.person_id for each in to_invite(day=TODAY + 53 * DAY)] == [someone.pk]
