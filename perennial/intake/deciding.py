"""What becomes of a row beside what is on file: new, changed, the same, or refused with the reason in words.

`KnownPeople.about` has read all that a chunk of rows can meet; nothing here asks the database.
"""

from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext_lazy as _

from perennial.contact.erased import address_identity, manager_identity
from perennial.departures.enums import DepartureState
from perennial.intake.columns import Field
from perennial.intake.enums import Match, Outcome
from perennial.intake.known import KnownPeople, PersonOnFile, StintOnFile
from perennial.intake.matching import person_meant, stint_meant
from perennial.intake.rows import CLEARED, LIVES_THERE, NormalRow, RowRefused, called_of, is_named, take_as_written
from perennial.kernel.text import called_from
from perennial.people.enums import AddressKind, AddressState, HowEnded, StintStatus

_STINT_TEXTS = ("title", "department", "place", "manager", "contract_kind", "how_ended", "status")
# Art. 18 GDPR: whose data is stored and nothing else, their record does not change either.
_HELD_BACK = _(
    "Held back: stored only. This person asked that we store what we have and do nothing else with it, so their record "
    "stays as it is. Once that has ended, bring this row again; the next list of all will also bring it."
)
# What `StagedRow.writes` is made of: a new stint, fields of the stint, new addresses, the day one was given; and these.
PERSON_LETTERS = {Field.FULL_NAME: "m", Field.CALLED: "c", Field.LANGUAGE: "l", Field.COUNTRY: "r"}


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


def decide(row: NormalRow, known: KnownPeople, *, person_key: str = "") -> Decision:
    """What becomes of `row` beside what is on file; raises RowRefused with the reason.

    `person_key` is that of a person whom another row of the same file has made already.
    """
    person: PersonOnFile | None
    if person_key and person_key in known.by_key:
        person, match = known.people[known.by_key[person_key]], Match.NONE
    else:
        person, match = person_meant(row, known)
    _check_residence(row, person, known)
    if person is None:
        if known.erased and any(known.is_erased(identity) for identity in known.identities(row)):
            raise RowRefused(
                _("This row is about somebody whose record was erased. It stays erased, so the row is not taken in."),
                unsaid=True,
            )
        _drop_erased_manager(row, known)
        row.called = called_of(row)
        return Decision(
            Outcome.NEW,
            writes="n",
            opens_departure=_opens(row.ends_on, row.how_ended, known.earliest),
        )
    if row.written and is_named(row, person.name_key):
        take_as_written(row, person.name_key)
    _drop_erased_addresses(row, person, known)
    _drop_erased_manager(row, known)
    stint = stint_meant(row, person, known.source)
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
    if writes and person.stored_only_since is not None:
        raise RowRefused(_HELD_BACK, held_back=True)
    outcome = Outcome.CHANGED if writes else Outcome.SAME
    return Decision(outcome, match, person, stint, writes, changes, opens)


def _check_residence(row: NormalRow, person: PersonOnFile | None, known: KnownPeople) -> None:
    """Where nobody says where somebody lives, they live where they work."""
    if not known.refused_countries:
        return
    country = row.country or (person.country if person else "") or known.country_of(row.place)
    if country in known.refused_countries:
        raise RowRefused(LIVES_THERE, unsaid=True, row=row.number)


def _drop_erased_addresses(row: NormalRow, person: PersonOnFile, known: KnownPeople) -> None:
    """An address that was erased with somebody is not taken up again with anybody."""
    for name in ("business_email", "private_email"):
        address = getattr(row, name)
        if address and address not in person.addresses and known.is_erased(address_identity(address)):
            setattr(row, name, "")
    if not row.private_email:
        row.given_on = None


def _drop_erased_manager(row: NormalRow, known: KnownPeople) -> None:
    """Somebody who was erased does not come back as the manager of others."""
    if row.manager and known.is_erased(manager_identity(row.manager)):
        row.manager = ""


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
        if (new and new != old) or (old and _clears(row, name, old)):
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


def _clears(row: NormalRow, name: str, old: str) -> bool:
    """Whether an empty cell of `row` empties that field of the stint, which holds `old`; none undoes a death."""
    undoes_death = name == "how_ended" and old == HowEnded.DEATH
    return bool(row.clears) and CLEARED.get(name, "-") in row.clears and not undoes_death


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
    if row.country and row.country != person.country:
        changes.append(Change(Field.COUNTRY, person.country, row.country))
    return changes


# --- departures, as `departures.actions.open_due` will see them


def _opens(ends_on: date | None, how_ended: str, earliest: date) -> bool:
    return ends_on is not None and ends_on >= earliest and how_ended != HowEnded.DEATH


def _opens_on_file(row: NormalRow, stint: StintOnFile, earliest: date) -> bool:
    ends_on = None if row.clears_end else row.ends_on or stint.ends_on
    status = row.status or stint.status
    how_ended = "" if _clears(row, "how_ended", stint.how_ended) else row.how_ended or stint.how_ended
    if not _opens(ends_on, how_ended, earliest):
        return False
    if not stint.departure:
        return True
    active_again = status == StintStatus.ACTIVE and stint.was_leaving
    return stint.departure != DepartureState.OPEN and not active_again
