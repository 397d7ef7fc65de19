"""What people must be told by mail, gathered so that one mail tells all of one run."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Alert:
    """A problem for a person. ``batch`` groups alerts into one mail; ``key`` keeps one problem from coming twice in it."""

    recipients: str
    sender: str
    batch: str
    key: str
    company: str
    text: str
    next_step: str


@dataclass(frozen=True, slots=True)
class AlertMail:
    """All unsent alerts of one batch to one list of recipients. ``alert_ids`` are marked sent together."""

    recipients: str
    sender: str
    batch: str
    alert_ids: tuple[int, ...]
    alerts: tuple[Alert, ...]


@dataclass(frozen=True, slots=True)
class ToldAlert:
    """An alert as it stands; ``sent_at`` None while it waits for its mail."""

    alert: Alert
    recorded_at: datetime
    sent_at: datetime | None


class Alerts(Protocol):
    """The alert store inside a unit of work."""

    def add(self, alerts: Sequence[Alert], at: datetime) -> None:
        """Record alerts; one that is there already (recipients, batch, key) stays as it is."""
        ...

    def refresh(self, alerts: Sequence[Alert]) -> None:
        """Say these texts instead where the alert (recipients, batch, key) is there and not mailed yet."""
        ...

    def unsent(self, before: datetime, limit: int) -> Sequence[AlertMail]:
        """Batches with unsent alerts that were recorded before a time, oldest first; locked until the unit of work ends."""
        ...

    def about(self, keys: Sequence[str]) -> Sequence[ToldAlert]:
        """Those with one of these keys, oldest first."""
        ...

    def mark_sent(self, alert_ids: Sequence[int], at: datetime) -> None:
        """They were mailed."""
        ...
