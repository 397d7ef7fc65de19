"""A jortt and a Fortnox with flows between them, wired as in production, on SQLite."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from sqlalchemy import Engine, update

from adapters.oms.order_translator import KornitOrderTranslator, OmsTranslators
from adapters.persistence.tables import deliveries, lanes
from adapters.persistence.unit_of_work import SqlUnitsOfWork
from adapters.secrets.secret_box import AesGcmSecretBox
from adapters.system.clock import SystemClock
from adapters.vat_register.vat_register import ChecksumVatRegister
from application.accounting.vendor_addresses import VendorAddresses
from application.consignments import ConsignmentLoader
from application.order_owing import OrderOwing
from application.ports.connections import Connection, ConnectionState, Tokens
from application.ports.deliveries import Delivery, DeliveryFilter
from application.ports.orders import OrderFilter
from application.use_cases.decide_orders import DecideOrders, DecideOrdersHandler
from application.use_cases.drain_lane import DrainLane, DrainLaneHandler
from application.use_cases.run_flow import FlowReport, RunFlow
from domain.companies.flow import Flow
from domain.companies.integration import Integration
from domain.companies.plan import BillTo, Layout
from entrypoints.container.accounting import accounting_kinds, accounting_parts
from entrypoints.container.sources import run_flow
from entrypoints.destinations import BuiltInDestinations
from tests.factories import a_company_in, a_configuration, a_plan, an_admin_company_in
from tests.fakes.fortnox.caller import Caller
from tests.fakes.fortnox.server import FakeFortnox
from tests.fakes.jortt.books import Organisation
from tests.fakes.jortt.fake import SCOPES, FakeJortt
from tests.fakes.telemetry import RememberedTelemetry

JORTT, FORTNOX = "100/jortt", "200/fortnox"
TENANT = "1000"
TO_FORTNOX = Flow("in", JORTT, FORTNOX)
TO_JORTT = Flow("out", FORTNOX, JORTT)


@dataclass
class TwoBooks:
    """Company 100 has a jortt, company 200 a Fortnox; ``flows`` go between them."""

    engine: Engine
    fortnox: FakeFortnox
    jortt: FakeJortt
    telemetry: RememberedTelemetry = field(default_factory=RememberedTelemetry)

    def __post_init__(self) -> None:
        self.organisation: Organisation = self.jortt.add_organisation()
        self.jortt.add_app("billhook", "app-secret", "", SCOPES, self.organisation)
        self.fortnox.add_app("billhook", "app-secret", "http://localhost:8765/callback")
        self.tenant = self.fortnox.add_company(TENANT, vat_rates=(25, 21, 12, 6, 0))
        self.fortnox.consent("billhook", TENANT)
        self.clock = SystemClock()
        self.units_of_work = SqlUnitsOfWork(self.engine, AesGcmSecretBox("a key of more than thirty-two characters"))
        addresses = VendorAddresses(
            fortnox_api_url=self.fortnox.api_url,
            fortnox_auth_url=self.fortnox.apps_url,
            jortt_api_url=self.jortt.api_url,
            jortt_auth_url=self.jortt.api_url,
        )
        parts = accounting_parts(self.units_of_work, self.clock, self.telemetry, addresses, requests.Session)
        destinations = BuiltInDestinations(accounting_kinds(parts, _no_renderer()))
        self.translators = OmsTranslators(KornitOrderTranslator(ChecksumVatRegister()))
        owing = OrderOwing(destinations)
        self.run_flow = run_flow(self.units_of_work, parts, self.translators, owing, self.clock, self.telemetry)
        self.drain_lane = DrainLaneHandler(
            self.units_of_work,
            ConsignmentLoader(self.units_of_work, self.translators),
            destinations,
            self.clock,
            self.telemetry,
            lambda: 0.0,
            "worker-1",
        )
        self.decide_orders = DecideOrdersHandler(self.units_of_work, self.translators, owing, self.clock)
        self.declare(TO_FORTNOX, TO_JORTT)

    def declare(self, *flows: Flow, document: str = "order", **more: Mapping[str, Any]) -> None:
        """As `apply` does: these flows, and no others; each side enters orders as ``document``, and has ``more`` settings by its kind."""
        self.flows = flows
        plan = a_plan(bill_to=BillTo.CUSTOMER, layout=Layout.INDIVIDUAL, enabled=False)
        dutch = a_company_in("NL", ref="100", admin_company="seller-nl", currency="EUR", plan=plan)
        swedish = a_company_in("SE", ref="200", admin_company="seller-se", currency="EUR", plan=plan)
        settings = {"client_id": "billhook", "grant": "client_credentials", "document": document, "vies_check": False}
        jortt = Integration("100", "jortt", settings={**settings, **more.get("jortt", {})})
        redirect = {"redirect_uri": "http://localhost:8765/callback"}
        configuration = a_configuration(
            dutch,
            swedish,
            admin_companies={seller.ref: seller for seller in map(an_admin_company_in, ("NL", "SE"))},
            integrations={
                JORTT: jortt,
                FORTNOX: Integration("200", "fortnox", settings={**settings, **redirect, **more.get("fortnox", {})}),
            },
            flows={flow.name: flow for flow in flows},
        )
        secrets = {path: {"client_secret": "app-secret"} for path in (JORTT, FORTNOX)}
        with self.units_of_work() as uow:
            uow.configurations.save(replace(configuration, revision=uow.configurations.current().revision), {}, secrets)
            uow.connections.save(_connection(JORTT, self.organisation.id), datetime.now(UTC))
            uow.connections.save(_connection(FORTNOX, TENANT), datetime.now(UTC))
            uow.commit()
        self.decide_orders(DecideOrders())

    def run(self, flow: Flow) -> FlowReport:
        """Run it now."""
        return self.run_flow(RunFlow(flow.name))

    def round(self) -> None:
        """Both flows, and all that is owed."""
        for flow in self.flows:
            self.run(flow)
        for lane in (JORTT, FORTNOX):
            self.drain_lane(DrainLane(lane))

    def hurry(self) -> None:
        """As if the time of all that waits had come."""
        with self.engine.begin() as connection:
            connection.execute(update(deliveries).where(deliveries.c.due_at.is_not(None)).values(due_at=self.clock.now()))
            connection.execute(update(lanes).values(parked_until=None))

    def deliveries(self) -> list[Delivery]:
        """All, oldest first."""
        with self.units_of_work() as uow:
            return list(uow.deliveries.list(DeliveryFilter(), 0, 1000))

    def decisions(self) -> dict[str, str]:
        """Of each order."""
        with self.units_of_work() as uow:
            return {row.ref: row.decision for row in uow.orders.list(OrderFilter(), 0, 1000)}

    def orders_there(self) -> list[dict[str, Any]]:
        """At Fortnox."""
        return [dict(order) for order in self.tenant.orders.values()]

    def invoices_there(self) -> list[dict[str, Any]]:
        """At jortt."""
        return [invoice.fields for invoice in self.organisation.invoices.values() if not invoice.deleted]

    def add_jortt_invoice(self, name: str = "Zoë van der Berg", email: str = "zoe@example.com", **fields: Any) -> str:
        """An invoice of a consumer in Amsterdam, that somebody wrote in jortt: 10.00 at 21 %."""
        people = {"is_private": True, "customer_name": name, "first_name": "Zoë", "last_name": "van der Berg", "email": email}
        known = [each.id for each in self.organisation.customers.values() if each.fields["email"] == email]
        customer = known[0] if known else self.jortt.add_customer(self.organisation, **people)
        return self.jortt.add_invoice(self.organisation, customer, **fields)

    def add_fortnox_order(self, price: str = "100.00", **fields: Any) -> str:
        """An order of a consumer in Utrecht, that somebody wrote in Fortnox: 2 at a price, 21 %."""
        return self._add_at_fortnox("orders", OrderRows=[_row(price, OrderedQuantity="2", DeliveredQuantity="2")], **fields)

    def add_fortnox_invoice(self, price: str = "100.00", **fields: Any) -> str:
        """The same as an invoice, a draft as yet."""
        return self._add_at_fortnox("invoices", **{"InvoiceRows": [_row(price, DeliveredQuantity="2")], **fields})

    def book(self, number: str, balance: int | None = None) -> None:
        """Somebody bookkeeps an invoice in Fortnox, a day ago; with a balance payments have left that much of it."""
        with Caller(self.fortnox, TENANT) as person:
            if not self.tenant.invoices[number]["Booked"]:
                person.put(f"invoices/{number}/bookkeep").raise_for_status()
        invoice = self.tenant.invoices[number]
        invoice.modified_at -= timedelta(days=1)
        if balance is not None:
            invoice["Balance"] = balance

    def _add_at_fortnox(self, resource: str, **fields: Any) -> str:
        if "7" not in self.tenant.customers:
            address = {"Address1": "Oudegracht 3", "ZipCode": "3511 AB", "City": "Utrecht", "CountryCode": "NL"}
            person = {"CustomerNumber": "7", "Name": "Jan Jansen", "Type": "PRIVATE", "Email": "jan@example.com"}
            self.fortnox.set_up(TENANT, "customers", **person, **address)
        made = self.fortnox.set_up(TENANT, resource, **{"CustomerNumber": "7", "Currency": "EUR", **fields})
        return str(made["DocumentNumber"])


def _row(price: str, **quantities: str) -> dict[str, Any]:
    return {"Description": "Mok", "Price": float(price), "VAT": 21, **quantities}


def _connection(path: str, organisation: str) -> Connection:
    """As after a consent; the token has run out, so the first call asks for one."""
    now = datetime.now(UTC)
    tokens = Tokens("none yet", now - timedelta(hours=1))
    return Connection(
        path,
        ConnectionState.OK,
        client_id="billhook",
        organisation_id=organisation,
        organisation_name="The books",
        tokens=tokens,
        connected_at=now,
    )


def _no_renderer() -> Any:
    """Only Xero's attachments need one."""
    return None
