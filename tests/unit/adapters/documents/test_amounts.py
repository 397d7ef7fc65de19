"""Numbers and dates as they are printed."""

from datetime import date
from decimal import Decimal

import pytest

from adapters.documents.amounts import format_amount, format_date, format_quantity, format_rate, format_unit_price


@pytest.mark.parametrize(
    ("amount", "currency", "printed"),
    [
        ("1234567.5", "GBP", "1,234,567.50"),
        ("-3.5", "EUR", "\u22123.50"),
        ("1234567", "JPY", "1,234,567"),
        ("1.5", "KWD", "1.500"),
        ("0", "GBP", "0.00"),
    ],
)
def test_an_amount_has_the_decimals_of_its_currency(amount: str, currency: str, printed: str) -> None:
    assert format_amount(Decimal(amount), currency) == printed


@pytest.mark.parametrize(
    ("price", "printed"), [("6.25", "6.25"), ("6", "6.00"), ("0.01234", "0.01234"), ("6.2500", "6.25"), ("1E+3", "1,000.00")]
)
def test_a_unit_price_keeps_its_further_decimals(price: str, printed: str) -> None:
    assert format_unit_price(Decimal(price), "GBP") == printed


@pytest.mark.parametrize(("quantity", "printed"), [("2", "2"), ("2.000", "2"), ("0.5", "0.5"), ("1E+3", "1,000"), ("-1", "\u22121")])
def test_a_quantity_has_no_zeros_at_its_end(quantity: str, printed: str) -> None:
    assert format_quantity(Decimal(quantity)) == printed


@pytest.mark.parametrize(("rate", "printed"), [("0.2", "20%"), ("0.055", "5.5%"), ("0", "0%"), ("0.19", "19%"), ("1", "100%")])
def test_a_rate_is_a_percentage(rate: str, printed: str) -> None:
    assert format_rate(Decimal(rate)) == printed


def test_a_date_cannot_be_read_in_two_ways() -> None:
    assert format_date(date(2026, 4, 3)) == "3 April 2026"
