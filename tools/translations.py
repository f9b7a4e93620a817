"""Collects wording into perennial/locale and compiles it, with Babel alone; checks that nothing is missing.

    python tools/translations.py update   extract, merge, compile
    python tools/translations.py check    fail when a catalogue is stale, incomplete or says something else

What leavers and alumni read must be there in every language. What only the desk reads may still be in English: it is
wrapped, so that it can be translated any day.
"""

import io
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "perennial"
LOCALE = PACKAGE / "locale"
LANGUAGES = {"nl": "Dutch", "de": "German", "ru": "Russian"}
KEYWORDS = {
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
    "_": None,
}
# Wording that only staff see.
STAFF_ONLY = (
    "perennial/accounts/",
    "perennial/departures/exit/",
    "perennial/departures/invitations.py",
    "perennial/desk/",
    "perennial/insights/",
    "perennial/intake/",
    "perennial/mail/actions.py",
    "perennial/mail/enums.py",
    "perennial/operate/",
    "perennial/outreach/enums.py",
    "perennial/people/enums.py",
    "perennial/privacy/register/",
    "perennial/programme/",
    "perennial/web/charts.py",
    "perennial/web/context.py",
    "perennial/web/middleware.py",
    "perennial/web/templates/account/",
    "perennial/web/templates/allauth/",
    "perennial/web/templates/mfa/",
    "perennial/web/templates/web/components/chart.html",
    "perennial/web/templates/web/components/figure.html",
    "perennial/web/templates/web/components/kept_mail.html",
    "perennial/web/templates/web/components/keys.html",
    "perennial/web/templates/web/components/timeline.html",
    "perennial/web/templates/web/components/today_item.html",
    "perennial/web/templates/web/desk.html",
)
# Within those, what alumni read.
FOR_ALUMNI = ("perennial/intake/personal/",)
PLACEHOLDER = re.compile(r"%\((\w+)\)[sdf]|\{(\w*)\}|%[sd]")
# Numbers up to here show every plural form of our languages.
COUNTED = range(200)


class NeatCatalog(Catalog):
    """A catalogue whose head holds what its readers need, and nothing that changes with the day or with the tool."""

    def _neat_headers(self) -> list[tuple[str, str]]:
        return [
            ("Project-Id-Version", "Perennial"),
            ("Language", str(self.locale_identifier)),
            ("Plural-Forms", self.plural_forms),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            # A head ends with its line, as every tool for these files expects.
            ("Content-Transfer-Encoding", "8bit\n"),
        ]

    mime_headers = property(_neat_headers)


def main(arguments: list[str]) -> int:
    if arguments == ["update"]:
        return update()
    if arguments == ["check"]:
        return check()
    print(__doc__)
    return 2


def update() -> int:
    template = extracted()
    for language in LANGUAGES:
        catalog = _read(language) if _po(language).exists() else _empty(language)
        catalog.update(template, no_fuzzy_matching=True)
        catalog = _neat(language, catalog)
        _po(language).parent.mkdir(parents=True, exist_ok=True)
        _po(language).write_bytes(_as_po(catalog))
        _mo(language).write_bytes(_as_mo(language, catalog))
        missing = [message for message in _messages(catalog) if not _complete(message)]
        owed = [message for message in missing if _for_everybody(message)]
        print(f"{language}: {len(catalog)} messages, {len(missing)} untranslated, {len(owed)} of these for everybody")
    return 0


def check() -> int:
    template = extracted()
    faults = [f"{language}: {fault}" for language in LANGUAGES for fault in faults_of(language, template)]
    print("\n".join(faults) or "The catalogues are complete.")
    return int(bool(faults))


def extracted() -> Catalog:
    """All wording of the package, with the files it stands in."""
    catalog = Catalog(domain="django", charset="utf-8")
    for path in sorted(PACKAGE.rglob("*")):
        name = path.relative_to(ROOT).as_posix()
        if path.suffix == ".py" and "/migrations/" not in name:
            add_python(catalog, path.read_text(encoding="utf-8"), name)
        elif path.suffix in (".html", ".txt") and "/templates/" in name:
            add_template(catalog, path.read_text(encoding="utf-8"), name)
    return catalog


def add_python(catalog: Catalog, text: str, name: str) -> None:
    """Adds the wording of a Python file."""
    for _line, message, _comments, context in extract("python", io.BytesIO(text.encode()), keywords=KEYWORDS):
        catalog.add(message, locations=[(name, 0)], context=context)


