"""Orders: the newest accepted version of each, and the record of every message about one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.orders.versions import Arrival, VersionMark
from domain.value import value

OrderKey = tuple[str, str]  # (source, ref)


@value
class KnownOrder:
    """What intake has to know of an order it has seen before. ``invoice_number`` is empty where no live invoice has it."""

    order_id: int
    mark: VersionMark
    invoice_number: str
    invoiced_fingerprint: str


@value
class OrderVersion:
    """An accepted version, ready to be stored. ``order_id`` is None for an order not seen before."""

    order_id: int | None
    source: str
    ref: str
    mark: VersionMark
    external_ref: str
    company_ref: str
    status: str
    created_at: datetime | None
    billing_fingerprint: str
    decision: str
    revision: int
    body: bytes

    def settled(self, order_id: int | None, decision: str, revision: int) -> "OrderVersion":
        """The version, of an order that the store knows by this id, decided on under this revision."""
        return OrderVersion(
            order_id,
            self.source,
            self.ref,
            self.mark,
            self.external_ref,
            self.company_ref,
            self.status,
            self.created_at,
            self.billing_fingerprint,
            decision,
            revision,
            self.body,
        )


@value
class ArrivalRecord:
    """The trace of one message about an order. ``message_id`` is the publisher's, or empty."""

    source: str
    ref: str
    version: int | None
    body_sha256: str
    outcome: Arrival
    message_id: str
    detail: str = ""


@value
class StoredOrder:
    """A stored order: its newest body and where it stands."""

    order_id: int
    source: str
    ref: str
    company_ref: str
    body: bytes
    decision: str
    revision: int
    billing_fingerprint: str
    invoiced_fingerprint: str
    invoice_number: str


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One row of a list of orders."""

    order_id: int
    source: str
    ref: str
    external_ref: str
    company: str
    status: str
    decision: str
    invoice_number: str | None
    version: int | None
    created_at: datetime | None
    received_at: datetime


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Which orders to list; None leaves a filter out. ``since`` and ``until`` (not included) are of the newest version's arrival."""

    company: str | None = None
    decision: str | None = None
    invoiced: bool | None = None
    ref: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class Orders(Protocol):
    """The order store inside a unit of work."""

    def lock_known(self, keys: Sequence[OrderKey]) -> Mapping[OrderKey, KnownOrder]:
        """The known ones of these orders, locked until the unit of work ends."""
        ...

    def record(self, versions: Sequence[OrderVersion], arrivals: Sequence[ArrivalRecord], received_at: datetime) -> None:
        """Store the versions and the trace of the messages. Raises ConcurrentOrder where another intake was first."""
        ...

    def lock_due(self, company_ref: str, after_id: int, limit: int) -> Sequence[StoredOrder]:
        """Orders of a company decided ``due``, by id after ``after_id``, locked until the unit of work ends."""
        ...

    def read_due(self, company_ref: str, after_id: int, limit: int) -> Sequence[StoredOrder]:
        """As ``lock_due``, without the locks: to plan what to do."""
        ...

    def due_ids(self, company_ref: str) -> Sequence[int]:
        """The ids of all orders of a company decided ``due``, in ascending order."""
        ...

    def read_open(self, after_id: int, limit: int) -> Sequence[StoredOrder]:
        """Orders on no live invoice, by id after ``after_id``."""
        ...

    def read_many(self, order_ids: Sequence[int]) -> Sequence[StoredOrder]:
        """These orders by id."""
        ...

    def lock_many(self, order_ids: Sequence[int]) -> Sequence[StoredOrder]:
        """These orders by id, locked until the unit of work ends."""
        ...

    def lock_outdated(self, company_ref: str | None, revision: int, limit: int) -> Sequence[StoredOrder]:
        """Orders not on a live invoice whose decision is older than the configuration revision, locked.

        None means orders of every company.
        """
        ...

    def set_decisions(self, decisions: Sequence[tuple[int, str]], revision: int) -> None:
        """Keep the decision per order id, made under a configuration revision."""
        ...

    def companies_with_due(self) -> Sequence[str]:
        """Refs of companies that have orders decided ``due``."""
        ...

    def find(self, ref: str) -> Sequence[StoredOrder]:
        """Orders of any source by ref."""
        ...

    def arrivals(self, source: str, ref: str) -> Sequence[tuple[datetime, ArrivalRecord]]:
        """The trace of all messages about an order, oldest first."""
        ...

    def arrivals_of_message(self, message_id: str) -> Sequence[tuple[datetime, ArrivalRecord]]:
        """The trace of one message, by its publisher's id: one entry for each order in it."""
        ...

    def list(self, wanted: OrderFilter, after: int, limit: int) -> Sequence[OrderRow]:
        """Orders by id after ``after``."""
        ...

    def count_by_decision(self, company_ref: str | None) -> Mapping[str, int]:
        """How many orders stand at each decision."""
        ...


class ConcurrentOrder(Exception):
    """Another unit of work stored the same new order first: roll back and do the batch again."""
