"""The jortt adapter as it is wired in production, on SQLite, with the fake at the other end."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import requests
from sqlalchemy import Engine

from adapters.accounting.jortt.destination import JorttDestination
from adapters.accounting.jortt.directories import Directories
from adapters.accounting.jortt.ledger import JorttLedger
from adapters.accounting.jortt.opening import JorttTools, open_jortt, open_jortt_ledger
from adapters.accounting.jortt.vats import VatLists
from adapters.accounting.oauth_vendors import OAuthVendorsByKind
from adapters.persistence.unit_of_work import SqlUnitsOfWork
from adapters.secrets.secret_box import AesGcmSecretBox
from application.accounting.access_tokens import AccessTokens
from application.accounting.call_pacer import CallPacer
from application.accounting.remote_memory import RemoteMemory
from application.accounting.vendor_addresses import VendorAddresses
from application.ports.connections import Connection, ConnectionState, Tokens
from application.ports.destination import Consignment, LaneContext, OrderDocument
from domain.companies.admin_company import AdminCompany
from domain.companies.company import Company
from domain.companies.integration import Integration
from domain.delivery.outcome import Delivered, LookUp, Outcome, StepDone
from domain.invoicing.case import Case
from domain.invoicing.credit import credit_invoice
from domain.invoicing.document import DocumentType, Issued
from domain.invoicing.totals import total_lines
from domain.parties import Address, Party
from tests.factories import (
    a_company_billed_per_customer,
    a_company_in,
    a_configuration,
    a_series,
    an_admin_company_in,
    an_issued,
    an_order,
    an_order_line,
    issue,
    terms,
)
from tests.fakes.clock import SetClock
from tests.fakes.jortt.books import Organisation
from tests.fakes.jortt.fake import SCOPES, FakeJortt
from tests.fakes.telemetry import RememberedTelemetry

PATH = "501/jortt"
SELLER = an_admin_company_in("NL", name="Drukkerij Utrecht BV")
AMSTERDAM = Address(line1="Keizersgracht 1", city="Amsterdam", postcode="1015CC", country="NL")
COMPANY = a_company_in("NL", name="Foto Cadeau BV", address=AMSTERDAM, email="boeken@foto.example", currency="EUR")
PER_CUSTOMER = replace(a_company_billed_per_customer(), currency="EUR")
ZOE = Party("Zoë van der Berg", AMSTERDAM, email="zoe@example.com")


@dataclass
class JorttHouse:
    """One company's integration. ``handed_over`` counts how often each delivery was; ``steps`` is what was recorded of each."""

    engine: Engine
    clock: SetClock
    jortt: FakeJortt
    organisation: Organisation
    settings: dict[str, Any] = field(default_factory=dict)
    bills_customers: bool = False
    handed_over: Counter[int] = field(default_factory=Counter)
    steps: dict[int, dict[str, str]] = field(default_factory=dict)
    naps: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.units_of_work = SqlUnitsOfWork(self.engine, AesGcmSecretBox("a key of more than thirty-two characters"))
        addresses = VendorAddresses(jortt_api_url=self.jortt.api_url, jortt_auth_url=self.jortt.api_url)
        vendors = OAuthVendorsByKind(addresses, requests.Session, self.clock)
        self.jortt.add_app("billhook", "app-secret", "", SCOPES, self.organisation)
        self.tools = JorttTools(
            self.jortt.api_url,
            requests.Session,
            AccessTokens(self.units_of_work, vendors, self.clock, RememberedTelemetry()),
            CallPacer(self.units_of_work, self.clock, self._nap),
            lambda: RemoteMemory(self.units_of_work, self.clock),
            VatLists(self._seconds),
            Directories(self._seconds),
        )
        lane = self.lane
        with self.units_of_work() as uow:
            uow.configurations.save(a_configuration(lane.company, integrations={PATH: lane.integration}), {}, {})
            uow.commit()
        self._connect()

    def _seconds(self) -> float:
        return self.clock.now().timestamp()

    def _nap(self, seconds: float) -> None:
        self.naps.append(seconds)
        # The clock knows microseconds, and a wait may be shorter.
        self.clock.advance(seconds=max(seconds, 0.001))

    def _connect(self) -> None:
        """As after a consent; its token has run out, so the first call asks for one."""
        now = self.clock.now()
        connection = Connection(
            PATH,
            ConnectionState.OK,
            client_id="billhook",
            organisation_id=self.organisation.id,
            organisation_name=self.organisation.name,
            tokens=Tokens("none", now - timedelta(hours=1)),
            connected_at=now,
        )
        with self.units_of_work() as uow:
            uow.connections.save(connection, now)
            uow.commit()

    @property
    def lane(self) -> LaneContext:
        """Company 501 of a Dutch admin company."""
        settings = {"client_id": "billhook", "grant": "client_credentials", **self.settings}
        company = PER_CUSTOMER if self.bills_customers else COMPANY
        return LaneContext(Integration("501", "jortt", settings=settings), company, SELLER, {"client_secret": "app-secret"})

    @contextmanager
    def open(self) -> Iterator[JorttDestination]:
        """A visit."""
        with open_jortt(self.lane, self.tools) as destination:
            yield destination

    @contextmanager
    def open_ledger(self) -> Iterator[JorttLedger]:
        """A visit to the books."""
        with open_jortt_ledger(self.lane, self.tools) as ledger:
            yield ledger

    def forget_caches(self) -> None:
        """As another process."""
        self.tools = replace(self.tools, vat_lists=VatLists(self._seconds), directories=Directories(self._seconds))

    def consignments(self, documents: Sequence[Issued | OrderDocument]) -> list[Consignment]:
        """As a lane loads them: the number is the delivery's id, a credit note's one thousand more."""
        ids = [_delivery_id(document) for document in documents]
        return [
            Consignment(id_, f"dlv-{id_}-0", document, steps=dict(self.steps.get(id_, {})))
            for id_, document in zip(ids, documents, strict=True)
        ]

    def deliver(self, *documents: Issued | OrderDocument) -> list[Outcome]:
        """Deliver in one batch; the outcomes in the order of the documents that have one."""
        outcomes: dict[int, Outcome] = {}
        batch = self.consignments(documents)
        with self.open() as destination:
            for consignment, outcome in destination.deliver(batch, self._hand_over):
                assert consignment.delivery_id not in outcomes, "something after the outcome"
                if isinstance(outcome, StepDone):
                    self.steps.setdefault(consignment.delivery_id, {})[outcome.step] = outcome.remote_id
                else:
                    outcomes[consignment.delivery_id] = outcome
        return [outcomes[each.delivery_id] for each in batch if each.delivery_id in outcomes]

    def look_up(self, document: Issued | OrderDocument) -> LookUp:
        """Look one up, on a visit of its own."""
        [consignment] = self.consignments([document])
        with self.open() as destination:
            return destination.look_up(consignment)

    def invoices(self) -> Counter[str]:
        """How often each reference is there."""
        return Counter(record.fields["reference"] or "" for record in self.organisation.invoices.values() if not record.deleted)

    def invoice(self, reference: str = "INV-000001") -> dict[str, Any]:
        """An invoice or a credit note as it stands at jortt."""
        [found] = [each.fields for each in self.organisation.invoices.values() if each.fields["reference"] == reference]
        return found

    def customers(self) -> list[dict[str, Any]]:
        """All of them."""
        return [record.fields for record in self.organisation.customers.values()]

    def _hand_over(self, consignments: Sequence[Consignment]) -> None:
        self.handed_over.update(consignment.delivery_id for consignment in consignments)


