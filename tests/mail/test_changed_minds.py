"""Somebody changes what they want while a worker has their mail in hand: what was not begun yet is not sent."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Event
from typing import Any

import pytest
from django.db import connection, transaction

from perennial.contact.actions import record_touch
from perennial.contact.enums import Direction, TouchKind
from perennial.departures.relation import Relation, change_relation, leave
from perennial.kernel.purposes import Purpose
from perennial.mail import queue, send
from perennial.mail.enums import MessageState
from perennial.mail.models import Message
from perennial.mail.send import send_due
from perennial.mail.unsubscribe import one_click
from perennial.people.models import Person
from perennial.privacy.actions import erase
from perennial.privacy.rights.actions import ask
from perennial.privacy.rights.enums import RequestKind
from tests.cast import NOW, TODAY, programme
from tests.mail.people import agreed, fresh, letter
from tests.mail.servers import ScriptedServer
from tests.mail.test_unsubscribe import token_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _live() -> None:
    programme()


def stops_all(someone: Person) -> None:
    leave(person=someone, by="test", now=NOW)


def presses_one_click(someone: Person) -> None:
    one_click(token=token_of(someone.messages.get()), ip=None, now=NOW)


def is_erased(someone: Person) -> None:
    erase(person=someone, by="test", now=NOW)


def chooses(
    someone: Person, *, frequency: str = "monthly", not_now_until: date | None = None, purposes: tuple[str, ...] = ()
) -> None:
    """Sends the page of choices, with personal notes as they were unless `purposes` says otherwise."""
    change_relation(
        person=someone,
        relation=Relation(
            purposes=purposes or ["personal"],
            channels=["email"],
            frequency=frequency,
            language="en",
            private_email="",
            shown_in="en",
        ),
        not_now_until=not_now_until,
        ip=None,
        by="test",
        now=NOW,
    )


def asks_for_a_pause(someone: Person) -> None:
    chooses(someone, not_now_until=TODAY + timedelta(days=90))


def ticks_it_off(someone: Person) -> None:
    chooses(someone, purposes=("events",))


def asks(someone: Person, kind: RequestKind) -> None:
    ask(person=someone, kind=kind, by=f"person:{someone.key}", now=NOW)


def asks_for_no_letters(someone: Person) -> None:
    asks(someone, RequestKind.NO_MARKETING)


def asks_to_be_stored_only(someone: Person) -> None:
    asks(someone, RequestKind.RESTRICTION)


def asks_to_be_erased(someone: Person) -> None:
    asks(someone, RequestKind.ERASURE)


CHANGES = [
    (stops_all, "skipped", "consent"),
    (presses_one_click, "skipped", "consent"),
    (ticks_it_off, "skipped", "consent"),
    (asks_for_a_pause, "queued", "not_now"),
    (asks_for_no_letters, "skipped", "consent"),
    (asks_to_be_stored_only, "skipped", "restricted"),
    (asks_to_be_erased, "skipped", "restricted"),
]


@pytest.mark.parametrize(("change", "state", "rule"), CHANGES)
def test_a_change_is_in_force_for_what_waits_in_the_queue(
    server: ScriptedServer, change: Any, state: str, rule: str
) -> None:
    someone = agreed()
    message = letter(someone)
    change(someone)
    send_due(now=NOW, worker="w")
    # The confirmation of what was newly ticked is another mail.
    assert [each for each in server.deliveries if each.mail["Subject"] == "How are you?"] == []
    assert (fresh(message).state, fresh(message).skip_rule) == (state, rule)


@pytest.mark.parametrize(("change", "state", "rule"), CHANGES)
def test_a_change_is_in_force_for_what_a_worker_has_in_hand_and_has_asked_about(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch, change: Any, state: str, rule: str
) -> None:
    first, second = agreed("Ann", "ann@home.example"), agreed("Bob", "bob@home.example")
    letter(first)
    message = letter(second)
    monkeypatch.setattr(send, "FEWEST_IN_HAND", 1)
    monkeypatch.setattr(send, "MOST_IN_HAND", 1)
    begin = queue.begin

    def begins(*, holder: str, message_ids: list[int]) -> set[int] | None:
        # The door has said yes to both. As the second is about to go, Bob changes his mind.
        if message.pk in message_ids:
            change(second)
        return begin(holder=holder, message_ids=message_ids)

    monkeypatch.setattr(queue, "begin", begins)
    send_due(now=NOW, worker="w", limit=2)
    assert [each.recipient for each in server.deliveries] == ["ann@home.example"]
    assert (fresh(message).state, fresh(message).leased_by) == ("queued", "")
    monkeypatch.undo()
    send_due(now=NOW, worker="w")
    assert (fresh(message).state, fresh(message).skip_rule) == (state, rule)


def test_somebody_erased_gets_nothing_that_was_in_hand(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    someone = agreed()
    letter(someone)
    begin = queue.begin

    def begins(*, holder: str, message_ids: list[int]) -> set[int] | None:
        is_erased(someone)
        return begin(holder=holder, message_ids=message_ids)

    monkeypatch.setattr(queue, "begin", begins)
    assert send_due(now=NOW, worker="w").sent == 0
    assert server.deliveries == []


def test_a_change_that_alters_nothing_lets_the_mail_go(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    someone = agreed()
    message = letter(someone)
    assert len(queue.claim(holder="w", now=NOW, count=1)) == 1
    chooses(someone)
    assert fresh(message).state == "queued"
    assert send_due(now=NOW, worker="other").sent == 1


def test_what_was_begun_is_with_the_mail_server_and_is_not_called_back() -> None:
    someone = agreed()
    message = letter(someone)
    queue.claim(holder="w", now=NOW, count=1)
    assert queue.begin(holder="w", message_ids=[message.pk]) == {message.pk}
    leave(person=someone, by="test", now=NOW)
    assert (fresh(message).state, fresh(message).leased_by) == ("sending", "w")


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite lets only one write at a time")
def test_a_claim_in_the_middle_of_a_change_leaves_this_persons_mail_alone(server: ScriptedServer) -> None:
    """A worker comes along while the change is being written: it leaves this person's mail alone until then."""
    someone = agreed()
    message = letter(someone)
    written, looked = Event(), Event()

    def changing() -> None:
        try:
            with transaction.atomic():
                leave(person=someone, by="test", now=NOW)
                written.set()
                assert looked.wait(20)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        change = pool.submit(changing)
        assert written.wait(20)
        # The withdrawal is not yet to be seen, so the door would say yes.
        report = send_due(now=NOW, worker="w")
        looked.set()
        change.result()
    assert (report.sent, server.deliveries) == (0, [])
    send_due(now=NOW, worker="w")
    assert (fresh(message).state, fresh(message).skip_rule) == ("skipped", "consent")


