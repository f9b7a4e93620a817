"""Topics: named in the languages people read, in an order, retired and taken up again."""

from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from perennial.accounts.roles import Role
from perennial.audit.models import Event
from perennial.consent.topics import choose_topics
from perennial.kernel.purposes import Purpose
from perennial.programme.models import Topic
from perennial.programme.topics import (
    TopicNameTakenError,
    TopicOfOtherPurposeError,
    TopicUnnamedError,
    add_topic,
    fitting,
    move_topic,
    rename_topic,
    restore_topic,
    retire_topic,
    shown_topics,
)
from tests.cast import NOW, colleague, person, programme
from tests.portal.leavers import sentences

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _set_up() -> None:
    programme()


def topic(name: str = "What we make", purpose: Purpose = Purpose.NEWSLETTER, **names: str) -> Topic:
    return add_topic(purpose=purpose, names={"en": name, **names}, by="test", now=NOW)


def shown() -> list[str]:
    return [each.names["en"] for each in shown_topics(purposes=[Purpose.NEWSLETTER])]


def test_a_topic_is_called_as_people_read_and_else_as_the_programme_speaks() -> None:
    made = topic(nl="Wat we maken")
    for language, name in (("nl", "Wat we maken"), ("ru", "What we make"), ("en", "What we make")):
        with translation.override(language):
            assert str(made) == name


def test_a_topic_has_a_name_in_the_programmes_language() -> None:
    with pytest.raises(TopicUnnamedError):
        add_topic(purpose=Purpose.NEWSLETTER, names={"nl": "Wat we maken", "en": " \n"}, by="test", now=NOW)


def test_a_name_stands_once_a_purpose_and_is_free_again_when_retired() -> None:
    made = topic()
    topic(purpose=Purpose.EVENTS)
    with pytest.raises(TopicNameTakenError):
        topic("WHAT WE MAKE")
    retire_topic(topic=made, by="test", now=NOW)
    topic()
    with pytest.raises(TopicNameTakenError):
        restore_topic(topic=made, by="test", now=NOW)


def test_service_has_no_topics() -> None:
    with pytest.raises(TopicOfOtherPurposeError):
        topic(purpose=Purpose.SERVICE)


def test_a_topic_fits_its_own_purpose_alone() -> None:
    made = topic()
    assert fitting(made, "newsletter") == made
    assert fitting(None, "events") is None
    with pytest.raises(TopicOfOtherPurposeError):
        fitting(made, "events")


def test_topics_stand_in_the_order_somebody_gave_them() -> None:
    _one, two, three = topic("one"), topic("two"), topic("three")
    assert move_topic(topic=three, up=True, by="test", now=NOW) is True
    assert shown() == ["one", "three", "two"]
    assert move_topic(topic=two, up=False, by="test", now=NOW) is False
    assert shown() == ["one", "three", "two"]


def test_retiring_and_taking_up_again_each_happen_once_and_are_written_down() -> None:
    made = topic()
    assert [retire_topic(topic=made, by="user:1", now=NOW) for _ in range(2)] == [True, False]
    assert shown() == []
    assert move_topic(topic=made, up=True, by="user:1", now=NOW) is False
    assert [restore_topic(topic=made, by="user:1", now=NOW) for _ in range(2)] == [True, False]
    assert shown() == ["What we make"]
    rename_topic(topic=made, names={"en": "What we build"}, by="user:1", now=NOW)
    rename_topic(topic=made, names={"en": "What we build"}, by="user:1", now=NOW)
    deeds = Event.objects.filter(subject_kind="topic").order_by("pk").values_list("deed", flat=True)
    assert list(deeds) == [
        "programme.topic_added",
        "programme.topic_retired",
        "programme.topic_restored",
        "programme.topic_renamed",
    ]


@pytest.fixture
def desk(client: Client) -> Client:
    client.force_login(colleague(Role.COORDINATOR, email="desk@employer.example"))
    return client


def test_the_empty_page_says_what_to_do(desk: Client) -> None:
    said = sentences(desk.get("/programme/topics/").content)
    assert "No topic yet" in said
    assert "Add a topic" in said


def test_a_topic_is_added_changed_moved_retired_and_taken_up_again_at_the_desk(desk: Client) -> None:
    for name in ("People", "Projects"):
        sent = {"purpose": "newsletter", "name-en": name, "name-nl": f"{name} (nl)"}
        assert desk.post("/programme/topics/new/", sent)["Location"] == "/programme/topics/"
    people, projects = Topic.objects.order_by("pk")
    assert people.names == {"en": "People", "nl": "People (nl)"}
    desk.post(f"/programme/topics/{projects.pk}/move/", {"to": "up"})
    assert shown() == ["Projects", "People"]
    assert desk.post(f"/programme/topics/{people.pk}/", {"name-en": "projects"}).status_code == 422
    desk.post(f"/programme/topics/{people.pk}/", {"name-en": "Colleagues"})
    assert shown() == ["Projects", "Colleagues"]
    desk.post(f"/programme/topics/{people.pk}/retire/")
    assert shown() == ["Projects"]
    page = sentences(desk.get("/programme/topics/").content)
    assert "1 was retired" in page
    desk.post(f"/programme/topics/{people.pk}/restore/")
    assert shown() == ["Projects", "Colleagues"]


def test_what_is_missing_is_said_and_nothing_is_added(desk: Client) -> None:
    answer = desk.post("/programme/topics/new/", {"purpose": "newsletter", "name-en": ""})
    assert (answer.status_code, Topic.objects.count()) == (422, 0)
    assert "Write what it is called." in sentences(answer.content)


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_statements_for_one_and_for_many(
    desk: Client, django_assert_num_queries: Any, count: int
) -> None:
    desk.get("/programme/topics/")
    someone = person()
    for at in range(count):
        made = topic(f"Topic {at}")
        choose_topics(person=someone, shown=[made.pk], wanted=[], by="test", now=NOW)
        retire_topic(topic=topic(f"Gone {at}"), by="test", now=NOW)
    with django_assert_num_queries(QUERIES):
        page = sentences(desk.get("/programme/topics/").content)
    assert page.count("1 person would rather not read about it") == count


QUERIES = 5
