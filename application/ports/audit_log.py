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


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries to list; None leaves a filter out."""

    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class NumberedEntry:
    """An entry with its place in the log."""

    entry_id: int
    entry: AuditEntry


class AuditLog(Protocol):
    """The audit trail inside a unit of work."""

    def add(self, entry: AuditEntry) -> None:
        """Append."""
        ...

    def about(self, subject: str) -> Sequence[AuditEntry]:
        """Entries about a subject, oldest first."""
        ...

    def list(self, wanted: AuditFilter, before: int, limit: int) -> Sequence[NumberedEntry]:
        """Newest first, from below ``before`` on; 0 begins with the newest."""
        ...
