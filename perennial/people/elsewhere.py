"""Writes where people work now: companies, and positions at them."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.db.models import Q

from perennial.audit.actions import record
from perennial.kernel.text import one_line
from perennial.people.actions import refresh_search_text, refresh_search_texts
from perennial.people.enums import CompanyRelation
from perennial.people.models import Company, Person, Position
from perennial.people.provenance import note_source

COMPANY_NAME_LENGTH = 300
_DOMAIN_LENGTH = 253
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"({_LABEL}\.)+(?!\d+$){_LABEL}")


class CompanyNameMissingError(ValueError):
    """A company needs a name of at most 300 characters."""


class DomainUnusableError(ValueError):
    """This is no domain of the web."""


class CompanyKnownError(Exception):
    """Another company has this name or this domain; `other` is it. The two can be joined."""

    def __init__(self, other: Company) -> None:
        super().__init__(other.key)
        self.other = other


class PositionDatesError(ValueError):
    """A position cannot end before it starts."""


def normal_domain(text: str) -> str:
    """`text` as we keep and compare a domain: 'https://www.Acme.example/x' is acme.example.

    Letters beyond ASCII stay as people write them. Raises DomainUnusableError.
    """
    typed = text.strip().lower()
    if not typed:
        return ""
    if not typed.isprintable() or " " in typed:
        raise DomainUnusableError(text)
    try:
        host = urlsplit(typed if "//" in typed else f"//{typed}").hostname or ""
        plain = host.strip(".").removeprefix("www.").encode("idna").decode("ascii")
        if len(plain) > _DOMAIN_LENGTH or not _DOMAIN.fullmatch(plain):
            raise DomainUnusableError(text)
        return plain.encode("ascii").decode("idna")
    except UnicodeError as error:
        raise DomainUnusableError(text) from error
    except ValueError as error:
        raise DomainUnusableError(text) from error


def company_name_key(name: str) -> str:
    """What tells one company from another by name."""
    return one_line(name).casefold()


@transaction.atomic
def find_or_add_company(*, name: str, domain: str = "", by: str, now: datetime) -> Company:
    """The company with this domain, else with this name in any case, else a new one.

    A company known by its name alone learns its domain. Raises CompanyNameMissingError, DomainUnusableError.
    """
    wanted, key, site = *_checked_name(name), normal_domain(domain)
    known = Company.objects.filter(domain=site).first() if site else None
    known = known or Company.objects.filter(name_key=key).first()
    if known is None:
        try:
            made, is_new = Company.objects.get_or_create(
                name_key=key, defaults={"name": wanted, "domain": site, "created_at": now, "updated_at": now}
            )
        except IntegrityError:
            # Somebody added the domain under another name a moment ago.
            return Company.objects.get(domain=site)
        if is_new:
            _record("people.company_added", made, by, now)
        return made
    if site and not known.domain:
        known.domain, known.updated_at = site, now
        known.save(update_fields=["domain", "updated_at"])
        _record("people.company_corrected", known, by, now, fields=["domain"])
    return known


@transaction.atomic
def correct_company(*, company: Company, name: str, domain: str, relation: str, by: str, now: datetime) -> Company:
    """Corrects what a company is called, its domain, what it is to us.

    Raises CompanyNameMissingError, DomainUnusableError, CompanyKnownError with the other company it would be.
    """
    wanted, key = _checked_name(name)
    after = {
        "name": wanted,
        "name_key": key,
        "domain": normal_domain(domain),
        "relation": CompanyRelation(relation).value,
    }
    changed = [field for field, value in after.items() if getattr(company, field) != value]
    if not changed:
        return company
    _ask_for_another(company, key, after["domain"])
    for field in changed:
        setattr(company, field, after[field])
    company.updated_at = now
    try:
        with transaction.atomic():
            company.save(update_fields=[*changed, "updated_at"])
    except IntegrityError:
        _ask_for_another(company, key, after["domain"])
        raise
    if "name" in changed:
        refresh_search_texts(people=company.positions.values_list("person_id", flat=True))
    _record("people.company_corrected", company, by, now, fields=sorted(set(changed) - {"name_key"}))
    return company


@transaction.atomic
def join_companies(*, company: Company, into: Company, by: str, now: datetime) -> Company:
    """Makes one of two: who works at `company` works at `into`, which keeps what it says and learns what it lacked."""
    locked = {row.pk: row for row in Company.objects.select_for_update().filter(pk__in=[company.pk, into.pk])}
    if len(locked) < 2:
        # Somebody joined or removed one of them a moment ago.
        raise Company.DoesNotExist
    gone, kept = locked[company.pk], locked[into.pk]
    people = list(gone.positions.values_list("person_id", flat=True))
    moved = gone.positions.update(company=kept)
    gone.delete()
    learned = []
    if gone.domain and not kept.domain:
        kept.domain = gone.domain
        learned.append("domain")
    if gone.relation != CompanyRelation.NONE and kept.relation == CompanyRelation.NONE:
        kept.relation = gone.relation
        learned.append("relation")
    kept.updated_at = now
    kept.save(update_fields=[*learned, "updated_at"])
    refresh_search_texts(people=people)
    _record("people.companies_joined", kept, by, now, joined=gone.key, positions=moved)
    return kept


@transaction.atomic
def remove_company(*, company: Company, by: str, now: datetime) -> bool:
    """Takes a company off that nobody works or worked at; returns whether it went."""
    gone = Company.objects.filter(pk=company.pk, positions=None)
    if not gone.exists():
        return False
    gone.delete()
    _record("people.company_removed", company, by, now)
    return True


@transaction.atomic
def add_position(
    *, person: Person, company: str, domain: str = "", source: str, by: str, now: datetime, **fields: Any
) -> Position:
    """Adds a job elsewhere; `fields` are title, starts_on, ends_on.

    Raises CompanyNameMissingError, DomainUnusableError, PositionDatesError.
    """
    _check_dates(fields.get("starts_on"), fields.get("ends_on"))
    position = Position.objects.create(
        person=person,
        company=find_or_add_company(name=company, domain=domain, by=by, now=now),
        source=source,
        added_by=by,
        created_at=now,
        updated_at=now,
        **fields,
    )
    refresh_search_text(person=person)
    record(deed="people.position_added", by=by, now=now, subject_kind="person", subject_key=person.key)
    return position


@transaction.atomic
def correct_position(
    *, position: Position, company: str, domain: str = "", by: str, now: datetime, **fields: Any
) -> Position:
    """Corrects a job elsewhere; `fields` are those of title, starts_on, ends_on that change.

    Raises as `add_position` does.
    """
    _check_dates(fields.get("starts_on", position.starts_on), fields.get("ends_on", position.ends_on))
    fields["company"] = find_or_add_company(name=company, domain=domain, by=by, now=now)
    changed = [name for name, value in fields.items() if getattr(position, name) != value]
    if not changed:
        return position
    former = position.company_id
    for name in changed:
        setattr(position, name, fields[name])
    position.updated_at = now
    position.save(update_fields=[*changed, "updated_at"])
    note_source(of=position, fields=changed, source=by, now=now)
    forget_unused_companies(among=[former])
    refresh_search_text(person=position.person)
    record(
        deed="people.position_corrected",
        by=by,
        now=now,
        subject_kind="person",
        subject_key=position.person.key,
        details={"fields": sorted(changed)},
    )
    return position


@transaction.atomic
def remove_position(*, position: Position, by: str, now: datetime) -> None:
    """Takes a job off a person's record that was not theirs."""
    person, company = position.person, position.company_id
    position.delete()
    forget_unused_companies(among=[company])
    refresh_search_text(person=person)
    record(deed="people.position_removed", by=by, now=now, subject_kind="person", subject_key=person.key)


def forget_unused_companies(*, among: Iterable[int]) -> None:
    """Deletes those companies that nobody works at and that are nothing to us: slips, the own one of who is erased."""
    Company.objects.filter(pk__in=list(among), positions=None, relation=CompanyRelation.NONE).delete()


def _checked_name(name: str) -> tuple[str, str]:
    wanted = one_line(name)
    if not wanted or len(wanted) > COMPANY_NAME_LENGTH:
        raise CompanyNameMissingError(name)
    return wanted, company_name_key(wanted)


def _check_dates(starts_on: date | None, ends_on: date | None) -> None:
    if starts_on and ends_on and ends_on < starts_on:
        raise PositionDatesError


def _ask_for_another(company: Company, name_key: str, domain: str) -> None:
    same = Q(name_key=name_key) | (Q(domain=domain) & ~Q(domain=""))
    for other in Company.objects.exclude(pk=company.pk).filter(same)[:1]:
        raise CompanyKnownError(other)


def _record(deed: str, company: Company, by: str, now: datetime, **details: object) -> None:
    record(deed=deed, by=by, now=now, subject_kind="company", subject_key=company.key, details=details)
