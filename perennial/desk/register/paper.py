"""A document as parts and blocks, from which the page, the HTML file and the PDF are made alike."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Heading:
    words: str
    kind: str = "heading"


@dataclass(frozen=True)
class Text:
    words: str
    # Whose words: of the employer and not ours.
    added: bool = False
    kind: str = "text"


@dataclass(frozen=True)
class Lines:
    """Sentences of a list."""

    items: Sequence[str]
    kind: str = "lines"


@dataclass(frozen=True)
class Facts:
    """What something is, line by line: (of what, what)."""

    pairs: Sequence[tuple[str, str]]
    kind: str = "facts"


@dataclass(frozen=True)
class Table:
    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    kind: str = "table"

    @property
    def labelled(self) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        """Each row as its first cell and the others with the heads of their columns, for narrow screens."""
        for first, *others in self.rows:
            yield first, list(zip(self.head[1:], others, strict=True))


Block = Heading | Text | Lines | Facts | Table


@dataclass(frozen=True)
class Part:
    """A section: `code` is that of the section to which words may be added."""

    code: str
    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Paper:
    """A whole document, in one language."""

    title: str
    lead: str
    parts: Sequence[Part]
    language: str = "en"
    facts: Mapping[str, str] = field(default_factory=dict)