@pytest.mark.parametrize("attempt", range(5))
def test_of_a_change_and_a_mail_at_the_same_moment_one_comes_first(server: ScriptedServer, attempt: int) -> None:
    """Never both: a mail that went although the change had been saved before it was begun."""
    people = [agreed(f"Person {at}", f"person{at}@home.example") for at in range(8)]
    messages = [letter(each) for each in people]
    order: list[tuple[str, int]] = []
    begin = queue.begin

    def begins(*, holder: str, message_ids: list[int]) -> set[int] | None:
        ours = begin(holder=holder, message_ids=message_ids)
        # Still in the worker's transaction, so before anybody who waits for it can go on.
        order.extend(("begun", pk) for pk in message_ids if ours and pk in ours)
        return ours

    def changing() -> None:
        try:
            for someone, message in zip(people, messages, strict=True):
                leave(person=someone, by="test", now=NOW)
                order.append(("left", message.pk))
        finally:
            connection.close()

    with pytest.MonkeyPatch.context() as patched, ThreadPoolExecutor(1) as pool:
        patched.setattr(queue, "begin", begins)
        patched.setattr(send, "FEWEST_IN_HAND", 2)
        patched.setattr(send, "MOST_IN_HAND", 2)
        change = pool.submit(changing)
        send_due(now=NOW, worker="w")
        change.result()
        send_due(now=NOW, worker="w")
    for message in messages:
        if fresh(message).state == "sent":
            assert order.index(("begun", message.pk)) < order.index(("left", message.pk))
        else:
            assert (fresh(message).state, fresh(message).skip_rule) == ("skipped", "consent")
    assert Message.objects.filter(state__in=["queued", "sending"]).count() == 0


@pytest.mark.postgresql
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite lets only one write at a time")
@pytest.mark.parametrize("change", [stops_all, asks_for_no_letters, asks_to_be_erased, is_erased])
def test_a_mail_that_ends_and_a_change_do_not_wait_for_each_other(change: Any) -> None:
    someone = agreed()
    message = letter(someone)
    queue.claim(holder="w", now=NOW, count=1)
    queue.begin(holder="w", message_ids=[message.pk])
    ended, changing = Event(), Event()

    def worker() -> None:
        try:
            with transaction.atomic():
                queue.end(holder="w", message_ids=[message.pk], state=MessageState.SENT, now=NOW)
                ended.set()
                changing.wait(20)
                # Time for the change to lock what it needs; one that then needs the message waits for us.
                time.sleep(0.3)
                record_touch(
                    person=someone,
                    at=NOW,
                    direction=Direction.OURS,
                    kind=TouchKind.MAIL,
                    purpose=Purpose.PERSONAL,
                    origin="test",
                )
        finally:
            connection.close()

    def changes() -> None:
        try:
            ended.wait(20)
            changing.set()
            change(someone)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for each in [pool.submit(worker), pool.submit(changes)]:
            each.result()
