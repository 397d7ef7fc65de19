"""An order turned into invoice lines, or into the list of what is missing (DESIGN section 2, Prices)."""

from dataclasses import dataclass, field
from decimal import Decimal

from domain.money import CURRENCIES, ZERO, round_money
from domain.orders.order import Order, OrderLine
from domain.pricing.line_tax import STANDARD, LineTax, resolve_line_tax
from domain.pricing.price_list import PriceBreak, PriceList
from domain.pricing.tax_decision import TaxDecision
from domain.pricing.tax_rates import TaxRates
from domain.value import value

SHIPPING_SKU = "SHIPPING"


@value
class InvoiceLine:
    """A line as it stands on a document: ``net`` is quantity x unit price, rounded."""

    order_ref: str
    description: str
    sku: str
    quantity: Decimal
    unit_price: Decimal
    net: Decimal
    tax: LineTax
    nominal_code: str = ""


# Not frozen, for one is made for each message (domain/value.py), and it keeps the lines it has made.
@dataclass(slots=True)
class PricedOrder:
    """An order with the prices and taxes of its lines, and the names of what did not resolve; it is billable only if nothing is missing.

    ``resolved`` are the lines that have both, ``shipping_tax`` is the tax of the shipping where it costs something.
    """

    order: Order
    currency: str
    resolved: tuple[tuple[OrderLine, Decimal, LineTax], ...]
    shipping_tax: LineTax | None = None
    missing_prices: tuple[str, ...] = ()
    missing_taxes: tuple[str, ...] = ()
    currency_problem: str = ""
    _lines: tuple[InvoiceLine, ...] | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def missing(self) -> str:
        """What did not resolve, for people; empty where all did."""
        prices, taxes = ", ".join(self.missing_prices), ", ".join(self.missing_taxes)
        parts = (prices and f"no price for {prices}", taxes and f"no tax for {taxes}")
        return "; ".join(filter(None, (*parts, self.currency_problem and f"no known currency ({self.currency_problem})")))

    @property
    def lines(self) -> tuple[InvoiceLine, ...]:
        """The lines of an invoice; made when asked for, since each message is judged, but few of them are invoiced at once."""
        if self._lines is None:
            lines = [_line(self.order.ref, line, unit_price, tax, self.currency) for line, unit_price, tax in self.resolved]
            if self.shipping_tax is not None:
                lines.append(_shipping_line(self.order, self.shipping_tax, self.currency))
            self._lines = tuple(lines)
        return self._lines


def price_order(order: Order, default_currency: str, prices: PriceList, decision: TaxDecision, rates: TaxRates) -> PricedOrder:
    """Resolve every line and the shipping. Shipping of zero is left out. Nothing is rounded in an unknown currency."""
    currency = order.currency or default_currency
    currency_problem = "" if currency in CURRENCIES else currency or "none"
    day = order.created_at.date() if order.created_at else None
    resolved: list[tuple[OrderLine, Decimal, LineTax]] = []
    missing_prices: list[str] = [] if order.lines else ["(the order has no lines)"]
    missing_taxes: list[str] = []
    for line in order.lines:
        entry = None if line.unit_cost_price is not None else prices.find(currency, line.sku, line.quantity, day)
        unit_price = _unit_price(line, entry)
        tax = resolve_line_tax(decision, rates, line.tax_code, line.sale_vat_rate, entry.tax_code if entry else "", day)
        if unit_price is None:
            missing_prices.append(line.sku or line.ref)
        if tax is None:
            missing_taxes.append(_tax_name(line.tax_code or (entry.tax_code if entry else ""), decision, line.sku or line.ref))
        if unit_price is not None and tax is not None:
            resolved.append((line, unit_price, tax))
    shipping_tax = None
    if order.shipping_price:
        shipping_tax = resolve_line_tax(decision, rates, "", order.shipping_tax_rate, STANDARD, day)
        if shipping_tax is None:
            missing_taxes.append(_tax_name(STANDARD, decision, SHIPPING_SKU))
    return PricedOrder(order, currency, tuple(resolved), shipping_tax, tuple(missing_prices), tuple(missing_taxes), currency_problem)


def _unit_price(line: OrderLine, entry: PriceBreak | None) -> Decimal | None:
    if line.unit_cost_price is not None:
        return line.unit_cost_price
    return None if entry is None else entry.unit_price


def _line(order_ref: str, line: OrderLine, unit_price: Decimal, tax: LineTax, currency: str) -> InvoiceLine:
    net = round_money(line.quantity * unit_price, currency)
    return InvoiceLine(order_ref, line.description or line.sku, line.sku, line.quantity, unit_price, net, tax, line.nominal_code)


def _shipping_line(order: Order, tax: LineTax, currency: str) -> InvoiceLine:
    description = f"Shipping: {order.shipping_method}" if order.shipping_method else "Shipping"
    net = round_money(order.shipping_price, currency)
    return InvoiceLine(order.ref, description, SHIPPING_SKU, Decimal(1), order.shipping_price or ZERO, net, tax)


def _tax_name(tax_code: str, decision: TaxDecision, item: str) -> str:
    return f"{item} (code {tax_code!r} in {decision.rate_country})" if tax_code and decision.rate_country else item
