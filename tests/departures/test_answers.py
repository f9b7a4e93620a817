"""Answers behind the wall: closed batches of five or more, and nothing that moves by fewer."""

import itertools
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.urls import get_resolver
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as PropertyCase

from perennial import desk
from perennial.accounts.roles import ROLE_SENTENCES, Permission, Role
from perennial.departures import answers as answers_module
from perennial.departures.actions import open_due
from perennial.departures.answers import Answers, Received, close_batches, receive
from perennial.departures.metrics import Counts, Span, nps_counts_over
from perennial.departures.models import AnswerBatch, Departure, ExitAnswers, ExitReason
from perennial.people.models import Person
from perennial.privacy.actions import erase
from tests.cast import NOW, TODAY, person, programme

EVER = (NOW - timedelta(days=1), NOW + timedelta(days=400))


def counted(since: datetime, until: datetime) -> Counts:
    """The published answers of one span."""
    (counts,) = nps_counts_over(spans=[Span(TODAY, TODAY, since, until)])
    return counts


def leavers(number: int) -> list[Departure]:
    programme()
    for count in range(number):
        person(f"Leaver {count}")
    open_due(now=NOW)
    return list(Departure.objects.select_related("person").order_by("pk"))


def say(departure: Departure, *, submit: bool = True, now: Any = NOW, **said: Any) -> Received:
    return receive(
        departure=departure,
        answers=Answers(**said),
        relation=None,
        submit=submit,
        shown_in="en",
        ip=None,
        by=f"person:{departure.person.key}",
        now=now,
    )


@pytest.mark.django_db
def test_four_answers_publish_nothing_and_the_fifth_publishes_all_at_once() -> None:
    rows = leavers(6)
    for departure, recommend in zip(rows[:4], (10, 9, 8, 0), strict=True):
        say(departure, recommend=recommend)
        assert counted(*EVER).n == 0
    say(rows[4], recommend=7)
    assert counted(*EVER) == Counts(promoters=2, passives=2, detractors=1)
    say(rows[5], recommend=10)
    assert counted(*EVER).n == 5


@pytest.mark.django_db
def test_answers_without_a_number_fill_no_batch() -> None:
    rows = leavers(5)
    for departure in rows[:4]:
        say(departure, recommend=9)
    say(rows[4], improve="More daylight")
    assert AnswerBatch.objects.count() == 0


@pytest.mark.django_db
def test_answers_that_were_not_submitted_count_after_fourteen_days() -> None:
    for departure in leavers(5):
        say(departure, submit=False, recommend=9)
    assert close_batches(now=NOW + timedelta(days=13)) == 0
    assert close_batches(now=NOW + timedelta(days=14)) == 1
    assert close_batches(now=NOW + timedelta(days=14)) == 0


@pytest.mark.django_db
def test_an_answer_may_be_changed_until_its_batch_is_closed_and_never_afterwards() -> None:
    rows = leavers(5)
    say(rows[0], recommend=0, reasons=["pay"])
    say(rows[0], recommend=9)
    for departure in rows[1:]:
        say(departure, recommend=9)
    assert counted(*EVER) == Counts(promoters=5, passives=0, detractors=0)
    assert say(rows[0], recommend=0, improve="x", reasons=["study"]) == Received(frozen=True, asked=False)
    assert counted(*EVER) == Counts(promoters=5, passives=0, detractors=0)
    assert ExitAnswers.objects.get(departure=rows[0]).recommend == 9
    assert list(ExitReason.objects.values_list("code", flat=True)) == ["pay"]


@pytest.mark.django_db
def test_what_is_skipped_later_leaves_what_was_answered_before() -> None:
    [departure] = leavers(1)
    say(departure, submit=False, reasons=["pay", "pay", "study"])
    say(departure, submit=False, improve="More daylight")
    say(departure)
    row = ExitAnswers.objects.get()
    assert (row.improve, row.submitted_at) == ("More daylight", NOW)
    assert list(row.reasons.values_list("code", flat=True)) == ["pay", "study"]


@pytest.mark.django_db
def test_the_text_stands_encrypted_in_the_database() -> None:
    [departure] = leavers(1)
    say(departure, improve="More daylight")
    with connection.cursor() as cursor:
        cursor.execute("SELECT improve FROM departures_exitanswers")
        [(stored,)] = cursor.fetchall()
    assert "daylight" not in stored


@pytest.mark.django_db
def test_the_figure_stays_when_somebody_in_it_is_erased() -> None:
    rows = leavers(5)
    for departure in rows:
        say(departure, recommend=10)
    erase(person=rows[0].person, by="user:1", now=NOW)
    assert ExitAnswers.objects.count() == 4
    assert counted(*EVER).n == 5


