"""Numbers and dates as they are printed: 1,234.50 and 21 November 2026."""

from datetime import date
from decimal import Decimal

from domain.money import decimals_of

# Not from the locale of the machine: a document looks the same wherever it is made.
_MONTHS = "January February March April May June July August September October November December".split()


def format_amount(amount: Decimal, currency: str) -> str:
    """With thousands separators and the currency's decimals; a true minus sign, never a hyphen."""
    return _signed(f"{amount:,.{decimals_of(currency)}f}")


def format_unit_price(price: Decimal, currency: str) -> str:
    """As an amount, with the further decimals that a unit price may have."""
    decimals = max(decimals_of(currency), _decimals(price))
    return _signed(f"{price:,.{decimals}f}")


def format_quantity(quantity: Decimal) -> str:
    """Without zeros at the end."""
    return _signed(f"{quantity:,.{_decimals(quantity)}f}")


def format_rate(rate: Decimal) -> str:
    """The fraction as a percentage: 0.2 is 20%."""
    percent = rate * 100
    return f"{percent:.{_decimals(percent)}f}%"


def format_date(day: date) -> str:
    """The month in letters: 04/03 is read differently in London and in New York."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _decimals(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _signed(text: str) -> str:
    return text.replace("-", "\u2212")
