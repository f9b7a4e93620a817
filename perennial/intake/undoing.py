"""Undoes an import, batch by batch, the last one first: a batch is undone whole or not begun.

What a batch made goes, what it changed gets its former value back, and departures that came of it go while nobody
knows of them. What something later depends on stays as it is, and that is written down with the reason.
"""

# ruff: noqa: S608 - statements are put together from constants of ours; values are parameters
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, models, router, transaction
from django.db.models import CASCADE, PROTECT, Q, QuerySet

from perennial.audit.actions import record
from perennial.departures.models import Departure
from perennial.departures.telling.queries import letters_of_nobody
from perennial.intake.applying import TakenOver, wait_for_turn
from perennial.intake.depending import (
    Made,
    addresses_in_use,
    addresses_that_stay,
    departures_in_use,
    idle_departures,
    made_by,
    people_who_stay,
    stints_that_stay,
)
from perennial.intake.enums import ImportState
from perennial.intake.former import LEADING, OF_ADDRESS, OF_PERSON, OF_STINT, as_text, as_value, column_of
from perennial.intake.models import AppliedBatch, FormerValue, ImportRun, LeftStanding
from perennial.intake.staging_table import CHUNK, unhurried_commit
from perennial.kernel.clock import now as clock_now
from perennial.mail.models import Mailing, Message
from perennial.people.actions import refresh_search_texts
from perennial.people.enums import AddressState
from perennial.people.models import EmailAddress, Person, Provenance, Stint
from perennial.programme.models import Department, Place
from perennial.programme.structure import merged_into

# Together they tell a stint from all others.
_NAMED_BY = frozenset({"source", "employee_number", "starts_on"})


@dataclass(slots=True)
class Taken:
    """How many of what go, and how many values are given back."""

    people: int = 0
    stints: int = 0
    addresses: int = 0
    departures: int = 0
    values: int = 0

    @property
    def any(self) -> bool:
        return any(asdict(self).values())

    def __add__(self, other: "Taken") -> "Taken":
        return Taken(**{name: count + getattr(other, name) for name, count in asdict(self).items()})


class _Kept(NamedTuple):
    """A field as `FormerValue` has it."""

    name: str
    before: str
    after: str
    said_by: str
    said_at: datetime | None


@dataclass(slots=True)
class Undoing:
    """What undoing a batch does. `left`: of which person what stays as it is, and why."""

    people: list[int] = field(default_factory=list)
    stints: list[int] = field(default_factory=list)
    addresses: list[int] = field(default_factory=list)
    departures: list[int] = field(default_factory=list)
    # Fields and the values they get back, by person, stint, address.
    of_people: dict[int, dict[str, Any]] = field(default_factory=dict)
    of_stints: dict[int, dict[str, Any]] = field(default_factory=dict)
    of_addresses: dict[int, dict[str, Any]] = field(default_factory=dict)
    # Who had said what stood there, by row and field.
    kept: dict[tuple[int, str], _Kept] = field(default_factory=dict)
    left: list[tuple[int, str, str]] = field(default_factory=list)
    # Persons who stay and are to be found by other words afterwards.
    searched_otherwise: set[int] = field(default_factory=set)

    @property
    def taken(self) -> Taken:
        given_back = [*self.of_people.values(), *self.of_stints.values(), *self.of_addresses.values()]
        values = sum(len(fields.keys() - {"sort_name"}) for fields in given_back)
        return Taken(len(self.people), len(self.stints), len(self.addresses), len(self.departures), values)


def undo_batch(*, run_id: int, worker: str, now: datetime) -> bool:
    """Undo the last batch of a run that is not undone yet; returns False when none is left. Raises TakenOver."""
    with transaction.atomic():
        unhurried_commit()
        wait_for_turn()
        run = ImportRun.objects.select_for_update().get(pk=run_id)
        if run.worker != worker or run.state != ImportState.UNDOING:
            raise TakenOver
        batches = list(run.batches.order_by("number"))
        batch = next((each for each in reversed(batches) if not each.undone), None)
        if batch is None:
            return False
        undoing = look_at(batch, run_made=made_by(batches), hold=True)
        _carry_out(run, undoing, now)
        batch.undone = True
        batch.save(update_fields=["undone"])
        run.undone = asdict(Taken(**run.undone) + undoing.taken)
        run.progress_done += batch.rows
        run.heartbeat_at = clock_now()
        run.save(update_fields=["undone", "progress_done", "heartbeat_at"])
        record(
            deed="intake.batch_undone",
            by=run.undone_by,
            now=now,
            subject_kind="import",
            subject_key=run.key,
            details={**asdict(undoing.taken), "left": len(undoing.left), "batch": batch.number},
        )
    return True


