"""Writes staged rows to people's records, batch by batch, in SQL: a batch is applied whole or not begun.

Runs on both databases. The ORM has neither INSERT ... SELECT nor UPDATE ... FROM, and a loop over people would take ten
times as long.
"""

# ruff: noqa: S608 - statements are put together from constants of ours; values are parameters
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from perennial.audit.actions import record
from perennial.intake.deciding import decide
from perennial.intake.enums import ImportState, Mode, Outcome
from perennial.intake.former import keep_former, note_sources
from perennial.intake.known import KnownPeople, dead_addresses
from perennial.intake.models import AppliedBatch, ImportRun, StagedChange, StagedRow
from perennial.intake.modes import left_alone
from perennial.intake.rows import CLEARED, Names, NormalRow, RowRefused
from perennial.intake.staging_table import (
    CHUNK,
    COLUMNS,
    ROW_TABLE,
    SAID,
    refused_tuple,
    staged_tuple,
    unhurried_commit,
)
from perennial.kernel.clock import now as clock_now
from perennial.people import words
from perennial.people.actions import refresh_search_texts
from perennial.people.models import EmailAddress, Person, Stint
from perennial.programme.models import Department, Place
from perennial.programme.structure import present_names
from perennial.programme.units import hold_structure

BATCH = 10_000
# Any number will do, as long as every import takes the same: one import writes at a time.
_LOCK = 7_305_511


class TakenOver(Exception):  # noqa: N818 - an ending, not an error
    """Another process goes on with this import, or it was cancelled; nothing of this batch was written."""


@dataclass(frozen=True, slots=True)
class _Span:
    """The rows of one batch: of one pass, from after `above` up to `upto`."""

    run_id: int
    follows: bool
    above: int
    upto: int

    @property
    def parameters(self) -> dict[str, Any]:
        return {"run": self.run_id, "follows": self.follows, "above": self.above, "upto": self.upto}


def apply_batch(*, run_id: int, worker: str, now: datetime, today: date) -> bool:
    """Apply the next batch of a run; returns False when none is left. Raises TakenOver.

    Rows that follow another row of the file come in a second pass, when the person they belong to is there.
    """
    with transaction.atomic():
        unhurried_commit()
        wait_for_turn()
        run = ImportRun.objects.select_for_update().get(pk=run_id)
        if run.worker != worker or run.state != ImportState.APPLYING or run.cancel_requested:
            raise TakenOver
        span = _next_span(run)
        if span is None:
            return False
        newest, later = newest_rows(), _newest_of_later()
        stale = run.compare_again or newest != run.seen
        if stale or span.follows:
            _compare_again(run, span, today=today)
        number = run.batches.count()
        written = _write(run, span, now, batch=number, newest_person=newest["person"])
        run.applied_pass, run.applied_number = int(span.follows), span.upto
        run.progress_done += sum(written.values())
        run.seen, run.compare_again = newest_rows(), stale
        run.heartbeat_at = clock_now()
        run.save(
            update_fields=[
                *("applied_pass", "applied_number", "progress_done", "seen", "compare_again", "heartbeat_at"),
            ]
        )
        if any(written.values()):
            _keep_batch(run, number, sum(written.values()), now, before=newest, later=later)
            record(
                deed="intake.batch_applied",
                by=run.started_by,
                now=now,
                subject_kind="import",
                subject_key=run.key,
                details={**written, "from": span.above, "to": span.upto},
            )
    return True


