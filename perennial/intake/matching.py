"""Who on file a row is about, by what, and what it changes. Decides in words where it is not sure; never guesses.

Many rows are decided at once: `KnownPeople.about` reads with a handful of queries all that a chunk of rows can meet,
`decide` then asks no database.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from perennial.contact.enums import SuppressionScope
from perennial.contact.erased import address_identity, name_identity, number_identity
from perennial.contact.models import Suppression
from perennial.departures.actions import DAYS_TO_OPEN
from perennial.departures.enums import DepartureState
from perennial.intake.columns import Field
from perennial.intake.enums import Match, Outcome
from perennial.intake.models import StagedRow
from perennial.intake.rows import NormalRow, RowRefused, called_of
from perennial.kernel.keys import fingerprints
from perennial.kernel.text import called_from, is_name_prefix, searchable, sort_name_from
from perennial.people.enums import AddressKind, AddressState, HowEnded, StintStatus
from perennial.people.models import EmailAddress, Person, Stint
from perennial.programme.models import Department, Place

_STINT_TEXTS = ("title", "department", "place", "manager", "contract_kind", "how_ended", "status")
# What `StagedRow.writes` is made of: a new stint, fields of the stint, new addresses, the day one was given; and these.
PERSON_LETTERS = {Field.FULL_NAME: "m", Field.CALLED: "c", Field.LANGUAGE: "l"}


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
    stints: list[StintOnFile] = field(default_factory=list)
    addresses: dict[str, AddressOnFile] = field(default_factory=dict)

    @property
    def name_key(self) -> str:
        return searchable(self.full_name)


@dataclass(slots=True)
class Change:
    field: Field | str
    before: str
    after: str


@dataclass(slots=True)
class Decision:
    """What becomes of a row. `writes` names what is written, a letter each; see `applying`."""

    outcome: Outcome
    match: Match = Match.NONE
    person: PersonOnFile | None = None
    stint: StintOnFile | None = None
    writes: str = ""
    changes: list[Change] = field(default_factory=list)
    opens_departure: bool = False


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

    def department(self, pk: int | None) -> str:
        return _name_of(self._departments, pk, Department)

    def place(self, pk: int | None) -> str:
        return _name_of(self._places, pk, Place)

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
        # The index is on the name as it is sorted, which depends on whether a file had it in parts, and on its case.
        written = {name for row in rows for name in (row.sort_name, sort_name_from(row.full_name))}
        sorted_names = written | set(map(str.upper, written)) | set(map(_in_usual_case, written))
        found = list(Person.objects.filter(sort_name__in=sorted_names).order_by().values_list("pk", "key", "full_name"))
        if besides is not None and found:
            ours = set(
                StagedRow.objects.filter(run_id=besides, person_key__in=[key for _pk, key, _name in found]).values_list(
                    "person_key", flat=True
                )
            )
            found = [each for each in found if each[1] not in ours]
        self.by_name = _gathered((searchable(name), pk) for pk, _key, name in found)

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
            row[0]: PersonOnFile(*row) for row in people.values_list("pk", "key", "full_name", "called", "language")
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
            marks = {mark for row in rows for identity in self.identities(row) for mark in fingerprints(identity)}
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
        return found

    def is_erased(self, identity: str) -> bool:
        return bool(self.erased) and any(mark in self.erased for mark in fingerprints(identity))


def decide(row: NormalRow, known: KnownPeople, *, person_key: str = "") -> Decision:
    """What becomes of `row` beside what is on file; raises RowRefused with the reason.

    `person_key` is that of a person whom another row of the same file has made already.
    """
    person: PersonOnFile | None
    if person_key and person_key in known.by_key:
        person, match = known.people[known.by_key[person_key]], Match.NONE
    else:
        person, match = _person(row, known)
    if person is None:
        if known.erased and any(known.is_erased(identity) for identity in known.identities(row)):
            raise RowRefused(
                _("This row is about somebody whose record was erased. It stays erased, so the row is not taken in.")
            )
        row.called = called_of(row)
        return Decision(
            Outcome.NEW,
            writes="n",
            opens_departure=_opens(row.ends_on, row.how_ended, known.earliest),
        )
    _drop_erased_addresses(row, person, known)
    stint = _stint(row, person, known.source)
    if stint is None:
        changes = [Change("stint", "", f"{row.starts_on or '…'} – {row.ends_on or '…'}")]
        opens = _opens(row.ends_on, row.how_ended, known.earliest)
        writes = "n"
    else:
        changes = _stint_changes(row, stint, known.source)
        _check_dates_on_file(row, stint)
        opens = _opens_on_file(row, stint, known.earliest)
        writes = "s" if changes else ""
    if _is_latest(row, stint, person):
        of_person = _person_changes(row, person)
        changes += of_person
        writes += "".join(PERSON_LETTERS[Field(change.field)] for change in of_person)
    new_addresses = [address for address in row.addresses if address not in person.addresses]
    if new_addresses:
        writes += "a"
        for address in new_addresses:
            kind = Field.PRIVATE_EMAIL if address == row.private_email else Field.BUSINESS_EMAIL
            changes.append(Change(kind, "", address))
    on_file = person.addresses.get(row.private_email)
    if (
        row.given_on
        and on_file is not None
        and on_file.kind == AddressKind.PRIVATE
        and on_file.state != AddressState.DEAD
        and on_file.given_on is None
    ):
        writes += "g"
        changes.append(Change(Field.PRIVATE_EMAIL_GIVEN_ON, "", str(row.given_on)))
    outcome = Outcome.CHANGED if writes else Outcome.SAME
    return Decision(outcome, match, person, stint, writes, changes, opens)


# --- who


def _person(row: NormalRow, known: KnownPeople) -> tuple[PersonOnFile | None, Match]:
    numbered = [known.people[pk] for pk in known.by_number.get(row.employee_number, ())]
    if len(numbered) > 1:
        raise RowRefused(
            _("The employee number %(number)s belongs to more than one person on file."), number=row.employee_number
        )
    if numbered:
        _check_same_human(row, numbered[0], known.source)
        return numbered[0], Match.NUMBER
    addressed = {pk: known.people[pk] for address in row.addresses for pk in known.by_address.get(address, ())}
    if addressed:
        return _by_address(row, list(addressed.values())), Match.ADDRESS
    named = _by_name(row, [known.people[pk] for pk in known.by_name.get(row.name_key, ())], known.source)
    return named, Match.NAME if named else Match.NONE


def _check_same_human(row: NormalRow, person: PersonOnFile, source: str) -> None:
    """A number given out anew shows another name and other days. A name alone may have been corrected."""
    if row.name_key == person.name_key or any(address in person.addresses for address in row.addresses):
        return
    if any(
        same_days(row.starts_on, row.ends_on, stint.starts_on, stint.ends_on)
        for stint in person.stints
        if stint.source == source and stint.employee_number == row.employee_number
    ):
        return
    raise RowRefused(
        _(
            "The employee number %(number)s is %(name)s's on file; this row has another name and other days. "
            "If it is the same person, correct the name on their page; if not, the number was given out twice."
        ),
        number=row.employee_number,
        name=person.full_name,
    )


def _by_address(row: NormalRow, people: list[PersonOnFile]) -> PersonOnFile:
    fitting = [person for person in people if names_agree(row.full_name, row.called, person.full_name, person.called)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise RowRefused(_("The e-mail addresses of this row belong to more than one person of this name on file."))
    raise RowRefused(
        _(
            "An e-mail address of this row is %(name)s's on file. If it is the same person, correct the name on their "
            "page; if not, leave the address out here."
        ),
        name=people[0].full_name,
    )


def _by_name(row: NormalRow, people: list[PersonOnFile], source: str) -> PersonOnFile | None:
    sure: dict[int, PersonOnFile] = {}
    likely: dict[int, PersonOnFile] = {}
    namesakes: list[tuple[PersonOnFile, StintOnFile]] = []
    dateless = row.starts_on is None and row.ends_on is None
    for person in people:
        for stint in person.stints:
            if _numbers_differ(row, stint, source):
                continue
            if same_days(row.starts_on, row.ends_on, stint.starts_on, stint.ends_on):
                sure[person.pk] = person
            elif stint.starts_on is None and stint.ends_on is None:
                likely[person.pk] = person
            else:
                namesakes.append((person, stint))
    found = list((sure or likely).values())
    if len(found) > 1:
        raise RowRefused(
            _("More than one person of this name and these days is on file; add an employee number or e-mail address.")
        )
    if found:
        business = [address for address, on_file in found[0].addresses.items() if on_file.kind == AddressKind.BUSINESS]
        if row.business_email and business and row.business_email not in business:
            raise RowRefused(
                _("Somebody of this name and these days is on file with another business address (%(address)s)."),
                address=business[0],
            )
        return found[0]
    if row.employee_number or row.addresses:
        return None
    for person, stint in namesakes:
        # Nothing but a name and a last day: a moved day and a namesake look the same.
        if dateless or ((row.starts_on is None or stint.starts_on is None) and not person.addresses):
            raise RowRefused(
                _(
                    "Somebody of this name is on file with other days (%(days)s). If it is the same person, correct "
                    "the days on their page; if not, add an employee number or e-mail address here."
                ),
                days=f"{stint.starts_on or '…'} – {stint.ends_on or '…'}",
            )
    return None


def same_days(starts: date | None, ends: date | None, other_starts: date | None, other_ends: date | None) -> bool:
    """Whether two periods are one by their days: the first days where both are known, else the last days."""
    if starts is not None and other_starts is not None:
        return starts == other_starts
    if ends is not None and other_ends is not None:
        return ends == other_ends
    return starts == other_starts and ends == other_ends


def names_agree(name: str, called: str, other_name: str, other_called: str) -> bool:
    """Whether two names can be one person's that shares an e-mail address: same first name, or initial and surname."""
    key, other_key = searchable(name), searchable(other_name)
    if key == other_key:
        return True
    words, others = _words(key), _words(other_key)
    if not words or not others:
        return False
    firsts = {words[0], searchable(called_from(called))} - {""}
    other_firsts = {others[0], searchable(called_from(other_called))} - {""}
    if any(len(first) > 1 for first in firsts & other_firsts):
        return True
    shared_surname = set(words[1:]) & set(others[1:])
    initials = {first[0] for first in firsts} & {first[0] for first in other_firsts}
    abbreviated = any(len(first) == 1 for first in firsts | other_firsts)
    return bool(shared_surname and initials and abbreviated)


