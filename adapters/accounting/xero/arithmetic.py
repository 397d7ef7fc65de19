"""Xero's own arithmetic, so that its totals are known before anything is sent.

Unit prices have 4 decimals (``unitdp=4``), quantities 4; a line is rounded half-up to 2 decimals, its tax too, and a document adds up its
lines (facts: accounting-apis, B1.11 Rounding). Ours is another: tax once per category and rate (domain/invoicing/totals.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

_CENT = Decimal("0.01")
_FINE = Decimal("0.0001")
_HUNDRED = Decimal(100)
_ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Sums:
    """What a document adds up to; ``total`` is net + tax."""

    net: Decimal
    tax: Decimal
    total: Decimal


def line_amount(quantity: Decimal, unit_amount: Decimal) -> Decimal:
    """The net of a line."""
    return _round(quantity.quantize(_FINE, ROUND_HALF_UP) * unit_amount.quantize(_FINE, ROUND_HALF_UP))


def add_up(lines: Iterable[tuple[Decimal, Decimal]]) -> Sums:
    """The sums of lines, each given as its net and its tax rate in percent."""
    net = tax = _ZERO
    for amount, percent in lines:
        net += amount
        tax += _round(amount * percent / _HUNDRED)
    return Sums(net, tax, net + tax)


def is_expressible(quantity: Decimal, unit_price: Decimal, net: Decimal) -> bool:
    """Whether Xero comes to the same net from this quantity and price, and shows both as they are."""
    return _is_fine(quantity) and _is_fine(unit_price) and line_amount(quantity, unit_price) == net


def _is_fine(number: Decimal) -> bool:
    return number == number.quantize(_FINE, ROUND_HALF_UP)


def _round(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)
