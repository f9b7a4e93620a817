"""Countries by their codes of two letters (ISO 3166-1), called and recognised in the languages that we speak."""

from functools import cache

from babel import Locale
from babel.core import get_global

from perennial.kernel.text import searchable

LANGUAGES = ("en", "nl", "de", "ru")
# What the Unicode list has besides countries: unions, islands that belong to one, codes for trying out.
_NO_COUNTRIES = frozenset("AC CP CQ DG EA EU EZ IC QO TA UN XA XB ZZ".split())  # noqa: SIM905 - a word list
# As people and systems write them, besides the names of the Unicode list.
_ALSO = {
    "AE": ("UAE",),
    "BY": ("Belorussia", "Белоруссия"),
    "CZ": ("Czech Republic", "Tschechische Republik"),
    "DE": ("BRD", "Bundesrepublik Deutschland", "Federal Republic of Germany", "ФРГ"),
    "GB": ("UK", "U.K.", "Great Britain", "England", "Scotland", "Wales", "Groot-Brittannië", "Engeland"),
    "NL": ("The Netherlands", "Holland", "Koninkrijk der Nederlanden", "Die Niederlande", "Голландия"),
    "RU": ("Russian Federation", "Российская Федерация", "РФ", "R.F.", "RF", "Russische Föderation"),
    "US": ("USA", "U.S.A.", "U.S.", "United States of America", "Verenigde Staten van Amerika", "VS", "США"),
}


@cache
def codes() -> frozenset[str]:
    """All codes that we know."""
    known = map(str, Locale("en").territories)
    return frozenset(code for code in known if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES)


def name_of(code: str, *, language: str) -> str:
    """What a country is called in `language`; a code that we do not know stands for itself."""
    known = language if language in LANGUAGES else "en"
    return str(Locale(known).territories.get(code, code)) if code in codes() else code


@cache
def choices(*, language: str) -> tuple[tuple[str, str], ...]:
    """Every code with its name in `language`, in the order of the names."""
    named = [(code, name_of(code, language=language)) for code in codes()]
    return tuple(sorted(named, key=lambda each: (searchable(each[1]), each[0])))


def recognise(text: str) -> str | None:
    """The code of the country that `text` names, by a code of two or three letters or by name; None for none."""
    return _known().get(searchable(text))


def of_time_zone(name: str) -> str:
    """The code of the country in which a time zone lies, as 'Europe/Amsterdam' does; empty where none does alone."""
    code = str(get_global("zone_territories").get(name, ""))
    return code if code in codes() else ""


@cache
def _known() -> dict[str, str]:
    known: dict[str, str] = {}
    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            if code in codes():
                known.setdefault(searchable(str(name)), code)
    for alias, meant in get_global("territory_aliases").items():
        if len(alias) == 3 and alias.isalpha() and len(meant) == 1 and meant[0] in codes():
            known[searchable(alias)] = meant[0]
    for code, names in _ALSO.items():
        known |= {searchable(name): code for name in names}
    return known | {searchable(code): code for code in codes()}
