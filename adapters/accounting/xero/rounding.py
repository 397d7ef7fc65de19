"""What to do where Xero's arithmetic comes to another total than the invoice.

The customer owes what the issued invoice says, so Xero must come to the same total. A difference within the tolerance becomes a line of
its own on the organisation's ROUNDING account, where the books show it. ``TaxAmount`` is never sent: it would hide the difference inside
a line, Xero's certification asks not to, and Xero checks it against the rate (facts: accounting-apis, B1.11 Tax).
"""

from decimal import Decimal

from adapters.accounting.xero.arithmetic import Sums
from domain.errors import DomainError
from domain.invoicing.totals import Totals

_CENT = Decimal("0.01")


def rounding_amount(ours: Totals, theirs: Sums, tolerance: Decimal) -> Decimal:
    """What must be added, without tax, for the same total; 0 for nothing. Raises DomainError("totals_differ") beyond the tolerance."""
    differences = (ours.net - theirs.net, ours.tax - theirs.tax, ours.total - theirs.total)
    # Xero keeps two decimals: what a currency of three has beyond them, no line can carry.
    if max(map(abs, differences)) > tolerance or differences[2] != differences[2].quantize(_CENT):
        raise DomainError(
            "totals_differ",
            f"Xero would come to another total: the invoice says {describe(ours)}; Xero's own arithmetic gives {describe(theirs)}. "
            f"The difference is beyond rounding_tolerance ({tolerance}), or finer than the 2 decimals of Xero.",
            "Raise rounding_tolerance if the difference is only rounding; else enter the document in Xero by hand",
        )
    return differences[2]


def describe(sums: Totals | Sums) -> str:
    """The three figures for people."""
    return f"net {sums.net}, tax {sums.tax}, total {sums.total}"
