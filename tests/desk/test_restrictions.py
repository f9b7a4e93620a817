"""Decisions about contact, written down on a person's page."""

import pytest
from django.test import Client

from perennial.accounts.roles import Role
from perennial.contact.actions import end_objection
from perennial.contact.door import explain
from perennial.kernel import clock
from perennial.kernel.purposes import Purpose
from perennial.privacy.rights.restricting import leave_alone
from tests.cast import colleague, exclude, person, programme

pytestmark = pytest.mark.django_db


def test_a_decision_about_contact_is_written_down_for_the_door_and_lifted(client: Client) -> None:
    programme()
    client.force_login(colleague(Role.HR))
    someone = person()
    page = f"/people/{someone.key}/restrictions/new/"
    answer = client.post(page, {"kind": "exclusion", "reason": "misconduct", "purpose": ""})
    assert "needs a day on which somebody looks at it again" in answer.content.decode()
    client.post(page, {"kind": "exclusion", "reason": "misconduct", "review_on": "2030-01-01", "ends_on": "2030-06-01"})
    told = explain(person=someone, purpose=Purpose.PERSONAL, now=clock.now())
    assert {rule.rule for rule in told.rules if not rule.passed} >= {"excluded"}
    shown = client.get(f"/people/{someone.key}/").content.decode()
    assert "Misconduct" in shown
    restriction = someone.restrictions.get()
    client.post(f"/people/{someone.key}/restrictions/{restriction.pk}/lift/")
    told = explain(person=someone, purpose=Purpose.PERSONAL, now=clock.now())
    assert "excluded" not in {rule.rule for rule in told.rules if not rule.passed}


def test_a_recruiter_does_not_see_why_somebody_is_excluded(client: Client) -> None:
    programme()
    someone = person()
    hanna = colleague(Role.HR)
    exclude(someone, reason="misconduct", by=hanna)
    client.force_login(hanna)
    assert "Misconduct" in client.get(f"/people/{someone.key}/").content.decode()
    client.force_login(colleague(Role.RECRUITER))
    assert "Misconduct" not in client.get(f"/people/{someone.key}/").content.decode()


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.RECRUITER])
def test_whoever_opens_the_page_hears_first_that_somebody_asked_to_be_left_alone(client: Client, role: Role) -> None:
    programme()
    someone = person()
    client.force_login(colleague(role, email="looks@employer.example"))
    sentence = "Asked to be left alone: no letters and no invitations"
    assert sentence not in client.get(f"/people/{someone.key}/").content.decode()
    leave_alone(person=someone, now=clock.now())
    assert sentence in client.get(f"/people/{someone.key}/").content.decode()
    end_objection(person=someone, by="test", now=clock.now())
    assert sentence not in client.get(f"/people/{someone.key}/").content.decode()
