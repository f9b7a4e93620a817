"""The Team pages, and the page of an invitation."""

import re
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from perennial.accounts import actions
from perennial.accounts.models import User
from perennial.accounts.roles import Role
from perennial.accounts.sessions import SessionStore
from perennial.audit.models import Event
from perennial.mail.models import Message
from perennial.operate.configuration import MailServer
from tests.cast import NOW, colleague, programme
from tests.portal.leavers import sentences

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery staple"
LINK_SHOWN = "accounts.invitation_link_shown"


@pytest.fixture
def carla() -> User:
    user = colleague(name="Carla Jansen")
    programme(owner=user)
    return user


@pytest.fixture
def desk(client: Client, carla: User) -> Client:
    client.force_login(carla)
    return client


def make_stale(client: Client) -> None:
    """As if who is signed in had proved who they are a quarter of an hour ago."""
    session = client.session
    assert isinstance(session, SessionStore)
    session["signed_in_at"] -= 15 * 60
    session.save()


def invitation(**fields: Any) -> dict[str, Any]:
    return {"name": "Bob Smit", "email": "bob@employer.example", "role": "hr", **fields}


@pytest.mark.parametrize("others", [0, 2])
def test_the_list_costs_the_same_for_one_and_for_three(others: int, desk: Client) -> None:
    for number in range(others):
        colleague(Role.HR, email=f"hr{number}@employer.example")
    with CaptureQueriesContext(connection) as queries:
        response = desk.get("/team/")
    assert len(response.context["people"]) == 1 + others
    # session, user with second factor, programme with owner, colleagues
    assert len(queries) == 4


def test_the_list_says_what_each_role_may_do_and_how_each_account_stands(desk: Client) -> None:
    colleague(Role.HR, name="Hanna", email="hanna@employer.example", second_factor=False)
    colleague(Role.LEADERSHIP, name="Lea", is_active=False)
    actions.invite(name="Bob", email="bob@employer.example", role=Role.HOST, language="en", by="user:1", now=NOW)
    page = desk.get("/team/").content.decode()
    assert "Sees figures, never a single person." in page
    assert [word in page for word in ("Invited", "Disabled", "No second factor yet")] == [True, True, True]


def test_an_invitation_goes_out_with_a_link_for_one_use(desk: Client, carla: User, settings: Any) -> None:
    settings.PERENNIAL_MAIL_SERVER = MailServer("mail.example.org")
    response = desk.post("/team/invite/", invitation())
    assert response["Location"] == "/team/"
    user = User.objects.get(email="bob@employer.example")
    message = Message.objects.select_related("mailing").get()
    assert (message.address, message.person, message.link_path) == (user.email, None, actions.invitation_path(user))
    assert (message.mailing.purpose, message.mailing.sender_name, message.mailing.reply_to) == (
        "service",
        "Carla Jansen",
        carla.email,
    )
    assert "Employer & Sons" in message.mailing.contents["en"]["body"]
    assert Event.objects.get(deed="accounts.invited").by == f"user:{carla.pk}"


def test_where_mail_is_kept_who_invites_gets_the_link_once_to_hand_it_over(desk: Client, carla: User) -> None:
    assert "mail is kept and not sent" in sentences(desk.get("/team/").content)
    there = desk.post("/team/invite/", invitation())["Location"]
    user = User.objects.get(email="bob@employer.example")
    assert there == f"/team/{user.pk}/"
    path = actions.invitation_path(user)
    dora = Client()
    dora.force_login(colleague(email="dora@employer.example"))
    assert path not in dora.get(there).content.decode()
    page = desk.get(there)
    assert f"http://localhost:8000{path}" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert path not in desk.get(there).content.decode()
    shown = Event.objects.get(deed=LINK_SHOWN)
    assert (shown.by, shown.subject_key) == (f"user:{carla.pk}", str(user.pk))
    assert Client().get(path).status_code == 200


def test_a_second_invitation_shows_the_second_link(desk: Client) -> None:
    desk.post("/team/invite/", invitation())
    user = User.objects.get(email="bob@employer.example")
    first = actions.invitation_path(user)
    page = desk.post(f"/team/{user.pk}/invite-again/", follow=True).content.decode()
    user.refresh_from_db()
    assert actions.invitation_path(user) in page
    assert first not in page


