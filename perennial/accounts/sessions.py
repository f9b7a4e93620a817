"""Sessions in the database that know when somebody signed in, and when they end."""

import time
from datetime import UTC, datetime
from typing import Any, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore

from perennial.accounts.models import Session

IDLE_SECONDS = 8 * 60 * 60
LONGEST_SECONDS = 12 * 60 * 60
# Being seen is written down no more often than this, so that a page view is not a write.
_SEEN_EVERY_SECONDS = 10 * 60
_STARTED = "signed_in_at"
_SEEN = "seen_at"
_DEVICE = "device"


class SessionStore(DatabaseSessionStore):
    """Django's own, which stamps the time whenever its key turns: at sign-in and when a password changes."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """The row, with who is signed in, on what and since when beside what Django keeps."""
        row = cast(Session, super().create_model_instance(data))
        row.user_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        row.device = data.get(_DEVICE, "")
        row.started_at, row.seen_at = _moment(data.get(_STARTED)), _moment(data.get(_SEEN))
        return row

    def cycle_key(self) -> None:
        super().cycle_key()
        self[_STARTED] = self[_SEEN] = int(time.time())

    def seconds_since_sign_in(self) -> int:
        """How long ago this session was opened by somebody who proved who they are."""
        return int(time.time()) - int(self.get(_STARTED, 0))

    def is_over(self) -> bool:
        """Whether it was idle, or open, for too long."""
        if _STARTED not in self:
            return False
        idle = int(time.time()) - int(self.get(_SEEN, 0))
        return idle >= IDLE_SECONDS or self.seconds_since_sign_in() >= LONGEST_SECONDS

    def note_seen(self, *, device: str) -> None:
        """Keeps the session from being idle. Where one account signs in over another there is no stamp yet."""
        now = int(time.time())
        self.setdefault(_STARTED, now)
        if now - int(self.get(_SEEN, 0)) >= _SEEN_EVERY_SECONDS:
            self[_SEEN] = now
        if device != self.get(_DEVICE, ""):
            self[_DEVICE] = device


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, tz=UTC)
