"""The set-up page."""

import re
from typing import Any

import pytest
from django.test import Client

from perennial.accounts.models import User
from perennial.programme.models import Programme
from perennial.programme.queries import current, set_up_path
from tests.portal.leavers import sentences

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery staple"


@pytest.fixture
def path() -> str:
    link = set_up_path()
    assert link is not None
    return link


def answers(**changes: Any) -> dict[str, Any]:
    return {
        "organisation": "Employer & Sons",
        "postal_address": "Long Street 1\r\n1000 AA Amsterdam",
        "privacy_notice": "We keep what you tell us.",
        "language": "nl",
        "time_zone": "Europe/Amsterdam",
        "coordinator_name": "Carla Jansen",
        "coordinator_email": "carla@employer.example",
        "password": PASSWORD,
        "aims": ["ambassadors", "feedback"],
        "stage": "preparation",
        **changes,
    }


def test_looking_changes_nothing(path: str, client: Client) -> None:
    before = Programme.objects.values().get()
    assert client.get(path).status_code == 200
    assert Programme.objects.values().get() == before


def test_the_link_sets_the_programme_up_and_its_coordinator_signs_in(path: str, client: Client) -> None:
    assert client.post(path, answers())["Location"] == "/account/sign-in/"
    row = current()
    assert (row.organisation, row.language, row.stage) == ("Employer & Sons", "nl", "preparation")
    assert row.owner == User.objects.get(email="carla@employer.example")
    response = client.post("/account/sign-in/", {"login": "carla@employer.example", "password": PASSWORD})
    assert response["Location"] == "/"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("organisation", ""),
        ("postal_address", ""),
        ("privacy_notice", ""),
        ("language", "fr"),
        ("time_zone", ""),
        ("coordinator_name", ""),
        ("coordinator_email", "carla"),
        ("password", "short"),
        ("password", "carla@employer.example"),
        ("aims", []),
        ("stage", "loud"),
    ],
)
def test_a_wrong_answer_is_said_in_place_and_leaves_the_link_open(
    field: str, value: Any, path: str, client: Client
) -> None:
    response = client.post(path, answers(**{field: value}))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert PASSWORD not in response.content.decode()
    assert (User.objects.count(), current().set_up_at) == (0, None)
    assert client.get(path).status_code == 200


def test_everything_that_needs_a_look_is_said_at_once_and_in_plain_words(path: str, client: Client) -> None:
    wrong = answers(organisation="", coordinator_name="", password="carla@employer.example", aims=[], postal_address="")
    page = client.post(path, wrong)
    assert list(page.context["form"].errors) == [
        "organisation",
        "postal_address",
        "coordinator_name",
        "aims",
        "password",
    ]
    said = sentences(page.content)
    assert "This field is required" not in said
    assert "Write what the organisation is called." in said
    assert "Type the password once more" not in said


def test_a_good_password_is_asked_for_once_more_and_why(path: str, client: Client) -> None:
    assert "Type the password once more" not in sentences(client.get(path).content)
    page = client.post(path, answers(organisation=""))
    assert "Type the password once more: a password is never sent back to a page." in sentences(page.content)
    assert PASSWORD not in page.content.decode()


@pytest.mark.parametrize(
    "field",
    ["organisation", "postal_address", "privacy_notice", "time_zone", "coordinator_name", "coordinator_email"],
)
def test_no_question_left_open_gets_a_stock_answer(path: str, client: Client, field: str) -> None:
    assert "This field is required" not in sentences(client.post(path, answers(**{field: ""})).content)


def test_every_link_that_does_not_work_gets_the_same_answer(path: str, client: Client) -> None:
    client.post(path, answers())
    seen = set()
    for link in (path, path[:-2] + "x/", "/set-up/1..x/", "/set-up/guess/"):
        for response in (Client().get(link), Client().post(link, answers(coordinator_email="eve@elsewhere.example"))):
            seen.add((response.status_code, re.sub(r'nonce="[^"]*"', "", response.content.decode())))
    assert [status for status, _text in seen] == [404]
    assert list(User.objects.values_list("email", flat=True)) == ["carla@employer.example"]


def test_winning_people_back_alone_brings_a_warning(path: str, client: Client) -> None:
    page = client.post(path, answers(aims=["return"]), follow=True).content.decode()
    assert "It is a bonus, not the goal" in page


def test_the_page_takes_a_form_of_its_own(path: str) -> None:
    assert Client(enforce_csrf_checks=True).post(path, answers()).status_code == 403
    assert User.objects.count() == 0
