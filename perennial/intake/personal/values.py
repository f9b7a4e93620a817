"""Texts, partial dates, links and addresses as people's own exports write them."""

import re
import unicodedata
from datetime import date
from urllib.parse import urlsplit

from perennial.intake.personal.limits import MAX_TEXT, MAX_URL
from perennial.intake.personal.record import PartialDate
from perennial.intake.personal.refusals import Refusal, UnreadableExport
from perennial.intake.values import UnreadableValue, email_address
from perennial.intake.words.dates import MONTHS_BY_LANGUAGE, NEVER

# All control characters but those that end or indent a line, and halves of a surrogate pair.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
# Invisible, and meant for laying a text out: soft hyphen, BOM, zero-width space, turners of the direction of writing.
_LAYOUT = dict.fromkeys(
    map(ord, "\u00ad\ufeff\u200b\u2060\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
)
_SPACES = re.compile(r"\s+")

# LinkedIn writes 'Sep 2019'; whoever edited the file may have written the month in another language.
_MORE_MONTHS = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "janv févr mars avr mai juin juil août sept oct nov déc",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "ene feb mar abr may jun jul ago sept oct nov dic",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "gen feb mar apr mag giu lug ago set ott nov dic",
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "jan fev mar abr mai jun jul ago set out nov dez",
)
_MONTHS = {
    name: number for names in (*MONTHS_BY_LANGUAGE, *_MORE_MONTHS) for number, name in enumerate(names.split(), start=1)
}
_ISO = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)
# Digits are ASCII here, letters are not: 'août 2019'.
_WRITTEN = re.compile(
    r"(?:(?P<before>[0-9]{1,2})\.? )?(?:de )?(?P<month>[^\W\d_]+)\.?"
    r"(?: (?P<after>[0-9]{1,2}) ?,)? (?:de )?(?P<year>[0-9]{4})"
)
_SLASHED = re.compile(r"(\d{1,2})/(\d{4})", re.ASCII)
_EARLIEST_YEAR, _LATEST_YEAR = 1900, 2100


def line(text: str, *, most: int = MAX_TEXT) -> str:
    """`text` on one line with single spaces and composed letters; refused with control characters or if too long."""
    if _CONTROLS.search(text):
        raise UnreadableExport(Refusal.CONTROL, text=text)
    plain = _SPACES.sub(" ", unicodedata.normalize("NFC", text.translate(_LAYOUT))).strip()
    if len(plain) > most:
        raise UnreadableExport(Refusal.TOO_LONG, text=plain, most=most)
    return plain


def iso_date(text: str) -> PartialDate | None:
    """Read YYYY, YYYY-MM or YYYY-MM-DD (JSON Resume 1.0.0, `definitions.iso8601`); None where nothing is said."""
    said = line(text)
    if not said:
        return None
    found = _ISO.fullmatch(said)
    if found is None:
        raise UnreadableExport(Refusal.DATE, text=text)
    return _checked(text, *found.groups())


def partial_date(text: str) -> PartialDate | None:
    """Read 'Sep 2019', '2019', 'Sep 5, 2019', '5 September 2019', '09/2019' and ISO; None where it lasts."""
    said = line(text)
    if not said or said.casefold() in NEVER:
        return None
    if iso := _ISO.fullmatch(said):
        return _checked(text, *iso.groups())
    if slashed := _SLASHED.fullmatch(said):
        return _checked(text, slashed[2], slashed[1], None)
    written = _WRITTEN.fullmatch(said)
    month = _MONTHS.get(written["month"].casefold()) if written else None
    if written is None or month is None or (written["before"] and written["after"]):
        raise UnreadableExport(Refusal.DATE, text=text)
    return _checked(text, written["year"], str(month), written["before"] or written["after"])


def _checked(text: str, year: str, month: str | None, day: str | None) -> PartialDate:
    found = PartialDate(int(year), int(month) if month else None, int(day) if day else None)
    try:
        date(found.year, 1 if found.month is None else found.month, 1 if found.day is None else found.day)
    except ValueError:
        raise UnreadableExport(Refusal.DATE, text=text) from None
    if not _EARLIEST_YEAR <= found.year <= _LATEST_YEAR:
        raise UnreadableExport(Refusal.DATE, text=text)
    return found


def web_address(text: str) -> str:
    """`text` as an address of a page, https where it names no scheme; "" where nothing is said."""
    url = line(text, most=MAX_URL)
    if not url:
        return ""
    if "://" not in url:
        url = f"https://{url}"
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _port = parts.port
    except ValueError:
        raise UnreadableExport(Refusal.LINK, text=text) from None
    if (
        parts.scheme not in ("http", "https")
        or "." not in host.strip(".")
        or parts.username is not None
        or not url.isprintable()
        or any(sign in url for sign in ' "<>\\')
    ):
        raise UnreadableExport(Refusal.LINK, text=text)
    return parts.scheme + url[len(parts.scheme) :]


def mail_address(text: str) -> str:
    """`text` as an e-mail address in lower case; "" where nothing is said."""
    try:
        return email_address(line(text))
    except UnreadableValue:
        raise UnreadableExport(Refusal.ADDRESS, text=text) from None


def once_each(texts: list[str]) -> tuple[str, ...]:
    """The texts in their order, none empty, none twice in another case."""
    found: dict[str, str] = {}
    for text in texts:
        if text:
            found.setdefault(text.casefold(), text)
    return tuple(found.values())