def _in_usual_case(name: str) -> str:
    """'BOER, FENNA DE' as 'Boer, Fenna de'."""
    return " ".join(word.lower() if is_name_prefix(word) else word.title() for word in name.split())


def _words(key: str) -> list[str]:
    plain = "".join(letter if letter.isalnum() else " " for letter in key)
    return [word for word in plain.split() if not is_name_prefix(word)]


def _numbers_differ(row: NormalRow, stint: StintOnFile, source: str) -> bool:
    """Whether two different numbers of one feed keep a row and a stint apart."""
    return bool(
        row.employee_number
        and stint.employee_number
        and stint.source == source
        and stint.employee_number != row.employee_number
    )


# --- which stint


def _stint(row: NormalRow, person: PersonOnFile, source: str) -> StintOnFile | None:
    """The stint of `person` that `row` is about, None where it is another one than those on file."""
    own = [
        stint
        for stint in person.stints
        if row.employee_number and stint.source == source and stint.employee_number == row.employee_number
    ]
    others = [stint for stint in person.stints if stint not in own and not _numbers_differ(row, stint, source)]
    for candidates in (own, others):
        exact = [stint for stint in candidates if row.starts_on and stint.starts_on == row.starts_on]
        if exact:
            return exact[0]
        near = [stint for stint in candidates if not apart(row, stint)]
        if len(near) > 1:
            near = [stint for stint in near if row.ends_on == stint.ends_on] or near
        if len(near) > 1:
            raise RowRefused(
                _("%(name)s is on file with more than one period that this row could mean; add the first day."),
                name=person.full_name,
            )
        if near:
            _check_not_rewritten(row, near[0])
            return near[0]
    for stint in person.stints:
        if _numbers_differ(row, stint, source) and not apart(row, stint):
            raise RowRefused(
                _("%(name)s is on file under the employee number %(number)s for the same time."),
                name=person.full_name,
                number=stint.employee_number,
            )
    return None


