"""Orders and where they stand."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.orders import OrderFilter, OrderRow
from application.ports.unit_of_work import UnitsOfWork


@dataclass(frozen=True, slots=True)
class ListOrdersHandler:
    """Paged by id: pass the last id seen as ``after``."""

    units_of_work: UnitsOfWork

    def __call__(self, wanted: OrderFilter, after: int = 0, limit: int = 50) -> Sequence[OrderRow]:
        """At most ``limit`` rows."""
        with self.units_of_work() as uow:
            return uow.orders.list(wanted, after, limit)
