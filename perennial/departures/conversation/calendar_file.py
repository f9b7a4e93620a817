"""The calendar file of a conversation (RFC 5545, 5546): times in UTC, a stable UID, a sequence that only rises."""

from datetime import UTC, timedelta
from enum import StrEnum

from django.utils import translation
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vCalAddress

from perennial.departures.conversation.enums import ConversationState, Way
from perennial.departures.models import ExitConversation

PRODUCT = "-//Perennial//Exit conversation//EN"
CALLED_OFF = (ConversationState.CALLED_OFF, ConversationState.DECLINED, ConversationState.DID_NOT_HAPPEN)


class Method(StrEnum):
    """What a calendar is to do with it. PUBLISH puts it in one's own: nobody else is asked to come by it."""

    PUBLISH = "PUBLISH"
    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


def for_colleague(*, conversation: ExitConversation) -> bytes:
    """The entry for whoever leads it, or the end of that entry; it invites nobody a second time."""
    off = conversation.state in CALLED_OFF
    name = conversation.departure.person.full_name
    summary = _("Exit conversation with %(name)s") % {"name": name}
    return _file(conversation, Method.CANCEL if off else Method.PUBLISH, summary)


def for_leaver(*, conversation: ExitConversation, attendee: str, organisation: str, language: str) -> bytes:
    """The entry as it is mailed to the leaver at `attendee`, in `language`."""
    off = conversation.state in CALLED_OFF
    leader = conversation.leader.name if conversation.leader else organisation
    with translation.override(language):
        summary = _("Conversation with %(name)s, %(organisation)s") % {"name": leader, "organisation": organisation}
    return _file(conversation, Method.CANCEL if off else Method.REQUEST, summary, attendee=attendee)


def _file(conversation: ExitConversation, method: Method, summary: str, *, attendee: str = "") -> bytes:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method.value)
    event = Event()
    event.add("uid", conversation.uid)
    event.add("sequence", conversation.sequence)
    event.add("dtstamp", conversation.changed_at.astimezone(UTC).replace(microsecond=0))
    starts_at = conversation.starts_at.astimezone(UTC).replace(second=0, microsecond=0)
    event.add("dtstart", starts_at)
    event.add("dtend", starts_at + timedelta(minutes=conversation.minutes))
    event.add("summary", summary)
    event.add("class", "PRIVATE")
    event.add("status", "CANCELLED" if method is Method.CANCEL else "CONFIRMED")
    if conversation.place:
        event.add("location", conversation.place)
        if conversation.way == Way.VIDEO and conversation.place.startswith("https://"):
            event.add("url", conversation.place)
    if attendee:
        leader = conversation.leader
        if leader:
            event.add("organizer", _person(leader.name, leader.email), encode=False)
        invited = _person(conversation.departure.person.full_name, attendee)
        invited.params["ROLE"], invited.params["PARTSTAT"], invited.params["RSVP"] = (
            "REQ-PARTICIPANT",
            "NEEDS-ACTION",
            "TRUE",
        )
        event.add("attendee", invited, encode=False)
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _person(name: str, address: str) -> vCalAddress:
    box = vCalAddress(f"mailto:{address}")
    box.params["CN"] = name
    return box
