"""Reads the questionnaire: which version is asked, which questions are put to whom, and their words in a language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Prefetch

from perennial.audit.actions import record
from perennial.departures.exit import shipped
from perennial.departures.exit.enums import QuestionKind, QuestionnaireState
from perennial.departures.models import Departure, ExitAnswers, Option, Question, Questionnaire
from perennial.kernel import clock

TEXT_LENGTH = 4000


@dataclass(frozen=True)
class Choice:
    """A ready answer, in one language."""

    code: str
    label: str


@dataclass(frozen=True)
class Asked:
    """A question as one leaver reads it."""

    code: str
    kind: QuestionKind
    about: str
    screen: int
    label: str
    hint: str
    choices: tuple[Choice, ...]


def said_in(texts: Mapping[str, str], language: str) -> str:
    """The wording in `language`, else in English, else in whichever there is; empty where there is none."""
    ours = (language, "en", *dict(settings.LANGUAGES))
    return next((texts[code] for code in ours if texts.get(code)), "")


@transaction.atomic
def ship(*, now: datetime, by: str = "system") -> Questionnaire:
    """Writes the first version down, published, if there is none at all. Safe to repeat, from several at once."""
    standing = in_use()
    if standing is not None:
        return standing
    made = Questionnaire.objects.bulk_create(
        [
            Questionnaire(
                number=1,
                state=QuestionnaireState.PUBLISHED,
                made_by=by,
                made_at=now,
                published_by=by,
                published_at=now,
            )
        ],
        ignore_conflicts=True,
    )
    version = Questionnaire.objects.select_for_update().get(number=1)
    if made and not version.questions.exists():
        rows = shipped.rows()
        questions = Question.objects.bulk_create(Question(questionnaire=version, **fields) for fields, _o in rows)
        Option.objects.bulk_create(
            Option(question=question, **option)
            for question, (_fields, options) in zip(questions, rows, strict=True)
            for option in options
        )
        record(deed="departures.questionnaire_shipped", by=by, now=now)
    return version


def in_use() -> Questionnaire | None:
    """The version that is asked; none before anybody left."""
    return Questionnaire.objects.filter(state=QuestionnaireState.PUBLISHED).first()


def published() -> Questionnaire:
    """The version that is asked. The shipped one is written down when somebody asks before anybody left."""
    return in_use() or ship(now=clock.now())


def version_of(*, departure: Departure) -> Questionnaire:
    """The version this leaver began with, else the one in use."""
    begun = ExitAnswers.objects.filter(departure=departure).select_related("questionnaire").first()
    return begun.questionnaire if begun else published()


def questions_of(version: Questionnaire) -> list[Question]:
    """All questions in order, each with its options. Two statements."""
    options = Prefetch("options", queryset=Option.objects.order_by("position", "pk"))
    return list(
        Question.objects.filter(questionnaire=version).prefetch_related(options).order_by("screen", "position", "pk")
    )


def asked_of(*, version: Questionnaire, how_ended: str, gone: bool, language: str) -> list[Asked]:
    """The questions that are put to somebody, in their language; not those left out after such an ending.

    `gone`: the last day has passed, and nobody leaves who has left.
    """
    return [
        asked(question, how_ended=how_ended, gone=gone, language=language)
        for question in questions_of(version)
        if how_ended not in question.left_out_after
    ]


def asked(question: Question, *, how_ended: str = "", gone: bool = False, language: str) -> Asked:
    """One question with its ready answers, in `language`, in the wording that fits how it ended and whether it has."""
    fitting = (question.variants.get(how_ended), question.variants.get("gone") if gone else None, question.texts)
    return Asked(
        code=question.code,
        kind=QuestionKind(question.kind),
        about=question.about,
        screen=question.screen,
        label=next((words for texts in fitting if texts and (words := said_in(texts, language))), ""),
        hint=said_in(question.hints, language),
        choices=tuple(Choice(option.code, said_in(option.texts, language)) for option in question.options.all()),
    )


def screens(questions: Sequence[Asked]) -> dict[str, list[Asked]]:
    """The questions by screen, each screen named after the first question on it."""
    by_screen: dict[int, list[Asked]] = {}
    for question in questions:
        by_screen.setdefault(question.screen, []).append(question)
    return {group[0].code: group for group in by_screen.values()}


def wordings(*, language: str) -> dict[str, Asked]:
    """Every question that a version asked, by its code, in the words of the latest that did. Two statements."""
    latest: dict[str, Asked] = {}
    options = Prefetch("options", queryset=Option.objects.order_by("position", "pk"))
    for question in (
        Question.objects.exclude(questionnaire__state=QuestionnaireState.DRAFT)
        .prefetch_related(options)
        .order_by("-questionnaire__number", "screen", "position", "pk")
    ):
        latest.setdefault(question.code, asked(question, language=language))
    return latest
