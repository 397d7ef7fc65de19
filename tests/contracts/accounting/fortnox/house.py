"""The Fortnox adapter as it is wired in production, on SQLite, with the fake at the other end."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import requests
from sqlalchemy import Engine

from adapters.accounting.fortnox.destination import FortnoxDestination
from adapters.accounting.fortnox.ledger import FortnoxLedger
from adapters.accounting.fortnox.opening import FortnoxTools, open_fortnox, open_fortnox_ledger
from adapters.accounting.fortnox.registers import Registers
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
from domain.companies.plan import BillTo, Layout
from domain.delivery.outcome import Delivered, LookUp, Outcome, StepDone
from domain.invoicing.credit import credit_invoice
from domain.invoicing.document import DocumentType, Issued
from domain.parties import Party
from tests.factories import (
    a_company,
    a_configuration,
    a_party,
    a_plan,
    a_series,
    an_address,
    an_admin_company_in,
    an_issued,
    an_order,
    an_order_document,
    an_order_line,
    issue,
    tax_rates,
    terms,
)
from tests.fakes.clock import SetClock
from tests.fakes.fortnox import FakeFortnox
from tests.fakes.fortnox.company import Company as FortnoxCompany
from tests.fakes.telemetry import RememberedTelemetry

PATH = "501/fortnox"
TENANT = "1000"
REDIRECT = "http://localhost:8765/callback"


def a_swedish_party(**changes: Any) -> Party:
    """A consumer in Växjö."""
    return replace(a_party(address=an_address(line1="Storgatan 1", city="Växjö", postcode="352 30", country="SE")), **changes)


def a_swedish_company(*, bills_customers: bool = True) -> Company:
    """A shop in Sweden; its end customers are billed one by one unless told otherwise."""
    to = BillTo.CUSTOMER if bills_customers else BillTo.COMPANY
    plan = a_plan(bill_to=to, layout=Layout.INDIVIDUAL, timezone="Europe/Stockholm")
    address = an_address(line1="Kungsgatan 2", city="Stockholm", postcode="111 43", country="SE")
    return a_company(admin_company=SELLER.ref, plan=plan, address=address, currency="SEK", vat_number="", vat_number_valid=False)


SELLER: AdminCompany = an_admin_company_in("SE")


@dataclass
class FortnoxHouse:
    """One company's integration. ``handed_over`` counts how often each delivery was; ``steps`` is what was recorded of each."""

    engine: Engine
    clock: SetClock
    fortnox: FakeFortnox
    company: FortnoxCompany
    settings: dict[str, Any] = field(default_factory=dict)
    bills_customers: bool = True
    handed_over: dict[int, int] = field(default_factory=dict)
    steps: dict[int, dict[str, str]] = field(default_factory=dict)
    naps: list[float] = field(default_factory=list)
    on_hand_over: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self.units_of_work = SqlUnitsOfWork(self.engine, AesGcmSecretBox("a key of more than thirty-two characters"))
        addresses = VendorAddresses(fortnox_api_url=self.fortnox.api_url, fortnox_auth_url=self.fortnox.apps_url)
        vendors = OAuthVendorsByKind(addresses, requests.Session, self.clock)
        access_tokens = AccessTokens(self.units_of_work, vendors, self.clock, RememberedTelemetry())
        self.tools = FortnoxTools(
            self.fortnox.api_url,
            requests.Session,
            access_tokens,
            CallPacer(self.units_of_work, self.clock, self._nap),
            lambda: RemoteMemory(self.units_of_work, self.clock),
            Registers(lambda: self.clock.now().timestamp()),
        )
        lane = self.lane
        with self.units_of_work() as uow:
            configuration = a_configuration(lane.company, integrations={PATH: lane.integration}, admin_companies={SELLER.ref: SELLER})
            uow.configurations.save(configuration, {}, {})
            uow.commit()
        self.fortnox.add_app("billhook", "app-secret", REDIRECT)
        self.connect()

    def _nap(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.clock.advance(seconds=seconds)

    def connect(self, scopes: frozenset[str] | None = None) -> None:
        """As after a consent for a service account; the first call asks for a token."""
        self.fortnox.authority.consent("billhook", TENANT, scopes=scopes)
        self._save(Tokens("none yet", self.clock.now()))

    def connect_by_code(self) -> None:
        """As after a consent of a user: a refresh token that works once."""
        scopes = self.fortnox.authority.apps["billhook"].scopes
        refresh = self.fortnox.authority.refresh_token("billhook", TENANT, scopes)
        access = self.fortnox.authority.access_token("billhook", TENANT, scopes)
        self._save(Tokens(access, self.clock.now() + timedelta(hours=1), refresh))

    def _save(self, tokens: Tokens) -> None:
        now = self.clock.now()
        connection = Connection(
            PATH,
            ConnectionState.OK,
            client_id="billhook",
            organisation_id=TENANT,
            organisation_name=self.company.name,
            tokens=tokens,
            refreshed_at=now,
            connected_at=now,
        )
        with self.units_of_work() as uow:
            uow.connections.save(connection, now)
            uow.commit()

    @property
    def lane(self) -> LaneContext:
        """Company 501 of seller-se."""
        settings = {"client_id": "billhook", "redirect_uri": REDIRECT, "grant": "client_credentials", **self.settings}
        company = a_swedish_company(bills_customers=self.bills_customers)
        return LaneContext(Integration("501", "fortnox", settings=settings), company, SELLER, {"client_secret": "app-secret"})

    @contextmanager
    def open(self) -> Iterator[FortnoxDestination]:
        """A visit."""
        with open_fortnox(self.lane, self.tools) as destination:
            yield destination

    @contextmanager
    def open_ledger(self) -> Iterator[FortnoxLedger]:
        """A visit to the books."""
        with open_fortnox_ledger(self.lane, self.tools) as ledger:
            yield ledger

    def consignments(self, documents: Sequence[Issued | OrderDocument]) -> list[Consignment]:
        """As a lane loads them."""
        return [
            Consignment(id_, f"dlv-{id_}-0", document, steps=dict(self.steps.get(id_, {})))
            for id_, document in zip(map(_id_of, documents), documents, strict=True)
        ]

    def deliver(self, *documents: Issued | OrderDocument) -> list[Outcome]:
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

    def look_up(self, document: Issued | OrderDocument) -> LookUp:
        """Look one up, on a visit of its own."""
        [consignment] = self.consignments([document])
        with self.open() as destination:
            return destination.look_up(consignment)

    def preview(self, document: Issued | OrderDocument) -> str:
        """What would be sent."""
        [consignment] = self.consignments([document])
        with self.open() as destination:
            return destination.preview(consignment)

    def created(self, resource: str = "invoices") -> list[str]:
        """Our key of each document that was created at Fortnox."""
        return [effect.key for effect in self.fortnox.effects("created") if effect.resource == resource]

    def invoice(self, key: str = "INV-000001") -> dict[str, Any]:
        """The invoice of that number as it stands at Fortnox."""
        [found] = [each for each in self.company.invoices.values() if each["ExternalInvoiceReference1"] == key]
        return found

    def order(self, key: str = "90001") -> dict[str, Any]:
        """The order as it stands at Fortnox."""
        [found] = [each for each in self.company.orders.values() if each["ExternalInvoiceReference1"] == key]
        return found

    def customer(self) -> dict[str, Any]:
        """The only customer."""
        [found] = self.company.customers.values()
        return found

    def calls(self) -> int:
        """All calls of the API so far, without those for tokens."""
        return sum(self.company.calls.values())

    def _hand_over(self, consignments: Sequence[Consignment]) -> None:
        for consignment in consignments:
            self.handed_over[consignment.delivery_id] = self.handed_over.get(consignment.delivery_id, 0) + 1
        self.on_hand_over()


def _id_of(document: Issued | OrderDocument) -> int:
    if isinstance(document, OrderDocument):
        return int(document.order.ref)
    return document.number + 1000 * (document.draft.type is DocumentType.CREDIT_NOTE)


def _terms(bills_customers: bool) -> Any:
    return terms(a_swedish_company(bills_customers=bills_customers), SELLER, rates=tax_rates())


def _order(number: int, **order: Any) -> Any:
    given = {"billing": a_swedish_party(), "shipping": a_swedish_party(email=""), "currency": "SEK", "shipping_tax_rate": None}
    return an_order(ref=str(90000 + number), **{**given, **order})


def an_invoice(number: int = 1, *, to_company: bool = False, **order: Any) -> Issued:
    """INV-00000N over an order of its own, to a consumer in Växjö: 16.00 net, 4.00 VAT, 20.00 in all, SEK.

    Fortnox rounds the VAT of each row, and comes to 20.01.
    """
    document = an_issued(_order(number, **order), under=_terms(not to_company))
    return replace(document, number=number, display_number=f"INV-{number:06d}")


def an_invoice_of(number: int, *prices: str, quantity: str = "1", **order: Any) -> Issued:
    """An invoice with a line for each price, and no shipping."""
    return an_invoice(number, lines=lines_of(*prices, quantity=quantity), shipping_price=Decimal(0), **order)


def lines_of(*prices: str, quantity: str = "1") -> tuple[Any, ...]:
    """A line for each price, each of another article."""
    return tuple(
        an_order_line(ref=f"1-{place}", sku=f"SKU-{place}", quantity=Decimal(quantity), unit_cost_price=Decimal(price))
        for place, price in enumerate(prices)
    )


def an_order_of(number: int = 1, *, fields: dict[str, Any] | None = None, **order: Any) -> OrderDocument:
    """Order 9000N, billable, to the same consumer."""
    return an_order_document(_order(number, **order), _terms(bills_customers=True), **(fields or {}))


def a_credit_note(invoice: Issued, number: int = 1, orders: tuple[str, ...] = ()) -> Issued:
    """CN-00000N over all of an invoice, or over some of its orders."""
    draft = credit_invoice(invoice, orders, frozenset(), "returned")
    note, _ = issue(draft, a_series(type=DocumentType.CREDIT_NOTE))
    return replace(note, number=number, display_number=f"CN-{number:06d}")


def all_delivered(outcomes: Sequence[Outcome]) -> bool:
    """Whether each is."""
    return bool(outcomes) and all(isinstance(outcome, Delivered) for outcome in outcomes)
