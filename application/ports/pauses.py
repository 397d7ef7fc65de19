"""What people have stopped: the fleet, one of its queues, a vendor, a company or an integration."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class PauseScope(StrEnum):
    """How much a pause stops. ``vendor`` is a kind of integration; ``queue`` one of Queue."""

    FLEET = "fleet"
    QUEUE = "queue"
    VENDOR = "vendor"
    COMPANY = "company"
    INTEGRATION = "integration"


class Queue(StrEnum):
    """The work that can be stopped for all: taking messages, issuing invoices, delivering."""

    INTAKE = "intake"
    INVOICING = "invoicing"
    DELIVERY = "delivery"


@dataclass(frozen=True, slots=True)
class Stop:
    """What to stop, why, on whose behalf and until when. ``subject`` is empty for the fleet."""

    scope: PauseScope
    subject: str
    reason: str
    actor: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """``until`` None: until somebody resumes it. ``ended_at`` is set by whoever did; one whose time has passed stops nothing."""

    pause_id: int
    scope: PauseScope
    subject: str
    reason: str
    actor: str
    since: datetime
    until: datetime | None
    ended_at: datetime | None = None
    ended_by: str = ""


class Pauses(Protocol):
    """The store of pauses inside a unit of work."""

    def begin(self, stop: Stop, at: datetime) -> Pause:
        """Stop it. Where it is stopped already, the newer reason and end are the ones that count, and the older pause is ended."""
        ...

    def end(self, scope: PauseScope, subject: str, actor: str, at: datetime) -> Pause | None:
        """Let it go on; None where nothing stops it in this scope."""
        ...

    def open(self, at: datetime) -> Sequence[Pause]:
        """All that stop something now, oldest first."""
        ...

    def of_queue(self, queue: Queue, company: str, at: datetime) -> Pause | None:
        """What stops this work now, for this company where one is named; the widest first."""
        ...

    def of_lane(self, integration: str, at: datetime) -> Pause | None:
        """What stops this lane now; the widest first."""
        ...
