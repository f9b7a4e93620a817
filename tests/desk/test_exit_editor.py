"""The page on which the questionnaire is changed."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from perennial.departures.exit import editing
from perennial.departures.exit.questionnaire import published, questions_of, ship
from tests.cast import NOW, programme
from tests.portal.leavers import leaver, page_of, sentences

pytestmark = pytest.mark.django_db

PAGE = "/exit/questionnaire/"
CANTEEN = {
    "code": "canteen",
    "kind": "single",
    "screen": "2",
    "options": "good | Good | Goed | Gut | Хорошая\nbad | Bad | Slecht | Schlecht | Плохая",
    "texts-en": "How was the canteen?",
    "texts-nl": "Hoe was de kantine?",
}


@pytest.fixture(autouse=True)
def _at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def carla(client: Client) -> Client:
    owner = programme().owner
    assert owner is not None
    ship(now=NOW)
    client.force_login(owner)
    return client


def test_a_question_is_added_in_a_draft_previewed_and_put_in_use(carla: Client, client: Client) -> None:
    assert carla.get(f"{PAGE}new/").status_code == 404
    carla.post(f"{PAGE}begin/")
    assert carla.post(f"{PAGE}new/", CANTEEN)["Location"] == PAGE
    said = sentences(carla.get(PAGE).content)
    assert "How was the canteen?" in said
    assert "canteen : German, Russian" in said
    assert "Hoe was de kantine?" in sentences(carla.get(f"{PAGE}preview/?lang=nl").content)
    assert "Schlecht" in sentences(carla.get(f"{PAGE}preview/?lang=de").content)
    # Asked once, with what is missing.
    assert "canteen : German, Russian" in sentences(carla.get(f"{PAGE}publish/").content)
    assert published().number == 1
    carla.post(f"{PAGE}publish/")
    assert published().number == 2
    departure = leaver()
    assert "How was the canteen?" in sentences(client.get(page_of(departure), {"step": "improve"}).content)


def test_a_question_is_changed_moved_and_taken_out(carla: Client) -> None:
    carla.post(f"{PAGE}begin/")
    path = f"{PAGE}questions/would_return/"
    form = carla.get(path).context["form"]
    assert form.initial["options"].startswith("yes | Yes | Ja | Ja | Да")
    sent = {name: value for name, value in form.initial.items() if value}
    carla.post(path, {**sent, "texts-en": "Would you come back?"})
    version = editing.draft()
    assert version is not None
    question = version.questions.get(code="would_return")
    assert question.texts["en"] == "Would you come back?"
    assert question.texts["ru"] == form.initial["texts-ru"]
    assert [option.code for option in question.options.all()] == ["yes", "perhaps", "no"]
    carla.post(f"{path}move/", {"up": "1"})
    carla.post(f"{path}remove/")
    assert "would_return" not in [each.code for each in questions_of(version)]
    assert carla.get(path).status_code == carla.post(f"{path}remove/").status_code == 404
    carla.post(f"{PAGE}discard/")
    assert editing.draft() is None


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"code": "Канtina"}, "A code is missing, is used already"),
        ({"texts-en": "", "texts-nl": ""}, "A wording is missing"),
        ({"options": "good | Good"}, "Write at least two ready answers."),
        ({"options": "a | 1 | 2 | 3 | 4 | 5\nb | 1"}, "This line has more parts than there are languages"),
        ({"code": "keep_more", "screen": "0"}, "greater than or equal to 1"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(carla: Client, changes: dict[str, Any], sentence: str) -> None:
    carla.post(f"{PAGE}begin/")
    answer = carla.post(f"{PAGE}new/", {**CANTEEN, **changes})
    assert answer.status_code == 422
    assert sentence in sentences(answer.content)
    if "options" not in changes:
        assert "Плохая" in answer.content.decode()


def test_an_earlier_kind_is_named(carla: Client) -> None:
    carla.post(f"{PAGE}begin/")
    carla.post(f"{PAGE}questions/keep/remove/")
    said = sentences(carla.post(f"{PAGE}new/", {**CANTEEN, "code": "keep"}).content)
    assert "Earlier this code was of the kind" in said
    assert "A text" in said


def test_the_page_costs_the_same_however_many_questions_there_are(carla: Client) -> None:
    costs = []
    carla.post(f"{PAGE}begin/")
    for number in range(2):
        carla.post(f"{PAGE}new/", {**CANTEEN, "code": f"canteen_{number}"})
        with CaptureQueriesContext(connection) as queries:
            carla.get(PAGE)
        costs.append(len(queries))
    assert costs == [8, 8]
