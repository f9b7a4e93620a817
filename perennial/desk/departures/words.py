"""How departures are told: where a day lies, what is next, what is late."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from perennial.departures.endings import must_wait, needs_a_day
from perennial.departures.enums import DepartureState
from perennial.departures.farewell.enums import Anchor, StepOwner
from perennial.departures.models import ChecklistStep, Departure
from perennial.departures.queries import View, invite_by
from perennial.mail.enums import MessageState

COLUMNS: dict[str, str | Promise] = {
    "past": gettext_lazy("Has gone"),
    "week": gettext_lazy("Within a week"),
    "month": gettext_lazy("Within a month"),
    "later": gettext_lazy("Later"),
    "unknown": gettext_lazy("Day not known"),
}
WEEK, MONTH = 7, 31


@dataclass(frozen=True)
class Card:
    """A departure on the list."""

    url: str
    name: str
    initials: str
    # How far the last day is, and the department.
    where: str
    next: str
    kind: str
    # The step of the farewell that is due first, who owes it, and when; empty where nothing is due.
    step: str = ""
    owner: str | Promise = ""
    when: str = ""
    late: bool = False


@dataclass(frozen=True)
class Column:
    """Departures whose last day lies about equally far."""

    title: str | Promise
    cards: list[Card]


@dataclass(frozen=True)
class Bead:
    """A step on the way out: done, now, ahead or late."""

    state: str
    title: str
    note: str


def columns(departures: Iterable[Any], today: date, steps: Mapping[int, Any]) -> list[Column]:
    """The cards by time to the last day; empty columns are left out. `steps`: the next of each departure, by its id."""
    sorted_in: dict[str, list[Card]] = {name: [] for name in COLUMNS}
    for departure in departures:
        sorted_in[_column(departure.stint.ends_on, today)].append(card(departure, today, steps))
    return [Column(COLUMNS[name], cards) for name, cards in sorted_in.items() if cards]


def card(departure: Any, today: date, steps: Mapping[int, Any]) -> Card:
    """What stands on the list about one departure; `departure` comes with progress."""
    step = steps.get(departure.pk)
    words, kind = next_step(departure, today)
    name = departure.person.full_name
    letters = [word[0] for word in name.split() if word[0].isalnum()]
    return Card(
        url=reverse("departure", args=[departure.key]),
        name=name,
        initials="".join(letters[:1] + letters[1:][-1:]).upper(),
        where=" · ".join(
            str(told) for told in (day_words(departure.stint.ends_on, today), departure.stint.department) if told
        ),
        next=words,
        kind=kind,
        step=step.words if step else "",
        owner=StepOwner(step.owner).label if step else "",
        when=due_words(step.due_on, today) if step else "",
        late=step is not None and step.due_on < today,
    )


def day_words(last_day: date | None, today: date) -> str:
    """How far the last day is, in words."""
    if last_day is None:
        return _("No last day is known")
    days = (last_day - today).days
    if days == 0:
        return _("Today is the last day")
    if days > 0:
        return ngettext("The last day is tomorrow", "The last day is in %(days)d days", days) % {"days": days}
    return ngettext("The last day was yesterday", "The last day was %(days)d days ago", -days) % {"days": -days}


def due_words(due_on: date | None, day: date) -> str:
    """When something is due, in words; late in days."""
    if due_on is None:
        return _("the day is not known yet")
    days = (due_on - day).days
    if days < 0:
        return ngettext("a day late", "%(days)d days late", -days) % {"days": -days}
    if days == 0:
        return _("today")
    if days == 1:
        return _("tomorrow")
    return ngettext("in %(days)d day", "in %(days)d days", days) % {"days": days}


def invite_on(departure: Departure) -> date | None:
    """The day by which it is invited in time: two weeks before the last day.

    Not before we knew of it, and after redundancy not before the day that HR set.
    """
    due = invite_by(departure)
    earliest = [timezone.localdate(departure.opened_at)]
    if needs_a_day(departure) and departure.invite_from:
        earliest.append(departure.invite_from)
    return max(due, *earliest) if due else None


def next_step(departure: Any, today: date) -> tuple[str, str]:
    """What is next, in words, and the kind of its badge."""
    if departure.state == DepartureState.QUESTION:
        return _("HR says when"), "amber"
    if departure.said:
        return _("Has answered"), "yes"
    if departure.invited:
        return _("Invited, no answer yet"), "info"
    if getattr(departure, "part", "") == View.KEPT_OUT:
        return _("Is not invited"), "info"
    if must_wait(departure, day=today):
        return _not_yet(departure.invite_from), "later"
    due = invite_on(departure)
    if due is None or due > today:
        return _("Invite"), "later"
    late = (today - due).days
    if late == 0:
        return _("Invite today"), "later"
    return ngettext("Invite: a day late", "Invite: %(days)d days late", late) % {"days": late}, "amber"


def _not_yet(invite_from: date | None) -> str:
    if invite_from is None:
        return _("HR says from when")
    return _("Not before %(day)s") % {"day": date_format(invite_from, "j M")}


def not_yet_words(invite_from: date | None) -> str:
    """Why nobody is invited yet, in a sentence."""
    if invite_from is None:
        return _("Nobody is invited before HR has set a day. Until then there is no letter and no sheet.")
    return _("HR has set a day: nobody is invited before %(day)s. Until then there is no letter and no sheet.") % {
        "day": date_format(invite_from, "DATE_FORMAT")
    }


def beads(departure: Any, today: date) -> list[Bead]:
    """The way from the announcement to the answer, as beads."""
    due = invite_on(departure)
    late = due is not None and due < today and not must_wait(departure, day=today)
    last_day = departure.stint.ends_on
    if departure.handed_over_at:
        invited = _("The sheet was handed over.")
    elif departure.invitation and departure.invitation.state != MessageState.DISCARDED:
        invited = str(departure.invitation.get_state_display())
    elif must_wait(departure, day=today) and not departure.said:
        invited = _not_yet(departure.invite_from)
    else:
        invited = ""
    return [
        Bead("done", _("Announced"), ""),
        Bead("done" if departure.invited or departure.said else "late" if late else "now", _("Invited"), invited),
        Bead(
            "done" if departure.said else "now" if departure.invited else "ahead",
            _("Said what we may do"),
            "" if departure.said else _("What was answered is not shown here, to anybody."),
        ),
        Bead(
            "done" if last_day and last_day < today else "now" if last_day == today else "ahead",
            _("Last day"),
            day_words(last_day, today),
        ),
    ]


def _column(last_day: date | None, today: date) -> str:
    if last_day is None:
        return "unknown"
    days = (last_day - today).days
    if days < 0:
        return "past"
    if days <= WEEK:
        return "week"
    return "month" if days <= MONTH else "later"


def reckoned_words(step: ChecklistStep) -> str:
    """From which day a step is reckoned: '7 days before the last day'."""
    day, days = str(Anchor(step.anchor).label), abs(step.offset_days)
    if not days:
        return day
    if step.offset_days < 0:
        return ngettext("{days} day before {anchor}", "{days} days before {anchor}", days).format(
            days=days, anchor=_small(day)
        )
    return ngettext("{days} day after {anchor}", "{days} days after {anchor}", days).format(
        days=days, anchor=_small(day)
    )


def _small(label: str) -> str:
    """A label that stood by itself, within a sentence."""
    return label[:1].lower() + label[1:]
