"""Who is named in a data copy: the person, colleagues by their role, others not at all."""

import json
import re
from collections.abc import Callable, Iterable, Iterator

from django.db import connection

from perennial.accounts.models import User
from perennial.kernel.text import sort_name_from
from perennial.people.models import Person

WITHHELD = "[somebody else]"
# A name that may stand in somebody's words: two to five words, the first and the last with a capital letter.
_WORD = re.compile(r"[^\W\d_][\w'’.-]*", re.UNICODE)
_LONGEST = 5


class Naming:
    """Two statements when it is made, none afterwards. `texts` is everything in which others may be named."""

    def __init__(self, *, person: Person, texts: Iterable[str]) -> None:
        self._key = person.key
        users = list(User.objects.order_by("pk").values_list("pk", "role", "name"))
        self._roles = {pk: role for pk, role, _name in users}
        managers = person.stints.exclude(manager="").values_list("manager", flat=True)
        names = {name for _pk, _role, name in users} | set(managers)
        names |= _on_file(_candidates(texts), but=person)
        own = {person.full_name.casefold(), person.called.casefold()}
        wanted = sorted((name for name in names if name and name.casefold() not in own), key=len, reverse=True)
        # Whole names alone: 'Ed' is not what 'wedding' tells of.
        either = "|".join(map(re.escape, wanted))
        self._names = re.compile(rf"(?<!\w)(?:{either})(?!\w)", re.IGNORECASE) if wanted else None

    def without_others(self, text: str) -> str:
        """`text` with the names of colleagues, managers and other people on file taken out."""
        # Most are codes of one word, of which no name is looked for.
        if self._names is None or (text.islower() and " " not in text):
            return text
        return self._names.sub(WITHHELD, text)

    def who(self, said: object) -> object:
        """Who did it, for a machine: 'colleague:hr', 'you', a feed or a process as it is called."""
        if isinstance(said, int):
            return f"colleague:{self._roles.get(said, '')}"
        text = str(said or "")
        kind, _colon, name = text.partition(":")
        if kind == "user":
            return f"colleague:{self._roles.get(int(name), '') if name.isdecimal() else ''}"
        if kind == "person":
            return "you" if name == self._key else WITHHELD
        return text


def _candidates(texts: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for text in texts:
        words = _WORD.findall(text)
        for start, word in enumerate(words):
            if not word[0].isupper():
                continue
            for end in range(start + 1, min(start + _LONGEST, len(words))):
                if words[end][0].isupper():
                    found.add(" ".join(words[start : end + 1]))
    return found


def _on_file(candidates: set[str], *, but: Person) -> set[str]:
    """Those of the candidates that somebody else on file is called, in one statement, found by how names are sorted."""
    by_sort_name: dict[str, list[str]] = {}
    for name in candidates:
        by_sort_name.setdefault(sort_name_from(name.rstrip(".")), []).append(name.rstrip("."))
    listed = sorted(by_sort_name)
    if connection.vendor == "postgresql":
        condition, parameter = "= ANY(%s)", listed
    else:
        condition, parameter = "IN (SELECT value FROM json_each(%s))", json.dumps(listed)  # type: ignore[assignment]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT sort_name FROM people_person WHERE id <> %s AND sort_name {condition}",  # noqa: S608
            [but.pk, parameter],
        )
        known = [row[0] for row in cursor.fetchall()]
    return {name for sort_name in known for name in by_sort_name[sort_name]}


def strings_in(value: object) -> Iterator[str]:
    """All texts in a value as a row has it."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from strings_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings_in(each)


def with_each(value: object, change: Callable[[str], str]) -> object:
    """`value` with `change` done to each text in it."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {name: with_each(each, change) for name, each in value.items()}
    if isinstance(value, list):
        return [with_each(each, change) for each in value]
    return value
