"""Renames and merges departments and places, with all that follows for the people who worked there.

Nothing is lost: the former name stays as an alias, so that a list that still writes it lands where it should; and the
id of what was merged leads on, so that whatever kept it means what stands now.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, QuerySet

from perennial.people.actions import refresh_search_texts
from perennial.people.models import Stint
from perennial.programme.models import Chapter, Department, Place
from perennial.programme.structure import Tree, Unit
from perennial.programme.units import hold_structure, record_of, usable_name


class MergedWithItselfError(ValueError):
    """A department or place is merged into another one."""


class UnitGoneError(Exception):
    """Somebody else merged it in the meantime."""


@dataclass(frozen=True)
class Move:
    """What a merge moves: stints, and how many people they are of; departments below, and chapters."""

    people: int
    stints: int
    below: int = 0
    chapters: int = 0


def what_moves(unit: Department | Place) -> Move:
    """What merging `unit` into another one would move."""
    counted = _stints_at(unit).aggregate(people=Count("person", distinct=True), stints=Count("pk"))
    if isinstance(unit, Department):
        return Move(**counted, below=unit.children.count(), chapters=unit.chapters.count())
    return Move(**counted)


@transaction.atomic
def rename(*, unit: Unit, name: str, by: str, now: datetime) -> int:
    """Gives `unit` another name; returns how many people it concerns.

    Raises UnitNameMissingError, UnitNameTakenError, UnitGoneError.
    """
    hold_structure()
    [unit] = _locked(type(unit), [unit.pk])
    name = usable_name(type(unit), name, of=unit)
    if name == unit.name:
        return 0
    unit.aliases.filter(name=name).delete()
    alias = unit.aliases.create(name=unit.name, since=now)
    unit.name = name
    unit.save(update_fields=["name"])
    people = _people_at(unit)
    refresh_search_texts(people=people)
    record_of(unit, "renamed", by=by, now=now, alias=alias.pk, people=len(people))
    return len(people)


@transaction.atomic
def merge(*, gone: Unit, into: Unit, by: str, now: datetime) -> Move:
    """Moves all there is of `gone` to `into`, and leaves of it a name that leads there. Says what moved.

    Raises MergedWithItselfError, UnitGoneError.
    """
    if gone.pk == into.pk:
        raise MergedWithItselfError
    hold_structure()
    # Who writes a stint of one of them at this moment is waited for, and seen.
    gone, into = _locked(type(gone), [gone.pk, into.pk])
    moved = what_moves(gone)
    people = _people_at(gone)
    _stints_at(gone).update(**{_field(gone): into, "updated_at": now})
    gone.aliases.update(**{_field(gone): into})
    alias = into.aliases.create(name=gone.name, since=now)
    # Apart from the name: what kept the id of the one that goes finds the one that stays, whatever it is called.
    gone.merged.update(**{_field(gone): into})
    into.merged.create(former_id=gone.pk)
    if isinstance(gone, Department) and isinstance(into, Department):
        _merge_branches(gone, into)
    if isinstance(gone, Place) and isinstance(into, Place):
        _keep_whereabouts(gone, into)
    gone_id = gone.pk
    gone.delete()
    refresh_search_texts(people=people)
    record_of(into, "merged", by=by, now=now, merged=gone_id, alias=alias.pk, people=moved.people, stints=moved.stints)
    return moved


def _merge_branches(gone: Department, into: Department) -> None:
    if into.pk in Tree().with_below(gone.pk):
        # It lies below the one that goes, and takes its place.
        into.parent = gone.parent
        into.save(update_fields=["parent"])
    gone.children.exclude(pk=into.pk).update(parent=into)
    Chapter.objects.filter(department=gone).update(department=into)


def _keep_whereabouts(gone: Place, into: Place) -> None:
    """What nobody said of the one that stays is taken from the one that goes, so that no chapter loses people by it."""
    if not into.city and not into.country:
        into.city, into.country = gone.city, gone.country
        into.save(update_fields=["city", "country"])


def _stints_at(unit: Department | Place) -> QuerySet[Stint]:
    return Stint.objects.order_by().filter(**{_field(unit): unit})


def _people_at(unit: Department | Place) -> list[int]:
    return list(_stints_at(unit).values_list("person_id", flat=True).distinct())


def _locked(kind: type[Unit], pks: list[int]) -> list[Unit]:
    rows = {row.pk: row for row in kind.objects.select_for_update().filter(pk__in=pks).order_by("pk")}
    if len(rows) != len(pks):
        raise UnitGoneError
    return [rows[pk] for pk in pks]


def _field(unit: Department | Place) -> str:
    """The field of a stint that leads to such a unit."""
    return "department" if isinstance(unit, Department) else "place"
