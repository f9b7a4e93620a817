"""The words of the invitation and of the mail with a fresh link, in the leaver's language."""

import hashlib
from dataclasses import dataclass
from datetime import date

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from perennial.departures.endings import SOBER, Tone, day_of_the_end, said_of_the_end, tone_of
from perennial.departures.models import Departure
from perennial.departures.queries import has_gone
from perennial.mail.compose import in_letter, words
from perennial.mail.compose import language_of as person_language
from perennial.programme.models import Programme


@dataclass(frozen=True)
class Text:
    """Subject and body, with {link} where the link goes."""

    language: str
    subject: str
    body: str

    @property
    def sha256(self) -> str:
        return text_sha256(subject=self.subject, body=self.body)


def text_sha256(*, subject: str, body: str) -> str:
    """What tells whether somebody has changed a text since it was drafted; of the words as a message keeps them."""
    kept = words(subject=subject, body=body)
    return hashlib.sha256(f"{kept['subject']}\n{kept['body']}".encode()).hexdigest()


def language_of(*, departure: Departure, programme: Programme) -> str:
    """The language of letters to the leaver."""
    return person_language(departure.person, programme=programme)


def invitation(*, departure: Departure, programme: Programme, sender_name: str, today: date) -> Text:
    """The letter that invites a leaver, signed by a person."""
    language = language_of(departure=departure, programme=programme)
    tone = tone_of(departure)
    with translation.override(language):
        called = in_letter(departure.person.called or departure.person.full_name)
        paragraphs = [
            _("Dear %(called)s,") % {"called": called},
            _farewell(tone, departure.stint.ends_on, today, programme),
            _questions(tone, gone=has_gone(departure=departure, today=today)),
            _staying_in_touch(tone),
            _("It takes about three minutes, on your phone too, and you need no password:"),
            "{link}",
            _("The link is meant for you alone, so please do not pass it on."),
            _("Kind regards,") if tone in SOBER else _("All the best,"),
            "\n".join(in_letter(line) for line in (sender_name, programme.organisation) if line),
        ]
        subject = _subject(tone) % {"called": called}
    return Text(language, subject, "\n\n".join(paragraphs))


def fresh_link(*, departure: Departure, programme: Programme) -> Text:
    """The mail that brings a new link after the old one ran out."""
    language = language_of(departure=departure, programme=programme)
    with translation.override(language):
        called = in_letter(departure.person.called or departure.person.full_name)
        paragraphs = [
            _("Dear %(called)s,") % {"called": called},
            _("You asked for a fresh link to your page with us. Here it is; the earlier one no longer works:"),
            "{link}",
            _("It works for thirty days. If it was not you who asked, you need not do anything."),
            in_letter(programme.organisation),
        ]
        subject = _("Your fresh link")
    return Text(language, subject, "\n\n".join(paragraphs))


def scan_or_type(*, language: str) -> tuple[str, str]:
    """What stands beside the code on paper, and what the code is for somebody who cannot see it."""
    with translation.override(language):
        return (
            _("Point the camera of your phone at this code, or type this address:"),
            _("A code that opens your page"),
        )


def _subject(tone: Tone) -> str:
    if tone in SOBER:
        return _("A few questions, if you wish, %(called)s")
    if tone is Tone.RETIREMENT:
        return _("Thank you for all these years, %(called)s")
    if tone is Tone.END_OF_CONTRACT:
        return _("Thank you for your time with us, %(called)s")
    return _("Thank you, %(called)s, and a few questions if you like")


def _staying_in_touch(tone: Tone) -> str:
    if tone in SOBER:
        return _(
            "On the same page you can say whether you would like to hear from us in future. If you would rather not, "
            "that is quite all right and changes nothing."
        )
    return _(
        "And would you like to stay in touch? You decide what we may send you and how often. If you would "
        "rather not, that is quite all right and changes nothing."
    )


def _questions(tone: Tone, *, gone: bool) -> str:
    if tone is Tone.USUAL:
        return _a_few_questions(gone=gone)
    if tone in SOBER:
        asked = _(
            "If you wish, you can tell us how you found working here and what we could have done better, also in how "
            "we parted."
        )
    elif tone is Tone.RETIREMENT:
        asked = _(
            "If you like, tell us how you found working here over the years, and what we could do better for those who "
            "stay."
        )
    else:
        asked = _("If you like, tell us how you found working here and what we could do better.")
    confidential = _(
        "Your answers are confidential: only the colleague who leads exit conversations may read them, never your "
        "manager, and figures are only shown over five answers or more."
    )
    return f"{asked} {confidential}"


def _a_few_questions(*, gone: bool) -> str:
    if gone:
        return _(
            "Would you tell us in a few short questions why you left and what we could do better? Your answers are "
            "confidential: only the colleague who leads exit conversations may read them, never your manager, and "
            "figures are only shown over five answers or more."
        )
    return _(
        "Would you tell us in a few short questions why you are leaving and what we could do better? Your answers "
        "are confidential: only the colleague who leads exit conversations may read them, never your manager, and "
        "figures are only shown over five answers or more."
    )


def _farewell(tone: Tone, last_day: date | None, today: date, programme: Programme) -> str:
    if tone is not Tone.USUAL:
        day_words = date_format(last_day, "DATE_FORMAT") if last_day else ""
        the_day = day_of_the_end(
            last_day=last_day, day_words=day_words, today=today, organisation=programme.organisation
        )
        return f"{the_day} {said_of_the_end(tone)}"
    words = {
        "organisation": in_letter(programme.organisation),
        "day": date_format(last_day, "DATE_FORMAT") if last_day else "",
    }
    if last_day is None:
        return (
            _(
                "We heard that you are leaving %(organisation)s. Thank you for what you did here, and for the "
                "colleague you were. The door stays open."
            )
            % words
        )
    if last_day < today:
        return (
            _(
                "%(day)s was your last day at %(organisation)s. Thank you for what you did here, and for the colleague "
                "you were. The door stays open."
            )
            % words
        )
    return (
        _(
            "%(day)s will be your last day at %(organisation)s. Thank you for what you did here, and for the colleague "
            "you are. The door stays open."
        )
        % words
    )
