"""An invented invoice and an invented order of a lane, to try settings and templates on."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from adapters.mail.template_variables import order_variables, template_variables
from application.ports.destination import LaneContext, OrderDocument
from domain.companies.admin_company import AdminCompany
from domain.companies.company import Company
from domain.companies.integration import Integration
from domain.invoicing.assemble import seller_of
from domain.invoicing.document import DocumentType, Draft, Issued, OrderReference
from domain.invoicing.number_series import GENESIS
from domain.invoicing.totals import total_lines
from domain.orders.order import Order, OrderLine
from domain.parties import Address, Party
from domain.pricing.line_tax import Category, LineTax
from domain.pricing.price_order import InvoiceLine, PricedOrder
from domain.pricing.tax_decision import Regime, TaxDecision

_DAY = date(2026, 1, 1)
_TAX = LineTax(Category.STANDARD, Decimal("0.2"))
_LINE = InvoiceLine("EXAMPLE-1", "Example, black, M", "EXAMPLE-BLK-M", Decimal(2), Decimal(5), Decimal(10), _TAX)
_LANE = LaneContext(
    Integration("example", "example"),
    Company("example", "example", "Example BV", Address(country="NL")),
    AdminCompany("example", "Example Ltd", Address(country="GB")),
    {},
)
SAMPLE_FILE_NAME: Final = "order-0-EXAMPLE-1.xml"


def sample_invoice(lane: LaneContext) -> Issued:
    """One order with one line. The buyer has an address of its own, as a customer billed by name would."""
    plan = lane.company.plan
    currency = lane.company.currency or "EUR"
    buyer = lane.company.party if lane.company.email else Party(lane.company.name, lane.company.address)
    draft = Draft(
        type=DocumentType.INVOICE,
        company=lane.company.ref,
        seller=seller_of(lane.seller, lane.company),
        buyer=buyer,
        currency=currency,
        orders=(OrderReference("EXAMPLE-1", "WEB-EXAMPLE", date(2026, 1, 1)),),
        lines=(_LINE,),
        totals=total_lines([_LINE], currency),
        tax_decision=TaxDecision(Regime.DOMESTIC, lane.seller.address.country, ()),
        payment_terms_days=plan.payment_terms_days,
    )
    number = lane.seller.numbering.format.format(number=0)
    due_on = _DAY + timedelta(days=plan.payment_terms_days)
    return Issued(draft, 0, number, _DAY, due_on, GENESIS, GENESIS, GENESIS)


def sample_order(lane: LaneContext) -> OrderDocument:
    """One dispatched order with one line, of a customer with an address of its own."""
    currency = lane.company.currency or "EUR"
    customer = Party("Example Customer", lane.company.address, email="customer@example.com")
    at = datetime(2026, 1, 1, 12, tzinfo=UTC)
    order = Order(
        source="oms",
        ref=_LINE.order_ref,
        company_ref=lane.company.ref,
        lines=(OrderLine("EXAMPLE-1-1", _LINE.sku, _LINE.description, _LINE.quantity, _LINE.unit_price),),
        external_ref="WEB-EXAMPLE",
        status_name="Dispatched",
        created_at=at,
        dispatched_at=at,
        currency=currency,
        billing=customer,
        shipping=customer,
        shipping_method="Next Day",
    )
    return OrderDocument(
        0, order, {}, PricedOrder(order, currency, ((order.lines[0], _LINE.unit_price, _LINE.tax),)), total_lines([_LINE], currency)
    )


def sample_invoice_variables() -> dict[str, Any]:
    """What templates of documents may name, with the values of an invented invoice."""
    return template_variables(sample_invoice(_LANE), _LANE.company)


def sample_order_variables() -> dict[str, Any]:
    """What templates of orders may name, with the values of an invented order."""
    return order_variables(sample_order(_LANE), _LANE.company, _LANE.seller, SAMPLE_FILE_NAME)
