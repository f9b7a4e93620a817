"""The programme: set up once, changed with a trace."""

import re
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from perennial.accounts import queries as accounts
from perennial.accounts.actions import AddressTakenError, invitation_path
from perennial.accounts.models import User
from perennial.accounts.roles import Role
from perennial.audit.models import Event
from perennial.kernel.purposes import CONSENT_PURPOSES, Purpose
from perennial.programme import actions, queries
from perennial.programme.enums import (
    AIM_PURPOSES,
    AIM_SENTENCES,
    STAGE_SENTENCES,
    Aim,
    Stage,
    purposes_for,
    warns_about,
)
from perennial.programme.models import Programme
from tests.cast import NOW, colleague, programme

pytestmark = pytest.mark.django_db

ANSWERS: dict[str, Any] = {
    "organisation": "Employer & Sons",
    "postal_address": "Long Street 1\n1000 AA Amsterdam",
    "privacy_notice": "We keep what you tell us.",
    "language": "nl",
    "time_zone": "Europe/Amsterdam",
    "coordinator_name": "Carla Jansen",
    "coordinator_email": "Carla@Employer.example",
    "password": "a long walk along the river",
    "aims": ["ambassadors", "knowledge"],
    "stage": "preparation",
    "by": "command",
    "now": NOW,
}


def settings_of(row: Programme, **changes: Any) -> dict[str, Any]:
    names = ["organisation", "postal_address", "privacy_notice", "language", "time_zone", "sender_address"]
    names += ["quiet_from", "quiet_until", "aims"]
    return {**{name: getattr(row, name) for name in names}, **changes}


def test_setting_up_fills_the_programme_and_names_its_owner() -> None:
    row = actions.set_up(**ANSWERS)
    assert row.owner is not None
    assert (row.owner.email, row.owner.role, row.owner.is_active) == ("carla@employer.example", Role.COORDINATOR, True)
    assert row.owner.check_password("a long walk along the river") is True
    assert (row.organisation, row.stage, row.set_up_at, row.set_up_random) == (
        "Employer & Sons",
        Stage.PREPARATION,
        NOW,
        "",
    )
    assert row.sender_address == "alumni@employer.example"
    assert row.purposes == ["newsletter", "events", "personal", "surveys", "directory"]
    assert queries.has_no_owner(row) is False
    event = Event.objects.get(deed="programme.set_up")
    assert (event.by, event.details) == ("command", {"stage": "preparation", "aims": ["ambassadors", "knowledge"]})


def test_setting_up_happens_once() -> None:
    actions.set_up(**ANSWERS)
    with pytest.raises(actions.AlreadySetUpError):
        actions.set_up(**{**ANSWERS, "organisation": "Somebody else", "coordinator_email": "eve@elsewhere.example"})
    assert queries.current().organisation == "Employer & Sons"
    assert list(User.objects.values_list("email", flat=True)) == ["carla@employer.example"]


