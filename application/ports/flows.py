"""How far flows have come, and what they have taken."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class FlowState:
    """One flow. ``cursors`` by what is read; ``token`` counts the leases, so that the writes of a late run are void.

    ``restarts``, by what is read: the cursor of the first page of which something could not be taken; the round goes back to it.
    ``taken`` counts all that was ever taken; ``problem`` is what went wrong in the last run.
    """

    name: str
    schedule_fingerprint: str = ""
    next_run_at: datetime | None = None
    next_slot: str = ""
    cursors: Mapping[str, str] = field(default_factory=dict)
    restarts: Mapping[str, str] = field(default_factory=dict)
    token: int = 0
    leased_until: datetime | None = None
    ran_at: datetime | None = None
    taken: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class StoredCustomer:
    """A version of a customer that a flow took; ``body`` is an order message without items. What was taken later has a higher id."""

    customer_id: int
    flow: str
    remote_id: str
    body: bytes


class Flows(Protocol):
    """The store of flows' states inside a unit of work."""

    def lock(self, name: str) -> FlowState:
        """The state, locked until the unit of work ends; that of a new flow where there is none."""
        ...

    def save(self, state: FlowState) -> None:
        """Replace the state; it is locked."""
        ...

    def states(self) -> Sequence[FlowState]:
        """All, by name."""
        ...

    def fingerprints(self, name: str, what: str, remote_ids: Collection[str]) -> Mapping[str, str]:
        """Of what was taken already, by the source's id."""
        ...

    def add_customers(self, name: str, bodies: Mapping[str, bytes], at: datetime) -> Sequence[int]:
        """Keep versions of customers, by the source's id; their own ids."""
        ...

    def customers(self, customer_ids: Collection[int]) -> Mapping[int, StoredCustomer]:
        """These, by id."""
        ...

    def delivered_customers(self, integration: str, there: Collection[str]) -> Mapping[str, StoredCustomer]:
        """The last version that any flow wrote to each of these records of the target, by its id there."""
        ...

    def customers_under_way(self, integration: str) -> Sequence[StoredCustomer]:
        """Versions that are owed to it, and may be written already."""
        ...

    def record_there(self, name: str, remote_id: str) -> str:
        """Where the flow's customer of this id was written to last; empty where it was not."""
        ...

    def is_overtaken(self, customer: StoredCustomer, by: Collection[str]) -> bool:
        """Whether one of these flows, which go the other way, took a later change of the record that it would be written to."""
        ...

    def took(self, name: str, what: str, fingerprints: Mapping[str, str], at: datetime) -> None:
        """Keep what was taken, by the source's id."""
        ...
