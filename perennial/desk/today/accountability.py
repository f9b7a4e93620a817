"""What Today says of records that are missing or to be looked at again: why something may be done."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from perennial.desk.register.assessment_words import open_gates_words
from perennial.desk.today.item import Item
from perennial.programme.councils import gates
from perennial.programme.interests import standings
from perennial.programme.models import Programme


def accounts_to_give(*, day: date, programme: Programme) -> Iterator[Item]:
    """Records of interest that do not stand or are to be looked at again, and staff not asked; three queries."""
    found = standings(on=day)
    if missing := [each for each in found if not each.stands]:
        yield Item(
            key="interests-open",
            icon="report-analytics",
            sentence=format_html(
                ngettext(
                    "Write down why it may be done without asking: {name}.",
                    "Write down why {number} things may be done without asking: {name}, and others.",
                    len(missing),
                ),
                number=len(missing),
                name=missing[0].processing.label,
            ),
            why=_("That rests on legitimate interest, and no record of it stands."),
            action_url=reverse("interests-open" if any(each.record is None for each in missing) else "interests"),
            action_label=_("Write it down"),
            due_on=day,
        )
    for each in found:
        if each.stands and each.review_is_due and each.record:
            yield Item(
                key=f"interest.{each.processing.value}.{each.record.version}",
                icon="report-analytics",
                sentence=format_html(_("Look again at why it may be done: {name}."), name=each.processing.label),
                action_url=reverse("interest", args=[each.processing.value]),
                action_label=_("Look at it"),
                due_on=each.record.review_on,
                late=each.record.review_on < day,
            )
    if words := open_gates_words(gates(programme=programme, on=day)):
        yield Item(
            key="council-open",
            icon="users-group",
            sentence=format_html("{}", words),
            action_url=reverse("council"),
            action_label=_("Write it down"),
            due_on=day,
        )
