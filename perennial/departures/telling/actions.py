"""Writes what is told: begun from actions that are done, written, sent off to everybody who agreed, taken back.

Its letters are written in the background, page by page, as they may be many; and they wait for a while before the first
leaves, because what has left a hundred thousand times cannot be called back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from perennial.accounts.models import User
from perennial.audit.actions import record
from perennial.contact.door import decide
from perennial.contact.enums import Verdict
from perennial.departures.models import Telling, ThemeAction
from perennial.departures.telling.enums import TellingState
from perennial.departures.telling.queries import (
    Contents,
    actions_of,
    everybody_who_agreed,
    fingerprint,
    language_for,
    languages_to_write,
    reach,
    tellable_actions,
)
from perennial.departures.telling.words import starting_text
from perennial.kernel.purposes import Intent, Purpose
from perennial.mail.compose import Recipient, address_to, open_mailing, words
from perennial.mail.enums import MessageState
from perennial.mail.queue import put_mailing_aside
from perennial.people.models import Person
from perennial.programme.queries import current

# The wording of the consent says 'a few times a year at most', and this keeps it.
A_YEAR_AT_MOST = 4
A_YEAR = timedelta(days=365)
# Until the first letter leaves.
PAUSE = timedelta(minutes=10)
PAGE = 1000


class NothingToTellError(Exception):
    """Of these actions one is not there, not done, told already, or about a theme that is not known outside."""


class NotADraftError(Exception):
    """It was sent off or discarded; its words are frozen."""


class UnfinishedError(ValueError):
    """Its text is missing in the programme's language, or has no subject or no body in one of the others."""


class ChangedMeanwhileError(Exception):
    """Somebody changed the words after they were looked at."""


class NobodyToTellError(Exception):
    """There is nobody whom the door would let hear it, now or later."""


class ToldOftenEnoughError(Exception):
    """As many went out within a year as was promised at most."""

    def __init__(self, again_at: datetime) -> None:
        super().__init__(f"The next may go from {again_at.isoformat()} on.")
        self.again_at = again_at


class GoneAlreadyError(Exception):
    """There is nothing left to take back."""


@dataclass(frozen=True)
class TakenBack:
    """How many letters were taken back, and whether it is a draft again: none had left."""

    letters: int
    whole: bool


@transaction.atomic
def begin(*, action_ids: Iterable[int], by: User, now: datetime) -> Telling:
    """A draft about these actions, with a beginning in each language of those who would hear it.

    Raises NothingToTellError. An action stands in one draft or letter only.
    """
    wanted = set(action_ids)
    # Locked first: of two who begin at once, the second finds them taken.
    list(ThemeAction.objects.select_for_update().filter(pk__in=wanted).order_by("pk").values_list("pk"))
    actions = list(tellable_actions().filter(pk__in=wanted).select_related("theme").order_by("done_at", "pk"))
    if not wanted or len(actions) != len(wanted):
        raise NothingToTellError
    programme = current()
    telling = Telling(made_by=_name_of(by), made_at=now)
    reached = reach(programme=programme, now=now)
    telling.contents = {
        language: starting_text(actions=actions, language=language, organisation=programme.organisation, sender=by.name)
        for language in languages_to_write(telling=telling, reached=reached, programme=programme)
    }
    telling.save()
    ThemeAction.objects.filter(pk__in=wanted).update(told_in=telling)
    _record("begun", telling, _name_of(by), now, actions=sorted(wanted))
    return telling


@transaction.atomic
def write_down(*, key: str, contents: Contents, by: str, now: datetime) -> Telling:
    """The words of a draft, by language; one that is left empty is left out. Raises NotADraftError, UnfinishedError."""
    telling = _draft(key)
    spoken = dict(settings.LANGUAGES)
    written = {language: words(**content) for language, content in contents.items() if language in spoken}
    telling.contents = {language: content for language, content in written.items() if any(_said(content))}
    if not _is_finished(telling.contents):
        raise UnfinishedError
    telling.save(update_fields=["contents"])
    _record("changed", telling, by, now)
    return telling


@transaction.atomic
def discard(*, key: str, by: str, now: datetime) -> None:
    """The draft goes, and what it was about may be told another time. Raises NotADraftError."""
    telling = _draft(key)
    _record("discarded", telling, by, now)
    ThemeAction.objects.filter(told_in=telling).update(told_in=None)
    telling.delete()


@transaction.atomic
def send(*, key: str, seen: str, by: User, now: datetime) -> Telling:
    """Sends a draft off in the name of a colleague, to whom answers go. `seen` is the fingerprint of what was read.

    Raises NotADraftError, ChangedMeanwhileError, UnfinishedError, ToldOftenEnoughError, NobodyToTellError.
    """
    # All of them, which are few: of two sent off at once the later counts the earlier.
    everything = {each.key: each for each in Telling.objects.select_for_update().order_by("pk")}
    telling = everything.get(key)
    if telling is None or telling.state != TellingState.DRAFT:
        raise NotADraftError
    if fingerprint(telling.contents) != seen:
        raise ChangedMeanwhileError
    if not _is_finished(telling.contents):
        raise UnfinishedError
    again_at = may_be_told_again_at(now=now)
    if again_at is not None:
        raise ToldOftenEnoughError(again_at)
    if not reach(programme=current(), now=now).hear:
        raise NobodyToTellError
    telling.mailing = open_mailing(
        purpose=Purpose.FEEDBACK,
        intent=Intent.GIVE,
        contents=telling.contents,
        origin=f"departures:telling/{telling.key}",
        sender_name=by.name,
        reply_to=by.email,
        by=_name_of(by),
        now=now,
    )
    telling.state, telling.sent_by, telling.sent_at, telling.written_up_to = TellingState.WRITING, _name_of(by), now, 0
    telling.save()
    actions = [action.pk for action in actions_of(telling)]
    _record("sent", telling, _name_of(by), now, actions=actions, languages=sorted(telling.contents))
    return telling


