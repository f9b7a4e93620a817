"""What Today says of requests about personal data: those that are due, and those that are late."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from perennial.desk.departures.words import due_words
from perennial.desk.today.item import Item, and_more, linked
from perennial.privacy.rights.queries import due_by

# Of a month a fortnight is left: time enough to find what is asked for, and to say so where it takes longer.
SEEN_BEFORE = timedelta(days=14)


def requests_to_answer(*, day: date, limit: int) -> Iterator[Item]:
    """Open requests that are due within a fortnight, the earliest first."""
    rows = list(due_by(day=day + SEEN_BEFORE)[: limit + 1])
    for row in rows[:limit]:
        what = row.get_kind_display()
        yield Item(
            key=f"request.{row.key}",
            icon="shield-check",
            sentence=format_html(_("{name} asks: {what}."), name=linked(row.person), what=what),
            why=due_words(row.due_on, day).capitalize() + ".",
            action_url=reverse("request", args=[row.key]),
            action_label=_("Answer"),
            due_on=row.due_on,
            late=row.due_on < day,
        )
    if len(rows) > limit:
        yield and_more("requests", _("More requests about personal data."), reverse("requests"), day)
