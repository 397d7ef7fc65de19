"""What an invoice depends on in an order, as one hash: a change of it after invoicing must be seen."""

from decimal import Decimal
from functools import lru_cache
from hashlib import sha256

from domain.orders.order import Order, OrderLine
from domain.orders.status import CANCELLED, is_one_of


def billing_fingerprint(order: Order) -> str:
    """SHA-256 over whether the order stands and is charged, its currency, lines, prices, tax and shipping.

    Lines sent in another sequence are the same lines.
    """
    facts = (
        is_one_of(order.status, order.status_name, CANCELLED),
        order.is_free_of_charge,
        order.currency,
        _text(order.shipping_price),
        _text(order.shipping_tax_rate),
        *sorted([_line_facts(line) for line in order.lines]),
    )
    return sha256(repr(facts).encode()).hexdigest()


def _line_facts(line: OrderLine) -> tuple[str, ...]:
    return (line.sku, _text(line.quantity), _text(line.unit_cost_price), _text(line.sale_vat_rate), line.tax_code)


# The same few prices, quantities and rates come again and again.
@lru_cache(maxsize=8192)
def _text(number: Decimal | None) -> str:
    # 6.5 and 6.50 are the same price.
    return "" if number is None else format(number.normalize(), "f")
