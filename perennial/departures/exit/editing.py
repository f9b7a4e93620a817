"""Writes a new version of the questionnaire: a draft is a copy of what is asked, is changed, and takes its place.

Only a draft changes. What was published stays as it was asked, since what was answered would else say something else;
a code, once it was used, keeps its kind in every version, so that figures over versions count the same thing.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import transaction

from perennial.audit.actions import record
from perennial.departures.exit.closing import RECOMMEND
from perennial.departures.exit.enums import QuestionKind, QuestionnaireState
from perennial.departures.exit.questionnaire import published, questions_of
from perennial.departures.models import Option, Question, Questionnaire
from perennial.programme.enums import Interest
from perennial.programme.interests import require_records

CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
# What the leaver's page, or the page of the conversation's notes, calls by these names already.
RESERVED = frozenset(
    (
        *("welcome", "relation", "thanks", "flowers", "step", "next", "skip", "fresh", "private_email", "channel"),
        *("frequency", "language", "first_day", "address", "agree", "csrfmiddlewaretoken", "themes"),
        *("open", "opened", "expects_of_us", "we_said"),
    )
)
_WITH_OPTIONS = (QuestionKind.SINGLE, QuestionKind.MULTIPLE)


class NoDraftError(Exception):
    """There is no draft, or it was published in the meantime."""


class CodeUnusableError(ValueError):
    """A code that the leaver's page cannot use, or that another question of the draft has."""


class KindFixedError(ValueError):
    """In an earlier version the code was used for a question of another kind. `kind` is that one."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class WordingMissingError(ValueError):
    """A question, or a ready answer, without a wording in any language."""


class OptionsMissingError(ValueError):
    """A question to choose from with fewer than two ready answers."""


class NothingAskedError(Exception):
    """A draft without a question cannot be published."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A question as somebody wrote it. `options` are (code, wordings), in order."""

    code: str
    kind: str
    screen: int
    texts: Mapping[str, str]
    about: str = ""
    hints: Mapping[str, str] = field(default_factory=dict)
    gone: Mapping[str, str] = field(default_factory=dict)
    left_out_after: Sequence[str] = ()
    options: Sequence[tuple[str, Mapping[str, str]]] = ()


def draft() -> Questionnaire | None:
    """The version that is being written."""
    return Questionnaire.objects.filter(state=QuestionnaireState.DRAFT).first()


def missing_words(version: Questionnaire) -> list[tuple[str, list[str]]]:
    """The questions that lack a wording, their own or of a ready answer, each with the languages it lacks."""
    lacking = []
    for question in questions_of(version):
        texts = [question.texts, *(option.texts for option in question.options.all())]
        texts += [each for each in (question.hints, *question.variants.values()) if any(each.values())]
        languages = [code for code, _name in settings.LANGUAGES if any(not each.get(code) for each in texts)]
        if languages:
            lacking.append((question.code, languages))
    return lacking


@transaction.atomic
def begin_draft(*, by: str, now: datetime) -> Questionnaire:
    """A copy of what is asked, to change; the one that is being written, if there is one."""
    current = Questionnaire.objects.select_for_update().get(pk=published().pk)
    standing = draft()
    if standing is not None:
        return standing
    latest = Questionnaire.objects.order_by("-number").values_list("number", flat=True)[0]
    copy = Questionnaire.objects.create(number=latest + 1, made_by=by, made_at=now)
    for question in questions_of(current):
        options = list(question.options.all())
        question.pk, question.questionnaire = None, copy
        question.save(force_insert=True)
        for option in options:
            option.pk, option.question = None, question
        Option.objects.bulk_create(options)
    _record(copy, "drafted", by, now)
    return copy


@transaction.atomic
def discard_draft(*, by: str, now: datetime) -> None:
    """Throws the draft away. Raises NoDraftError."""
    version = _locked()
    _record(version, "discarded", by, now)
    version.delete()


