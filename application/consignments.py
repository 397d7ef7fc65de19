"""What is in a lane, read from the store: issued documents with their logos, and orders as they are now."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from application.judging import case_of, judge
from application.order_owing import BILLABLE, ORDER
from application.ports.deliveries import Delivery
from application.ports.destination import Consignment, OrderDocument
from application.ports.order_translator import OrderTranslators
from application.ports.orders import StoredOrder
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from domain.invoicing.totals import total_lines


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
            loaded = {**self._documents(uow, batch), **dict(self._orders(uow, batch))}
        return [loaded[delivery.delivery_id] for delivery in batch]

    def _documents(self, uow: UnitOfWork, batch: Sequence[Delivery]) -> dict[int, Consignment | NotOwedNow]:
        wanted = [delivery for delivery in batch if delivery.subject != ORDER]
        documents = uow.documents.get_many([delivery.subject_id for delivery in wanted])
        names = {stored.issued.draft.seller.logo_sha256 for stored in documents.values()} - {""}
        logos = {name: uow.configurations.asset(name) for name in names}
        return {
            delivery.delivery_id: Consignment(delivery.delivery_id, token_of(delivery), issued, logos.get(issued.draft.seller.logo_sha256))
            for delivery in wanted
            for issued in [documents[delivery.subject_id].issued]
        }

    def _orders(self, uow: UnitOfWork, batch: Sequence[Delivery]) -> Iterator[tuple[int, Consignment | NotOwedNow]]:
        """An order is judged again: between owing and sending it may have been cancelled or put on hold."""
        wanted = {delivery.subject_id: delivery for delivery in batch if delivery.subject == ORDER}
        if not wanted:
            return
        configuration = uow.configurations.current()
        for stored in uow.orders.read_many(sorted(wanted)):
            delivery = wanted[stored.order_id]
            order = self.translators.for_source(stored.source).translate(stored.body)
            decision = judge(order, configuration, stored.invoice_number)
            case = case_of(order, configuration, stored.invoice_number)
            if decision not in BILLABLE or case.terms is None:
                yield delivery.delivery_id, NotOwedNow(delivery, f"The order is {decision} now.")
                continue
            document = OrderDocument(
                stored.order_id, order, _fields(stored), case.priced, total_lines(case.priced.lines, case.priced.currency)
            )
            yield delivery.delivery_id, Consignment(delivery.delivery_id, token_of(delivery), document)


def _fields(stored: StoredOrder) -> dict[str, object]:
    fields: dict[str, object] = json.loads(stored.body, parse_float=Decimal)
    return fields
