"""The directory: who is found by words and filters, in pages that cost the same wherever they lie.

Everybody is shown by walking the index of names from where a page begins. Who is found by words or filters is fetched,
up to `MOST_FOUND`, and sorted: nobody reads further than that, they add a word.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery, Value

from perennial.kernel.text import one_line, searchable, spellings
from perennial.people.enums import ContractKind, HowEnded, StintStatus
from perennial.people.models import Person, Stint
from perennial.people.queries import with_latest_stints
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

    A department stands for those below it too.
    """

    text: str = ""
    department: int | None = None
    place: int | None = None
    status: StintStatus | None = None
    contract_kind: ContractKind | None = None
    how_ended: HowEnded | None = None
    left_from: date | None = None
    left_until: date | None = None

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


def find(*, among: QuerySet[Person], filters: Filters, size: int, before: str = "", after: str = "") -> Found:
    """A page of `size` people by name: the first, or that which follows or precedes the person with a key.

    `among` are those who may be found at all; see `queries.visible_to`.
    """
    if not filters:
        return _everybody(among, size=size, before=before, after=after)
    found, many = _found(among, filters)
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
    people = _holding_words(among, filters)
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


def _found(among: QuerySet[Person], filters: Filters) -> tuple[list[tuple[int, str]], bool]:
    """Ids and keys by name of at most MOST_FOUND who fit, and whether there are more."""
    stints = _stints(filters)
    people = _holding_words(among, filters)
    if stints is None:
        ids = list(people.values_list("pk", flat=True)[: MOST_FOUND + 1])
    else:
        # Cut here, so that a large department is not read to its end. Where some are hidden, what is cut off must not
        # be counted against who is not.
        if filters.text:
            stints = _of_those(_where_names_stand(people, filters), stints)
        elif among.query.where:
            stints = stints.filter(person__in=among)
        whose = stints.values_list("person_id", flat=True)
        found = list(whose[:STINTS_READ])
        ids = list(dict.fromkeys(found))
        if len(found) == STINTS_READ and len(ids) <= MOST_FOUND:
            ids = list(whose.distinct()[: MOST_FOUND + 1])
    # Sorted by the database: its order is the one of the list of everybody.
    some = Person.objects.filter(pk__among=ids[:MOST_FOUND]).order_by("sort_name", "pk")
    return list(some.values_list("pk", "key")), len(ids) > MOST_FOUND


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
    """Those persons, as `with_latest_stints` has them, in the order given."""
    rows = {person.pk: person for person in with_latest_stints(Person.objects.filter(pk__in=pks))}
    return [rows[pk] for pk in pks]


# --- mistyped words


def _spelled_alike(people: QuerySet[Person], filters: Filters) -> Found:
    """Those whose words are nearly the ones typed, the likest first."""
    typed = [searchable(word) for word in one_line(filters.text).split()[:WORDS]]
    meant = [dict.fromkeys([word, *alike(word)]) for word in typed]
    if all(len(options) == 1 for options in meant):
        return Found(people=[], count=0, near=True)
    stints = _stints(filters)
    people = people.order_by()
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
