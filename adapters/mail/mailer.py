"""Mail through an SMTP server, one connection for many mails.

All recipients or none: where the server refuses one of them, the content is not sent to the others either. So a mail
reaches each recipient once after the bad address is corrected, and nobody gets an invoice twice because of another's typing error.
"""

import re
import smtplib
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from adapters.mail.addresses import parse_addresses, parse_sender
from adapters.mail.message import compose
from adapters.mail.smtp_connection import Timeouts, connect, describe, hang_up
from adapters.mail.smtp_settings import SmtpSettings, parse_smtp_url
from application.ports.clock import Clock
from application.ports.mailer import Mail
from domain.delivery.outcome import CannotTell, ConnectionLost, Delivered, LookUp, Outcome, Refused, RetryLater, Unknown
from domain.errors import DomainError, TemporaryFailure

_OK, _GO_AHEAD, _CLOSING, _PERMANENT, _NO_ANSWER = 250, 354, 421, 500, -1
_ACCEPTED = frozenset({250, 251})
# Whoever settles the delivery puts its id in.
_NEXT_STEP = "Correct what the mail server complains about, then `billhook deliveries retry {delivery}`. Nobody was sent this mail."
Answer = tuple[int, str]


class SmtpMailer:
    """Opens sessions with the server of the URL (see smtp_settings.py). Certificates are always verified."""

    def __init__(self, url: str, clock: Clock, tls: ssl.SSLContext | None = None, timeouts: Timeouts | None = None) -> None:
        self._settings = parse_smtp_url(url)
        self._clock = clock
        self._tls = tls or ssl.create_default_context()
        self._timeouts = timeouts or Timeouts()

    @contextmanager
    def open(self) -> Iterator["SmtpSession"]:
        """Connect, secure, log in; say good-bye at the end."""
        session = SmtpSession(self._settings, self._clock, self._tls, self._timeouts)
        try:
            yield session
        finally:
            session.close()


