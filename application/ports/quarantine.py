"""Messages that could not be read: kept with bytes, headers and reason, so that nothing is lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from domain.value import value


@value
class IncomingMessage:
    """A message as it came: from the broker, a file or a folder. ``headers`` are text, for people to read.

    Where ``body`` was cut because it is over the limit, ``size`` (bytes) and ``sha256`` are those of the whole.
    """

    body: bytes
    message_id: str = ""
    type: str = ""
    routing_key: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    origin: str = "amqp"
    size: int | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Dismissal:
    """A person's word that nothing is left to do about a message: when, who and why."""

    at: datetime
    actor: str
    reason: str


class QuarantineState(StrEnum):
    """Open: somebody has to look at it. Replayed: it was read after all. Dismissed: it was mended by hand."""

    OPEN = "open"
    REPLAYED = "replayed"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class QuarantinedMessage:
    """A message set aside. ``path`` is where in it the mistake is; ``replayed_at`` when it was read after all.

    ``body`` is cut where the message is over the size limit; ``size`` (bytes) and ``body_sha256`` are of the whole.
    """

    quarantine_id: int
    message: IncomingMessage
    reason: str
    path: str
    size: int
    body_sha256: str
    received_at: datetime
    replayed_at: datetime | None
    dismissal: Dismissal | None = None

    @property
    def state(self) -> QuarantineState:
        """Where it stands; it is never both replayed and dismissed."""
        if self.dismissal is not None:
            return QuarantineState.DISMISSED
        return QuarantineState.OPEN if self.replayed_at is None else QuarantineState.REPLAYED


class Quarantine(Protocol):
    """The store of unreadable messages inside a unit of work."""

    def add(self, message: IncomingMessage, reason: str, path: str, received_at: datetime) -> None:
        """Set a message aside."""
        ...

    def find(self, quarantine_id: int) -> QuarantinedMessage | None:
        """One by id."""
        ...

    def list(self, after: int, limit: int, *, open_only: bool, since: datetime | None = None) -> Sequence[QuarantinedMessage]:
        """By id after ``after``; ``open_only`` leaves out those replayed or dismissed, ``since`` those received before."""
        ...

    def open_ids(self, after: int, since: datetime | None, until: datetime | None, limit: int) -> Sequence[int]:
        """Ids of those open that were received in a time (``until`` not included), by id after ``after``."""
        ...

    def by_message_id(self, message_id: str) -> Sequence[QuarantinedMessage]:
        """All with this id, by id, in whatever state: a message may have several orders that cannot be read."""
        ...

    def mark_replayed(self, quarantine_id: int, at: datetime) -> bool:
        """It was read after all; False where it is dismissed, and stays so."""
        ...

    def dismiss(self, quarantine_id: int, dismissal: Dismissal) -> bool:
        """Nothing is left to do about it; False where it is not open any more."""
        ...
