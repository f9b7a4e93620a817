"""Names and plain text: how a name is sorted and found."""

import re
import unicodedata

from anyascii import anyascii

_PREFIXES = frozenset(
    "van von de der den het 't ten ter te zu zur zum di da do dos du la le el al bin ibn op in af av".split()  # noqa: SIM905 - a word list reads better in one line
)
# As those write these letters who have no key for them: Müller is found as Mueller.
_WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "å": "aa", "ø": "oe", "æ": "ae", "œ": "oe"})
SORT_KEY_LENGTH = 310
_SPACES = re.compile(r"\s+")
# Letters that no decomposition turns into a plain one.
_WITHOUT_STROKES = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h", "ŧ": "t", "ı": "i"}
)


def one_line(text: str) -> str:
    """`text` without control characters and with single spaces: fit for a header, a subject, a name."""
    if text.isprintable() and "  " not in text:
        # No control or separator among printable characters, and no space but the plain one: nothing to clean.
        return text.strip()
    cleaned = "".join(" " if unicodedata.category(letter) in ("Cc", "Zl", "Zp") else letter for letter in text)
    return _SPACES.sub(" ", cleaned).strip()


def is_name_prefix(word: str) -> bool:
    """Whether `word` stands before a family name without being its first letter: 'de', 'von', 'van'."""
    return word.casefold() in _PREFIXES


def called_from(full_name: str) -> str:
    """The first name in `full_name`: how a letter addresses somebody unless we know better."""
    if "," in full_name:
        full_name = full_name.split(",", 1)[1]
    words = full_name.split()
    return words[0] if words else ""


def sort_key(name: str) -> str:
    """`name` as it is sorted on every database alike: Ö with O, small letters with capitals."""
    return searchable(name)[:SORT_KEY_LENGTH]


def sort_name_from(full_name: str) -> str:
    """'Fenna de Boer' sorts as 'boer, fenna de': the last word that is no prefix leads."""
    return sort_key(_family_name_first(full_name))


def _family_name_first(full_name: str) -> str:
    words = full_name.split()
    if "," in full_name or len(words) < 2:
        return full_name
    first_of_last = 1
    while first_of_last < len(words) - 1 and words[first_of_last].casefold() not in _PREFIXES:
        first_of_last += 1
    prefixes = []
    last = words[first_of_last:]
    while len(last) > 1 and last[0].casefold() in _PREFIXES:
        prefixes.append(last.pop(0))
    return " ".join([*last]) + ", " + " ".join([*words[:first_of_last], *prefixes])


def searchable(text: str) -> str:
    """`text` as it is compared in a search: casefolded and without diacritics."""
    if text.isascii():
        return " ".join(text.casefold().split())
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return _SPACES.sub(" ", plain.translate(_WITHOUT_STROKES)).strip()


def spellings(word: str) -> list[str]:
    """How a search may meet `word`: plain as `searchable` has it, with its umlauts written out, in Latin letters."""
    plain = searchable(word)
    if word.isascii():
        return [plain]
    written_out = searchable(unicodedata.normalize("NFC", word).casefold().translate(_WRITTEN_OUT))
    latin = searchable(anyascii(plain))
    return [spelling for spelling in dict.fromkeys([plain, written_out, latin]) if spelling]


def search_text(text: str) -> str:
    """What a search looks through: `text` as `searchable` has it, followed by the other spellings of its words."""
    plain = searchable(text)
    if text.isascii():
        return plain
    others = [spelling for word in text.split() for spelling in spellings(word)[1:]]
    return " ".join([plain, *dict.fromkeys(others)])


def masked(address: str) -> str:
    """An address so that its owner knows which one is meant, and nobody else can use it.

    'fenna@home.example' reads 'f•••@h•••.example'.
    """
    name, _at, domain = address.rpartition("@")
    host, _dot, ending = domain.rpartition(".")
    return f"{name[:1]}•••@{host[:1]}•••.{ending}"
