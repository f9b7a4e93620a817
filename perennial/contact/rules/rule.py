"""What a rule of the door is, what it is asked, and the words that several of them use."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Lookup, Q
from django.db.models.expressions import Combinable
from django.utils.formats import date_format
from django.utils.functional import Promise

from perennial.kernel.purposes import CHANNEL_WORDS, Channel, Purpose
from perennial.programme.models import Programme, Topic

Condition = Q | Combinable | Lookup[Any] | None
Words = str | Promise


@dataclass(frozen=True)
class Question:
    """What is asked at the door: for which purpose, by which channel, at which moment, in which programme.

    `invitation`: whether somebody may be invited into the programme. That is service, and still only for those for
    whom the programme is. `answer`: whether we may answer what they asked for themselves, which is service too.
    """

    purpose: Purpose
    channel: Channel
    now: datetime
    programme: Programme
    invitation: bool = False
    answer: bool = False
    # What it is about, where that is a topic of the programme.
    topic: Topic | None = None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.programme.time_zone)

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @property
    def service(self) -> bool:
        return self.purpose is Purpose.SERVICE

    def midnight(self, day: date) -> datetime:
        """The moment `day` begins where the programme lives."""
        return datetime.combine(day, time.min, self.zone).astimezone(UTC)


class Rule:
    """A rule of the door. `no` and `later` are SQL conditions; `facts` fetches what its sentence mentions."""

    code: str
    for_service = True
    # Whether it is asked before somebody is invited, though it is no rule for service.
    for_invitation = False
    # Whether it also keeps back what the person asked for: an answer is no contact of ours.
    for_answer = True
    # Whether it is only asked about what is about a topic.
    for_topic = False
    # Whether a day that ends the refusal still belongs to it.
    last_day_counts = False

    def no(self, question: Question) -> Condition:
        """When the answer is no; None: never."""
        return None

    def later(self, question: Question) -> Condition:
        """When the answer is later; None: never."""
        return None

    def no_until(self, question: Question) -> Combinable | None:
        """Until when it is no, as an SQL expression: a time, or the last day on which it still is."""
        return None

    def later_until(self, question: Question) -> Combinable | None:
        """Until when it is later, as an SQL expression of the same kinds, where that is known."""
        return None

    def passes(self, question: Question, facts: Mapping[str, Any]) -> Words:
        """The sentence when the rule is satisfied."""
        raise NotImplementedError

    def refuses(self, question: Question, facts: Mapping[str, Any]) -> Words:
        """The sentence when it is not."""
        raise NotImplementedError

    def change(self, question: Question) -> Words:
        """What would change a refusal."""
        raise NotImplementedError

    def facts(self, question: Question, person_id: int) -> Mapping[str, Any]:
        """What the sentence mentions, for one person."""
        return {}


def named(question: Question, **more: str) -> dict[str, str]:
    return {"purpose": str(question.purpose.label), "channel": str(CHANNEL_WORDS[question.channel]), **more}


def day_words(question: Question, moment: date | datetime | None) -> str:
    """A day as people say it; of a moment, the day it is where the programme lives."""
    if isinstance(moment, datetime):
        moment = moment.astimezone(question.zone)
    return date_format(moment, "DATE_FORMAT") if moment else "–"