def look_at(batch: AppliedBatch, *, run_made: Made, hold: bool = False) -> Undoing:
    """What undoing `batch` does. With `hold`, in a transaction, nobody can come in between before it is done."""
    undoing = Undoing()
    made = Q(pk__gt=batch.people_above, pk__lte=batch.people_upto) & run_made.people
    if hold:
        # In the order in which the leaver's page locks, so that neither waits for the other. Letters too: one that is
        # approved from here on waits, and finds itself gone.
        within = Q(person_id__gt=batch.people_above, person_id__lte=batch.people_upto)
        _hold(Departure.objects.filter(within))
        _hold(Message.objects.filter(within))
        _hold(Person.objects.filter(made))
    stays = people_who_stay(batch=batch, run_made=run_made)
    for pk in Person.objects.filter(made).order_by("pk").values_list("pk", flat=True):
        if pk in stays:
            undoing.left.append((pk, "person", stays[pk]))
        else:
            undoing.people.append(pk)
    _look_at_rows_of_others(batch, run_made, undoing, hold=hold)
    _look_at_values(batch, run_made, undoing, hold=hold)
    return undoing


def _look_at_rows_of_others(batch: AppliedBatch, run_made: Made, undoing: Undoing, *, hold: bool) -> None:
    """Stints and addresses that were added to people who were on file; those of new people go or stay with them."""
    ours = Person.objects.filter(run_made.people).values("pk")
    for what, rows, going, asked in (
        ("stint", Stint.objects.filter(_of(batch, "stints")), undoing.stints, "stints"),
        ("address", EmailAddress.objects.filter(_of(batch, "addresses")), undoing.addresses, "addresses"),
    ):
        found = dict(rows.exclude(person__in=ours).order_by("pk").values_list("pk", "person_id"))
        if not found:
            continue
        ids = list(found)
        if hold and what == "stint":
            _hold(Departure.objects.filter(stint__among=ids))
        if hold:
            _hold(rows.model._default_manager.filter(pk__among=ids))
        answer = stints_that_stay if asked == "stints" else addresses_that_stay
        stays = answer(batch=batch, **{asked: ids})
        for pk, person in found.items():
            if pk in stays:
                undoing.left.append((person, what, stays[pk]))
            else:
                going.append(pk)
                undoing.searched_otherwise.add(person)


def _of(batch: AppliedBatch, table: str) -> Q:
    above, upto = getattr(batch, f"{table}_above"), getattr(batch, f"{table}_upto")
    return Q(pk__gt=above, pk__lte=upto, created_at=batch.at)


# --- former values


def _look_at_values(batch: AppliedBatch, run_made: Made, undoing: Undoing, *, hold: bool) -> None:
    kept = list(
        FormerValue.objects.filter(run_id=batch.run_id, batch=batch.number)
        .order_by("pk")
        .values_list("person_ref", "row_ref", "field", "before", "after", "said_by", "said_at")
    )
    if not kept:
        return
    on_file = Person.objects.filter(pk__among={person for person, *_rest in kept}).exclude(run_made.people)
    known = set(on_file.values_list("pk", flat=True))
    by_row: dict[str, dict[int, list[_Kept]]] = {"person": {}, "stint": {}, "address": {}}
    for person, row, name, before, after, said_by, said_at in kept:
        each = _Kept(name, before, after, said_by, said_at)
        if person in known:
            kind = "person" if each.name in OF_PERSON else "stint" if each.name in OF_STINT else "address"
            by_row[kind].setdefault(row, []).append(each)
            undoing.kept[row, each.name] = each
    _look_at_values_of_people(by_row["person"], undoing, hold=hold)
    _look_at_values_of_stints(batch, by_row["stint"], undoing, hold=hold)
    _look_at_values_of_addresses(batch, by_row["address"], undoing, hold=hold)


def _look_at_values_of_people(by_row: dict[int, list[_Kept]], undoing: Undoing, *, hold: bool) -> None:
    for row in _rows(Person.objects.filter(pk__among=by_row), "pk", OF_PERSON, hold=hold):
        back = {}
        for name, before, after, *_said in by_row[row["pk"]]:
            if as_text(row[name]) == after:
                back[name] = before
            elif as_text(row[name]) != before and name != "sort_name":
                undoing.left.append((row["pk"], name, "changed"))
        if "full_name" not in back and len(back) == 1:
            # How a name is sorted says nothing without the name.
            back.pop("sort_name", None)
        if back:
            undoing.of_people[row["pk"]] = back
            undoing.searched_otherwise.add(row["pk"])


