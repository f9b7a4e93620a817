"""A mail as bytes: headers and quoted-printable, line ends CRLF.

Put together by hand: the standard library's message classes take some ten times as long, and a personal letter is made
once for each recipient. The tests hold the result against the standard library's parser.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from perennial.mail.layout import Fixed

FOLD = "\r\n "
_BETWEEN = f">,{FOLD}<"
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\- ]{0,60}")
_FIT = re.compile(r"[^\s<>()\[\]\\,;:\"@\x00-\x20\x7f-\x9f]+@[^\s<>()\[\]\\,;:\"@\x00-\x20\x7f-\x9f]+")
_METHOD = re.compile(r"^METHOD:([A-Z]{1,20})\r?$", re.MULTILINE)
_PART = b'Content-Type: text/%b; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'


class AddressUnfitError(ValueError):
    """The address cannot stand in a mail."""


class HeaderUnfitError(ValueError):
    """The value would break out of its header."""


@lru_cache(maxsize=1024)
def wire_address(address: str) -> str:
    """The address as mail servers know it: the domain in ASCII. Raises AddressUnfitError."""
    if not _FIT.fullmatch(address):
        raise AddressUnfitError(address)
    if address.isascii():
        return address
    name, _, domain = address.rpartition("@")
    try:
        return f"{name}@{domain.encode('idna').decode()}"
    except UnicodeError as error:
        raise AddressUnfitError(address) from error


def mail_bytes(
    *,
    headers: Mapping[str, str],
    boxes: Mapping[str, tuple[str, str]],
    text: Iterable[str],
    html: Iterable[str],
    boundary: str,
    calendar: str = "",
) -> bytes:
    """A mail with its words as text and as HTML. `boxes`: name and address of the headers that hold both.

    With `calendar`, a file of RFC 5545, that file is a third way to read it, as RFC 6047 has it.

    Raises AddressUnfitError, HeaderUnfitError.
    """
    lines = ["MIME-Version: 1.0"]
    for header, value in headers.items():
        if header in boxes:
            name, address = boxes[header]
            # A List-Id looks like an address and is none.
            lines.append(f"{header}: {_box(name, wire_address(address) if '@' in address else address)}")
        elif header == "Subject":
            lines.append(folded(header, value))
        else:
            lines.append(f"{header}: {_unbroken(value).replace('>, <', _BETWEEN)}")
    lines.append(f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n')
    head = "\r\n".join(lines)
    mark = f"\r\n--{boundary}".encode()
    encoded: dict[str, bytes] = {}
    return b"".join(
        (
            head.encode(),
            mark[2:],
            b"\r\n",
            _PART % b"plain",
            *_quoted(text, encoded),
            mark,
            b"\r\n",
            _PART % b"html",
            *_quoted(html, encoded),
            *(_calendar(calendar, mark) if calendar else ()),
            mark,
            b"--\r\n",
        )
    )


def _calendar(calendar: str, mark: bytes) -> Iterator[bytes]:
    """The part that holds a calendar file; the method in its head is that in the file. Raises HeaderUnfitError."""
    method = _METHOD.search(calendar)
    if method is None:
        raise HeaderUnfitError(calendar)
    yield mark + b"\r\n"
    yield f'Content-Type: text/calendar; charset="utf-8"; method={method[1]}\r\n'.encode()
    yield b"Content-Transfer-Encoding: base64\r\n\r\n"
    # In lines of 76, with the line ends of the file kept inside.
    yield base64.encodebytes(calendar.encode()).replace(b"\n", b"\r\n")


def _unbroken(value: str) -> str:
    """`value`, which goes into a header as it is. No line end should come so far; if one does, no mail goes."""
    if not value.isprintable():
        raise HeaderUnfitError(value)
    return value


def _quoted(parts: Iterable[str], encoded: dict[str, bytes]) -> Iterator[bytes]:
    """Each part in quoted-printable. `encoded` remembers what was met before in the same mail."""
    for part in parts:
        if type(part) is Fixed:
            yield _quoted_once(part)
            continue
        content = encoded.get(part)
        if content is None:
            content = encoded[part] = _quoted_printable(part)
        yield content


def _quoted_printable(part: str) -> bytes:
    # It breaks its lines with line feeds alone, as it finds them in the text, so they become CRLF only afterwards.
    return binascii.b2a_qp(part.encode(), istext=True).replace(b"\n", b"\r\n")


_quoted_once = lru_cache(maxsize=512)(_quoted_printable)


@lru_cache(maxsize=512)
def folded(header: str, value: str) -> str:
    """A header line of free words, in lines of at most 76 characters."""
    words = value.split(" ")
    if not _plain(value) or any(len(word) > 60 for word in words):
        return f"{header}: {_encoded(value)}"
    lines, length = [], len(header) + 1
    for word in words:
        if length + 1 + len(word) > 76:
            lines.append("\r\n")
            length = 0
        lines.append(f" {word}")
        length += 1 + len(word)
    return f"{header}:{''.join(lines)}"


@lru_cache(maxsize=1024)
def _box(name: str, address: str) -> str:
    """A name and an address as a header has them."""
    if not name:
        return address if "@" in address else f"<{_unbroken(address)}>"
    phrase, address = _phrase(name), _unbroken(address)
    return f"{phrase}{FOLD if len(phrase) + len(address) > 60 else ' '}<{address}>"


@lru_cache(maxsize=512)
def _phrase(name: str) -> str:
    if _plain(name) and _ATOMS.fullmatch(name):
        return name
    if _plain(name) and len(name) <= 60:
        return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return _encoded(name)


def _plain(text: str) -> bool:
    """Whether `text` may stand in a header as it is: visible ASCII with single spaces inside, no encoded word."""
    return text.isascii() and text.isprintable() and "=?" not in text and "  " not in text and text == text.strip()


def _encoded(text: str) -> str:
    """RFC 2047: words of at most 75 characters, none of which splits a letter."""
    words: list[str] = []
    part: list[str] = []
    size = 0
    for letter in text:
        length = len(letter.encode())
        if size + length > 39:
            words.append("".join(part))
            part, size = [], 0
        part.append(letter)
        size += length
    words.append("".join(part))
    return FOLD.join(f"=?utf-8?b?{base64.b64encode(word.encode()).decode()}?=" for word in words)
