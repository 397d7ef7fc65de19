"""The mail that tells people of problems: one for all of a batch, each problem with what to do about it."""

import re
from collections.abc import Sequence
from hashlib import sha256

from adapters.mail.addresses import parse_addresses, parse_sender
from application.ports.alerts import Alert, AlertMail
from application.ports.mailer import Mail

# drain_lane.py writes dlv_ID:ATTEMPTS; an order's key is REF:CODE, and a code is no number.
_DELIVERY_KEY = re.compile(r"dlv_\d+:\d+")


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
    return f"Billhook needs a person for the following.\n\n{problems}\n\n{_lists(alerts)}\n"


def _lists(alerts: Sequence[Alert]) -> str:
    """Where to see what is left of these problems; each list only where one of them stands in it."""
    are_deliveries = {_DELIVERY_KEY.fullmatch(alert.key) is not None for alert in alerts}
    orders = ["Orders not invoiced now: billhook orders list --not-invoiced"] if False in are_deliveries else []
    deliveries = ["Deliveries that need a person now: billhook deliveries list --state needs_human"] if True in are_deliveries else []
    return "\n".join(orders + deliveries)


def _problem(position: int, alert: Alert) -> str:
    company = f"{alert.company}: " if alert.company else ""
    fix = f"\n   What to do: {alert.next_step}" if alert.next_step else ""
    return f"{position}. {company}{alert.text}{fix}"
