"""What rows of one file say together: finds those that share something, and decides over them as one."""

# ruff: noqa: S608 - statements are put together from constants of ours; values are parameters

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils.translation import gettext as _

from perennial.intake.deciding import PERSON_LETTERS, latest_key
from perennial.intake.enums import Outcome
from perennial.intake.matching import apart, names_agree
from perennial.intake.models import StagedChange, StagedRow
from perennial.intake.rows import NormalRow
from perennial.intake.staging_table import CHANGE_COLUMNS, CHANGE_TABLE, CHUNK, ROW_TABLE, SAID, write_rows
from perennial.people.enums import StintStatus


class Told(NamedTuple):
    """As much of a staged row as it takes to compare it with others of its file."""

    number: int
    employee_number: str
    business_email: str
    private_email: str
    full_name: str
    called: str
    name_key: str
    given_on: date | None
    starts_on: date | None
    ends_on: date | None
    status: str
    person_ref: int | None
    stint_ref: int | None
    person_key: str
    outcome: str
    writes: str
    said: tuple[Any, ...]


# `said` is all that a row says, its number aside: two rows with the same say the same.
_TOLD_SAID = Told._fields.index("person_ref")
_ALL_ELSE_SAID = [name for name in SAID if name not in Told._fields and name != "written"]


@dataclass(slots=True)
class _Verdicts:
    """What becomes of rows that belong together, to be written in a few statements."""

    rejected: list[tuple[str, int]] = field(default_factory=list)
    same: list[int] = field(default_factory=list)
    followers: list[tuple[str, str, int]] = field(default_factory=list)
    added: list[tuple[int, str]] = field(default_factory=list)
    writes: list[tuple[str, str, int]] = field(default_factory=list)
    unsaid: list[tuple[int, str]] = field(default_factory=list)
    given: list[tuple[date, int]] = field(default_factory=list)


def settle_groups(*, run_id: int, with_changes: bool) -> None:
    """Find rows that share a number, an address, a person on file or name and days, and decide over them together.

    Nothing here depends on the order of the rows: of rows that contradict each other none is taken in.
    """
    members = _told_rows(run_id, _suspicious(run_id))
    if not members:
        return
    verdicts = _Verdicts()
    for group in _groups(members):
        if len(group) > 1:
            _settle(group, verdicts)
    _write_verdicts(run_id, verdicts, with_changes=with_changes)


# Rows that count here: also one refused beside what is on file, since what it says against another row of its file
# would else be forgotten, and the other come in when the file is brought again.
_COUNTS = "(outcome <> 'rejected' OR conflict)"
# Each finds the numbers of rows that share something with another row.
_SHARING = (
    # the employee number
    """SELECT number FROM {table} WHERE run_id = %(run)s AND {counts} AND employee_number IN (
        SELECT employee_number FROM {table} WHERE run_id = %(run)s AND {counts} AND employee_number <> ''
        GROUP BY employee_number HAVING COUNT(*) > 1)""",
    # an address, in whichever of the two columns
    """WITH held AS (
        SELECT number, business_email AS address FROM {table}
        WHERE run_id = %(run)s AND {counts} AND business_email <> ''
        UNION ALL
        SELECT number, private_email FROM {table}
        WHERE run_id = %(run)s AND {counts} AND private_email <> '')
    SELECT number FROM held WHERE address IN (SELECT address FROM held GROUP BY address HAVING COUNT(*) > 1)""",
    # the person on file
    """SELECT number FROM {table} WHERE run_id = %(run)s AND person_ref IN (
        SELECT person_ref FROM {table} WHERE run_id = %(run)s AND {counts} AND person_ref IS NOT NULL
        GROUP BY person_ref HAVING COUNT(*) > 1)""",
    # the name and the first or the last day, where one has no number: numbers tell namesakes apart. Which of these
    # belong together is seen below.
    """SELECT t.number FROM {table} t JOIN (
        SELECT name_key, starts_on FROM {table} WHERE run_id = %(run)s AND {counts} AND starts_on IS NOT NULL
        GROUP BY name_key, starts_on HAVING COUNT(*) > 1 AND MIN(employee_number) = '') s
    ON t.name_key = s.name_key AND t.starts_on = s.starts_on
    WHERE t.run_id = %(run)s AND {counts}""",
    """SELECT t.number FROM {table} t JOIN (
        SELECT name_key, COALESCE(ends_on, '0001-01-01') AS ends FROM {table}
        WHERE run_id = %(run)s AND {counts}
        GROUP BY name_key, COALESCE(ends_on, '0001-01-01') HAVING COUNT(*) > 1 AND MIN(employee_number) = '') s
    ON t.name_key = s.name_key AND COALESCE(t.ends_on, '0001-01-01') = s.ends
    WHERE t.run_id = %(run)s AND {counts}""",
    # the name, where one row has no day at all and could be about any of the others
    """SELECT number FROM {table} WHERE run_id = %(run)s AND {counts} AND employee_number = ''
        AND name_key IN (SELECT name_key FROM {table} WHERE run_id = %(run)s AND {counts}
            AND starts_on IS NULL AND ends_on IS NULL AND employee_number = '')""",
)