def test_where_mail_is_sent_no_link_is_shown(desk: Client, settings: Any) -> None:
    settings.PERENNIAL_MAIL_SERVER = MailServer("mail.example.org")
    assert "is on its way" in sentences(desk.post("/team/invite/", invitation(), follow=True).content)
    user = User.objects.get(email="bob@employer.example")
    again = desk.post(f"/team/{user.pk}/invite-again/", follow=True).content.decode()
    user.refresh_from_db()
    assert actions.invitation_path(user) not in again
    assert "/welcome/" not in again


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("name", "x" * 201), ("email", "nobody"), ("email", ""), ("role", "owner"), ("role", "")],
)
def test_a_wrong_invitation_is_said_in_place_and_sends_nothing(field: str, value: str, desk: Client) -> None:
    response = desk.post("/team/invite/", invitation(**{field: value}))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert (User.objects.count(), Message.objects.count()) == (1, 0)


def test_nobody_is_invited_twice(desk: Client) -> None:
    colleague(Role.HR, email="bob@employer.example")
    response = desk.post("/team/invite/", invitation(email="Bob@Employer.example"))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["email"]
    assert Message.objects.count() == 0


def test_a_name_with_line_ends_reaches_no_header(desk: Client) -> None:
    desk.post("/team/invite/", invitation(name="Bob\r\nBcc: eve@elsewhere.example"))
    assert User.objects.get(email="bob@employer.example").name == "Bob Bcc: eve@elsewhere.example"


def test_who_was_invited_chooses_a_password_and_signs_in(desk: Client) -> None:
    desk.post("/team/invite/", invitation())
    user = User.objects.get(email="bob@employer.example")
    path = actions.invitation_path(user)
    stranger = Client()
    assert stranger.get(path).status_code == 200
    user.refresh_from_db()
    assert user.is_invited is True
    assert stranger.post(path, {"password": "short"}).status_code == 422
    assert stranger.post(path, {"password": PASSWORD})["Location"] == "/account/sign-in/"
    assert stranger.post("/account/sign-in/", {"login": user.email, "password": PASSWORD})["Location"] == "/"
    assert stranger.get("/account/password/change/")["Location"] == "/account/security/"


def test_every_link_that_does_not_work_gets_the_same_answer(desk: Client) -> None:
    desk.post("/team/invite/", invitation())
    used = User.objects.get(email="bob@employer.example")
    path = actions.invitation_path(used)
    expired = actions.invite(
        name="Eva", email="eva@employer.example", role=Role.HR, language="en", by="user:1", now=NOW.replace(year=2020)
    )
    Client().post(path, {"password": PASSWORD})
    answers = set()
    for link in (path, path[:-2] + "x/", actions.invitation_path(expired), "/welcome/1.guess.guess/"):
        for response in (Client().get(link), Client().post(link, {"password": PASSWORD})):
            text = re.sub(r'nonce="[^"]*"', "", response.content.decode())
            answers.add((response.status_code, text))
    assert [status for status, _text in answers] == [404]


def test_a_role_is_changed_from_the_page_of_a_colleague(desk: Client, carla: User) -> None:
    bob = colleague(Role.HR, name="Bob Smit")
    assert desk.get(f"/team/{bob.pk}/").status_code == 200
    response = desk.post(f"/team/{bob.pk}/role/", {"role": "editor"})
    assert response["Location"] == f"/team/{bob.pk}/"
    bob.refresh_from_db()
    assert bob.role == Role.EDITOR
    assert Event.objects.get().by == f"user:{carla.pk}"
    assert desk.post(f"/team/{bob.pk}/role/", {"role": "owner"}).status_code == 422


def test_the_last_coordinator_hears_why_not(desk: Client, carla: User) -> None:
    for path, answers in (("role", {"role": "hr"}), ("disable", {})):
        page = desk.post(f"/team/{carla.pk}/{path}/", answers, follow=True).content.decode()
        assert "Carla Jansen is the only coordinator." in page
    carla.refresh_from_db()
    assert (carla.role, carla.is_active) == (Role.COORDINATOR, True)


