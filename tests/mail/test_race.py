"""Two workers at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from perennial.contact.models import Touch
from perennial.mail import queue
from perennial.mail.models import Lease, Message
from perennial.mail.send import send_due
from tests.cast import NOW, programme
from tests.mail.people import agreed, letter, letters
from tests.mail.servers import ScriptedServer

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(count: int, deed: Any) -> list[Any]:
    start = Barrier(count)

    def one(at: int) -> Any:
        try:
            start.wait()
            return deed(at)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_two_workers_share_the_queue_and_send_each_mail_once(server: ScriptedServer) -> None:
    programme()
    messages = letters(30)
    reports = at_once(2, lambda at: send_due(now=NOW, worker=f"worker {at}", limit=30))
    sent = sum(each.sent for each in reports)
    while sent < 30:
        sent += send_due(now=NOW, worker="last").sent
    assert sorted(each.mail["Message-ID"] for each in server.deliveries) == sorted(
        f"<{each.message_id}>" for each in messages
    )
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}
    assert Touch.objects.filter(kind="mail").count() == 30


@pytest.mark.parametrize("attempt", range(5))
def test_no_message_is_claimed_twice(attempt: int) -> None:
    programme()
    letters(12)
    claims = at_once(4, lambda at: [each.pk for each in queue.claim(holder=f"{at}", now=NOW, count=5)])
    claimed = [pk for claim in claims for pk in claim]
    assert len(claimed) == len(set(claimed)) == 12
    assert Lease.objects.count() == sum(1 for claim in claims if claim)


@pytest.mark.parametrize("attempt", range(5))
def test_two_letters_to_one_person_are_never_in_two_hands(attempt: int) -> None:
    programme()
    someone = agreed()
    for _ in range(4):
        letter(someone)
    claims = at_once(4, lambda at: queue.claim(holder=f"{at}", now=NOW, count=1))
    assert sorted(len(claim) for claim in claims) == [0, 0, 0, 1]
