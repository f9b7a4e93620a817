"""People who answer, and groups that stand closed already."""

from datetime import datetime
from typing import Any

from perennial.departures.actions import open_due
from perennial.departures.exit.answering import Answers, Received, receive
from perennial.departures.models import Answer, AnswerGroup, Departure, Theme
from tests.cast import NOW, person, programme


def leavers(number: int, **fields: Any) -> list[Departure]:
    """So many people who leave, in the order in which they were taken in."""
    programme()
    for count in range(number):
        person(f"Leaver {count}", **fields)
    open_due(now=NOW)
    return list(Departure.objects.select_related("person").order_by("pk"))


def say(departure: Departure, *, submit: bool = True, now: datetime = NOW, **given: Any) -> Received:
    """What somebody sends from the page; keywords are codes of questions."""
    return receive(
        departure=departure,
        answers=Answers(given=given),
        relation=None,
        submit=submit,
        shown_in="en",
        ip=None,
        by=f"person:{departure.person.key}",
        now=now,
    )


def closed_group(promoters: int, passives: int, detractors: int, *, closed_at: datetime = NOW) -> AnswerGroup:
    """A group of answers to 'would you recommend us'."""
    return AnswerGroup.objects.create(
        question="recommend",
        kind="scale",
        closed_at=closed_at,
        n=promoters + passives + detractors,
        promoters=promoters,
        passives=passives,
        detractors=detractors,
    )


def counted_theme(name: str) -> Theme:
    """A theme that a closed group of five counts."""
    theme = Theme.objects.create(name=name, made_by="user:1", made_at=NOW)
    group = AnswerGroup.objects.create(question="themes", kind="multiple", closed_at=NOW, n=5)
    group.counts.create(option=theme.key, count=3)
    return theme


def given() -> dict[str, Any]:
    """What stands in the database of everybody's answers: codes, a number or a text, by the question's code."""
    said: dict[str, Any] = {}
    for answer in Answer.objects.select_related("question", "option").order_by("pk"):
        if answer.option is not None and answer.question.kind == "multiple":
            said.setdefault(answer.question.code, []).append(answer.option.code)
        else:
            value = answer.option.code if answer.option else answer.text if answer.number is None else answer.number
            said[answer.question.code] = value
    return said
