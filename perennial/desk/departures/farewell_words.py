"""How a farewell is told: each step with its day and its owner, what is late, and the way from notice to first day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from perennial.accounts.queries import names_behind
from perennial.accounts.roles import Permission, may
from perennial.departures.farewell.enums import StepKind, StepOwner, StepState
from perennial.departures.farewell.handing_out import STANDING
from perennial.departures.farewell.queries import costs_of, farewell_of, may_have_steps, steps_of
from perennial.departures.models import Departure, Farewell
from perennial.desk.departures.farewell_forms import ManagerForm, StepForm
from perennial.desk.departures.words import due_words
from perennial.programme.queries import today
from perennial.web.access import colleague
from perennial.web.context import programme_of

ICONS: dict[str, str] = {
    StepKind.EXIT_CONVERSATION: "message-2",
    StepKind.THANKS: "heart-handshake",
    StepKind.FAREWELL_MOMENT: "speakerphone",
    StepKind.RECOMMENDATION: "thumb-up",
    StepKind.BOX: "gift",
    StepKind.NEXT_EVENT: "calendar-event",
    StepKind.DOOR_OPEN: "door-enter",
    StepKind.FLOWERS: "flower",
    StepKind.KEY_RING: "key",
    StepKind.OTHER: "checklist",
}


@dataclass(frozen=True)
class Line:
    """One bead: a day on the way, or a step with what can be done about it."""

    state: str
    title: str
    when: str
    due_on: date | None = None
    step: Any = None
    owner: str | Promise = ""
    icon: str = ""
    note: str = ""
    form: StepForm | None = None


def line_of_step(step: Any, day: date, names: Mapping[str, str]) -> Line:
    """A step as a bead; `names`: of colleagues, by the labels under which they act."""
    late = step.state == StepState.OPEN and step.due_on is not None and step.due_on < day
    bead = {StepState.DONE: "done", StepState.SKIPPED: "skipped"}.get(step.state, "late" if late else "ahead")
    when = due_words(step.due_on, day)
    if step.state == StepState.OPEN and step.due_on is None and step.kind == StepKind.FLOWERS:
        when = _("only when the leaver names the day and agrees")
    note = ""
    if step.state != StepState.OPEN:
        by = _("the manager") if step.settled_by.startswith("manager:") else names.get(step.settled_by, "")
        when = date_format(timezone.localtime(step.settled_at), "DATE_FORMAT") + (f" · {by}" if by else "")
        note = step.reason
    return Line(
        state=bead,
        title=step.words,
        when=when,
        due_on=step.due_on,
        step=step,
        owner=StepOwner(step.owner).label,
        icon=ICONS.get(step.kind, "checklist"),
        note=note,
        form=StepForm.of(step) if step.state == StepState.OPEN else None,
    )


def timeline(departure: Departure, farewell: Farewell, day: date) -> list[Line]:
    """From the day we learnt of it to the first day elsewhere: the steps by their days, the dayless last."""
    steps = steps_of(departure=departure)
    names = names_behind({step.settled_by for step in steps})
    days = [
        (_("We learnt of it"), timezone.localdate(departure.opened_at), 0),
        (_("Last day"), departure.stint.ends_on, 1),
        (_("First day elsewhere"), farewell.first_day_on, 1),
    ]
    # On its own day a mark stands after what leads there; what has no day comes last.
    told = [
        ((on, place, 0), Line(_bead_of_day(on, day), title, date_format(on, "DATE_FORMAT"), on))
        for title, on, place in days
        if on is not None
    ]
    told += [
        ((step.due_on or date.max, 0 if step.due_on else 2, at), line_of_step(step, day, names))
        for at, step in enumerate(steps, start=1)
    ]
    return [line for _place, line in sorted(told, key=lambda each: each[0])]


def about_farewell(request: HttpRequest, departure: Departure, moment: datetime) -> dict[str, object]:
    """What the page of a departure shows of its farewell; nothing where there is no checklist."""
    farewell = farewell_of(departure=departure)
    if farewell is None:
        return {"farewell": None}
    day = today(now=moment)
    lines = timeline(departure, farewell, day)
    settles = may(colleague(request).role, Permission.INVITE_LEAVERS) and may_have_steps(departure=departure, day=day)
    steps = [line for line in lines if line.step is not None]
    language = farewell.manager_language or programme_of(request).language
    return {
        "farewell": farewell,
        "farewell_lines": lines,
        "farewell_done": sum(1 for line in steps if line.state in ("done", "skipped")),
        "farewell_steps": len(steps),
        "farewell_runs": departure.state in STANDING,
        "may_settle": settles,
        "costs": costs_of(departure=departure),
        # Where flowers go is for those who order them, as long as they are to be ordered.
        "flowers_to": farewell.flowers_address if settles and _waits_for_flowers(steps) else "",
        "manager_owes": any(
            line.step.owner == StepOwner.MANAGER and line.step.state == StepState.OPEN for line in steps
        ),
        "manager_form": ManagerForm(initial={"email": farewell.manager_email, "language": language}),
    }


def _waits_for_flowers(lines: list[Line]) -> bool:
    return any(line.step.kind == StepKind.FLOWERS and line.step.state == StepState.OPEN for line in lines)


def _bead_of_day(on: date, day: date) -> str:
    return "done" if on < day else "now" if on == day else "ahead"
