"""Deliveries and their states."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.deliveries import Delivery, DeliveryFilter
from application.ports.unit_of_work import UnitsOfWork


@dataclass(frozen=True, slots=True)
class ListDeliveriesHandler:
    """Paged by id: pass the last id seen as ``after``."""

    units_of_work: UnitsOfWork

    def __call__(self, wanted: DeliveryFilter, after: int = 0, limit: int = 50) -> Sequence[Delivery]:
        """At most ``limit`` rows."""
        with self.units_of_work() as uow:
            return uow.deliveries.list(wanted, after, limit)
