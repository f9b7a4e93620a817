"""What Today says of retention: what goes next or does not go, and holds that have lapsed."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from perennial.desk.today.item import Item, and_more, linked
from perennial.privacy.announcing import announced, how_many
from perennial.privacy.models import RetentionRun
from perennial.privacy.retention import lapsed_holds
from perennial.programme.enums import DataKind
from perennial.programme.models import Programme


def what_is_over(*, day: date, programme: Programme) -> Iterator[Item]:
    """The run that was announced; or that nothing goes by itself, as long as nobody agreed or it is switched off."""
    coming = announced()
    words = _words(coming) if coming else ""
    if programme.lets_go_by_itself:
        if coming and coming.begins_on and words:
            sentence = format_html(
                _("On {day} ends by policy what is kept: {what}."), day=date_format(coming.begins_on, "j F"), what=words
            )
            why = _("It goes by itself then. Look, and hold what must stay.")
            yield _item(f"retention.{coming.begins_on.isoformat()}", sentence, why, coming.begins_on)
    elif programme.lets_go_by_itself is None:
        if words:
            sentence = format_html(_("Kept for longer than the policy says: {what}."), what=words)
            why = _("Nothing is deleted before somebody has looked and agreed.")
            yield _item("retention-not-agreed", sentence, why, day)
    else:
        sentence = format_html("{}", _("What is kept for longer than the policy says is not removed."))
        off = _("Deleting by itself is switched off.")
        yield _item(
            "retention-off", sentence, f"{off} {_('It is about {what}.').format(what=words)}" if words else off, day
        )


def _words(run: RetentionRun) -> str:
    """What was counted: 'the data of 3 people, 12 texts of leavers'; nothing where nothing is over."""
    people, texts = how_many(run, DataKind.INACTIVE), how_many(run, DataKind.EXIT_TEXTS)
    told = []
    if people:
        told.append(ngettext("the data of {count} person", "the data of {count} people", people).format(count=people))
    if texts:
        told.append(ngettext("{count} text of a leaver", "{count} texts of leavers", texts).format(count=texts))
    return ", ".join(told)


def _item(key: str, sentence: str, why: str, due_on: date) -> Item:
    return Item(
        key=key,
        icon="hourglass",
        sentence=format_html("{}", sentence),
        why=why,
        action_url=reverse("retention") + "?count=1",
        action_label=_("Look"),
        due_on=due_on,
    )


def holds_that_lapsed(*, day: date, limit: int) -> Iterator[Item]:
    """Whom retention no longer leaves alone, though nobody has said that it is over."""
    rows = list(lapsed_holds(day=day).select_related("person")[: limit + 1])
    for row in rows[:limit]:
        yield Item(
            key=f"hold.{row.pk}",
            icon="history",
            sentence=format_html(_("The hold on the data of {name} has lapsed."), name=linked(row.person)),
            why=_("{reason}, until {day}. Hold it anew, or lift it.").format(
                reason=row.get_reason_display(), day=date_format(row.ends_on, "j F Y")
            ),
            action_url=reverse("retention") + "#holds",
            action_label=_("Look"),
            due_on=row.ends_on,
            late=True,
        )
    if len(rows) > limit:
        yield and_more("holds", _("More holds that have lapsed."), reverse("retention") + "#holds", day)
