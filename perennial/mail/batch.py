"""One claimed batch: what is known of it, and what its sending counts up to."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from perennial.mail.claimed import Claimed


@dataclass
class SendReport:
    """What one call did. `trouble` is a sentence when the mail server was the reason to stop."""

    sent: int = 0
    kept: int = 0
    failed: int = 0
    retried: int = 0
    uncertain: int = 0
    postponed: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    trouble: str = ""

    @property
    def handled(self) -> int:
        """How many messages left the place they had in the queue."""
        parts = (self.sent, self.kept, self.failed, self.retried, self.uncertain, self.postponed)
        return sum(parts) + sum(self.skipped.values())

    def skip(self, rule: str, count: int) -> None:
        if count:
            self.skipped[rule] = self.skipped.get(rule, 0) + count


@dataclass(frozen=True)
class Batch:
    """The messages of one claim. `holder` is a name of its own, so that no former holder is taken for this one."""

    holder: str
    messages: Sequence[Claimed]
    now: datetime
    report: SendReport
    stopping: Callable[[], bool] = lambda: False
    # By message: the address of its person's that the door picked.
    picked: dict[int, int] = field(default_factory=dict)
    claimed_at: float = field(default_factory=time.monotonic)

    @property
    def age(self) -> float:
        """Seconds since it was claimed."""
        return time.monotonic() - self.claimed_at

    def picked_for(self, messages: Iterable[Claimed]) -> list[int]:
        """The ids of the addresses that the door picked for these messages."""
        return [self.picked[message.pk] for message in messages if message.pk in self.picked]


def ids(messages: Iterable[Claimed]) -> list[int]:
    return [message.pk for message in messages]
