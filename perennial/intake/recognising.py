"""Which column of a file is which of ours, by its name."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, lru_cache

from perennial.intake.columns import Field
from perennial.intake.words.headers import (
    CERTAIN,
    DOUBTFUL,
    LEADERS,
    MAIL_WORDS,
    NUMBER_WORDS,
    OWNERS,
    STRANGERS,
)


class Certainty(StrEnum):
    # A colleague said so, of a column of this name in a former file of the same source.
    SAID = "said"
    CERTAIN = "certain"
    DOUBTFUL = "doubtful"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Recognition:
    """What we make of one column; `field` is None where nothing was recognised."""

    position: int
    header: str
    field: Field | None
    certainty: Certainty


LONGEST_KEY = 200
_LONGEST_HEADER = 100
_SHORTEST_PHRASE = 7


def recognise(headers: Sequence[str]) -> list[Recognition]:
    """Say for each header which field it is and how sure we are.

    Two columns that claim one field equally well are both doubtful. Beside a certain column, a doubtful
    one loses its claim, except that nothing is ever made a private address that way.
    """
    found = [
        Recognition(position=position, header=header, field=field, certainty=certainty)
        for position, header in enumerate(headers)
        for field, certainty in [_recognise_one(header)]
    ]
    fields = {recognition.field for recognition in found if recognition.certainty is Certainty.CERTAIN}
    if Field.FIRST_NAME in fields and not fields & {Field.LAST_NAME, Field.FULL_NAME}:
        # 'Name' beside 'Vorname' is the family name, as German and Dutch lists have it.
        found = [
            replace(recognition, field=Field.LAST_NAME)
            if recognition.field is Field.FULL_NAME and _key(recognition.header) in {"name", "naam"}
            else recognition
            for recognition in found
        ]
    claims: dict[Field, list[Recognition]] = {}
    for recognition in found:
        if recognition.field is not None:
            claims.setdefault(recognition.field, []).append(recognition)
    for claimants in claims.values():
        certain = [claimant for claimant in claimants if claimant.certainty is Certainty.CERTAIN]
        if len(certain) > 1:
            for claimant in claimants:
                found[claimant.position] = replace(claimant, certainty=Certainty.DOUBTFUL)
        elif certain:
            for claimant in claimants:
                if claimant is not certain[0]:
                    found[claimant.position] = replace(claimant, field=None, certainty=Certainty.NONE)
    return found


def recalled(recognitions: Sequence[Recognition], said: Mapping[str, Field | None]) -> list[Recognition]:
    """What a colleague said of a column of the same name goes before what its name says.

    `said` is by `header_key`; None means: left out. Where two columns bear a name, it is not known which was meant.
    """
    keys = [header_key(each.header) for each in recognitions]
    often = Counter(keys)
    return [
        replace(each, field=said[key], certainty=Certainty.SAID) if key in said and often[key] == 1 else each
        for each, key in zip(recognitions, keys, strict=True)
    ]


def settled(recognitions: Iterable[Recognition]) -> dict[Field, int]:
    """Return field -> position for the columns nobody has to be asked about."""
    return {
        recognition.field: recognition.position
        for recognition in recognitions
        if recognition.field is not None and recognition.certainty is Certainty.CERTAIN
    }


def proposed(recognitions: Iterable[Recognition]) -> dict[Field, int]:
    """Return field -> position with the doubtful ones that have no rival: what to fill a mapping form with."""
    return {field: positions[0] for field, positions in _claims(recognitions).items() if len(positions) == 1}


def contested(recognitions: Iterable[Recognition]) -> dict[Field, list[int]]:
    """Return the fields that more than one column claims, with their positions."""
    return {field: positions for field, positions in _claims(recognitions).items() if len(positions) > 1}


def _claims(recognitions: Iterable[Recognition]) -> dict[Field, list[int]]:
    """Which columns claim a field; beside what a colleague said nothing else has a claim."""
    claims: dict[Field, list[Recognition]] = {}
    for recognition in recognitions:
        if recognition.field is not None:
            claims.setdefault(recognition.field, []).append(recognition)
    return {
        field: [each.position for each in claimants if each.certainty is Certainty.SAID]
        or [each.position for each in claimants]
        for field, claimants in claims.items()
    }


def header_key(header: str) -> str:
    """The name of a column without case, accents, signs and spaces; empty where nothing is left of it."""
    return _key(header)[:LONGEST_KEY]


def header_score(cells: Sequence[str]) -> float:
    """Return how much a row looks like a header: a point for each field named with certainty, less for doubt."""
    best: dict[Field, float] = {}
    for cell in cells:
        if cell and len(cell) <= _LONGEST_HEADER:
            field, certainty = _recognise_one(cell)
            if field is not None:
                point = 1.0 if certainty is Certainty.CERTAIN else 0.4
                best[field] = max(best.get(field, 0.0), point)
    return sum(best.values())


@lru_cache(maxsize=20_000)
def _recognise_one(header: str) -> tuple[Field | None, Certainty]:
    if not header or len(header) > _LONGEST_HEADER or "@" in header:
        return None, Certainty.NONE
    certain, doubtful, phrases = _lexicon()
    words = _words(header)
    # 'End date (dd-mm-yyyy)': what stands in brackets explains, unless it is what tells work from private.
    whole = "".join(words)
    if whole in certain:
        return certain[whole], Certainty.CERTAIN
    if whole in doubtful:
        return doubtful[whole], Certainty.DOUBTFUL
    spoken = set(words)
    before_brackets = _words(header.split("(")[0])
    parts = [
        before_brackets,
        [word for word in words if word not in OWNERS],
        [word for word in before_brackets if word not in OWNERS],
    ]
    for names, certainty in ((certain, Certainty.CERTAIN), (doubtful, Certainty.DOUBTFUL)):
        for part in parts:
            field = names.get("".join(part))
            if field is not None and _may_be(field, spoken):
                return field, certainty
    text = f" {' '.join(words)} "
    for phrase, field in phrases:
        if f" {phrase} " in text and _may_be(field, spoken):
            return field, Certainty.DOUBTFUL
    return None, Certainty.NONE


def _may_be(field: Field, spoken: set[str]) -> bool:
    """Tell whether the other words of a header leave room for this field: 'Manager e-mail' is no e-mail of ours."""
    if spoken & STRANGERS:
        return False
    if field is Field.MANAGER:
        return not spoken & (MAIL_WORDS | NUMBER_WORDS)
    return not spoken & LEADERS


def _words(text: str) -> list[str]:
    """Return lower-case words without accents; 'e-mail' and 'E Mail' are one word, 'lastName' two."""
    spaced = []
    previous = ""
    for letter in text:
        if letter.isupper() and previous.islower():
            spaced.append(" ")
        spaced.append(letter)
        previous = letter
    folded = unicodedata.normalize("NFKD", "".join(spaced)).casefold()
    plain = "".join(letter if letter.isalnum() else " " for letter in folded if not unicodedata.combining(letter))
    words = plain.split()
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] == "e" and word.startswith("mail"):
            joined[-1] = "e" + word
        else:
            joined.append(word)
    return joined


def _key(text: str) -> str:
    return "".join(_words(text))


@cache
def _lexicon() -> tuple[dict[str, Field], dict[str, Field], list[tuple[str, Field]]]:
    """Return certain names, doubtful names (both as keys), and phrases to look for inside longer headers."""
    certain: dict[str, Field] = {}
    doubtful: dict[str, Field] = {}
    phrases: dict[str, Field] = {}
    for names, into in ((CERTAIN, certain), (DOUBTFUL, doubtful)):
        for field, block in names.items():
            for name in block.split(";"):
                for spelling in _spellings(" ".join(name.split())):
                    words = _words(spelling)
                    if not words:
                        continue
                    into.setdefault("".join(words), field)
                    if into is certain and (len(words) > 1 or len(words[0]) >= _SHORTEST_PHRASE):
                        phrases.setdefault(" ".join(words), field)
    return certain, doubtful, sorted(phrases.items(), key=lambda entry: -len(entry[0]))


def _spellings(name: str) -> Iterable[str]:
    """A German name also as it is typed without umlauts: Kuendigungsgrund."""
    yield name
    folded = name.casefold()
    plain = folded.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    if plain != folded:
        yield plain
