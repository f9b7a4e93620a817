"""Cells that stand for one of our codes: how it ended, kind of contract, status, language."""

import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Generic, TypeVar

from django.db.models import TextChoices

from perennial.intake.columns import Field
from perennial.intake.enums import Language
from perennial.intake.values import is_blank
from perennial.intake.words import codes as code_words
from perennial.people.enums import ContractKind, HowEnded, StintStatus

Code = TypeVar("Code", bound=StrEnum | TextChoices)


class Vocabulary(Generic[Code]):
    """The words, in four languages, for the codes of one column.

    A text is looked up without case, accents and punctuation; then by the longest known word within it ('Dismissal -
    performance'), `weak` words last ('ontslag met wederzijds goedvinden'), and not at all where it denies something.
    `otherwise` is what a text we don't know becomes: the original is the caller's to keep.
    """

    def __init__(self, *, words: Mapping[Code, str], otherwise: Code | None, weak: str = "") -> None:
        self._otherwise = otherwise
        self._codes: dict[str, Code] = {}
        self.claimed_twice: frozenset[str] = frozenset()
        for code, block in words.items():
            for word in filter(None, map(_folded, [code.value, *block.split(";")])):
                if self._codes.setdefault(word, code) is not code:
                    self.claimed_twice |= {word}
        last = {_folded(word) for word in weak.split(";")}
        self._inside = sorted(
            (word for word in self._codes if len(word) >= 4), key=lambda word: (word in last, -len(word))
        )

    def find(self, text: str) -> Code | None:
        """Return the code, None where the text says nothing or nothing we know."""
        folded = _folded(text)
        code = self._codes.get(folded)
        if code is None and _NEGATIONS.isdisjoint(folded.split()):
            spaced = f" {folded} "
            code = next((self._codes[word] for word in self._inside if f" {word} " in spaced), None)
        return code

    def read(self, text: str) -> Code | None:
        """Return the code, None for a blank cell, `otherwise` for a word we don't know."""
        code = self.find(text)
        if code is None and not is_blank(text):
            return self._otherwise
        return code


_NEGATIONS = frozenset({"not", "non", "no", "niet", "geen", "nicht", "kein", "keine", "не", "нет", "без"})


def _folded(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text[:200]).casefold()
    kept = (letter if letter.isalnum() else " " for letter in folded if not unicodedata.combining(letter))
    return " ".join("".join(kept).split())


HOW_ENDED: Vocabulary[HowEnded] = Vocabulary(
    words=code_words.HOW_ENDED, otherwise=HowEnded.OTHER, weak=code_words.WEAK_HOW_ENDED
)
CONTRACT_KIND: Vocabulary[ContractKind] = Vocabulary(
    words=code_words.CONTRACT_KIND, otherwise=ContractKind.OTHER, weak=code_words.WEAK_CONTRACT_KIND
)
STATUS: Vocabulary[StintStatus] = Vocabulary(
    words=code_words.STATUS, otherwise=StintStatus.UNKNOWN, weak=code_words.WEAK_STATUS
)
LANGUAGE: Vocabulary[Language] = Vocabulary(words=code_words.LANGUAGE, otherwise=None)

VOCABULARIES: Mapping[Field, Vocabulary[Any]] = {
    Field.STATUS: STATUS,
    Field.HOW_ENDED: HOW_ENDED,
    Field.CONTRACT_KIND: CONTRACT_KIND,
    Field.LANGUAGE: LANGUAGE,
}
# What a value can be said to mean.
MEANINGS: Mapping[Field, tuple[str, ...]] = {
    Field.STATUS: tuple(code for code in StintStatus.values if code != StintStatus.UNKNOWN),
    Field.HOW_ENDED: tuple(HowEnded.values),
    Field.CONTRACT_KIND: tuple(ContractKind.values),
    Field.LANGUAGE: tuple(code.value for code in Language),
}
