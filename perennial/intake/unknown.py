"""The values of a file that nobody knows, with their number of rows: to be asked about once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from perennial.intake.codes import VOCABULARIES
from perennial.intake.columns import CODE_FIELDS, PLACED_FIELDS, Field
from perennial.intake.rows import Names
from perennial.intake.values import UnreadableValue, is_blank, text_or_blank, undisarm, value_key

# A column of more different values than this holds no words that could be asked about.
_MOST_DIFFERENT = 5_000
# So many of a field are asked about, those with the most rows; the others are left as they are.
MOST_ASKED = 30
_LOOK_AGAIN_AFTER = 1_000


@dataclass(frozen=True, slots=True)
class UnknownValue:
    field: str
    text: str
    rows: int

    @property
    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class SeenValues:
    """Counts the values of those columns that hold words, as a file goes by."""

    def __init__(self, mapping: Mapping[Field, int]) -> None:
        self._columns = [
            (field, mapping[field], defaultdict[str, int](int))
            for field in (*CODE_FIELDS, *PLACED_FIELDS)
            if field in mapping
        ]
        self._rows = 0

    def see(self, cells: list[str]) -> None:
        for _field, position, seen in self._columns:
            seen[cells[position]] += 1
        self._rows += 1
        if self._rows % _LOOK_AGAIN_AFTER == 0:
            self._columns = [each for each in self._columns if len(each[2]) <= _MOST_DIFFERENT]

    def unknown(
        self, *, said: Mapping[Field, Mapping[str, str]], departments: Names, places: Names
    ) -> list[UnknownValue]:
        """Those that no vocabulary has, that are on file under no name, and of which nobody said anything yet.

        Where no department (or place) is on file yet, theirs are simply the first.
        """
        found: list[UnknownValue] = []
        for field, _position, seen in self._columns:
            names = {Field.DEPARTMENT: departments, Field.PLACE: places}.get(field)
            if names is not None and not names:
                continue
            known = said.get(field, {})
            counted: dict[str, list[Any]] = {}
            for text, rows in seen.items():
                plain = undisarm(" ".join(text.split()))
                key = value_key(plain)
                if key and key not in known and not _is_known(field, plain, names):
                    counted.setdefault(key, [plain, 0])[1] += rows
            found += _most(UnknownValue(field.value, text, rows) for text, rows in counted.values())
        return found


def _is_known(field: Field, text: str, names: Names | None) -> bool:
    if is_blank(text):
        return True
    if names is None:
        return VOCABULARIES[field].find(text) is not None
    try:
        return names.knows(text_or_blank(text))
    except UnreadableValue:
        # The row says why.
        return True


def _most(values: Iterable[UnknownValue]) -> list[UnknownValue]:
    return sorted(values, key=lambda each: (-each.rows, each.text))[:MOST_ASKED]
