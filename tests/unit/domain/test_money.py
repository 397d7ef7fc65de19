from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import CURRENCIES, decimals_of, from_minor, quantum_of, round_money, to_minor

amounts = st.decimals(min_value=Decimal("-1e12"), max_value=Decimal("1e12"), places=6)
currencies = st.sampled_from(sorted(CURRENCIES))


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("1.005", "GBP", "1.01"),
        ("-1.005", "GBP", "-1.01"),
        ("1.0049999", "EUR", "1.00"),
        ("2.5", "JPY", "3"),
        ("-2.5", "JPY", "-3"),
        ("0.0005", "KWD", "0.001"),
        ("7", "SEK", "7.00"),
    ],
)
def test_money_is_rounded_half_up_to_the_decimals_of_its_currency(amount: str, currency: str, expected: str) -> None:
    """Half-up means away from zero, so that a credit mirrors an invoice."""
    assert str(round_money(Decimal(amount), currency)) == expected


@given(amounts, currencies)
def test_rounding_moves_an_amount_by_half_a_unit_at_most_and_only_once(amount: Decimal, currency: str) -> None:
    """A rounded amount stays what it is."""
    rounded = round_money(amount, currency)

    assert abs(rounded - amount) <= quantum_of(currency) / 2
    assert round_money(rounded, currency) == rounded


@given(amounts, currencies)
def test_minor_units_and_amounts_are_the_same_money(amount: Decimal, currency: str) -> None:
    """A round trip changes no digit."""
    rounded = round_money(amount, currency)

    assert str(from_minor(to_minor(rounded, currency), currency)) == str(rounded + 0)


def test_an_amount_that_is_not_rounded_has_no_minor_units() -> None:
    """To cut digits off would lose money."""
    with pytest.raises(ValueError, match="not rounded"):
        to_minor(Decimal("1.005"), "GBP")


@pytest.mark.parametrize(("currency", "decimals"), [("GBP", 2), ("JPY", 0), ("KWD", 3), ("ISK", 0), ("TND", 3)])
def test_a_currency_has_the_decimals_of_iso_4217(currency: str, decimals: int) -> None:
    """Most have two."""
    assert decimals_of(currency) == decimals
