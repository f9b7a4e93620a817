"""Versions of the questionnaire: only a draft changes, codes keep their kind, and who began goes on."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from perennial.departures.exit import editing
from perennial.departures.exit.editing import (
    CodeUnusableError,
    KindFixedError,
    NoDraftError,
    NothingAskedError,
    OptionsMissingError,
    Wanted,
    WordingMissingError,
)
from perennial.departures.exit.questionnaire import asked_of, published, questions_of, screens, ship, version_of
from perennial.departures.models import Option, Question, Questionnaire
from perennial.programme.enums import Interest
from tests.cast import NOW, weighed
from tests.departures.exit.saying import leavers, say

pytestmark = pytest.mark.django_db

BY: dict[str, Any] = {"by": "user:1", "now": NOW}


@pytest.fixture(autouse=True)
def _weighed() -> None:
    weighed(Interest.EXIT).save()


def wanted(**fields: Any) -> Wanted:
    return Wanted(**{"code": "canteen", "kind": "scale", "screen": 3, "texts": {"en": "The canteen"}, **fields})


def test_the_shipped_version_is_short_and_complete_in_four_languages() -> None:
    version = ship(now=NOW)
    assert ship(now=NOW) == version
    assert editing.missing_words(version) == []
    asked = asked_of(version=version, how_ended="resignation", gone=False, language="nl")
    assert len(screens(asked)) == 6
    assert {"reason", "improve", "recommend"} <= {question.code for question in asked}
    assert len({question.screen for question in asked if question.about}) == 1


@pytest.mark.parametrize(
    ("how_ended", "gone", "said"),
    [
        ("", False, "Why are you leaving?"),
        ("resignation", True, "Why did you leave?"),
        ("end_of_contract", True, "If it was also your own choice: what made you choose so?"),
        ("dismissal", False, None),
    ],
)
def test_the_wording_fits_how_it_ended_and_whether_it_has(how_ended: str, gone: bool, said: str | None) -> None:
    asked = asked_of(version=ship(now=NOW), how_ended=how_ended, gone=gone, language="en")
    assert {question.code: question.label for question in asked}.get("reason") == said


def test_a_draft_is_a_copy_and_takes_the_place_of_what_was_asked() -> None:
    first = ship(now=NOW)
    copy = editing.begin_draft(**BY)
    assert editing.begin_draft(**BY) == copy
    assert [question.code for question in questions_of(copy)] == [question.code for question in questions_of(first)]
    editing.write_question(wanted=wanted(about="canteen"), **BY)
    assert published() == first
    editing.publish(**BY)
    assert published() == copy
    first.refresh_from_db()
    assert first.state == "superseded"
    assert not first.questions.filter(code="canteen").exists()
    with pytest.raises(NoDraftError):
        editing.publish(**BY)


def test_what_was_published_is_never_changed() -> None:
    ship(now=NOW)
    for deed in (
        lambda: editing.write_question(wanted=wanted(), **BY),
        lambda: editing.remove_question(code="reason", **BY),
        lambda: editing.move_question(code="reason", up=True, **BY),
        lambda: editing.discard_draft(**BY),
    ):
        with pytest.raises(NoDraftError):
            deed()
    assert Question.objects.count() == len(questions_of(published()))


def test_an_answered_question_and_its_options_cannot_be_deleted() -> None:
    [departure] = leavers(1)
    say(departure, reason=["pay"], recommend=3)
    with pytest.raises(ProtectedError):
        Question.objects.get(code="recommend").delete()
    with pytest.raises(ProtectedError):
        Option.objects.get(question__code="reason", code="pay").delete()
    with pytest.raises(ProtectedError):
        published().delete()


def test_who_began_goes_on_with_what_they_began() -> None:
    rows = leavers(2)
    first = published()
    say(rows[0], submit=False, reason=["pay"])
    editing.begin_draft(**BY)
    editing.remove_question(code="keep", **BY)
    editing.publish(**BY)
    say(rows[0], keep="The canteen")
    assert version_of(departure=rows[0]) == first
    assert version_of(departure=rows[1]).number == 2


def test_a_question_moves_within_its_screen_and_across_its_edge() -> None:
    ship(now=NOW)
    editing.begin_draft(**BY)

    def order() -> list[tuple[str, int]]:
        version = editing.draft()
        assert version is not None
        return [(question.code, question.screen) for question in questions_of(version)][:5]

    assert order() == [("reason", 1), ("main_reason", 1), ("decided_by", 1), ("improve", 2), ("keep", 2)]
    editing.move_question(code="improve", up=True, **BY)
    assert order()[3] == ("improve", 1)
    editing.move_question(code="improve", up=True, **BY)
    assert [code for code, _screen in order()][2:4] == ["improve", "decided_by"]
    editing.move_question(code="reason", up=True, **BY)
    assert order()[0] == ("reason", 1)
    with pytest.raises(NoDraftError):
        editing.move_question(code="nothing", up=True, **BY)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"code": "Canteen"}, CodeUnusableError),
        ({"code": "channel"}, CodeUnusableError),
        ({"code": "open"}, CodeUnusableError),
        ({"code": "opened"}, CodeUnusableError),
        ({"code": "expects_of_us"}, CodeUnusableError),
        ({"code": "we_said"}, CodeUnusableError),
        ({"code": "consent-events"}, CodeUnusableError),
        ({"code": "reason", "kind": "multiple"}, CodeUnusableError),
        ({"texts": {"en": " "}}, WordingMissingError),
        ({"kind": "single", "options": [("a", {"en": "A"})]}, OptionsMissingError),
        ({"kind": "single", "options": [("a", {"en": "A"}), ("a", {"en": "B"})]}, CodeUnusableError),
        ({"kind": "single", "options": [("a", {"en": "A"}), ("b", {})]}, WordingMissingError),
    ],
)
def test_what_the_leavers_page_could_not_use_is_refused(fields: dict[str, Any], error: type[Exception]) -> None:
    ship(now=NOW)
    editing.begin_draft(**BY)
    with pytest.raises(error):
        editing.write_question(wanted=wanted(**fields), **BY)


def test_a_code_keeps_its_kind_for_ever() -> None:
    ship(now=NOW)
    editing.begin_draft(**BY)
    editing.remove_question(code="keep", **BY)
    editing.publish(**BY)
    editing.begin_draft(**BY)
    with pytest.raises(KindFixedError):
        editing.write_question(wanted=wanted(code="keep", kind="scale"), **BY)
    editing.write_question(wanted=wanted(code="keep", kind="text"), **BY)
    with pytest.raises(KindFixedError):
        editing.write_question(wanted=wanted(code="recommend", kind="text"), was="recommend", **BY)


def test_missing_words_are_said_and_an_empty_draft_is_not_published() -> None:
    ship(now=NOW)
    version = editing.begin_draft(**BY)
    editing.write_question(wanted=wanted(), **BY)
    assert editing.missing_words(version) == [("canteen", ["nl", "de", "ru"])]
    asked = asked_of(version=version, how_ended="", gone=False, language="ru")
    assert {question.code: question.label for question in asked}["canteen"] == "The canteen"
    for question in questions_of(version):
        editing.remove_question(code=question.code, **BY)
    with pytest.raises(NothingAskedError):
        editing.publish(**BY)


def test_there_is_one_draft_and_one_in_use() -> None:
    ship(now=NOW)
    editing.begin_draft(**BY)
    for state in ("draft", "published"):
        published_at = None if state == "draft" else NOW
        with pytest.raises(IntegrityError), transaction.atomic():
            Questionnaire.objects.create(
                number=9, state=state, made_by="user:1", made_at=NOW, published_at=published_at
            )