def add_template(catalog: Catalog, text: str, name: str) -> None:
    """Adds the wording of a template, which Django turns into something that Babel's Python extractor reads."""
    python = templatize(text, origin=name)
    # What stood in the template before a tag is left as filler; as Python its indentation would mean something.
    add_python(catalog, "\n".join(line.lstrip() for line in python.splitlines()), name)


def faults_of(language: str, template: Catalog) -> list[str]:
    """What is wrong with the catalogue of `language`, in sentences."""
    if not _po(language).exists() or not _mo(language).exists():
        return ["there is no catalogue; run make translations"]
    catalog = _read(language)
    wanted = {_identity(message): message for message in _messages(template)}
    known = {_identity(message): message for message in _messages(catalog)}
    faults = [f"{key[1]!r} is new; run make translations" for key in wanted if key not in known]
    faults += [f"{key[1]!r} is gone; run make translations" for key in known if key not in wanted]
    for key, message in known.items():
        if key in wanted:
            faults += _faults(message, wanted[key], catalog)
    if _mo(language).read_bytes() != _as_mo(language, catalog):
        faults.append("the compiled catalogue is stale; run make translations")
    return faults


def _faults(message: Message, wanted: Message, catalog: Catalog) -> list[str]:
    if not _complete(message):
        return [f"{message.id!r} is not translated"] if _for_everybody(wanted) else []
    faults = [f"{message.id!r} is marked as doubtful"] if message.fuzzy else []
    ids, strings = _ids(message), _strings(message)
    if len(ids) != len(_ids(wanted)):
        return [*faults, f"{message.id!r} has other forms than the source; run make translations"]
    allowed = set().union(*map(_placeholders, ids))
    needed = [_needed(form, catalog, ids) for form in range(len(strings))] if len(ids) > 1 else [allowed]
    for text, demanded in zip(strings, needed, strict=True):
        if not _placeholders(text) <= allowed:
            faults.append(f"{text!r} has other placeholders than {message.id!r}")
        if not demanded <= _placeholders(text):
            faults.append(f"{text!r} lacks placeholders of {message.id!r}")
        if text[:1].isspace() != ids[0][:1].isspace() or text[-1:].isspace() != ids[0][-1:].isspace():
            faults.append(f"{text!r} begins or ends with other space than {message.id!r}")
        if "!" in text and "!" not in ids[0]:
            faults.append(f"{text!r} shouts")
    return faults


def _needed(form: int, catalog: Catalog, ids: list[str]) -> set[str]:
    """The placeholders that a plural form cannot do without: 'one answer' may leave the number out, 21 may not."""
    counted = [number for number in COUNTED if _form_for(catalog)(number) == form]
    return set.intersection(*map(_placeholders, ids)) if len(counted) == 1 else _placeholders(ids[1])


def _form_for(catalog: Catalog) -> Callable[[int], int]:
    from gettext import c2py  # undocumented, and what Django reads these rules with

    rule: Callable[[int], int] = c2py(catalog.plural_expr)
    return rule


def _placeholders(text: str) -> set[str]:
    return {match.group(0) for match in PLACEHOLDER.finditer(text)}


def _for_everybody(message: Message) -> bool:
    return any(not name.startswith(STAFF_ONLY) or name.startswith(FOR_ALUMNI) for name, _line in message.locations)


def _complete(message: Message) -> bool:
    return all(_strings(message))


def _ids(message: Message) -> list[str]:
    return [message.id] if isinstance(message.id, str) else list(message.id)


def _strings(message: Message) -> list[str]:
    return [message.string or ""] if not isinstance(message.string, (tuple, list)) else list(message.string)


def _identity(message: Message) -> tuple[str, str]:
    return message.context or "", _ids(message)[0]


def _messages(catalog: Catalog) -> Iterable[Message]:
    """All but the head."""
    return (message for message in catalog if message.id)


def _po(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def _mo(language: str) -> Path:
    return _po(language).with_suffix(".mo")


def _read(language: str) -> Catalog:
    with _po(language).open("rb") as file:
        return read_po(file, locale=language, domain="django")


def _empty(language: str) -> Catalog:
    comment = f"# Perennial in {LANGUAGES[language]}."
    return NeatCatalog(locale=language, domain="django", charset="utf-8", fuzzy=False, header_comment=comment)


def _neat(language: str, catalog: Catalog, *, keep: Callable[[Message], bool] = lambda message: True) -> Catalog:
    neat = _empty(language)
    for message in _messages(catalog):
        if keep(message):
            neat[message.id] = message
    return neat


def _as_po(catalog: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=110, sort_output=True, include_lineno=False)
    return buffer.getvalue()


def _as_mo(language: str, catalog: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_mo(buffer, _neat(language, catalog, keep=_complete))
    return buffer.getvalue()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
