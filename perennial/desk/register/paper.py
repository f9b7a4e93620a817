"""A document in parts, from which the page, the HTML file and the PDF are made alike."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from perennial.web.documents.blocks import Block, Document, Heading, Table


@dataclass(frozen=True)
class StackedTable(Table):
    """A table that folds on a narrow screen, each cell under the head of its column."""

    @property
    def labelled(self) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        """Each row as its first cell, and the others with the heads of their columns."""
        for first, *others in self.rows:
            yield first, list(zip(self.header[1:], others, strict=True))


@dataclass(frozen=True)
class Part:
    """A section; `code` is that by which words are added to it, empty where none can be."""

    code: str
    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Paper:
    """A whole document, in one language. Headings within a part are of level 2."""

    title: str
    lead: str
    parts: Sequence[Part]
    language: str = "en"

    def document(self, *, foot: str) -> Document:
        """What is printed."""
        blocks: list[Block] = []
        for number, part in enumerate(self.parts, start=1):
            blocks += [Heading(f"{number}. {part.title}"), *part.blocks]
        return replace(Document(self.title, self.language, lead=self.lead, foot=foot), blocks=blocks)
