"""A document as PDF, by typst: tagged for readers that speak (PDF/UA-1), with fonts that come with it.

Texts go in as data and never as markup, and the compiler sees a folder that holds the template alone. What no font here
can show stands as its code, like [U+6F22]; signs that turn the writing around or cannot be seen do so always, since a
proof must not read otherwise than it is.
"""

import json
import re
import unicodedata
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import typst

from perennial.web.documents.blocks import Document

# A folder that the compiler may read and that holds nothing else.
FOLDER = Path(__file__).with_name("template")
# Latin, Greek, Cyrillic and Hebrew, with marks of punctuation and money: the fonts in the wheel have them.
_UNSHOWN = re.compile(
    "[^\n -~\xa0-\u017f\u0192\u0218-\u021b"
    "\u0391-\u03a1\u03a3-\u03c9\u0400-\u045f\u05d0-\u05ea\u2010-\u2014\u2018-\u201e\u2022\u2026\u20ac]"
)


def pdf_of(document: Document, *, made_at: datetime) -> bytes:
    """The file. The same document of the same moment is the same file, byte for byte."""
    content = _in_texts(document.printed(), _without_tricks)
    try:
        return _compiled(content, made_at)
    except typst.TypstError:
        # Some sign has no shape in any of the fonts: what is surely shown stays, and the rest is named by its code.
        return _compiled(_in_texts(content, _coded), made_at)


def _compiled(content: Any, made_at: datetime) -> bytes:
    made: bytes = typst.compile(
        FOLDER / "house.typ",
        root=FOLDER,
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"document": json.dumps(content, ensure_ascii=False)},
        pdf_standards="ua-1",
        timestamp=int(made_at.timestamp()),
    )
    return made


def _in_texts(value: Any, change: Callable[[str], str]) -> Any:
    """`value` with every text in it changed; names of fields stay."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {name: _in_texts(each, change) for name, each in value.items()}
    if isinstance(value, list):
        return [_in_texts(each, change) for each in value]
    return value


def _without_tricks(text: str) -> str:
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    "))
    return "".join(_code(sign) if _is_trick(sign) else sign for sign in text)


def _coded(text: str) -> str:
    return _UNSHOWN.sub(lambda found: _code(found.group()), text)


def _is_trick(sign: str) -> bool:
    """Controls, signs that turn the writing or cannot be seen, and halves of signs."""
    return sign != "\n" and unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def _code(sign: str) -> str:
    return f"[U+{ord(sign):04X}]"
