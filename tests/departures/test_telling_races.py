"""Two colleagues and two processes at one moment."""

from collections import Counter

import pytest

from perennial.departures.models import Telling, ThemeAction
from perennial.departures.telling import actions
from perennial.departures.telling.actions import (
    GoneAlreadyError,
    NotADraftError,
    NothingToTellError,
    begin,
    send,
    take_back,
    write_letters,
)
from perennial.departures.telling.queries import fingerprint
from perennial.mail.models import Mailing, Message
from perennial.mail.send import send_due
from perennial.people.models import Person
from perennial.privacy.actions import erase
from tests.cast import NOW, programme
from tests.departures.test_telling import LATER, done_action, draft, hears, sent_off
from tests.outreach.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def errors(raised: list[object]) -> list[type[object]]:
    return sorted((type(each) for each in raised if isinstance(each, Exception)), key=str)


def test_of_two_who_begin_at_once_one_has_the_draft() -> None:
    carla = programme().owner
    assert carla is not None
    action = done_action()
    raised = at_once(*[lambda: begin(action_ids=[action.pk], by=carla, now=NOW)] * 3)
    assert errors(raised) == [NothingToTellError] * 2
    assert ThemeAction.objects.get().told_in == Telling.objects.get()


def test_pressed_twice_at_once_it_is_sent_once() -> None:
    carla = programme().owner
    assert carla is not None
    for name in ("Alice", "Bob"):
        hears(name)
    telling = draft(carla)
    seen = fingerprint(telling.contents)
    raised = at_once(*[lambda: send(key=telling.key, seen=seen, by=carla, now=NOW)] * 3)
    assert errors(raised) == [NotADraftError] * 2
    assert Mailing.objects.filter(purpose="feedback").count() == 1


def test_four_processes_write_each_letter_once(monkeypatch: pytest.MonkeyPatch) -> None:
    carla = programme().owner
    assert carla is not None
    monkeypatch.setattr(actions, "PAGE", 2)
    for number in range(7):
        hears(f"Person{number}")
    sent_off(carla)
    raised = at_once(*[lambda: write_letters(now=NOW)] * 4)
    assert errors(raised) == []
    assert set(
        Counter(Message.objects.filter(mailing__purpose="feedback").values_list("person", flat=True)).values()
    ) == {1}
    assert sum(each for each in raised) == Message.objects.filter(mailing__purpose="feedback").count() == 7
    assert Telling.objects.get().state == "told"


def test_taken_back_while_it_is_written_and_sent_nothing_comes_after(monkeypatch: pytest.MonkeyPatch) -> None:
    carla = programme().owner
    assert carla is not None
    monkeypatch.setattr(actions, "PAGE", 1)
    for number in range(6):
        hears(f"Person{number}")
    telling = sent_off(carla)
    raised = at_once(
        lambda: write_letters(now=NOW),
        lambda: take_back(key=telling.key, by="user:1", now=NOW),
        lambda: send_due(now=LATER, worker="w"),
    )
    left = Message.objects.filter(mailing__purpose="feedback", state="kept").count()
    if errors(raised) == [GoneAlreadyError]:
        # It came when everything had left.
        assert left == 6
    else:
        assert errors(raised) == []
        assert raised[1].whole is (left == 0)
    write_letters(now=NOW)
    send_due(now=LATER, worker="w")
    assert Message.objects.filter(mailing__purpose="feedback", state="kept").count() == left


def test_somebody_is_erased_while_it_is_written() -> None:
    carla = programme().owner
    assert carla is not None
    hears("Alice")
    hears("Bob")
    sent_off(carla)
    alice = Person.objects.get(full_name="Alice")
    raised = at_once(lambda: write_letters(now=NOW), lambda: erase(person=alice, by="user:1", now=NOW))
    assert errors(raised) == []
    assert set(Message.objects.filter(state="queued").values_list("person__full_name", flat=True)) == {"Bob"}
