"""What is delivered, seen as jortt's: an issued invoice, a credit note, or an order as a draft invoice or an estimate."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from adapters.accounting.jortt.settings import ESTIMATE as AS_ESTIMATE
from adapters.accounting.jortt.settings import JorttSettings
from application.ports.destination import Consignment, OrderDocument
from domain.invoicing.document import DocumentType, Issued
from domain.invoicing.totals import Totals
from domain.parties import Party
from domain.pricing.line_tax import Category
from domain.pricing.price_order import InvoiceLine

_SHIFTED = frozenset({Category.INTRA_COMMUNITY, Category.REVERSE_CHARGE})


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document at jortt: where it is, and what its fields are called. ``type`` is how links to it are kept."""

    type: str
    path: str
    status_name: str
    net_name: str
    gross_name: str


INVOICE = Kind("invoice", "/invoices", "invoice_status", "invoice_total", "invoice_total_incl_vat")
CREDIT_NOTE = Kind("credit_note", "/invoices", "invoice_status", "invoice_total", "invoice_total_incl_vat")
ESTIMATE = Kind("estimate", "/estimates", "estimate_status", "total", "total_incl_vat")


@dataclass(frozen=True, slots=True)
class Paper:
    """One document on its way. ``sign`` is -1 for a credit note, whose own amounts are positive.

    ``issued_on`` and ``payment_term`` (days) are None for an order: jortt then takes today and the customer's own.
    """

    kind: Kind
    reference: str
    buyer: Party
    is_company: bool
    lines: tuple[InvoiceLine, ...]
    totals: Totals
    currency: str
    orders: tuple[str, ...]
    source: Issued | OrderDocument
    issued_on: date | None = None
    payment_term: int | None = None
    supplied: tuple[date, ...] = ()
    corrects: str = ""

    @property
    def sign(self) -> Decimal:
        """What amounts are multiplied with."""
        return Decimal(-1 if self.kind is CREDIT_NOTE else 1)

    @property
    def shifts_vat(self) -> bool:
        """Whether the buyer owes the VAT (jortt: "btw verlegd")."""
        return any(line.tax.category in _SHIFTED for line in self.lines)


def paper_of(consignment: Consignment, settings: JorttSettings) -> Paper:
    """The document of a consignment."""
    document = consignment.document
    return _of_order(document, settings) if isinstance(document, OrderDocument) else _of_issued(document, settings)


def _of_issued(document: Issued, settings: JorttSettings) -> Paper:
    draft = document.draft
    return Paper(
        kind=CREDIT_NOTE if draft.type is DocumentType.CREDIT_NOTE else INVOICE,
        reference=document.display_number,
        buyer=draft.buyer,
        is_company=not settings.bills_customers or _is_business(draft.buyer),
        lines=draft.lines,
        totals=draft.totals,
        currency=draft.currency,
        orders=tuple(order.ref for order in draft.orders),
        source=document,
        issued_on=document.issued_on,
        payment_term=max(0, (document.due_on - document.issued_on).days),
        supplied=tuple(sorted(order.dispatched_on for order in draft.orders if order.dispatched_on)),
        corrects=draft.corrects,
    )


def _of_order(document: OrderDocument, settings: JorttSettings) -> Paper:
    order = document.order
    buyer = order.billing if settings.bills_customers else settings.company
    return Paper(
        kind=ESTIMATE if settings.document == AS_ESTIMATE else INVOICE,
        reference=order.ref,
        buyer=buyer,
        is_company=not settings.bills_customers or _is_business(buyer),
        lines=document.priced.lines,
        totals=document.totals,
        currency=document.priced.currency,
        orders=(order.external_ref or order.ref,),
        source=document,
        supplied=(order.dispatched_at.date(),) if order.dispatched_at else (),
    )


def _is_business(buyer: Party) -> bool:
    """A party with a contact beside its name is a company; so is one with a VAT number (seed 003)."""
    return bool(buyer.contact or buyer.vat_number)
