"""How staff come in, and how nobody else does."""

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.core.context import request_context
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.auth.hashers import Argon2PasswordHasher, make_password
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from perennial.accounts import actions
from perennial.accounts.models import Session, User
from perennial.accounts.roles import Role
from perennial.accounts.sessions import IDLE_SECONDS, LONGEST_SECONDS
from perennial.audit.models import Event
from perennial.mail.models import Message
from perennial.operate import settings as product
from perennial.web import pace
from tests.cast import NOW, colleague, programme

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery staple"
SECRET = "JBSWY3DPEHPK3PXP"
SIGN_IN = "/account/sign-in/"
SECURITY = "/account/security/"


@pytest.fixture(autouse=True)
def house(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[None]:
    cache.clear()
    # pytest-django puts its own in place.
    settings.EMAIL_BACKEND = "perennial.mail.backend.QueueBackend"
    monkeypatch.setattr(pace, "FLOOR_SECONDS", 0)
    programme(owner=colleague())
    yield
    cache.clear()


def bob(**fields: Any) -> User:
    user = colleague(Role.HR, name="Bob Smit", email="bob@employer.example", second_factor=False, **fields)
    TOTP.activate(user, SECRET)
    return user


def sign_in(client: Client, email: str = "bob@employer.example", password: str = PASSWORD) -> HttpResponse:
    return client.post(SIGN_IN, {"login": email, "password": password})


def totp_code() -> str:
    return str(format_hotp_value(hotp_value(SECRET, next(iter(yield_hotp_counters_from_time())))))


def is_inside(client: Client) -> bool:
    return client.get(SECURITY).status_code == 200


def own_deeds() -> list[str]:
    return list(Event.objects.filter(deed__startswith="accounts.").order_by("pk").values_list("deed", flat=True))


def mailed_text() -> str:
    message = Message.objects.select_related("mailing").order_by("pk").last()
    assert message is not None
    return str(message.mailing.contents[message.language]["body"])


def test_a_password_alone_opens_nothing(client: Client) -> None:
    bob()
    response = sign_in(client)
    assert response["Location"] == "/account/sign-in/second-factor/"
    assert is_inside(client) is False


def test_password_and_app_open_the_desk_and_leave_a_trace(client: Client) -> None:
    user = bob()
    sign_in(client)
    response = client.post("/account/sign-in/second-factor/", {"code": totp_code()})
    assert response["Location"] == "/"
    assert is_inside(client) is True
    assert list(Event.objects.values_list("deed", "by")) == [("accounts.signed_in", f"user:{user.pk}")]


def test_a_recovery_code_opens_once(client: Client) -> None:
    user = bob()
    code = RecoveryCodes.activate(user).get_unused_codes()[0]
    sign_in(client)
    client.post("/account/sign-in/second-factor/", {"code": code})
    assert is_inside(client) is True
    again = Client()
    sign_in(again)
    again.post("/account/sign-in/second-factor/", {"code": code})
    assert is_inside(again) is False


def test_a_mailed_code_does_not_get_around_the_second_factor(client: Client) -> None:
    bob()
    client.post("/account/sign-in/code/", {"email": "bob@employer.example"})
    code = re.search(r"^[A-Z0-9]{3,4}-[A-Z0-9]{3,4}$", mailed_text(), re.MULTILINE)
    assert code is not None
    response = client.post("/account/sign-in/code/confirm/", {"code": code.group()})
    assert response["Location"] == "/account/sign-in/second-factor/"
    client.post("/account/sign-in/second-factor/", {"code": totp_code()})
    assert is_inside(client) is True


def test_a_mailed_code_ends_after_ten_minutes(client: Client) -> None:
    bob()
    with time_machine.travel(NOW, tick=False) as traveller:
        client.post("/account/sign-in/code/", {"email": "bob@employer.example"})
        code = re.search(r"^[A-Z0-9]{3,4}-[A-Z0-9]{3,4}$", mailed_text(), re.MULTILINE)
        assert code is not None
        traveller.shift(601)
        response = client.post("/account/sign-in/code/confirm/", {"code": code.group()})
    assert response["Location"] == "/account/sign-in/code/"


def test_the_session_key_turns_at_sign_in(client: Client) -> None:
    bob()
    sign_in(client)
    before = client.session.session_key
    client.post("/account/sign-in/second-factor/", {"code": totp_code()})
    assert client.session.session_key != before
    assert Session.objects.filter(session_key=before).exists() is False


@pytest.mark.parametrize("who", ["unknown", "wrong password", "disabled", "invited"])
def test_every_failed_sign_in_gets_the_same_answer(who: str, client: Client) -> None:
    user = bob()
    if who == "disabled":
        actions.disable(user=user, by="user:1", now=NOW)
    if who == "invited":
        User.objects.filter(pk=user.pk).update(is_active=False, invite_random="secret")
    email = "nobody@employer.example" if who == "unknown" else user.email
    response = sign_in(client, email, "wrong" if who == "wrong password" else PASSWORD)
    assert response.status_code == 200
    assert response.context["form"].errors == {
        "__all__": ["The email address and/or password you specified are not correct."]
    }
    assert is_inside(client) is False


def test_an_unknown_address_costs_a_hash_too(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock tells nothing: whoever asks, one password is hashed."""
    hashed: list[str] = []
    real = make_password

    def counted(password: str, *args: Any, **more: Any) -> str:
        hashed.append(password)
        return real(password, *args, **more)

    monkeypatch.setattr("django.contrib.auth.base_user.make_password", counted)
    sign_in(client, "nobody@employer.example", "wrong")
    assert hashed == ["wrong"]


@pytest.mark.parametrize("path", ["/account/sign-in/code/", "/account/password/reset/"])
def test_asking_for_mail_says_nothing_about_the_account(path: str) -> None:
    user = bob()
    disabled = colleague(Role.EDITOR, is_active=False)
    seen = set()
    for email in (user.email, disabled.email, "nobody@employer.example"):
        response = Client().post(path, {"email": email}, follow=True)
        text = re.sub(r'value="[^"]*"|nonce="[^"]*"|hx-headers=\'[^\']*\'', "", response.content.decode())
        seen.add((tuple(response.redirect_chain), response.status_code, text.replace(email, "ADDRESS")))
    assert len(seen) == 1
    assert list(Message.objects.values_list("address", flat=True)) == [user.email]


@pytest.mark.parametrize("path", ["/account/sign-in/code/", "/account/password/reset/"])
@pytest.mark.parametrize("email", ["bob@employer.example", "nobody@employer.example"])
def test_asking_for_mail_takes_the_same_time(
    path: str, email: str, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob()
    monkeypatch.setattr(pace, "FLOOR_SECONDS", 0.4)
    started = time.monotonic()
    client.post(path, {"email": email})
    assert 0.4 <= time.monotonic() - started < 0.8


def test_sign_in_is_limited_for_each_address(client: Client) -> None:
    bob()
    for _attempt in range(5):
        sign_in(client, password="wrong")
    response = sign_in(client)
    assert response.context["form"].errors == {"__all__": ["Too many failed login attempts. Try again later."]}


def test_the_limits_are_kept_in_the_database_for_all_processes(client: Client) -> None:
    bob()
    with CaptureQueriesContext(connection) as queries:
        sign_in(client, password="wrong")
    assert any("INSERT INTO" in query["sql"] and "perennial_cache" in query["sql"] for query in queries)


def test_without_a_second_factor_one_sees_only_the_way_to_it(
    client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    user = bob()
    Authenticator.objects.all().delete()
    sign_in(client)
    assert client.get("/account/password/change/")["Location"] == SECURITY
    assert client.get("/team/")["Location"] == SECURITY
    assert client.get(SECURITY).status_code == 200
    response = client.get("/account/security/app/")
    secret = response.context["form"].secret
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    with django_capture_on_commit_callbacks() as committed:
        response = client.post("/account/security/app/", {"code": code})
    with request_context(response.wsgi_request):
        for callback in committed:
            callback()
    assert client.get("/account/password/change/").status_code == 200
    assert Authenticator.objects.filter(user=user).count() == 2
    assert own_deeds() == ["accounts.signed_in", "accounts.totp_activated"]
    assert list(Message.objects.values_list("address", flat=True)) == [user.email]


def test_the_demo_asks_for_no_second_factor(client: Client, settings: Any) -> None:
    settings.PERENNIAL_DEMO = True
    client.force_login(colleague(Role.EDITOR, second_factor=False))
    assert client.get("/account/password/change/").status_code == 200


def test_the_secret_of_an_authenticator_app_stands_encrypted() -> None:
    user = bob()
    kept = Authenticator.objects.get(user=user).data["secret"]
    assert SECRET not in kept
    assert kept.startswith("gAAAA")


def test_disabling_ends_an_open_session_at_once(client: Client) -> None:
    user = bob()
    client.force_login(user)
    assert is_inside(client) is True
    actions.disable(user=user, by="user:1", now=NOW)
    assert client.get(SECURITY)["Location"] == f"{SIGN_IN}?next={SECURITY}"
    actions.enable(user=user, by="user:1", now=NOW)
    assert is_inside(client) is False


def test_a_role_is_lost_at_the_next_request(client: Client) -> None:
    colleague(Role.COORDINATOR, email="dora@employer.example")
    user = colleague(Role.COORDINATOR, email="eva@employer.example")
    client.force_login(user)
    assert client.get("/team/").status_code == 200
    actions.change_role(user=user, role=Role.MEMBER, by="user:1", now=NOW)
    assert client.get("/team/").status_code == 403


def test_who_is_seen_now_and_then_stays_signed_in(client: Client) -> None:
    with time_machine.travel(NOW, tick=False) as traveller:
        client.force_login(bob())
        traveller.shift(IDLE_SECONDS - 1)
        assert is_inside(client) is True
        traveller.shift(LONGEST_SECONDS - IDLE_SECONDS)
        assert is_inside(client) is True


def test_a_session_ends_when_nobody_was_seen_for_eight_hours(client: Client) -> None:
    with time_machine.travel(NOW, tick=False) as traveller:
        client.force_login(bob())
        key = client.session.session_key
        traveller.shift(IDLE_SECONDS)
        response = client.get(SECURITY)
    assert response["Location"] == f"{SIGN_IN}?next={SECURITY}"
    assert Session.objects.filter(session_key=key).exists() is False


def test_a_session_ends_after_twelve_hours_however_busy(client: Client) -> None:
    with time_machine.travel(NOW, tick=False) as traveller:
        client.force_login(bob())
        for _hour in range(11):
            traveller.shift(3600)
            assert is_inside(client) is True
        traveller.shift(3600)
        assert is_inside(client) is False


def test_ended_sessions_are_swept_away(client: Client) -> None:
    with time_machine.travel(NOW, tick=False):
        client.force_login(bob())
        Client().force_login(User.objects.get(role=Role.COORDINATOR))
    Session.objects.filter(session_key=client.session.session_key).update(expire_date=NOW - timedelta(seconds=1))
    assert actions.drop_ended_sessions(now=NOW) == 1
    assert Session.objects.count() == 1


def test_a_session_taken_over_by_another_account_has_its_own_end(client: Client) -> None:
    with time_machine.travel(NOW, tick=False) as traveller:
        client.force_login(bob())
        traveller.shift(LONGEST_SECONDS - 60)
        client.force_login(User.objects.get(role=Role.COORDINATOR))
        assert is_inside(client) is True
        traveller.shift(IDLE_SECONDS)
        assert is_inside(client) is False


def test_signing_out_takes_a_form(client: Client) -> None:
    client.force_login(bob())
    client.get("/account/sign-out/")
    assert is_inside(client) is True
    client.post("/account/sign-out/")
    assert is_inside(client) is False


def test_signing_out_is_protected_against_forgery() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(bob())
    assert client.post("/account/sign-out/").status_code == 403


def test_a_new_password_ends_the_other_sessions_and_is_told_to_the_owner(client: Client) -> None:
    user = bob()
    client.force_login(user)
    elsewhere = Client()
    elsewhere.force_login(user)
    new = "a long walk along the river"
    client.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert is_inside(client) is True
    assert is_inside(elsewhere) is False
    assert own_deeds() == ["accounts.password_changed"]
    assert list(Message.objects.values_list("address", flat=True)) == [user.email]


def test_a_reset_password_opens_no_session(client: Client) -> None:
    user = bob()
    client.post("/account/password/reset/", {"email": user.email})
    path = re.search(r"^http://localhost:8000(/account/password/reset/key/\S+)$", mailed_text(), re.MULTILINE)
    assert path is not None
    form = client.get(path.group(1), follow=True)
    address = form.redirect_chain[-1][0]
    new = "a long walk along the river"
    client.post(address, {"password1": new, "password2": new})
    user.refresh_from_db()
    assert user.check_password(new) is True
    assert is_inside(client) is False
    assert client.get(path.group(1)).context["token_fail"] is True


def test_passwords_are_kept_with_a_memory_hard_hash() -> None:
    assert product.PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    assert Argon2PasswordHasher().encode(PASSWORD, "salt" * 4).startswith("argon2$argon2id$")


@pytest.mark.parametrize("address", ["//elsewhere.example/", "https://elsewhere.example/"])
def test_sign_in_leads_nowhere_outside(address: str, client: Client) -> None:
    colleague(Role.EDITOR, second_factor=False)
    response = client.post(
        f"{SIGN_IN}?next={address}", {"login": "editor@employer.example", "password": PASSWORD, "next": address}
    )
    assert response["Location"] == "/"
