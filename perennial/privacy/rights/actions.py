"""Takes what somebody asks about their data, and answers it."""

from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction

from perennial.audit.actions import record
from perennial.consent.models import Preference
from perennial.departures.relation import leave
from perennial.kernel.clock import local_date
from perennial.people.actions import correct_person
from perennial.people.models import Person
from perennial.privacy.actions import erase
from perennial.privacy.models import DataCopy, Request
from perennial.privacy.rights import letters
from perennial.privacy.rights.clock import answer_due_on, extended_due_on
from perennial.privacy.rights.enums import AT_ONCE, BY_FILE, PAUSING, CameBy, Checked, Field, RequestKind, RequestState
from perennial.privacy.rights.restricting import leave_alone, pause, resume, store_only, use_again
from perennial.programme.policy import first_day
from perennial.programme.queries import current, today

WORDS_LENGTH = 4_000
# Between the letter that says so and the lifting of a restriction.
TOLD_BEFORE = timedelta(days=7)


class AlreadyAskedError(Exception):
    """The same is asked already and not answered yet, or holds already."""


class WordsMissingError(ValueError):
    """A correction says what is wrong, an objection why, a refusal and an extension for what reason."""


class NotOpenError(Exception):
    """It was answered or taken back in the meantime."""


class TooLateToExtendError(Exception):
    """The notice goes out within the first term, once; `last_day` was the last on which it could."""

    def __init__(self, last_day: date) -> None:
        super().__init__(last_day)
        self.last_day = last_day


class NotRefusableError(ValueError):
    """This is in force the moment it is asked; nobody weighs it."""


class NoMoreTimeError(Exception):
    """The country by whose law they are answered now gives no day beyond the first term."""


class DayUnfitError(ValueError):
    """Nothing is received on a day ahead, or before the first day that a policy speaks of."""


class NotToldError(Exception):
    """The person hears of it a week before a restriction is lifted; they were not told, or a moment ago."""


@transaction.atomic
def ask(
    *,
    person: Person,
    kind: RequestKind,
    by: str,
    now: datetime,
    words: str = "",
    field: str = "",
    came_by: CameBy = CameBy.OWN_PAGE,
    checked_by: Checked = Checked.CODE,
    received_on: date | None = None,
) -> Request:
    """Takes a request, does at once what nobody may weigh, and writes to the person.

    `received_on` is the day it reached us, where a colleague notes it later. Raises AlreadyAskedError,
    WordsMissingError, DayUnfitError.
    """
    # Whoever presses twice, or is being erased at this moment, waits here.
    person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    kind, words = RequestKind(kind), words.strip()[:WORDS_LENGTH]
    if kind in (RequestKind.CORRECTION, RequestKind.OBJECTION) and not words:
        raise WordsMissingError
    day = received_on or today(now=now)
    if not first_day() <= day <= today(now=now):
        raise DayUnfitError
    due_on = answer_due_on(person=person, received_on=day)
    at_once = kind in AT_ONCE
    try:
        with transaction.atomic():
            request = Request.objects.create(
                person=person,
                person_key=person.key,
                kind=kind,
                field=Field(field) if kind is RequestKind.CORRECTION else "",
                words=words,
                came_by=came_by,
                checked_by=checked_by,
                received_on=day,
                asked_at=now,
                noted_by=by,
                first_due_on=due_on,
                due_on=due_on,
                state=RequestState.DONE if at_once else RequestState.OPEN,
                answered_at=now if at_once else None,
                answered_by=by if at_once else "",
            )
    except IntegrityError as error:
        raise AlreadyAskedError from error
    if kind is RequestKind.RESTRICTION:
        store_only(person=person, now=now)
    elif kind is RequestKind.NO_MARKETING:
        _leave_alone(person, by, now)
    elif kind in PAUSING:
        pause(person=person, now=now)
    elif kind in BY_FILE and letters.address_of(person=person, now=now):
        # Whom no mail reaches cannot open their page either: a colleague sends it on paper, and says so.
        DataCopy.objects.create(request=request, person=person, ordered_at=now)
    _note("privacy.asked", request, by, now, kind=str(kind), came_by=str(came_by), checked_by=str(checked_by))
    if kind not in BY_FILE:
        # A file is ready within minutes, and then a letter says so.
        tell = letters.tell_done if at_once else letters.tell_received
        tell(request=request, by=by, now=now)
    return request


