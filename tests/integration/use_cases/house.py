"""The use cases over a real database, with a clock, a destination and hints that tests look into."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from adapters.oms.order_translator import KornitOrderTranslator, OmsTranslators
from adapters.persistence.unit_of_work import SqlUnitsOfWork
from adapters.secrets.secret_box import AesGcmSecretBox
from adapters.vat_register.vat_register import ChecksumVatRegister
from application.configuration import Configuration
from application.consignments import ConsignmentLoader
from application.order_owing import OrderOwing
from application.ports.deliveries import Delivery, DeliveryFilter
from application.ports.documents import DocumentFilter, DocumentRow
from application.ports.orders import OrderFilter
from application.ports.quarantine import IncomingMessage
from application.ports.unit_of_work import UnitsOfWork
from application.use_cases.accept_messages import AcceptedMessages, AcceptMessages, AcceptMessagesHandler
from application.use_cases.credit_invoice import CreditInvoiceHandler
from application.use_cases.decide_orders import DecideOrders, DecideOrdersHandler
from application.use_cases.drain_lane import DrainLane, DrainLaneHandler
from application.use_cases.execute_run import ExecuteRunHandler
from application.use_cases.fire_schedules import FireSchedulesHandler
from application.use_cases.start_run import StartRun, StartRunHandler
from application.use_cases.verify import Verify, VerifyHandler
from tests.fakes.clock import SetClock
from tests.fakes.destination import InMemoryDestinations
from tests.fakes.task_queue import RememberedHints
from tests.fakes.telemetry import RememberedTelemetry

LANE = "501/pdf_emailer"


@dataclass
class House:
    """All handlers on one database."""

    engine: Engine
    clock: SetClock
    destinations: InMemoryDestinations
    hints: RememberedHints
    telemetry: RememberedTelemetry

    def __post_init__(self) -> None:
        self.units_of_work = SqlUnitsOfWork(self.engine, AesGcmSecretBox("a key of more than thirty-two characters"))
        self.translators = OmsTranslators(KornitOrderTranslator(ChecksumVatRegister()))
        self.accept_messages = AcceptMessagesHandler(
            self.units_of_work, self.translators, OrderOwing(self.destinations), self.clock, self.telemetry
        )
        self.decide_orders = DecideOrdersHandler(self.units_of_work, self.translators, OrderOwing(self.destinations), self.clock)
        self.execute_run = ExecuteRunHandler(
            self.units_of_work, self.translators, self.destinations, self.decide_orders, self.hints, self.clock, self.telemetry
        )
        self.start_run = StartRunHandler(self.units_of_work, self.execute_run, self.clock)
        self.fire_schedules = FireSchedulesHandler(self.units_of_work, self.clock, self.telemetry)
        self.drain_lane = self.a_worker("worker-1")
        self.credit_invoice = CreditInvoiceHandler(
            self.units_of_work, self.decide_orders, self.start_run, self.destinations, self.hints, self.clock
        )

    def a_worker(self, owner: str, units_of_work: UnitsOfWork | None = None) -> DrainLaneHandler:
        """One more worker, with a lease of a minute and no jitter; it may have another way to the store."""
        store = units_of_work or self.units_of_work
        consignments = ConsignmentLoader(store, self.translators)
        return DrainLaneHandler(
            store, consignments, self.destinations, self.clock, self.telemetry, lambda: 0.0, owner, lease_s=60, batch_size=10
        )

    def configure(self, configuration: Configuration) -> None:
        """Save a configuration and decide anew, as `apply` does."""
        with self.units_of_work() as uow:
            uow.configurations.save(configuration, {}, {})
            uow.commit()
        self.decide_orders(DecideOrders())

    def feed(self, *orders: dict[str, Any]) -> AcceptedMessages:
        """Orders in, as one batch."""
        return self.accept_messages(AcceptMessages([IncomingMessage(json.dumps(order).encode()) for order in orders]))

    def run(self, company: str = "501") -> tuple[int, ...]:
        """Invoice a company now; the numbers issued."""
        return self.start_run(StartRun(company)).issued

    def drain(self, lane: str = LANE) -> int:
        """Drain a lane now; how many deliveries were settled."""
        return self.drain_lane(DrainLane(lane))

    def decisions(self) -> dict[str, str]:
        """The decision kept for each order."""
        with self.units_of_work() as uow:
            return {row.ref: row.decision for row in uow.orders.list(OrderFilter(), 0, 10_000)}

    def invoices(self) -> list[DocumentRow]:
        """All invoices, oldest first."""
        with self.units_of_work() as uow:
            return list(uow.documents.list(DocumentFilter(), 0, 10_000))

    def deliveries(self) -> list[Delivery]:
        """All deliveries, oldest first."""
        with self.units_of_work() as uow:
            return list(uow.deliveries.list(DeliveryFilter(), 0, 10_000))

    def states(self) -> list[str]:
        """The state of each delivery, oldest first."""
        return [str(delivery.state) for delivery in self.deliveries()]

    def problems(self) -> list[str]:
        """What `verify` finds wrong."""
        return [
            f"{check.name}: {check.detail}"
            for check in VerifyHandler(self.units_of_work, self.translators, self.clock)(Verify()).checks
            if not check.ok
        ]


def a_message(ref: str = "90001", **changes: Any) -> dict[str, Any]:
    """A dispatched order of company 501: 16.00 net, 19.20 in all."""
    order = {
        "ref": ref,
        "company_ref_id": 501,
        "status": 8,
        "status_name": "Dispatched",
        "creation_datetime": "2026-11-01 10:00:05",
        "dispatch_datetime": "2026-11-02 09:12:00",
        "version": 1,
        "currency_code": "GBP",
        "customer_name": "Zoë Ångström",
        "billing_country_code": "GB",
        "shipping_price": "3.50",
        "shipping_tax_rate": "0.2",
        "items": [{"ref": f"{ref}-1", "sku": "TEE-BLK-M", "quantity": 2, "unit_cost_price": "6.25", "tax_code": "standard"}],
    }
    return {**order, **changes}
