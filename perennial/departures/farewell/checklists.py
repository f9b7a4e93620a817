"""Changes checklists, for whoever leaves from then on; for those who are leaving now only where asked."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max, QuerySet

from perennial.audit.actions import record
from perennial.departures.farewell.enums import Anchor, StepKind, StepOwner, StepState
from perennial.departures.farewell.handing_out import take_over
from perennial.departures.farewell.queries import leaving_by
from perennial.departures.models import ChecklistStep, ChecklistTemplate, FarewellStep
from perennial.programme.queries import today


class DefaultChecklistError(Exception):
    """The checklist for everybody else stays in use: another one becomes it first."""


class AsksForNothingError(ValueError):
    """A checklist that asks for nothing would never be chosen, unless it is the one for everybody else."""


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """For which departures a checklist is; what is empty asks for nothing. `departments` are ids."""

    name: str
    how_ended: Sequence[str] = ()
    contract_kinds: Sequence[str] = ()
    departments: Sequence[int] = ()


@dataclass(frozen=True, kw_only=True)
class StepWords:
    """What a step of a checklist says; the fields are those of ChecklistStep."""

    kind: StepKind
    title: str
    owner: StepOwner
    anchor: Anchor
    offset_days: int
    usual_cost: Decimal | None = None
    currency: str = ""


@transaction.atomic
def add_checklist(*, conditions: Conditions, by: str, now: datetime) -> ChecklistTemplate:
    """A checklist without steps yet. Raises AsksForNothingError."""
    template = ChecklistTemplate(created_at=now)
    _write(template, conditions)
    _note("departures.checklist_added", template, by, now)
    return template


@transaction.atomic
def change_checklist(*, template: ChecklistTemplate, conditions: Conditions, by: str, now: datetime) -> None:
    """For whom it is from now on; who has a checklist keeps it. Raises AsksForNothingError."""
    _write(_held(template), conditions)
    _note("departures.checklist_changed", template, by, now)


@transaction.atomic
def make_default(*, template: ChecklistTemplate, by: str, now: datetime) -> None:
    """The checklist for whoever no other one fits, from now on."""
    held = _held(template)
    ChecklistTemplate.objects.filter(is_default=True).update(is_default=False)
    ChecklistTemplate.objects.filter(pk=held.pk, retired_at=None).update(is_default=True)
    _note("departures.checklist_made_default", held, by, now)


@transaction.atomic
def retire_checklist(*, template: ChecklistTemplate, by: str, now: datetime) -> None:
    """Nobody gets it any more; who has it keeps it. Raises DefaultChecklistError."""
    held = _held(template)
    if held.is_default:
        raise DefaultChecklistError
    ChecklistTemplate.objects.filter(pk=held.pk).update(retired_at=now)
    _note("departures.checklist_retired", held, by, now)


@transaction.atomic
def add_step(*, template: ChecklistTemplate, words: StepWords, also_now: bool, by: str, now: datetime) -> ChecklistStep:
    """A step at the end. `also_now`: those who are leaving now get it too."""
    held = _held(template)
    last = held.steps.aggregate(last=Max("position"))["last"]
    step = ChecklistStep.objects.create(template=held, position=0 if last is None else last + 1, **asdict(words))
    if also_now:
        take_over(farewells=leaving_by(template=held, day=today(now=now)).values_list("pk", flat=True), step=step.pk)
    _note("departures.checklist_step_added", held, by, now, also_now=also_now)
    return step


@transaction.atomic
def change_step(*, step: ChecklistStep, words: StepWords, also_now: bool, by: str, now: datetime) -> None:
    """`also_now`: for those who are leaving now too, as far as it is not done or left out."""
    held = _held(step.template)
    ChecklistStep.objects.filter(pk=step.pk).update(**asdict(words))
    if also_now:
        _open_copies(step, now).update(**asdict(words))
    _note("departures.checklist_step_changed", held, by, now, also_now=also_now)


@transaction.atomic
def retire_step(*, step: ChecklistStep, also_now: bool, by: str, now: datetime) -> None:
    """`also_now`: those who are leaving now need not do it any more either."""
    held = _held(step.template)
    ChecklistStep.objects.filter(pk=step.pk, retired_at=None).update(retired_at=now)
    if also_now:
        _open_copies(step, now).delete()
    _note("departures.checklist_step_retired", held, by, now, also_now=also_now)


@transaction.atomic
def move_step(*, step: ChecklistStep, up: bool, by: str, now: datetime) -> None:
    """One place up or down among the steps in use; at the end nothing moves. Days come before places on a farewell."""
    held = _held(step.template)
    order = list(held.steps.filter(retired_at=None).order_by("position", "pk").values_list("pk", flat=True))
    if step.pk not in order:
        return
    at = order.index(step.pk)
    to = at - 1 if up else at + 1
    if not 0 <= to < len(order):
        return
    order[at], order[to] = order[to], order[at]
    for position, pk in enumerate(order):
        ChecklistStep.objects.filter(pk=pk).update(position=position)
    _note("departures.checklist_steps_moved", held, by, now)


def _write(template: ChecklistTemplate, conditions: Conditions) -> None:
    asked = (conditions.how_ended, conditions.contract_kinds, conditions.departments)
    if not template.is_default and not any(asked):
        raise AsksForNothingError
    template.name = conditions.name
    template.how_ended = sorted(conditions.how_ended)
    template.contract_kinds = sorted(conditions.contract_kinds)
    template.departments = sorted(conditions.departments)
    template.save()


def _held(template: ChecklistTemplate) -> ChecklistTemplate:
    return ChecklistTemplate.objects.select_for_update().get(pk=template.pk)


def _open_copies(step: ChecklistStep, now: datetime) -> QuerySet[FarewellStep]:
    running = leaving_by(template=step.template, day=today(now=now))
    return FarewellStep.objects.filter(
        template_step=step, state=StepState.OPEN, departure__in=running.values("departure")
    )


def _note(deed: str, template: ChecklistTemplate, by: str, now: datetime, **details: object) -> None:
    record(deed=deed, by=by, now=now, subject_kind="checklist", subject_key=str(template.pk), details=details)
