"""One delivery with every try and every change of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from application.ports.deliveries import Attempt, Delivery
from application.ports.unit_of_work import UnitsOfWork
from domain.errors import NotFound


@dataclass(frozen=True, slots=True)
class DeliveryDetails:
    """The delivery, its attempts, oldest first, and the steps of its present sending: what each left behind there, by its name."""

    delivery: Delivery
    attempts: Sequence[Attempt]
    steps: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ShowDeliveryHandler:
    """Raises NotFound."""

    units_of_work: UnitsOfWork

    def __call__(self, delivery_id: int) -> DeliveryDetails:
        """By id."""
        with self.units_of_work() as uow:
            delivery = uow.deliveries.find(delivery_id)
            if delivery is None:
                raise NotFound("delivery", f"dlv_{delivery_id}", "billhook deliveries list")
            steps = uow.deliveries.steps([delivery_id]).get(delivery_id, {})
            return DeliveryDetails(delivery, uow.deliveries.attempts(delivery_id), steps)