def _delivery_id(document: Issued | OrderDocument) -> int:
    if isinstance(document, OrderDocument):
        return document.order_id
    return document.number + 1000 * (document.draft.type is DocumentType.CREDIT_NOTE)


def an_invoice(number: int = 1, *, company: Company = COMPANY, seller: AdminCompany = SELLER, **order: Any) -> Issued:
    """INV-00000N over an order of its own: 16.00 net, 19.36 in all."""
    given = {"currency": "EUR", "billing": ZOE, "shipping": replace(ZOE, email=""), "shipping_tax_rate": Decimal("0.21"), **order}
    document = an_issued(an_order(ref=str(90000 + number), **given), under=terms(company, seller))
    return replace(document, number=number, display_number=f"INV-{number:06d}")


def a_customers_invoice(number: int = 1, **order: Any) -> Issued:
    """The same, billed to the customer."""
    return an_invoice(number, company=PER_CUSTOMER, **order)


def an_invoice_of(number: int, *prices: str, quantity: str = "1") -> Issued:
    """An invoice with a line for each price, and no shipping."""
    lines = tuple(
        an_order_line(ref=f"{number}-{place}", sku=f"SKU-{place}", quantity=Decimal(quantity), unit_cost_price=Decimal(price))
        for place, price in enumerate(prices)
    )
    return an_invoice(number, lines=lines, shipping_price=Decimal(0))


def a_credit_note(invoice: Issued, number: int = 1, orders: tuple[str, ...] = ()) -> Issued:
    """CN-00000N over all of an invoice, or some of its orders."""
    draft = credit_invoice(invoice, orders, frozenset(), "returned")
    note, _ = issue(draft, a_series(type=DocumentType.CREDIT_NOTE))
    return replace(note, number=number, display_number=f"CN-{number:06d}")


def a_billable_order(number: int = 1, company: Company = COMPANY, **changes: Any) -> OrderDocument:
    """Order 9000N on its way: 16.00 net, 19.36 in all."""
    given = {"currency": "EUR", "billing": ZOE, "shipping": replace(ZOE, email=""), "shipping_tax_rate": Decimal("0.21"), **changes}
    order = an_order(ref=str(90000 + number), **given)
    priced = Case(order, terms(company, SELLER)).priced
    return OrderDocument(number, order, {"ref": order.ref, "items": [{}]}, priced, total_lines(priced.lines, priced.currency))


def all_delivered(outcomes: Sequence[Outcome]) -> bool:
    """Whether each is."""
    return all(isinstance(outcome, Delivered) for outcome in outcomes)
