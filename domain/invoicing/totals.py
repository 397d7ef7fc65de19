"""Totals of a document: tax per category and rate, on the sum of the rounded nets, rounded once (EN 16931, BR-CO-17)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from domain.money import ZERO, round_money
from domain.pricing.line_tax import Category, LineTax
from domain.pricing.price_order import InvoiceLine


@dataclass(frozen=True, slots=True)
class TaxSubtotal:
    """One row of the tax table."""

    category: Category
    rate: Decimal
    net: Decimal
    tax: Decimal
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Totals:
    """What the document adds up to; ``total`` is net + tax."""

    net: Decimal
    tax: Decimal
    total: Decimal
    subtotals: tuple[TaxSubtotal, ...]


def total_lines(lines: Iterable[InvoiceLine], currency: str) -> Totals:
    """Add up the lines, highest rate first in the tax table."""
    nets: dict[LineTax, Decimal] = defaultdict(lambda: ZERO)
    for line in lines:
        nets[line.tax] += line.net
    ordered = sorted(nets.items(), key=lambda entry: (-entry[0].rate, entry[0].category, entry[0].reason))
    subtotals = tuple(TaxSubtotal(tax.category, tax.rate, net, round_money(net * tax.rate, currency), tax.reason) for tax, net in ordered)
    net = sum((row.net for row in subtotals), round_money(ZERO, currency))
    tax = sum((row.tax for row in subtotals), round_money(ZERO, currency))
    return Totals(net, tax, net + tax, subtotals)
