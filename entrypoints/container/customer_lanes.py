"""The part of the composition root that is about customers by themselves: which lanes take them."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any

from application.carries_customers import CustomerCarryingDestination
from application.ports.destination import Consignment, CustomerDocument, Destination, LaneContext
from domain.delivery.outcome import Delivered

OpenLane = Callable[[LaneContext], AbstractContextManager[Destination]]
Write = Callable[[Any, Consignment, CustomerDocument], Delivered]


def with_customers(open_lane: OpenLane, write: Write) -> OpenLane:
    """Lanes that take customers too; ``write`` gets the destination that the lane opened."""

    @contextmanager
    def opened(lane: LaneContext) -> Iterator[Destination]:
        with open_lane(lane) as destination:
            yield CustomerCarryingDestination(destination, partial(write, destination))

    return opened


def write_to_fortnox(destination: Any, consignment: Consignment, customer: CustomerDocument) -> Delivered:
    """The adapter is loaded with the first customer."""
    from adapters.accounting.fortnox.customer_delivery import write_customer  # noqa: PLC0415 - see above

    return write_customer(destination, consignment, customer)


def write_to_jortt(destination: Any, consignment: Consignment, customer: CustomerDocument) -> Delivered:
    """The adapter is loaded with the first customer."""
    from adapters.accounting.jortt.customer_delivery import write_customer  # noqa: PLC0415 - see above

    return write_customer(destination, consignment, customer)
