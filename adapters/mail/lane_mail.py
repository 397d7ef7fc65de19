"""What the mails of every lane share: how settings are read, who sends, the Message-ID, and what is said about all of them."""

import re
from dataclasses import replace
from hashlib import sha256
from typing import Final

from adapters.mail.addresses import parse_sender
from application.ports.destination import CheckResult, LaneContext
from application.ports.mailer import Mail, MailSession
from domain.delivery.outcome import Outcome, Refused
from domain.errors import DomainError, TemporaryFailure

UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")
NAME_MAX: Final = 80


def setting(lane: LaneContext, name: str) -> str:
    """A setting of the integration as text; empty where it is missing or blank."""
    value = str(lane.integration.settings.get(name) or "")
    # Not stripped: the lines that an error names must be those of the template as it was written.
    return value if value.strip() else ""


def sender_of(lane: LaneContext, seller_address: str) -> str:
    """``email_from``, or the seller's address. Raises DomainError("no_sender") where there is neither."""
    sender = setting(lane, "email_from") or seller_address
    if not sender:
        raise DomainError(
            "no_sender",
            f"There is no address to send mails of {lane.integration.path} from.",
            f"Set email_from of {lane.integration.path}, or the e-mail of the admin company, and apply.",
        )
    return sender


def message_id(token: str, sender: str) -> str:
    """The same for the same delivery and sending, so that a server or a reader can tell a second copy."""
    safe = token if not UNSAFE.search(token) and len(token) <= NAME_MAX else sha256(token.encode()).hexdigest()
    return f"<{safe}@billhook.{parse_sender(sender).domain}>"


def located(outcome: Outcome, where: dict[str, str], lane: LaneContext) -> Outcome:
    """A refusal with the settings to correct, by its code: the mailer knows addresses, and not where they were written."""
    if not isinstance(outcome, Refused) or outcome.code not in where:
        return outcome
    settings = f"{where[outcome.code]} of {lane.integration.path}"
    return replace(outcome, next_step=f"Correct {settings}, apply, then `billhook deliveries retry {{delivery}}`. Nobody got it.")


def check_server(session: MailSession) -> CheckResult:
    """Ask the mail server for a sign of life."""
    try:
        return CheckResult("mail server", ok=True, detail="; ".join(session.check()))
    except DomainError as refusal:
        return CheckResult("mail server", ok=False, detail=refusal.text, next_step=refusal.next_step)
    except TemporaryFailure as failure:
        return CheckResult("mail server", ok=False, detail=failure.text, next_step="Check BILLHOOK_SMTP_URL and the network.")


def check_written(mail: Mail | DomainError) -> CheckResult:
    """A mail that was written and not sent, or why it could not be written."""
    name = "sender, recipients and templates"
    if isinstance(mail, DomainError):
        return CheckResult(name, ok=False, detail=mail.text, next_step=mail.next_step)
    to = ", ".join((*mail.to, *mail.bcc))
    return CheckResult(name, ok=True, detail=f"{mail.subject!r} from {mail.sender} to {to}")


def as_text(mail: Mail) -> str:
    """A mail for people to read, with the sizes of its attachments."""
    rows = [
        f"From: {mail.sender}",
        f"To: {', '.join(mail.to) or 'undisclosed-recipients:;'}",
        f"Bcc: {', '.join(mail.bcc)}",
        f"Subject: {mail.subject}",
        *(f"Attachment: {attachment.name} ({len(attachment.content):,} bytes)" for attachment in mail.attachments),
    ]
    return "\n".join(rows) + "\n\n" + mail.text