def newest_rows() -> dict[str, Any]:
    """The newest persons, stints, addresses, wishes to be stored only, former names.

    What is newer in a batch's turn somebody else wrote. Also how much was undone, for that takes rows away.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT COALESCE(MAX(id), 0) FROM people_person), (SELECT COALESCE(MAX(id), 0) FROM people_stint),"
            " (SELECT COALESCE(MAX(id), 0) FROM people_emailaddress),"
            " (SELECT COALESCE(MAX(id), 0) FROM contact_suppression WHERE scope = 'erased'),"
            " (SELECT MAX(stored_only_since) FROM people_person WHERE stored_only_since IS NOT NULL),"
            " (SELECT COUNT(*) FROM intake_appliedbatch WHERE undone),"
            " (SELECT COALESCE(MAX(id), 0) FROM programme_departmentalias),"
            " (SELECT COALESCE(MAX(id), 0) FROM programme_placealias)"
        )
        person, stint, address, erased, stored_only, undone, *names = cursor.fetchone()
    return {
        "person": person,
        "stint": stint,
        "address": address,
        "erased": erased,
        "stored_only": str(stored_only or ""),
        "undone": undone,
        "names": names,
    }


def _newest_of_later() -> dict[str, int]:
    """The newest of what can come to depend on an import."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT COALESCE(MAX(id), 0) FROM departures_departure),"
            " (SELECT COALESCE(MAX(id), 0) FROM mail_message), (SELECT COALESCE(MAX(id), 0) FROM audit_event)"
        )
        departure, message, event = cursor.fetchone()
    return {"departures_above": departure, "messages_above": message, "events_above": event}


def _keep_batch(
    run: ImportRun, number: int, rows: int, now: datetime, *, before: dict[str, Any], later: dict[str, int]
) -> None:
    """Write down between which ids the rows stand that this batch made, so that it can be undone."""
    AppliedBatch.objects.create(
        run=run,
        number=number,
        rows=rows,
        at=now,
        people_above=before["person"],
        people_upto=run.seen["person"],
        stints_above=before["stint"],
        stints_upto=run.seen["stint"],
        addresses_above=before["address"],
        addresses_upto=run.seen["address"],
        **later,
    )


