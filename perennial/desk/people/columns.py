"""The columns of the directory: what each says of a person, and who may see it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perennial.accounts.roles import Permission, may
from perennial.people.enums import AddressKind, ContractKind, HowEnded, Sort, StintStatus


@dataclass(frozen=True)
class Column:
    """`value` takes a person as `with_latest_stints` and `with_life_elsewhere` have them.

    An import reads `label` back in, or leaves the column alone. `sort` is the order that goes by the column.
    """

    code: str
    label: str | Promise
    value: Callable[[Any], object]
    shown_at_first: bool = False
    permission: Permission = Permission.SEE_PEOPLE
    sort: Sort | None = None


def _stint(field: str) -> Callable[[Any], Any]:
    """The field of the latest stint, as it is."""
    return lambda person: getattr(next(iter(person.stints_latest_first), None), field, None)


def _words(field: str, choices: type[ContractKind] | type[HowEnded] | type[StintStatus]) -> Callable[[Any], str]:
    labels = dict(choices.choices)
    code = _stint(field)
    return lambda person: str(labels.get(code(person), ""))


def _address(kind: AddressKind) -> Callable[[Any], str]:
    return lambda person: next((row.address for row in person.addresses.all() if row.kind == kind), "")


def _works(field: str) -> Callable[[Any], Any]:
    """The field of the job elsewhere that somebody has now, as it is."""
    return lambda person: next((getattr(row, field) for row in person.positions_latest_first if not row.ends_on), None)


def _skills(person: Any) -> str:
    return ", ".join(sorted((row.skill.name for row in person.skills_by_name), key=str.casefold))


COLUMNS = [
    Column("title", _("Job title"), _stint("title"), shown_at_first=True),
    Column("department", _("Department"), _stint("department"), shown_at_first=True, sort=Sort.DEPARTMENT),
    Column("place", _("Location"), _stint("place")),
    Column("starts_on", _("First day"), _stint("starts_on")),
    Column("ends_on", _("Last day"), _stint("ends_on"), shown_at_first=True, sort=Sort.LAST_DAY),
    Column("employee_number", _("Employee number"), _stint("employee_number"), permission=Permission.EDIT_PEOPLE),
    Column("status", _("Status"), _words("status", StintStatus)),
    Column("contract_kind", _("Kind of contract"), _words("contract_kind", ContractKind)),
    Column("how_ended", _("How it ended"), _words("how_ended", HowEnded), permission=Permission.EDIT_PEOPLE),
    Column("business_email", _("Business e-mail"), _address(AddressKind.BUSINESS), permission=Permission.EDIT_PEOPLE),
    Column("private_email", _("Private e-mail"), _address(AddressKind.PRIVATE), permission=Permission.EDIT_PEOPLE),
    Column("language", _("Language"), lambda person: person.language),
    Column("country", _("Country of residence"), lambda person: person.country),
    Column("company", _("Works at"), _works("company")),
    Column("position", _("Works there as"), _works("title")),
    Column("skills", _("Skills"), _skills),
]


def columns_of(role: str) -> list[Column]:
    """Every column this role may see."""
    return [column for column in COLUMNS if may(role, column.permission)]


def columns_for(role: str, chosen: Collection[str]) -> list[Column]:
    """The chosen columns, those shown at first when none is; never one that the role may not see."""
    return [column for column in columns_of(role) if (column.code in chosen if chosen else column.shown_at_first)]
