"""What Today says of farewells: the steps of whoever looks, and who is about to go with nothing personal."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from perennial.accounts.roles import Role
from perennial.departures.farewell.enums import GIFTS, StepOwner
from perennial.departures.farewell.queries import first_of, nothing_personal, open_steps, reminded_of
from perennial.desk.departures.farewell_words import ICONS
from perennial.desk.departures.words import due_words
from perennial.desk.today.item import Item, and_more, linked
from perennial.programme.models import Programme

# What is due later than this is not yet for today.
A_WEEK = timedelta(days=7)
# Whose steps a role sees on its Today. What managers owe and do not do, HR gets to hear of.
_OWN: dict[str, StepOwner] = {Role.HR: StepOwner.HR, Role.COORDINATOR: StepOwner.COORDINATOR}


def farewells_to_do(*, role: str, day: date, limit: int, programme: Programme) -> Iterator[Item]:
    """The steps that this role owes within a week, and those of managers that are late; who would go without a word."""
    rows = first_of(_due(role, day, programme), most=limit + 1)
    for step in rows[:limit]:
        yield _item(step, day)
    if len(rows) > limit:
        yield and_more("farewells", _("More steps of farewells."), reverse("departures") + "?view=late", day)
    yield from _without_a_word(day, programme)


def _due(role: str, day: date, programme: Programme) -> Any:
    owed = Q(owner=_OWN.get(role, ""))
    if role == Role.HR:
        owed |= Q(owner=StepOwner.MANAGER, due_on__lt=day)
    return reminded_of(open_steps(day=day, programme=programme).filter(owed), day=day, until=day + A_WEEK)


def _item(step: Any, day: date) -> Item:
    page = reverse("departure", args=[step.departure.key]) + "#farewell"
    late = step.due_on < day
    owes = _("The manager owes it") if step.owner == StepOwner.MANAGER else ""
    return Item(
        key=f"step.{step.pk}",
        icon=ICONS.get(step.kind, "checklist"),
        sentence=format_html(_("{step} for {name}."), step=step.words, name=linked(step.departure.person)),
        why=", ".join(words for words in (owes, due_words(step.due_on, day)) if words).capitalize() + ".",
        action_url=page,
        action_label=_("Show"),
        due_on=step.due_on,
        late=late,
        gift=step.kind in GIFTS,
        done_url=""
        if step.owner == StepOwner.MANAGER
        else reverse("departure-step", args=[step.departure.key, step.pk]) + "?from=today",
    )


def _without_a_word(day: date, programme: Programme) -> Iterator[Item]:
    many = nothing_personal(day=day, programme=programme).count()
    if many:
        yield Item(
            key="nothing-personal",
            icon="heart",
            sentence=format_html(
                ngettext(
                    "{count} leaver is about to go with nothing but administration.",
                    "{count} leavers are about to go with nothing but administration.",
                    many,
                ),
                count=many,
            ),
            why=_("Nothing personal has happened, and nothing is planned."),
            action_url=reverse("departures") + "?view=nothing-personal",
            action_label=_("Show"),
            due_on=day,
        )
