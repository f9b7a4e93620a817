"""What is sent for a passkey and is none is refused with a sentence, before and after signing in."""

import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from allauth.account.utils import user_pk_to_url_str
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.cache import cache
from django.test import Client
from fido2.cose import ES256
from fido2.utils import sha256
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

from perennial.accounts.roles import Role
from perennial.web import pace
from perennial.web.models import Knock
from tests.accounts.test_sign_in import bob, sign_in
from tests.cast import colleague, programme

pytestmark = pytest.mark.django_db
SIGN_IN = "/account/sign-in/passkey/"
SECOND_FACTOR = "/account/sign-in/second-factor/"
ADD = "/account/security/passkeys/new/"
ONCE_MORE = "/account/security/passkeys/confirm/"
SENTENCE = "This passkey could not be read"


@pytest.fixture(autouse=True)
def _house(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "FLOOR_SECONDS", 0)
    forget_limits()
    programme(owner=colleague())


def forget_limits() -> None:
    """Of so many wrong ones at once only the first would be heard."""
    cache.clear()
    Knock.objects.all().delete()


def b64(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def shaped(**changed: Any) -> dict[str, Any]:
    """What a browser sends to come in, with each part as a browser would have it but for those that are changed."""
    client_data = {"type": "webauthn.get", "challenge": b64(b"x" * 32), "origin": "https://testserver"}
    response = {
        "clientDataJSON": b64(json.dumps(client_data).encode()),
        "authenticatorData": b64(bytes(AuthenticatorData.create(sha256(b"testserver"), 5, 0))),
        "signature": b64(b"no signature"),
        "userHandle": b64(b"1"),
    }
    inner = changed.pop("response", {})
    response = {**response, **inner} if isinstance(inner, dict) else inner
    whole = {"id": b64(b"key"), "rawId": b64(b"key"), "type": "public-key", "clientExtensionResults": {}}
    return {**whole, "response": response, **changed}


HOSTILE: dict[str, str] = {
    "nothing": "",
    "no JSON": "no key at all",
    "null": "null",
    "a list": "[]",
    "a number": "1" * 400,
    "a text": '"x"',
    "an empty object": "{}",
    "too deep": "[" * 10_000,
    "too long": json.dumps({"id": "x" * 30_000}),
    "not a number": '{"id": NaN}',
    "a response of another kind": json.dumps(shaped(response="x")),
    "a response that is a list": json.dumps(shaped(response=[1])),
    "an id of another kind": json.dumps(shaped(id=5, rawId=5)),
    "bytes that are none": json.dumps(shaped(response={"authenticatorData": "!!!"})),
    "bytes that are cut off": json.dumps(shaped(response={"authenticatorData": b64(b"x")})),
    "data with a broken key": json.dumps(
        shaped(response={"authenticatorData": b64(b"x" * 32 + b"\xc5" + b"\xff" * 40)})
    ),
    "client data that is no JSON": json.dumps(shaped(response={"clientDataJSON": b64(b"\xff\xfe")})),
    "client data that is a list": json.dumps(shaped(response={"clientDataJSON": b64(b"[]")})),
    "client data without a challenge": json.dumps(shaped(response={"clientDataJSON": b64(b"{}")})),
    "nobody": json.dumps(shaped(response={"userHandle": None})),
    "somebody who is a list": json.dumps(shaped(response={"userHandle": [1]})),
    "somebody of another alphabet": json.dumps(shaped(response={"userHandle": b64(b"\xff\xff")})),
    "somebody beyond all numbers": json.dumps(shaped(response={"userHandle": b64(b"z" * 13)})),
    "somebody with a zero byte": json.dumps(shaped(response={"userHandle": b64(b"\x00")})),
    "the right shape": json.dumps(shaped()),
}


def test_what_is_no_passkey_is_refused_with_a_sentence_everywhere() -> None:
    bob()
    for name, body in HOSTILE.items():
        forget_limits()
        stranger = Client()
        stranger.get(SIGN_IN, headers={"X-Requested-With": "XMLHttpRequest"})
        answer = stranger.post(SIGN_IN, {"credential": body}, follow=True)
        assert (answer.status_code, answer.redirect_chain) == (200, [("/account/sign-in/", 302)]), name
        assert len(answer.context["messages"]) == 1, name
        assert "_auth_user_id" not in stranger.session, name
        after_password = Client()
        sign_in(after_password)
        after_password.get(SECOND_FACTOR)
        answer = after_password.post(SECOND_FACTOR, {"credential": body})
        assert (answer.status_code, "_auth_user_id" in after_password.session) == (200, False), name
        assert len(answer.context["webauthn_form"].errors["credential"]) == 1, name


def test_nor_is_it_added_or_taken_for_who_one_is() -> None:
    hanna = colleague(Role.HR, name="Hanna", email="hanna@employer.example")
    client = Client()
    client.force_login(hanna)
    for name, body in HOSTILE.items():
        forget_limits()
        client.get(ADD)
        answer = client.post(ADD, {"name": "key", "credential": body})
        assert (answer.status_code, bool(answer.context["form"].errors)) == (200, True), name
        client.get(ONCE_MORE)
        assert client.post(ONCE_MORE, {"credential": body}).status_code == 302, name
    assert hanna.authenticator_set.filter(type="webauthn").exists() is False


def test_the_sentence_says_what_to_do() -> None:
    answer = Client().post(SIGN_IN, {"credential": "[]"}, follow=True)
    assert SENTENCE in answer.content.decode()


def test_a_key_whose_signature_is_wrong_is_refused() -> None:
    """A passkey that is on file, with the challenge and origin as they should be: only the signature is made up."""
    user = bob()
    public = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    held = AttestedCredentialData.create(Aaguid.NONE, b"key", public)
    data = AuthenticatorData.create(sha256(b"testserver"), 0x45, 0, credential_data=held)
    made = {"type": "webauthn.create", "challenge": b64(b"y" * 32), "origin": "https://testserver"}
    on_file = {
        "id": b64(b"key"),
        "rawId": b64(b"key"),
        "type": "public-key",
        "clientExtensionResults": {"credProps": {"rk": True}},
        "response": {
            "clientDataJSON": b64(json.dumps(made).encode()),
            "attestationObject": b64(bytes(AttestationObject.create("none", data, {}))),
        },
    }
    user.authenticator_set.create(type="webauthn", data={"name": "key", "credential": on_file})
    client = Client()
    begun = client.get(SIGN_IN, headers={"X-Requested-With": "XMLHttpRequest"}).json()
    challenge = begun["request_options"]["publicKey"]["challenge"]
    asked = {"type": "webauthn.get", "challenge": challenge, "origin": "http://testserver"}
    for signature in (b"", b"no signature", b"\x30\x06\x02\x01\x01\x02\x01\x01"):
        sent = shaped(
            response={
                "clientDataJSON": b64(json.dumps(asked).encode()),
                "signature": b64(signature),
                "userHandle": b64(user_pk_to_url_str(user).encode()),
            }
        )
        answer = client.post(SIGN_IN, {"credential": json.dumps(sent)}, follow=True)
        assert answer.redirect_chain == [("/account/sign-in/", 302)]
        assert "_auth_user_id" not in client.session
