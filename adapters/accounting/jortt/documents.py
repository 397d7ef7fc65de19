"""Our documents as jortt's (facts: accounting-apis, B3.6, B3.7). The same document always gives the same body. All numbers are texts."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from adapters.accounting.jortt.arithmetic import Sums, add_up, is_expressible, line_amount, ours, require_close
from adapters.accounting.jortt.mapped import Mapped
from adapters.accounting.jortt.papers import CREDIT_NOTE, ESTIMATE, Paper
from adapters.accounting.jortt.texts import DESCRIPTION_MAX, listed, one_line
from adapters.accounting.jortt.vats import Vat, Vats
from domain.errors import DomainError
from domain.pricing.price_order import SHIPPING_SKU, InvoiceLine

CURRENCY = "EUR"
_TEXT_MAX = 1000
_ONE = Decimal(1)

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Written:
    """A body, and what jortt will come to."""

    body: Body
    sums: Sums


def require_euro(paper: Paper) -> None:
    """Raise DomainError("currency_not_possible") for another currency: jortt keeps its books in euros (facts: B3.6)."""
    if paper.currency != CURRENCY:
        text = f"{paper.reference} is in {paper.currency}, and jortt takes {CURRENCY} only."
        raise DomainError("currency_not_possible", text, f"Enter it in jortt by hand, or bill this company in {CURRENCY}")


def write(paper: Paper, customer_id: str, vats: Vats, mapped: Mapped, tolerance: Decimal) -> Written:
    """A document. Raises DomainError where jortt would refuse it, or come to something else than it says."""
    require_euro(paper)
    lines: list[Body] = []
    figures: list[tuple[Decimal, Decimal]] = []
    for place, line in enumerate(paper.lines):
        vat = vats.of(line.tax)
        quantity, price, note = _priced(line)
        figures.append((line_amount(paper.sign * quantity, price), vat.rate))
        extra = mapped.lines[place] if mapped.lines else {}
        lines.append({**_line(line, paper.sign * quantity, price, note, vat), **extra})
    sums = add_up(figures)
    require_close(ours(paper.totals, paper.sign), sums, tolerance)
    return Written({**_head(paper, customer_id), **mapped.document, "line_items": lines}, sums)


def changed_body(written: Written) -> Body:
    """The same for a draft that is there: it stays the customer's."""
    return {name: value for name, value in written.body.items() if name != "customer_id"}


def _head(paper: Paper, customer_id: str) -> Body:
    head: Body = {
        "customer_id": customer_id,
        "reference": paper.reference,
        # False means that prices are without VAT: the name misleads (facts: B3.6).
        "net_amounts": False,
        # A customer may have a discount of its own in jortt, which would make another total.
        "discounts": [],
        "remarks": _remarks(paper),
    }
    if paper.kind is ESTIMATE:
        return head
    return head | _days(paper)


def _days(paper: Paper) -> Body:
    days: Body = {}
    if paper.issued_on is not None:
        days["invoice_date"] = paper.issued_on.isoformat()
    if paper.payment_term is not None:
        days["payment_term"] = paper.payment_term
    if paper.supplied and paper.kind is not CREDIT_NOTE:
        # Without an end jortt takes a month.
        days |= {"delivery_period": paper.supplied[0].isoformat(), "delivery_period_end": paper.supplied[-1].isoformat()}
    return days


def _remarks(paper: Paper) -> str:
    orders = listed(paper.orders, _TEXT_MAX - 100)
    return one_line(f"{paper.corrects}: {orders}" if paper.corrects else orders, _TEXT_MAX)


def _line(line: InvoiceLine, quantity: Decimal, price: Decimal, note: str, vat: Vat) -> Body:
    return {
        "description": _described(line, note),
        "quantity": plain(quantity),
        "amount": {"amount": f"{price:.2f}", "currency": CURRENCY},
        "vat": vat.body(),
    }


def _priced(line: InvoiceLine) -> tuple[Decimal, Decimal, str]:
    """Quantity, price and a note. What 2 decimals cannot say becomes one piece at the line's net, told in words."""
    if is_expressible(line.quantity, line.unit_price, line.net):
        return line.quantity, line.unit_price, ""
    return _ONE, line.net, f" ({plain(line.quantity)} x {plain(line.unit_price)})"


def _described(line: InvoiceLine, note: str) -> str:
    """SKU and text: jortt has no articles that could carry the SKU."""
    text = one_line(line.description, DESCRIPTION_MAX)
    is_goods = line.sku and line.sku not in {SHIPPING_SKU, text}
    whole = f"{line.sku} {text}" if is_goods else text or line.sku or "Item"
    return one_line(whole, DESCRIPTION_MAX - len(note)) + note


def plain(number: Decimal) -> str:
    """Without an exponent, and without decimals that say nothing."""
    return f"{number.to_integral_value() if number == number.to_integral_value() else number.normalize():f}"
