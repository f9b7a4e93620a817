"""The directory: who is found by words and filters, in pages that cost the same wherever they lie.

Everybody is shown by walking the index of names from where a page begins. Who is found by words or filters, or wanted
in another order, is fetched, up to `MOST_FOUND`, and sorted: nobody reads further than that, they add a word.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Value

from perennial.kernel.text import one_line, searchable, sort_key, spellings
from perennial.people.enums import ContractKind, HowEnded, Sort, StintStatus
from perennial.people.models import Person, PersonSkill, Position, Stint
from perennial.people.queries import (
    LATEST_FIRST,
    leaves_out,
    with_latest_stints,
    with_life_elsewhere,
    without_stored_only,
)
from perennial.people.words import alike, likeness
from perennial.programme.models import Department, Place
from perennial.programme.structure import departments_with_below

MOST_FOUND = 1_000
WORDS = 8
# Of those who may have been meant by mistyped words so many are looked at; the likest are shown.
NEAR, NEAR_SHOWN = 500, 25
# As many stints are read at first: some people have several that fit.
STINTS_READ = MOST_FOUND * 5 // 4
# More names of departments than these are not looked for among the words.
NAMES = 8
# Who has a word in their record is asked about filters one by one up to so many; of more, the filters go first.
FEW = 5_000


@dataclass(frozen=True)
class Filters:
    """What somebody looks for. Empty fields ask for nothing; `department` and `place` are ids.

    A department stands for those below it too. `company` and `skill` are any part of a name, in any case; a company is
    also meant by its web domain.
    """

    text: str = ""
    department: int | None = None
    place: int | None = None
    status: StintStatus | None = None
    contract_kind: ContractKind | None = None
    how_ended: HowEnded | None = None
    left_from: date | None = None
    left_until: date | None = None
    company: str = ""
    skill: str = ""

    def __bool__(self) -> bool:
        return any(getattr(self, each.name) for each in fields(self))


@dataclass(frozen=True)
class Found:
    """A page of people, and how many there are in all; `many`: more than MOST_FOUND, of whom some are shown.

    `before` and `after` are keys of persons at which the other pages end and begin, empty where there is none.
    `near`: nobody was found as typed, these are spelled alike.
    """

    people: Sequence[Any]
    count: int
    before: str = ""
    after: str = ""
    many: bool = False
    near: bool = False


def find(
    *,
    among: QuerySet[Person],
    filters: Filters,
    size: int,
    before: str = "",
    after: str = "",
    sort: Sort = Sort.NAME,
) -> Found:
    """A page of `size` people in an order: the first, or that which follows or precedes the person with a key.

    `among` are those who may be found at all; see `queries.visible_to`.
    """
    if not filters and sort is Sort.NAME:
        return _everybody(among, size=size, before=before, after=after)
    found, many = _found(among, filters, sort)
    if not found and filters.text:
        return _spelled_alike(among, filters)
    keys = [key for _pk, key in found]
    start = _place_of(after, keys, otherwise=-1) + 1
    if before:
        start = max(0, _place_of(before, keys, otherwise=0) - size)
    shown = found[start : start + size]
    return Found(
        people=_shown([pk for pk, _key in shown]),
        count=len(keys),
        before=keys[start] if start else "",
        after=keys[start + size - 1] if start + size < len(keys) else "",
        many=many,
    )


def matching(filters: Filters, *, among: QuerySet[Person]) -> QuerySet[Person]:
    """Everybody among those who fits `filters`, in no order."""
    people = _elsewhere(_holding_words(among, filters), filters)
    stints = _stints(filters)
    return people if stints is None else people.filter(pk__in=stints.values("person"))


def _holding_words(people: QuerySet[Person], filters: Filters) -> QuerySet[Person]:
    people = people.order_by()
    for word in one_line(filters.text).split()[:WORDS]:
        any_spelling = Q()
        for spelling in spellings(word):
            any_spelling |= Q(search_text__contains=spelling)
        people = people.filter(any_spelling)
    return people


def _elsewhere(people: QuerySet[Person], filters: Filters) -> QuerySet[Person]:
    """Those of `people` who work or worked at such a company and have such a skill."""
    if filters.company:
        name = one_line(filters.company).casefold()
        at = Position.objects.filter(Q(company__name_key__contains=name) | Q(company__domain__contains=name))
        people = people.filter(pk__in=at.order_by().values("person"))
    if filters.skill:
        having = PersonSkill.objects.filter(skill__name_key__contains=one_line(filters.skill).casefold())
        people = people.filter(pk__in=having.order_by().values("person"))
    return people


def _stints(filters: Filters) -> QuerySet[Stint] | None:
    """The stints that fit all that is asked of a stint, or None when nothing is."""
    asked: dict[str, object] = {
        "department__in": filters.department and departments_with_below(filters.department),
        "place": filters.place,
        "status": filters.status,
        "contract_kind": filters.contract_kind,
        "how_ended": filters.how_ended,
        "ends_on__gte": filters.left_from,
        "ends_on__lte": filters.left_until,
    }
    asked = {name: value for name, value in asked.items() if value}
    return Stint.objects.filter(**asked).order_by() if asked else None


def _found(among: QuerySet[Person], filters: Filters, sort: Sort) -> tuple[list[tuple[int, str]], bool]:
    """Ids and keys, in order, of at most MOST_FOUND who fit, and whether there are more."""
    stints = _stints(filters)
    people = _elsewhere(_holding_words(among, filters), filters)
    if not filters:
        ids = _first_of_everybody(among, sort)
    elif stints is None:
        ids = list(people.values_list("pk", flat=True)[: MOST_FOUND + 1])
    else:
        # Cut here, so that a large department is not read to its end. Where some are hidden, what is cut off must not
        # be counted against who is not.
        if filters.text or filters.company or filters.skill:
            stints = _of_those(_where_names_stand(people, filters), stints)
        else:
            stints = _visible(stints, among)
        whose = stints.values_list("person_id", flat=True)
        found = list(whose[:STINTS_READ])
        ids = list(dict.fromkeys(found))
        if len(found) == STINTS_READ and len(ids) <= MOST_FOUND:
            ids = list(whose.distinct()[: MOST_FOUND + 1])
    return _sorted(ids[:MOST_FOUND], sort), len(ids) > MOST_FOUND


def _sorted(ids: Sequence[int], sort: Sort) -> list[tuple[int, str]]:
    """Those persons with their keys, in order; who has no last day, or no department, comes last."""
    latest = Stint.objects.filter(person=OuterRef("pk")).order_by(*LATEST_FIRST)
    # Sorted by the database: its order is the one of the list of everybody.
    some = Person.objects.filter(pk__among=ids).order_by("sort_name", "pk")
    if sort is Sort.LAST_DAY:
        some = some.annotate(last_day=Subquery(latest.values("ends_on")[:1])).order_by(
            F("last_day").desc(nulls_last=True), "sort_name", "pk"
        )
    elif sort is Sort.DEPARTMENT:
        # By our own key: each database sorts what is no plain letter in a way of its own.
        named = some.annotate(department=Subquery(latest.values("department__name")[:1]))
        rows = sorted(
            named.values_list("pk", "key", "department"), key=lambda row: (row[2] is None, sort_key(row[2] or ""))
        )
        return [(pk, key) for pk, key, _department in rows]
    return list(some.values_list("pk", "key"))


def _first_of_everybody(among: QuerySet[Person], sort: Sort) -> list[int]:
    """MOST_FOUND + 1 ids of those who come first in an order, or all; read by an index, however many there are."""
    some = list(among.values_list("pk", flat=True)[: MOST_FOUND + 1])
    if len(some) <= MOST_FOUND:
        return some
    first = dict.fromkeys(_left_last(among) if sort is Sort.LAST_DAY else _first_departments(among))
    if len(first) <= MOST_FOUND:
        first |= dict.fromkeys(among.exclude(pk__in=list(first)).values_list("pk", flat=True)[: MOST_FOUND + 1])
    return list(first)[: MOST_FOUND + 1]


def _left_last(among: QuerySet[Person]) -> list[int]:
    """Those whose latest time here ended last. One that still runs, or ended later, is the latest."""
    later = Stint.objects.filter(Q(ends_on=None) | Q(ends_on__gt=OuterRef("ends_on")), person=OuterRef("person"))
    stints = _visible(Stint.objects.filter(~Exists(later), ends_on__isnull=False), among)
    return list(stints.order_by("-ends_on", "-pk").values_list("person_id", flat=True)[:STINTS_READ])


def _first_departments(among: QuerySet[Person]) -> list[int]:
    """People of the departments whose names come first: one department at first, then twice as many each time."""
    named = Department.objects.order_by("pk").values_list("pk", "name")
    waiting = [pk for pk, _name in sorted(named, key=lambda row: sort_key(row[1]))]
    found: dict[int, None] = {}
    taken = 1
    while waiting and len(found) <= MOST_FOUND:
        stints = _visible(Stint.objects.filter(department__in=waiting[:taken]), among).order_by()
        found |= dict.fromkeys(stints.values_list("person_id", flat=True)[:STINTS_READ])
        waiting, taken = waiting[taken:], taken * 2
    return list(found)


def _visible(stints: QuerySet[Stint], among: QuerySet[Person]) -> QuerySet[Stint]:
    return stints.filter(person__in=among) if leaves_out(among) else without_stored_only(stints)


def _where_names_stand(people: QuerySet[Person], filters: Filters) -> QuerySet[Person]:
    """Fewer of `people`, and all who fit: what a department and a place are called is among the words of everybody who
    worked there, so that the index of words looks for that too.
    """
    asked: list[QuerySet[Department] | QuerySet[Place]] = []
    if filters.department:
        asked.append(Department.objects.filter(pk__in=departments_with_below(filters.department)))
    if filters.place:
        asked.append(Place.objects.filter(pk=filters.place))
    for rows in asked:
        names = list(rows.order_by("pk").values_list("name", flat=True)[: NAMES + 1])
        if 0 < len(names) <= NAMES:
            people = people.filter(reduce(or_, (Q(search_text__contains=searchable(name)) for name in names)))
    return people


def _of_those(people: QuerySet[Person], stints: QuerySet[Stint]) -> QuerySet[Stint]:
    """Those of `stints` that `people` have, so asked that neither a common word nor a large department is read to its
    end.
    """
    few = list(people.values_list("pk", flat=True)[: FEW + 1])
    if len(few) <= FEW:
        return stints.filter(person__among=few)
    # Asked of one stint after the other until enough are found: as a join it would first gather all of both.
    held = people.filter(pk=OuterRef("person")).values(held=Value(True))
    return stints.annotate(held=Subquery(held)).filter(held=True)


def _place_of(key: str, keys: Sequence[str], *, otherwise: int) -> int:
    return keys.index(key) if key in keys else otherwise


def _everybody(people: QuerySet[Person], *, size: int, before: str, after: str) -> Found:
    """A page of all `people`, by the index of names."""
    count = people.values("pk")[: MOST_FOUND + 1].count()
    backwards = bool(before)
    start = people.filter(key=before or after).values_list("sort_name", "pk").first()
    if start is not None:
        name, pk = start
        side = "lt" if backwards else "gt"
        # The first condition alone is what the index needs; the second settles those of the same name.
        people = people.filter(**{f"sort_name__{side}e": name}).filter(
            Q(**{f"sort_name__{side}": name}) | Q(sort_name=name, **{f"pk__{side}": pk})
        )
    order = ("-sort_name", "-pk") if backwards else ("sort_name", "pk")
    rows = list(people.order_by(*order).values_list("pk", "key")[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()
    return Found(
        people=_shown([pk for pk, _key in rows]),
        count=min(count, MOST_FOUND),
        before=rows[0][1] if rows and (more if backwards else start is not None) else "",
        after=rows[-1][1] if rows and (more or backwards) else "",
        many=count > MOST_FOUND,
    )


def _shown(pks: Sequence[int]) -> list[Any]:
    """Those persons, as `with_latest_stints` and `with_life_elsewhere` have them, in the order given."""
    shown = with_life_elsewhere(with_latest_stints(Person.objects.filter(pk__in=pks)))
    rows = {person.pk: person for person in shown}
    return [rows[pk] for pk in pks]


# --- mistyped words


def _spelled_alike(people: QuerySet[Person], filters: Filters) -> Found:
    """Those whose words are nearly the ones typed, the likest first."""
    typed = [searchable(word) for word in one_line(filters.text).split()[:WORDS]]
    meant = [dict.fromkeys([word, *alike(word)]) for word in typed]
    if all(len(options) == 1 for options in meant):
        return Found(people=[], count=0, near=True)
    stints = _stints(filters)
    people = _elsewhere(people.order_by(), filters)
    if stints is not None:
        people = people.filter(pk__in=stints.values("person"))
    for options in meant:
        people = people.filter(reduce(or_, (Q(search_text__contains=word) for word in options)))
    ranked = []
    for pk, text in people.order_by("pk").values_list("pk", "search_text")[:NEAR]:
        likest = [max(likeness(word, other) for other in text.split()) for word in typed]
        ranked.append((-sum(likest), pk))
    best = [pk for _likeness, pk in sorted(ranked)[:NEAR_SHOWN]]
    return Found(people=_shown(best), count=len(best), near=True)
