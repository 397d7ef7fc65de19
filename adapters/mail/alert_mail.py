"""The mail that tells people of problems: one for all of a batch, each problem with what to do about it."""

import re
from collections.abc import Sequence
from hashlib import sha256

from adapters.mail.addresses import parse_addresses, parse_sender
from application.ports.alerts import Alert, AlertMail
from application.ports.mailer import Mail

# application/incidents.py writes inc_ID:EVENT:DAY; an order's key is REF:CODE.
_INCIDENT_KEY = re.compile(r"inc_\d+:(opened|reminded|resolved):.*")


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
    lasting = [alert for alert in alerts if not _is_over(alert)]
    count = len(lasting) or len(alerts)
    return f"{whose}: {count} {'problem' if count == 1 else 'problems'} with invoicing{'' if lasting else ' over'}"


def _text(alerts: Sequence[Alert]) -> str:
    lasting = [_problem(position, alert) for position, alert in enumerate([each for each in alerts if not _is_over(each)], start=1)]
    over = [_problem(position, alert) for position, alert in enumerate([each for each in alerts if _is_over(each)], start=1)]
    parts = [
        *(["Billhook needs a person for the following.", *lasting] if lasting else []),
        *(["Nobody needs to do anything about the following.", *over] if over else []),
        _lists(alerts),
    ]
    return "\n\n".join(parts) + "\n"


def _is_over(alert: Alert) -> bool:
    key = _INCIDENT_KEY.fullmatch(alert.key)
    return key is not None and key[1] == "resolved"


def _lists(alerts: Sequence[Alert]) -> str:
    """Where to see what is left of these problems; each list only where one of them stands in it."""
    are_incidents = {_INCIDENT_KEY.fullmatch(alert.key) is not None for alert in alerts}
    orders = ["Orders not invoiced now: billhook orders list --not-invoiced"] if False in are_incidents else []
    incidents = ["What is wrong with connections and deliveries now: billhook incidents list --open"] if True in are_incidents else []
    return "\n".join(orders + incidents)


def _problem(position: int, alert: Alert) -> str:
    company = f"{alert.company}: " if alert.company else ""
    fix = f"\n   What to do: {alert.next_step}" if alert.next_step else ""
    return f"{position}. {company}{alert.text}{fix}"
