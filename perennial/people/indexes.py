"""The indexes that a search by words goes by.

PostgreSQL keeps trigrams of `Person.search_text` (the extension pg_trgm), so that any part of a word is found at once,
and of the words themselves (`words.py`), so that those spelled alike are.
SQLite reads through all of it: 100,000 people take some 10 ms, and of an erased person nothing stays behind.
"""

from typing import Any

from django.db import DatabaseError, connections, transaction

_INDEXES = (
    "CREATE INDEX IF NOT EXISTS people_search_trigrams ON people_person USING gin (search_text gin_trgm_ops)",
    "CREATE INDEX IF NOT EXISTS people_word_trigrams ON people_word USING gin (text gin_trgm_ops)",
)


def has_trigrams(using: str = "default") -> bool:
    """Whether this database compares words by trigrams."""
    connection = connections[using]
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm')")
        return bool(cursor.fetchone()[0])


def keep_index(*, using: str, **_signal: Any) -> None:
    """Makes the indexes if they are not there; after every migration, so that they come once the extension is allowed.

    Without the right to make the extension everything works, only slower; `perennial check` says so.
    """
    connection = connections[using]
    if connection.vendor != "postgresql":
        return
    if not has_trigrams(using):
        try:
            with transaction.atomic(using=using), connection.cursor() as cursor:
                cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        except DatabaseError:
            return
    with connection.cursor() as cursor:
        for index in _INDEXES:
            cursor.execute(index)
