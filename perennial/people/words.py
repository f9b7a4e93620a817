"""The words of people's records, each once: what somebody who types a mistake may have meant.

A million people have some tens of thousands of different names and titles, so that a mistyped word is compared with
those instead of with everybody. Only words of letters are kept, no addresses and no numbers, and none that nobody's
record holds any more.
"""

from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import partial

from django.contrib.postgres.search import TrigramSimilarity
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q

from perennial.people.indexes import has_trigrams
from perennial.people.models import Person, Word

# How alike a word on file must be to stand for a mistyped one, by how many letters they may differ, and the shortest
# that is looked for that way.
ALIKE, MISTAKES, SHORTEST_MISTYPED = 0.75, 2, 4
SHORTEST, LONGEST = 3, 40
# As many of the nearest are looked at where the database ranks them by trigrams, and so many stand for the one typed.
_NEAR, _OPTIONS = 300, 4
# Two words of four letters, one of them with two letters swapped, share as little.
_FEWEST_SHARED = 0.1
_CHUNK = 5_000
# Names the lock under which new words are written, so that no two transactions wait for each other's.
_LOCK = 0x0E12_0D5


def keep(texts: Iterable[str]) -> None:
    """Keeps the words of `texts`, which are search texts; in the caller's transaction unless another writes words now.

    Then they follow when the caller's is over: to wait within it could end with each waiting for the other.
    """
    words = sorted(_words(texts))
    for start in range(0, len(words), _CHUNK):
        chunk = words[start : start + _CHUNK]
        on_file = set(Word.objects.filter(text__in=chunk).order_by().values_list("text", flat=True))
        new = [word for word in chunk if word not in on_file]
        if not new:
            continue
        if _alone():
            _write(new)
        else:
            transaction.on_commit(partial(_write_in_line, new))


def forget(texts: Iterable[str], *, but: Iterable[str] = ()) -> None:
    """Forgets those words of `texts`, not of `but`, that nobody's record holds any more."""
    words = sorted(_words(texts) - _words(but))
    held = Person.objects.filter(search_text__contains=OuterRef("text"))
    for start in range(0, len(words), _CHUNK):
        Word.objects.filter(text__in=words[start : start + _CHUNK]).exclude(Exists(held)).delete()


@transaction.atomic
def forget_unheld() -> None:
    """Forgets all words that nobody's record holds any more: for when many records went, in one pass over the rest."""
    if connection.vendor == "postgresql":
        # So that nobody counts on a word of ours that is about to go.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    texts = Person.objects.order_by().values_list("search_text", flat=True)
    held = _words(texts.iterator(chunk_size=_CHUNK))
    gone = [pk for pk, text in Word.objects.order_by().values_list("pk", "text") if text not in held]
    for start in range(0, len(gone), _CHUNK):
        Word.objects.filter(pk__in=gone[start : start + _CHUNK]).delete()


def alike(typed: str) -> list[str]:
    """The words on file that `typed`, a searchable word, may have been meant to be; the likest first."""
    if len(typed) < SHORTEST_MISTYPED:
        return []
    ranked = sorted((-likeness(typed, word), word) for word in _near(typed))
    return [word for negative, word in ranked if -negative >= ALIKE][:_OPTIONS]


def likeness(word: str, other: str) -> float:
    """1 where `other` holds `word`; else how much of both is the same, from 0 to 1 (Ratcliff and Obershelp)."""
    if word in other:
        return 1.0
    if abs(len(word) - len(other)) > MISTAKES or len(set(word) - set(other)) > MISTAKES:
        return 0.0
    return SequenceMatcher(None, word, other, autojunk=False).ratio()


def _words(texts: Iterable[str]) -> set[str]:
    return {
        word
        for text in texts
        for word in text.split()
        if SHORTEST <= len(word) <= LONGEST and word.replace("-", "").replace("'", "").isalpha()
    }


def _alone() -> bool:
    """Whether nobody else writes new words until this transaction ends. On SQLite writers stand in line anyway."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


@transaction.atomic
def _write_in_line(words: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    _write(words)


def _write(words: list[str]) -> None:
    Word.objects.bulk_create([Word(text=word) for word in words], ignore_conflicts=True)


def _near(typed: str) -> Iterable[str]:
    """Words on file that share something with `typed`."""
    if has_trigrams():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL pg_trgm.similarity_threshold = {_FEWEST_SHARED}")
            nearest_first = TrigramSimilarity("text", typed).desc()
            words = Word.objects.filter(text__trigram_similar=typed).order_by(nearest_first, "pk")
            return list(words.values_list("text", flat=True)[:_NEAR])
    # One mistake leaves the beginning, the end or one of the halves as it was.
    half, start, end = len(typed) // 2, typed[:2], typed[-2:]
    parts = Q(text__contains=typed[:half]) | Q(text__contains=typed[half:])
    parts |= Q(text__startswith=start) | Q(text__endswith=end)
    return Word.objects.filter(parts).order_by("pk").values_list("text", flat=True).iterator(chunk_size=1000)
