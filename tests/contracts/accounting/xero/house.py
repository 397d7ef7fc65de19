"""The Xero adapter as it is wired in production, on SQLite, with the fake at the other end."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import requests
from sqlalchemy import Engine

from adapters.accounting.oauth_vendors import OAuthVendorsByKind
from adapters.accounting.xero.charts import Charts
from adapters.accounting.xero.destination import XeroDestination
from adapters.accounting.xero.ledger import XeroLedger
from adapters.accounting.xero.opening import XeroTools, open_xero, open_xero_ledger
from adapters.persistence.unit_of_work import SqlUnitsOfWork
from adapters.secrets.secret_box import AesGcmSecretBox
from application.accounting.access_tokens import AccessTokens
from application.accounting.call_pacer import CallPacer
from application.accounting.remote_memory import RemoteMemory
from application.accounting.vendor_addresses import VendorAddresses
from application.ports.connections import Connection, ConnectionState, Tokens
from application.ports.destination import Consignment, LaneContext
from application.ports.unit_of_work import UnitsOfWork
from domain.companies.integration import Integration
from domain.delivery.outcome import Delivered, LookUp, Outcome, StepDone
from domain.invoicing.credit import credit_invoice
from domain.invoicing.document import DocumentType, Issued
from tests.factories import (
    a_company,
    a_company_billed_per_customer,
    a_configuration,
    a_series,
    an_admin_company,
    an_issued,
    an_order,
    an_order_line,
    issue,
    tax_rates,
    terms,
)
from tests.fakes.clock import SetClock
from tests.fakes.telemetry import RememberedTelemetry
from tests.fakes.xero import FakeXero, Organisation

CONTACT = "Gift Shop Ltd"
PATH = "501/xero"


class PlainPdf:
    """The port ``InvoiceRenderer``, in no time."""

    def render(self, document: Issued, logo: bytes | None) -> bytes:
        return f"%PDF-1.7 {document.display_number}".encode()


@dataclass
class XeroHouse:
    """One company's integration. ``handed_over`` counts how often each delivery was; ``steps`` is what was recorded of each."""

    engine: Engine
    clock: SetClock
    xero: FakeXero
    organisation: Organisation
    settings: dict[str, Any] = field(default_factory=dict)
    bills_customers: bool = False
    handed_over: dict[int, int] = field(default_factory=dict)
    steps: dict[int, dict[str, str]] = field(default_factory=dict)
    naps: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.units_of_work = SqlUnitsOfWork(self.engine, AesGcmSecretBox("a key of more than thirty-two characters"))
        self.charts = Charts(lambda: self.clock.now().timestamp())
        self.wire(self.units_of_work)
        lane = self.lane
        with self.units_of_work() as uow:
            uow.configurations.save(a_configuration(lane.company, integrations={PATH: lane.integration}), {}, {})
            uow.commit()
        self.connect()

    def wire(self, units_of_work: UnitsOfWork) -> None:
        """Put the adapter together over a store: another worker's, for example."""
        addresses = VendorAddresses(self.xero.origin, self.xero.origin, self.xero.identity_url)
        vendors = OAuthVendorsByKind(addresses, requests.Session, self.clock)
        self.tools = XeroTools(
            self.xero.origin,
            requests.Session,
            AccessTokens(units_of_work, vendors, self.clock, RememberedTelemetry()),
            CallPacer(units_of_work, self.clock, self._nap),
            lambda: RemoteMemory(units_of_work, self.clock),
            PlainPdf(),
            self.charts,
            lambda country: [rate for rate in tax_rates() if rate.country == country],
        )

    def _nap(self, seconds: float) -> None:
        self.naps.append(seconds)
        # The clock knows microseconds, and a wait may be shorter.
        self.clock.advance(seconds=max(seconds, 0.001))

    def connect(self, scopes: str | None = None) -> None:
        """As after a consent."""
        given = self.xero.connect(self.xero.add_app(), self.organisation, scopes=scopes)
        now = self.clock.now()
        tokens = Tokens(given.access_token, now + timedelta(seconds=given.expires_in_s), given.refresh_token or "")
        connection = Connection(
            PATH,
            ConnectionState.OK,
            client_id="billhook",
            organisation_id=self.organisation.tenant_id,
            organisation_name=self.organisation.name,
            tokens=tokens,
            refreshed_at=now,
            connected_at=now,
        )
        with self.units_of_work() as uow:
            uow.connections.save(connection, now)
            uow.commit()

    @property
    def lane(self) -> LaneContext:
        """Company 501 of acme-print."""
        settings = {"client_id": "billhook", "redirect_uri": "http://localhost:8765/callback", "contact_name": CONTACT, **self.settings}
        company = a_company_billed_per_customer() if self.bills_customers else a_company()
        return LaneContext(Integration("501", "xero", settings=settings), company, an_admin_company(), {"client_secret": "app-secret"})

    @contextmanager
    def open(self) -> Iterator[XeroDestination]:
        """A visit."""
        with open_xero(self.lane, self.tools) as destination:
            yield destination

    @contextmanager
    def open_ledger(self) -> Iterator[XeroLedger]:
        """A visit to the books."""
        with open_xero_ledger(self.lane, self.tools) as ledger:
            yield ledger

    def consignments(self, documents: Sequence[Issued]) -> list[Consignment]:
        """As a lane loads them: the number is the delivery's id, a credit note's one thousand more."""
        ids = [document.number + 1000 * (document.draft.type is DocumentType.CREDIT_NOTE) for document in documents]
        return [
            Consignment(id_, f"dlv-{id_}-0", document, steps=dict(self.steps.get(id_, {})))
            for id_, document in zip(ids, documents, strict=True)
        ]

    def deliver(self, *documents: Issued) -> list[Outcome]:
        """Deliver in one batch; the outcomes in the order of the documents that have one."""
        outcomes: dict[int, Outcome] = {}
        batch = self.consignments(documents)
        with self.open() as destination:
            for consignment, outcome in destination.deliver(batch, self._hand_over):
                if isinstance(outcome, StepDone):
                    self.steps.setdefault(consignment.delivery_id, {})[outcome.step] = outcome.remote_id
                else:
                    assert consignment.delivery_id not in outcomes, "a second outcome"
                    outcomes[consignment.delivery_id] = outcome
        return [outcomes[each.delivery_id] for each in batch if each.delivery_id in outcomes]

    def look_up(self, document: Issued) -> LookUp:
        """Look one up, on a visit of its own."""
        [consignment] = self.consignments([document])
        with self.open() as destination:
            return destination.look_up(consignment)

    def effects(self) -> dict[str, int]:
        """How often each number was created at Xero."""
        return dict(self.organisation.effects())

    def invoice(self, number: str = "INV-000001") -> dict[str, Any]:
        """An invoice as it stands at Xero."""
        [found] = [each for each in self.organisation.invoices if each["InvoiceNumber"] == number]
        return found

    def credit_note(self, number: str = "CN-000001") -> dict[str, Any]:
        """A credit note as it stands at Xero."""
        [found] = [each for each in self.organisation.credit_notes if each["CreditNoteNumber"] == number]
        return found

    def _hand_over(self, consignments: Sequence[Consignment]) -> None:
        for consignment in consignments:
            self.handed_over[consignment.delivery_id] = self.handed_over.get(consignment.delivery_id, 0) + 1


