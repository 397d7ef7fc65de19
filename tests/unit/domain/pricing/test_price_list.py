from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.pricing.price_list import PriceBreak, PriceList
from tests.factories import a_price

TODAY = date(2026, 11, 1)


def price_of(prices: PriceList, quantity: str, day: date | None = TODAY, currency: str = "GBP", sku: str = "TEE-BLK-M") -> str | None:
    """The unit price found, as text."""
    found = prices.find(currency, sku, Decimal(quantity), day)
    return str(found.unit_price) if found else None


@pytest.mark.parametrize(
    ("quantity", "expected"), [("0.5", None), ("1", "6.25"), ("9.9", "6.25"), ("10", "5.75"), ("99", "5.75"), ("100", "5.00")]
)
def test_the_highest_break_not_above_the_quantity_applies(quantity: str, expected: str | None) -> None:
    """However the breaks are listed."""
    prices = PriceList(
        [a_price(unit_price="5.75", from_quantity=Decimal(10)), a_price(), a_price(unit_price="5.00", from_quantity=Decimal(100))]
    )

    assert price_of(prices, quantity) == expected


def test_a_price_is_of_one_sku_in_one_currency() -> None:
    """Nothing is converted or guessed."""
    prices = PriceList([a_price()])

    assert price_of(prices, "1", currency="EUR") is None
    assert price_of(prices, "1", sku="tee-blk-m") is None


@pytest.mark.parametrize(
    ("day", "expected"),
    [(date(2026, 9, 30), None), (date(2026, 10, 1), "6.25"), (date(2026, 11, 30), "6.25"), (date(2026, 12, 1), None), (None, None)],
)
def test_a_price_holds_from_its_first_day_to_its_last(day: date | None, expected: str | None) -> None:
    """Both inclusive; an order without a day fits only prices without dates."""
    prices = PriceList([a_price(valid_from=date(2026, 10, 1), valid_to=date(2026, 11, 30))])

    assert price_of(prices, "1", day) == expected


def test_a_break_that_does_not_hold_gives_way_to_a_lower_one() -> None:
    """An expired bulk price leaves the ordinary one."""
    prices = PriceList([a_price(), a_price(unit_price="5.00", from_quantity=Decimal(10), valid_to=date(2026, 10, 31))])

    assert price_of(prices, "50") == "6.25"
    assert price_of(prices, "50", date(2026, 10, 31)) == "5.00"


def test_of_two_prices_that_hold_the_one_that_began_last_applies() -> None:
    """A new price list need not end the old one."""
    prices = PriceList([a_price(unit_price="7.00", valid_from=date(2026, 11, 1)), a_price()])

    assert price_of(prices, "1", date(2026, 10, 31)) == "6.25"
    assert price_of(prices, "1", date(2026, 11, 1)) == "7.00"
    assert price_of(prices, "1", None) == "6.25"


breaks = st.lists(
    st.builds(
        lambda start, price: PriceBreak("GBP", "TEE-BLK-M", price, start), st.decimals(1, 100, places=1), st.decimals(0, 9, places=2)
    ),
    max_size=6,
    unique_by=lambda entry: entry.from_quantity,
)


@given(breaks, st.decimals(0, 120, places=1))
def test_no_other_break_would_have_been_higher_and_still_fit(entries: list[PriceBreak], quantity: Decimal) -> None:
    """The law behind the examples."""
    fitting = [entry for entry in entries if entry.from_quantity <= quantity]

    found = PriceList(entries).find("GBP", "TEE-BLK-M", quantity, None)

    assert found == max(fitting, key=lambda entry: entry.from_quantity, default=None)
