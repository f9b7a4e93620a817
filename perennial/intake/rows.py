"""One row of a file, read into our words or refused with a reason."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perennial.intake.codes import CONTRACT_KIND, HOW_ENDED, LANGUAGE, STATUS, Vocabulary
from perennial.intake.columns import Field
from perennial.intake.dates import DateOrder, DateReader
from perennial.intake.enums import EmptyCells
from perennial.intake.reader.table import Row
from perennial.intake.values import (
    MAX_NAME,
    Remembered,
    UnreadableValue,
    email_address,
    employee_number,
    is_blank,
    name_key,
    person_name,
    text_or_blank,
    undisarm,
    value_key,
)
from perennial.kernel.countries import recognise
from perennial.kernel.keys import fingerprint
from perennial.kernel.text import called_from, is_name_prefix, search_text, sort_key, sort_name_from
from perennial.people.enums import StintStatus

NAME_FIELDS = (Field.FULL_NAME, Field.LAST_NAME)
WHEN_FIELDS = (Field.ENDS_ON, Field.STATUS)
# Fields of a stint that an empty cell may empty, by the letters of `NormalRow.clears`. How somebody is called goes back
# to the first name. Never names, numbers, addresses, days.
CLEARED: Mapping[str, str] = {
    "title": "t",
    "department": "d",
    "place": "p",
    "manager": "m",
    "contract_kind": "k",
    "how_ended": "h",
}
_PATRONYMICS = ("вич", "вна", "ична", "инична")
# After a comma these belong to the name before it: 'Smith, Jr.' is not somebody called Jr.
_SUFFIXES = frozenset("jr sr ii iii iv phd md mba bsc msc ma ba esq cpa jr. sr. ph.d. m.d. b.sc. m.sc.".split())  # noqa: SIM905


LIVES_THERE = _(
    "Row %(row)s: data of people who live in this country may only be written down first by an installation that "
    "stands there. Nothing of the row was kept."
)
UNKNOWN_COUNTRY = _(
    "Row %(row)s: the country of residence is none that we know; write its code of two letters, like NL. Nothing of "
    "the row was kept."
)
_NO_COUNTRY = "?"


class RowRefused(Exception):  # noqa: N818 - a refusal with a reason in words, not a programming error
    """A row that is not taken in. `str()` is the reason, `position` the column at fault where there is one.

    `unsaid`: not even what the row says is kept, neither on file nor in the file of rejected rows, because it is about
    somebody who was erased, or who lives where we may write nothing down. `held_back`: the row is right, and may come
    again later.
    """

    def __init__(
        self,
        sentence: Promise | str,
        *,
        position: int | None = None,
        unsaid: bool = False,
        held_back: bool = False,
        **values: object,
    ) -> None:
        super().__init__()
        self._sentence = sentence
        self._values = values
        self.position = position
        self.unsaid = unsaid
        self.held_back = held_back

    @property
    def contradicts(self) -> bool:
        """Whether the row contradicts what is on file, rather than being kept out for what it is about."""
        return not (self.unsaid or self.held_back)

    def __str__(self) -> str:
        return str(self._sentence) % self._values if self._values else str(self._sentence)


@dataclass(slots=True)
class NormalRow:
    """What a row says. Empty text and None mean that it says nothing, and what is on file stays."""

    number: int
    full_name: str = ""
    called: str = ""
    sort_name: str = ""
    name_key: str = ""
    employee_number: str = ""
    business_email: str = ""
    private_email: str = ""
    given_on: date | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    clears_end: bool = False
    status: str = ""
    title: str = ""
    department: str = ""
    place: str = ""
    manager: str = ""
    contract_kind: str = ""
    how_ended: str = ""
    language: str = ""
    country: str = ""
    # The name as it stands in the file, where it was turned round ('Vries, Jan de').
    written: str = ""
    # Which empty cells empty what is on file; letters as in CLEARED.
    clears: str = ""

    @property
    def addresses(self) -> list[str]:
        return [address for address in (self.business_email, self.private_email) if address]

    @property
    def business_mark(self) -> str:
        return fingerprint(self.business_email) if self.business_email else ""

    @property
    def private_mark(self) -> str:
        return fingerprint(self.private_email) if self.private_email else ""

    @property
    def search_text(self) -> str:
        """As `people.actions.search_text_of` makes it."""
        return search_text(
            f"{self.full_name} {self.called} {self.business_email} {self.private_email}"
            f" {self.title} {self.employee_number} {self.department} {self.place}"
        )


class Names:
    """Names that are on file already: 'sales' is the department 'Sales' unless both are there, and what it was called
    before still means it. `known`: every name with the one it leads to, as `programme.structure.present_names` has it.
    """

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = dict(known)
        self._folded: dict[str, str] = {}
        # What is called so now comes before what was.
        for name in sorted(known, key=lambda each: (known[each] != each, each)):
            self._folded.setdefault(name.casefold(), known[name])

    def __bool__(self) -> bool:
        return bool(self._known)

    def knows(self, name: str) -> bool:
        return name in self._known or name.casefold() in self._folded

    def on_file(self, name: str) -> str:
        return self._known.get(name) or self._folded.get(name.casefold(), name)


class RowReader:
    """Reads the rows of one file, whose columns and date order are known."""

    def __init__(
        self,
        *,
        header: Sequence[str],
        mapping: Mapping[Field, int],
        orders: Mapping[Field, DateOrder],
        serials: bool,
        departments: Names,
        places: Names,
        today: date,
        said: Mapping[Field, Mapping[str, str]],
        empty_cells: EmptyCells = EmptyCells.LEAVE,
        refused_countries: frozenset[str] = frozenset(),
    ) -> None:
        """`said`: what values mean in this source, by `value_key`, before all that we know ourselves.

        `refused_countries`: whose residents are not taken in; see `programme.policy.refused_residences`.
        """
        self._refused_countries = refused_countries
        self._country = mapping.get(Field.COUNTRY)
        self._countries = Remembered(_country)
        clearing = empty_cells == EmptyCells.CLEAR
        self._clearing = [(name, letter) for name, letter in CLEARED.items() if clearing and Field(name) in mapping]
        self._clears_called = clearing and Field.CALLED in mapping
        self._mapping = mapping
        self._today = today

        def day_of(field: Field) -> Callable[[str], date | None]:
            return _bare(DateReader(order=orders.get(field, DateOrder.YMD), serials=serials).read)

        differing: dict[Field, Callable[[str], Any]] = {
            Field.EMPLOYEE_NUMBER: employee_number,
            Field.BUSINESS_EMAIL: email_address,
            Field.PRIVATE_EMAIL: email_address,
        }
        repeating: dict[Field, Callable[[str], Any]] = {
            Field.CALLED: person_name,
            Field.PRIVATE_EMAIL_GIVEN_ON: day_of(Field.PRIVATE_EMAIL_GIVEN_ON),
            Field.STARTS_ON: day_of(Field.STARTS_ON),
            Field.ENDS_ON: day_of(Field.ENDS_ON),
            Field.STATUS: _code(STATUS, said.get(Field.STATUS, {})),
            Field.TITLE: text_or_blank,
            Field.DEPARTMENT: _name(departments, said.get(Field.DEPARTMENT, {})),
            Field.PLACE: _name(places, said.get(Field.PLACE, {})),
            Field.MANAGER: text_or_blank,
            Field.CONTRACT_KIND: _code(CONTRACT_KIND, said.get(Field.CONTRACT_KIND, {})),
            Field.HOW_ENDED: _code(HOW_ENDED, said.get(Field.HOW_ENDED, {})),
            Field.LANGUAGE: _code(LANGUAGE, said.get(Field.LANGUAGE, {})),
        }
        # This runs once a cell: a dictionary that reads what it does not know yet takes a fifth of the time of a call.
        reading = differing | {field: Remembered(read).__getitem__ for field, read in repeating.items()}
        self._reading = [
            ("given_on" if field is Field.PRIVATE_EMAIL_GIVEN_ON else field.value, mapping[field], read)
            for field, read in reading.items()
            if field in mapping
        ]
        self._full = mapping.get(Field.FULL_NAME)
        self._family_first = self._full is not None and says_family_first(header[self._full])
        self._parts = [
            (mapping.get(field), Remembered(person_name)) for field in (Field.FIRST_NAME, Field.PREFIX, Field.LAST_NAME)
        ]
        self._ends = mapping.get(Field.ENDS_ON)

    def read(self, row: Row) -> NormalRow:
        """Return what the row says; raises RowRefused."""
        if row.problem is not None:
            raise RowRefused(row.problem)
        country = self._country_of(row)
        if row.extra:
            raise RowRefused(
                _("The row has more cells than there are columns: a text with a separator needs quotation marks.")
            )
        cells = row.cells
        read = NormalRow(row.number, country=country)
        position = 0
        try:
            for name, position, reader in self._reading:
                text = cells[position]
                if text:
                    setattr(read, name, reader(text))
        except UnreadableValue as problem:
            raise RowRefused(problem.sentence, position=position) from None
        self._read_name(read, cells)
        self._check(read)
        if self._clearing:
            read.clears = "".join(letter for name, letter in self._clearing if not getattr(read, name))
        return read

    def _country_of(self, row: Row) -> str:
        """Before anything else is read: of somebody who is not taken in nothing is to be kept, not even a mistake."""
        if self._country is None or not row.cells[self._country]:
            return ""
        country: str = self._countries[row.cells[self._country]]
        if country == _NO_COUNTRY and self._refused_countries:
            raise RowRefused(UNKNOWN_COUNTRY, position=self._country, unsaid=True, row=row.number)
        if country in self._refused_countries:
            raise RowRefused(LIVES_THERE, position=self._country, unsaid=True, row=row.number)
        return "" if country == _NO_COUNTRY else country

    def _read_name(self, read: NormalRow, cells: list[str]) -> None:
        position = self._full
        first = ""
        try:
            written = person_name(cells[position]) if position is not None and cells[position] else ""
            full = turned_round(written, family_first=self._family_first)
            parts = []
            for position, names in self._parts:
                parts.append(names[cells[position]] if position is not None else "")
            first, prefix, last = parts
        except UnreadableValue as problem:
            raise RowRefused(problem.sentence, position=position) from None
        if full:
            read.full_name, read.sort_name = full, sort_name_from(full)
            if full != written:
                read.written = written
        elif last:
            head, comma, tail = last.partition(",")
            if comma and not prefix and all(map(is_name_prefix, tail.split())):
                # 'Vries, de': as Dutch lists have it.
                last, prefix = head.strip(), tail.strip()
            read.full_name = " ".join(part for part in (first, prefix, last) if part)
            behind = " ".join(part for part in (first, prefix) if part)
            read.sort_name = sort_key(f"{last}, {behind}" if behind else last)
        else:
            raise RowRefused(
                _("There is no name."), position=self._full if self._full is not None else self._parts[2][0]
            )
        if len(read.full_name) > MAX_NAME:
            raise RowRefused(_("The name is too long: at most %(longest)s characters fit."), longest=MAX_NAME)
        if not read.called and first:
            read.called = first.split()[0]
        elif not read.called and self._clears_called:
            read.called = called_from(read.full_name)
        read.name_key = name_key(read.full_name)

    def _check(self, read: NormalRow) -> None:
        mapping = self._mapping
        if read.ends_on is None:
            if read.status in ("", StintStatus.UNKNOWN):
                raise RowRefused(
                    _("There is neither a last day nor a status that we know."),
                    position=mapping.get(Field.ENDS_ON, mapping.get(Field.STATUS)),
                )
            read.clears_end = self._ends is not None and read.status == StintStatus.ACTIVE
        elif read.starts_on is not None and read.starts_on > read.ends_on:
            raise RowRefused(
                _("The first day (%(first)s) lies after the last day (%(last)s)."),
                position=mapping[Field.STARTS_ON],
                first=read.starts_on,
                last=read.ends_on,
            )
        if read.status == StintStatus.UNKNOWN:
            read.status = ""
        if read.private_email and read.private_email == read.business_email:
            # The employer's own address in both columns: it ends with the last day, so it is no private one.
            read.private_email = ""
        if not read.private_email:
            read.given_on = None
        elif read.given_on is not None and read.given_on > self._today:
            raise RowRefused(
                _("The day on which the private address was given (%(day)s) lies ahead."),
                position=mapping[Field.PRIVATE_EMAIL_GIVEN_ON],
                day=read.given_on,
            )


def is_named(row: NormalRow, key: str) -> bool:
    """Whether a row has that name, as one says it or as it stands in the file."""
    return row.name_key == key or (bool(row.written) and name_key(row.written) == key)


def take_as_written(row: NormalRow, key: str) -> None:
    """On file the name stands as it does in the file: then it is not turned round."""
    if row.name_key != key:
        row.full_name, row.sort_name, row.name_key = row.written, sort_name_from(row.written), key


def called_of(row: NormalRow) -> str:
    """How somebody new is called: as the file says, else by the first name."""
    return row.called or called_from(row.full_name)


def says_family_first(header: str) -> bool:
    """Whether a column of names begins with the family's: 'ФИО', 'Ф.И.О.', 'Фамилия Имя Отчество'."""
    letters = "".join(letter for letter in header.casefold() if letter.isalpha())
    return letters.startswith(("фио", "фамилия"))


