"""Accounts: invited, changed, closed, each with its trace."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError

from perennial.accounts import actions, queries
from perennial.accounts.models import User
from perennial.accounts.roles import PERMISSIONS, ROLE_SENTENCES, Permission, Role, may
from perennial.audit.models import Event
from tests.cast import NOW, colleague

pytestmark = pytest.mark.django_db
PASSWORD = "a long walk along the river"


def invite(email: str = "Bob@Employer.example", role: Role = Role.HR) -> User:
    return actions.invite(name="Bob  Smit", email=email, role=role, language="en", by="user:1", now=NOW)


def token_of(user: User) -> str:
    return actions.invitation_path(user).split("/")[2]


def deeds() -> list[str]:
    return list(Event.objects.order_by("pk").values_list("deed", flat=True))


def test_an_invitation_makes_an_account_that_cannot_sign_in_yet() -> None:
    user = invite()
    assert (user.name, user.email, user.is_active, user.is_invited) == ("Bob Smit", "bob@employer.example", False, True)
    assert user.has_usable_password() is False
    event = Event.objects.get()
    assert (event.deed, event.by, event.subject_key, event.details) == (
        "accounts.invited",
        "user:1",
        str(user.pk),
        {"role": "hr"},
    )


def test_one_address_has_one_account() -> None:
    invite()
    with pytest.raises(actions.AddressTakenError):
        invite("BOB@employer.example")
    assert User.objects.count() == 1
    assert deeds() == ["accounts.invited"]


def test_an_invitation_is_accepted_once() -> None:
    token = token_of(invite())
    user = actions.accept_invitation(token=token, password=PASSWORD, now=NOW)
    assert (user.is_active, user.is_invited, user.check_password(PASSWORD)) == (True, False, True)
    assert deeds() == ["accounts.invited", "accounts.joined"]
    with pytest.raises(queries.InvitationGoneError):
        actions.accept_invitation(token=token, password=PASSWORD, now=NOW)


def test_an_invitation_ends_after_seven_days() -> None:
    user = invite()
    assert queries.invited(token=token_of(user), now=NOW + timedelta(days=7, seconds=-1)) == user
    with pytest.raises(queries.InvitationGoneError):
        queries.invited(token=token_of(user), now=NOW + timedelta(days=7))


def test_an_easy_password_is_refused_and_leaves_the_invitation_open() -> None:
    user = invite()
    for easy in ("short", "bob@employer.example", "password1234"):
        with pytest.raises(ValidationError):
            actions.accept_invitation(token=token_of(user), password=easy, now=NOW)
    assert queries.invited(token=token_of(user), now=NOW) == user


def test_renewing_an_invitation_voids_the_former_link() -> None:
    user = invite()
    former = token_of(user)
    renewed = actions.renew_invitation(user=user, by="user:1", now=NOW + timedelta(days=9))
    with pytest.raises(queries.InvitationGoneError):
        queries.invited(token=former, now=NOW + timedelta(days=9))
    assert queries.invited(token=token_of(renewed), now=NOW + timedelta(days=15)) == user
    assert deeds() == ["accounts.invited", "accounts.invited_again"]


def test_who_has_signed_in_is_not_invited_again() -> None:
    with pytest.raises(actions.NotInvitedError):
        actions.renew_invitation(user=colleague(), by="user:1", now=NOW)


def test_withdrawing_an_invitation_voids_its_link() -> None:
    user = invite()
    token = token_of(user)
    actions.disable(user=user, by="user:1", now=NOW)
    with pytest.raises(queries.InvitationGoneError):
        queries.invited(token=token, now=NOW)


def test_a_role_changes_with_a_trace() -> None:
    bob = colleague(Role.HR)
    changed = actions.change_role(user=bob, role=Role.EDITOR, by="user:1", now=NOW)
    assert changed.role == Role.EDITOR
    assert Event.objects.get().details == {"former": "hr", "role": "editor"}
    actions.change_role(user=bob, role=Role.EDITOR, by="user:1", now=NOW)
    assert deeds() == ["accounts.role_changed"]


def test_the_last_coordinator_stays() -> None:
    carla = colleague()
    colleague(Role.COORDINATOR, email="asleep@employer.example", is_active=False)
    with pytest.raises(actions.LastCoordinatorError):
        actions.disable(user=carla, by="user:1", now=NOW)
    with pytest.raises(actions.LastCoordinatorError):
        actions.change_role(user=carla, role=Role.HR, by="user:1", now=NOW)
    carla.refresh_from_db()
    assert (carla.is_active, carla.role) == (True, Role.COORDINATOR)
    assert deeds() == []


def test_one_of_two_coordinators_may_go() -> None:
    carla = colleague()
    other = colleague(Role.COORDINATOR, email="dora@employer.example")
    actions.disable(user=carla, by="user:2", now=NOW)
    with pytest.raises(actions.LastCoordinatorError):
        actions.disable(user=other, by="user:2", now=NOW)


def test_disabling_and_enabling_leaves_former_sessions_ended() -> None:
    bob = colleague(Role.HR)
    before = bob.get_session_auth_hash()
    actions.disable(user=bob, by="user:1", now=NOW)
    enabled = actions.enable(user=bob, by="user:1", now=NOW)
    assert enabled.is_active is True
    assert enabled.get_session_auth_hash() != before
    assert deeds() == ["accounts.disabled", "accounts.enabled"]


def test_who_never_chose_a_password_is_invited_anew_when_enabled() -> None:
    user = invite()
    actions.disable(user=user, by="user:1", now=NOW)
    enabled = actions.enable(user=user, by="user:1", now=NOW)
    assert (enabled.is_active, enabled.is_invited) == (False, True)
    assert queries.invited(token=token_of(enabled), now=NOW) == user


def test_resetting_a_second_factor_forgets_everything_and_ends_sessions() -> None:
    bob = colleague(Role.HR)
    Authenticator.objects.create(user=bob, type=Authenticator.Type.RECOVERY_CODES, data={})
    carla = colleague()
    before = bob.get_session_auth_hash()
    after = actions.reset_second_factor(user=bob, by=f"user:{carla.pk}", now=NOW)
    assert queries.has_second_factor(after) is False
    assert queries.has_second_factor(carla) is True
    assert after.get_session_auth_hash() != before
    event = Event.objects.get()
    assert (event.deed, event.by, event.details) == (
        "accounts.second_factor_reset",
        f"user:{carla.pk}",
        {"forgotten": 2},
    )


def test_recovery_codes_alone_are_no_second_factor() -> None:
    bob = colleague(Role.HR, second_factor=False)
    Authenticator.objects.create(user=bob, type=Authenticator.Type.RECOVERY_CODES, data={})
    assert queries.has_second_factor(bob) is False


def test_every_role_has_a_sentence_and_permissions() -> None:
    assert set(ROLE_SENTENCES) == set(Role)
    assert set(PERMISSIONS) == set(Role)


def test_raw_exit_answers_are_for_the_exit_interviewer_alone() -> None:
    assert [role for role in Role if may(role, Permission.READ_EXIT_ANSWERS)] == [Role.EXIT_INTERVIEWER]


def test_leadership_sees_figures_and_no_person() -> None:
    assert PERMISSIONS[Role.LEADERSHIP] == {Permission.OWN_ACCOUNT, Permission.SEE_FIGURES}


def test_an_unknown_role_holds_nothing() -> None:
    assert may("owner", Permission.OWN_ACCOUNT) is False
