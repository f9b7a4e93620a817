"""Writes chapters: who belongs follows from the records, who hosts is decided by a person."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from perennial.accounts.models import User
from perennial.accounts.roles import CHAPTER_ROLES
from perennial.audit.actions import record
from perennial.kernel.text import one_line
from perennial.programme.models import Chapter, ChapterHost, Department


class ChapterNameTakenError(ValueError):
    """Another chapter has this name."""


class ChapterOfEverybodyError(ValueError):
    """A chapter is of a department, a city or a country; of none of them it would be everybody."""


class ChapterEndedError(Exception):
    """The chapter has ended; what has ended is not changed."""


class HostUnfitError(Exception):
    """A host is a colleague of the role host whose account was not disabled."""


@transaction.atomic
def add_chapter(
    *,
    name: str,
    department: Department | None,
    city: str,
    country: str,
    hosts: Sequence[User],
    by: str,
    now: datetime,
) -> Chapter:
    """Begins a chapter. Raises ChapterNameTakenError, ChapterOfEverybodyError, HostUnfitError."""
    chapter = Chapter(name=one_line(name), started_at=now)
    _fill(chapter, department, city, country)
    _save(chapter)
    _record("programme.chapter_added", chapter, by, now, hosts=_name_hosts(chapter, hosts))
    return chapter


@transaction.atomic
def change_chapter(
    *,
    chapter: Chapter,
    name: str,
    department: Department | None,
    city: str,
    country: str,
    hosts: Sequence[User],
    by: str,
    now: datetime,
) -> Chapter:
    """Changes what a chapter is of and who hosts it; in force at once. Raises as `add_chapter`, and ChapterEndedError.

    The audit event names the fields that changed and all hosts from now on.
    """
    chapter = _running(chapter)
    was, hosted = _scope(chapter), _hosts(chapter)
    chapter.name = one_line(name)
    _fill(chapter, department, city, country)
    fields = [field for field, value in _scope(chapter).items() if was[field] != value]
    if fields:
        _save(chapter, fields)
    named = _name_hosts(chapter, hosts)
    if fields or named != hosted:
        _record("programme.chapter_changed", chapter, by, now, fields=fields, hosts=named)
    return chapter


@transaction.atomic
def end_chapter(*, chapter: Chapter, by: str, now: datetime) -> Chapter:
    """Its hosts see nobody through it any more. Raises ChapterEndedError."""
    chapter = _running(chapter)
    chapter.ended_at = now
    chapter.save(update_fields=["ended_at"])
    _record("programme.chapter_ended", chapter, by, now)
    return chapter


@transaction.atomic
def resume_chapter(*, chapter: Chapter, by: str, now: datetime) -> Chapter:
    """Takes an ending back, with the hosts there were."""
    chapter = Chapter.objects.select_for_update().get(pk=chapter.pk)
    if chapter.ended_at is not None:
        chapter.ended_at = None
        chapter.save(update_fields=["ended_at"])
        _record("programme.chapter_resumed", chapter, by, now)
    return chapter


def _save(chapter: Chapter, fields: Sequence[str] | None = None) -> None:
    try:
        with transaction.atomic():
            chapter.save(update_fields=fields)
    except IntegrityError as error:
        raise ChapterNameTakenError from error


def _running(chapter: Chapter) -> Chapter:
    row = Chapter.objects.select_for_update().get(pk=chapter.pk)
    if row.ended_at is not None:
        raise ChapterEndedError
    return row


def _fill(chapter: Chapter, department: Department | None, city: str, country: str) -> None:
    chapter.department, chapter.city, chapter.country = department, one_line(city), one_line(country)
    if department is None and not chapter.city and not chapter.country:
        raise ChapterOfEverybodyError


def _scope(chapter: Chapter) -> dict[str, object]:
    return {
        "name": chapter.name,
        "department": chapter.department,
        "city": chapter.city,
        "country": chapter.country,
    }


def _hosts(chapter: Chapter) -> list[int]:
    return list(ChapterHost.objects.filter(chapter=chapter).order_by("host_id").values_list("host_id", flat=True))


def _name_hosts(chapter: Chapter, hosts: Sequence[User]) -> list[int]:
    """Makes `hosts` those of the chapter; returns their ids."""
    wanted = sorted({host.pk for host in hosts})
    ChapterHost.objects.filter(chapter=chapter).exclude(host_id__in=wanted).delete()
    there = _hosts(chapter)
    added = [host for host in hosts if host.pk not in there]
    # Who was host and has another role now, or is disabled, may stay and sees nothing by it; nobody like that is added.
    if any(host.role not in CHAPTER_ROLES or host.is_disabled for host in added):
        raise HostUnfitError
    ChapterHost.objects.bulk_create([ChapterHost(chapter=chapter, host=host) for host in added])
    return wanted


def _record(deed: str, chapter: Chapter, by: str, now: datetime, **details: object) -> None:
    record(deed=deed, by=by, now=now, subject_kind="chapter", subject_key=str(chapter.pk), details=details)
