"""Mail servers that want TLS and a sign-in, played by aiosmtpd."""

import ipaddress
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from perennial.mail.send import send_due
from perennial.operate.configuration import MailServer
from tests.cast import NOW, programme
from tests.mail.people import agreed, fresh, letter
from tests.mail.servers import closed_port

pytestmark = pytest.mark.django_db


class Mailbox:
    def __init__(self) -> None:
        self.arrived: list[tuple[str, list[str], bool]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.arrived.append((envelope.mail_from, envelope.rcpt_tos, session.ssl is not None))
        return "250 2.0.0 accepted"


def authenticator(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"perennial", b"secret")
    return AuthResult(success=right, handled=right)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for this machine, signed by itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
    start = datetime.now(tz=UTC) - timedelta(days=1)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "server.pem"
    plain = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


@contextmanager
def served(certificate: Path, *, at_once: bool = False, **options: Any) -> Iterator[tuple[Mailbox, int]]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    mailbox, port = Mailbox(), closed_port()
    if at_once:
        options["ssl_context"] = context
    else:
        options |= {"tls_context": context, "require_starttls": True}
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield mailbox, port
    finally:
        controller.stop()


@pytest.fixture(autouse=True)
def _live() -> None:
    programme()


def test_mail_goes_over_starttls_after_signing_in(
    certificate: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with served(certificate, authenticator=authenticator, auth_required=True) as (mailbox, port):
        settings.PERENNIAL_MAIL_SERVER = MailServer("127.0.0.1", port, "perennial", "secret", starttls=True)
        letter(agreed())
        letter(agreed("Bob", "bob@home.example"))
        report = send_due(now=NOW, worker="w")
    assert (report.sent, report.trouble) == (2, "")
    assert mailbox.arrived == [
        ("alumni@employer.example", ["alice@home.example"], True),
        ("alumni@employer.example", ["bob@home.example"], True),
    ]


def test_mail_goes_over_a_connection_that_is_tls_from_the_start(
    certificate: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with served(certificate, at_once=True) as (mailbox, port):
        settings.PERENNIAL_MAIL_SERVER = MailServer("127.0.0.1", port, tls=True)
        letter(agreed())
        assert send_due(now=NOW, worker="w").sent == 1
    assert [to for _, to, _ in mailbox.arrived] == [["alice@home.example"]]


def test_a_certificate_nobody_vouches_for_is_not_trusted(certificate: Path, settings: Any) -> None:
    with served(certificate) as (mailbox, port):
        settings.PERENNIAL_MAIL_SERVER = MailServer("127.0.0.1", port, starttls=True)
        message = letter(agreed())
        report = send_due(now=NOW, worker="w")
    assert "certificate verify failed" in report.trouble
    assert (fresh(message).state, mailbox.arrived) == ("queued", [])


def test_a_wrong_password_is_said_and_costs_nothing(
    certificate: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with served(certificate, authenticator=authenticator, auth_required=True) as (mailbox, port):
        settings.PERENNIAL_MAIL_SERVER = MailServer("127.0.0.1", port, "perennial", "wrong", starttls=True)
        message = letter(agreed())
        report = send_due(now=NOW, worker="w")
    assert "refuses our user name or password" in report.trouble
    assert "wrong" not in report.trouble
    assert (fresh(message).state, fresh(message).attempts, mailbox.arrived) == ("queued", 0, [])


def test_a_server_without_starttls_gets_no_mail_in_the_clear(settings: Any) -> None:
    mailbox, port = Mailbox(), closed_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        settings.PERENNIAL_MAIL_SERVER = MailServer("127.0.0.1", port, starttls=True)
        letter(agreed())
        report = send_due(now=NOW, worker="w")
    finally:
        controller.stop()
    assert "cannot do what was configured" in report.trouble
    assert mailbox.arrived == []
