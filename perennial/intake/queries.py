"""Reads imports: the list, how far one is, and what it would change."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db.models import Count, Min, QuerySet
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perennial.intake.columns import DATE_FIELDS, LABELS, Field
from perennial.intake.enums import Outcome
from perennial.intake.models import ImportRun, StagedChange, StagedRow
from perennial.people.enums import ContractKind, HowEnded, StintStatus

SHOWN_NEW = 20
SHOWN_CHANGES = 60
SHOWN_REJECTED = 50


@dataclass(frozen=True, slots=True)
class NewPerson:
    number: int
    full_name: str
    title: str
    department: str
    ends_on: object


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One line of the change log: `before` became `after` for so many people, named where it is only one."""

    label: str | Promise
    before: str
    after: str
    count: int
    full_name: str
    person_key: str
    adds_stint: bool


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row with its reason. `cell` is what stands in the column at fault, `column` that column's name."""

    number: int
    what: str
    column: str
    cell: str
    reason: str


@dataclass(frozen=True, slots=True)
class Differences:
    new: list[NewPerson]
    changes: list[ChangeLine]
    more_changes: int
    rejected: list[RejectedRow]


def runs() -> QuerySet[ImportRun]:
    """All imports, the newest first."""
    return ImportRun.objects.order_by("-created_at", "-pk")


def differences(run: ImportRun) -> Differences:
    """What applying `run` would do, as much of it as one wants to read."""
    staged = StagedRow.objects.filter(run=run).order_by("number")
    new = staged.filter(outcome=Outcome.NEW).values_list("number", "full_name", "title", "department", "ends_on")
    lines = (
        StagedChange.objects.filter(run=run)
        .values("field", "before", "after")
        .annotate(count=Count("pk"), first=Min("number"))
        .order_by("-count", "field", "first")
    )
    shown = list(lines[:SHOWN_CHANGES])
    named = {
        number: (full_name, key)
        for number, full_name, key in staged.filter(number__in=[line["first"] for line in shown]).values_list(
            "number", "full_name", "person_key"
        )
    }
    return Differences(
        new=[NewPerson(*row) for row in new[:SHOWN_NEW]],
        changes=[
            ChangeLine(
                label=_("Another period") if line["field"] == "stint" else LABELS[Field(line["field"])],
                before=_in_words(line["field"], line["before"]),
                after=_in_words(line["field"], line["after"]),
                count=line["count"],
                full_name=named[line["first"]][0] if line["count"] == 1 else "",
                person_key=named[line["first"]][1] if line["count"] == 1 else "",
                adds_stint=line["field"] == "stint",
            )
            for line in shown
        ],
        more_changes=lines.count() - len(shown) if len(shown) == SHOWN_CHANGES else 0,
        rejected=rejected_rows(run),
    )


_CODES: dict[str, dict[str, str | Promise]] = {
    Field.STATUS: dict(StintStatus.choices),
    Field.CONTRACT_KIND: dict(ContractKind.choices),
    Field.HOW_ENDED: dict(HowEnded.choices),
    Field.LANGUAGE: dict(settings.LANGUAGES),
}


def _in_words(field: str, text: str) -> str:
    """Days and codes as people write them."""
    if text and field in DATE_FIELDS:
        return date_format(date.fromisoformat(text), "j M Y")
    return str(_CODES.get(field, {}).get(text, text))


def rejected_rows(run: ImportRun) -> list[RejectedRow]:
    """The first rejected rows, each with its cell and reason."""
    rows = StagedRow.objects.filter(run=run, outcome=Outcome.REJECTED).order_by("number")
    names = [run.mapping[name] for name in ("full_name", "first_name", "last_name") if name in run.mapping]
    found = []
    shown = rows.values_list("number", "full_name", "fault", "cells", "reason")[:SHOWN_REJECTED]
    for number, full_name, fault, cells, reason in shown:
        known: list[str] = cells or []
        what = full_name or " ".join(known[at] for at in names if at < len(known)).strip()
        at_fault = fault if fault is not None and fault < len(run.header) else None
        found.append(
            RejectedRow(
                number=number,
                what=what[:120],
                column=run.header[at_fault] if at_fault is not None else "",
                cell=known[at_fault][:120] if at_fault is not None and at_fault < len(known) else "",
                reason=reason,
            )
        )
    return found
