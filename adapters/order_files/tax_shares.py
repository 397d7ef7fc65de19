"""The tax of a document, shared out to its lines for programs that want it there."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from domain.invoicing.totals import Totals
from domain.money import quantum_of, round_money
from domain.pricing.line_tax import LineTax
from domain.pricing.price_order import InvoiceLine


def share_tax(lines: Sequence[InvoiceLine], totals: Totals, currency: str) -> list[Decimal]:
    """The tax of each line; of each category and rate they add up to exactly the tax of the document.

    Each line is rounded half-up. What is then left of the tax goes to the largest line, a smallest unit of the currency
    at a time: where more than one unit is left, the second goes to the second largest line, and so on.
    """
    taxes = [round_money(line.net * line.tax.rate, currency) for line in lines]
    by_tax: dict[LineTax, list[int]] = defaultdict(list)
    for index, line in enumerate(lines):
        by_tax[line.tax].append(index)
    for row in totals.subtotals:
        indexes = by_tax.get(LineTax(row.category, row.rate, row.reason), [])
        largest_first = sorted(indexes, key=lambda index: (-lines[index].net, index))
        left = row.tax - sum((taxes[index] for index in indexes), Decimal(0))
        for index, share in zip(largest_first, _portions(left, len(indexes), quantum_of(currency)), strict=True):
            taxes[index] += share
    return taxes


def _portions(left: Decimal, count: int, unit: Decimal) -> Iterable[Decimal]:
    units = int(abs(left) / unit)
    signed = unit if left > 0 else -unit
    rounds, more = divmod(units, count) if count else (0, 0)
    return (signed * (rounds + (index < more)) for index in range(count))
