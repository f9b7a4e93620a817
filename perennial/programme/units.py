"""Writes departments and places: added, put at their place. Renaming and merging stand in `people.reorganising`, which
knows whom they concern."""

from datetime import datetime

from django.db import IntegrityError, connection, transaction

from perennial.audit.actions import record
from perennial.kernel.text import one_line
from perennial.programme.models import Department, DepartmentAlias, Place, PlaceAlias
from perennial.programme.structure import Tree, named

NAME_LENGTH = 300
CITY_LENGTH = 120
# Any number will do, as long as everybody takes the same: the structure changes one step after the other.
_LOCK = 7_305_512


class UnitNameMissingError(ValueError):
    """A department or place is called something, in at most 300 characters."""


class UnitNameTakenError(ValueError):
    """The name leads to another department or place; `unit` is that one."""

    def __init__(self, unit: Department | Place) -> None:
        super().__init__(unit.name)
        self.unit = unit


class RingError(ValueError):
    """A department cannot belong to itself, nor to one that belongs to it."""


def hold_structure() -> None:
    """Waits until nobody else changes departments and places, and lets nobody until the end of the transaction.

    On SQLite the transaction itself is exclusive.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def usable_name(kind: type[Department | Place], name: str, *, of: Department | Place | None = None) -> str:
    """`name` as a unit may be called; its own former name may be taken up again.

    Raises UnitNameMissingError, UnitNameTakenError.
    """
    name = one_line(name)
    if not name or len(name) > NAME_LENGTH:
        raise UnitNameMissingError(name)
    holder = named(Department, name) if kind is Department else named(Place, name)
    if holder is not None and holder != of:
        raise UnitNameTakenError(holder)
    return name


@transaction.atomic
def add_department(*, name: str, parent: Department | None, by: str, now: datetime) -> Department:
    """Adds a department that no list has named yet. Raises as `usable_name`."""
    hold_structure()
    department = Department(name=usable_name(Department, name), parent=parent)
    _add(department)
    record_of(department, "added", by=by, now=now)
    return department


@transaction.atomic
def add_place(*, name: str, city: str, country: str, by: str, now: datetime) -> Place:
    """Adds a place that no list has named yet. Raises as `usable_name`."""
    hold_structure()
    place = Place(name=usable_name(Place, name), city=one_line(city), country=one_line(country))
    _add(place)
    record_of(place, "added", by=by, now=now)
    return place


@transaction.atomic
def move_department(*, department: Department, parent: Department | None, by: str, now: datetime) -> Department:
    """Says which larger department this one belongs to. Raises RingError."""
    hold_structure()
    department = Department.objects.select_for_update().get(pk=department.pk)
    if parent is not None and parent.pk in Tree().with_below(department.pk):
        raise RingError
    if department.parent_id != (parent and parent.pk):
        former, department.parent = department.parent_id, parent
        department.save(update_fields=["parent"])
        record_of(department, "moved", by=by, now=now, former=former, parent=parent and parent.pk)
    return department


@transaction.atomic
def locate_place(*, place: Place, city: str, country: str, by: str, now: datetime) -> Place:
    """Says in which city and country a place lies; who belongs to chapters of a city or country follows."""
    place = Place.objects.select_for_update().get(pk=place.pk)
    wanted = {"city": one_line(city), "country": one_line(country)}
    changed = [name for name, value in wanted.items() if getattr(place, name) != value]
    if changed:
        for name in changed:
            setattr(place, name, wanted[name])
        place.save(update_fields=changed)
        record_of(place, "located", by=by, now=now, fields=changed)
    return place


@transaction.atomic
def let_name_go(*, alias: DepartmentAlias | PlaceAlias, by: str, now: datetime) -> None:
    """The former name leads nowhere any more; a list that writes it makes a new department or place."""
    hold_structure()
    unit = alias.department if isinstance(alias, DepartmentAlias) else alias.place
    alias.delete()
    record_of(unit, "name_let_go", by=by, now=now)


def record_of(unit: Department | Place, deed: str, *, by: str, now: datetime, **details: object) -> None:
    """The audit event of a deed done to a unit."""
    kind = unit._meta.model_name or ""
    record(
        deed=f"programme.{kind}_{deed}", by=by, now=now, subject_kind=kind, subject_key=str(unit.pk), details=details
    )


def _add(unit: Department | Place) -> None:
    try:
        with transaction.atomic():
            unit.save()
    except IntegrityError as error:
        # An import named it in this moment.
        raise UnitNameTakenError(unit) from error
