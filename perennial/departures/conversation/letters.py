"""What the leaver is written about a conversation: planned, moved, called off; in their language and a fitting tone."""

from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from perennial.departures.conversation.enums import ConversationState, Way
from perennial.departures.endings import SOBER, tone_of
from perennial.departures.letters import Text, language_of
from perennial.departures.models import ExitConversation
from perennial.kernel.text import one_line
from perennial.mail.compose import in_letter
from perennial.programme.models import Programme


def invitation(*, conversation: ExitConversation, programme: Programme, moved: bool, sender_name: str) -> Text:
    """The letter that says when and where, and that nobody has to come."""
    departure = conversation.departure
    language = language_of(departure=departure, programme=programme)
    with translation.override(language):
        called = in_letter(departure.person.called or departure.person.full_name)
        words = _words(conversation, programme, sender_name)
        if conversation.state == ConversationState.CALLED_OFF:
            subject = _("Our conversation is called off, %(called)s")
            off = _("Our conversation on %(day)s at %(time)s is called off. The attached entry tells your calendar.")
            said = [off % words]
        else:
            subject = _("Our conversation has another time, %(called)s") if moved else _("A conversation, %(called)s?")
            said = [
                (
                    _("Our conversation has another time or place: %(day)s at %(time)s, for about %(minutes)s minutes.")
                    if moved
                    else _(
                        "%(leader)s would like to talk with you about how you found working here and what we could do "
                        "better: on %(day)s at %(time)s, for about %(minutes)s minutes."
                    )
                )
                % words,
                _where(conversation),
                _(
                    "You need not come, and it changes nothing if you would rather not. If another time suits you "
                    "better, or you would like to talk in another way, just reply to this mail. The attached entry "
                    "puts it into your calendar."
                ),
                _(
                    "What you say is noted only by those who lead these conversations. Your manager and your "
                    "colleagues do not read it."
                ),
            ]
        paragraphs = [
            _("Dear %(called)s,") % {"called": called},
            *(part for part in said if part),
            _("Kind regards,") if tone_of(departure) in SOBER else _("All the best,"),
            "\n".join(in_letter(line) for line in (sender_name, programme.organisation) if line),
        ]
        return Text(language, subject % {"called": called}, "\n\n".join(paragraphs))


def _words(conversation: ExitConversation, programme: Programme, sender_name: str) -> dict[str, str]:
    starts_at = conversation.starts_at.astimezone(ZoneInfo(programme.time_zone))
    return {
        "leader": in_letter(conversation.leader.name if conversation.leader else sender_name),
        "day": date_format(starts_at, "DATE_FORMAT"),
        "time": date_format(starts_at, "H:i"),
        "minutes": str(conversation.minutes),
    }


def _where(conversation: ExitConversation) -> str:
    # A colleague typed it, so a link in it may stay one; only the place of our own link must not be named.
    place = one_line(conversation.place).replace("{", "(").replace("}", ")")
    if conversation.way == Way.PHONE:
        return _("By phone: %(place)s") % {"place": place} if place else _("By phone; you are called.")
    if conversation.way == Way.VIDEO:
        return _("By video: %(place)s") % {"place": place} if place else _("By video; the link comes before it begins.")
    return _("Place: %(place)s") % {"place": place} if place else ""
