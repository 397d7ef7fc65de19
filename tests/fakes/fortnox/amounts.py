"""Fortnox's arithmetic: half up to two decimals for prices, quantities, rows and VAT; VAT for each row, not for the document."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from tests.fakes.fortnox.errors import Refused

_CENT = Decimal("0.01")
_TOO_MUCH = Decimal(10) ** 12


def half_up(value: Decimal, unit: Decimal = _CENT) -> Decimal:
    """To two decimals unless told otherwise; a half goes away from zero."""
    return value.quantize(unit, ROUND_HALF_UP)


def decimal(value: Any, name: str) -> Decimal:
    """A number or the text of one."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise Refused(2000108, f"Värdet i fältet {name} måste vara numeriskt.") from None
    if isinstance(value, bool) or not number.is_finite() or abs(number) >= _TOO_MUCH:
        raise Refused(2000108, f"Värdet i fältet {name} måste vara numeriskt.")
    return number


def number(value: Decimal) -> int | float:
    """As Fortnox writes it in JSON: without decimals where there are none."""
    return int(value) if value == value.to_integral_value() else float(value)


def text(value: Decimal) -> str:
    """As Fortnox writes quantities: text without needless zeros."""
    return f"{value.normalize():f}"


@dataclass(frozen=True, slots=True)
class RowAmounts:
    """A row's money. Its price and total are gross where the document's prices include VAT."""

    price_excluding_vat: Decimal
    total: Decimal
    net: Decimal
    vat: Decimal


def row_amounts(row: dict[str, Any], quantity: Decimal, *, vat_included: bool) -> RowAmounts:
    """What the row comes to. Price and quantity are rounded already."""
    price, factor = Decimal(str(row["Price"])), 1 + Decimal(str(row["VAT"])) / 100
    before = price * quantity
    discount = Decimal(str(row["Discount"]))
    total = half_up(before - discount if row["DiscountType"] == "AMOUNT" else before * (1 - discount / 100))
    if vat_included:
        net = half_up(total / factor)
        return RowAmounts(half_up(price / factor), total, net, total - net)
    return RowAmounts(price, total, total, half_up(total * (factor - 1)))
