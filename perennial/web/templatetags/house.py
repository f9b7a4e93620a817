"""The template tags of the house: icons, dressed form widgets, step dots."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from django import template
from django.contrib.messages.storage.base import Message
from django.forms.boundfield import BoundField, BoundWidget
from django.forms.widgets import CheckboxInput, CheckboxSelectMultiple, Input, RadioSelect, Select
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from perennial.mail import layout as mail_layout

register = template.Library()

SPRITE = Path(__file__).resolve().parent.parent / "static" / "vendor" / "tabler-icons-3.51.0" / "sprite.svg"


class UnknownIcon(template.TemplateSyntaxError):
    """The sprite has no such icon; add it to the list in tools/vendor_assets.py and run that."""


@cache
def drawings() -> dict[str, SafeString]:
    """The paths of every icon in the sprite, by name."""
    found = re.findall(r'<symbol id="([^"]+)"[^>]*>(.*?)</symbol>', SPRITE.read_text(encoding="utf-8"))
    return {name: mark_safe(paths) for name, paths in found}  # noqa: S308  (our own vendored file)


# The sign that stands for a kind of state in a badge.
SIGNS = {"yes": "check", "later": "clock", "no": "ban", "amber": "alert-triangle", "gift": "gift"}


@register.filter
def sign(kind: str) -> str:
    """The icon of a kind of badge."""
    return SIGNS.get(kind, "info-circle")


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """One icon, drawn in place, so that no second request and no rule for one is needed.

    Silent for screen readers unless it has a `label`; a word should stand beside it anyway.
    """
    if name not in drawings():
        raise UnknownIcon(name)
    if label:
        return format_html(
            '<svg class="icon" viewBox="0 0 24 24" role="img" aria-label="{}">{}</svg>', label, drawings()[name]
        )
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{}</svg>', drawings()[name]
    )


@register.simple_tag
def icons_to_repeat(*names: str) -> SafeString:
    """Draws icons once, unseen, for a page on which `repeated` shows them hundreds of times."""
    drawn = format_html_join(
        "", '<symbol id="icon-{}" viewBox="0 0 24 24">{}</symbol>', ((name, drawings()[name]) for name in names)
    )
    return format_html('<svg class="icons-to-repeat" aria-hidden="true" focusable="false">{}</svg>', drawn)


@register.filter
def repeated(name: str) -> SafeString:
    """One of the icons that `icons_to_repeat` drew on this page."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="#icon-{}"/></svg>', name)


@register.simple_tag
def widget(field: BoundField) -> SafeString:
    """The field's control with the class the stylesheet expects."""
    of = field.field.widget
    if isinstance(of, CheckboxInput):
        dress = "form-check-input"
    elif isinstance(of, Select):
        dress = "form-select"
    elif isinstance(of, Input) and of.input_type == "range":
        dress = "form-range"
    else:
        dress = "form-control"
    own = str(of.attrs.get("class", ""))
    wrong = "is-invalid" if field.errors else ""
    attributes: dict[str, str | bool] = {"class": " ".join(filter(None, (own, dress, wrong)))}
    if str(of.attrs.get("placeholder", "")).lower().startswith(str(field.label).lower()):
        attributes["placeholder"] = False  # It says what the label above it says.
    return field.as_widget(attrs=attributes)


@register.filter
def answers(field: BoundField) -> Iterator[BoundWidget]:
    """Each radio button or box of a question, dressed."""
    for answer in field.subwidgets:
        attributes = answer.data["attrs"]
        attributes["class"] = f"{attributes.get('class', '')} form-check-input".strip()
        yield answer


@register.filter
def layout(field: BoundField) -> str:
    """How the field component lays the field out: `box`, `group` or `line`."""
    of = field.field.widget
    if isinstance(of, RadioSelect | CheckboxSelectMultiple):
        return "group"
    return "box" if isinstance(of, CheckboxInput) else "line"


@register.filter
def linked(text: str) -> SafeString:
    """A letter's text in which can be followed what could be followed in the mail."""
    return mark_safe(mail_layout.linked(text))  # noqa: S308  (escaped there, as in the mail)


@register.inclusion_tag("web/components/dots.html")
def dots(*, current: int, total: int) -> dict[str, object]:
    """Where one is among the steps: dots for the eye, 'Step 2 of 5' for the ear."""
    states = ["done" if step < current else "now" if step == current else "ahead" for step in range(1, total + 1)]
    return {"states": states, "current": current, "total": total}


@register.filter
def keys_of(items: Sequence[object]) -> set[str]:
    """The keys that do something in a list of things to do: what no item offers is not advertised."""
    offered = {"Enter": "action_url", "e": "done_url", "s": "later_url"}
    keys = {key for key, name in offered.items() if any(getattr(item, name, "") for item in items)}
    return keys | {"j", "k"} if items else keys


@register.filter
def undo_url(message: Message) -> str:
    """The address a message's undo button posts to, given as `extra_tags="undo=/path"`; empty when there is none."""
    for tag in (message.extra_tags or "").split():
        if tag.startswith("undo=/") and not tag.startswith("undo=//"):
            return tag.removeprefix("undo=")
    return ""
