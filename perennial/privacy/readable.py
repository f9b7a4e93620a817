"""The data copy as a page: in the reader's language, in one file that needs nothing else."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from html import escape
from types import MappingProxyType
from typing import IO, Any
from zoneinfo import ZoneInfo

from django.apps import apps
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from perennial.accounts.roles import Role
from perennial.kernel.privacy import Held, Privacy
from perennial.privacy.completeness import walk
from perennial.privacy.labels import LABELS
from perennial.privacy.naming import WITHHELD

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:72rem;padding:1rem;color:#1d2433;background:#fff}"
    "h2{margin-top:2.5rem}article{border-top:1px solid #c5cad3;padding:.5rem 0}dl{display:grid;gap:.1rem 1rem;"
    "grid-template-columns:minmax(8rem,16rem) 1fr;margin:0}dt{color:#4a5263}dd{margin:0;overflow-wrap:anywhere;"
    "white-space:pre-wrap}@media(max-width:40rem){dl{display:block}dd{margin-bottom:.4rem}}"
)


class Page:
    """Writes the page as it goes; in the language that is active."""

    def __init__(self, file: IO[str], *, language: str, time_zone: str) -> None:
        self._file, self._language, self._zone = file, language, ZoneInfo(time_zone)
        self._days: dict[date, str] = {}

    def begin(self, *, organisation: str, now: datetime, complete: bool) -> None:
        title = escape(_("Your data"))
        said = [
            _("{organisation} holds this about you. It was put together on {day}.").format(
                organisation=organisation, day=self._value(now)
            ),
            _(
                "The same stands in data.json for a machine to read; resume.json has what you told us of your work in "
                "a form that other services take in. Colleagues are named by their role alone, and other people not at "
                "all."
            ),
        ]
        if not complete:
            said.append(
                _(
                    "What you answered when you left is not in this copy: colleagues cannot see it. You get it in the "
                    "copy that you fetch yourself."
                )
            )
        self._file.write(
            f'<!doctype html>\n<html lang="{self._language}">\n<head><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>'
            f"<style>{_STYLE}</style></head>\n<body><main>\n<h1>{title}</h1>\n"
        )
        for sentence in said:
            self._file.write(f"<p>{escape(sentence)}</p>\n")

    def section(self, held: Held, rows: Iterator[dict[str, object]]) -> None:
        """One heading, and each row beneath it; what is empty in a row is left out."""
        self._file.write(f"<section><h2>{escape(str(held.title or held.model))}</h2>\n")
        model = apps.get_model(held.model)
        fields = {name: (walk(model, path) or [None])[-1] for name, path in held.copied().items()}
        # Once a section: to look them up for each row took most of the time.
        labels = {name: escape(str(LABELS[name])) for name in fields}
        choices = {
            name: {code: str(label) for code, label in (field.flatchoices if field is not None else ())}
            for name, field in fields.items()
        }
        colleagues = {name for name, each in held.classes.items() if each is Privacy.COLLEAGUE}
        some = False
        for row in rows:
            some = True
            self._file.write("<article><dl>")
            for name, value in row.items():
                if value in (None, "", [], {}):
                    continue
                told = self._who(str(value)) if name in colleagues else self._value(value, choices[name])
                self._file.write(f"<dt>{labels[name]}</dt><dd>{escape(told)}</dd>")
            self._file.write("</dl></article>\n")
        if not some:
            self._file.write(f"<p>{escape(_('Nothing.'))}</p>\n")
        self._file.write("</section>\n")

    def end(self) -> None:
        self._file.write("</main></body></html>\n")

    def _who(self, said: str) -> str:
        kind, colon, role = said.partition(":")
        if kind == "colleague" and colon:
            if role in Role.values:
                return pgettext("in a data copy", "a colleague ({role})").format(role=Role(role).label)
            return pgettext("in a data copy", "a colleague")
        return pgettext("in a data copy", "you") if said == "you" else self._value(said)

    def _value(self, value: object, choices: Mapping[object, str] = MappingProxyType({})) -> str:
        if value == WITHHELD:
            return pgettext("in a data copy", "somebody else")
        if isinstance(value, bool):
            return pgettext("in a data copy", "yes") if value else pgettext("in a data copy", "no")
        if isinstance(value, datetime):
            local = value.astimezone(self._zone)
            return f"{self._day(local.date())} {local:%H:%M}"
        if isinstance(value, date):
            return self._day(value)
        if isinstance(value, Mapping):
            return self._mapping(value)
        if isinstance(value, list):
            return ", ".join(self._value(each) for each in value)
        text = str(choices.get(value, value))
        if WITHHELD in text:
            text = text.replace(WITHHELD, f"[{pgettext('in a data copy', 'somebody else')}]")
        return text

    def _day(self, day: date) -> str:
        if day not in self._days:
            self._days[day] = date_format(day, "DATE_FORMAT")
        return self._days[day]

    def _mapping(self, value: Mapping[Any, object]) -> str:
        """A text in several languages is told in the reader's; anything else line by line."""
        if self._language in value and isinstance(value[self._language], str | Mapping):
            return self._value(value[self._language])
        return "\n".join(f"{name}: {self._value(each)}" for name, each in value.items())