def may_be_told_again_at(*, now: datetime) -> datetime | None:
    """From when on the next may be sent, or None when it may be now."""
    sent = (
        Telling.objects.filter(sent_at__gt=now - A_YEAR).order_by("-sent_at", "-pk").values_list("sent_at", flat=True)
    )
    latest = [at for at in sent[:A_YEAR_AT_MOST] if at is not None]
    return latest[-1] + A_YEAR if len(latest) == A_YEAR_AT_MOST else None


def write_letters(*, now: datetime) -> int:
    """Writes the letters of all that was sent off, from any number of processes, to the same state. Returns how many.

    Each page is a transaction of its own, so that a killed process loses at most one, and nobody has to wait.
    """
    written = 0
    for pk in Telling.objects.filter(state=TellingState.WRITING).order_by("pk").values_list("pk", flat=True):
        while (of_page := _write_page(pk, now=now)) is not None:
            written += of_page
    return written


@transaction.atomic
def take_back(*, key: str, by: str, now: datetime) -> TakenBack:
    """Takes back what has not left; when nothing has, it is a draft again. Raises GoneAlreadyError."""
    telling = Telling.objects.select_for_update().filter(key=key).exclude(state=TellingState.DRAFT).first()
    if telling is None or telling.mailing_id is None:
        raise GoneAlreadyError
    mailing = telling.mailing
    assert mailing is not None
    was_writing = telling.state == TellingState.WRITING
    letters = put_mailing_aside(mailing_id=mailing.pk, by=by, now=now)
    whole = not mailing.messages.exclude(state__in=[MessageState.DISCARDED, MessageState.SKIPPED]).exists()
    if not letters and not whole and not was_writing:
        raise GoneAlreadyError
    if whole:
        telling.mailing, telling.sent_at, telling.sent_by = None, None, ""
    telling.state = TellingState.DRAFT if whole else TellingState.TOLD
    telling.save()
    _record("taken_back", telling, by, now, letters=letters, whole=whole)
    return TakenBack(letters, whole)


@transaction.atomic
def _write_page(pk: int, *, now: datetime) -> int | None:
    """The letters to the next page of people; None when there is nobody left, or it was taken back meanwhile."""
    telling = Telling.objects.select_for_update(of=("self",)).select_related("mailing").get(pk=pk)
    if telling.state != TellingState.WRITING:
        return None
    assert telling.mailing is not None
    assert telling.sent_at is not None
    # Locked, so that nobody is erased between our asking and our writing.
    following = everybody_who_agreed().filter(pk__gt=telling.written_up_to).select_for_update(of=("self",), no_key=True)
    page = {row[0]: row for row in following.values_list("pk", "full_name", "language")[:PAGE]}
    if not page:
        telling.state = TellingState.TOLD
        telling.save(update_fields=["state"])
        _record("written", telling, "system", now, letters=telling.mailing.messages.count())
        return None
    programme = current()
    people = Person.objects.filter(pk__among=page)
    hear = [
        page[decision.person_id]
        for decision in decide(people=people, purpose=Purpose.FEEDBACK, now=now, programme=programme)
        if decision.verdict is not Verdict.NO
    ]
    contents = telling.mailing.contents
    written = address_to(
        mailing=telling.mailing,
        recipients=[
            Recipient(pk, name, language_for(contents=contents, language=language, programme=programme))
            for pk, name, language in hear
        ],
        not_before=telling.sent_at + PAUSE,
        by=telling.sent_by,
        now=now,
    )
    telling.written_up_to = max(page)
    telling.save(update_fields=["written_up_to"])
    return written


def _draft(key: str) -> Telling:
    telling = Telling.objects.select_for_update().filter(key=key, state=TellingState.DRAFT).first()
    if telling is None:
        raise NotADraftError
    return telling


def _is_finished(contents: Contents) -> bool:
    return current().language in contents and all(all(_said(content)) for content in contents.values())


def _said(content: Mapping[str, str]) -> list[bool]:
    """Whether there is a subject, and a body."""
    return [bool(content[part].strip()) for part in ("subject", "body")]


def _name_of(user: User) -> str:
    return f"user:{user.pk}"


def _record(what: str, telling: Telling, by: str, now: datetime, **details: object) -> None:
    record(
        deed=f"departures.telling_{what}",
        by=by,
        now=now,
        subject_kind="telling",
        subject_key=telling.key,
        details=details,
    )
