"""The page of retention: what it counts, what it offers, and whom it leaves alone."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from perennial.people.models import Person
from perennial.privacy.models import Hold
from tests.cast import NOW, TODAY, colleague, person, programme
from tests.portal.leavers import sentences

pytestmark = pytest.mark.django_db

COUNTED = "/programme/retention/?count=1"
BEGIN = "/programme/retention/begin/"


@pytest.fixture(autouse=True)
def _at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def carla(client: Client) -> Client:
    programme()
    client.force_login(colleague(email="carla.retention@employer.example"))
    return client


def test_deleting_is_offered_once_something_is_due(carla: Client) -> None:
    somebody = person("Alice van Dam", ends_on=TODAY - timedelta(days=400))
    assert BEGIN not in carla.get("/programme/retention/").content.decode()
    nothing = carla.get(COUNTED).content
    assert BEGIN not in nothing.decode()
    assert "Nothing has been kept for too long." in sentences(nothing)
    Person.objects.filter(pk=somebody.pk).update(created_at=NOW - timedelta(days=3000))
    somebody.stints.update(ends_on=TODAY - timedelta(days=2000), created_at=NOW - timedelta(days=3000))
    something = carla.get(COUNTED).content
    assert BEGIN in something.decode()
    assert "Nothing has been kept for too long." not in sentences(something)


def test_why_somebody_is_left_alone_is_chosen_and_not_taken_for_granted(carla: Client) -> None:
    somebody = person("Alice van Dam")
    sent = {"person": somebody.key, "sentence": "A claim runs.", "ends_on": (TODAY + timedelta(days=90)).isoformat()}
    assert carla.post("/programme/retention/", sent).status_code == 422
    assert not Hold.objects.exists()
    assert carla.post("/programme/retention/", sent | {"reason": "dispute"}).status_code == 302
    assert Hold.objects.get().reason == "dispute"
