"""How the lines of a timeline are told."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from perennial.contact.enums import TouchKind
from perennial.contact.queries import TimelineEntry
from perennial.kernel.purposes import CHANNEL_WORDS, Channel, Purpose

ICONS: dict[str, str] = {
    TouchKind.MAIL: "mail",
    TouchKind.CALL: "phone",
    TouchKind.MEETING: "coffee",
    TouchKind.HANDED_OVER: "printer",
    TouchKind.EXIT_ANSWERS: "message",
    TouchKind.RELATION_ANSWERED: "heart-handshake",
    TouchKind.ADDRESS_CONFIRMED: "circle-check",
    TouchKind.PREFERENCES: "adjustments",
    TouchKind.NOTE: "pencil",
    "consent_granted": "circle-check",
    "consent_withdrawn": "circle-x",
}


@dataclass(frozen=True)
class Line:
    """One entry as the timeline component shows it."""

    at: datetime
    side: str
    kind: str | Promise
    icon: str
    title: str


def timeline_rows(entries: Iterable[TimelineEntry]) -> list[Line]:
    return [
        Line(entry.at, entry.direction, _kind(entry), ICONS.get(entry.kind, "mail"), _title(entry)) for entry in entries
    ]


def _kind(entry: TimelineEntry) -> str | Promise:
    if entry.kind == "consent_granted":
        return _("Agreed")
    if entry.kind == "consent_withdrawn":
        return _("Withdrew")
    return TouchKind(entry.kind).label


def _title(entry: TimelineEntry) -> str:
    if entry.kind.startswith("consent_"):
        return _("%(purpose)s by %(channel)s") % {
            "purpose": Purpose(entry.purpose).label,
            "channel": CHANNEL_WORDS[Channel(entry.channel)],
        }
    return entry.summary