@transaction.atomic
def carry_out(*, request: Request, by: str, now: datetime, answer: str = "", recipients_told: str = "") -> bool:
    """Does what was asked and says so; returns whether mail goes to the person.

    A name is put right as it was asked; whatever else is wrong a colleague has corrected on the record. An objection
    that is followed ends every contact. An erasure keeps the request as proof, without a word of it.
    Raises NotOpenError.
    """
    held, person = _held(request)
    held.answer, held.recipients_told = answer.strip()[:WORDS_LENGTH], recipients_told.strip()[:WORDS_LENGTH]
    _close(held, RequestState.DONE, by, now)
    if held.kind == RequestKind.ERASURE:
        return _erase(held, person, by, now)
    if held.kind == RequestKind.CORRECTION:
        _correct(held, person, by, now)
    elif held.kind == RequestKind.OBJECTION:
        _leave_alone(person, by, now)
        _go_on(person, by, now)
    _note("privacy.answered", held, by, now, kind=held.kind, state=held.state)
    return letters.tell_done(request=held, by=by, now=now)


@transaction.atomic
def refuse(*, request: Request, reason: str, by: str, now: datetime) -> bool:
    """Does not do it and tells the person why; returns whether mail goes. Raises NotOpenError, WordsMissingError."""
    held, person = _held(request)
    held.answer = reason.strip()[:WORDS_LENGTH]
    if not held.answer:
        raise WordsMissingError
    _close(held, RequestState.REFUSED, by, now)
    if held.kind in PAUSING:
        _go_on(person, by, now)
    _note("privacy.refused", held, by, now, kind=held.kind)
    return letters.tell_refused(request=held, by=by, now=now)


@transaction.atomic
def extend(*, request: Request, reason: str, by: str, now: datetime) -> bool:
    """Takes more time, as the law allows once; returns whether mail goes with the notice.

    Raises NotOpenError, WordsMissingError, TooLateToExtendError, NoMoreTimeError.
    """
    held, person = _held(request)
    if not reason.strip():
        raise WordsMissingError
    if held.extended_at is not None or today(now=now) > held.first_due_on:
        raise TooLateToExtendError(held.first_due_on)
    held.extension_reason = reason.strip()[:WORDS_LENGTH]
    held.extended_at = now
    held.due_on = extended_due_on(person=person, received_on=held.received_on)
    if held.due_on <= held.first_due_on:
        raise NoMoreTimeError
    held.save(update_fields=["extension_reason", "extended_at", "due_on"])
    _note("privacy.extended", held, by, now, kind=held.kind, due_on=held.due_on.isoformat())
    return letters.tell_extended(request=held, by=by, now=now)


@transaction.atomic
def take_back(*, request: Request, by: str, now: datetime) -> None:
    """The person no longer asks it. Raises NotOpenError."""
    held, person = _held(request)
    _close(held, RequestState.TAKEN_BACK, by, now)
    if held.kind in PAUSING:
        _go_on(person, by, now)
    _note("privacy.taken_back", held, by, now, kind=held.kind)


@transaction.atomic
def tell_of_lifting(*, request: Request, reason: str, by: str, now: datetime) -> bool:
    """Tells somebody, a week before, that their data will be used again; returns whether mail goes.

    Raises NotOpenError where nothing is restricted, WordsMissingError.
    """
    held, _person = _standing(request)
    if not reason.strip():
        raise WordsMissingError
    held.answer = reason.strip()[:WORDS_LENGTH]
    held.lifting_told_at = now
    held.save(update_fields=["answer", "lifting_told_at"])
    _note("privacy.lifting_told", held, by, now, kind=held.kind)
    on = local_date(at=now + TOLD_BEFORE, time_zone=current().time_zone)
    return letters.tell_of_lifting(request=held, reason=held.answer, on=on, by=by, now=now)