def apart(row: NormalRow, stint: StintOnFile | NormalRow) -> bool:
    """Whether the two can only be different periods: one ends before the other begins."""
    if row.ends_on and stint.starts_on and row.ends_on < stint.starts_on:
        return True
    if stint.ends_on and row.starts_on and stint.ends_on < row.starts_on:
        return True
    if row.starts_on and stint.starts_on and row.starts_on != stint.starts_on:
        # Who 'left' without a known last day and begins later has returned.
        earlier = stint if stint.starts_on < row.starts_on else row
        return earlier.ends_on is None and earlier.status == StintStatus.LEFT
    return False


def _check_not_rewritten(row: NormalRow, stint: StintOnFile) -> None:
    if (
        row.starts_on
        and stint.starts_on
        and row.ends_on
        and stint.ends_on
        and row.starts_on != stint.starts_on
        and row.ends_on != stint.ends_on
    ):
        raise RowRefused(
            _(
                "On file this person worked here from %(first)s to %(last)s; both days differ here and the periods "
                "overlap. Correct the days on the person's page, or here."
            ),
            first=stint.starts_on,
            last=stint.ends_on,
        )


def _check_dates_on_file(row: NormalRow, stint: StintOnFile) -> None:
    starts = row.starts_on or stint.starts_on
    ends = None if row.clears_end else row.ends_on or stint.ends_on
    if starts and ends and starts > ends:
        raise RowRefused(
            _("With what is on file, the first day (%(first)s) would lie after the last day (%(last)s)."),
            first=starts,
            last=ends,
        )