def _suspicious(run_id: int) -> list[int]:
    found: set[int] = set()
    with connection.cursor() as cursor:
        for sql in _SHARING:
            cursor.execute(sql.format(table=ROW_TABLE, counts=_COUNTS), {"run": run_id})
            found.update(number for (number,) in cursor.fetchall())
    return sorted(found)


def _told_rows(run_id: int, numbers: Sequence[int]) -> list[Told]:
    told: list[Told] = []
    width = len(Told._fields) - 1
    for start in range(0, len(numbers), CHUNK):
        rows = StagedRow.objects.filter(run_id=run_id, number__in=numbers[start : start + CHUNK]).order_by("number")
        found: Any = rows.values_list(*Told._fields[:-1], *_ALL_ELSE_SAID)
        told += [Told._make((*row[:width], row[1:_TOLD_SAID] + row[width:])) for row in found]
    return told


def _groups(rows: Sequence[Told]) -> list[list[Told]]:
    """Those that belong together through anything they share, by union-find."""
    parents = list(range(len(rows)))

    def root(at: int) -> int:
        while parents[at] != at:
            parents[at] = parents[parents[at]]
            at = parents[at]
        return at

    first: dict[tuple[object, ...], int] = {}
    for at, row in enumerate(rows):
        for key in _ties(row):
            other = first.setdefault(key, at)
            parents[root(at)] = root(other)
    for named in _by_name_and_days(rows):
        for at in named[1:]:
            parents[root(at)] = root(named[0])
    groups: dict[int, list[Told]] = defaultdict(list)
    for at, row in enumerate(rows):
        groups[root(at)].append(row)
    return list(groups.values())


def _ties(row: Told) -> Iterator[tuple[object, ...]]:
    if row.employee_number:
        yield "number", row.employee_number
    for address in (row.business_email, row.private_email):
        if address:
            yield "address", address
    if row.person_ref is not None:
        yield "person", row.person_ref


def _by_name_and_days(rows: Sequence[Told]) -> Iterator[list[int]]:
    """Rows of one name and the same days, as `matching.same_days` has it, that nothing else tells apart."""
    named: dict[tuple[object, ...], list[int]] = defaultdict(list)
    unnumbered: dict[str, list[int]] = defaultdict(list)
    for at, row in enumerate(rows):
        if not row.employee_number:
            unnumbered[row.name_key].append(at)
        if row.starts_on is not None:
            named["first day", row.name_key, row.starts_on].append(at)
        named["last day", row.name_key, row.ends_on].append(at)
    for (kind, *_key), members in named.items():
        if len(members) < 2:
            continue
        if kind == "last day" and all(rows[at].starts_on is not None for at in members):
            # Each has a first day of its own, and that decides.
            continue
        bare = any(not rows[at].employee_number and not rows[at].business_email for at in members)
        unlike = {bool(rows[at].employee_number) for at in members} == {True, False}
        if bare or unlike:
            yield members
    for members in unnumbered.values():
        if any(rows[at].starts_on is None and rows[at].ends_on is None for at in members):
            yield members


def _settle(group: list[Told], verdicts: _Verdicts) -> None:
    first = {row.said: row for row in sorted(group, key=lambda each: each.number, reverse=True)}
    kept = list(first.values())
    taken = [row for row in kept if row.outcome != Outcome.REJECTED]
    out, reason = taken, _contradiction(taken)
    if not reason:
        # One refused on its own still speaks against a newcomer, but not against whom the record knows.
        out = [row for row in taken if row.person_ref is None]
        reason = _contradiction([row for row in kept if row.person_ref is None]) if out else ""
    refused = {row.said for row in out} if reason else set()
    for row in group:
        if row.outcome == Outcome.REJECTED:
            continue
        # What repeats a refused row is refused with it.
        if row.said in refused:
            verdicts.rejected.append((reason, row.number))
        elif row is not first[row.said]:
            verdicts.same.append(row.number)
    taken = [row for row in taken if row.said not in refused]
    if len(taken) > 1:
        _join(taken, verdicts)


def _contradiction(rows: Sequence[Told]) -> str:
    """Why these rows cannot all be true of one person, in words; empty where they can."""
    if len(rows) < 2:
        return ""
    where = _listed([row.number for row in rows])
    if len({row.person_ref for row in rows if row.person_ref is not None}) > 1:
        return _("Rows %(rows)s belong together by number or address, but are about different people on file.") % {
            "rows": where
        }
    numbers = {row.employee_number for row in rows if row.employee_number}
    for row, other in _pairs(rows):
        shares_address = bool(
            {row.business_email, row.private_email} & {other.business_email, other.private_email} - {""}
        )
        agree = row.name_key == other.name_key or (
            shares_address and names_agree(row.full_name, row.called, other.full_name, other.called)
        )
        if agree:
            continue
        if row.employee_number and row.employee_number == other.employee_number:
            return _("Rows %(rows)s have the same employee number %(number)s and different names.") % {
                "rows": where,
                "number": row.employee_number,
            }
        return _("Rows %(rows)s share an e-mail address and have different names.") % {"rows": where}
    for row, other in _pairs(rows):
        if (row.stint_ref is not None and row.stint_ref == other.stint_ref) or not apart(_period(row), _period(other)):
            if len(numbers) == 1 and all(each.employee_number for each in rows):
                return _(
                    "Rows %(rows)s have the same employee number %(number)s and say different things of the same time; "
                    "keep the right one."
                ) % {"rows": where, "number": next(iter(numbers))}
            return _(
                "Rows %(rows)s are about one person and say different things of the same time; keep the right one."
            ) % {"rows": where}
    return ""


