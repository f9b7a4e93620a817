"""The directory: who is found by words and filters, in pages that cost the same wherever they lie.

Everybody is shown by walking the index of names from where a page begins. Who is found by words or filters is fetched,
up to `MOST_FOUND`, and sorted: nobody reads further than that, they add a word.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from difflib import SequenceMatcher
from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from perennial.kernel.text import one_line, searchable, spellings
from perennial.people.enums import ContractKind, HowEnded, StintStatus
from perennial.people.indexes import has_trigrams
from perennial.people.models import Person, Stint
from perennial.people.queries import with_latest_stints
from perennial.programme.structure import departments_with_below

MOST_FOUND = 1_000
WORDS = 8
# How alike a word on file must be to stand for a mistyped one, by how many letters they may differ, and the shortest
# that is looked for that way.
ALIKE, MISTAKES, SHORTEST_MISTYPED = 0.75, 2, 4
# As many of the nearest are looked at where the database ranks them by trigrams; the best are shown.
NEAR, NEAR_SHOWN = 500, 25


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
    found = _found(among, filters)
    if not found and filters.text:
        return _spelled_alike(among, filters)
    many = len(found) > MOST_FOUND
    found = found[:MOST_FOUND]
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


def _found(among: QuerySet[Person], filters: Filters) -> list[tuple[int, str]]:
    """Ids and keys by name of those who fit; when they are too many, of MOST_FOUND + 1 of them."""
    stints = _stints(filters)
    people = _holding_words(among, filters)
    if stints is not None and not filters.text:
        # Cut here, so that a large department is not read to its end; nobody has so many stints that too few remain.
        # Where some are hidden, what is cut off must not be counted against who is not.
        if among.query.where:
            stints = stints.filter(person__in=among)
        people = people.filter(pk__in=stints.values("person")[: 4 * MOST_FOUND])
    elif stints is not None:
        people = people.filter(pk__in=stints.values("person"))
    ids = list(people.values_list("pk", flat=True)[: MOST_FOUND + 1])
    # Sorted by the database: its order is the one of the list of everybody.
    return list(Person.objects.filter(pk__in=ids).order_by("sort_name", "pk").values_list("pk", "key"))


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
    words = [searchable(word) for word in one_line(filters.text).split()[:WORDS]]
    stints = _stints(filters)
    people = people.order_by()
    if stints is not None:
        people = people.filter(pk__in=stints.values("person"))
    ranked = []
    for pk, text in _near(people, words):
        on_file = text.split()
        likeness = [max((_likeness(word, other) for other in on_file), default=0.0) for word in words]
        if likeness and min(likeness) >= ALIKE:
            ranked.append((-sum(likeness), pk))
    best = [pk for _likeness_of_all, pk in sorted(ranked)[:NEAR_SHOWN]]
    return Found(people=_shown(best), count=len(best), near=True)


def _likeness(word: str, other: str) -> float:
    """1 where `other` holds `word`; else how much of both is the same, from 0 to 1 (Ratcliff and Obershelp)."""
    if word in other:
        return 1.0
    if abs(len(word) - len(other)) > MISTAKES or len(set(word) - set(other)) > MISTAKES:
        return 0.0
    return SequenceMatcher(None, word, other, autojunk=False).ratio()


def _near(people: QuerySet[Person], words: Sequence[str]) -> Iterable[tuple[int, str]]:
    """Persons, by id and words, who may be meant by mistyped `words`: the longest of them decides whom we look at."""
    long = max(words, key=len, default="")
    if len(long) < SHORTEST_MISTYPED:
        return []
    if has_trigrams():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL pg_trgm.word_similarity_threshold = 0.25")
            alike = people.filter(search_text__trigram_word_similar=long)
            nearest_first = alike.order_by(TrigramWordSimilarity(long, "search_text").desc(), "pk")
            return list(nearest_first.values_list("pk", "search_text")[:NEAR])
    # One mistake leaves the beginning, the end or one of the halves as it was.
    half, start, end = len(long) // 2, long[:2], long[-2:]
    parts = Q(search_text__contains=long[:half]) | Q(search_text__contains=long[half:])
    parts |= Q(search_text__startswith=start) | Q(search_text__contains=f" {start}")
    parts |= Q(search_text__endswith=end) | Q(search_text__contains=f"{end} ")
    return people.filter(parts).order_by("pk").values_list("pk", "search_text").iterator(chunk_size=1000)
