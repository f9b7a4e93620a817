"""Writes a person's record."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from perennial.audit.actions import record
from perennial.kernel.keys import fingerprint
from perennial.kernel.text import called_from, one_line, search_text, sort_name_from
from perennial.people import words
from perennial.people.enums import AddressKind, AddressState
from perennial.people.models import EmailAddress, Person, PersonSkill, Position, Stint
from perennial.people.provenance import note_source
from perennial.people.residence import check_residence
from perennial.programme.structure import held

_ADDRESS = re.compile(r"[^@\s<>()\[\]\\,;:\"]+@[^@\s<>()\[\]\\,;:\"]+\.[^@\s<>()\[\]\\,;:\".]+")
NAME_LENGTH = 300
ADDRESS_LENGTH = 254
# What the search looks through besides names and addresses.
SEARCHED_OF_A_STINT = ("title", "employee_number", "department__name", "place__name")
SEARCHED_OF_A_POSITION = ("title", "company__name")
_AT_ONCE = 4_000


class NameMissingError(ValueError):
    """A person needs a name of at most 300 characters."""


class AddressUnusableError(ValueError):
    """This is no e-mail address that mail could go to."""


class StintDatesError(ValueError):
    """A stint cannot end before it starts, nor begin twice under the same employee number."""


def normal_address(text: str) -> str:
    """`text` as we keep and compare an address: trimmed and in lower case. Raises AddressUnusableError."""
    address = text.strip().lower()
    # Control characters and line ends would reach a mail header; the pattern refuses white space of every kind.
    if len(address) > ADDRESS_LENGTH or not address.isprintable() or not _ADDRESS.fullmatch(address) or ".." in address:
        raise AddressUnusableError(text)
    return address


def search_text_of(*, full_name: str, called: str, rest: list[str]) -> str:
    """What the search compares: names and what else is said of somebody, casefolded and without diacritics."""
    return search_text(" ".join([full_name, called, *rest]))


@transaction.atomic
def add_person(
    *, full_name: str, called: str = "", language: str = "", country: str = "", source: str, by: str, now: datetime
) -> Person:
    """Adds a person. Whether they are here already is for the caller to ask first.

    Raises NameMissingError, ResidenceRefusedError.
    """
    check_residence(country, now=now)
    name = _checked_name(full_name)
    known_as = one_line(called) or called_from(name)
    person = Person.objects.create(
        full_name=name,
        called=known_as,
        sort_name=sort_name_from(name),
        search_text=search_text_of(full_name=name, called=known_as, rest=[]),
        language=language,
        country=country,
        source=source,
        added_by=by,
        created_at=now,
        updated_at=now,
    )
    words.keep([person.search_text])
    record(
        deed="people.added", by=by, now=now, subject_kind="person", subject_key=person.key, details={"source": source}
    )
    return person


@transaction.atomic
def correct_person(
    *,
    person: Person,
    full_name: str,
    called: str,
    language: str,
    by: str,
    now: datetime,
    country: str | None = None,
) -> Person:
    """Corrects what a person is called, in which language we write, and where they live; None leaves that.

    Raises NameMissingError, ResidenceRefusedError.
    """
    before = (person.full_name, person.called, person.language, person.country)
    if country is not None and country != person.country:
        check_residence(country, now=now)
        person.country = country
    person.full_name = _checked_name(full_name)
    person.called = one_line(called) or called_from(person.full_name)
    person.sort_name = sort_name_from(person.full_name)
    person.language = language
    person.updated_at = now
    after = (person.full_name, person.called, person.language, person.country)
    person.save(update_fields=["full_name", "called", "sort_name", "language", "country", "updated_at"])
    refresh_search_text(person=person)
    changed = [
        name
        for name, old, new in zip(("full_name", "called", "language", "country"), before, after, strict=True)
        if old != new
    ]
    note_source(of=person, fields=changed, source=by, now=now)
    record(
        deed="people.corrected",
        by=by,
        now=now,
        subject_kind="person",
        subject_key=person.key,
        details={"fields": changed},
    )
    return person


@transaction.atomic
def add_address(
    *,
    person: Person,
    address: str,
    kind: str,
    source: str,
    now: datetime,
    by: str = "system",
    given_on: date | None = None,
) -> EmailAddress:
    """Adds an address, or returns the one that is there; a day given for staying in touch is kept once known.

    Raises AddressUnusableError. Nothing here makes an address verified: only its owner does, from the mailbox.
    """
    normal = normal_address(address)
    row, made = EmailAddress.objects.get_or_create(
        person=person,
        address=normal,
        defaults={
            "kind": AddressKind(kind),
            "fingerprint": fingerprint(normal),
            "source": source,
            "added_by": by,
            "given_on": given_on,
            "created_at": now,
        },
    )
    if not made and given_on and row.given_on is None:
        row.given_on = given_on
        row.save(update_fields=["given_on"])
        note_source(of=row, fields=["given_on"], source=by, now=now)
        record(deed="people.address_given", by=by, now=now, subject_kind="person", subject_key=person.key)
    if made:
        refresh_search_text(person=person)
        record(
            deed="people.address_added",
            by=by,
            now=now,
            subject_kind="person",
            subject_key=person.key,
            details={"kind": str(row.kind), "source": source},
        )
    return row


@transaction.atomic
def remove_address(*, address: EmailAddress, by: str, now: datetime) -> None:
    """Takes a wrong address off a person's record. What was agreed to stays; without an address the door says no."""
    person = address.person
    details = {"kind": str(address.kind), "source": address.source}
    address.delete()
    refresh_search_text(person=person)
    record(
        deed="people.address_removed", by=by, now=now, subject_kind="person", subject_key=person.key, details=details
    )


