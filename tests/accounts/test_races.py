"""Two deeds at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from perennial.accounts import actions, queries
from perennial.accounts.models import User
from perennial.accounts.roles import Role
from perennial.audit.models import Event
from perennial.programme import actions as programme_actions
from tests.cast import NOW, colleague
from tests.programme.test_actions import ANSWERS

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*deeds: Callable[[], object]) -> list[str]:
    """How each of `deeds` ended, all begun at the same moment: 'done' or the name of the refusal."""
    start = Barrier(len(deeds))

    def one(deed: Callable[[], object]) -> str:
        try:
            start.wait()
            deed()
        except Exception as refusal:  # noqa: BLE001  (its name is what the test compares)
            return type(refusal).__name__
        else:
            return "done"
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return sorted(pool.map(one, deeds))


@pytest.mark.parametrize("attempt", range(5))
def test_two_coordinators_cannot_disable_each_other(attempt: int) -> None:
    carla, dora = colleague(), colleague(email="dora@employer.example")
    ended = at_once(
        lambda: actions.disable(user=dora, by=f"user:{carla.pk}", now=NOW),
        lambda: actions.disable(user=carla, by=f"user:{dora.pk}", now=NOW),
    )
    assert ended == ["LastCoordinatorError", "done"]
    assert queries.coordinators().count() == 1


@pytest.mark.parametrize("attempt", range(3))
def test_an_invitation_is_accepted_by_one_of_two(attempt: int) -> None:
    user = actions.invite(name="Bob", email="bob@employer.example", role=Role.HR, language="en", by="user:1", now=NOW)
    token = actions.invitation_path(user).split("/")[2]
    ended = at_once(
        lambda: actions.accept_invitation(token=token, password="a long walk along the river", now=NOW),
        lambda: actions.accept_invitation(token=token, password="a long walk along the coast", now=NOW),
    )
    assert ended == ["InvitationGoneError", "done"]
    assert Event.objects.filter(deed="accounts.joined").count() == 1


@pytest.mark.parametrize("attempt", range(3))
def test_one_of_two_sets_the_programme_up(attempt: int) -> None:
    ended = at_once(
        lambda: programme_actions.set_up(**ANSWERS),
        lambda: programme_actions.set_up(**{**ANSWERS, "coordinator_email": "eve@elsewhere.example"}),
    )
    assert ended == ["AlreadySetUpError", "done"]
    assert User.objects.count() == 1
