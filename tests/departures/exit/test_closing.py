"""Closed groups of five or more, and nothing that moves by fewer."""

import itertools
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as PropertyCase

from perennial.departures.exit import answering
from perennial.departures.exit.answering import Received, UnknownAnswerError
from perennial.departures.exit.closing import close_groups
from perennial.departures.metrics import Counts, Span, nps_counts_over
from perennial.departures.models import Answer, AnswerGroup, ExitAnswers
from perennial.people.models import Person
from perennial.privacy.actions import erase
from perennial.programme.models import Programme
from tests.cast import NOW, TODAY
from tests.departures.exit.saying import given as said_by_all
from tests.departures.exit.saying import leavers, say
from tests.examples import examples

# Five answers that are not alike.
MIXED = (9, 10, 9, 8, 0)
EVER = (NOW - timedelta(days=1), NOW + timedelta(days=400))


def counted(since: datetime, until: datetime) -> Counts:
    """The published answers of one span."""
    (counts,) = nps_counts_over(spans=[Span(TODAY, TODAY, since, until)])
    return counts


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
def test_each_question_has_groups_of_its_own() -> None:
    rows = leavers(5)
    for departure, recommend in zip(rows[:4], MIXED, strict=False):
        say(departure, recommend=recommend, would_return="yes")
    say(rows[4], would_return="no")
    [group] = AnswerGroup.objects.all()
    assert (group.question, group.n) == ("would_return", 5)
    assert dict(group.counts.values_list("option", "count")) == {"yes": 4, "no": 1}


@pytest.mark.django_db
def test_answers_that_were_not_submitted_count_after_fourteen_days() -> None:
    for departure, recommend in zip(leavers(5), MIXED, strict=True):
        say(departure, submit=False, recommend=recommend)
    assert close_groups(now=NOW + timedelta(days=13)) == 0
    assert close_groups(now=NOW + timedelta(days=14)) == 1
    assert close_groups(now=NOW + timedelta(days=14)) == 0


@pytest.mark.django_db
def test_an_answer_may_be_changed_until_it_is_submitted_and_never_afterwards() -> None:
    [departure] = leavers(1)
    say(departure, submit=False, recommend=0, reason=["pay"])
    assert not say(departure, recommend=9).frozen
    assert say(departure, recommend=1, reason=["study"], improve="More daylight") == Received(frozen=True, asked=False)
    assert said_by_all() == {"recommend": 9, "reason": ["pay"], "improve": "More daylight"}
    with pytest.raises(UnknownAnswerError):
        say(departure, reason=["rain"])


@pytest.mark.django_db
def test_what_was_skipped_may_be_answered_when_another_question_is_counted_already() -> None:
    rows = leavers(5)
    for departure, recommend in zip(rows, MIXED, strict=True):
        say(departure, recommend=recommend)
    before = counted(*EVER)
    assert before == Counts(promoters=3, passives=1, detractors=1)
    assert not say(rows[0], reason=["pay"]).frozen
    assert say(rows[0], recommend=0, reason=["study"]).frozen
    assert counted(*EVER) == before
    assert Answer.objects.get(answers__departure=rows[0], question__code="recommend").number == 9
    assert Answer.objects.get(question__code="reason").option.code == "pay"  # type: ignore[union-attr]


@pytest.mark.django_db
def test_what_is_skipped_later_leaves_what_was_answered_before() -> None:
    [departure] = leavers(1)
    say(departure, submit=False, reason=["pay", "pay", "study"])
    say(departure, submit=False, improve="More daylight")
    say(departure)
    assert ExitAnswers.objects.get().submitted_at == NOW
    assert said_by_all() == {"reason": ["pay", "study"], "improve": "More daylight"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [
        {"nothing": "x"},
        {"reason": ["pay", "rain"]},
        {"recommend": 11},
        {"would_return": ["yes", "no"]},
        {"improve": ["a"]},
    ],
)
def test_what_is_not_asked_or_not_offered_is_refused_as_a_whole(wrong: dict[str, Any]) -> None:
    [departure] = leavers(1)
    with pytest.raises(UnknownAnswerError):
        say(departure, study="x", **wrong)
    with pytest.raises(UnknownAnswerError):
        say(departure, keep="The canteen", **wrong)
    assert Answer.objects.count() == 0


@pytest.mark.django_db
def test_the_text_stands_encrypted_in_the_database() -> None:
    [departure] = leavers(1)
    say(departure, improve="More daylight")
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM departures_answer")
        [(stored,)] = cursor.fetchall()
    assert stored
    assert "daylight" not in stored


