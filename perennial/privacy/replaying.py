"""Erased stays erased, also when an old backup was put back: the journal is carried out again."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from perennial.contact.erased import manager_identity, name_identity, number_identity
from perennial.kernel.keys import fingerprints
from perennial.people.models import EmailAddress, Person, Stint
from perennial.privacy.actions import erase, keep_out
from perennial.privacy.journal import Entry, append, entries
from perennial.privacy.models import Erasure
from perennial.privacy.settling import entry_of

BY = "system"
_AT_ONCE = 500


def replay(*, thoroughly: bool, now: datetime) -> int:
    """Erases again whoever the journal says is erased and this database holds; returns how many people.

    By key, and of erasures that this database does not know also by the fingerprints of addresses, where the record
    is older than the erasure: who was added since, with their own will, stays. `thoroughly` also by numbers and by
    names with days, which takes a look at every stint: for when a backup was put back. What this database knows and
    the journal does not is written there first, so the two are alike afterwards. Raises JournalDamagedError.
    """
    append(map(entry_of, Erasure.objects.all()))
    journal = entries()
    if not journal:
        return 0
    unknown = _unknown(journal)
    erased_at = _erased_at(journal if thoroughly else unknown)
    found = {*_by_key(journal), *_by_address(erased_at)}
    if thoroughly:
        found |= set(_by_stint(erased_at))
    for pk in sorted(found):
        if person := Person.objects.filter(pk=pk).first():
            erase(person=person, by=BY, now=now)
    if thoroughly:
        _forget_managers(erased_at)
    # Last: whoever is interrupted before this finds the same again.
    _take_up(unknown, now)
    return len(found)


def _unknown(journal: list[Entry]) -> list[Entry]:
    """What this database does not know, since it is older than the erasure: one entry a person."""
    known = dict(Erasure.objects.values_list("person_key", "marks"))
    new: dict[str, Entry] = {}
    for entry in journal:
        if not entry.marks <= set(known.get(entry.key, ())) or entry.key not in known:
            former = new.get(entry.key)
            new[entry.key] = Entry(entry.key, entry.marks | former.marks, former.at) if former else entry
    return list(new.values())


def _erased_at(journal: list[Entry]) -> dict[str, datetime]:
    """By mark the last moment at which somebody with it was erased."""
    erased_at: dict[str, datetime] = {}
    for entry in journal:
        for mark in entry.marks:
            erased_at[mark] = max(erased_at.get(mark, entry.at), entry.at)
    return erased_at


def _take_up(unknown: list[Entry], now: datetime) -> None:
    """So that a list brings nobody back."""
    for entry in unknown:
        keep_out(marks=sorted(entry.marks), since=entry.at)
        row, made = Erasure.objects.get_or_create(
            person_key=entry.key,
            defaults={"marks": sorted(entry.marks), "at": entry.at, "by": BY, "settled_at": now},
        )
        if not made:
            row.marks = sorted({*row.marks, *entry.marks})
            row.save(update_fields=["marks"])


def _by_key(journal: list[Entry]) -> Iterator[int]:
    for some in _batches(sorted({entry.key for entry in journal})):
        yield from Person.objects.filter(key__in=some).values_list("pk", flat=True)


def _by_address(erased_at: Mapping[str, datetime]) -> Iterator[int]:
    for some in _batches(sorted(erased_at)):
        rows = EmailAddress.objects.filter(fingerprint__in=some)
        for mark, pk, created_at in rows.values_list("fingerprint", "person_id", "person__created_at"):
            if created_at < erased_at[mark]:
                yield pk


def _by_stint(erased_at: Mapping[str, datetime]) -> Iterator[int]:
    rows = Stint.objects.order_by().values_list(
        "person_id", "person__created_at", "person__full_name", "source", "employee_number", "starts_on", "ends_on"
    )
    for pk, created_at, full_name, source, number, starts_on, ends_on in rows.iterator(chunk_size=5_000):
        told = [number_identity(source, number)] if number else []
        if starts_on or ends_on:
            told.append(name_identity(full_name, starts_on, ends_on))
        if any(created_at < erased_at[mark] for text in told for mark in fingerprints(text) if mark in erased_at):
            yield pk


def _forget_managers(erased_at: Mapping[str, datetime]) -> None:
    """Whose names an old backup has brought back as others' managers."""
    managers = Stint.objects.exclude(manager="").order_by().values_list("manager", flat=True).distinct()
    told = [name for name in managers if any(mark in erased_at for mark in fingerprints(manager_identity(name)))]
    for some in _batches(told):
        Stint.objects.filter(manager__in=some).update(manager="")


def _batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), _AT_ONCE):
        yield texts[start : start + _AT_ONCE]
