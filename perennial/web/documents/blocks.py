"""What a printed document is made of. Blocks hold texts as they are; nothing in them is markup."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


class Block(Protocol):
    """Anything that can be printed: `kind` names how (`house.typ`), the rest is what."""

    def printed(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Heading:
    """Of a section (`level` 1) or a part of one (2); a document goes down one level at a time."""

    text: str
    level: int = 1

    def printed(self) -> dict[str, Any]:
        return {"kind": "heading", "text": self.text, "level": self.level}


@dataclass(frozen=True)
class Text:
    """A paragraph; line ends are kept."""

    text: str

    def printed(self) -> dict[str, Any]:
        return {"kind": "text", "text": self.text}


@dataclass(frozen=True)
class Quote:
    """Word for word, in the language it was read in."""

    text: str
    language: str

    def printed(self) -> dict[str, Any]:
        return {"kind": "quote", "text": self.text, "language": self.language}


@dataclass(frozen=True)
class Letter:
    """A mail or another text whose lines are as they were written."""

    text: str
    language: str

    def printed(self) -> dict[str, Any]:
        return {"kind": "letter", "text": self.text, "language": self.language}


@dataclass(frozen=True)
class Items:
    """Sentences of a list."""

    items: Sequence[str]

    def printed(self) -> dict[str, Any]:
        return {"kind": "items", "items": list(self.items)}


@dataclass(frozen=True)
class Facts:
    """Pairs of what and its value, one a line."""

    rows: Sequence[tuple[str, str]]

    def printed(self) -> dict[str, Any]:
        return {"kind": "facts", "rows": [list(row) for row in self.rows]}


@dataclass(frozen=True)
class Table:
    """Rows under a header, each as long as it. The header is repeated on every page."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]

    def printed(self) -> dict[str, Any]:
        return {"kind": "table", "header": list(self.header), "rows": [list(row) for row in self.rows]}


@dataclass(frozen=True)
class Document:
    """A document in one language. `foot` stands at the foot of each page beside its number, `lead` below the title."""

    title: str
    language: str
    lead: str = ""
    foot: str = ""
    blocks: Sequence[Block] = field(default_factory=tuple)

    def printed(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "language": self.language,
            "lead": self.lead,
            "foot": self.foot,
            "blocks": [block.printed() for block in self.blocks],
        }
