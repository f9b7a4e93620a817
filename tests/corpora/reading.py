"""Reads pages as a browser does, and says of what they are made."""

from collections import Counter
from typing import Any

from selectolax.lexbor import LexborHTMLParser

Made = Counter[tuple[str, tuple[str, ...]]]


def made_of(html: str) -> Made:
    """Each element with the names of its attributes, and how often it is there."""
    root = LexborHTMLParser(html).root
    assert root is not None
    return Counter((node.tag or "", tuple(sorted(node.attributes))) for node in root.traverse())


def scripts(html: str) -> list[str]:
    """What would run: the words of scripts, handlers, and addresses that are no address."""
    root = LexborHTMLParser(html).root
    assert root is not None
    found = []
    for node in root.traverse():
        if node.tag == "script":
            found.append(node.text())
        for name, value in node.attributes.items():
            if name.startswith("on") or name == "style" or name == "srcdoc":
                found.append(f"{name}={value}")
            if name in ("href", "src", "action", "formaction") and not _leads_to_a_page(value or ""):
                found.append(f"{name}={value}")
    return found


def _leads_to_a_page(address: str) -> bool:
    return address == "" or address.startswith(("/", "#", "?", "https://", "http://", "mailto:"))


def texts(html: str, selector: str) -> list[str]:
    """The texts of the elements, white space as a browser shows it."""
    return [" ".join(node.text().split()) for node in LexborHTMLParser(html).css(selector)]


def values(html: str, selector: str) -> list[Any]:
    return [node.attributes.get("value") for node in LexborHTMLParser(html).css(selector)]
