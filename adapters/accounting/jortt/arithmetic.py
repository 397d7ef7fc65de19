"""jortt's own arithmetic, so that its totals are known before anything is sent.

VAT is reckoned for the whole invoice, once for each rate, on the sum of the lines (facts: accounting-apis, B3.6 invoice_level_vat). Where
the lines agree, that is what we do too (domain/invoicing/totals.py).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from domain.errors import DomainError
from domain.invoicing.totals import Totals
from domain.money import ZERO

_CENT = Decimal("0.01")
_ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Sums:
    """What a document adds up to; ``total`` is net + tax."""

    net: Decimal
    tax: Decimal
    total: Decimal


def line_amount(quantity: Decimal, price: Decimal) -> Decimal:
    """The net of a line."""
    return _round(quantity * price)


def add_up(lines: Iterable[tuple[Decimal, Decimal]]) -> Sums:
    """The sums of lines, each given as its net and its rate as a fraction."""
    nets: dict[Decimal, Decimal] = defaultdict(lambda: ZERO)
    for amount, rate in lines:
        nets[rate] += amount
    net = sum(nets.values(), _ZERO)
    tax = sum((_round(amount * rate) for rate, amount in nets.items()), _ZERO)
    return Sums(net, tax, net + tax)


def is_expressible(quantity: Decimal, price: Decimal, net: Decimal) -> bool:
    """Whether jortt comes to the same net from this quantity and price: both with 2 decimals at most (facts: B5)."""
    return quantity == _round(quantity) and price == _round(price) and line_amount(quantity, price) == net


def ours(totals: Totals, sign: Decimal = Decimal(1)) -> Sums:
    """What a document of ours adds up to, with the sign it has there."""
    return Sums(sign * totals.net, sign * totals.tax, sign * totals.total)


def require_close(ours_: Sums, theirs: Sums, tolerance: Decimal) -> None:
    """Raise DomainError("totals_differ") where a sum differs by more than the tolerance."""
    if farthest(ours_, theirs) > tolerance:
        text = f"jortt would come to another total: the document says {describe(ours_)}; jortt's own arithmetic gives {describe(theirs)}."
        step = "Raise rounding_tolerance if the difference is only rounding; else enter the document in jortt by hand"
        raise DomainError("totals_differ", text, step)


def farthest(ours_: Sums, theirs: Sums) -> Decimal:
    """The largest of the three differences."""
    return max(abs(ours_.net - theirs.net), abs(ours_.tax - theirs.tax), abs(ours_.total - theirs.total))


def describe(sums: Sums) -> str:
    """The three figures for people."""
    return f"net {sums.net}, tax {sums.tax}, total {sums.total}"


def _round(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)
