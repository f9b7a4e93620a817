"""Raw answers, for an exit interviewer and for nobody else.

Each time answers are opened that is written down, with who, whose and why, and may be told to the person. What nobody
should have written here (see `private_words`) is shortened by a human, or cleared to be shown among ten others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from perennial.audit.actions import record
from perennial.audit.models import Event
from perennial.departures.exit.enums import QuestionKind, Review
from perennial.departures.exit.questionnaire import Asked, asked, questions_of
from perennial.departures.models import Answer, Departure, ExitAnswers
from perennial.departures.queries import departures_in_use
from perennial.people.models import Person
from perennial.people.queries import without_stored_only

READ = "departures.exit_answers_read"


class Why(TextChoices):
    """Why somebody opens what somebody answered."""

    CONVERSATION = "conversation", _("To prepare or follow up the conversation")
    REVIEW = "review", _("To look at a text that waits")
    THEMES = "themes", _("To note what it is about")
    ASKED = "asked", _("The person asks about it")


class NothingAnsweredError(Exception):
    """This leaver has answered nothing."""


class NoTextError(Exception):
    """There is no such text of this leaver."""


@dataclass(frozen=True)
class Opened:
    """One question and what one person answered to it: the wording of ready answers, a number, or a text."""

    question: Asked
    answer: Answer
    words: tuple[str, ...]

    @property
    def waits(self) -> bool:
        """Whether the text waits to be looked at."""
        return self.answer.review == Review.WAITS


@dataclass(frozen=True)
class Reading:
    """That somebody opened a person's answers."""

    at: datetime
    by: str
    why: str


def answered() -> QuerySet[Departure]:
    """Departures whose leaver has answered, by name; `waits`: a text of theirs waits to be looked at.

    In the order of names: when somebody answered tells nobody anything.
    """
    texts = Answer.objects.filter(answers__departure=OuterRef("pk"), review=Review.WAITS)
    return (
        departures_in_use()
        .filter(answers__submitted_at__isnull=False)
        .annotate(waits=Exists(texts))
        .select_related("person", "stint__department")
        .order_by("-waits", "person__sort_name", "pk")
    )


@transaction.atomic
def open_answers(*, departure: Departure, why: str, by: str, now: datetime, language: str) -> list[Opened]:
    """What this leaver answered, in the order of the questions. The opening is written down first.

    Raises NothingAnsweredError.
    """
    row = ExitAnswers.objects.filter(departure=departure).select_related("questionnaire").first()
    if row is None:
        raise NothingAnsweredError
    record(
        deed=READ,
        by=by,
        now=now,
        subject_kind="person",
        subject_key=departure.person.key,
        details={"why": Why(why).value},
    )
    given: dict[int, list[Answer]] = {}
    for answer in Answer.objects.filter(answers=row).select_related("option").order_by("pk"):
        given.setdefault(answer.question_id, []).append(answer)
    opened = []
    for question in questions_of(row.questionnaire):
        if answers := given.get(question.pk):
            words = asked(question, how_ended=departure.stint.how_ended, language=language)
            opened.append(Opened(words, answers[0], _words(words, answers)))
    return opened


@transaction.atomic
def clear_text(*, departure: Departure, answer_id: int, by: str, now: datetime) -> None:
    """An exit interviewer has looked: the text speaks of nothing that it should not. Raises NoTextError."""
    answer = _text(departure, answer_id)
    answer.review, answer.reviewed_by = Review.CLEARED, by
    answer.save(update_fields=["review", "reviewed_by"])
    _reviewed(departure, "cleared", by, now)


@transaction.atomic
def redact_text(*, departure: Departure, answer_id: int, text: str, by: str, now: datetime) -> None:
    """Keeps `text` in the place of what was written; empty takes it out entirely. Raises NoTextError."""
    answer = _text(departure, answer_id)
    answer.text, answer.review, answer.reviewed_by = text, Review.REDACTED, by
    answer.save(update_fields=["text", "review", "reviewed_by"])
    _reviewed(departure, "redacted", by, now)


def readings_of(*, person: Person) -> list[Reading]:
    """Who opened this person's answers when and why, the latest first: theirs to know."""
    events = Event.objects.filter(deed=READ, subject_kind="person", subject_key=person.key).order_by("-at", "-pk")
    return [Reading(event.at, event.by, str(event.details.get("why", ""))) for event in events]


def texts_that_wait() -> int:
    """How many texts wait to be looked at."""
    texts = Answer.objects.filter(review=Review.WAITS, answers__submitted_at__isnull=False)
    return without_stored_only(texts, person="answers__departure__person").count()


def _text(departure: Departure, answer_id: int) -> Answer:
    found = (
        Answer.objects.select_for_update(of=("self",))
        .filter(pk=answer_id, answers__departure=departure, question__kind=QuestionKind.TEXT)
        .first()
    )
    if found is None:
        raise NoTextError
    return found


def _reviewed(departure: Departure, became: str, by: str, now: datetime) -> None:
    record(
        deed=f"departures.exit_text_{became}",
        by=by,
        now=now,
        subject_kind="person",
        subject_key=departure.person.key,
    )


def _words(question: Asked, answers: Sequence[Answer]) -> tuple[str, ...]:
    labels = {choice.code: choice.label for choice in question.choices}
    words = []
    for answer in answers:
        if answer.option is not None:
            words.append(labels.get(answer.option.code, answer.option.code))
        else:
            words.append(answer.text if answer.number is None else str(answer.number))
    return tuple(words)
