"""Two processes at one moment."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections

from perennial.consent.actions import RequestGoneError, grant_request, request_consents, withdraw
from perennial.consent.enums import Means
from perennial.consent.models import ConsentRequest
from perennial.consent.queries import granted, replayed
from perennial.departures.models import Departure
from perennial.mail.models import Message
from perennial.operate.tick import tick
from perennial.outreach.models import StepOutcome
from perennial.people.actions import verify_address
from tests.cast import NOW, person, programme

pytestmark = pytest.mark.django_db(transaction=True)

LATER = NOW + timedelta(days=14)


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """Each deed in a thread and with a connection of its own, all beginning together. What was raised is returned."""
    gate = threading.Barrier(len(deeds))
    results: list[Any] = [None] * len(deeds)

    def run(place: int, deed: Callable[[], Any]) -> None:
        gate.wait()
        try:
            results[place] = deed()
        except Exception as error:  # noqa: BLE001 - it is what the test looks at
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def test_four_ticks_at_once_draft_each_letter_once() -> None:
    programme()
    people = []
    for name in ("Alice", "Bob", "Charlie", "Dora", "Erin", "Frank"):
        someone = person(name, private=f"{name.lower()}@home.example")
        verify_address(address=someone.addresses.get(), by="test", now=NOW)
        request = request_consents(
            person=someone,
            address=someone.addresses.get(),
            purposes=["personal"],
            channels=[],
            language="nl",
            by="test",
            now=NOW,
        )
        grant_request(request=request, ip=None, by="test", now=NOW)
        people.append(someone)
    reports = at_once(*[lambda: tick(now=LATER, worker="test")] * 4)
    assert [report for report in reports if isinstance(report, Exception)] == []
    assert Departure.objects.count() == StepOutcome.objects.count() == len(people)
    written = Counter(Message.objects.values_list("person", "mailing__origin"))
    assert set(written.values()) == {1}
    # Each has an invitation and the letter of the second week, and the reports add up to that.
    assert sum(report.drafted for report in reports) == len(written) == 2 * len(people)


def test_of_confirming_and_withdrawing_at_once_the_ledger_and_the_state_agree() -> None:
    programme()
    alice = person(private="alice@home.example")
    for _ in range(8):
        request = request_consents(
            person=alice,
            address=alice.addresses.get(),
            purposes=["personal", "events"],
            channels=[],
            language="nl",
            by="test",
            now=NOW,
        )
        raised = at_once(
            lambda request=request: grant_request(request=request, ip=None, by="a", now=NOW),  # type: ignore[misc]
            lambda: withdraw(person=alice, means=Means.ONE_CLICK, by="b", now=NOW),
            lambda request=request: grant_request(request=request, ip=None, by="c", now=NOW),  # type: ignore[misc]
        )
        errors = [error for error in raised if isinstance(error, Exception)]
        assert [error for error in errors if not isinstance(error, RequestGoneError)] == []
        assert granted(person=alice) == replayed(person_key=alice.key)
        # Whoever came last won whole: nothing that was withdrawn is left half granted.
        assert len(granted(person=alice)) in (0, 2)
        assert ConsentRequest.objects.filter(confirmed_at=None).count() == 0
        withdraw(person=alice, means=Means.PREFERENCES, by="test", now=NOW)
