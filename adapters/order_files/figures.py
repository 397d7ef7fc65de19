"""Numbers and days as machines read them: a point, no thousands, ISO 8601, never an exponent."""

from datetime import date
from decimal import Decimal

from domain.money import round_money


def amount(value: Decimal, currency: str) -> str:
    """With all the decimals of the currency."""
    return f"{round_money(value, currency):f}"


def number(value: Decimal) -> str:
    """With the digits it has."""
    return f"{value:f}"


def rate(value: Decimal) -> str:
    """Without zeros at the end: 0.2, however it was configured."""
    return f"{value.normalize():f}"


def day(value: date | None) -> str:
    """The day, or nothing."""
    return value.isoformat() if value else ""
