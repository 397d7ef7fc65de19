"""What is carried from one accounting system to another, without being invoiced by us (seed 003)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any

from domain.companies.schedule import Every, Schedule

_PREFIX = "flow:"


class FlowObject(StrEnum):
    """What a flow carries."""

    CUSTOMERS = "customers"
    ORDERS = "orders"


class FlowDocument(StrEnum):
    """What is read as an order."""

    ORDER = "order"
    INVOICE = "invoice"
    ESTIMATE = "estimate"


class Conflict(StrEnum):
    """Whose word counts where a customer is in both systems and differs: the target's, the source's, or that of the newest change.

    Newest is what was seen last: not every system tells when a record changed.
    """

    TARGET = "target"
    SOURCE = "source"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class Flow:
    """``source`` and ``target`` are paths of integrations. ``date_from``: what was made before is left alone.

    ``statuses`` are names of the source; none given, all count but what is cancelled. ``amount_per_run`` counts records that are taken.
    ``document`` is what stands for an order at the source; None: what its kind usually has.
    """

    name: str
    source: str
    target: str
    objects: tuple[FlowObject, ...] = (FlowObject.ORDERS,)
    schedule: Schedule = field(default_factory=partial(Schedule, every=Every.HOUR))
    enabled: bool = True
    amount_per_run: int = 100
    date_from: datetime | None = None
    statuses: tuple[str, ...] = ()
    field_map: Mapping[str, Any] = field(default_factory=dict)
    conflicts: Conflict = Conflict.TARGET
    document: FlowDocument | None = None

    @property
    def order_source(self) -> str:
        """What stands for the order management system in the keys of its orders."""
        return order_source(self.name)

    def is_opposite(self, other: "Flow") -> bool:
        """Whether both carry customers between the same two, one there and one back."""
        carry = FlowObject.CUSTOMERS in self.objects and FlowObject.CUSTOMERS in other.objects
        return carry and (self.source, self.target) == (other.target, other.source)


def order_source(name: str) -> str:
    """The source of the orders of the flow that is called so."""
    return _PREFIX + name


def flow_of(source: str) -> str:
    """The name of the flow that orders of this source came with; empty for orders of an order management system."""
    return source.removeprefix(_PREFIX) if source.startswith(_PREFIX) else ""
