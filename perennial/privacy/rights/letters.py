"""What we write to somebody who asked about their data: an answer in their language, whatever the programme's stage."""

from datetime import date, datetime

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext

from perennial.consent.queries import preference_of
from perennial.contact.door import decide
from perennial.kernel.links import path_to
from perennial.kernel.purposes import Intent, Purpose
from perennial.kernel.tokens import LinkPurpose
from perennial.mail.compose import in_letter, language_of, write, write_answer
from perennial.mail.models import Message
from perennial.people.models import EmailAddress, Person
from perennial.privacy.models import Request
from perennial.privacy.rights.enums import BY_FILE, PAUSING, Field, RequestKind
from perennial.programme.queries import current

ORIGIN = "privacy:answer"
# To somebody whose record is gone: forgotten as soon as it has left.
LAST_WORD = "privacy:last-word"


def address_of(*, person: Person, now: datetime) -> str:
    """Where an answer by mail arrives; empty where it goes on paper."""
    [decision] = decide(people=Person.objects.filter(pk=person.pk), purpose=Purpose.SERVICE, now=now, answer=True)
    if decision.address_id is None:
        return ""
    return EmailAddress.objects.filter(pk=decision.address_id).values_list("address", flat=True).first() or ""


def tell_received(*, request: Request, by: str, now: datetime) -> bool:
    """That it was received, and by when the answer comes. Returns whether mail goes; so do the others."""
    person = _person(request)
    with translation.override(language_of(person)):
        paragraphs = [
            gettext("You asked: %(what)s. We have received it.") % {"what": _what(request)},
            gettext("You get an answer by %(day)s at the latest. It costs you nothing.")
            % {"day": _day(request.due_on)},
        ]
        if request.kind in PAUSING:
            paragraphs.append(
                gettext("Until it is done nothing is sent to you, and you can take it back on your own page.")
            )
        return _send(person, gettext("We have received what you asked"), paragraphs, by, now)


def tell_done(*, request: Request, by: str, now: datetime) -> bool:
    """That it is done, with what a colleague has to say about it."""
    person = _person(request)
    with translation.override(language_of(person)):
        paragraphs = [
            gettext("You asked: %(what)s. It is done.") % {"what": _what(request)},
            *_what_follows(request.kind),
            *([_said(request.answer)] if request.answer else []),
        ]
        return _send(person, gettext("What you asked is done"), paragraphs, by, now)


def tell_refused(*, request: Request, by: str, now: datetime) -> bool:
    """That it is not done, why, and where to complain (Art. 12(4) GDPR)."""
    person = _person(request)
    with translation.override(language_of(person)):
        paragraphs = [
            gettext("You asked: %(what)s. We do not do it, for this reason:") % {"what": _what(request)},
            _said(request.answer),
            gettext(
                "If you see it otherwise, write back to us. You can also complain to the data protection authority of "
                "your country, or go to court."
            ),
        ]
        return _send(person, gettext("About what you asked"), paragraphs, by, now)


def tell_extended(*, request: Request, by: str, now: datetime) -> bool:
    """That it takes longer, until when, and why (Art. 12(3) GDPR)."""
    person = _person(request)
    with translation.override(language_of(person)):
        paragraphs = [
            gettext("You asked: %(what)s. It takes us longer than we thought.") % {"what": _what(request)},
            _said(request.extension_reason),
            gettext("You get an answer by %(day)s at the latest.") % {"day": _day(request.due_on)},
            gettext(
                "If you see it otherwise, write back to us. You can also complain to the data protection authority of "
                "your country, or go to court."
            ),
        ]
        return _send(person, gettext("What you asked takes longer"), paragraphs, by, now)


def tell_of_lifting(*, request: Request, reason: str, on: date, by: str, now: datetime) -> bool:
    """That a restriction will be lifted, before it is (Art. 18(3) GDPR)."""
    person = _person(request)
    with translation.override(language_of(person)):
        paragraphs = [
            gettext(
                "Your data has been stored and not used since you asked for that. From %(day)s on we use it again, "
                "for this reason:"
            )
            % {"day": _day(on)},
            _said(reason),
            gettext("If you see it otherwise, write back to us before that day."),
        ]
        return _send(person, gettext("Your data will be used again"), paragraphs, by, now)


def say_last_word(*, person: Person, name: str, address: str, by: str, now: datetime) -> None:
    """That somebody is erased: to an address that nothing but this letter holds; it goes once it has left."""
    language = language_of(person)
    with translation.override(language):
        subject = gettext("You are erased")
        body = _letter(
            name,
            [
                gettext("You asked to be erased. It is done."),
                gettext(
                    "What stays is a few keys and codes that name nobody: so that nobody takes you in again by "
                    "mistake, and so that we can show that we did what you asked."
                ),
                gettext("This letter is the last, and we forget the address it went to."),
            ],
        )
    write_answer(
        person=None,
        subject=subject,
        body=body,
        language=language,
        origin=LAST_WORD,
        by=by,
        now=now,
        address=address,
    )


def forget_last_words(*, before: datetime) -> int:
    """Deletes letters to people who are erased: those that have left, and any written before `before`. How many."""
    letters = Message.objects.filter(mailing__origin=LAST_WORD)
    gone = [
        message
        for message in letters.select_related("mailing")
        if message.done_at is not None or message.created_at < before
    ]
    for message in gone:
        message.mailing.delete()
    return len(gone)


def _what_follows(kind: str) -> list[str]:
    """What it means that it is done."""
    if kind == RequestKind.RESTRICTION:
        return [
            gettext(
                "From this moment we keep your data and do nothing else with it. You can end that yourself on your own "
                "page; before we would ever do so, we write to you."
            )
        ]
    if kind == RequestKind.NO_MARKETING:
        return [
            gettext("No letter, invitation or call comes from us any more, unless you choose something again yourself.")
        ]
    if kind in BY_FILE:
        return [gettext("The file waits for you on your own page for seven days; then it is deleted.")]
    return []


def _send(person: Person, subject: str, paragraphs: list[str], by: str, now: datetime) -> bool:
    if not address_of(person=person, now=now):
        return False
    write(
        person=person,
        purpose=Purpose.SERVICE,
        intent=Intent.NEUTRAL,
        subject=subject,
        body=_letter(person.called or person.full_name, [*paragraphs, "{link}"]),
        language=language_of(person),
        link_path=_own_page(person),
        origin=ORIGIN,
        by=by,
        now=now,
        answer=True,
    )
    return True


def _own_page(person: Person) -> str:
    preference = preference_of(person=person)
    return path_to(purpose=LinkPurpose.OWN, row=preference.pk, random=preference.link_random)


def _letter(name: str, paragraphs: list[str]) -> str:
    hello = gettext("Hello %(name)s,") % {"name": in_letter(name)}
    return "\n\n".join([hello, *paragraphs, current().organisation])


def _what(request: Request) -> str:
    kind = str(RequestKind(request.kind).label)
    return f"{kind} ({Field(request.field).label})" if request.field else kind


def _said(text: str) -> str:
    """What a colleague wrote, in which no place for a link can stand."""
    return text.replace("{", "(").replace("}", ")")


def _day(day: date) -> str:
    return date_format(day, "DATE_FORMAT")


def _person(request: Request) -> Person:
    """Whoever asked; there is nobody to write to once they are erased."""
    if request.person is None:
        raise Person.DoesNotExist
    return request.person
