"""Who on file a row means, and which of their stints. Refuses in words where it is not sure; never guesses."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from perennial.intake.enums import Match
from perennial.intake.known import KnownPeople, PersonOnFile, StintOnFile
from perennial.intake.rows import NormalRow, RowRefused, is_named
from perennial.kernel.text import called_from, is_name_prefix, searchable
from perennial.people.enums import AddressKind, StintStatus

# --- who


def person_meant(row: NormalRow, known: KnownPeople) -> tuple[PersonOnFile | None, Match]:
    if not known.people:
        return None, Match.NONE
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
    named = _by_name(row, [known.people[pk] for pk in known.of_name(row)], known.source)
    return named, Match.NAME if named else Match.NONE


def _check_same_human(row: NormalRow, person: PersonOnFile, source: str) -> None:
    """A number given out anew shows another name and other days. A name alone may have been corrected."""
    if is_named(row, person.name_key) or any(address in person.addresses for address in row.addresses):
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
    fitting = [
        person
        for person in people
        if is_named(row, person.name_key) or names_agree(row.full_name, row.called, person.full_name, person.called)
    ]
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


def stint_meant(row: NormalRow, person: PersonOnFile, source: str) -> StintOnFile | None:
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
