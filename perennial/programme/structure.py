"""Reads how the employer is made up: departments as a tree, places, and the chapters of the programme."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar

from django.db.models import Prefetch, Q, QuerySet

from perennial.accounts.models import User
from perennial.accounts.roles import CHAPTER_ROLES
from perennial.kernel.countries import recognise
from perennial.programme.models import (
    Chapter,
    Department,
    DepartmentAlias,
    MergedDepartment,
    MergedPlace,
    Place,
    PlaceAlias,
)


@dataclass(frozen=True)
class Branch:
    """A department at its place in the tree; `depth` is 0 for those that belong to no other."""

    pk: int
    name: str
    parent: int | None
    depth: int


def place_countries() -> dict[int, str]:
    """The code of the country in which each place lies, by its id; those of which nothing says it are left out."""
    found = Place.objects.order_by("pk").values_list("pk", "name", "country")
    named = ((pk, recognise(country) or recognise(name)) for pk, name, country in found)
    return {pk: code for pk, code in named if code}


def place_countries_by_name() -> dict[str, str]:
    """The same by every name that leads to the place."""
    codes = place_countries()
    names = chain(Place.objects.values_list("name", "pk"), PlaceAlias.objects.values_list("name", "place_id"))
    return {name: codes[pk] for name, pk in names if pk in codes}


class Tree:
    """All departments, read with one query."""

    def __init__(self) -> None:
        self._names: dict[int, tuple[str, int | None]] = {}
        self._below: dict[int | None, list[int]] = defaultdict(list)
        for pk, name, parent in Department.objects.order_by("name", "pk").values_list("pk", "name", "parent"):
            self._names[pk] = (name, parent)
            self._below[parent].append(pk)

    def branches(self) -> list[Branch]:
        """Every department, each followed by those below it."""
        found: list[Branch] = []
        waiting = [(pk, 0) for pk in reversed(self._below[None])]
        while waiting:
            pk, depth = waiting.pop()
            name, parent = self._names[pk]
            found.append(Branch(pk, name, parent, depth))
            waiting += [(child, depth + 1) for child in reversed(self._below[pk])]
        return found

    def with_above(self, pk: int) -> list[int]:
        """The ids of a department and of all that hold it, the nearest first; empty where there is no such one."""
        found: list[int] = []
        here: int | None = pk
        while here in self._names:
            found.append(here)
            here = self._names[here][1]
        return found

    def with_below(self, pk: int) -> list[int]:
        """The ids of a department and of all below it."""
        found, waiting = [], [pk]
        while waiting:
            here = waiting.pop()
            found.append(here)
            waiting += self._below[here]
        return found


def departments_with_below(pk: int) -> list[int]:
    """The ids of a department and of all below it."""
    return Tree().with_below(pk)


# --- places


def cities() -> list[str]:
    """The cities in which places lie, by name."""
    return list(Place.objects.exclude(city="").order_by("city").values_list("city", flat=True).distinct())


def countries() -> list[str]:
    """The countries in which places lie, by name."""
    return list(Place.objects.exclude(country="").order_by("country").values_list("country", flat=True).distinct())


# --- names

# What people work in and what they work at; both are called something, and may have been called otherwise.
Unit = TypeVar("Unit", Department, Place)


def present_names(kind: type[Department | Place]) -> dict[str, str]:
    """Every name that leads to a department, or to a place: the present ones and the former ones, with the present."""
    if kind is Department:
        former = dict(DepartmentAlias.objects.order_by().values_list("name", "department__name"))
    else:
        former = dict(PlaceAlias.objects.order_by().values_list("name", "place__name"))
    return former | {name: name for name in kind.objects.order_by().values_list("name", flat=True)}


def named(kind: type[Unit], name: str) -> Unit | None:
    """The department, or place, that `name` leads to: the one called so now, else the one that was."""
    return kind.objects.filter(name=name).first() or kind.objects.filter(aliases__name=name).first()


# --- what was merged


def merged_into(kind: type[Department | Place]) -> dict[int, int]:
    """The ids of the departments, or places, that were merged away, each with the id of the one it leads to."""
    if kind is Department:
        return dict(MergedDepartment.objects.order_by().values_list("former_id", "department_id"))
    return dict(MergedPlace.objects.order_by().values_list("former_id", "place_id"))


def held(unit: Unit) -> Unit | None:
    """`unit`, or the one it has been merged into since it was read, held until the end of the transaction."""
    kind = type(unit)
    rows = kind.objects.select_for_update()
    return rows.filter(pk=unit.pk).first() or rows.filter(pk=merged_into(kind).get(unit.pk, 0)).first()


# --- chapters


def running_chapters() -> QuerySet[Chapter]:
    """Those that have not ended, each with its department."""
    return Chapter.objects.filter(ended_at=None).select_related("department").order_by("name", "pk")


def with_hosts(chapters: QuerySet[Chapter]) -> QuerySet[Chapter]:
    """Brings along as `hosts` those who still see its people: who has another role now, or is disabled, does not."""
    fit = User.objects.filter(role__in=CHAPTER_ROLES).exclude(is_active=False, invite_random="")
    return chapters.prefetch_related(Prefetch("hosts", queryset=fit.order_by("name", "pk")))


def ended_chapters() -> QuerySet[Chapter]:
    """Those that have ended, the last first."""
    return Chapter.objects.exclude(ended_at=None).select_related("department").order_by("-ended_at", "pk")


def chapters_of(host: User) -> QuerySet[Chapter]:
    """The running chapters that `host` welcomes people for."""
    return running_chapters().filter(chapterhost__host=host)


def belongs_to(chapter: Chapter, tree: Tree) -> Q:
    """What a stint must be for its person to belong to `chapter`; the one place where that is said."""
    asked = Q()
    if chapter.department_id is not None:
        asked &= Q(department__in=tree.with_below(chapter.department_id))
    if chapter.city or chapter.country:
        places = Place.objects.order_by()
        if chapter.city:
            places = places.filter(city=chapter.city)
        if chapter.country:
            places = places.filter(country=chapter.country)
        asked &= Q(place__in=places.values("pk"))
    return asked


def rules_of(chapters: Iterable[Chapter]) -> dict[int, Q]:
    """What a stint must be for its person to belong to each of `chapters`, by its id; the tree is read once."""
    chapters = list(chapters)
    if not chapters:
        return {}
    tree = Tree()
    return {chapter.pk: belongs_to(chapter, tree) for chapter in chapters}


def belongs_to_any(chapters: Iterable[Chapter]) -> Q | None:
    """What a stint must be for its person to belong to one of `chapters`; None when there is no chapter."""
    asked = Q()
    for rule in rules_of(chapters).values():
        asked |= rule
    return asked or None
