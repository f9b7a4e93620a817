"""The loop of the worker process."""

import threading

import pytest
from django.db import OperationalError

from perennial.mail import worker
from perennial.mail.batch import SendReport


class Stop(threading.Event):
    """Stops after so many waits, and remembers how long each was asked to be."""

    def __init__(self, waits: int) -> None:
        super().__init__()
        self.left = waits
        self.waited: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waited.append(timeout)
        self.left -= 1
        if self.left <= 0:
            self.set()
        return self.is_set()


def outcomes(monkeypatch: pytest.MonkeyPatch, *reports: SendReport | Exception) -> list[str]:
    left, called = list(reports), []

    def send_due(**asked: object) -> SendReport:
        called.append(str(asked["worker"]))
        report = left.pop(0) if left else SendReport()
        if isinstance(report, Exception):
            raise report
        return report

    monkeypatch.setattr(worker, "send_due", send_due)
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)
    return called


def test_with_work_to_do_it_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    called = outcomes(monkeypatch, SendReport(sent=3), SendReport(kept=1))
    stop = Stop(1)
    worker.run(stop, name="w1")
    assert called == ["w1"] * 3
    assert stop.waited == [worker.IDLE_SECONDS]


def test_with_a_server_in_trouble_it_waits_longer_and_longer_and_recovers(monkeypatch: pytest.MonkeyPatch) -> None:
    trouble = [SendReport(trouble="down") for _ in range(5)]
    outcomes(monkeypatch, *trouble, SendReport(sent=1), SendReport(trouble="down"))
    stop = Stop(6)
    worker.run(stop)
    assert stop.waited == [5.0, 15.0, 60.0, 300.0, 300.0, 5.0]


def test_a_database_that_is_away_does_not_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    called = outcomes(monkeypatch, OperationalError("locked"), SendReport(sent=1))
    stop = Stop(2)
    worker.run(stop)
    assert len(called) == 3
    assert stop.waited == [5.0, worker.IDLE_SECONDS]
