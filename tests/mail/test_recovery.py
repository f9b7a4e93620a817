"""A worker that died: what it held comes back, and what it had begun is tried once more and called uncertain."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from perennial.contact.models import Touch
from perennial.kernel import clock
from perennial.mail import queue
from perennial.mail.models import Lease, Message
from perennial.mail.outcome import PAUSES
from perennial.mail.recovery import recover
from perennial.mail.send import send_due
from tests.cast import NOW, programme
from tests.mail.people import agreed, fresh, letter, letters
from tests.mail.servers import Script, ScriptedServer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _live() -> None:
    programme()


def dies_with(count: int, *, begun: int) -> list[Message]:
    """A worker that claimed `count` messages, had begun the first `begun`, and is heard of no more."""
    messages = letters(count)
    assert len(queue.claim(holder="dead", now=NOW, count=count)) == count
    assert queue.begin(holder="dead", message_ids=[each.pk for each in messages[:begun]]) is not None
    return messages


def its_lease_ends() -> None:
    Lease.objects.filter(holder="dead").update(until=clock.now() - timedelta(seconds=1))


def test_until_the_lease_ends_nobody_else_touches_what_is_held(server: ScriptedServer) -> None:
    dies_with(3, begun=1)
    assert send_due(now=NOW, worker="other").handled == 0
    assert server.deliveries == []


def test_afterwards_all_go_and_only_what_was_begun_is_called_uncertain(server: ScriptedServer) -> None:
    messages = dies_with(4, begun=2)
    its_lease_ends()
    assert send_due(now=NOW, worker="other").sent == 4
    assert [(fresh(each).state, fresh(each).uncertain) for each in messages] == [
        ("sent", True),
        ("sent", True),
        ("sent", False),
        ("sent", False),
    ]
    assert sorted(each.mail["Message-ID"] for each in server.deliveries) == sorted(
        f"<{each.message_id}>" for each in messages
    )
    assert Lease.objects.count() == 0
    assert Touch.objects.filter(kind="mail").count() == 4


def dies_again(message: Message, *, now: datetime = NOW) -> None:
    assert queue.claim(holder="dead", now=now, count=1)
    assert queue.begin(holder="dead", message_ids=[message.pk])
    its_lease_ends()
    recover(now=now)


def test_however_often_workers_die_over_it_a_mail_that_never_went_is_not_given_up_soon(server: ScriptedServer) -> None:
    message = dies_with(1, begun=1)[0]
    its_lease_ends()
    recover(now=NOW)
    assert (fresh(message).state, fresh(message).not_before, fresh(message).attempts) == ("uncertain", NOW, 1)
    dies_again(message)
    assert (fresh(message).state, fresh(message).attempts) == ("uncertain", 2)
    assert fresh(message).not_before == NOW + PAUSES[0]
    assert send_due(now=NOW + PAUSES[0], worker="other").sent == 1
    assert len(server.deliveries) == 1


def test_a_mail_that_kills_every_worker_is_left_at_last(server: ScriptedServer) -> None:
    message = dies_with(1, begun=1)[0]
    its_lease_ends()
    recover(now=NOW)
    for _ in PAUSES[1:]:
        Message.objects.update(not_before=NOW)
        dies_again(message)
    assert fresh(message).done_at is None
    Message.objects.update(not_before=NOW)
    dies_again(message)
    assert (fresh(message).state, fresh(message).done_at) == ("uncertain", NOW)
    assert send_due(now=NOW + timedelta(days=30), worker="other").handled == 0
    assert Touch.objects.filter(kind="mail").count() == 1


def test_what_the_server_had_whole_before_is_not_tried_a_third_time(served: Callable[[Script], ScriptedServer]) -> None:
    server = served(Script(drop={"*": "dot"}, drops=1))
    message = letter(agreed())
    assert send_due(now=NOW, worker="w").uncertain == 1
    later = NOW + timedelta(minutes=1)
    dies_again(message, now=later)
    assert (fresh(message).state, fresh(message).done_at) == ("uncertain", later)
    assert send_due(now=NOW + timedelta(days=60), worker="other").handled == 0
    assert server.seen_recipients == ["alice@home.example"]


def test_a_worker_that_only_slept_does_not_go_on_with_what_others_took(server: ScriptedServer) -> None:
    messages = dies_with(3, begun=1)
    its_lease_ends()
    send_due(now=NOW, worker="other")
    assert not queue.begin(holder="dead", message_ids=[each.pk for each in messages])
    assert queue.end(holder="dead", message_ids=[messages[0].pk], state="failed", now=NOW) == 0  # type: ignore[arg-type]
    assert queue.give_back(holder="dead", message_ids=[messages[0].pk]) == 0
    assert {fresh(each).state for each in messages} == {"sent"}
    assert len(server.deliveries) == 3


def test_a_lease_that_ran_out_is_not_renewed_even_if_nobody_took_over() -> None:
    messages = dies_with(1, begun=0)
    its_lease_ends()
    assert not queue.begin(holder="dead", message_ids=[messages[0].pk])


def test_nobody_writes_to_a_person_who_has_a_mail_in_other_hands() -> None:
    someone = agreed()
    letter(someone)
    queue.claim(holder="busy", now=NOW, count=1)
    letter(someone)
    bob = letter(agreed("Bob", "bob@home.example"))
    assert [each.pk for each in queue.claim(holder="other", now=NOW, count=10)] == [bob.pk]


def test_recovery_with_nothing_to_recover_costs_one_look(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert recover(now=NOW) == 0
