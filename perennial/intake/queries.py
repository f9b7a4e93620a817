"""Reads imports: the list, how far one is, and what it would change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db.models import Count, Min, QuerySet
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perennial.intake.columns import DATE_FIELDS, LABELS, Field
from perennial.intake.enums import ImportState, Outcome
from perennial.intake.errors_file import is_reason
from perennial.intake.models import ImportRun, SourceColumn, SourceValue, StagedChange, StagedRow
from perennial.intake.reader.table import Table
from perennial.intake.recognising import Recognition, header_key, recalled
from perennial.people.enums import ContractKind, HowEnded, StintStatus

SHOWN_NEW = 20
SHOWN_CHANGES = 60
SHOWN_AT_ONCE = 5
SHOWN_REJECTED = 50
SHOWN_RUNS = 10


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
    is_day: bool


@dataclass(frozen=True, slots=True)
class ChangeGroup:
    """What happens to one field: to how many people, and in which ways, the commonest first."""

    label: str | Promise
    count: int
    lines: list[ChangeLine]

    @property
    def first(self) -> list[ChangeLine]:
        return self.lines[:SHOWN_AT_ONCE]

    @property
    def more(self) -> list[ChangeLine]:
        return self.lines[SHOWN_AT_ONCE:]


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
    """`conflicts` contradict other rows or what is on file; `rejected` are the other rows that are not taken in."""

    new: list[NewPerson]
    changes: list[ChangeGroup]
    more_changes: int
    conflicts: list[RejectedRow]
    rejected: list[RejectedRow]


@dataclass(frozen=True, slots=True)
class SaidColumn:
    """What a column was said to mean; `meaning` is empty where it is left out on purpose."""

    pk: int
    header: str
    meaning: str | Promise
    said_at: datetime


@dataclass(frozen=True, slots=True)
class SaidValue:
    """What a value of a column was said to mean; `meaning` is empty where it is left as it is."""

    pk: int
    label: str | Promise
    text: str
    meaning: str
    said_at: datetime


@dataclass(frozen=True, slots=True)
class SourcePage:
    name: str
    columns: list[SaidColumn]
    values: list[SaidValue]
    runs: list[ImportRun]


def dropped_in_question() -> QuerySet[ImportRun]:
    """Lists of the watched folder that wait for an answer, the oldest first."""
    waiting = ImportRun.objects.filter(state=ImportState.MAPPING).exclude(watched_path="")
    return waiting.order_by("created_at", "pk")


def runs() -> QuerySet[ImportRun]:
    """All imports, the newest first."""
    return ImportRun.objects.order_by("-created_at", "-pk")


def sources() -> list[str]:
    """The names of all sources files came from or of which something is remembered."""
    names = ImportRun.objects.order_by().values_list("source", flat=True)
    said = (model.objects.order_by().values_list("source", flat=True) for model in (SourceColumn, SourceValue))
    return sorted(names.union(*said))


def source_page(source: str) -> SourcePage | None:
    """What is known of a source; None where no file came from it."""
    brought = runs().filter(source=source)
    columns = [
        SaidColumn(
            pk=row.pk,
            header=row.header,
            meaning=LABELS[Field(row.field)] if row.field else "",
            said_at=row.said_at,
        )
        for row in SourceColumn.objects.filter(source=source).order_by("header", "pk")
    ]
    values = [
        SaidValue(
            pk=row.pk,
            label=LABELS[Field(row.field)],
            text=row.text,
            meaning=in_words(row.field, row.meaning),
            said_at=row.said_at,
        )
        for row in SourceValue.objects.filter(source=source).order_by("field", "text", "pk")
    ]
    last = list(brought[:SHOWN_RUNS])
    if not last and not columns and not values:
        return None
    return SourcePage(name=source, columns=columns, values=values, runs=last)


def columns_said(source: str) -> dict[str, Field | None]:
    """What a colleague said of the columns of a source, by `header_key`; None where one was left out."""
    said = SourceColumn.objects.filter(source=source).order_by("pk")
    return {key: Field(field) if field else None for key, field in said.values_list("header_key", "field")}


def values_said(source: str) -> dict[Field, dict[str, str]]:
    """What a colleague said that values of a source mean, by field and `values.value_key`; empty: left as it is."""
    found: dict[Field, dict[str, str]] = {}
    said = SourceValue.objects.filter(source=source).order_by("pk")
    for field, key, meaning in said.values_list("field", "text_key", "meaning"):
        found.setdefault(Field(field), {})[key] = meaning
    return found


def recognitions(*, table: Table, source: str) -> list[Recognition]:
    """What each column of a file means: as a colleague said of this source, else as its name says."""
    return recalled(table.recognitions, columns_said(source))


def columns_unknown(*, header: Sequence[str], mapping: Mapping[Field, int], source: str) -> list[str]:
    """The columns of a file that are left out without anybody having said so."""
    on_purpose = {key for key, field in columns_said(source).items() if field is None}
    used = set(mapping.values())
    return [
        name
        for position, name in enumerate(header)
        if name and position not in used and header_key(name) not in on_purpose and not is_reason(name)
    ]


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
    by_field: dict[str, list[ChangeLine]] = {}
    for line in shown:
        by_field.setdefault(line["field"], []).append(
            ChangeLine(
                label=_label(line["field"]),
                before=in_words(line["field"], line["before"]),
                after=in_words(line["field"], line["after"]),
                count=line["count"],
                full_name=named[line["first"]][0] if line["count"] == 1 else "",
                person_key=named[line["first"]][1] if line["count"] == 1 else "",
                adds_stint=line["field"] == "stint",
                is_day=line["field"] in DATE_FIELDS,
            )
        )
    counted = StagedChange.objects.filter(run=run, field__in=by_field).values("field").annotate(count=Count("pk"))
    groups = [
        ChangeGroup(label=_label(field), count=count, lines=by_field[field])
        for field, count in counted.order_by("-count", "field").values_list("field", "count")
    ]
    return Differences(
        new=[NewPerson(*row) for row in new[:SHOWN_NEW]],
        changes=groups,
        more_changes=lines.count() - len(shown) if len(shown) == SHOWN_CHANGES else 0,
        conflicts=rejected_rows(run, conflict=True),
        rejected=rejected_rows(run, conflict=False),
    )


def _label(field: str) -> str | Promise:
    return _("Another period") if field == "stint" else LABELS[Field(field)]


_CODES: dict[str, dict[str, str | Promise]] = {
    Field.STATUS: dict(StintStatus.choices),
    Field.CONTRACT_KIND: dict(ContractKind.choices),
    Field.HOW_ENDED: dict(HowEnded.choices),
    Field.LANGUAGE: dict(settings.LANGUAGES),
}


def in_words(field: str, text: str) -> str:
    """Days and codes as people write them."""
    if text and field in DATE_FIELDS:
        return date_format(date.fromisoformat(text), "j M Y")
    return str(_CODES.get(field, {}).get(text, text))


def rejected_rows(run: ImportRun, *, conflict: bool) -> list[RejectedRow]:
    """The first rejected rows, each with its cell and reason: those that contradict something, or the others."""
    rows = StagedRow.objects.filter(run=run, outcome=Outcome.REJECTED, conflict=conflict).order_by("number")
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
