"""The big list of naughty strings, and what the house makes of one of them.

https://github.com/minimaxir/big-list-of-naughty-strings, MIT; a package of `package.json`, not copied here.
"""

import json
import unicodedata

from tests.corpora.packages import corpus

# What the list lacks: what our own letters, files and headers could stumble over.
OF_OUR_OWN = (
    *("{link}", "{{ person }}", "{% csrf_token %}", "%(called)s", "{name}", "</title><b>", "</td></tr></table><form>"),
    *("=cmd|' /C calc'!A0", "@SUM(1+1)*cmd", "\t=1+1", "+1", "＝1+1", "'=1+1", "''=1+1", "'t Hooft", "sep=;"),
    *("a\r\nBcc: eve@evil.example", "a\nb", "a\u2028b", "a\x0bb", "a\x85b", "a\x00b", "\U0010ffff"),
    *("ﷺ" * 300, "ß" * 300, "ŉ" * 300, "é" * 300, "e\u0301" * 300, "x" * 300, "x" * 301, "=" * 300, "-" + "x" * 299),
    *('a;b,c\td|e"f', '"', '""""', "\\", "a\\", "–", "n/a", "onbekend", "нет", "(blank)"),
)
NAUGHTY: tuple[str, ...] = tuple(
    dict.fromkeys((*json.loads((corpus("blns") / "resources" / "blns.json").read_text(encoding="utf-8")), *OF_OUR_OWN))
)
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\ufeff\u200b\u2060"))
_TURNERS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
LONGEST = 300


def normal(text: str) -> str:
    """How a text is kept: composed letters, no invisible signs, single plain spaces, none around it.

    The first of the apostrophes before what a spreadsheet takes for a formula is ours, from an export, and goes too.
    """
    plain = " ".join(unicodedata.normalize("NFC", text.translate(_INVISIBLE)).split())
    behind = plain.lstrip("'")
    return plain[1:] if behind != plain and behind.lstrip()[:1] in tuple("=+-@＝＋－＠") else plain


def is_refused(text: str) -> bool:
    """Whether no field takes it: what ends a line, moves a cursor, turns the writing, or is too long."""
    return len(normal(text)) > LONGEST or any(
        unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") or letter in _TURNERS for letter in text
    )
