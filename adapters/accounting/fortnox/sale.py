"""An invoice, a credit note or an order, as far as Fortnox tells them apart."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from adapters.accounting.fortnox.errors import DONE_BY_HAND
from adapters.accounting.fortnox.texts import REFERENCE_MAX, one_line
from application.ports.destination import Consignment, LaneContext, OrderDocument
from domain.companies.plan import BillTo
from domain.errors import DomainError
from domain.invoicing.document import DocumentType, Issued
from domain.invoicing.totals import Totals
from domain.parties import Party
from domain.pricing.price_order import InvoiceLine
from domain.pricing.tax_decision import Regime, decide_tax

_IDENTITY = "billhook"
_SHORT = 20


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind of document at Fortnox: its address, what wraps one and what wraps many, and the field of its rows."""

    name: str
    wrapper: str
    plural: str
    rows: str


INVOICES = Resource("invoices", "Invoice", "Invoices", "InvoiceRows")
ORDERS = Resource("orders", "Order", "Orders", "OrderRows")


@dataclass(frozen=True, slots=True)
class Sale:
    """One document of ours.

    ``key`` is what people know it by (ExternalInvoiceReference1); ``identity`` cannot be another's, not even of another number series
    (ExternalInvoiceReference2). ``sign`` is -1 for a credit note: its amounts are positive here and negative there. Days are those of
    the plan's zone.
    """

    document: Issued | OrderDocument
    resource: Resource
    key: str
    identity: str
    sign: int
    buyer: Party
    buys_as_company: bool
    regime: Regime
    currency: str
    lines: tuple[InvoiceLine, ...]
    totals: Totals
    day: date | None
    due_on: date | None
    dispatched_on: date | None
    terms_days: int
    order_refs: tuple[str, ...]
    payment_type: str = ""
    corrects: str = ""

    @property
    def is_credit(self) -> bool:
        """Whether it is a credit note."""
        return self.sign < 0

    @property
    def link(self) -> tuple[str, str]:
        """The type and key under which its number there is kept."""
        return f"fortnox_{self.resource.wrapper.lower()}", self.identity


def sale_of(consignment: Consignment, lane: LaneContext) -> Sale:
    """Raises DomainError("number_not_usable") where Fortnox could not be asked for it."""
    document = consignment.document
    return _of_order(document, lane) if isinstance(document, OrderDocument) else _of_issued(document, lane)


def identity_of(owner: str, type_: str, number: str) -> str:
    """Names a document among all that Billhook ever sent to a company; at most 80 characters."""
    plain = f"{_IDENTITY}:{type_}:{owner}:{number}"
    if len(plain) <= REFERENCE_MAX and plain == one_line(plain):
        return plain
    return f"{_IDENTITY}:{type_}:{hashlib.sha256(plain.encode('utf-8', 'surrogatepass')).hexdigest()[:_SHORT]}"


def _of_issued(document: Issued, lane: LaneContext) -> Sale:
    draft = document.draft
    number = _usable(document.display_number)
    return Sale(
        document=document,
        resource=INVOICES,
        key=number,
        identity=identity_of(document.admin_company, draft.type.value, number),
        sign=-1 if draft.type is DocumentType.CREDIT_NOTE else 1,
        buyer=draft.buyer,
        buys_as_company=_is_company(draft.buyer, lane),
        regime=draft.tax_decision.regime,
        currency=draft.currency,
        lines=draft.lines,
        totals=draft.totals,
        day=document.issued_on,
        due_on=document.due_on,
        dispatched_on=None,
        terms_days=draft.payment_terms_days,
        order_refs=tuple(order.external_ref or order.ref for order in draft.orders),
        corrects=draft.corrects,
    )


def _of_order(document: OrderDocument, lane: LaneContext) -> Sale:
    order, plan = document.order, lane.company.plan
    is_customers = plan.bill_to is BillTo.CUSTOMER
    buyer = order.billing if is_customers else lane.company.party
    destination = order.shipping.address.country if is_customers else ""
    key = _usable(order.ref)
    # Orders come to an integration of invoices with a flow only: there each becomes an invoice, of the day it is made (seed 003).
    resource = INVOICES if lane.integration.settings.get("document", "invoice") == "invoice" else ORDERS
    return Sale(
        document=document,
        resource=resource,
        key=key,
        identity=identity_of(order.source, "order", key),
        sign=1,
        buyer=buyer,
        buys_as_company=_is_company(buyer, lane),
        regime=decide_tax(lane.seller, buyer, destination).regime,
        currency=document.priced.currency,
        lines=document.priced.lines,
        totals=document.totals,
        day=_day(order.created_at, plan.timezone) if resource is ORDERS else None,
        due_on=None,
        dispatched_on=_day(order.dispatched_at, plan.timezone),
        terms_days=plan.payment_terms_days,
        order_refs=(order.external_ref or order.ref,),
        payment_type=str(document.fields.get("payment_type") or ""),
    )


def _is_company(buyer: Party, lane: LaneContext) -> bool:
    """A company name makes a company (seed 003); the billed company itself always is one."""
    return bool(buyer.contact or buyer.vat_number) or lane.company.plan.bill_to is BillTo.COMPANY


def _day(moment: datetime | None, timezone: str) -> date | None:
    return None if moment is None else moment.astimezone(ZoneInfo(timezone)).date()


def _usable(number: str) -> str:
    if len(number) > REFERENCE_MAX or number != one_line(number, REFERENCE_MAX):
        text = f"The number {number!r} cannot be looked up in Fortnox: it is too long, or has odd characters."
        raise DomainError("number_not_usable", text, f"{DONE_BY_HAND}. Choose another format for the next ones")
    return number