def _join(rows: list[Told], verdicts: _Verdicts) -> None:
    """Several stints of one person: the latest says how the person is called, and makes the person if there is none."""
    rows = sorted(rows, key=lambda each: (latest_key(each.starts_on, each.ends_on), each.number), reverse=True)
    lead = next((row for row in rows if row.person_ref is not None), rows[0])
    on_file = lead.person_ref is not None
    if not on_file:
        lead = rows[0]
    for row in rows:
        if row.person_ref is None and row is not lead:
            verdicts.followers.append((lead.person_key, "na", row.number))
            verdicts.added.append((row.number, f"{row.starts_on or '…'} – {row.ends_on or '…'}"))
        elif row is not rows[0] and row.outcome == Outcome.CHANGED:
            writes = "".join(letter for letter in row.writes if letter not in PERSON_LETTERS.values())
            if writes != row.writes:
                verdicts.writes.append((writes, Outcome.CHANGED if writes else Outcome.SAME, row.number))
                verdicts.unsaid += [(row.number, str(each)) for each in PERSON_LETTERS]
    _agree_on_given_day(rows, verdicts)


def _agree_on_given_day(rows: Sequence[Told], verdicts: _Verdicts) -> None:
    """The same address with two days: the first day counts, whichever row comes first."""
    days: dict[str, set[date]] = defaultdict(set)
    for row in rows:
        if row.given_on is not None:
            days[row.private_email].add(row.given_on)
    for row in rows:
        found = days.get(row.private_email, set())
        if row.given_on is not None and row.given_on != min(found):
            verdicts.given.append((min(found), row.number))


def _pairs(rows: Sequence[Told]) -> Iterator[tuple[Told, Told]]:
    """Neighbours by time, and each with the first: enough to see overlaps and other names without comparing all."""
    ordered = sorted(rows, key=lambda each: (each.starts_on or date.min, each.ends_on or date.max, each.number))
    for position, row in enumerate(ordered[1:], start=1):
        yield ordered[position - 1], row
        if position > 1:
            yield ordered[0], row


def _period(row: Told) -> NormalRow:
    return NormalRow(row.number, starts_on=row.starts_on, ends_on=row.ends_on, status=row.status or StintStatus.UNKNOWN)


def _listed(numbers: Sequence[int]) -> str:
    ordered = sorted(numbers)
    named = ", ".join(map(str, ordered[:-1][:5]))
    more = ", …" if len(ordered) > 6 else ""
    return _("%(first)s%(more)s and %(last)s") % {"first": named, "more": more, "last": ordered[-1]}


def _write_verdicts(run_id: int, verdicts: _Verdicts, *, with_changes: bool) -> None:
    where = f"WHERE run_id = {int(run_id)} AND number = %s"
    with transaction.atomic(), connection.cursor() as cursor:
        if verdicts.rejected:
            cursor.executemany(
                f"UPDATE {ROW_TABLE} SET outcome = 'rejected', reason = %s, conflict = TRUE, writes = '', "
                f"opens_departure = FALSE {where}",
                [(reason[:600], number) for reason, number in verdicts.rejected],
            )
        if verdicts.same:
            cursor.executemany(
                f"UPDATE {ROW_TABLE} SET outcome = 'same', writes = '', opens_departure = FALSE {where}",
                [(number,) for number in verdicts.same],
            )
        if verdicts.followers:
            cursor.executemany(
                f"UPDATE {ROW_TABLE} SET outcome = 'changed', follows = TRUE, person_key = %s, writes = %s {where}",
                verdicts.followers,
            )
        if verdicts.writes:
            cursor.executemany(f"UPDATE {ROW_TABLE} SET writes = %s, outcome = %s {where}", verdicts.writes)
        if verdicts.given:
            cursor.executemany(f"UPDATE {ROW_TABLE} SET given_on = %s {where}", verdicts.given)
    if with_changes:
        gone = [*verdicts.same, *(number for _reason, number in verdicts.rejected)]
        for start in range(0, len(gone), CHUNK):
            StagedChange.objects.filter(run_id=run_id, number__in=gone[start : start + CHUNK]).delete()
        for number, name in verdicts.unsaid:
            StagedChange.objects.filter(run_id=run_id, number=number, field=name).delete()
        write_rows(
            CHANGE_TABLE,
            CHANGE_COLUMNS,
            [(run_id, number, "stint", "", days) for number, days in verdicts.added],
        )