# --- what changes


def _stint_changes(row: NormalRow, stint: StintOnFile, source: str) -> list[Change]:
    changes = []
    for name in _STINT_TEXTS:
        new, old = getattr(row, name), getattr(stint, name)
        if new and new != old:
            changes.append(Change(name, old, new))
    if row.starts_on and row.starts_on != stint.starts_on:
        changes.append(Change(Field.STARTS_ON, str(stint.starts_on or ""), str(row.starts_on)))
    if row.ends_on and row.ends_on != stint.ends_on:
        changes.append(Change(Field.ENDS_ON, str(stint.ends_on or ""), str(row.ends_on)))
    elif row.clears_end and stint.ends_on:
        changes.append(Change(Field.ENDS_ON, str(stint.ends_on), ""))
    if takes_over(row, stint, source):
        changes.append(Change(Field.EMPLOYEE_NUMBER, stint.employee_number, row.employee_number))
    return changes


def takes_over(row: NormalRow, stint: StintOnFile, source: str) -> bool:
    """Whether a stint that was typed in, or had no number, becomes one of this feed."""
    if not row.employee_number or (stint.source == source and stint.employee_number == row.employee_number):
        return False
    return not stint.employee_number or stint.source == "typed"


def _is_latest(row: NormalRow, stint: StintOnFile | None, person: PersonOnFile) -> bool:
    """A row about a former stint does not say how somebody is called today."""
    of_row = latest_key(row.starts_on, row.ends_on)
    return all(of_row >= latest_key(each.starts_on, each.ends_on) for each in person.stints if each is not stint)


def latest_key(starts: date | None, ends: date | None) -> tuple[date, date]:
    """To sort periods: those without an end last, then by their end and beginning."""
    return (ends or date.max, starts or date.min)


def _person_changes(row: NormalRow, person: PersonOnFile) -> list[Change]:
    changes = []
    if row.full_name.casefold() != person.full_name.casefold():
        changes.append(Change(Field.FULL_NAME, person.full_name, row.full_name))
        if not row.called and person.called == called_from(person.full_name):
            row.called = called_from(row.full_name)
    if row.called and row.called.casefold() != person.called.casefold():
        changes.append(Change(Field.CALLED, person.called, row.called))
    if row.language and row.language != person.language:
        changes.append(Change(Field.LANGUAGE, person.language, row.language))
    return changes


def _drop_erased_addresses(row: NormalRow, person: PersonOnFile, known: KnownPeople) -> None:
    """An address that was erased with somebody is not taken up again with anybody."""
    for name in ("business_email", "private_email"):
        address = getattr(row, name)
        if address and address not in person.addresses and known.is_erased(address_identity(address)):
            setattr(row, name, "")
    if not row.private_email:
        row.given_on = None


# --- departures, as `departures.actions.open_due` will see them


def _opens(ends_on: date | None, how_ended: str, earliest: date) -> bool:
    return ends_on is not None and ends_on >= earliest and how_ended != HowEnded.DEATH


def _opens_on_file(row: NormalRow, stint: StintOnFile, earliest: date) -> bool:
    ends_on = None if row.clears_end else row.ends_on or stint.ends_on
    status = row.status or stint.status
    if not _opens(ends_on, row.how_ended or stint.how_ended, earliest):
        return False
    if not stint.departure:
        return True
    active_again = status == StintStatus.ACTIVE and stint.was_leaving
    return stint.departure != DepartureState.OPEN and not active_again


# --- small things


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
