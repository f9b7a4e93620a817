"""The columns of the directory: what each says of a person, and who may see it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perennial.accounts.roles import Permission, may
from perennial.people.enums import AddressKind, ContractKind, HowEnded


@dataclass(frozen=True)
class Column:
    """`value` takes a person as `with_latest_stints` has them; an import reads `label` back in."""

    code: str
    label: str | Promise
    value: Callable[[Any], object]
    shown_at_first: bool = False
    permission: Permission = Permission.SEE_PEOPLE


def _stint(field: str) -> Callable[[Any], Any]:
    """The field of the latest stint, as it is."""
    return lambda person: getattr(next(iter(person.stints_latest_first), None), field, None)


def _words(field: str, choices: type[ContractKind] | type[HowEnded]) -> Callable[[Any], str]:
    labels = dict(choices.choices)
    code = _stint(field)
    return lambda person: str(labels.get(code(person), ""))


def _address(kind: AddressKind) -> Callable[[Any], str]:
    return lambda person: next((row.address for row in person.addresses.all() if row.kind == kind), "")


COLUMNS = [
    Column("title", _("Job title"), _stint("title"), shown_at_first=True),
    Column("department", _("Department"), _stint("department"), shown_at_first=True),
    Column("place", _("Location"), _stint("place")),
    Column("starts_on", _("First day"), _stint("starts_on")),
    Column("ends_on", _("Last day"), _stint("ends_on"), shown_at_first=True),
    Column("employee_number", _("Employee number"), _stint("employee_number"), permission=Permission.EDIT_PEOPLE),
    Column("contract_kind", _("Kind of contract"), _words("contract_kind", ContractKind)),
    Column("how_ended", _("How it ended"), _words("how_ended", HowEnded), permission=Permission.EDIT_PEOPLE),
    Column("business_email", _("Business e-mail"), _address(AddressKind.BUSINESS), permission=Permission.EDIT_PEOPLE),
    Column("private_email", _("Private e-mail"), _address(AddressKind.PRIVATE), permission=Permission.EDIT_PEOPLE),
    Column("language", _("Language"), lambda person: person.language),
]


def columns_of(role: str) -> list[Column]:
    """Every column this role may see."""
    return [column for column in COLUMNS if may(role, column.permission)]


def columns_for(role: str, chosen: Collection[str]) -> list[Column]:
    """The chosen columns, those shown at first when none is; never one that the role may not see."""
    return [column for column in columns_of(role) if (column.code in chosen if chosen else column.shown_at_first)]
