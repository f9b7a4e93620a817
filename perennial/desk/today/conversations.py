"""What Today says of exit conversations: those that come, and those of which nobody has said how they went."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from perennial.departures.conversation.queries import planned
from perennial.desk.today.item import Item, and_more, linked
from perennial.kernel.clock import local_date
from perennial.programme.queries import current, today

A_WEEK = timedelta(days=7)


def conversations_to_lead(*, now: datetime, limit: int, user_id: int | None, also_orphaned: bool) -> Iterator[Item]:
    """Those of this colleague within a week; a coordinator also sees those whose leader has gone."""
    mine = Q(leader=user_id) if user_id is not None else Q(pk=None)
    if also_orphaned:
        mine |= Q(leader=None) | Q(leader__is_active=False)
    rows = list(planned(until=now + A_WEEK).filter(mine)[: limit + 1])
    zone = current().time_zone if rows else ""
    for row in rows[:limit]:
        gone = row.starts_at + timedelta(minutes=row.minutes) <= now
        sentence = _("How did the conversation with {name} go?") if gone else _("Talk with {name} on {day} at {time}.")
        moment = localtime(row.starts_at)
        yield Item(
            key=f"conversation.{row.uid}",
            icon="message",
            sentence=format_html(
                sentence,
                name=linked(row.departure.person),
                day=date_format(moment, "j F"),
                time=date_format(moment, "H:i"),
            ),
            why="" if row.leader and row.leader.is_active else _("Whoever was to lead it has gone."),
            action_url=reverse("departure", args=[row.departure.key]) + "#conversation",
            action_label=_("Say how it went") if gone else _("Show"),
            due_on=local_date(at=row.starts_at, time_zone=zone),
            late=gone,
        )
    if len(rows) > limit:
        yield and_more("conversations", _("More conversations this week."), reverse("departures"), today(now=now))