@transaction.atomic
def verify_address(*, address: EmailAddress, by: str, now: datetime) -> None:
    """Its owner pressed the button in a mail that went there."""
    address.state = AddressState.VERIFIED
    address.verified_at = now
    address.save(update_fields=["state", "verified_at"])
    record(deed="people.address_verified", by=by, now=now, subject_kind="person", subject_key=address.person.key)


@transaction.atomic
def add_stint(*, person: Person, source: str, by: str, now: datetime, **fields: Any) -> Stint:
    """Adds a stretch of work; `fields` are those of Stint. Raises StintDatesError."""
    _check_dates(fields.get("starts_on"), fields.get("ends_on"))
    fields = _where_they_stand_now(fields)
    try:
        with transaction.atomic():
            stint = Stint.objects.create(
                person=person, source=source, added_by=by, created_at=now, updated_at=now, **fields
            )
    except IntegrityError as error:
        raise StintDatesError from error
    refresh_search_text(person=person)
    record(deed="people.stint_added", by=by, now=now, subject_kind="person", subject_key=person.key)
    return stint


@transaction.atomic
def correct_stint(*, stint: Stint, by: str, now: datetime, **fields: Any) -> Stint:
    """Corrects a stint; `fields` are those of Stint that change. Raises StintDatesError."""
    _check_dates(fields.get("starts_on", stint.starts_on), fields.get("ends_on", stint.ends_on))
    fields = _where_they_stand_now(fields)
    changed = [name for name, value in fields.items() if getattr(stint, name) != value]
    if not changed:
        return stint
    for name in changed:
        setattr(stint, name, fields[name])
    stint.updated_at = now
    try:
        with transaction.atomic():
            stint.save(update_fields=[*changed, "updated_at"])
    except IntegrityError as error:
        raise StintDatesError from error
    note_source(of=stint, fields=changed, source=by, now=now)
    refresh_search_text(person=stint.person)
    record(
        deed="people.stint_corrected",
        by=by,
        now=now,
        subject_kind="person",
        subject_key=stint.person.key,
        details={"fields": sorted(changed)},
    )
    return stint


def _where_they_stand_now(fields: dict[str, Any]) -> dict[str, Any]:
    """`fields` of a stint with department and place as they are, held until the end of the transaction.

    Somebody may have merged one away since it was read; then its people are where it leads to.
    """
    units = {name: fields[name] for name in ("department", "place") if fields.get(name) is not None}
    return fields | {name: held(unit) for name, unit in units.items()}


def refresh_search_text(*, person: Person) -> None:
    """Writes anew what the search compares, after a change of anything it looks through."""
    before = person.search_text
    texts = search_texts([person.pk])
    if person.pk in texts and texts[person.pk] != before:
        person.search_text = texts[person.pk]
        person.save(update_fields=["search_text"])
        words.keep([person.search_text])
        words.forget([before], but=[person.search_text])


def refresh_search_texts(*, people: Iterable[int]) -> None:
    """The same for many persons, by their ids, whatever changed about them; writes only what differs."""
    ids = sorted(set(people))
    for start in range(0, len(ids), _AT_ONCE):
        chunk = ids[start : start + _AT_ONCE]
        before = dict(Person.objects.filter(pk__in=chunk).order_by().values_list("pk", "search_text"))
        texts = [(text, pk) for pk, text in search_texts(chunk).items() if text != before.get(pk)]
        if texts:
            with connection.cursor() as cursor:
                cursor.executemany("UPDATE people_person SET search_text = %s WHERE id = %s", texts)
            words.keep(text for text, _pk in texts)
            words.forget((before[pk] for _text, pk in texts), but=(text for text, _pk in texts))


def search_texts(people: Sequence[int]) -> dict[int, str]:
    """What the search compares of each of `people`, as their record stands now."""
    rest: dict[int, list[str]] = defaultdict(list)
    addresses = EmailAddress.objects.filter(person_id__in=people).order_by("person_id", "kind", "pk")
    stints = Stint.objects.filter(person_id__in=people)
    positions = Position.objects.filter(person_id__in=people)
    skills = PersonSkill.objects.filter(person_id__in=people)
    for rows, searched in (
        (addresses, ("address",)),
        (stints, SEARCHED_OF_A_STINT),
        (positions, SEARCHED_OF_A_POSITION),
        (skills, ("skill__name",)),
    ):
        for pk, *texts in rows.values_list("person_id", *searched):
            rest[pk] += [text or "" for text in texts]
    named = Person.objects.filter(pk__in=people).order_by("pk").values_list("pk", "full_name", "called")
    return {pk: search_text_of(full_name=full_name, called=called, rest=rest[pk]) for pk, full_name, called in named}


def _checked_name(full_name: str) -> str:
    name = one_line(full_name)
    if not any(map(str.isalnum, name)) or len(name) > NAME_LENGTH:
        raise NameMissingError(full_name)
    return name


def _check_dates(starts_on: date | None, ends_on: date | None) -> None:
    if starts_on and ends_on and ends_on < starts_on:
        raise StintDatesError
