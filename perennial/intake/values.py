"""Text of cells: names, addresses, employee numbers; and cells made safe to write out."""

import re
import unicodedata
from collections.abc import Callable
from typing import TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perennial.kernel.text import searchable

MAX_NAME = 300
MAX_EMAIL = 254


class UnreadableValue(Exception):  # noqa: N818 - a refusal with a sentence, not a programming error
    """A cell that cannot be what its column says; `str()` is one sentence for the error file."""

    def __init__(self, sentence: Promise | str, **values: str) -> None:
        super().__init__()
        self.wording = sentence
        self.values = {name: _shortened(value) for name, value in values.items()}

    @property
    def sentence(self) -> str:
        return str(self.wording) % self.values

    def __str__(self) -> str:
        return self.sentence


def _shortened(text: str) -> str:
    """Return at most 60 characters of a cell, fit to stand inside a sentence."""
    plain = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text[:60])
    return plain if len(text) <= 60 else f"{plain}…"


# What people type when they mean that there is nothing.
_BLANKS = frozenset(
    {
        *("", "-", "--", "—", "–", ".", "?", "/", "n/a", "na", "n.a.", "#n/a", "#nv", "nvt", "n.v.t.", "n.v.t", "none"),
        *("null", "nil", "geen", "onbekend", "leeg", "kein", "keine", "keiner", "unbekannt", "k.a.", "entfällt"),
        *("нет", "н/д", "не указано", "не указан", "отсутствует", "(blank)", "(leeg)", "(leer)", "nan", "unknown"),
    }
)


def is_blank(text: str) -> bool:
    """Tell whether a cell says nothing: empty, a dash, 'n/a', 'n.v.t.', 'нет'."""
    return not text or text.strip().casefold() in _BLANKS


_SPACES_FIRST = re.compile(r"^(?:mailto:|<)|>$", re.IGNORECASE)
_EMAIL = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:xn--[a-z0-9-]{2,59}|[a-z]{2,63})"
)


def email_address(text: str) -> str:
    """Return the address in lower case, "" for a blank cell; `UnreadableValue` where it is none.

    Line breaks, control characters, separators of any kind and letters that mail servers may refuse before the
    @ are turned down, never repaired; a domain in its own script becomes its ASCII form.
    """
    plain = text.strip(" ").lower()
    if plain[:1] != "'" and _EMAIL.fullmatch(plain) and len(plain) <= MAX_EMAIL and plain.index("@") <= 64:
        return plain
    if not text.isprintable():
        raise UnreadableValue(_("“%(text)s” has invisible characters that no e-mail address may have."), text=text)
    plain = undisarm(plain)
    if is_blank(plain):
        return ""
    plain = _SPACES_FIRST.sub("", _SPACES_FIRST.sub("", plain))
    local, at, domain = plain.rpartition("@")
    if at and not domain.isascii() and len(domain) <= MAX_EMAIL:
        try:
            plain = f"{local}@{domain.encode('idna').decode('ascii')}"
        except UnicodeError:
            plain = ""
    if len(plain) > MAX_EMAIL or len(local) > 64 or not _EMAIL.fullmatch(plain):
        raise UnreadableValue(_("“%(text)s” is not an e-mail address."), text=text)
    return plain


# Characters that turn the direction of all that follows; in a name they only serve to deceive.
_TURNERS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Invisible signs that some scripts need (joiners and marks of direction); a soft hyphen or a BOM is dropped.
_DROPPED = dict.fromkeys(map(ord, "\u00ad\ufeff\u200b\u2060"))


def plain_text(text: str, *, longest: int = MAX_NAME) -> str:
    """Return a name, department or title: trimmed, single spaces, composed letters.

    Control characters, line breaks and signs that turn the direction of writing are refused, as is what is
    longer than `longest`. A formula is text like any other here and is never evaluated.
    """
    if not text:
        return ""
    if not text.isascii():
        if not text.isprintable():
            text = _without_invisible(text)
        text = unicodedata.normalize("NFC", text)
    elif not text.isprintable():
        raise UnreadableValue(_("“%(text)s” has line breaks or control characters in it."), text=text)
    text = undisarm(" ".join(text.split()))
    if len(text) > longest:
        raise UnreadableValue(
            _("“%(text)s” is too long: at most %(longest)s characters fit."), text=text, longest=str(longest)
        )
    return text


def person_name(text: str) -> str:
    """Return a name as it may be greeted: `plain_text` with at least one letter in it, or ""."""
    name = plain_text(text)
    if name and not any(map(str.isalpha, name)):
        if is_blank(name):
            return ""
        raise UnreadableValue(_("“%(text)s” is not a name."), text=text)
    return name


# As many as the column of staged rows holds. One letter can stand for four words: 'ﷺ'.
NAME_KEY_LENGTH = 600


def name_key(name: str) -> str:
    """What two names are compared by: as the search has them, in as many letters as are kept of a staged row."""
    return searchable(name)[:NAME_KEY_LENGTH]


MAX_EMPLOYEE_NUMBER = 64
_WHOLE_NUMBER = re.compile(r"(\d+)[.,]0+")


def employee_number(text: str) -> str:
    """Return the number as text, leading zeros kept; '12345.0' is what some exports make of 12345."""
    number = plain_text(text, longest=MAX_EMPLOYEE_NUMBER)
    if not number.isalnum():
        if is_blank(number):
            return ""
        if whole := _WHOLE_NUMBER.fullmatch(number):
            return whole[1]
    return number


def _without_invisible(text: str) -> str:
    text = text.translate(_DROPPED)
    for letter in text:
        if letter.isprintable():
            continue
        category = unicodedata.category(letter)
        if category in ("Cc", "Zl", "Zp", "Cs") or letter in _TURNERS:
            raise UnreadableValue(_("“%(text)s” has line breaks or control characters in it."), text=text)
    return text


def text_or_blank(text: str) -> str:
    """Return a title, department, place or manager; "" where people typed that there is none."""
    plain = plain_text(text)
    return "" if is_blank(plain) else plain


LONGEST_KEY = 200


def value_key(text: str) -> str:
    """A value as what was said of it is found again: without case, in single spaces; empty where it is too long."""
    key = " ".join(unicodedata.normalize("NFC", text).casefold().split())
    return key if len(key) <= LONGEST_KEY else ""


Value = TypeVar("Value")


class Remembered(dict[str, Value]):
    """Reads the texts of a column whose values repeat: `remembered[text]` reads a text the first time only."""

    def __init__(self, read: Callable[[str], Value]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: str) -> Value:
        value = self._read(text)
        if len(self) < _MOST_REMEMBERED:
            self[text] = value
        return value


# A column of which more is remembered than this does not repeat itself.
_MOST_REMEMBERED = 50_000


# --- cells out

# A spreadsheet takes a cell that begins so for a formula, also behind white space and in full-width forms.
_FORMULA_STARTS = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def disarm(cell: str) -> str:
    """Return the cell with an apostrophe in front where a spreadsheet could take it for a formula."""
    if cell and (cell[0] in _FORMULA_STARTS or cell.lstrip()[:1] in _FORMULA_STARTS):
        return f"'{cell}"
    return cell


def undisarm(cell: str) -> str:
    """Take off the apostrophe that `disarm` or `cell_of` put there, so that what was written out reads as it was."""
    body = cell.lstrip("'")
    if body != cell and disarm(body) != body:
        return cell[1:]
    return cell


def cell_of(text: str) -> str:
    """Return the cell that reads as `text` again: disarmed, and with one more apostrophe if it looks as if it were."""
    return disarm(text) if undisarm(text) == text else f"'{text}"
