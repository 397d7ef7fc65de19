"""Xero's arithmetic: every line is rounded on its own, half-up, and totals are sums of rounded lines."""

from decimal import ROUND_HALF_UP, Decimal

from tests.fakes.xero.wire import Body

_CENT = Decimal("0.01")
_ZERO = Decimal("0.00")
_HUNDRED = Decimal(100)


def rounded(amount: Decimal, decimals: int = 2) -> Decimal:
    """Half-up, away from zero."""
    return amount.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def decimal_of(value: object) -> Decimal:
    """A figure from JSON, exact: whole numbers come as int."""
    return value if isinstance(value, Decimal) else Decimal(str(value))


def priced(line: Body, amount_types: str, percent: Decimal, unit_decimals: int) -> Body:
    """The line with its quantity, prices, amount and tax rounded; a ``TaxAmount`` that was sent is kept."""
    quantity = rounded(decimal_of(line.get("Quantity", 1 if _has_price(line) else 0)), 4)
    unit = _unit(line, quantity, unit_decimals)
    amount = rounded(_discounted(quantity * unit, line))
    tax = rounded(decimal_of(line["TaxAmount"])) if "TaxAmount" in line else _tax(amount, amount_types, percent)
    tax = _ZERO if amount_types == "NoTax" else tax
    return {**line, "Quantity": quantity, "UnitAmount": unit, "LineAmount": amount, "TaxAmount": tax}


def totals(lines: list[Body], amount_types: str) -> dict[str, Decimal]:
    """Sums over priced lines."""
    amounts = sum((line["LineAmount"] for line in lines), _ZERO)
    tax = sum((line["TaxAmount"] for line in lines), _ZERO)
    net = amounts - tax if amount_types == "Inclusive" else amounts
    return {"SubTotal": net, "TotalTax": tax, "Total": net + tax}


def _has_price(line: Body) -> bool:
    return "UnitAmount" in line or "LineAmount" in line


def _unit(line: Body, quantity: Decimal, decimals: int) -> Decimal:
    if "UnitAmount" not in line and "LineAmount" in line and quantity:
        return rounded(decimal_of(line["LineAmount"]) / quantity, decimals)
    return rounded(decimal_of(line.get("UnitAmount", 0)), decimals)


def _discounted(amount: Decimal, line: Body) -> Decimal:
    if "DiscountAmount" in line:
        return amount - decimal_of(line["DiscountAmount"])
    return amount * (_HUNDRED - decimal_of(line.get("DiscountRate", 0))) / _HUNDRED


def _tax(amount: Decimal, amount_types: str, percent: Decimal) -> Decimal:
    if amount_types == "Inclusive":
        return rounded(amount * percent / (_HUNDRED + percent))
    return rounded(amount * percent / _HUNDRED)
