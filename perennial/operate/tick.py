"""The explicit list of what is due. Runs any number of times, from any number of processes, to the same state."""

import logging
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings

from perennial.accounts.actions import drop_ended_sessions
from perennial.consent.evidence import drop_expired_evidence
from perennial.departures.actions import open_due
from perennial.departures.audience.actions import keep_audience
from perennial.departures.decisions.actions import keep_decisions
from perennial.departures.exit.closing import close_groups
from perennial.departures.farewell.handing_out import keep_farewells
from perennial.departures.farewell.privacy import forget_served
from perennial.departures.farewell.reminders import remind
from perennial.departures.invitations import draft_invitations
from perennial.departures.telling.actions import write_letters
from perennial.intake.upkeep import forget_old, resume_abandoned
from perennial.intake.watching import watch
from perennial.kernel import clock
from perennial.mail.confirmation import forget_unconfirmed
from perennial.mail.send import send_due
from perennial.outreach.actions import plan
from perennial.privacy.announcing import keep_to_policy
from perennial.privacy.journal import JournalDamagedError
from perennial.privacy.retention import go_on
from perennial.privacy.rights.copies import forget_files, make_ordered
from perennial.privacy.rights.letters import forget_last_words
from perennial.privacy.rights.visits import forget_visits
from perennial.privacy.settling import settle
from perennial.web.pace import forget_knocks

logger = logging.getLogger(__name__)


class _SeldomWhenLong:
    """Keeps the audience, and rests fifty times as long as that took where it took more than a second.

    It looks at everybody: ten seconds of a million people, and every change by hand or import is kept at once anyway.
    What is left for here is that days pass.
    """

    LONG, RESTS = 1.0, 50

    def __init__(self) -> None:
        self._not_before = 0.0

    def keep(self, *, now: datetime) -> None:
        started = time.monotonic()
        if started < self._not_before:
            return
        keep_audience(now=now)
        took = time.monotonic() - started
        self._not_before = started + self.RESTS * took if took > self.LONG else 0.0


_audience = _SeldomWhenLong()


@dataclass
class TickReport:
    """The work this run did. `queued`: messages put back for later; `skipped`: newly stopped, by rule."""

    drafted: int = 0
    queued: int = 0
    sent: int = 0
    skipped: Counter[str] = field(default_factory=Counter)


def tick(*, now: datetime, worker: str) -> TickReport:
    """Does everything that is due at `now`: deadlines first, then drafts, then sending."""
    report = TickReport()
    forget_unconfirmed(now=now)
    drop_expired_evidence(now=now)
    # Browsers, processes and files live in real time, whatever time is tried out.
    drop_ended_sessions(now=clock.now())
    forget_knocks(now=clock.now())
    resume_abandoned(now=clock.now())
    forget_old(now=clock.now())
    open_due(now=now)
    _audience.keep(now=now)
    keep_farewells(now=now)
    keep_decisions(now=now)
    forget_served(now=now)
    go_on(now=now)
    # What cannot leave within days does not stay for good: it is to somebody who is erased.
    forget_last_words(before=now - timedelta(days=3))
    forget_visits(now=now)
    forget_files(now=now)
    report.drafted += draft_invitations(now=now)
    remind(now=now)
    close_groups(now=now)
    planned = plan(now=now)
    report.drafted += planned.drafted
    report.skipped.update(planned.skipped)
    write_letters(now=now)
    sending = send_due(now=now, worker=worker)
    report.sent += sending.sent + sending.kept
    report.queued += sending.retried + sending.postponed
    report.skipped.update(sending.skipped)
    # Once a week this looks at everybody: after the mail has left.
    keep_to_policy(now=now)
    _settle_erasures()
    _make_copies(now)
    _look_at_watched_folder()
    return report


def _settle_erasures() -> None:
    """The people are gone already; a journal that cannot be written must not keep mail back."""
    try:
        settle(now=clock.now())
    except (JournalDamagedError, OSError):
        logger.exception("The journal of erasures could not be written; it is tried again.")


def _make_copies(now: datetime) -> None:
    """On their own: a file that cannot be made must not keep mail back, and stands on Today until it is."""
    try:
        make_ordered(now=now)
    except Exception:  # said with its trace, tried again at the next turn
        logger.exception("A copy of somebody's data could not be made; it is tried again.")


def _look_at_watched_folder() -> None:
    """Last, and on its own: whatever lies there, mail has left and the next turn comes."""
    if settings.PERENNIAL_WATCH_DIR is None:
        return
    try:
        watch(folder=settings.PERENNIAL_WATCH_DIR, now=clock.now())
    except Exception:  # others write there: said with its trace, tried again at the next turn
        logger.exception("The watched folder could not be looked at; it is tried again.")
