"""How a letter looks: as plain text, and as simple HTML without anything from elsewhere.

Both come as parts of whole lines. What is the same on many mails is `Fixed`, so that it is encoded only once.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape

LINK = "{link}"
_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")
_ADDRESS_ON_THE_WEB = re.compile(r"https?://[^\s<>\"']*[^\s<>\"'.,;:!?)\]}]")
_SANS = "font-family:system-ui,'Segoe UI',Helvetica,Arial,sans-serif"
_BUTTON_STYLE = (
    "display:inline-block;padding:10px 22px;border-radius:6px;background-color:#1f6f54;color:#ffffff;"
    f"text-decoration:none;{_SANS};font-size:16px"
)


class Fixed(str):
    """Text that is the same on many mails."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class FooterLink:
    """A way out at the foot of a letter."""

    words: str
    address: str


@dataclass(frozen=True, slots=True)
class Footer:
    """Who sends and why, in sentences, and the ways out."""

    sentences: tuple[str, ...]
    links: tuple[FooterLink, ...]


def text_parts(*, body: str, link: str, footer: Footer | None) -> list[str]:
    """The letter as plain text."""
    parts: list[str] = []
    for paragraph in body.replace(LINK, link).split("\n\n"):
        parts += (f"{paragraph}\n", _EMPTY_LINE)
    parts.pop()
    if footer:
        parts.append(_text_foot(footer.sentences))
        parts.extend(f"{each.words}: {each.address}\n" for each in footer.links)
    return parts


def html_parts(*, body: str, subject: str, language: str, link: str, button: str, footer: Footer | None) -> list[str]:
    """The letter as HTML. A paragraph that is nothing but the link becomes a button with the words of `button`."""
    parts = [_head(language), f"<title>{escape(subject)}</title>\n", _LETTER]
    for paragraph in _PARAGRAPHS.split(body):
        if link and paragraph.strip() == LINK:
            anchor = f'<a href="{escape(link)}"\nstyle="{_BUTTON_STYLE}">{escape(button)}</a>'
            parts += (_PARAGRAPH, f"{anchor}\n", _END_OF_PARAGRAPH)
        elif paragraph and not paragraph.isspace():
            # On lines of its own: most often just the line of the plain text, which then is encoded once for both.
            parts += (_PARAGRAPH, f"{_linked(paragraph.replace(LINK, link))}\n", _END_OF_PARAGRAPH)
    if footer:
        parts.append(_html_foot(footer.sentences))
        parts.extend(
            f'<p style="margin:0 0 .4em"><a style="color:#1f6f54"\nhref="{escape(each.address)}">'
            f"{escape(each.words)}</a></p>\n"
            for each in footer.links
        )
        parts.append(_END_OF_FOOT)
    parts.append(_END)
    return parts


@lru_cache(maxsize=64)
def _head(language: str) -> Fixed:
    return Fixed(
        f'<!DOCTYPE html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light">\n'
    )


_LETTER = Fixed(
    '</head>\n<body style="margin:0;padding:0;background-color:#faf8f5;color:#1f2933">\n'
    "<div style=\"max-width:36em;margin:0 auto;padding:32px 24px;font-family:Georgia,'Times New Roman',serif;"
    'font-size:17px;line-height:1.6">\n'
)
_EMPTY_LINE = Fixed("\n")
_PARAGRAPH = Fixed('<p style="margin:0 0 1.2em">\n')
_END_OF_PARAGRAPH = Fixed("</p>\n")
_END_OF_FOOT = Fixed("</div>\n")
_END = Fixed("</div>\n</body>\n</html>\n")


@lru_cache(maxsize=256)
def _text_foot(sentences: Sequence[str]) -> Fixed:
    # '-- ' is how a mail programme knows that the letter proper has ended.
    return Fixed("\n-- \n" + "".join(f"{sentence}\n" for sentence in sentences))


@lru_cache(maxsize=256)
def _html_foot(sentences: Iterable[str]) -> Fixed:
    lines = "".join(f'<p style="margin:0 0 .4em">{escape(sentence)}</p>\n' for sentence in sentences)
    return Fixed(
        '<div style="margin-top:2em;padding-top:1em;border-top:1px solid #d9d5ce;color:#57606a;'
        f'{_SANS};font-size:13px;line-height:1.5">\n{lines}'
    )


def _linked(text: str) -> str:
    """Escaped text in which addresses on the web can be clicked and lines break where they broke."""
    return linked(text, style='style="color:#1f6f54" ').replace("\n", "<br>\n")


def linked(text: str, *, style: str = "") -> str:
    """Escaped text in which whole addresses on the web can be clicked, and nothing that only looks like one."""
    if "://" not in text:
        return escape(text)
    pieces, end = [], 0
    for found in _ADDRESS_ON_THE_WEB.finditer(text):
        address = escape(found[0])
        pieces.append(escape(text[end : found.start()]))
        pieces.append(f'<a {style}href="{address}">{address}</a>')
        end = found.end()
    pieces.append(escape(text[end:]))
    return "".join(pieces)