def wait_for_turn() -> None:
    """Imports write one after the other, so that two files with the same new person make one person.

    On SQLite the transaction itself is exclusive.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    # Nor is a department merged away while stints come to it.
    hold_structure()


def _next_span(run: ImportRun) -> _Span | None:
    for follows in (False, True) if run.applied_pass == 0 else (True,):
        above = run.applied_number if follows == bool(run.applied_pass) else 0
        waiting = StagedRow.objects.filter(
            run_id=run.pk, follows=follows, outcome__in=[Outcome.NEW, Outcome.CHANGED], number__gt=above
        ).order_by("number")
        last = waiting[:BATCH].aggregate(last=Max("number"))["last"]
        if last is not None:
            return _Span(run.pk, follows, above, last)
    return None


# --- comparing anew


def _compare_again(run: ImportRun, span: _Span, *, today: date) -> None:
    """Decide over the rows of a batch once more, because something was written since they were compared."""
    waiting = StagedRow.objects.filter(
        run_id=run.pk,
        follows=span.follows,
        outcome__in=[Outcome.NEW, Outcome.CHANGED],
        number__gt=span.above,
        number__lte=span.upto,
    ).order_by("number")
    rows = list(waiting.values_list(*SAID, "person_key"))
    known = KnownPeople(source=run.source, today=today)
    departments, places = Names(present_names(Department)), Names(present_names(Place))
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        said = [NormalRow(*row[: len(SAID)]) for row in chunk]
        for row in said:
            row.department, row.place = departments.on_file(row.department), places.on_file(row.place)
        keys = [row[-1] for row in chunk]
        known.about(said, besides=run.pk, keys=keys)
        dead = dead_addresses(said)
        anew = []
        for row, (*_said, key) in zip(said, chunk, strict=True):
            try:
                decision = decide(row, known, person_key=key)
            except RowRefused as refusal:
                if refusal.unsaid:
                    nothing = refused_tuple(run.pk, NormalRow(row.number), refusal, None)
                    _replace([(*nothing[1:], run.pk, row.number)], follows=span.follows)
                    StagedChange.objects.filter(run=run, number=row.number).delete()
                else:
                    _reject(run.pk, [row.number], str(refusal), conflict=refusal.contradicts)
                continue
            if span.follows and decision.person is None:
                _reject(run.pk, [row.number], _("The row that comes first for this person was not taken in."))
                continue
            left_alone(decision, mode=Mode(run.mode), made_here=key if span.follows else "")
            anew.append((*staged_tuple(run.pk, row, decision, dead, person_key=key)[1:], run.pk, row.number))
        _replace(anew, follows=span.follows)


def _replace(rows: Sequence[tuple[Any, ...]], *, follows: bool) -> None:
    """Write what was decided anew over what was decided before."""
    if not rows:
        return
    names = COLUMNS[1:]
    at = names.index("follows")
    sets = ", ".join(f"{name} = %s" for name in names)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {ROW_TABLE} SET {sets} WHERE run_id = %s AND number = %s",
            [(*row[:at], follows, *row[at + 1 :]) for row in rows],
        )


def _reject(run_id: int, numbers: Sequence[int], reason: str, *, conflict: bool = True) -> None:
    StagedRow.objects.filter(run_id=run_id, number__in=numbers).update(
        outcome=Outcome.REJECTED, reason=reason[:600], conflict=conflict, writes="", opens_departure=False
    )


# --- writing


def _set(becomes: dict[str, str]) -> str:
    return ", ".join(f"{name} = {expression}" for name, expression in becomes.items())


_BATCH = f"""{ROW_TABLE} s WHERE s.run_id = %(run)s AND s.follows = %(follows)s
    AND s.number > %(above)s AND s.number <= %(upto)s"""
# Whom a row is about. Who is new was made by this batch and stands among the newest persons; looking for the keys of
# 10,000 among all persons would take the longer the more there are.
_MADE_NOW = "s.outcome = 'new' AND p.key = s.person_key AND p.id > %(newest_person)s"
_ON_FILE = "s.outcome = 'changed' AND p.id = s.person_ref"


def _write(run: ImportRun, span: _Span, now: datetime, *, batch: int, newest_person: int) -> dict[str, int]:
    # As the ORM would write it: SQLite keeps times as text in UTC without an offset.
    moment = connection.ops.adapt_datetimefield_value(now)
    parameters = span.parameters | {
        "now": moment,
        "source": run.source,
        "batch": batch,
        "newest_person": newest_person,
    }
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT s.outcome, COUNT(*) FROM {_BATCH} GROUP BY s.outcome", parameters)
        waiting: dict[str, int] = dict(cursor.fetchall())
        created, changed = waiting.get(Outcome.NEW, 0), waiting.get(Outcome.CHANGED, 0)
        for table, column in ((Department._meta.db_table, "department"), (Place._meta.db_table, "place")):
            cursor.execute(_NEW_NAMES.format(table=table, column=column), parameters)
        if created:
            cursor.execute(_NEW_PERSONS, parameters)
            cursor.execute(_NEW_STINTS.format(person=_MADE_NOW), parameters)
            _add_addresses(cursor, parameters, person=_MADE_NOW)
            cursor.execute(_NEW_TEXTS, parameters)
            words.keep(text for (text,) in cursor.fetchall())
        if changed:
            changed -= _reject_without_person(cursor, run, parameters)
            cursor.execute(_NEW_STINTS.format(person=_ON_FILE), parameters)
            keep_former(cursor, Stint, rows=_OF_STINTS, becomes=_STINT_BECOMES, parameters=parameters)
            cursor.execute(_CHANGED_STINTS, parameters)
            keep_former(cursor, Person, rows=_OF_PERSONS, becomes=_PERSON_BECOMES, parameters=parameters)
            cursor.execute(_CHANGED_PERSONS, parameters)
            _add_addresses(cursor, parameters, person=_ON_FILE)
            keep_former(cursor, EmailAddress, rows=_OF_ADDRESSES, becomes=_ADDRESS_BECOMES, parameters=parameters)
            cursor.execute(_GIVEN_DAYS, parameters)
            note_sources(cursor, parameters=parameters)
            cursor.execute(_CHANGED_PEOPLE, parameters)
            refresh_search_texts(people=[pk for (pk,) in cursor.fetchall()])
    return {"created": created, "updated": changed}


_NEW_NAMES = (
    "INSERT INTO {table} (name) SELECT DISTINCT s.{column} FROM "
    + _BATCH
    + """ AND s.outcome IN ('new', 'changed') AND s.{column} <> ''
    AND NOT EXISTS (SELECT 1 FROM {table} known WHERE known.name = s.{column})
    AND NOT EXISTS (SELECT 1 FROM {table}alias former WHERE former.name = s.{column})
    ON CONFLICT DO NOTHING"""
)

_NEW_TEXTS = f"SELECT s.search_text FROM {_BATCH} AND s.outcome = 'new'"

_NEW_PERSONS = f"""
    INSERT INTO people_person
        (key, full_name, called, sort_name, search_text, language, country, source, created_at, updated_at)
    SELECT s.person_key, s.full_name, s.called, s.sort_name, s.search_text, s.language, s.country, %(source)s,
        %(now)s, %(now)s
    FROM {_BATCH} AND s.outcome = 'new' ORDER BY s.number"""

_NEW_STINTS = (
    """
    INSERT INTO people_stint (person_id, source, employee_number, contract_kind, department_id, place_id, title,
        manager, starts_on, ends_on, status, how_ended, created_at, updated_at)
    SELECT p.id, %(source)s, s.employee_number, s.contract_kind, COALESCE(d.id, da.department_id),
        COALESCE(l.id, la.place_id), s.title,
        s.manager, s.starts_on, s.ends_on, CASE WHEN s.status = '' THEN 'unknown' ELSE s.status END, s.how_ended,
        %(now)s, %(now)s
    FROM people_person p, """
    + ROW_TABLE
    + """ s LEFT JOIN programme_department d ON d.name = s.department LEFT JOIN programme_place l ON l.name = s.place
    LEFT JOIN programme_departmentalias da ON da.name = s.department
    LEFT JOIN programme_placealias la ON la.name = s.place
    WHERE s.run_id = %(run)s AND s.follows = %(follows)s AND s.number > %(above)s AND s.number <= %(upto)s
        AND s.writes LIKE '%%n%%' AND {person}"""
)


def _clears(name: str) -> str:
    """Whether an empty cell empties that field of the stint; see `deciding._clears`."""
    cell = f"s.clears LIKE '%%{CLEARED[name]}%%'"
    return f"({cell} AND people_stint.how_ended <> 'death')" if name == "how_ended" else cell


# What a column of a stint on file becomes. An empty cell leaves what is there unless it clears it; a last day can be
# taken back. A stint that was typed in, or had no number, becomes this feed's, as `deciding.takes_over` says.
_TAKEN_OVER = """CASE WHEN s.employee_number <> '' AND (people_stint.employee_number = ''
    OR people_stint.source = 'typed') THEN {} ELSE people_stint.{} END"""
_STINT_BECOMES = {
    **{
        name: f"CASE WHEN s.{name} = '' AND NOT {_clears(name)} THEN people_stint.{name} ELSE s.{name} END"
        for name in ("title", "manager", "contract_kind", "how_ended")
    },
    **{
        f"{unit}_id": f"COALESCE((SELECT u.id FROM programme_{unit} u WHERE u.name = s.{unit}), "
        f"(SELECT a.{unit}_id FROM programme_{unit}alias a WHERE a.name = s.{unit}), "
        f"CASE WHEN {_clears(unit)} THEN NULL ELSE people_stint.{unit}_id END)"
        for unit in ("department", "place")
    },
    "status": "CASE WHEN s.status = '' THEN people_stint.status ELSE s.status END",
    "starts_on": "COALESCE(s.starts_on, people_stint.starts_on)",
    "ends_on": "CASE WHEN s.clears_end THEN NULL ELSE COALESCE(s.ends_on, people_stint.ends_on) END",
    "source": _TAKEN_OVER.format("%(source)s", "source"),
    "employee_number": _TAKEN_OVER.format("s.employee_number", "employee_number"),
}
_OF_STINTS = f"{_BATCH} AND s.outcome = 'changed' AND s.writes LIKE '%%s%%' AND people_stint.id = s.stint_ref"
_CHANGED_STINTS = f"UPDATE people_stint SET {_set(_STINT_BECOMES)}, updated_at = %(now)s FROM {_OF_STINTS}"

_PERSON_BECOMES = {
    name: f"CASE WHEN s.writes LIKE '%%{letter}%%' THEN s.{name} ELSE people_person.{name} END"
    for name, letter in (("full_name", "m"), ("sort_name", "m"), ("called", "c"), ("language", "l"), ("country", "r"))
}
_OF_PERSONS = f"""{_BATCH} AND s.outcome = 'changed'
    AND (s.writes LIKE '%%m%%' OR s.writes LIKE '%%c%%' OR s.writes LIKE '%%l%%' OR s.writes LIKE '%%r%%')
    AND people_person.id = s.person_ref"""
_CHANGED_PERSONS = f"UPDATE people_person SET {_set(_PERSON_BECOMES)}, updated_at = %(now)s FROM {_OF_PERSONS}"

# Nothing here verifies an address, and one that is there keeps its kind and its state.
_NEW_ADDRESSES = (
    """
    INSERT INTO people_emailaddress (person_id, kind, address, fingerprint, state, source, given_on, created_at)
    SELECT p.id, '{kind}', s.{kind}_email, s.{kind}_mark,
        CASE WHEN s.dead LIKE '%%{letter}%%' THEN 'dead' ELSE 'unverified' END, %(source)s, {given}, %(now)s
    FROM people_person p, """
    + _BATCH
    + """ AND {person} AND s.{kind}_email <> '' AND (s.writes LIKE '%%n%%' OR s.writes LIKE '%%a%%')
    ON CONFLICT (person_id, address) DO NOTHING"""
)

# The day a private address was given for staying in touch is kept once known, and wakes no dead address.
_ADDRESS_BECOMES = {"given_on": "s.given_on"}
_OF_ADDRESSES = f"""{_BATCH} AND s.outcome = 'changed' AND s.given_on IS NOT NULL
    AND (s.writes LIKE '%%g%%' OR s.writes LIKE '%%n%%')
    AND people_emailaddress.person_id = s.person_ref AND people_emailaddress.address = s.private_email
    AND people_emailaddress.kind = 'private' AND people_emailaddress.state <> 'dead'
    AND people_emailaddress.given_on IS NULL"""
_GIVEN_DAYS = f"UPDATE people_emailaddress SET {_set(_ADDRESS_BECOMES)} FROM {_OF_ADDRESSES}"

_WITHOUT_PERSON = f"""
    SELECT s.number FROM {_BATCH} AND s.outcome = 'changed'
        AND (NOT EXISTS (SELECT 1 FROM people_person p WHERE p.id = s.person_ref)
            OR (s.stint_ref IS NOT NULL AND NOT EXISTS (SELECT 1 FROM people_stint t WHERE t.id = s.stint_ref)))"""

_CHANGED_PEOPLE = f"SELECT p.id FROM people_person p, {_BATCH} AND {_ON_FILE}"


def _add_addresses(cursor: Any, parameters: dict[str, Any], *, person: str) -> None:
    for kind, given in (("business", "NULL"), ("private", "s.given_on")):
        cursor.execute(_NEW_ADDRESSES.format(kind=kind, given=given, letter=kind[0], person=person), parameters)


def _reject_without_person(cursor: Any, run: ImportRun, parameters: dict[str, Any]) -> int:
    cursor.execute(_WITHOUT_PERSON, parameters)
    numbers = [number for (number,) in cursor.fetchall()]
    if numbers:
        _reject(run.pk, numbers, _("The person this row is about was removed while the import ran."))
    return len(numbers)