def test_who_gives_the_own_role_away_lands_on_a_page_that_is_still_theirs(desk: Client, carla: User) -> None:
    colleague(email="dora@employer.example")
    response = desk.post(f"/team/{carla.pk}/role/", {"role": "hr"})
    assert response["Location"] == "/"


def test_disabling_signs_a_colleague_out_at_once(desk: Client) -> None:
    bob = colleague(Role.HR)
    elsewhere = Client()
    elsewhere.force_login(bob)
    assert elsewhere.get("/account/security/").status_code == 200
    desk.post(f"/team/{bob.pk}/disable/")
    assert elsewhere.get("/account/security/").status_code == 302
    desk.post(f"/team/{bob.pk}/enable/")
    bob.refresh_from_db()
    assert bob.is_active is True


def test_a_lost_telephone_is_forgotten(desk: Client) -> None:
    bob = colleague(Role.HR)
    desk.post(f"/team/{bob.pk}/second-factor/")
    assert Authenticator.objects.filter(user=bob).exists() is False
    assert Event.objects.get().deed == "accounts.second_factor_reset"


def test_an_invitation_is_sent_again_only_while_it_stands_open(desk: Client) -> None:
    desk.post("/team/invite/", invitation())
    user = User.objects.get(email="bob@employer.example")
    desk.post(f"/team/{user.pk}/invite-again/")
    assert Message.objects.count() == 2
    actions.disable(user=user, by="user:1", now=NOW)
    assert desk.post(f"/team/{user.pk}/invite-again/").status_code == 404
    desk.post(f"/team/{user.pk}/enable/")
    assert Message.objects.count() == 3
    user.refresh_from_db()
    assert user.is_invited is True


@pytest.mark.parametrize(
    ("path", "answers"),
    [
        ("/team/invite/", invitation()),
        ("/team/{pk}/role/", {"role": "editor"}),
        ("/team/{pk}/disable/", {}),
        ("/team/{pk}/second-factor/", {}),
    ],
)
def test_what_is_sensitive_asks_once_more_who_it_is(path: str, answers: dict[str, str], desk: Client) -> None:
    bob = colleague(Role.HR)
    make_stale(desk)
    address = path.format(pk=bob.pk)
    response = desk.post(address, answers)
    assert response["Location"] == f"/account/confirm/?next={address.replace('/', '%2F')}"
    assert f'name="next" value="{address}"' in desk.get(response["Location"]).content.decode()
    assert Event.objects.count() == 0
    desk.post(response["Location"], {"password": "wrong", "next": address})
    assert Event.objects.count() == 0
    response = desk.post(response["Location"], {"password": PASSWORD, "next": address})
    assert response.status_code == 302
    assert Event.objects.filter(deed__startswith="accounts.").exclude(deed=LINK_SHOWN).count() == 1


def test_a_waiting_deed_is_refused_when_the_role_is_gone_meanwhile(desk: Client, carla: User) -> None:
    colleague(email="dora@employer.example")
    bob = colleague(Role.HR)
    make_stale(desk)
    address = f"/team/{bob.pk}/disable/"
    asked = desk.post(address)["Location"]
    actions.change_role(user=carla, role=Role.EDITOR, by="user:1", now=NOW)
    response = desk.post(asked, {"password": PASSWORD, "next": address})
    assert response.status_code == 403
    bob.refresh_from_db()
    assert bob.is_active is True


def test_looking_never_asks_who_it_is(desk: Client) -> None:
    make_stale(desk)
    assert desk.get("/team/").status_code == 200


@time_machine.travel(NOW, tick=False)
def test_an_expired_invitation_shows_as_such(desk: Client, carla: User) -> None:
    desk.force_login(carla)
    user = actions.invite(
        name="Eva", email="eva@employer.example", role=Role.HR, language="en", by="user:1", now=NOW.replace(year=2020)
    )
    assert "the link has expired" in desk.get(f"/team/{user.pk}/").content.decode()


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "محمد عبد الله", "Ёлка " * 30])
def test_any_name_is_shown_as_a_name(name: str, desk: Client) -> None:
    user = colleague(Role.HR, name=name)
    page = desk.get(f"/team/{user.pk}/").content.decode()
    assert "<script>alert" not in page
    assert name.replace("<", "&lt;").replace(">", "&gt;").strip()[:20] in page
