"""What Today says of decisions about people: those that wait for a second colleague, and those to look at again."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from perennial.departures.decisions.enums import DecisionState
from perennial.departures.decisions.queries import to_approve, to_look_at
from perennial.desk.today.item import Item, and_more, linked


def decisions_to_do(*, day: date, limit: int, user_id: int | None, also_orphaned: bool) -> Iterator[Item]:
    """What this colleague may approve, and what they look at again; a coordinator also for those who have gone."""
    waiting = list(to_approve().exclude(proposed_by=f"user:{user_id}")[: limit + 1])
    for row in waiting[:limit]:
        yield Item(
            key=f"approve.{row.pk}",
            icon="users",
            sentence=format_html(_("A decision about {name} waits for a second colleague."), name=linked(row.person)),
            action_url=reverse("decision", args=[row.pk]),
            action_label=_("Look at it"),
            due_on=row.proposed_at.date(),
        )
    if len(waiting) > limit:
        yield and_more("approve", _("More decisions that wait for a second colleague."), reverse("decisions"), day)
    yield from _to_look_at(day, limit, user_id, also_orphaned)


def _to_look_at(day: date, limit: int, user_id: int | None, also_orphaned: bool) -> Iterator[Item]:
    mine = Q(owner=user_id) if user_id is not None else Q(pk=None)
    if also_orphaned:
        mine |= Q(owner=None) | Q(owner__is_active=False)
    rows = list(to_look_at(day=day).filter(mine)[: limit + 1])
    for row in rows[:limit]:
        gone = row.state == DecisionState.EXPIRED
        due_on = row.ends_on if gone and row.ends_on else row.review_on or day
        yield Item(
            key=f"decision.{row.pk}",
            icon="history",
            sentence=format_html(
                _("The decision about {name} has run out.") if gone else _("Look again at the decision about {name}."),
                name=linked(row.person),
            ),
            why="" if row.owner and row.owner.is_active else _("Whoever answered for it has gone."),
            action_url=reverse("decision", args=[row.pk]),
            action_label=_("Look at it"),
            due_on=due_on,
            late=due_on < day,
        )
    if len(rows) > limit:
        yield and_more("decisions", _("More decisions to look at again."), reverse("decisions") + "?view=due", day)
