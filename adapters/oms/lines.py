"""The items of a message as lines of an order."""

from collections.abc import Sequence

from adapters.oms.message import ItemMessage
from adapters.oms.values import AMOUNT_LIMIT, Mistake, price, quantity, rate, text
from domain.orders.order import OrderLine


def read_lines(items: Sequence[ItemMessage]) -> tuple[OrderLine, ...]:
    """The lines of which something is sold. Raises Mistake with the place in the list."""
    lines: list[OrderLine] = []
    for index, item in enumerate(items):
        try:
            line = _line(item)
        except Mistake as mistake:
            raise Mistake(f"items[{index}].{mistake.field}", mistake.text, mistake.next_step) from None
        if line.quantity:
            lines.append(line)
    return tuple(lines)


def _line(item: ItemMessage) -> OrderLine:
    count = quantity(item.quantity, "quantity")
    if count is None:
        raise Mistake("quantity", "is missing")
    unit_price = price(item.unit_cost_price, "unit_cost_price")
    if unit_price and count * unit_price >= AMOUNT_LIMIT:
        raise Mistake("unit_cost_price", f"and quantity come to an absurd amount; it must be below {AMOUNT_LIMIT:f}")
    return OrderLine(
        text(item.ref) or text(item.id),
        text(item.sku),
        text(item.description),
        count,
        unit_price,
        rate(item.sale_vat_rate, "sale_vat_rate"),
        text(item.tax_code),
        text(item.nominal_code),
    )
