"""What was driven again on a person's word, and how far it came."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Replayed(StrEnum):
    """What can be driven again. Messages that were set aside are too, but need no record: what is read leaves the quarantine."""

    ORDERS = "orders"
    DELIVERIES = "deliveries"


@dataclass(frozen=True, slots=True)
class Selection:
    """Which ones; None and empty leave a filter out. ``since`` and ``until`` (not included) are of their arrival.

    ``decision`` is for orders, ``state`` and ``integration`` for deliveries; ``limit`` is how many are looked at, at most.
    """

    ids: tuple[int, ...] = ()
    company: str | None = None
    decision: str | None = None
    integration: str | None = None
    state: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 10_000


@dataclass(frozen=True, slots=True)
class Replay:
    """``position`` is the last id that was looked at; ``changed`` how many of those looked at were not right already."""

    replay_id: int
    what: Replayed
    wanted: Selection
    actor: str
    reason: str
    position: int
    looked_at: int
    changed: int
    started_at: datetime
    updated_at: datetime
    finished_at: datetime | None = None


class Replays(Protocol):
    """The store of replays inside a unit of work."""

    def begin(self, replay: Replay) -> Replay:
        """Record it, with an id of its own."""
        ...

    def lock(self, replay_id: int) -> Replay | None:
        """As it stands, locked until the unit of work ends: two who continue one replay take turns."""
        ...

    def save(self, replay: Replay) -> None:
        """How far it came."""
        ...

    def open_like(self, what: Replayed, wanted: Selection) -> Replay | None:
        """One of the same selection that is not finished."""
        ...

    def list(self, before: int, limit: int) -> Sequence[Replay]:
        """Newest first, from below ``before`` on; 0 begins with the newest."""
        ...
