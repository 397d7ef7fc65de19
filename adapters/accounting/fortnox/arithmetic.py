"""Fortnox's own arithmetic, so that its totals are known before anything is sent.

Prices and quantities are rounded half-up to 2 decimals without a word, a row to 2 decimals, its VAT too, and a document adds up its rows
(facts: accounting-apis, B2.8). Ours is another: tax once per category and rate (domain/invoicing/totals.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

_CENT = Decimal("0.01")
_HUNDRED = Decimal(100)
_ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Sums:
    """What a document adds up to before a rounding to whole kronor; ``total`` is net + tax."""

    net: Decimal
    tax: Decimal
    total: Decimal

    def __str__(self) -> str:
        """For people."""
        return f"net {self.net}, tax {self.tax}, total {self.total}"


def row_amount(quantity: Decimal, price: Decimal) -> Decimal:
    """The net of a row."""
    return _round(_round(quantity) * _round(price))


def add_up(rows: Iterable[tuple[Decimal, int]]) -> Sums:
    """The sums of rows, each given as its net and its VAT in percent."""
    net = tax = _ZERO
    for amount, percent in rows:
        net += amount
        tax += _round(amount * percent / _HUNDRED)
    return Sums(net, tax, net + tax)


def is_expressible(quantity: Decimal, price: Decimal, net: Decimal) -> bool:
    """Whether Fortnox keeps quantity and price as they are and comes to the same net."""
    return is_fine(quantity) and is_fine(price) and row_amount(quantity, price) == net


def is_fine(number: Decimal) -> bool:
    """Whether 2 decimals say it."""
    return number == _round(number)


def _round(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)
