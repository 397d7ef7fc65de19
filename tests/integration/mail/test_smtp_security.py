"""TLS and log-in, against a real mail server with certificates made for the test."""

import ssl
from collections.abc import Iterator

import pytest

from adapters.mail.mailer import SmtpMailer
from domain.errors import DomainError
from tests.fakes.clock import SetClock
from tests.services.mail_catcher import MailCatcher, Tls


@pytest.fixture(params=[Tls.REQUIRED, Tls.IMPLICIT], ids=["STARTTLS", "smtps"])
def server(request: pytest.FixtureRequest) -> Iterator[MailCatcher]:
    """Wants a secured connection and the log-in ``user``/``p@ss``."""
    with MailCatcher(tls=request.param, credentials=("user", "p@ss")) as catcher:
        yield catcher


def trusting(server: MailCatcher) -> ssl.SSLContext:
    """A client that knows the authority of the test."""
    assert server.certificates is not None
    return server.certificates.client_context()


def test_the_connection_is_secured_before_the_log_in(server: MailCatcher) -> None:
    with SmtpMailer(server.url(), SetClock(), trusting(server)).open() as session:
        said = "; ".join(session.check())

    assert "secured with TLSv1." in said
    assert "log-in as user accepted" in said
    assert "p@ss" not in said


def test_a_wrong_password_is_for_a_person(server: MailCatcher) -> None:
    mailer = SmtpMailer(server.url().replace("p%40ss", "wrong"), SetClock(), trusting(server))

    with pytest.raises(DomainError, match="refused the log-in as user") as refusal, mailer.open():
        pass

    assert refusal.value.code == "smtp_login_refused"
    assert "wrong" not in refusal.value.text


def test_a_certificate_that_nobody_vouches_for_is_refused(server: MailCatcher) -> None:
    mailer = SmtpMailer(server.url(), SetClock())

    with pytest.raises(DomainError, match="certificate") as refusal, mailer.open():
        pass

    assert refusal.value.code == "smtp_certificate"