@transaction.atomic
def lift_restriction(*, request: Request, by: str, now: datetime) -> None:
    """Uses the data again: the person says so, or a colleague who told them a week ago.

    Raises NotOpenError where nothing is restricted, NotToldError.
    """
    held, person = _standing(request)
    own_word = by == f"person:{held.person_key}"
    if not own_word and (held.lifting_told_at is None or now - held.lifting_told_at < TOLD_BEFORE):
        raise NotToldError
    held.lifted_at = now
    held.save(update_fields=["lifted_at"])
    use_again(person=person, by=by, now=now)
    if Request.objects.filter(person=person, kind__in=PAUSING, state=RequestState.OPEN).exists():
        # Who also asked to be erased, or objected, is still written to by nobody.
        pause(person=person, now=now)
    _note("privacy.restriction_lifted", held, by, now, kind=held.kind)


def _go_on(person: Person, by: str, now: datetime) -> None:
    """Ends the pause that a request brought, unless another still waits."""
    if not Request.objects.filter(person=person, kind__in=PAUSING, state=RequestState.OPEN).exists():
        resume(person=person, by=by, now=now)


def _leave_alone(person: Person, by: str, now: datetime) -> None:
    """Ends every contact, also the invitation of a departure that is yet to come, and what an undo would bring back."""
    leave_alone(person=person, now=now)
    leave(person=person, by=by, now=now)
    Preference.objects.filter(person=person).update(before=None, changed_at=None)


def _held(request: Request) -> tuple[Request, Person]:
    """The open request and whoever asked, both locked: the person first, as an erasure locks them."""
    person = Person.objects.select_for_update(no_key=True).filter(key=request.person_key).first()
    held = Request.objects.select_for_update(of=("self",)).filter(pk=request.pk, state=RequestState.OPEN).first()
    if held is None or person is None:
        raise NotOpenError
    held.person = person
    return held, person


def _standing(request: Request) -> tuple[Request, Person]:
    person = Person.objects.select_for_update(no_key=True).filter(key=request.person_key).first()
    held = (
        Request.objects.select_for_update(of=("self",))
        .filter(pk=request.pk, kind=RequestKind.RESTRICTION, state=RequestState.DONE, lifted_at=None)
        .first()
    )
    if held is None or person is None:
        raise NotOpenError
    held.person = person
    return held, person


def _close(request: Request, state: RequestState, by: str, now: datetime) -> None:
    request.state, request.answered_at, request.answered_by = state, now, by
    request.save(update_fields=["state", "answered_at", "answered_by", "answer", "recipients_told"])


def _correct(request: Request, person: Person, by: str, now: datetime) -> None:
    names = {"full_name": person.full_name, "called": person.called}
    if request.field in (Field.FULL_NAME, Field.CALLED):
        names[request.field] = request.words[:300]
        correct_person(person=person, **names, language=person.language, by=by, now=now)


def _erase(request: Request, person: Person, by: str, now: datetime) -> bool:
    """The last word is written first, to where mail arrives now: afterwards nothing knows the address."""
    address = letters.address_of(person=person, now=now)
    name = person.called or person.full_name
    erase(person=person, by=by, now=now)
    _note("privacy.answered", request, by, now, kind=request.kind, state=request.state)
    if address:
        letters.say_last_word(person=person, name=name, address=address, by=by, now=now)
    return bool(address)


def _note(deed: str, request: Request, by: str, now: datetime, **details: str) -> None:
    record(deed=deed, by=by, now=now, subject_kind="person", subject_key=request.person_key, details=details)
