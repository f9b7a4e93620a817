"""One thing to do on Today, and how it is put together."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from perennial.people.models import Person


@dataclass(frozen=True)
class Item:
    """One thing to do. `due_on` decides its place; what is `late` says so in its `why`; `key` names it in 'Later'."""

    key: str
    icon: str
    sentence: SafeString
    action_url: str
    action_label: str | Promise
    due_on: date
    why: str = ""
    late: bool = False
    gift: bool = False
    # Where a click says that it is done, when there is nothing more to say.
    done_url: str = ""

    @property
    def later_url(self) -> str:
        return reverse("today-later", args=[self.key])


def linked(person: Person | None) -> SafeString:
    """A person's name, leading to their page."""
    if person is None:
        return format_html("–")
    return format_html('<a href="{}">{}</a>', reverse("person", args=[person.key]), person.full_name)


def and_more(kind: str, sentence: str, url: str, day: date) -> Item:
    """That there are more of a kind than are told one by one."""
    return Item(
        key=f"more.{kind}",
        icon="dots",
        sentence=format_html("{}", sentence),
        action_url=url,
        action_label=_("Show all"),
        due_on=day,
    )
