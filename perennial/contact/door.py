"""The one door: may we contact these people, for this purpose, by this channel, now?

`decide` works on a set of people in one SQL statement; one person is a set of one. `explain` evaluates the very same
conditions for one person and tells each of them in a sentence. No comes before later, later before yes; within them the
order of the list of rules.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import BooleanField, Case, Func, QuerySet, Subquery, TextField, Value, When
from django.db.models.expressions import Combinable

from perennial.contact.enums import Verdict
from perennial.contact.rules import RULES, rules_for
from perennial.contact.rules.addresses import NoAddressRule, SuppressedRule, reachable_addresses
from perennial.contact.rules.rule import Question, Rule, Words
from perennial.kernel.purposes import Channel, Purpose
from perennial.people.models import Person
from perennial.programme.models import Programme, Topic
from perennial.programme.queries import current
from perennial.programme.topics import fitting

_YES = f"{Verdict.YES}::"
_LAST_DAY_COUNTS = frozenset(rule.code for rule in RULES if rule.last_day_counts)


class Decision(NamedTuple):
    """The answer for one person. `rule` is empty with yes; `address_id` is the EmailAddress to use with yes."""

    person_id: int
    verdict: Verdict
    rule: str
    until: datetime | None
    address_id: int | None


@dataclass(frozen=True)
class RuleResult:
    """One line of an explanation."""

    rule: str
    passed: bool
    sentence: Words
    deciding: bool
    change: Words


@dataclass(frozen=True)
class Explanation:
    """Every rule with pass or fail in one sentence, and what follows from them."""

    verdict: Verdict
    rule: str
    until: datetime | None
    rules: list[RuleResult]


def decide(
    *,
    people: QuerySet[Person],
    purpose: Purpose,
    now: datetime,
    channel: Channel = Channel.EMAIL,
    address_given: bool = False,
    programme: Programme | None = None,
    invitation: bool = False,
    answer: bool = False,
    topic: Topic | None = None,
) -> list[Decision]:
    """A decision for each of `people`, in one statement.

    `address_given`: the address is known, do not look for one. `programme`: when the caller has it at hand.
    `invitation`: whether they may be invited into the programme. `answer`: whether what they asked for may be answered.
    `topic`: what it is about, if that is one of the purpose's topics. Raises TopicOfOtherPurposeError.
    """
    question = _question(purpose, channel, now, programme, invitation, answer, topic)
    rows = _answered(people, question, _asked(question, address_given), address_given)
    read = _Reader(question).read
    return [
        read(pk, answer) for pk, answer in rows.order_by().values_list("pk", "door_answer").iterator(chunk_size=5000)
    ]


def decide_for_each(
    *, person: Person, purposes: Sequence[Purpose], now: datetime, programme: Programme | None = None
) -> dict[Purpose, Decision]:
    """The decision by mail for one person and each of `purposes`, in their order, in one statement."""
    if not purposes:
        return {}
    programme = programme or current()
    questions = {purpose: _question(purpose, Channel.EMAIL, now, programme) for purpose in purposes}
    answers = [_answer_to(question, rules_for(question), address_given=False) for question in questions.values()]
    row = Person.objects.filter(pk=person.pk).order_by().values_list(*answers).get()
    return {
        purpose: _Reader(question).read(person.pk, answer)
        for (purpose, question), answer in zip(questions.items(), row, strict=True)
    }


def explain(
    *,
    person: Person,
    purpose: Purpose,
    now: datetime,
    channel: Channel = Channel.EMAIL,
    invitation: bool = False,
    topic: Topic | None = None,
) -> Explanation:
    """The same decision for one person, with every rule told. Raises TopicOfOtherPurposeError."""
    question = _question(purpose, channel, now, invitation=invitation, topic=topic)
    rules = _asked(question, address_given=False)
    row: dict[str, Any] = (
        _answered(Person.objects.filter(pk=person.pk), question, rules, address_given=False)
        .annotate(**{f"stopped_{rule.code}": _stops(rule, question) for rule in rules})
        .values()
        .get()
    )
    decision = _Reader(question).read(person.pk, row["door_answer"])
    told = []
    for rule in rules:
        passed = not row[f"stopped_{rule.code}"]
        facts = rule.facts(question, person.pk)
        sentence = rule.passes(question, facts) if passed else rule.refuses(question, facts)
        told.append(RuleResult(rule.code, passed, sentence, decision.rule == rule.code, rule.change(question)))
    return Explanation(decision.verdict, decision.rule, decision.until, told)


def _question(
    purpose: Purpose,
    channel: Channel,
    now: datetime,
    programme: Programme | None = None,
    invitation: bool = False,
    answer: bool = False,
    topic: Topic | None = None,
) -> Question:
    about = fitting(topic, purpose)
    return Question(Purpose(purpose), Channel(channel), now, programme or current(), invitation, answer, about)


def _asked(question: Question, address_given: bool) -> Sequence[Rule]:
    about_address = (NoAddressRule, SuppressedRule)
    return [rule for rule in rules_for(question) if not (address_given and isinstance(rule, about_address))]


def _answered(
    people: QuerySet[Person], question: Question, rules: Sequence[Rule], address_given: bool
) -> QuerySet[Any]:
    """`people` with `door_answer`."""
    return people.annotate(door_answer=_answer_to(question, rules, address_given))


def _answer_to(question: Question, rules: Sequence[Rule], address_given: bool) -> Case:
    """The answer as 'verdict:rule:until', or 'yes::address', computed in the statement.

    One CASE holds everything, so that the database asks each condition once, 'until when' only of the rule that
    decided, and for an address only where the answer is yes.
    """
    told = [(Verdict.NO, rule, rule.no(question)) for rule in rules]
    told += [(Verdict.LATER, rule, rule.later(question)) for rule in rules]
    return Case(
        *[
            When(condition, then=_answer(verdict, rule, question))
            for verdict, rule, condition in told
            if condition is not None
        ],
        default=_yes(question, address_given),
        output_field=TextField(),
    )


class _Told(Func):
    """The words of an answer, followed by what the database adds to them; a plain Concat costs a page 5 ms to build."""

    template = "'%(said)s' || COALESCE(CAST(%(expressions)s AS TEXT), '')"
    output_field = TextField()


def _yes(question: Question, address_given: bool) -> Combinable:
    if address_given or question.channel is not Channel.EMAIL:
        return Value(_YES, output_field=TextField())
    return _Told(Subquery(reachable_addresses(question).values("pk")[:1]), said=_YES)


def _answer(verdict: Verdict, rule: Rule, question: Question) -> Combinable:
    said = f"{verdict}:{rule.code}:"
    until = rule.no_until(question) if verdict is Verdict.NO else rule.later_until(question)
    return Value(said, output_field=TextField()) if until is None else _Told(until, said=said)


def _stops(rule: Rule, question: Question) -> Combinable:
    """Whether `rule` says no or later, as a column of its own."""
    conditions = [condition for condition in (rule.no(question), rule.later(question)) if condition is not None]
    return Case(
        *[When(condition, then=Value(True)) for condition in conditions],
        default=Value(False),
        output_field=BooleanField(),
    )


class _Reader:
    """Reads the answers to one question. A refusal is told in the same words to thousands, so each is read once."""

    def __init__(self, question: Question) -> None:
        self._question = question
        self._refusals: dict[str, tuple[Verdict, str, datetime | None]] = {}

    def read(self, person_id: int, answer: str) -> Decision:
        if answer.startswith(_YES):
            address = answer[len(_YES) :]
            return Decision(person_id, Verdict.YES, "", None, int(address) if address else None)
        refusal = self._refusals.get(answer)
        if refusal is None:
            verdict, rule, rest = answer.split(":", 2)
            until = _moment(self._question, rest, last_day_counts=rule in _LAST_DAY_COUNTS)
            refusal = self._refusals[answer] = (Verdict(verdict), rule, until)
        return Decision(person_id, *refusal, None)


def _moment(question: Question, text: str, *, last_day_counts: bool) -> datetime | None:
    """From when on it holds no more. A day begins where the programme lives, a time is UTC, as both databases write it.

    Of a day that still belongs to the refusal it is the end that counts.
    """
    if not text:
        return None
    if len(text) == len("2026-01-31"):
        return question.midnight(date.fromisoformat(text) + timedelta(days=last_day_counts))
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
