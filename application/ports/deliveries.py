"""Deliveries, their attempts, and the lanes they wait in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.delivery.state import DeliveryState


@dataclass(frozen=True, slots=True)
class Owed:
    """A document owed to an integration. ``subject`` is invoice, credit_note or order."""

    integration: str
    subject: str
    subject_id: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """One document on its way to one integration (``integration`` is its path)."""

    delivery_id: int
    integration: str
    kind: str
    company: str
    subject: str
    subject_id: int
    state: DeliveryState
    attempts: int
    due_at: datetime | None
    handed_over: bool
    resends: int
    remote_id: str
    remote_url: str
    last_error: str
    next_step: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a delivery, or one act of a person on it: what changed and why. Secrets never get here."""

    delivery_id: int
    state: str
    outcome: str
    detail: str
    at: datetime
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a delivery."""

    delivery_id: int
    state: DeliveryState
    outcome: str
    detail: str = ""
    due_at: datetime | None = None
    remote_id: str = ""
    remote_url: str = ""
    next_step: str = ""
    duration_ms: int = 0


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to drain a lane until ``expires_at``. A newer token voids an older one.

    ``failures`` counts how often in a row the lane had to be parked.
    """

    integration: str
    token: int
    expires_at: datetime
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Lane:
    """How a lane stands. ``depth`` counts its open deliveries, ``oldest`` is when the first of them was owed.

    ``next_at`` is when the next try is due; ``owner`` who drains it now, empty where nobody does. ``parked_until`` and
    ``reason`` say what the lane rests for after ``failures`` in a row.
    """

    integration: str
    company: str
    kind: str
    enabled: bool
    depth: int
    oldest: datetime | None
    next_at: datetime | None
    owner: str
    parked_until: datetime | None
    failures: int
    reason: str


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """Which deliveries to list; None leaves a filter out."""

    state: str | None = None
    integration: str | None = None
    company: str | None = None
    since: datetime | None = None
    subject: str | None = None
    subject_id: int | None = None
    until: datetime | None = None


class Deliveries(Protocol):
    """The delivery store inside a unit of work."""

    def owe(self, owed: Sequence[Owed], at: datetime) -> int:
        """Record what is owed; a pair already there stays as it is, but an order that was skipped is pending again.

        Returns how many are owed that were not before.
        """
        ...

    def due_lanes(self, at: datetime, limit: int, after: str = "", hinted_since: datetime | None = None) -> Sequence[str]:
        """Paths of enabled integrations with work due, no living lease, neither parked nor paused.

        In turns: by path behind ``after``, then from the beginning up to it. Left out are lanes that were hinted at after
        ``hinted_since`` and not taken since.
        """
        ...

    def lanes(self, after: str, limit: int | None, at: datetime, company: str | None = None) -> Sequence[Lane]:
        """Every declared integration's lane, or those of a company, by path behind ``after``.

        A parking or a lease that is over at that time does not show.
        """
        ...

    def note_hints(self, integrations: Sequence[str], at: datetime) -> None:
        """Hints about these lanes are sent; taking the lane ends that."""
        ...

    def take_lease(self, integration: str, owner: str, at: datetime, until: datetime, company_lanes_max: int = 0) -> Lease | None:
        """Take the lane, or None where somebody holds it, or where ``company_lanes_max`` lanes of its company are held (0: no bound).

        A lane that is refused for that bound may be hinted at again at once.

        What an older token left in flight becomes ``unknown`` where it was handed over, else ``pending``.
        """
        ...

    def renew_lease(self, lease: Lease, until: datetime) -> Lease | None:
        """Hold the lane longer; None where a newer token has it."""
        ...

    def release_lease(self, lease: Lease) -> None:
        """Give the lane back; nothing happens where a newer token has it."""
        ...

    def park(self, lease: Lease, until: datetime, reason: str, at: datetime) -> None:
        """Nothing of this lane is due before ``until``: its connection cannot be used.

        The reason shows as ``last_error`` of its open deliveries; what was in flight and not handed over is pending again.
        A settled ``delivered`` ends the row of failures.
        """
        ...

    def wake(self, integration: str) -> None:
        """A lane that is parked may try again at once: somebody has mended what it was waiting for."""
        ...

    def claim(self, lease: Lease, at: datetime, limit: int) -> Sequence[Delivery]:
        """Take due deliveries in order and make them ``in_flight`` under the lease's token."""
        ...

    def unknown(self, lease: Lease, at: datetime, limit: int) -> Sequence[Delivery]:
        """Due deliveries of the lane that must be looked up."""
        ...

    def mark_handed_over(self, lease: Lease, delivery_ids: Sequence[int]) -> bool:
        """Note that these are about to have an effect outside; False where the lease is void, and nothing may be sent."""
        ...

    def record_step(self, lease: Lease, delivery_id: int, step: str, remote_id: str, at: datetime) -> bool:
        """Note that a step of a delivery has happened, with an attempt; False where the lease is void, and nothing was noted.

        What comes after it is not handed over yet. A step that is there already stays as it is.
        """
        ...

    def steps(self, delivery_ids: Sequence[int]) -> Mapping[int, Mapping[str, str]]:
        """The steps of each delivery's present sending, in the order they happened: what each left behind there, by its name."""
        ...

    def settle(self, lease: Lease, changes: Sequence[Change], at: datetime) -> bool:
        """Record outcomes, each with an attempt; False where the lease is void, and nothing was recorded."""
        ...

    def change(self, change: Change, expected: DeliveryState, at: datetime) -> bool:
        """A person's step on a delivery, with an attempt row; False where it is no longer in the expected state."""
        ...

    def find(self, delivery_id: int) -> Delivery | None:
        """One by id."""
        ...

    def attempts(self, delivery_id: int) -> Sequence[Attempt]:
        """All tries and changes of a delivery, oldest first."""
        ...

    def list(self, wanted: DeliveryFilter, after: int, limit: int) -> Sequence[Delivery]:
        """By id after ``after``."""
        ...

    def next_due(self, integration: str) -> Delivery | None:
        """The open delivery of a lane that is due first, now or later; None where nothing is open."""
        ...

    def count_by_state(self) -> Mapping[str, int]:
        """How many deliveries stand at each state."""
        ...
