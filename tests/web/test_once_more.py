"""What is sensitive asks once more who it is, and loses nothing of what was typed."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.urls import Resolver404, resolve

from perennial.accounts.models import Session, User
from perennial.accounts.roles import Role
from perennial.audit.models import Event
from perennial.people.models import Person
from perennial.privacy.models import RetentionRun
from perennial.privacy.rights.actions import ask
from perennial.privacy.rights.enums import RequestKind
from tests.cast import NOW, colleague, person, programme
from tests.desk.test_team import PASSWORD, make_stale

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXP"
TOTP_PAGE, TOTP_REMOVE = "/account/security/app/", "/account/security/app/remove/"


@pytest.fixture
def hanna() -> User:
    cache.clear()
    programme(owner=colleague())
    return colleague(Role.HR, name="Hanna", email="hanna@employer.example", second_factor=False)


@pytest.fixture
def desk(client: Client, hanna: User) -> Client:
    TOTP.activate(hanna, SECRET)
    client.force_login(hanna)
    return client


def asked(response: HttpResponse) -> bool:
    return response.status_code == 302 and response["Location"].startswith("/account/confirm/?next=")


def confirm(client: Client, address: str, password: str = PASSWORD) -> HttpResponse:
    return client.post("/account/confirm/", {"password": password, "next": address})


def fetched(client: Client, offer: HttpResponse) -> HttpResponse:
    """The file, by the button of the page that offers it."""
    assert offer.status_code == 200
    assert "Here is your file" in offer.content.decode()
    return client.post(offer.context["action"], dict(offer.context["fields"]))


def body_of(response: HttpResponse) -> str:
    content = b"".join(response) if getattr(response, "streaming", False) else response.content
    return content.decode("utf-8-sig")


def test_erasing_somebody(desk: Client) -> None:
    alice = person("Alice van Dam")
    make_stale(desk)
    address = f"/people/{alice.key}/erase/"
    assert desk.get(address).status_code == 200
    assert asked(desk.post(address, {"full_name": "Alice van Dam"})) is True
    confirm(desk, address, "wrong")
    assert Person.objects.filter(pk=alice.pk).exists() is True
    assert confirm(desk, address)["Location"] == f"/people/erased/{alice.key}/"
    assert Person.objects.filter(pk=alice.pk).exists() is False


def test_erasing_somebody_who_asked_for_it(desk: Client) -> None:
    alice = person("Alice van Dam")
    asks = ask(person=alice, kind=RequestKind.ERASURE, by="user:1", now=NOW)
    make_stale(desk)
    address = f"/requests/{asks.key}/carry-out/"
    assert asked(desk.post(address, {"full_name": "Alice van Dam"})) is True
    assert Person.objects.filter(pk=alice.pk).exists() is True
    assert confirm(desk, address)["Location"] == f"/requests/{asks.key}/"
    assert Person.objects.filter(pk=alice.pk).exists() is False


@pytest.mark.parametrize("what", ["begin", "by-itself"])
def test_letting_go_of_what_is_over(client: Client, what: str) -> None:
    programme(owner=colleague())
    client.force_login(colleague(Role.COORDINATOR, name="Carla", email="carla@employer.example"))
    make_stale(client)
    assert asked(client.post(f"/programme/retention/{what}/", {"wanted": "yes"})) is True
    assert RetentionRun.objects.count() == 0


def test_a_name_that_was_mistyped_comes_back_as_it_was_typed(desk: Client) -> None:
    alice = person("Alice van Dam")
    make_stale(desk)
    address = f"/people/{alice.key}/erase/"
    desk.post(address, {"full_name": "Alice van Damm"})
    response = confirm(desk, address)
    assert response.status_code == 422
    assert 'value="Alice van Damm"' in response.content.decode()


def test_a_file_of_everybody_who_is_found(desk: Client) -> None:
    for name in ("Alice van Dam", "Bob Jansen"):
        person(name)
    make_stale(desk)
    assert asked(desk.post("/people/export/", {"format": "csv", "q": "Alice"})) is True
    confirm(desk, "/people/export/", "wrong")
    assert Event.objects.filter(deed="people.exported").exists() is False
    text = body_of(fetched(desk, confirm(desk, "/people/export/")))
    assert ("Alice van Dam" in text, "Bob Jansen" in text) == (True, False)
    assert Event.objects.get(deed="people.exported").details["rows"] == 1


def test_a_file_of_those_who_were_ticked_does_not_ask(desk: Client) -> None:
    alice = person("Alice van Dam")
    make_stale(desk)
    response = desk.post("/people/export/", {"format": "csv", "ticked": "yes", "person": alice.key})
    assert "Alice van Dam" in body_of(response)


def test_a_file_of_the_audit_trail(client: Client, hanna: User) -> None:
    client.force_login(User.objects.get(role=Role.COORDINATOR))
    person("Alice van Dam")
    make_stale(client)
    assert asked(client.post("/audit/export/", {"what": "people.added"})) is True
    offer = confirm(client, "/audit/export/")
    assert Event.objects.filter(deed="audit.exported").exists() is False
    lines = body_of(fetched(client, offer)).splitlines()
    assert len(lines) == 2
    assert Event.objects.get(deed="audit.exported").details == {"rows": 1}


def test_adding_an_app_keeps_the_code_that_was_typed(client: Client, hanna: User) -> None:
    client.force_login(hanna)
    secret = client.get(TOTP_PAGE).context["form"].secret
    make_stale(client)
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    assert asked(client.get(TOTP_PAGE)) is True
    assert asked(client.post(TOTP_PAGE, {"code": code})) is True
    confirm(client, TOTP_PAGE, "wrong")
    assert Authenticator.objects.filter(user=hanna).exists() is False
    confirm(client, TOTP_PAGE)
    assert sorted(Authenticator.objects.filter(user=hanna).values_list("type", flat=True)) == ["recovery_codes", "totp"]


def test_removing_the_app(desk: Client, hanna: User) -> None:
    make_stale(desk)
    assert asked(desk.get(TOTP_REMOVE)) is True
    assert asked(desk.post(TOTP_REMOVE)) is True
    confirm(desk, TOTP_REMOVE, "wrong")
    assert Authenticator.objects.filter(user=hanna).count() == 1
    confirm(desk, TOTP_REMOVE)
    assert Authenticator.objects.filter(user=hanna).exists() is False


def test_adding_a_key_keeps_its_name(desk: Client, hanna: User) -> None:
    address = "/account/security/passkeys/new/"
    desk.get(address)
    make_stale(desk)
    assert asked(desk.get(address)) is True
    sent = {"name": "my blue key", "credential": "no key at all"}
    assert asked(desk.post(address, sent)) is True
    page = confirm(desk, address).content.decode()
    # What is no key is refused on the form as it was filled.
    assert 'value="my blue key"' in page
    assert Authenticator.objects.filter(type=Authenticator.Type.WEBAUTHN).exists() is False


def test_removing_a_key(desk: Client, hanna: User) -> None:
    key = Authenticator.objects.create(
        user=hanna, type=Authenticator.Type.WEBAUTHN, data={"name": "key", "credential": {}}
    )
    address = f"/account/security/passkeys/{key.pk}/remove/"
    make_stale(desk)
    assert asked(desk.post(address)) is True
    confirm(desk, address, "wrong")
    assert Authenticator.objects.filter(pk=key.pk).exists() is True
    confirm(desk, address)
    assert Authenticator.objects.filter(pk=key.pk).exists() is False


@pytest.mark.parametrize("page", ["", "download/", "new/"])
def test_seeing_and_making_recovery_codes(page: str, desk: Client, hanna: User) -> None:
    codes = RecoveryCodes.activate(hanna).get_unused_codes()
    make_stale(desk)
    response = desk.get(f"/account/security/recovery-codes/{page}")
    assert asked(response) is True if page != "new/" else codes[0] not in response.content.decode()
    if page == "new/":
        assert asked(desk.post(f"/account/security/recovery-codes/{page}")) is True
        assert RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).get_unused_codes() == codes


def test_a_password_is_changed_by_who_knows_the_old_one_and_waits_nowhere(desk: Client, hanna: User) -> None:
    """The form asks for the old password, which proves it as well; so it is not laid aside in the session."""
    address, new = "/account/password/change/", "a long walk along the river"
    make_stale(desk)
    assert asked(desk.get(address)) is True
    wrong = desk.post(address, {"oldpassword": "not the old one", "password1": new, "password2": new})
    assert list(wrong.context["form"].errors) == ["oldpassword"]
    assert new not in repr([row.get_decoded() for row in Session.objects.all()])
    desk.post(address, {"oldpassword": PASSWORD, "password1": new, "password2": new})
    hanna.refresh_from_db()
    assert hanna.check_password(new) is True


def test_nobody_changes_an_address_of_a_colleague() -> None:
    """It is what a reset goes to; there is no page for it, and the coordinator invites anew instead."""
    for path in ("/account/email/", "/account/email/change/", "/team/1/email/"):
        with pytest.raises(Resolver404):
            resolve(path)


def test_who_proved_it_a_moment_ago_is_not_asked(desk: Client) -> None:
    alice = person("Alice van Dam")
    make_stale(desk)
    address = f"/people/{alice.key}/erase/"
    desk.post(address, {"full_name": "somebody else"})
    confirm(desk, address)
    assert desk.post(address, {"full_name": "Alice van Dam"})["Location"] == f"/people/erased/{alice.key}/"
    assert desk.get("/account/password/change/").status_code == 200