def test_no_page_shows_raw_answers_and_the_sentences_say_so() -> None:
    """Whoever builds the page of the exit conversation changes the sentences with it."""
    patterns = list(get_resolver().url_patterns)
    for pattern in patterns:
        patterns += getattr(pattern, "url_patterns", [])
    asked_for = {getattr(getattr(pattern, "callback", None), "permission", None) for pattern in patterns}
    assert Permission.SEE_DEPARTURES in asked_for
    assert Permission.READ_EXIT_ANSWERS not in asked_for
    assert "Raw answers are shown to nobody yet" in ROLE_SENTENCES[Role.EXIT_INTERVIEWER]
    page = (Path(desk.__file__).parent / "templates/desk/departures/departure.html").read_text(encoding="utf-8")
    assert "Nobody reads what a single leaver answers, neither the coordinator nor the exit interviewer." in page


class AnyOrder(PropertyCase):
    """Whatever leavers do, in whatever order: no figure over any period differs from another by one to four people."""

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        st.lists(
            st.tuples(
                st.integers(0, 11),
                st.one_of(st.none(), st.integers(0, 10)),
                st.booleans(),
                st.sampled_from(["say", "erase", "tick", "fortnight"]),
            ),
            max_size=40,
        )
    )
    def test_no_figure_moves_by_fewer_than_five(self, deeds: list[tuple[int, int | None, bool, str]]) -> None:
        rows = dict(enumerate(leavers(12)))
        at = NOW
        seen = [counted(*EVER)]
        for who, recommend, submit, deed in deeds:
            at += timedelta(minutes=1)
            if deed == "erase" and who in rows:
                erase(person=Person.objects.get(pk=rows.pop(who).person_id), by="user:1", now=at)
            elif deed == "say" and who in rows:
                say(rows[who], recommend=recommend, submit=submit, now=at)
            elif deed == "fortnight":
                at += timedelta(days=14)
                close_batches(now=at)
            else:
                close_batches(now=at)
            seen.append(counted(*EVER))
        for before, after in itertools.pairwise(seen):
            moved = sum(
                abs(getattr(after, name) - getattr(before, name)) for name in ("promoters", "passives", "detractors")
            )
            assert moved == 0 or (after.n - before.n >= 5 and moved == after.n - before.n)
        closed = list(AnswerBatch.objects.values_list("closed_at", flat=True))
        for start in closed:
            for end in closed:
                assert counted(start, end).n not in (1, 2, 3, 4)


# Two at once, on a server.


def together(*deeds: Callable[[], object]) -> None:
    """Runs the deeds at the same moment, each on a connection of its own; the first error is raised."""
    errors: list[BaseException] = []
    begin = threading.Barrier(len(deeds))

    def run(deed: Callable[[], object]) -> None:
        try:
            begin.wait(timeout=10)
            deed()
        except BaseException as error:  # noqa: BLE001 - handed to the test
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[deed]) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    if errors:
        raise errors[0]


@pytest.mark.postgresql
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one write at a time")
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_two_at_once_would_count_the_same_four_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves that the race is there: with the rows read before, and not locked, both close a batch."""
    rows = leavers(6)
    for departure in rows[:4]:
        say(departure, recommend=9)
    read = threading.Barrier(2)

    def careless(*, now: Any) -> int:
        new = list(ExitAnswers.objects.filter(batch=None, submitted_at__isnull=False).values_list("pk", "recommend"))
        read.wait(timeout=10)
        if len(new) >= 5:
            batch = AnswerBatch.objects.create(closed_at=now, promoters=len(new), passives=0, detractors=0)
            ExitAnswers.objects.filter(pk__in=[pk for pk, _ in new]).update(batch=batch)
        return 0

    monkeypatch.setattr(answers_module, "close_batches", careless)
    together(lambda: say(rows[4], recommend=9), lambda: say(rows[5], recommend=9))
    assert counted(*EVER).n == 10


@pytest.mark.postgresql
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one write at a time")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(5))
def test_two_submissions_at_once_never_make_a_batch_of_fewer_than_five(_round: int) -> None:
    rows = leavers(6)
    for departure in rows[:4]:
        say(departure, recommend=9)
    together(lambda: say(rows[4], recommend=9), lambda: say(rows[5], recommend=9), lambda: close_batches(now=NOW))
    close_batches(now=NOW)
    assert counted(*EVER).n in (5, 6)
    batched = ExitAnswers.objects.exclude(batch=None).count()
    assert batched == counted(*EVER).n


@pytest.mark.postgresql
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one write at a time")
@pytest.mark.django_db(transaction=True)
def test_an_answer_in_somebodys_hands_is_left_for_the_next_batch() -> None:
    rows = leavers(6)
    for departure in rows[:5]:
        say(departure, submit=False, recommend=9)
    ExitAnswers.objects.update(submitted_at=NOW)
    held, go_on = threading.Event(), threading.Event()

    def holding() -> None:
        with transaction.atomic():
            list(ExitAnswers.objects.select_for_update().filter(departure=rows[0]))
            held.set()
            go_on.wait(timeout=10)

    def closing() -> None:
        held.wait(timeout=10)
        assert close_batches(now=NOW) == 0
        go_on.set()

    together(holding, closing)
    assert close_batches(now=NOW) == 1