def test_a_refused_set_up_leaves_nothing_behind() -> None:
    with pytest.raises(ValidationError):
        actions.set_up(**{**ANSWERS, "password": "short"})
    colleague(email="carla@employer.example")
    with pytest.raises(AddressTakenError):
        actions.set_up(**ANSWERS)
    row = queries.current()
    assert (row.set_up_at, row.organisation, row.owner) == (None, "", None)
    assert queries.set_up_path() is not None
    assert Event.objects.count() == 0


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("coordinator_email", "carla", "'carla' is not an e-mail address."),
        ("coordinator_email", "carla@employer.example\nBcc: eve@elsewhere.example", "is not an e-mail address."),
        ("coordinator_name", " \n", "A colleague must have a name."),
        ("time_zone", "Mars/Olympus", "'Mars/Olympus' is not a time zone"),
        ("time_zone", "../../etc/passwd", "is not a time zone"),
        ("time_zone", "", "is not a time zone"),
    ],
)
def test_a_wrong_answer_is_refused_with_a_sentence(field: str, value: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        actions.set_up(**{**ANSWERS, field: value})
    assert (queries.current().set_up_at, User.objects.count()) == (None, 0)


def test_a_coordinator_without_password_is_invited_and_owns_the_programme() -> None:
    row = actions.set_up(**{**ANSWERS, "password": None})
    assert row.owner is not None
    assert row.owner.is_invited is True
    assert queries.has_no_owner(row) is False
    token = invitation_path(row.owner).split("/")[2]
    assert accounts.invited(token=token, now=NOW) == row.owner


def test_the_set_up_link_opens_until_it_was_used() -> None:
    path = queries.set_up_path()
    assert path is not None
    token = path.split("/")[2]
    assert queries.waiting_for_set_up(token=token).pk == 1
    actions.set_up(**ANSWERS)
    assert queries.set_up_path() is None
    with pytest.raises(queries.SetUpGoneError):
        queries.waiting_for_set_up(token=token)


@pytest.mark.parametrize("token", ["", "1..", "1.guess.guess", "altered"])
def test_another_token_opens_nothing(token: str) -> None:
    own = queries.set_up_path()
    assert own is not None
    with pytest.raises(queries.SetUpGoneError):
        queries.waiting_for_set_up(token=own.split("/")[2] + "x" if token == "altered" else token)


def test_changed_settings_name_their_fields() -> None:
    row = programme()
    changed = actions.change_settings(**settings_of(row, quiet_from=21, aims=["clients"]), by="user:1", now=NOW)
    assert (changed.quiet_from, changed.aims) == (21, ["clients"])
    assert changed.purposes == ["newsletter", "events", "personal", "business"]
    assert Event.objects.get().details == {"fields": ["quiet_from", "aims", "purposes"]}


def test_settings_left_alone_leave_no_trace() -> None:
    row = programme(purposes=["newsletter", "events", "personal", "surveys", "feedback"])
    actions.change_settings(**settings_of(row), by="user:1", now=NOW)
    assert Event.objects.count() == 0


def test_the_stage_changes_with_a_trace() -> None:
    programme(Stage.PREPARATION)
    assert actions.change_stage(stage="live", by="user:1", now=NOW).stage == Stage.LIVE
    actions.change_stage(stage="live", by="user:1", now=NOW)
    assert [event.details for event in Event.objects.all()] == [{"former": "preparation", "stage": "live"}]


def test_only_a_coordinator_with_an_open_account_answers_for_the_programme() -> None:
    programme()
    for unfit in (colleague(Role.HR), colleague(email="gone@employer.example", is_active=False)):
        with pytest.raises(actions.OwnerUnfitError):
            actions.name_owner(owner=unfit, by="user:1", now=NOW)
    dora = colleague(email="dora@employer.example")
    assert actions.name_owner(owner=dora, by="user:1", now=NOW).owner == dora
    assert [event.details for event in Event.objects.all()] == [{"owner": dora.pk}]


def test_a_disabled_owner_is_no_owner() -> None:
    row = programme(owner=colleague(is_active=False))
    assert queries.has_no_owner(row) is True


@pytest.mark.parametrize(
    ("aims", "purposes"),
    [
        ([], "newsletter events personal"),
        (["return"], "newsletter events vacancies personal"),
        (["referrals"], "newsletter events vacancies personal"),
        (["ambassadors"], "newsletter events personal surveys"),
        (["clients"], "newsletter events personal business"),
        (["knowledge"], "newsletter events personal directory"),
        (["feedback"], "newsletter events personal surveys feedback"),
        ([aim.value for aim in Aim], "newsletter events vacancies personal business surveys feedback directory"),
    ],
)
def test_aims_switch_purposes_on(aims: list[str], purposes: str) -> None:
    assert purposes_for(aims) == purposes.split()


def test_every_aim_and_stage_has_its_sentence_and_every_purpose_an_aim() -> None:
    assert set(AIM_SENTENCES) == set(AIM_PURPOSES) == set(Aim)
    assert set(STAGE_SENTENCES) == set(Stage)
    assert set(purposes_for(Aim.values)) == set(CONSENT_PURPOSES)
    assert Purpose.SERVICE not in purposes_for(Aim.values)


@pytest.mark.parametrize(
    ("aims", "warned"), [(["return"], True), (["return", "feedback"], False), (["feedback"], False), ([], False)]
)
def test_winning_people_back_alone_brings_a_warning(aims: list[str], warned: bool) -> None:
    assert warns_about(aims) is warned


def test_figures_are_over_five_people_at_least_and_more_where_somebody_wants_that() -> None:
    row = programme()
    assert actions.change_settings(**settings_of(row), minimum_group=8, by="user:1", now=NOW).minimum_group == 8
    assert actions.change_settings(**settings_of(row), by="user:1", now=NOW).minimum_group == 8
    with pytest.raises(actions.GroupTooSmallError):
        actions.change_settings(**settings_of(row), minimum_group=4, by="user:1", now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Programme.objects.update(minimum_group=4)
