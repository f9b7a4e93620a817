"""What a country asks for, as dated data: `policies/*.json`, one file a country, `eu.json` for every country.

A rule says from which day on what holds, and by which source. The later of two rules of one file holds; a country's own
rules go before those of everywhere; and on top of each lie the terms that the coordinator has set (`RetentionTerm`).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from django.conf import settings

from perennial.kernel.terms import Term, TermError, Unit
from perennial.programme.enums import CoDetermination, DataKind, Marketing, Topic
from perennial.programme.models import RetentionTerm

# The file whose rules hold for every country that says nothing else.
EVERYWHERE = "EU"
_RULE_KEYS = {"from", "what", "value", "source"}


class PolicyFileError(ValueError):
    """A policy file says something that we cannot keep; the message names the file and the rule."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as it stands in a file. `what` is a Topic or a DataKind; a term of None is without end."""

    country: str
    since: date
    what: Topic | DataKind
    value: Any
    source: str


@dataclass(frozen=True, slots=True)
class Held:
    """What holds, since when, by what. `by` is who set it on the desk; `shipped` what would hold otherwise."""

    country: str
    since: date
    value: Any
    source: str
    by: str = ""
    shipped: Any = None


@dataclass(frozen=True, slots=True)
class Policy:
    """All that holds for a country on a day."""

    country: str
    topics: Mapping[Topic, Held]
    retention: Mapping[DataKind, Held]

    @property
    def answer(self) -> Term:
        """How long an answer to somebody who asks about their data may take."""
        return _term(self.topics[Topic.ANSWER])

    @property
    def answer_extended(self) -> Term:
        """How long, counted from the same day, once a notice with reasons has gone out in time."""
        return _term(self.topics[Topic.ANSWER_EXTENDED])

    @property
    def own_document(self) -> bool:
        """Whether each purpose is agreed to by a document of its own."""
        return bool(self.topics[Topic.OWN_DOCUMENT].value)

    @property
    def first_written_here(self) -> bool:
        """Whether data of its residents may be written down first only by an installation that stands there."""
        return bool(self.topics[Topic.FIRST_WRITTEN_HERE].value)

    def kept_for(self, kind: DataKind) -> Term | None:
        """How long `kind` is kept; None is without end."""
        value: Term | None = self.retention[kind].value
        return value

    def evidence_until(self, *, ended_on: date) -> date | None:
        """Until when the proof of an agreement is kept that ended on `ended_on`; None is without end."""
        term = self.kept_for(DataKind.EVIDENCE)
        return term.end(start=ended_on) if term is not None else None


def first_day() -> date:
    """The first day on which something holds everywhere; of days before it these policies say nothing."""
    return min(rule.since for rule in shipped() if rule.country == EVERYWHERE)


class Policies:
    """What holds on `on` in every country, with what the coordinator set; read with one query."""

    def __init__(self, *, on: date) -> None:
        self.on = on
        self._own: dict[str, list[RetentionTerm]] = {}
        for row in RetentionTerm.objects.filter(starts_on__lte=on).order_by("starts_on", "pk"):
            self._own.setdefault(row.country, []).append(row)
        self._known: dict[str, Policy] = {}

    def of(self, country: str) -> Policy:
        """For residents of `country` as ISO 3166 has it; empty is not known, and what holds everywhere."""
        country = country or EVERYWHERE
        if country not in self._known:
            self._known[country] = self._merged(country)
        return self._known[country]

    def countries(self) -> list[str]:
        """Those that differ from what holds everywhere, by a file or by a term that was set; everywhere first."""
        differing = ({rule.country for rule in shipped()} | set(self._own)) - {EVERYWHERE}
        return [EVERYWHERE, *sorted(differing)]

    def version(self) -> str:
        """Names what these policies are made of: the newest day of a shipped rule, and the newest term of our own."""
        newest = max(rule.since for rule in shipped() if rule.since <= self.on)
        own = max((row.pk for rows in self._own.values() for row in rows), default=0)
        return f"{newest.isoformat()}/{own}"

    def _merged(self, country: str) -> Policy:
        held: dict[Topic | DataKind, Held] = {}
        for each in dict.fromkeys((EVERYWHERE, country)):
            for rule in shipped():
                if rule.country == each and rule.since <= self.on:
                    held[rule.what] = Held(each, rule.since, rule.value, rule.source, shipped=rule.value)
            for row in self._own.get(each, ()):
                kind = DataKind(row.kind)
                before = held[kind].shipped
                if row.amount is None:
                    # As shipped again: what the files say of this country, or of everywhere.
                    held[kind] = _shipped_for(kind, each, self.on)
                else:
                    term = Term(row.amount, Unit(row.unit))
                    held[kind] = Held(each, row.starts_on, term, row.why, by=row.by, shipped=before)
        return Policy(
            country,
            topics={what: each for what, each in held.items() if isinstance(what, Topic)},
            retention={what: each for what, each in held.items() if isinstance(what, DataKind)},
        )


def policy_of(country: str, *, on: date) -> Policy:
    """What holds for residents of `country` on a day."""
    return Policies(on=on).of(country)


def evidence_until(*, country: str, ended_on: date) -> date | None:
    """Until when the proof of an agreement that ended on `ended_on` is kept; None is without end."""
    return policy_of(country, on=ended_on).evidence_until(ended_on=ended_on)


def refused_residences(*, on: date) -> frozenset[str]:
    """The countries whose residents this installation may not write down, because it does not stand there."""
    first_here: dict[str, bool] = {}
    for rule in shipped():
        if rule.what is Topic.FIRST_WRITTEN_HERE and rule.since <= on:
            first_here[rule.country] = rule.value
    asking = {country for country, first in first_here.items() if first}
    return frozenset(asking - set(settings.PERENNIAL_STANDS_IN))


