"""The mail that tells people of problems: one for all of a batch, each problem with what to do about it."""

from collections.abc import Sequence
from hashlib import sha256

from adapters.mail.addresses import parse_addresses, parse_sender
from application.ports.alerts import Alert, AlertMail
from application.ports.mailer import Mail


def build_alert_mail(alerts: AlertMail, default_sender: str) -> Mail:
    """Plain text. The same alerts give the same Message-ID. Raises DomainError("bad_address") for bad recipients."""
    sender = alerts.sender or default_sender
    identity = "\n".join((alerts.recipients, alerts.batch, *map(str, alerts.alert_ids)))
    return Mail(
        message_id=f"<alert-{sha256(identity.encode()).hexdigest()[:32]}@billhook.{parse_sender(sender).domain}>",
        sender=sender,
        to=parse_addresses(alerts.recipients),
        bcc=(),
        subject=_subject(alerts.alerts),
        text=_text(alerts.alerts),
    )


def _subject(alerts: Sequence[Alert]) -> str:
    companies = list(dict.fromkeys(alert.company for alert in alerts if alert.company))
    whose = companies[0] if companies else "Billhook"
    if len(companies) > 1:
        whose = f"{whose} and {len(companies) - 1} more"
    return f"{whose}: {len(alerts)} {'problem' if len(alerts) == 1 else 'problems'} with invoicing"


def _text(alerts: Sequence[Alert]) -> str:
    problems = "\n\n".join(_problem(position, alert) for position, alert in enumerate(alerts, start=1))
    return f"Billhook needs a person for the following.\n\n{problems}\n\nThe list now: billhook deliveries list --state needs_human\n"


def _problem(position: int, alert: Alert) -> str:
    company = f"{alert.company}: " if alert.company else ""
    fix = f"\n   What to do: {alert.next_step}" if alert.next_step else ""
    return f"{position}. {company}{alert.text}{fix}"
