"""Connecting to a mail server: securing the connection and logging in."""

import smtplib
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass

from adapters.mail.smtp_settings import SmtpSettings, StartTls
from domain.errors import DomainError, TemporaryFailure

_PERMANENT = 500


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long to wait, in seconds. The answer after the content may take long (RFC 5321, 4.5.3.2.6: ten minutes)."""

    verb_s: float = 60.0
    content_s: float = 600.0


def connect(settings: SmtpSettings, tls: ssl.SSLContext, timeouts: Timeouts) -> smtplib.SMTP:
    """An open, secured, logged-in connection. Raises TemporaryFailure or DomainError."""
    try:
        connection = _open(settings, tls, timeouts)
        try:
            _secure(connection, settings, tls)
            _log_in(connection, settings)
            _send_at_once(connection)
        except BaseException:
            connection.close()
            raise
    except ssl.SSLCertVerificationError as error:
        raise DomainError(
            "smtp_certificate",
            f"The certificate of the mail server {settings.host} is not valid: {error.verify_message}.",
            "Use the host name that stands in the certificate; for an authority of your own set SSL_CERT_FILE.",
        ) from error
    except smtplib.SMTPResponseException as error:
        raise TemporaryFailure(f"Mail server {settings.host} answered {error.smtp_code} {_text(error.smtp_error)}") from error
    except (OSError, smtplib.SMTPException) as error:
        raise TemporaryFailure(f"Mail server {settings.host}:{settings.port} cannot be reached: {error}") from error
    return connection


def describe(connection: smtplib.SMTP, settings: SmtpSettings) -> list[str]:
    """What an open connection says of itself."""
    sentences = [f"{settings.host}:{settings.port} answers"]
    secured = connection.sock
    if isinstance(secured, ssl.SSLSocket):
        sentences.append(f"secured with {secured.version()}")
    else:
        sentences.append("not secured: mails and any log-in go in clear text")
    if settings.username:
        sentences.append(f"log-in as {settings.username} accepted")
    size = connection.esmtp_features.get("size", "")
    if size.isdigit() and int(size):
        sentences.append(f"takes mails up to {int(size):,} bytes")
    return sentences


def _open(settings: SmtpSettings, tls: ssl.SSLContext, timeouts: Timeouts) -> smtplib.SMTP:
    # The name is given, since smtplib would ask the name server for one, which can take long in a pod.
    name = socket.gethostname() or "localhost"
    if settings.implicit_tls:
        return smtplib.SMTP_SSL(settings.host, settings.port, name, timeout=timeouts.verb_s, context=tls)
    return smtplib.SMTP(settings.host, settings.port, name, timeout=timeouts.verb_s)


def _secure(connection: smtplib.SMTP, settings: SmtpSettings, tls: ssl.SSLContext) -> None:
    connection.ehlo_or_helo_if_needed()
    if settings.implicit_tls or settings.starttls is StartTls.NEVER:
        return
    if connection.has_extn("starttls"):
        connection.starttls(context=tls)
        connection.ehlo_or_helo_if_needed()
    elif settings.starttls is StartTls.REQUIRED:
        raise DomainError(
            "smtp_not_secure",
            f"The mail server {settings.host} offers no STARTTLS, so nothing was sent to it.",
            "Use smtps:// or another port; for a trusted network alone, add ?starttls=never to BILLHOOK_SMTP_URL.",
        )


def _log_in(connection: smtplib.SMTP, settings: SmtpSettings) -> None:
    if not settings.username:
        return
    try:
        connection.login(settings.username, settings.password)
    except smtplib.SMTPNotSupportedError as error:
        raise _refused(settings, "it offers no log-in on this connection") from error
    except smtplib.SMTPAuthenticationError as error:
        if error.smtp_code < _PERMANENT:
            raise TemporaryFailure(f"Mail server {settings.host}: {error.smtp_code} {_text(error.smtp_error)}") from error
        raise _refused(settings, f"{error.smtp_code} {_text(error.smtp_error)}") from error


def _send_at_once(connection: smtplib.SMTP) -> None:
    # The end of a mail goes by itself after its content. The kernel would hold it back until the content is acknowledged,
    # which the other side puts off: 40 ms a mail.
    if connection.sock is not None:
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _refused(settings: SmtpSettings, why: str) -> DomainError:
    return DomainError(
        "smtp_login_refused",
        f"The mail server {settings.host} refused the log-in as {settings.username}: {why}.",
        "Correct the user and the password in BILLHOOK_SMTP_URL, percent-encoded, and start again.",
    )


def _text(answer: bytes | str) -> str:
    return answer.decode(errors="replace") if isinstance(answer, bytes) else answer


def hang_up(connection: smtplib.SMTP) -> None:
    """Say good-bye where the other side still listens, and close."""
    with suppress(OSError, smtplib.SMTPException):
        connection.quit()
    connection.close()
