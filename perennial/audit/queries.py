"""Reads what was done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import BigIntegerField, Count, Q, QuerySet, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce

from perennial.audit.models import Event

# Deeds by which somebody only saw: nothing on file is another for them.
LOOKS = frozenset(
    {
        "people.seen",
        "people.proofs_opened",
        "departures.exit_answers_read",
        "departures.conversation_notes_opened",
        "privacy.copied",
        "privacy.proof_made",
    }
)


@dataclass(frozen=True)
class Wanted:
    """What is looked for; what is empty does not matter. `until` is the first moment that is not meant any more."""

    subject_kind: str = ""
    subject_key: str = ""
    by: str = ""
    deeds: Sequence[str] = ()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Page:
    """Events, the last first, and the place from which the next page goes on; empty where there is none."""

    events: list[Event]
    further: str


@dataclass(frozen=True)
class Taken:
    """What one colleague took: how many subjects they saw, and how many rows their files had."""

    by: str
    seen: int
    rows: int


def taken(*, seen: str, files: Sequence[str], since: datetime, by: str = "") -> list[Taken]:
    """What colleagues took since `since`, whoever took something, or `by` alone. One statement.

    `seen` is the deed of seeing; `files` are deeds whose details say how many `rows` the file had.
    """
    events = Event.objects.filter(deed__in=(seen, *files), at__gte=since)
    if by:
        events = events.filter(by=by)
    rows = events.values("by").annotate(
        seen=Count("pk", filter=Q(deed=seen)),
        rows=Coalesce(Sum(Cast(KT("details__rows"), BigIntegerField())), 0),
    )
    return [Taken(row["by"], row["seen"], row["rows"]) for row in rows.order_by("by")]


def deeds_to(*, subject_kind: str, subject_key: str) -> QuerySet[Event]:
    """What was done to one subject, the last first."""
    return Event.objects.filter(subject_kind=subject_kind, subject_key=subject_key).order_by("-at", "-pk")


def found(wanted: Wanted) -> QuerySet[Event]:
    """What fits, the last first."""
    events = Event.objects.order_by("-at", "-pk")
    if wanted.subject_key:
        events = events.filter(subject_kind=wanted.subject_kind, subject_key=wanted.subject_key)
    if wanted.by:
        events = events.filter(by=wanted.by)
    if wanted.deeds:
        events = events.filter(deed__in=wanted.deeds)
    if wanted.since:
        events = events.filter(at__gte=wanted.since)
    if wanted.until:
        events = events.filter(at__lt=wanted.until)
    return events


def page_of(wanted: Wanted, *, size: int, after: str = "") -> Page:
    """A page of what fits: it costs the same wherever it begins, since nothing is counted or passed over.

    `after` is the `further` of the page before; what is no such place is the beginning.
    """
    events = found(wanted)
    place = _place(after)
    if place:
        at, pk = place
        # The first half is what an index can begin at; the second tells apart what happened at one moment.
        events = events.filter(at__lte=at).filter(Q(at__lt=at) | Q(pk__lt=pk))
    rows = list(events[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    return Page(rows, f"{rows[-1].at.isoformat()}~{rows[-1].pk}" if more else "")


def _place(text: str) -> tuple[datetime, int] | None:
    at, _tilde, pk = text.partition("~")
    if not pk.isascii() or not pk.isdecimal() or len(pk) > 18:
        return None
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    return (moment, int(pk)) if moment.tzinfo and 1900 < moment.year < 3000 else None
