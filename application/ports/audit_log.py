"""Who did what and why: append-only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act. ``actor`` is a person's login or a role of the fleet; ``detail`` holds no secrets."""

    at: datetime
    actor: str
    action: str
    subject: str
    reason: str = ""
    detail: str = ""


class AuditLog(Protocol):
    """The audit trail inside a unit of work."""

    def add(self, entry: AuditEntry) -> None:
        """Append."""
        ...

    def about(self, subject: str) -> Sequence[AuditEntry]:
        """Entries about a subject, oldest first."""
        ...
