"""What is on file about the people that rows could mean, read for a chunk of rows with a handful of queries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from perennial.contact.enums import SuppressionScope
from perennial.contact.erased import address_identity, manager_identity, name_identity, number_identity
from perennial.contact.models import Suppression
from perennial.departures.enums import DAYS_TO_OPEN
from perennial.intake.models import StagedRow
from perennial.intake.rows import NormalRow
from perennial.intake.values import name_key
from perennial.kernel.countries import recognise
from perennial.kernel.keys import fingerprints
from perennial.kernel.text import sort_name_from
from perennial.people.models import EmailAddress, Person, Stint
from perennial.programme.models import Department, Place
from perennial.programme.policy import refused_residences
from perennial.programme.structure import place_countries_by_name


@dataclass(slots=True)
class StintOnFile:
    pk: int
    source: str
    employee_number: str
    starts_on: date | None
    ends_on: date | None
    status: str
    title: str
    department: str
    place: str
    manager: str
    contract_kind: str
    how_ended: str
    departure: str
    was_leaving: bool


@dataclass(slots=True)
class AddressOnFile:
    kind: str
    state: str
    given_on: date | None


@dataclass(slots=True)
class PersonOnFile:
    pk: int
    key: str
    full_name: str
    called: str
    language: str
    country: str
    stored_only_since: datetime | None = None
    stints: list[StintOnFile] = field(default_factory=list)
    addresses: dict[str, AddressOnFile] = field(default_factory=dict)

    @property
    def name_key(self) -> str:
        return name_key(self.full_name)


class KnownPeople:
    """All on file that some rows could be about."""

    def __init__(self, *, source: str, today: date) -> None:
        self.source = source
        self.earliest = today - timedelta(days=DAYS_TO_OPEN)
        self._departments = dict(Department.objects.values_list("pk", "name"))
        self._places = dict(Place.objects.values_list("pk", "name"))
        # Most installations have nobody erased or suppressed yet; then no fingerprint needs to be made for asking.
        self._anybody_erased = Suppression.objects.filter(scope=SuppressionScope.ERASED).exists()
        self._anybody = Person.objects.exists()
        self.refused_countries = refused_residences(on=today)
        self._lie_in: dict[str, str] = {}
        self.people: dict[int, PersonOnFile] = {}
        self.by_number: dict[str, list[int]] = {}
        self.by_address: dict[str, list[int]] = {}
        self.by_name: dict[str, list[int]] = {}
        self.by_key: dict[str, int] = {}
        self.erased: frozenset[str] = frozenset()

    def about(self, rows: Sequence[NormalRow], *, besides: int | None = None, keys: Iterable[str] = ()) -> None:
        """Read what is on file about `rows`.

        While the run `besides` is applied, the persons it made itself are not met again by their name alone;
        `keys` are the persons that rows are known to belong to.
        """
        self.people, self.by_number, self.by_address, self.by_name = {}, {}, {}, {}
        self.by_key = {}
        if self._anybody or besides is not None:
            self._meet_numbers(rows)
            self._meet_addresses(rows)
            self._meet_names([row for row in rows if not self._is_met(row)], besides)
            wanted = [key for key in keys if key]
            self.by_key = dict(Person.objects.filter(key__in=wanted).values_list("key", "pk")) if wanted else {}
            self._read_people()
        self._read_erased(rows)

    def of_name(self, row: NormalRow) -> list[int]:
        """Persons on file of the row's name, as one says it or as it stands in the file."""
        named = self.by_name.get(row.name_key, [])
        return [*named, *self.by_name.get(name_key(row.written), ())] if row.written else named

    def department(self, pk: int | None) -> str:
        return _name_of(self._departments, pk, Department)

    def place(self, pk: int | None) -> str:
        return _name_of(self._places, pk, Place)

    def country_of(self, place: str) -> str:
        """The code of the country in which a place of that name lies, empty where nothing says it."""
        if place and place not in self._lie_in:
            if not self._lie_in:
                self._lie_in = place_countries_by_name()
            self._lie_in.setdefault(place, recognise(place) or "")
        return self._lie_in.get(place, "")

    def _is_met(self, row: NormalRow) -> bool:
        return row.employee_number in self.by_number or any(each in self.by_address for each in row.addresses)

    def _meet_numbers(self, rows: Sequence[NormalRow]) -> None:
        numbers = {row.employee_number for row in rows if row.employee_number}
        if numbers:
            found = Stint.objects.filter(source=self.source, employee_number__in=numbers).order_by()
            self.by_number = _gathered(found.values_list("employee_number", "person_id").distinct())

    def _meet_addresses(self, rows: Sequence[NormalRow]) -> None:
        wanted = {address for row in rows if row.employee_number not in self.by_number for address in row.addresses}
        if wanted:
            # The index is on the fingerprint; an address may still carry that of a former key.
            marks = {mark for address in wanted for mark in fingerprints(address)}
            found = EmailAddress.objects.filter(fingerprint__in=marks).order_by()
            self.by_address = _gathered(found.values_list("address", "person_id"))

    def _meet_names(self, rows: Sequence[NormalRow], besides: int | None) -> None:
        if not rows:
            return
        # The index is on the name as it is sorted, which depends on whether a file had it in parts.
        sorted_names = {name for row in rows for name in (row.sort_name, sort_name_from(row.full_name))}
        sorted_names |= {sort_name_from(row.written) for row in rows if row.written}
        found = list(Person.objects.filter(sort_name__in=sorted_names).order_by().values_list("pk", "key", "full_name"))
        if besides is not None and found:
            ours = set(
                StagedRow.objects.filter(run_id=besides, person_key__in=[key for _pk, key, _name in found]).values_list(
                    "person_key", flat=True
                )
            )
            found = [each for each in found if each[1] not in ours]
        self.by_name = _gathered((name_key(name), pk) for pk, _key, name in found)

    def _read_people(self) -> None:
        wanted = {
            pk
            for index in (self.by_number, self.by_address, self.by_name)
            for people in index.values()
            for pk in people
        } | set(self.by_key.values())
        if not wanted:
            return
        people = Person.objects.filter(pk__in=wanted).order_by()
        self.people = {
            row[0]: PersonOnFile(*row)
            for row in people.values_list(
                "pk", "key", "full_name", "called", "language", "country", "stored_only_since"
            )
        }
        stints = Stint.objects.filter(person_id__in=wanted).order_by("pk")
        found: Iterable[tuple[Any, ...]] = stints.values_list(
            "person_id",
            "pk",
            "source",
            "employee_number",
            "starts_on",
            "ends_on",
            "status",
            "title",
            "department_id",
            "place_id",
            "manager",
            "contract_kind",
            "how_ended",
            "departure__state",
            "departure__was_leaving",
        )
        for person, pk, source, number, starts, ends, status, title, department, place, *rest in found:
            manager, contract_kind, how_ended, departure, was_leaving = rest
            self.people[person].stints.append(
                StintOnFile(
                    pk,
                    source,
                    number,
                    starts,
                    ends,
                    status,
                    title,
                    self.department(department),
                    self.place(place),
                    manager,
                    contract_kind,
                    how_ended,
                    departure or "",
                    bool(was_leaving),
                )
            )
        addresses = EmailAddress.objects.filter(person_id__in=wanted).order_by("pk")
        for person, address, kind, state, given_on in addresses.values_list(
            "person_id", "address", "kind", "state", "given_on"
        ):
            self.people[person].addresses[address] = AddressOnFile(kind, state, given_on)

    def _read_erased(self, rows: Sequence[NormalRow]) -> None:
        self.erased = frozenset()
        if self._anybody_erased:
            told = {identity for row in rows for identity in self.identities(row)}
            told |= {manager_identity(name) for name in {row.manager for row in rows} if name}
            marks = {mark for identity in told for mark in fingerprints(identity)}
            self.erased = frozenset(
                Suppression.objects.filter(scope=SuppressionScope.ERASED, fingerprint__in=marks)
                .order_by()
                .values_list("fingerprint", flat=True)
            )

    def identities(self, row: NormalRow) -> list[str]:
        """The texts by which an erased person could come back with `row`; see `contact.erased`."""
        found = [address_identity(address) for address in row.addresses]
        if row.employee_number:
            found.append(number_identity(self.source, row.employee_number))
        if row.starts_on or row.ends_on:
            found.append(name_identity(row.full_name, row.starts_on, row.ends_on))
            if row.written:
                found.append(name_identity(row.written, row.starts_on, row.ends_on))
        return found

    def is_erased(self, identity: str) -> bool:
        return bool(self.erased) and any(mark in self.erased for mark in fingerprints(identity))


def dead_addresses(rows: Sequence[NormalRow]) -> frozenset[str]:
    """Those addresses of `rows` to which mail is not sent any more, whoever holds them."""
    suppressed = Suppression.objects.filter(scope=SuppressionScope.MAIL)
    if not suppressed.exists():
        return frozenset()
    marks = {mark: address for row in rows for address in row.addresses for mark in fingerprints(address)}
    found = suppressed.filter(fingerprint__in=marks.keys()).order_by().values_list("fingerprint", flat=True)
    return frozenset(marks[mark] for mark in found)


def _gathered(pairs: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for name, pk in pairs:
        if pk not in found[name]:
            found[name].append(pk)
    return dict(found)


def _name_of(names: dict[int, str], pk: int | None, model: type[Department | Place]) -> str:
    if pk is None:
        return ""
    if pk not in names:
        names.update(model.objects.filter(pk=pk).values_list("pk", "name"))
    return names.get(pk, "")
