"""TLS and log-in, against a real mail server with a certificate made for the test."""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapters.mail.mailer import SmtpMailer
from domain.errors import DomainError
from tests.fakes.clock import SetClock
from tests.services.process import free_port


@dataclass(frozen=True)
class SecureServer:
    """A server that wants STARTTLS and the log-in ``user``/``p@ss``."""

    port: int
    certificate: Path

    def trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.certificate))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureServer]:
    certificate, key = make_certificate(tmp_path_factory.mktemp("tls"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    port = free_port()
    controller = Controller(
        Sink(), hostname="127.0.0.1", port=port, require_starttls=True, tls_context=context, authenticator=authenticate, auth_required=True
    )
    controller.start()
    yield SecureServer(port, certificate)
    controller.stop()


def authenticate(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object) -> AuthResult:
    """One user."""
    known = isinstance(data, LoginPassword) and (data.login, data.password) == (b"user", b"p@ss")
    return AuthResult(success=known, handled=False)


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that nobody but the test trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


def test_the_connection_is_secured_before_the_log_in(server: SecureServer) -> None:
    mailer = SmtpMailer(f"smtp://user:p%40ss@127.0.0.1:{server.port}", SetClock(), server.trusting())

    with mailer.open() as session:
        said = "; ".join(session.check())

    assert "secured with TLSv1." in said
    assert "log-in as user accepted" in said
    assert "p@ss" not in said


def test_a_wrong_password_is_for_a_person(server: SecureServer) -> None:
    mailer = SmtpMailer(f"smtp://user:wrong@127.0.0.1:{server.port}", SetClock(), server.trusting())

    with pytest.raises(DomainError, match="refused the log-in as user") as refusal, mailer.open():
        pass

    assert refusal.value.code == "smtp_login_refused"
    assert "wrong" not in refusal.value.text


def test_a_certificate_that_nobody_vouches_for_is_refused(server: SecureServer) -> None:
    mailer = SmtpMailer(f"smtp://user:p%40ss@127.0.0.1:{server.port}", SetClock())

    with pytest.raises(DomainError, match="certificate") as refusal, mailer.open():
        pass

    assert refusal.value.code == "smtp_certificate"