@pytest.mark.django_db
def test_the_figure_stays_when_somebody_in_it_is_erased() -> None:
    rows = leavers(5)
    for departure, recommend in zip(rows, MIXED, strict=True):
        say(departure, recommend=recommend)
    erase(person=rows[0].person, by="user:1", now=NOW)
    assert ExitAnswers.objects.count() == 4
    assert counted(*EVER).n == 5


@pytest.mark.django_db
def test_where_all_answered_alike_nothing_closes_until_five_others_are_counted_with_them() -> None:
    """Else the first who says something else would be known by the day on which the figure appears."""
    rows = leavers(10)
    for departure in rows[:5]:
        say(departure, recommend=9)
    assert counted(*EVER).n == 0
    for departure in rows[5:9]:
        say(departure, recommend=0)
        assert counted(*EVER).n == 0
    say(rows[9], recommend=10)
    assert counted(*EVER) == Counts(promoters=6, passives=0, detractors=4)


@pytest.mark.django_db
def test_the_programme_may_ask_for_more_than_five_and_never_for_fewer() -> None:
    rows = leavers(6)
    Programme.objects.update(minimum_group=6)
    for departure, recommend in zip(rows[:5], MIXED, strict=True):
        say(departure, recommend=recommend)
    assert counted(*EVER).n == 0
    say(rows[5], recommend=9)
    assert counted(*EVER).n == 6
    with pytest.raises(IntegrityError), transaction.atomic():
        Programme.objects.update(minimum_group=4)
    with pytest.raises(IntegrityError), transaction.atomic():
        AnswerGroup.objects.update(n=4, promoters=4, passives=0, detractors=0)


class AnyOrder(PropertyCase):
    """Whatever leavers do, in whatever order: no figure over any period differs from another by one to four people."""

    @settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.too_slow])
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
                close_groups(now=at)
            else:
                close_groups(now=at)
            seen.append(counted(*EVER))
        for before, after in itertools.pairwise(seen):
            moved = sum(
                abs(getattr(after, name) - getattr(before, name)) for name in ("promoters", "passives", "detractors")
            )
            assert moved == 0 or (after.n - before.n >= 5 and moved == after.n - before.n)
        closed = list(AnswerGroup.objects.values_list("closed_at", flat=True))
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
    for departure, recommend in zip(rows[:4], MIXED, strict=False):
        say(departure, recommend=recommend)
    read = threading.Barrier(2)

    def careless(*, now: Any) -> int:
        new = list(Answer.objects.filter(group=None, answers__submitted_at__isnull=False).values_list("pk", flat=True))
        read.wait(timeout=10)
        if len(new) >= 5:
            group = AnswerGroup.objects.create(
                question="recommend", kind="scale", closed_at=now, n=len(new), promoters=len(new)
            )
            Answer.objects.filter(pk__in=new).update(group=group)
        return 0

    monkeypatch.setattr(answering, "close_after_submission", careless)
    together(lambda: say(rows[4], recommend=0), lambda: say(rows[5], recommend=0))
    assert counted(*EVER).n == 10


@pytest.mark.postgresql
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one write at a time")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(5))
def test_two_submissions_at_once_never_make_a_batch_of_fewer_than_five(_round: int) -> None:
    rows = leavers(6)
    for departure, recommend in zip(rows[:4], MIXED, strict=False):
        say(departure, recommend=recommend)
    together(lambda: say(rows[4], recommend=0), lambda: say(rows[5], recommend=0), lambda: close_groups(now=NOW))
    close_groups(now=NOW)
    assert counted(*EVER).n in (5, 6)
    assert Answer.objects.exclude(group=None).count() == counted(*EVER).n


@pytest.mark.postgresql
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one write at a time")
@pytest.mark.django_db(transaction=True)
def test_an_answer_in_somebodys_hands_is_left_for_the_next_batch() -> None:
    rows = leavers(6)
    for departure, recommend in zip(rows[:5], MIXED, strict=True):
        say(departure, submit=False, recommend=recommend)
    ExitAnswers.objects.update(submitted_at=NOW)
    held, go_on = threading.Event(), threading.Event()

    def holding() -> None:
        with transaction.atomic():
            list(ExitAnswers.objects.select_for_update().filter(departure=rows[0]))
            held.set()
            go_on.wait(timeout=10)

    def closing() -> None:
        held.wait(timeout=10)
        assert close_groups(now=NOW) == 0
        go_on.set()

    together(holding, closing)
    assert close_groups(now=NOW) == 1
