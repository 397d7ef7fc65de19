"""A place documents are delivered to. A new kind is one settings model, one class and one line in the container."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from domain.companies.admin_company import AdminCompany
from domain.companies.company import Company
from domain.companies.integration import Integration
from domain.delivery.outcome import LookUp, Outcome, StepDone
from domain.invoicing.document import Issued
from domain.invoicing.totals import Totals
from domain.orders.order import Order
from domain.pricing.price_order import PricedOrder


@dataclass(frozen=True, slots=True)
class OrderDocument:
    """A billable order on its way to an integration that takes orders.

    ``fields`` is the newest message about the order as it came: every public field, also those Billhook does not read.
    ``priced`` has the lines with their prices and taxes, ``totals`` what they add up to.
    """

    order_id: int
    order: Order
    fields: Mapping[str, Any]
    priced: PricedOrder
    totals: Totals


@dataclass(frozen=True, slots=True)
class CustomerDocument(OrderDocument):
    """A customer by itself, as a flow brings it: an order without lines, of which only the buyer counts.

    ``overwrites``: one that is there and differs is changed; otherwise it is left as it is. ``written_to``: the record there that the
    flow wrote this customer to before, also under another name or e-mail; empty where there is none.
    """

    overwrites: bool = False
    written_to: str = ""


@dataclass(frozen=True, slots=True)
class Consignment:
    """One document to deliver. ``token`` is stable per delivery and sending (a resend asked for by a person counts up).

    ``steps`` are the effects of this sending that have happened already, with what each left behind there; see StepDone. ``remote_id`` is
    the destination's own name for what an earlier sending left there, empty where none did.
    """

    delivery_id: int
    token: str
    document: Issued | OrderDocument
    logo: bytes | None = None
    steps: Mapping[str, str] = field(default_factory=dict)
    remote_id: str = ""


@dataclass(frozen=True, slots=True)
class LaneContext:
    """Whose lane it is, with the settings and decrypted secrets of the integration."""

    integration: Integration
    company: Company
    seller: AdminCompany
    secrets: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One line of a live check; ``next_step`` where it is not ok."""

    name: str
    ok: bool
    detail: str
    next_step: str = ""


def issued_in(consignment: Consignment) -> Issued:
    """The issued document of a consignment. Orders never get into a lane that does not take them: anything else is a bug."""
    if not isinstance(consignment.document, Issued):
        raise TypeError(f"delivery {consignment.delivery_id} holds no issued document")
    return consignment.document


class LeaseVoid(Exception):
    """A newer worker has the lane: stop at once and send nothing more."""


class Destination(Protocol):
    """An open connection to one destination, for one lane."""

    def deliver(
        self, batch: Sequence[Consignment], handing_over: Callable[[Sequence[Consignment]], None]
    ) -> Iterator[tuple[Consignment, Outcome | StepDone]]:
        """Deliver and yield each outcome as soon as it is known; a destination with several effects yields each step before it.

        ``handing_over`` must be called right before a consignment can have an effect outside, anew for each step; it may
        raise LeaseVoid.
        Consignments without an outcome when the iterator ends were not handed over.
        """
        ...

    def look_up(self, consignment: Consignment) -> LookUp:
        """Whether a consignment that was handed over without an answer arrived."""
        ...

    def check(self) -> Sequence[CheckResult]:
        """Ask the destination, live, whether deliveries can work. Sends no document."""
        ...

    def preview(self, consignment: Consignment) -> str:
        """What would be sent, as text for people. Sends nothing."""
        ...


class Destinations(Protocol):
    """Opens destinations by kind."""

    def takes(self, integration: Integration) -> frozenset[str]:
        """The subjects an integration takes: invoice, credit_note, order; none for a kind that is not known."""
        ...

    def resent(self, integration: Integration) -> str:
        """What sending a delivered document again does there, as a sentence for people; empty for a kind that is not known."""
        ...

    def open(self, lane: LaneContext) -> AbstractContextManager[Destination]:
        """A connection for one lane, closed at the end. Raises TemporaryFailure where it cannot be opened."""
        ...
