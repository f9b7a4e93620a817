"""What a colleague has taken on about a theme of the exit answers, when it is due."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from perennial.departures.exit.theme_actions import actions_due
from perennial.desk.today.item import Item


def theme_actions_to_do(*, day: date, user_id: int, limit: int) -> Iterator[Item]:
    """Each action that is due, with the way to the page where it is done."""
    for action in actions_due(user_id=user_id, day=day)[:limit]:
        yield Item(
            key=f"theme-action.{action.pk}",
            icon="tag",
            sentence=format_html(_("About '{theme}': {text}."), theme=action.theme.name, text=action.text.rstrip(".")),
            action_url=reverse("exit-themes"),
            action_label=_("Show"),
            due_on=action.due_on,
        )
