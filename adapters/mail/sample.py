"""An invented invoice of a lane, to try settings and templates on."""

from datetime import date, timedelta
from decimal import Decimal

from application.ports.destination import LaneContext
from domain.invoicing.assemble import seller_of
from domain.invoicing.document import DocumentType, Draft, Issued, OrderReference
from domain.invoicing.number_series import GENESIS
from domain.invoicing.totals import total_lines
from domain.parties import Party
from domain.pricing.line_tax import Category, LineTax
from domain.pricing.price_order import InvoiceLine
from domain.pricing.tax_decision import Regime, TaxDecision

_DAY = date(2026, 1, 1)
_TAX = LineTax(Category.STANDARD, Decimal("0.2"))
_LINE = InvoiceLine("EXAMPLE-1", "Example, black, M", "EXAMPLE-BLK-M", Decimal(2), Decimal(5), Decimal(10), _TAX)


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