def _look_at_values_of_stints(
    batch: AppliedBatch, by_row: dict[int, list[_Kept]], undoing: Undoing, *, hold: bool
) -> None:
    leading = [pk for pk, fields in by_row.items() if any(each.name in LEADING for each in fields)]
    if hold:
        _hold(Departure.objects.filter(stint__among=leading))
    rows = {row["pk"]: row for row in _rows(Stint.objects.filter(pk__among=by_row), "person_id", OF_STINT, hold=hold)}
    in_use = departures_in_use(batch=batch, stints=leading) if leading else {}
    present = {"department": _present(Department), "place": _present(Place)}
    for pk, row in rows.items():
        back = {}
        for name, before, after, *_said in by_row[pk]:
            value, wrote = as_value(name, before), as_value(name, after)
            if name in present:
                # What was merged away since is meant by its id as well.
                value, wrote = (present[name].get(each, each) for each in (value, wrote))
            if row[name] == value:
                continue
            if row[name] != wrote:
                undoing.left.append((row["person_id"], name, "changed"))
            elif name in LEADING and pk in in_use:
                undoing.left.append((row["person_id"], name, in_use[pk]))
            elif name in present and value is not None and value not in present[name]:
                undoing.left.append((row["person_id"], name, "gone"))
            else:
                back[name] = value
        starts, ends = ({**row, **back}[name] for name in ("starts_on", "ends_on"))
        if starts and ends and starts > ends:
            _withhold(back, ("starts_on", "ends_on"), row["person_id"], undoing)
        if back:
            undoing.of_stints[pk] = back
    _withhold_taken_numbers(rows, undoing)
    undoing.searched_otherwise.update(rows[pk]["person_id"] for pk in undoing.of_stints)
    moved = [pk for pk, back in undoing.of_stints.items() if back.keys() & LEADING]
    if moved:
        undoing.departures += idle_departures(batch=batch, stints=moved)


def _present(unit: type[Department | Place]) -> dict[int, int]:
    """The ids of all departments or places with the one that each leads to now."""
    found = {pk: pk for pk in unit.objects.values_list("pk", flat=True)}
    return merged_into(unit) | found


def _withhold_taken_numbers(rows: dict[int, dict[str, Any]], undoing: Undoing) -> None:
    """A number with its first day belongs to one stint; where another one has it by now, ours keeps what it has."""
    wanted: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for pk, back in undoing.of_stints.items():
        then = {**rows[pk], **back}
        if back.keys() & _NAMED_BY and then["employee_number"] and then["starts_on"]:
            wanted[then["source"], then["employee_number"], then["starts_on"]].append(pk)
    numbers = sorted({number for _source, number, _starts in wanted})
    for start in range(0, len(numbers), CHUNK):
        holding = Stint.objects.filter(employee_number__in=numbers[start : start + CHUNK]).order_by("pk")
        for pk, *named in holding.values_list("pk", "source", "employee_number", "starts_on"):
            for other in wanted.get(tuple(named), ()):
                if other != pk:
                    _withhold(undoing.of_stints[other], sorted(_NAMED_BY), rows[other]["person_id"], undoing)
    undoing.of_stints = {pk: back for pk, back in undoing.of_stints.items() if back}


def _withhold(back: dict[str, Any], names: Iterable[str], person: int, undoing: Undoing) -> None:
    for name in names:
        if back.pop(name, back) is not back:
            undoing.left.append((person, name, "clash"))


def _look_at_values_of_addresses(
    batch: AppliedBatch, by_row: dict[int, list[_Kept]], undoing: Undoing, *, hold: bool
) -> None:
    if not by_row:
        return
    in_use = addresses_in_use(batch=batch, addresses=list(by_row))
    rows = EmailAddress.objects.filter(pk__among=by_row)
    for row in _rows(rows, "person_id", (*OF_ADDRESS, "state"), hold=hold):
        for name, before, after, *_said in by_row[row["pk"]]:
            if as_text(row[name]) == before:
                continue
            if as_text(row[name]) != after:
                undoing.left.append((row["person_id"], name, "changed"))
            elif row["state"] == AddressState.VERIFIED:
                undoing.left.append((row["person_id"], name, "agreed"))
            elif row["pk"] in in_use:
                undoing.left.append((row["person_id"], name, in_use[row["pk"]]))
            else:
                undoing.of_addresses.setdefault(row["pk"], {})[name] = as_value(name, before)


def _rows(rows: QuerySet[Any], person: str, names: Sequence[str], *, hold: bool) -> Iterable[dict[str, Any]]:
    found = rows.order_by("pk")
    return (found.select_for_update(of=("self",)) if hold else found).values("pk", person, *names)


