"""What is in a lane, read from the store: issued documents with their logos, and orders as they are now."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from application.flows.customers import is_overtaken, overwrites
from application.judging import case_of, judged
from application.order_owing import BILLABLE, CUSTOMER, ORDER
from application.ports.deliveries import Delivery
from application.ports.destination import Consignment, CustomerDocument, OrderDocument
from application.ports.flows import StoredCustomer
from application.ports.order_translator import OrderTranslators
from application.ports.orders import StoredOrder
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from domain.companies.flow import order_source
from domain.invoicing.case import Case
from domain.invoicing.decision import Decision
from domain.invoicing.document import Issued
from domain.invoicing.rules import cancelled
from domain.invoicing.totals import Totals, total_lines
from domain.money import ZERO
from domain.orders.order import Order
from domain.pricing.price_order import PricedOrder


@dataclass(frozen=True, slots=True)
class NotOwedNow:
    """A delivery that does not apply any more, and why."""

    delivery: Delivery
    reason: str


def token_of(delivery: Delivery) -> str:
    """The stable identity of a sending: the same through retries, another when a person has it sent again."""
    return f"dlv-{delivery.delivery_id}-{delivery.resends}"


@dataclass(frozen=True, slots=True)
class ConsignmentLoader:
    """Loads a batch of deliveries of one lane."""

    units_of_work: UnitsOfWork
    translators: OrderTranslators

    def load(self, batch: Sequence[Delivery]) -> list[Consignment | NotOwedNow]:
        """In the order of the batch."""
        with self.units_of_work() as uow:
            loaded = {**self._documents(uow, batch), **dict(self._orders(uow, batch)), **dict(self._customers(uow, batch))}
            steps = uow.deliveries.steps([delivery.delivery_id for delivery in batch])
        return [_with_steps(loaded[delivery.delivery_id], steps) for delivery in batch]

    def _documents(self, uow: UnitOfWork, batch: Sequence[Delivery]) -> dict[int, Consignment | NotOwedNow]:
        wanted = [delivery for delivery in batch if delivery.subject not in {ORDER, CUSTOMER}]
        documents = uow.documents.get_many([delivery.subject_id for delivery in wanted])
        names = {stored.issued.draft.seller.logo_sha256 for stored in documents.values()} - {""}
        logos = {name: uow.configurations.asset(name) for name in names}
        return {delivery.delivery_id: _document(delivery, documents[delivery.subject_id].issued, logos) for delivery in wanted}

    def _customers(self, uow: UnitOfWork, batch: Sequence[Delivery]) -> Iterator[tuple[int, Consignment | NotOwedNow]]:
        wanted = [delivery for delivery in batch if delivery.subject == CUSTOMER]
        if not wanted:
            return
        stored = uow.flows.customers([delivery.subject_id for delivery in wanted])
        configuration = uow.configurations.current()
        for delivery in wanted:
            customer = stored[delivery.subject_id]
            if is_overtaken(uow, configuration, customer):
                yield delivery.delivery_id, NotOwedNow(delivery, "A later change of this customer was seen on the other side.")
                continue
            order = self.translators.for_source(order_source(customer.flow)).translate(customer.body)
            before = uow.flows.record_there(customer.flow, customer.remote_id)
            document = _customer(customer, order, before, is_written_over=overwrites(configuration.flows.get(customer.flow), customer.body))
            yield delivery.delivery_id, Consignment(delivery.delivery_id, token_of(delivery), document)

    def _orders(self, uow: UnitOfWork, batch: Sequence[Delivery]) -> Iterator[tuple[int, Consignment | NotOwedNow]]:
        """An order is judged again: between owing and sending it may have been cancelled or put on hold."""
        wanted = {delivery.subject_id: delivery for delivery in batch if delivery.subject == ORDER}
        if not wanted:
            return
        configuration = uow.configurations.current()
        for stored in uow.orders.read_many(sorted(wanted)):
            delivery = wanted[stored.order_id]
            order = self.translators.for_source(stored.source).translate(stored.body)
            case = case_of(order, configuration, stored.invoice_number)
            reason = _why_not(case, judged(case))
            if reason:
                yield delivery.delivery_id, NotOwedNow(delivery, reason)
                continue
            document = order_document(stored, order, case.priced)
            yield delivery.delivery_id, Consignment(delivery.delivery_id, token_of(delivery), document)


def _document(delivery: Delivery, issued: Issued, logos: Mapping[str, bytes | None]) -> Consignment:
    logo = logos.get(issued.draft.seller.logo_sha256)
    return Consignment(delivery.delivery_id, token_of(delivery), issued, logo, remote_id=delivery.remote_id)


def _customer(stored: StoredCustomer, order: Order, before: str, *, is_written_over: bool) -> CustomerDocument:
    """Only the buyer of it counts."""
    fields: dict[str, object] = json.loads(stored.body, parse_float=Decimal)
    priced = PricedOrder(order, order.currency, ())
    return CustomerDocument(stored.customer_id, order, fields, priced, Totals(ZERO, ZERO, ZERO, ()), is_written_over, before)


def _why_not(case: Case, decision: Decision) -> str:
    """Why an order does not go out now; empty where it does. One of a flow goes out as it is there, unless it was cancelled there."""
    if case.terms is None or decision not in BILLABLE | {Decision.FROM_FLOW}:
        return f"The order is {decision} now."
    if decision is not Decision.FROM_FLOW:
        return ""
    if not cancelled.passes(case):
        return "The order is cancelled now."
    missing = case.priced.missing
    return f"The order cannot be handed on: {missing}." if missing else ""


def _with_steps(item: Consignment | NotOwedNow, steps: Mapping[int, Mapping[str, str]]) -> Consignment | NotOwedNow:
    if isinstance(item, NotOwedNow) or item.delivery_id not in steps:
        return item
    return replace(item, steps=steps[item.delivery_id])


def order_document(stored: StoredOrder, order: Order, priced: PricedOrder) -> OrderDocument:
    """An order on its way, with all the fields of its newest message. Nothing of ``priced`` may be missing."""
    fields: dict[str, object] = json.loads(stored.body, parse_float=Decimal)
    return OrderDocument(stored.order_id, order, fields, priced, total_lines(priced.lines, priced.currency))