def an_invoice(number: int = 1, *, under: Any = None, **order: Any) -> Issued:
    """INV-00000N over an order of its own: 16.00 net, 19.20 in all."""
    ref = str(90000 + number)
    document = an_issued(an_order(ref=ref, **order), under=under)
    return replace(document, number=number, display_number=f"INV-{number:06d}")


def a_customers_invoice(number: int = 1, **order: Any) -> Issued:
    """The same, billed to the customer."""
    return an_invoice(number, under=terms(a_company_billed_per_customer()), **order)


def an_invoice_of(number: int, *prices: str, quantity: str = "1") -> Issued:
    """An invoice with a line for each price, and no shipping."""
    lines = tuple(
        an_order_line(ref=f"{number}-{place}", sku=f"SKU-{place}", quantity=Decimal(quantity), unit_cost_price=Decimal(price))
        for place, price in enumerate(prices)
    )
    return an_invoice(number, lines=lines, shipping_price=Decimal(0))


def a_credit_note(invoice: Issued, number: int = 1) -> Issued:
    """CN-00000N over all of an invoice."""
    draft = credit_invoice(invoice, (), frozenset(), "returned")
    note, _ = issue(draft, a_series(type=DocumentType.CREDIT_NOTE))
    return replace(note, number=number, display_number=f"CN-{number:06d}")


def all_delivered(outcomes: Sequence[Outcome]) -> bool:
    """Whether each is."""
    return all(isinstance(outcome, Delivered) for outcome in outcomes)
