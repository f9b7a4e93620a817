"""What each room says of the personal data it holds: how every field is classed, and what erasure does with the row.

A room lists `HELD` in its `privacy.py`, one `Held` a model; `perennial/privacy/held.py` gathers them, and the data
copy, the erasure, the leftover report and docs/privacy.md are made from them. `tools/check_privacy.py` fails the build
where a field is missing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from django.utils.functional import Promise


class Privacy(StrEnum):
    """What a field tells. The data copy follows from it."""

    IDENTITY = "identity"
    CONTACT = "contact"
    WORK = "work"
    CONSENT = "consent"
    HISTORY = "history"
    # What somebody said or answered themselves.
    WORDS = "own words"
    # What colleagues decided or noted about somebody.
    JUDGEMENT = "judgement"
    # When, from where, in which state: personal only together with the rest of the row.
    RECORD = "record"
    # Which colleague, feed or process it was, as the audit trail names them. The copy says only in which role.
    COLLEAGUE = "colleague"
    # Somebody else in a person's row. The copy says only that there is somebody.
    OTHERS = "other people"
    # Ids, references, fingerprints: nothing that a person could read.
    KEY = "key"
    # Of links, passwords and sessions: never copied and never shown.
    SECRET = "secret"  # noqa: S105 - the name of a class of fields
    NONE = "not personal"


# What the data copy leaves out.
NOT_COPIED = frozenset({Privacy.KEY, Privacy.SECRET, Privacy.NONE})


class Erased(StrEnum):
    """What becomes of a row when the person it is about is erased."""

    # The foreign keys along `about` cascade; the check makes sure of each.
    WITH_PERSON = "deleted with the person's record"
    # Deleted by `about`, where no foreign key leads to the person.
    BY_ABOUT = "deleted by the key it bears"
    # The room's own `forgetting` sees to it: rows shared by several people, lists with others in them, files.
    BY_ROOM = "seen to by the room that holds it"
    # Stays under `rule`.
    KEPT = "kept"
    # About nobody on file: settings, structure, colleagues' accounts.
    NOT_THEIRS = "about nobody on file"


class By(StrEnum):
    """What stands at the end of `about`."""

    ID = "id"
    KEY = "key"
    # Keyed fingerprints of what tells the person.
    MARKS = "marks"


@dataclass(frozen=True, kw_only=True)
class Held:
    """One model: its fields by class, whom it is about, and what erasure does.

    `fields` holds names with spaces between them; each concrete field of the model stands there once. `shown` are
    columns that the copy has instead of references: the copy's name of it, and the path that leads there.
    """

    model: str
    fields: Mapping[Privacy, str]
    erased: Erased
    # For operators and docs/privacy.md: what it is for, and why erasure does as it does.
    why: str
    # The path to the person: 'departure__person'; empty where the row is about nobody.
    about: str = ""
    by: By = By.ID
    # Conditions beside `about`.
    where: Mapping[str, str] = field(default_factory=dict)
    shown: Mapping[str, str] = field(default_factory=dict)
    # Its heading in the data copy; the reader's language.
    title: str | Promise = ""
    # What leavers answer and interviewers note: in the person's own copy, never before colleagues who lack the right.
    behind_the_wall: bool = False
    # What keeps it, where it is kept.
    rule: str | Promise = ""

    @property
    def classes(self) -> dict[str, Privacy]:
        """The class of each field."""
        return {name: each for each, names in self.fields.items() for name in names.split()}

    def names(self) -> Iterator[str]:
        """All fields named, those named twice twice."""
        for names in self.fields.values():
            yield from names.split()

    def copied(self) -> dict[str, str]:
        """The columns of the data copy: their names, and the paths they are read by."""
        own = {name: name for name, each in self.classes.items() if each not in NOT_COPIED}
        return {**own, **self.shown}
