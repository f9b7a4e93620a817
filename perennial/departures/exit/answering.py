"""Takes what leavers answer.

Answers stand behind a wall: this writes them, `closing` counts them, `wall` hands them to an exit interviewer and to
nobody else. Not even the leaver's own page shows them again, since whoever holds the link (a colleague who found the
printed sheet, HR who printed it) could read them there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from perennial.audit.actions import record
from perennial.contact.actions import record_touch
from perennial.contact.enums import Direction, TouchKind
from perennial.departures.exit.closing import close_after_submission
from perennial.departures.exit.enums import QuestionKind, Review
from perennial.departures.exit.private_words import speaks_of_private_life
from perennial.departures.exit.questionnaire import TEXT_LENGTH, published, questions_of
from perennial.departures.invitations import withdraw_invitations
from perennial.departures.models import Answer, Departure, ExitAnswers, Question, RelationAnswer
from perennial.departures.relation import Relation, submit_relation
from perennial.kernel.purposes import Purpose

# What may be said to one question: codes of ready answers, a number, a text.
Said = Sequence[str] | int | str


class UnknownAnswerError(ValueError):
    """An answer to a question that is not asked, or one that it does not offer."""


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What was answered in one go, by the question's code. Empty means skipped; what was answered before stays then.

    Until the answers are submitted a new one takes the place of an earlier one; afterwards only what was skipped is
    still open, since whoever found the printed sheet holds the link too.
    """

    given: Mapping[str, Said | None] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return any(_is_said(said) for said in self.given.values())


@dataclass(frozen=True)
class Received:
    """What became of it. `frozen`: something was answered anew that had been submitted already, and stays as it was."""

    frozen: bool = False
    asked: bool = False


@dataclass(frozen=True)
class Progress:
    """Which questions of the leaver's page were answered, by code. Never how."""

    answered: frozenset[str]
    submitted: bool
    relation: bool
    agreed: bool

    @property
    def begun(self) -> bool:
        return bool(self.answered) or self.submitted or self.relation


@transaction.atomic
def receive(
    *,
    departure: Departure,
    answers: Answers,
    relation: Relation | None,
    submit: bool,
    shown_in: str,
    ip: str | None,
    by: str,
    now: datetime,
) -> Received:
    """Takes whatever a leaver sent from the page, as one: all of it is kept, or nothing.

    An invitation that has not left is withdrawn: who answers has the link. Raises UnknownAnswerError, and what
    `submit_relation` raises.
    """
    frozen = not save_answers(departure=departure, answers=answers, language=shown_in, now=now)
    if submit or relation is not None:
        submit_answers(departure=departure, by=by, now=now)
    asked = relation is not None and submit_relation(departure=departure, relation=relation, ip=ip, by=by, now=now)
    if answers or relation is not None:
        withdraw_invitations(departures=Departure.objects.filter(pk=departure.pk), by=by, now=now)
    return Received(frozen=frozen, asked=asked)


@transaction.atomic
def save_answers(*, departure: Departure, answers: Answers, language: str, now: datetime) -> bool:
    """Keeps what was answered beside what was answered before. False when some of that was submitted and so stays.

    Each question is settled by itself: one that was skipped may be answered also when others are counted already.

    No audit event: what is written here changes with every screen, and nobody shall see when. Raises
    UnknownAnswerError.
    """
    if not answers:
        return True
    # The departure is locked first, so that two browsers at once make one row.
    Departure.objects.select_for_update().get(pk=departure.pk)
    row = ExitAnswers.objects.select_for_update().filter(departure=departure).first()
    if row is None:
        row = ExitAnswers.objects.create(
            departure=departure, questionnaire=published(), language=language, started_at=now
        )
    by_code = {question.code: question for question in questions_of(row.questionnaire)}
    settled: set[str] = set()
    if row.submitted_at is not None:
        settled = set(row.given.values_list("question__code", flat=True))
    frozen = False
    for code, said in answers.given.items():
        if not _is_said(said):
            continue
        if code not in by_code:
            raise UnknownAnswerError(code)
        rows = _rows(row, by_code[code], said)
        if code in settled:
            frozen = True
            continue
        row.given.filter(question=by_code[code]).delete()
        Answer.objects.bulk_create(rows)
    return not frozen


@transaction.atomic
def submit_answers(*, departure: Departure, by: str, now: datetime) -> None:
    """The leaver is through with the questions: from now on the answers count."""
    if ExitAnswers.objects.filter(departure=departure, submitted_at=None).update(submitted_at=now):
        record_touch(
            person=departure.person,
            at=now,
            direction=Direction.THEIRS,
            kind=TouchKind.EXIT_ANSWERS,
            purpose=Purpose.SERVICE,
            origin=f"departure:{departure.key}/answers",
        )
        record(
            deed="departures.answers_submitted",
            by=by,
            now=now,
            subject_kind="person",
            subject_key=departure.person.key,
        )
    close_after_submission(now=now)


def progress_of(*, departure: Departure) -> Progress:
    """Which questions this leaver has answered."""
    row = ExitAnswers.objects.filter(departure=departure).first()
    codes = row.given.values_list("question__code", flat=True) if row else ()
    agreed = RelationAnswer.objects.filter(departure=departure).values_list("agreed", flat=True).first()
    return Progress(
        answered=frozenset(codes),
        submitted=bool(row and row.submitted_at),
        relation=agreed is not None,
        agreed=bool(agreed),
    )


def _is_said(said: Said | None) -> bool:
    return said is not None and (isinstance(said, int) or bool(said))


def _rows(answers: ExitAnswers, question: Question, said: Said | None) -> list[Answer]:
    if question.kind == QuestionKind.TEXT and isinstance(said, str):
        text = said[:TEXT_LENGTH]
        review = Review.WAITS if speaks_of_private_life(text) else ""
        return [Answer(answers=answers, question=question, text=text, review=review)]
    if question.kind == QuestionKind.SCALE and isinstance(said, int) and 0 <= said <= 10:
        return [Answer(answers=answers, question=question, number=said)]
    codes = [said] if isinstance(said, str) else list(said) if isinstance(said, Sequence) else []
    options = {option.code: option for option in question.options.all()}
    wanted = list(dict.fromkeys(codes))
    many = question.kind == QuestionKind.MULTIPLE
    if not wanted or not set(wanted) <= set(options) or (len(wanted) > 1 and not many):
        raise UnknownAnswerError(question.code)
    return [Answer(answers=answers, question=question, option=options[code]) for code in wanted]