@transaction.atomic
def write_question(*, wanted: Wanted, was: str = "", by: str, now: datetime) -> Question:
    """Adds a question to the draft, at the end of its screen; with `was`, changes the one of that code.

    Raises NoDraftError, CodeUnusableError, KindFixedError, WordingMissingError, OptionsMissingError.
    """
    version = _locked()
    question = version.questions.filter(code=was).first() if was else None
    if was and question is None:
        raise NoDraftError
    _check(version, wanted, question)
    if question is None:
        last = version.questions.order_by("-position").values_list("position", flat=True).first() or 0
        question = Question(questionnaire=version, position=last + 1)
    question.code, question.kind, question.screen = wanted.code, wanted.kind, wanted.screen
    question.about = wanted.about if wanted.kind == QuestionKind.SCALE else ""
    question.texts, question.hints = _filled(wanted.texts), _filled(wanted.hints)
    others = {name: texts for name, texts in question.variants.items() if name != "gone"}
    question.variants = others | ({"gone": _filled(wanted.gone)} if _filled(wanted.gone) else {})
    question.left_out_after = list(wanted.left_out_after)
    question.save()
    question.options.all().delete()
    if wanted.kind in _WITH_OPTIONS:
        Option.objects.bulk_create(
            Option(question=question, code=code, position=number, texts=_filled(texts))
            for number, (code, texts) in enumerate(wanted.options, start=1)
        )
    _record(version, "changed", by, now)
    return question


@transaction.atomic
def remove_question(*, code: str, by: str, now: datetime) -> None:
    """Takes a question out of the draft. Raises NoDraftError."""
    version = _locked()
    removed, _kinds = version.questions.filter(code=code).delete()
    if not removed:
        raise NoDraftError
    _record(version, "changed", by, now)


@transaction.atomic
def move_question(*, code: str, up: bool, by: str, now: datetime) -> None:
    """Changes places with the question before or after; across the edge of a screen it moves there.

    Raises NoDraftError.
    """
    version = _locked()
    order = questions_of(version)
    place = next((number for number, each in enumerate(order) if each.code == code), None)
    if place is None:
        raise NoDraftError
    other = place - 1 if up else place + 1
    if not 0 <= other < len(order):
        return
    moved, neighbour = order[place], order[other]
    if moved.screen == neighbour.screen:
        order[place], order[other] = neighbour, moved
    else:
        moved.screen = neighbour.screen
    for position, question in enumerate(order, start=1):
        question.position = position
    Question.objects.bulk_update(order, ["position", "screen"])
    _record(version, "changed", by, now)


@transaction.atomic
def publish(*, by: str, now: datetime) -> Questionnaire:
    """The draft is asked from now on; who has begun goes on with theirs.

    Raises NoDraftError, NothingAskedError, and NoRecordError where nobody has written down why it may be asked.
    """
    version = _locked()
    require_records(Interest.EXIT)
    if not version.questions.exists():
        raise NothingAskedError
    Questionnaire.objects.filter(state=QuestionnaireState.PUBLISHED).update(state=QuestionnaireState.SUPERSEDED)
    version.state, version.published_by, version.published_at = QuestionnaireState.PUBLISHED, by, now
    version.save(update_fields=["state", "published_by", "published_at"])
    _record(version, "published", by, now)
    return version


def _locked() -> Questionnaire:
    version = Questionnaire.objects.select_for_update().filter(state=QuestionnaireState.DRAFT).first()
    if version is None:
        raise NoDraftError
    return version


def _check(version: Questionnaire, wanted: Wanted, question: Question | None) -> None:
    others = version.questions.exclude(pk=question.pk) if question else version.questions.all()
    if not CODE.fullmatch(wanted.code) or wanted.code in RESERVED or others.filter(code=wanted.code).exists():
        raise CodeUnusableError
    former = Question.objects.filter(code=wanted.code).exclude(questionnaire=version).values_list("kind", flat=True)
    fixed = QuestionKind.SCALE.value if wanted.code == RECOMMEND else former.first()
    if fixed is not None and fixed != wanted.kind:
        raise KindFixedError(fixed)
    if not _filled(wanted.texts) or any(not _filled(texts) for _code, texts in wanted.options):
        raise WordingMissingError
    codes = [code for code, _texts in wanted.options]
    if len(codes) != len(set(codes)) or any(not CODE.fullmatch(code) for code in codes):
        raise CodeUnusableError
    if wanted.kind in _WITH_OPTIONS and len(codes) < 2:
        raise OptionsMissingError


def _filled(texts: Mapping[str, str]) -> dict[str, str]:
    return {language: text.strip() for language, text in texts.items() if text.strip()}


def _record(version: Questionnaire, what: str, by: str, now: datetime) -> None:
    record(deed=f"departures.questionnaire_{what}", by=by, now=now, details={"number": version.number})
