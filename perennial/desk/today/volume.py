"""Who takes much of what is known about people today: for those who may ask what it is for."""

from collections.abc import Iterator
from datetime import date, datetime

from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from perennial.accounts.queries import names_behind
from perennial.desk.people.volume import MOST_PAGES, MOST_ROWS, NEAR_PAGES, NEAR_ROWS, near_the_limit
from perennial.desk.today.item import Item
from perennial.programme.models import Programme


def much_taken(*, now: datetime, day: date, programme: Programme) -> Iterator[Item]:
    found = near_the_limit(now=now, programme=programme)
    names = names_behind(row.by for row in found)
    for row in found:
        name = names.get(row.by) or _("Somebody who has gone")
        if row.seen >= NEAR_PAGES:
            yield _item(
                row.by,
                day,
                "seen",
                format_html(_("{name} has opened the pages of {count} people today."), name=name, count=row.seen),
                _("After {most} no more open until tomorrow.").format(most=MOST_PAGES),
            )
        if row.rows >= NEAR_ROWS:
            yield _item(
                row.by,
                day,
                "files",
                format_html(_("{name} has taken {count} people in files today."), name=name, count=row.rows),
                _("From {most} on no more are given until tomorrow.").format(most=MOST_ROWS),
            )


def _item(by: str, day: date, what: str, sentence: str, why: str) -> Item:
    asked = urlencode({"by": by, "what": what, "since": day.isoformat()})
    return Item(
        # Of each day its own: who puts it off today sees it tomorrow, if it happens again.
        key=f"{what}.{by.replace(':', '-')}.{day.isoformat()}",
        icon="eye",
        sentence=format_html("{}", sentence),
        why=f"{why} {_('Ask whether it is for their work.')}",
        action_url=f"{reverse('audit')}?{asked}",
        action_label=_("Show"),
        due_on=day,
    )
