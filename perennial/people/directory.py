"""The directory: who is found by words and filters, in pages that cost the same wherever they lie.

Few are found: they are sorted, so that the rarest word decides. Many are found: the index by name is walked from where
the page begins, and what does not fit is passed over. Which of the two is told by a count that stops at `COUNTED`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from difflib import SequenceMatcher
from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection, transaction
from django.db.models import CharField, Exists, F, Field, Func, OrderBy, OuterRef, Q, QuerySet, TextField

from perennial.kernel.text import one_line, searchable, spellings
from perennial.people.enums import ContractKind, HowEnded, StintStatus
from perennial.people.indexes import has_trigrams
from perennial.people.models import Person, Stint
from perennial.people.queries import with_latest_stints

COUNTED = 10_000
WORDS = 8
# How alike a word on file must be to stand for a mistyped one, by how many letters they may differ, and the shortest
# that is looked for that way.
ALIKE, MISTAKES, SHORTEST_MISTYPED = 0.75, 2, 4
# As many are looked at for mistyped words; the best of them are shown.
NEAR, NEAR_SHOWN = 5_000, 25


@dataclass(frozen=True)
class Filters:
    """What somebody looks for. Empty fields ask for nothing; `department` and `place` are ids."""

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
    """A page of people. `count` stops at COUNTED + 1. `before` and `after` are keys of persons at which other pages
    end and begin, empty where there is none. `near`: nobody was found as typed, these are spelled alike."""

    people: Sequence[Any]
    count: int
    before: str = ""
    after: str = ""
    near: bool = False

    @property
    def many(self) -> bool:
        return self.count > COUNTED


def find(*, filters: Filters, size: int, before: str = "", after: str = "") -> Found:
    """A page of `size` people by name: the first, or that which follows or precedes the person with a key."""
    count = _counted(matching(filters))
    if count == 0 and filters.text:
        return _spelled_alike(filters)
    people = matching(filters, walking=count > COUNTED)
    backwards = bool(before)
    rows = _from(people, before or after, backwards=backwards, walking=count > COUNTED)[: size + 1]
    keys = list(rows.values_list("pk", "key"))
    more = len(keys) > size
    keys = keys[:size]
    if backwards:
        keys.reverse()
    shown = _shown([pk for pk, _key in keys])
    return Found(
        people=shown,
        count=count,
        before=keys[0][1] if keys and (more if backwards else bool(after)) else "",
        after=keys[-1][1] if keys and (more or backwards) else "",
    )


def matching(filters: Filters, *, walking: bool = False) -> QuerySet[Person]:
    """Everybody who fits `filters`, in no order. `walking`: the caller goes by the index of names."""
    people = Person.objects.order_by()
    if walking:
        # The words are compared, not looked up: their index would fetch everybody before the first is shown.
        people = people.annotate(words=_computed("search_text", TextField()))
    field = "words" if walking else "search_text"
    for word in one_line(filters.text).split()[:WORDS]:
        any_spelling = Q()
        for spelling in spellings(word):
            any_spelling |= Q(**{f"{field}__contains": spelling})
        people = people.filter(any_spelling)
    stints = _stints(filters)
    if stints is None:
        return people
    if walking:
        return people.filter(Exists(stints.filter(person=OuterRef("pk"))))
    return people.filter(pk__in=stints.order_by().values("person"))


def _stints(filters: Filters) -> QuerySet[Stint] | None:
    """The stints that fit all that is asked of a stint, or None when nothing is."""
    asked: dict[str, object] = {
        "department": filters.department,
        "place": filters.place,
        "status": filters.status,
        "contract_kind": filters.contract_kind,
        "how_ended": filters.how_ended,
        "ends_on__gte": filters.left_from,
        "ends_on__lte": filters.left_until,
    }
    asked = {name: value for name, value in asked.items() if value}
    return Stint.objects.filter(**asked) if asked else None


def _counted(people: QuerySet[Person]) -> int:
    return people.values("pk")[: COUNTED + 1].count()


def _from(people: QuerySet[Any], key: str, *, backwards: bool, walking: bool) -> QuerySet[Any]:
    """`people` by name from the person with `key` on, that person left out; from the beginning when there is none."""
    start = Person.objects.filter(key=key).values_list("sort_name", "pk").first() if key else None
    if start is not None:
        name, pk = start
        side = "lt" if backwards else "gt"
        # The first condition alone is what the index needs; the second settles those of the same name.
        people = people.filter(**{f"sort_name__{side}e": name}).filter(
            Q(**{f"sort_name__{side}": name}) | Q(sort_name=name, **{f"pk__{side}": pk})
        )
    # An expression, so that few are found by what is rare about them and sorted, not met on a walk along all names.
    name_order: F | Func = F("sort_name") if walking else _computed("sort_name", CharField())
    return people.order_by(OrderBy(name_order, descending=backwards), "-pk" if backwards else "pk")


def _computed(field: str, kind: Field[Any, Any]) -> Func:
    """The same text, but not what an index was made of."""
    return Func(F(field), template="(%(expressions)s || '')", output_field=kind)


def _shown(pks: Sequence[int]) -> list[Any]:
    """Those persons, as `with_latest_stints` has them, in the order given."""
    rows = {person.pk: person for person in with_latest_stints(Person.objects.filter(pk__in=pks))}
    return [rows[pk] for pk in pks]


# --- mistyped words


def _spelled_alike(filters: Filters) -> Found:
    """Those whose words are nearly the ones typed, the likest first."""
    words = [searchable(word) for word in one_line(filters.text).split()[:WORDS]]
    stints = _stints(filters)
    people = Person.objects.order_by()
    if stints is not None:
        people = people.filter(pk__in=stints.order_by().values("person"))
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
    # One mistake leaves one of the halves as it was.
    half = len(long) // 2
    parts = Q(search_text__contains=long[:half]) | Q(search_text__contains=long[half:])
    return people.filter(parts).order_by("pk").values_list("pk", "search_text")[:NEAR].iterator(chunk_size=1000)