class SmtpSession:
    """One connection. It is made anew, once for a mail, where the server closed it while it was idle."""

    def __init__(self, settings: SmtpSettings, clock: Clock, tls: ssl.SSLContext, timeouts: Timeouts) -> None:
        self._settings = settings
        self._clock = clock
        self._tls = tls
        self._timeouts = timeouts
        self._smtp: smtplib.SMTP | None = connect(settings, tls, timeouts)

    def send(self, mail: Mail, handing_over: Callable[[], None]) -> Outcome:
        """Send one mail to all of its recipients or to none."""
        try:
            recipients = parse_addresses(",".join((*mail.to, *mail.bcc)))
            sender = parse_sender(mail.sender).address
            content = compose(mail, self._clock.now())
        except DomainError as refusal:
            return Refused(refusal.code, refusal.text, refusal.next_step)
        if not recipients:
            return Refused("no_recipient", "The mail has no recipient.", "Set email_to or email_bcc.")
        problem = self._begin(sender, content) or self._name_recipients(recipients)
        if problem is not None:
            return problem
        try:
            handing_over()
        except BaseException:
            self._reset()
            raise
        return self._hand_over(content)

    def look_up(self, message_id: str) -> LookUp:
        """A mail server cannot be asked; a person can look into a mailbox."""
        return CannotTell(
            f"Search for the Message-ID {message_id} in the mailbox of a recipient or of a BCC address of ours, or in the log of "
            f"{self._settings.host}. If it is there, mark the delivery as delivered; if not, retry it."
        )

    def check(self) -> Sequence[str]:
        """Ask for a sign of life and describe the connection."""
        smtp = self._connection()
        code, text = _ask(smtp, smtp.noop)
        if code != _OK:
            self._drop()
            raise TemporaryFailure(f"Mail server {self._settings.host}: {text}")
        return describe(smtp, self._settings)

    def close(self) -> None:
        """Say good-bye."""
        if self._smtp is not None:
            hang_up(self._smtp)
            self._smtp = None

    def _connection(self) -> smtplib.SMTP:
        if self._smtp is None:
            self._smtp = connect(self._settings, self._tls, self._timeouts)
        return self._smtp

    def _begin(self, sender: str, content: bytes) -> Outcome | None:
        """MAIL FROM; a second time over a new connection where the old one was closed while it was idle."""
        try:
            code, text = self._mail_from(sender, content)
            if code in {_NO_ANSWER, _CLOSING}:
                self._drop()
                code, text = self._mail_from(sender, content)
        except TemporaryFailure as failure:
            return ConnectionLost(failure.text)
        except DomainError as refusal:
            return Refused(refusal.code, refusal.text, refusal.next_step)
        return None if code == _OK else self._failed(code, text, f"The mail server refused the sender {sender}")

    def _mail_from(self, sender: str, content: bytes) -> Answer:
        smtp = self._connection()
        limit = smtp.esmtp_features.get("size", "")
        if limit.isdigit() and 0 < int(limit) < len(content):
            raise DomainError("mail_too_large", f"The mail has {len(content):,} bytes; the server takes {int(limit):,}.", _NEXT_STEP)
        options = [f"size={len(content)}"] if smtp.has_extn("size") else []
        return _ask(smtp, lambda: smtp.mail(sender, options))

    def _name_recipients(self, recipients: Sequence[str]) -> Outcome | None:
        smtp = self._connection()
        refused: dict[str, Answer] = {}
        for recipient in recipients:
            code, text = _ask(smtp, lambda address=recipient: smtp.rcpt(address))  # type: ignore[misc]
            if code in {_NO_ANSWER, _CLOSING}:
                return self._failed(code, text, "")
            if code not in _ACCEPTED:
                refused[recipient] = (code, text)
        if not refused:
            return None
        self._reset()
        answers = "; ".join(f"{recipient}: {code} {text}" for recipient, (code, text) in refused.items())
        if any(code >= _PERMANENT for code, _ in refused.values()):
            return Refused("recipient_refused", f"The mail server refused a recipient, so nobody was sent the mail. {answers}", _NEXT_STEP)
        return RetryLater(f"The mail server does not take a recipient now: {answers}")

    def _hand_over(self, content: bytes) -> Outcome:
        """DATA. The end of the content goes by itself: without it no server may take the mail (RFC 5321, 4.1.1.4)."""
        smtp = self._connection()
        code, text = _ask(smtp, lambda: smtp.docmd("DATA"))
        if code != _GO_AHEAD:
            return self._failed(code, text, "The mail server refused the content")
        try:
            smtp.send(_stuffed(content))
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            return ConnectionLost(f"The connection broke before the end of the mail was sent: {error}")
        code, text = _ask(smtp, lambda: self._end_of_content(smtp))
        if code == _NO_ANSWER:
            self._drop()
            return Unknown(f"The mail was sent to {self._settings.host} and no answer came: {text}")
        return Delivered(remote_id=_queue_id(text)) if code == _OK else self._failed(code, text, "The mail server refused the content")

    def _end_of_content(self, smtp: smtplib.SMTP) -> tuple[int, bytes]:
        if smtp.sock is not None:
            smtp.sock.settimeout(self._timeouts.content_s)
        smtp.send(b".\r\n")
        answer = smtp.getreply()
        if smtp.sock is not None:
            smtp.sock.settimeout(self._timeouts.verb_s)
        return answer

    def _failed(self, code: int, text: str, what: str) -> Outcome:
        if code == _NO_ANSWER:
            self._drop()
            return ConnectionLost(f"The connection to {self._settings.host} was lost: {text}")
        if code == _CLOSING:
            self._drop()
        else:
            self._reset()
        if code < _PERMANENT:
            return RetryLater(f"Mail server {self._settings.host}: {code} {text}")
        return Refused("mail_refused", f"{what}: {code} {text}", _NEXT_STEP)

    def _reset(self) -> None:
        """Forget the mail that was begun, so that the connection is good for the next."""
        if self._smtp is not None and _ask(self._smtp, self._smtp.rset)[0] != _OK:
            self._drop()

    def _drop(self) -> None:
        if self._smtp is not None:
            with suppress(OSError):
                self._smtp.close()
        self._smtp = None


def _ask(smtp: smtplib.SMTP, verb: Callable[[], tuple[int, bytes]]) -> Answer:
    """The server's answer, or -1 with the reason where none came."""
    try:
        code, text = verb()
    except (OSError, smtplib.SMTPException) as error:
        smtp.close()
        return _NO_ANSWER, str(error) or type(error).__name__
    return code, " ".join(text.decode(errors="replace").split())


def _stuffed(content: bytes) -> bytes:
    # A line that starts with a dot gets a second one, which the server takes away (RFC 5321, 4.5.2).
    stuffed = re.sub(rb"(?m)^\.", b"..", content)
    return stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n"


def _queue_id(text: str) -> str:
    found = re.search(r"queued as (\S+)|id=(\S+)", text, re.IGNORECASE)
    return (found[1] or found[2]) if found else text[:200]