def document_languages(*, on: date) -> dict[str, str]:
    """The countries in which each purpose is agreed to by a document of its own, with the language it must be in."""
    said: dict[Topic, dict[str, Any]] = {Topic.OWN_DOCUMENT: {}, Topic.DOCUMENT_LANGUAGE: {}}
    for rule in shipped():
        if isinstance(rule.what, Topic) and rule.what in said and rule.since <= on:
            said[rule.what][rule.country] = rule.value
    return {country: said[Topic.DOCUMENT_LANGUAGE][country] for country, own in said[Topic.OWN_DOCUMENT].items() if own}


def _shipped_for(kind: DataKind, country: str, on: date) -> Held:
    found = [
        rule
        for each in dict.fromkeys((EVERYWHERE, country))
        for rule in shipped()
        if rule.country == each and rule.what is kind and rule.since <= on
    ]
    rule = found[-1]
    return Held(rule.country, rule.since, rule.value, rule.source, shipped=rule.value)


def _term(held: Held) -> Term:
    term: Term = held.value
    return term


# --- reading the files


@cache
def shipped() -> tuple[Rule, ...]:
    """The rules of all files, by country, the earlier first. Raises PolicyFileError."""
    folder = files("perennial.programme") / "policies"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".json"))
    rules = [rule for name in names for rule in read_rules(name, (folder / name).read_text(encoding="utf-8"))]
    missing = ({*Topic} - _MAY_BE_UNSAID | {*DataKind}) - {rule.what for rule in rules if rule.country == EVERYWHERE}
    if missing:
        raise PolicyFileError(f"Nothing holds everywhere for {', '.join(sorted(missing))}.")
    speaking = {(rule.country, rule.since) for rule in rules if rule.what is Topic.DOCUMENT_LANGUAGE}
    for rule in rules:
        if rule.what is Topic.OWN_DOCUMENT and rule.value and (rule.country, rule.since) not in speaking:
            raise PolicyFileError(f"{rule.country} asks for documents and names no language for them.")
    return tuple(rules)


def read_rules(name: str, text: str) -> list[Rule]:
    """The rules of one file, checked to the letter. Raises PolicyFileError."""
    try:
        content = json.loads(text, object_pairs_hook=_without_repetition)
    except ValueError as error:
        raise PolicyFileError(f"{name}: {error}") from error
    if not isinstance(content, dict) or set(content) != {"country", "rules"} or not isinstance(content["rules"], list):
        raise PolicyFileError(f"{name}: expected a country and its rules.")
    country = content["country"]
    if country != name.removesuffix(".json").upper() or not (isinstance(country, str) and len(country) == 2):
        raise PolicyFileError(f"{name}: expected the country of that name.")
    rules = [_rule(name, country, number, each) for number, each in enumerate(content["rules"], start=1)]
    if [rule.since for rule in rules] != sorted(rule.since for rule in rules):
        raise PolicyFileError(f"{name}: the earlier rule stands first.")
    if len({(rule.since, rule.what) for rule in rules}) != len(rules):
        raise PolicyFileError(f"{name}: two rules say the same thing from the same day on.")
    return rules


def _rule(name: str, country: str, number: int, content: Any) -> Rule:
    where = f"{name}, rule {number}"
    if not isinstance(content, dict) or set(content) != _RULE_KEYS:
        raise PolicyFileError(f"{where}: expected {', '.join(sorted(_RULE_KEYS))} and nothing else.")
    if not isinstance(content["source"], str) or not content["source"].strip():
        raise PolicyFileError(f"{where}: it names no source.")
    try:
        since = date.fromisoformat(content["from"])
        what = _what(content["what"])
        value = _value(what, content["value"])
    except (TypeError, ValueError) as error:
        raise PolicyFileError(f"{where}: {error}") from error
    return Rule(country, since, what, value, content["source"])


def _what(text: str) -> Topic | DataKind:
    kind = text.removeprefix("retention.")
    return DataKind(kind) if kind != text else Topic(text)


def _value(what: Topic | DataKind, value: Any) -> Any:
    if isinstance(what, DataKind):
        return None if value is None else _read_term(value)
    if what in _TERMS:
        return _read_term(value)
    if what in _CHOICES:
        return Marketing(value)
    if what is Topic.CO_DETERMINATION:
        if not isinstance(value, list):
            raise ValueError("expected a list of gates.")
        return tuple(CoDetermination(each) for each in value)
    if what is Topic.DOCUMENT_LANGUAGE:
        if value not in dict(settings.LANGUAGES):
            raise ValueError("expected a language that we speak.")
        return value
    if not isinstance(value, bool):
        raise ValueError("expected true or false.")
    return value


def _read_term(value: Any) -> Term:
    if not isinstance(value, dict) or set(value) != {"amount", "unit"}:
        raise TermError("expected an amount and a unit.")
    return Term(value["amount"], Unit(value["unit"]))


def _without_repetition(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"{key} is said twice.")
        found[key] = value
    return found


_TERMS = {Topic.ANSWER, Topic.ANSWER_EXTENDED, Topic.STOP_PROCESSING, Topic.WITHDRAWAL_DONE, Topic.STOP_PUBLISHING}
_CHOICES = {Topic.MARKETING, Topic.PHONE}
# Terms that only some countries set: elsewhere it is done at once, as we do it anyway. And what goes with documents.
_MAY_BE_UNSAID = {Topic.STOP_PROCESSING, Topic.WITHDRAWAL_DONE, Topic.STOP_PUBLISHING, Topic.DOCUMENT_LANGUAGE}
