"""How the lines of a timeline are told."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

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
    TouchKind.GIFT: "gift",
    "consent_granted": "circle-check",
    "consent_withdrawn": "circle-x",
}

# The rule of the door that decided, in a word; what each of them says exactly stands on the page of its own.
_WHY: dict[str, Promise] = {
    "consent": _lazy("not agreed to"),
    "stage": _lazy("the programme is not live"),
    "excluded": _lazy("excluded"),
    "decided": _lazy("not for now, as was decided"),
    "audience": _lazy("the programme is not for them"),
    "objected": _lazy("asked to be left alone"),
    "restricted": _lazy("contact is restricted"),
    "no_address": _lazy("no confirmed address"),
    "suppressed": _lazy("mail does not arrive"),
    "frequency": _lazy("written to or called not long ago"),
    "not_now": _lazy("asked for a pause"),
    "quiet_hours": _lazy("quiet hours"),
}

# What a timeline can be narrowed to; every kind belongs to one of them.
GROUPS: dict[str, tuple[Promise | str, frozenset[str]]] = {
    "letters": (_lazy("Letters"), frozenset({TouchKind.MAIL, TouchKind.HANDED_OVER})),
    "talks": (
        _lazy("Calls, meetings, gifts"),
        frozenset({TouchKind.CALL, TouchKind.MEETING, TouchKind.NOTE, TouchKind.GIFT}),
    ),
    "answers": (_lazy("Answers"), frozenset({TouchKind.EXIT_ANSWERS, TouchKind.RELATION_ANSWERED})),
    "consent": (
        _lazy("Consent"),
        frozenset(
            {"consent_granted", "consent_withdrawn", TouchKind.PREFERENCES, TouchKind.ADDRESS_CONFIRMED},
        ),
    ),
}


@dataclass(frozen=True)
class Line:
    """One entry as the timeline component shows it."""

    at: datetime
    side: str
    kind: str | Promise
    icon: str
    title: str


def why(rule: str) -> str | Promise:
    """The deciding rule in a word; empty where nothing stands in the way."""
    return _WHY.get(rule, _("a rule of the programme") if rule else "")


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
