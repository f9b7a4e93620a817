"""JSON Resume, schema 1.0.0 (https://jsonresume.org/schema): basics, work, education, skills, languages, certificates.

Additional properties are allowed there and passed over here. `work[].company` is how releases before 1.0.0 called
`name`. An empty text and null say as much as a property that is missing.
"""

import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Any, NoReturn, TypeVar

from perennial.intake.personal.limits import MAX_DEPTH, MAX_DIGITS, MAX_ROWS
from perennial.intake.personal.record import (
    Address,
    Certificate,
    Education,
    Language,
    Link,
    PartialDate,
    PersonalRecord,
    PositionHeld,
)
from perennial.intake.personal.refusals import Refusal, UnreadableExport
from perennial.intake.personal.text import decoded
from perennial.intake.personal.values import iso_date, line, mail_address, once_each, web_address
from perennial.intake.words import word_set

_SECTIONS = word_set(
    """
    basics work volunteer education awards certificates publications skills languages interests references projects meta
    """
)
# A text whole, also one that is never closed, or one bracket.
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)

Read = TypeVar("Read")


def record_of_resume(content: bytes) -> PersonalRecord:
    """Raises UnreadableExport."""
    resume = _loaded(decoded(content))
    if not isinstance(resume, dict) or not _SECTIONS & resume.keys():
        raise UnreadableExport(Refusal.UNKNOWN)
    whole = _Part(resume, "")
    basics = whole.part("basics")
    location = basics.part("location")
    return PersonalRecord(
        name=basics.text("name"),
        headline=basics.text("label"),
        place=line(", ".join(filter(None, (location.text("city"), location.text("region"))))),
        positions=tuple(map(_position, whole.parts("work"))),
        education=tuple(map(_education, whole.parts("education"))),
        skills=once_each(
            [text for skill in whole.parts("skills") for text in (skill.text("name"), *skill.texts("keywords"))]
        ),
        languages=tuple(
            Language(name=name, level=language.text("fluency"))
            for language in whole.parts("languages")
            if (name := language.text("language"))
        ),
        certificates=tuple(_certificate(part) for part in whole.parts("certificates") if part.text("name")),
        links=tuple(_links(basics)),
        addresses=tuple(
            Address(address=address, primary=True) for address in [basics.read("email", mail_address)] if address
        ),
    )


class _Part:
    """One object of the resume, and where it stands."""

    def __init__(self, properties: dict[str, Any], place: str) -> None:
        self._properties = properties
        self._place = place

    def text(self, name: str) -> str:
        return line(self._said(name))

    def read(self, name: str, reader: Callable[[str], Read]) -> Read:
        return reader(self._said(name))

    def day(self, name: str) -> PartialDate | None:
        return iso_date(self._said(name))

    def texts(self, name: str) -> list[str]:
        texts = self._list(name)
        if not all(isinstance(text, str) for text in texts):
            self._refuse(name)
        return [line(text) for text in texts]

    def part(self, name: str) -> "_Part":
        properties = self._properties.get(name)
        if not isinstance(properties, dict | None):
            self._refuse(name)
        return _Part(properties or {}, self._at(name))

    def parts(self, name: str) -> "list[_Part]":
        found = []
        for position, properties in enumerate(self._list(name)):
            if not isinstance(properties, dict):
                self._refuse(f"{name}[{position}]")
            found.append(_Part(properties, f"{self._at(name)}[{position}]"))
        return found

    def _said(self, name: str) -> str:
        text = self._properties.get(name)
        if text is None:
            return ""
        if not isinstance(text, str):
            self._refuse(name)
        return text

    def _list(self, name: str) -> list[Any]:
        found = self._properties.get(name)
        if found is None:
            return []
        if not isinstance(found, list):
            self._refuse(name)
        if len(found) > MAX_ROWS:
            raise UnreadableExport(Refusal.TOO_MANY, text=self._at(name), most=MAX_ROWS)
        return found

    def _at(self, name: str) -> str:
        return f"{self._place}.{name}" if self._place else name

    def _refuse(self, name: str) -> NoReturn:
        raise UnreadableExport(Refusal.SHAPE, text=self._at(name))


def _position(part: _Part) -> PositionHeld:
    return PositionHeld(
        company=part.text("name") or part.text("company"),
        title=part.text("position"),
        place=part.text("location"),
        since=part.day("startDate"),
        until=part.day("endDate"),
    )


def _education(part: _Part) -> Education:
    return Education(
        school=part.text("institution"),
        degree=part.text("studyType"),
        field=part.text("area"),
        since=part.day("startDate"),
        until=part.day("endDate"),
    )


def _certificate(part: _Part) -> Certificate:
    return Certificate(
        name=part.text("name"),
        issuer=part.text("issuer"),
        url=part.read("url", web_address),
        since=part.day("date"),
    )


def _links(basics: _Part) -> Iterator[Link]:
    if page := basics.read("url", web_address):
        yield Link(url=page)
    for profile in basics.parts("profiles"):
        if page := profile.read("url", web_address):
            yield Link(url=page, label=profile.text("network"))


def _loaded(text: str) -> Any:
    """Parse strictly: nothing twice, no NaN, no number without end, nothing nested without end."""
    depth = 0
    for found in _STRING_OR_BRACKET.finditer(text):
        if found[0] in "[{":
            depth += 1
        elif found[0] in "]}":
            depth -= 1
        if depth > MAX_DEPTH:
            raise UnreadableExport(Refusal.TOO_DEEP, most=MAX_DEPTH)
    try:
        return json.loads(
            text,
            object_pairs_hook=_said_once,
            parse_int=_short_number,
            parse_float=_short_number,
            parse_constant=_no_number,
        )
    except json.JSONDecodeError as error:
        raise UnreadableExport(Refusal.NOT_JSON, line=error.lineno) from None


def _said_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise UnreadableExport(Refusal.SAID_TWICE, text=name)
        found[name] = value
    return found


def _short_number(digits: str) -> float:
    if len(digits) > MAX_DIGITS or math.isinf(float(digits)):
        raise UnreadableExport(Refusal.NUMBER, text=digits)
    return float(digits)


def _no_number(name: str) -> NoReturn:
    raise UnreadableExport(Refusal.NUMBER, text=name)