def turned_round(name: str, *, family_first: bool = False) -> str:
    """'Vries, Jan de' and 'Vries, de, Jan' as one says them: 'Jan de Vries'; 'Смирнова Ольга Петровна' likewise.

    Without a comma the family's name is known to stand first by the column or by the patronymic at the end.
    """
    words = name.split()
    if "," not in name:
        if len(words) > 1 and (family_first or (len(words) == 3 and words[2].casefold().endswith(_PATRONYMICS))):
            return " ".join([*words[1:], words[0]])
        return name
    parts = [part.strip() for part in name.split(",")]
    if not all(parts) or any(part.casefold() in _SUFFIXES for part in parts[1:]):
        return name
    if len(parts) == 2:
        return f"{parts[1]} {parts[0]}"
    if len(parts) == 3 and all(map(is_name_prefix, parts[1].split())):
        return f"{parts[2]} {parts[1]} {parts[0]}"
    return name


def _bare(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """Read a cell without the apostrophe that `disarm` put before it."""
    return lambda text: read(undisarm(text))


def _country(text: str) -> str:
    """The code of a country, empty where the cell says nothing, `_NO_COUNTRY` where it names none."""
    plain = undisarm(text)
    return "" if is_blank(plain) else recognise(plain) or _NO_COUNTRY


def _name(names: Names, said: Mapping[str, str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        return names.on_file(said.get(value_key(undisarm(text))) or text_or_blank(text))

    return read


def _code(vocabulary: Vocabulary[Any], said: Mapping[str, str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        meaning = said.get(value_key(text))
        if meaning:
            return meaning
        code = vocabulary.read(text)
        return code.value if code is not None else ""

    return _bare(read)
