"""Reads what is told: who would hear it, in which languages, what went out and what became of it."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet

from perennial.consent.queries import people_who_agreed
from perennial.contact.door import decide
from perennial.contact.enums import Verdict
from perennial.departures.exit.themes import known_outside
from perennial.departures.models import Telling, ThemeAction
from perennial.departures.telling.enums import TellingState
from perennial.kernel.purposes import Channel, Purpose
from perennial.mail.enums import MessageState
from perennial.mail.models import Mailing
from perennial.mail.queries import states_of
from perennial.people.models import Person
from perennial.programme.models import Programme

Contents = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Reach:
    """Who would hear it at this moment: how many at once, later and not, by the rule of the door that decides.

    `languages` is of those who hear it, at once or later; one that we do not write in is among them.
    """

    at_once: int
    later: list[tuple[str, int]]
    not_at_all: list[tuple[str, int]]
    languages: Counter[str] = field(default_factory=Counter)

    @property
    def hear(self) -> int:
        return self.languages.total()


@dataclass(frozen=True)
class Told:
    """How far a telling has come, in messages."""

    sent: int = 0
    on_the_way: int = 0
    not_sent: int = 0
    taken_back: int = 0


def letters_of_nobody(*, among: Sequence[int]) -> QuerySet[Mailing]:
    """Mailings, by id, that nobody's message is of any more: they hold the words of a letter to one who has gone.

    What was told to many names nobody, and stands for the others.
    """
    return Mailing.objects.filter(pk__among=among, messages=None, telling=None)


def everybody_who_agreed() -> QuerySet[Person]:
    """Those who hear what was changed: all who said so, whatever they answered or whether they did.

    Never only those whose answers the themes are of: then getting the letter would tell who had said it.
    """
    return people_who_agreed(purpose=Purpose.FEEDBACK, channel=Channel.EMAIL)


def reach(*, programme: Programme, now: datetime) -> Reach:
    """In two statements, however many agreed."""
    people = everybody_who_agreed()
    speaks = dict(people.values_list("pk", "language"))
    at_once, later, not_at_all = 0, Counter[str](), Counter[str]()
    languages = Counter[str]()
    for decision in decide(people=people, purpose=Purpose.FEEDBACK, now=now, programme=programme):
        if decision.verdict is Verdict.NO:
            not_at_all[decision.rule] += 1
            continue
        languages[speaks.get(decision.person_id, "")] += 1
        if decision.verdict is Verdict.YES:
            at_once += 1
        else:
            later[decision.rule] += 1
    return Reach(at_once, later.most_common(), not_at_all.most_common(), languages)


def languages_to_write(*, telling: Telling, reached: Reach, programme: Programme) -> list[str]:
    """The programme's own language first, then those of whoever hears it, and those that are written already."""
    wanted = {*reached.languages, *telling.contents}
    others = [code for code, _name in settings.LANGUAGES if code in wanted and code != programme.language]
    return [programme.language, *others]


def read_in_another(*, contents: Contents, reached: Reach, programme: Programme) -> list[tuple[str, int]]:
    """The languages without a text, each with how many get it in the programme's language instead."""
    missing = [(code, many) for code, many in reached.languages.items() if code not in {*contents, programme.language}]
    return sorted(missing, key=lambda each: (-each[1], each[0]))


def language_for(*, contents: Contents, language: str, programme: Programme) -> str:
    """In which language whoever reads `language` gets it."""
    return language if language in contents else programme.language


def tellable_actions() -> QuerySet[ThemeAction]:
    """What is done, was told to nobody, and is about a theme that is known outside the wall."""
    return ThemeAction.objects.filter(done_at__isnull=False, told_in=None, theme__in=known_outside().order_by())


def actions_of(telling: Telling) -> list[ThemeAction]:
    """What it is about, in the order in which it was done."""
    return list(telling.actions.select_related("theme").order_by("done_at", "pk"))


def drafts() -> QuerySet[Telling]:
    """What is being written, the latest first."""
    return Telling.objects.filter(state=TellingState.DRAFT).prefetch_related("actions__theme")


def told() -> QuerySet[Telling]:
    """What went out, the latest first."""
    sent = Telling.objects.exclude(state=TellingState.DRAFT)
    return sent.order_by("-sent_at", "-pk").prefetch_related("actions__theme")


def how_far(tellings: Sequence[Telling]) -> dict[int, Told]:
    """By the telling's id, in one statement."""
    states = states_of(mailings=[telling.mailing_id for telling in tellings if telling.mailing_id])
    found = {}
    for telling in tellings:
        of_it = states.get(telling.mailing_id or 0, {})
        sent = _many(of_it, MessageState.SENT, MessageState.KEPT, MessageState.UNCERTAIN)
        waiting = _many(of_it, MessageState.QUEUED, MessageState.SENDING)
        not_sent = _many(of_it, MessageState.SKIPPED, MessageState.FAILED)
        found[telling.pk] = Told(sent, waiting, not_sent, _many(of_it, MessageState.DISCARDED))
    return found


def fingerprint(contents: Contents) -> str:
    """Changes with every word, so that what is sent is what was looked at."""
    return hashlib.sha256(json.dumps(contents, sort_keys=True).encode()).hexdigest()


def _many(states: Mapping[str, int], *wanted: MessageState) -> int:
    return sum(states.get(state, 0) for state in wanted)