def _hold(rows: QuerySet[Any]) -> None:
    list(rows.order_by("pk").select_for_update().values_list("pk", flat=True))


# --- writing


def _carry_out(run: ImportRun, undoing: Undoing, now: datetime) -> None:
    letters = Message.objects.filter(Q(person__among=undoing.people) | Q(pk__in=_invitations(undoing)))
    mailings = list(letters.order_by().values_list("mailing_id", flat=True))
    _drop(Message, list(letters.order_by().values_list("pk", flat=True)))
    # A letter to one person is a mailing of its own and holds the name in its text.
    _drop(Mailing, list(letters_of_nobody(among=mailings).values_list("pk", flat=True)))
    _drop(Departure, undoing.departures)
    _drop(Stint, undoing.stints)
    _drop(EmailAddress, undoing.addresses)
    _drop(Person, undoing.people)
    _give_back(Person, undoing.of_people, OF_PERSON, now)
    _give_back(Stint, undoing.of_stints, OF_STINT, now)
    _give_back(EmailAddress, undoing.of_addresses, OF_ADDRESS, None)
    for of, rows in (("person", undoing.of_people), ("stint", undoing.of_stints), ("address", undoing.of_addresses)):
        _give_back_sources(of, rows, undoing)
    refresh_search_texts(people=undoing.searched_otherwise)
    LeftStanding.objects.bulk_create(
        [LeftStanding(run=run, person_ref=person, what=what, reason=reason) for person, what, reason in undoing.left],
        batch_size=1000,
    )


def _invitations(undoing: Undoing) -> QuerySet[Departure]:
    """Drafts for departures that go while the person stays."""
    going = Departure.objects.filter(Q(pk__among=undoing.departures) | Q(stint__among=undoing.stints))
    return going.exclude(invitation=None).values("invitation_id")  # type: ignore[return-value]


def _give_back(
    model: type[models.Model], rows: dict[int, dict[str, Any]], names: Sequence[str], now: datetime | None
) -> None:
    """Write values into rows, those with the same fields in one statement."""
    alike: dict[tuple[str, ...], list[tuple[Any, ...]]] = defaultdict(list)
    stamp = {} if now is None else {"updated_at": connection.ops.adapt_datetimefield_value(now)}
    for pk, back in rows.items():
        columns = tuple(name for name in names if name in back)
        alike[columns].append((*(back[name] for name in columns), *stamp.values(), pk))
    with connection.cursor() as cursor:
        for columns, values in alike.items():
            sets = ", ".join(f"{column_of(name)} = %s" for name in (*columns, *stamp))
            cursor.executemany(f"UPDATE {model._meta.db_table} SET {sets} WHERE id = %s", values)


def _give_back_sources(of: str, rows: dict[int, dict[str, Any]], undoing: Undoing) -> None:
    """What stands there again was said by whoever said it then."""
    by_field: dict[str, list[int]] = defaultdict(list)
    for pk, back in rows.items():
        for name in back:
            by_field[name].append(pk)
    for name, ids in by_field.items():
        Provenance.objects.filter(**{f"{of}__among": ids, "field": name}).delete()
    said = [(pk, undoing.kept[pk, name]) for pk, back in rows.items() for name in back]
    Provenance.objects.bulk_create(
        [
            Provenance(**{f"{of}_id": pk}, field=each.name, source=each.said_by, at=each.said_at)
            for pk, each in said
            if each.said_at is not None
        ],
        batch_size=500,
    )


def _drop(model: type[models.Model], ids: list[int]) -> None:
    """Delete rows with all that hangs on them, as the models say it, with a statement or two a table.

    Django would fetch every row and delete a hundred at a time. What must not go is protected by its foreign key.
    """
    if not ids:
        return
    for relation in hanging_on(model):
        hanging = relation.related_model._base_manager.filter(**{f"{relation.field.name}__among": ids})
        if relation.on_delete is CASCADE:
            _drop(relation.related_model, list(hanging.order_by().values_list("pk", flat=True)))
        elif relation.on_delete is not PROTECT:
            hanging.update(**{relation.field.name: None})
    model._base_manager.filter(pk__among=ids)._raw_delete(router.db_for_write(model))


def hanging_on(model: type[models.Model]) -> list[Any]:
    """Relations by which rows point at `model`, those without a name too."""
    fields = model._meta.get_fields(include_hidden=True)
    return [each for each in fields if each.auto_created and not each.concrete]


def counted(left: Iterable[tuple[int, str, str]]) -> Counter[tuple[str, str]]:
    """Of how many people what stays, and why."""
    return Counter((what, reason) for _person, what, reason in {(person, what, why) for person, what, why in left})
