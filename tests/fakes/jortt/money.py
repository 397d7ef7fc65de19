"""jortt's arithmetic in version 3: VAT for the whole invoice, once for each rate, on the sum of the lines (``invoice_level_vat``).

What is not documented: a line's total is rounded to cents before it is summed, and a discount is taken off the sum of each rate.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Totals:
    """Without VAT and with it."""

    net: Decimal
    gross: Decimal


def cents(value: Decimal) -> Decimal:
    """Rounded half-up to cents."""
    return value.quantize(CENT, ROUND_HALF_UP)


def line_total(line: Mapping[str, Any]) -> Decimal:
    """Quantity times price, in the prices' own basis."""
    return cents(Decimal(line["quantity"]) * Decimal(line["amount"]["amount"]))


def totals_of(lines: Iterable[Mapping[str, Any]], discounts: Iterable[Mapping[str, Any]], *, vat_included: bool) -> Totals:
    """The totals of a document. ``vat_included`` is what jortt calls ``net_amounts``: true means that prices include VAT."""
    sums: dict[Decimal, Decimal] = {}
    for line in lines:
        rate = Decimal(line["vat"]["value"])
        sums[rate] = sums.get(rate, Decimal(0)) + line_total(line)
    kept = Decimal(1)
    for discount in discounts:
        kept *= 1 - Decimal(discount["percentage"]) / 100
    shares = [_share(rate, cents(amount * kept), vat_included=vat_included) for rate, amount in sums.items()]
    return Totals(sum((share.net for share in shares), Decimal("0.00")), sum((share.gross for share in shares), Decimal("0.00")))


def _share(rate: Decimal, amount: Decimal, *, vat_included: bool) -> Totals:
    if vat_included:
        return Totals(cents(amount / (1 + rate)), amount)
    return Totals(amount, amount + cents(amount * rate))


def money(amount: Decimal) -> dict[str, str]:
    """An amount as jortt writes it."""
    return {"amount": f"{cents(amount):f}", "currency": "EUR"}
