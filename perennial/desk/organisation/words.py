"""How the history of a department or place is told."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from perennial.accounts.models import User
from perennial.audit.models import Event
from perennial.audit.queries import deeds_to
from perennial.programme.models import Department, Place

LAST = 20
# By the last word of the deed: 'programme.department_renamed' and 'programme.place_renamed' are told alike.
DEEDS: dict[str, str | Promise] = {
    "added": gettext_lazy("Added"),
    "renamed": gettext_lazy("Renamed"),
    "merged": gettext_lazy("Another was merged into it"),
    "moved": gettext_lazy("Moved in the tree"),
    "located": gettext_lazy("City or country changed"),
    "name_let_go": gettext_lazy("A former name was let go"),
}


@dataclass(frozen=True)
class Deed:
    """One thing that was done: when, what, by whom, and what was said of it."""

    at: datetime
    what: str | Promise
    who: str
    more: str


def history_of(unit: Department | Place) -> list[Deed]:
    """What was done to `unit`, the last first."""
    kind = unit._meta.model_name or ""
    events = list(deeds_to(subject_kind=kind, subject_key=str(unit.pk))[:LAST])
    names = _names(events)
    former = dict(unit.aliases.values_list("pk", "name"))
    return [
        Deed(
            at=event.at,
            what=DEEDS[event.deed.removeprefix(f"programme.{kind}_")],
            who=names.get(event.by, _("by command")),
            more=_more(event, former),
        )
        for event in events
    ]


def _names(events: Iterable[Event]) -> dict[str, str]:
    """The colleagues who did it, by the label under which it is recorded."""
    ids = {event.by.removeprefix("user:") for event in events if event.by.startswith("user:")}
    users = User.objects.filter(pk__in=[each for each in ids if each.isdecimal()])
    return {f"user:{pk}": name for pk, name in users.values_list("pk", "name")}


def _more(event: Event, former: dict[int, str]) -> str:
    told = []
    name = former.get(event.details.get("alias", 0))
    if name:
        told.append(_("formerly “%(name)s”") % {"name": name})
    if "people" in event.details:
        people = event.details["people"]
        told.append(ngettext("%(many)d person", "%(many)d people", people) % {"many": people})
    return ", ".join(told)
