"""One order: its newest version, where it stands, and every message about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from application.ports.order_translator import OrderTranslators
from application.ports.orders import ArrivalRecord, StoredOrder
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from domain.errors import Conflict, NotFound
from domain.orders.order import Order


@dataclass(frozen=True, slots=True)
class OrderDetails:
    """The stored order, the order read from it, and the trace of its messages, oldest first."""

    stored: StoredOrder
    order: Order
    arrivals: Sequence[tuple[datetime, ArrivalRecord]]


def orders_named(uow: UnitOfWork, ref: str) -> Sequence[StoredOrder]:
    """The orders of that ref, of each source one; or the one that ``SOURCE:REF`` means."""
    source, _, rest = ref.rpartition(":")
    return list(uow.orders.find(ref)) or [stored for stored in uow.orders.find(rest) if stored.source == source]


def find_order(uow: UnitOfWork, ref: str) -> StoredOrder:
    """The one order of that ref; ``SOURCE:REF`` where two sources have it. Raises NotFound or Conflict."""
    found = orders_named(uow, ref)
    if not found:
        raise NotFound("order", ref, "billhook orders list")
    if len(found) > 1:
        names = ", ".join(f"{stored.source}:{stored.ref}" for stored in found)
        raise Conflict("ambiguous_order", f"Several systems have an order {ref!r}.", f"Name one of: {names}")
    return found[0]


@dataclass(frozen=True, slots=True)
class ShowOrderHandler:
    """Raises NotFound, or Conflict where two sources have the ref."""

    units_of_work: UnitsOfWork
    translators: OrderTranslators

    def __call__(self, ref: str) -> OrderDetails:
        """Everything about one order."""
        with self.units_of_work() as uow:
            stored = find_order(uow, ref)
            arrivals = uow.orders.arrivals(stored.source, stored.ref)
        return OrderDetails(stored, self.translators.for_source(stored.source).translate(stored.body), arrivals)
