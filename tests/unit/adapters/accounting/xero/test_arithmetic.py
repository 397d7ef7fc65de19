from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from adapters.accounting.xero.arithmetic import add_up, is_expressible, line_amount
from tests.fakes.xero.amounts import priced, totals

PRICES = st.decimals(0, 9999, places=4)
QUANTITIES = st.decimals(0, 999, places=4)
RATES = st.sampled_from([Decimal(rate) for rate in ("0", "5", "12.5", "20", "21.0000")])


def test_the_vendors_own_example_comes_to_its_own_tax() -> None:
    """25.06, 25.61 and 25.63 at 15 %: 11.44, where the tax on the sum would be 11.45 (facts: accounting-apis, B1.11 Rounding)."""
    lines = [(Decimal(net), Decimal(15)) for net in ("25.06", "25.61", "25.63")]

    sums = add_up(lines)

    assert (sums.net, sums.tax, sums.total) == (Decimal("76.30"), Decimal("11.44"), Decimal("87.74"))


def test_halves_go_up_and_away_from_zero() -> None:
    assert line_amount(Decimal(1), Decimal("0.005")) == Decimal("0.01")
    assert line_amount(Decimal(1), Decimal("-0.005")) == Decimal("-0.01")


@given(st.lists(st.tuples(QUANTITIES, PRICES, RATES), max_size=20))
def test_it_is_the_arithmetic_of_the_fake(lines: list[tuple[Decimal, Decimal, Decimal]]) -> None:
    """Written twice, by two people, from the same page of the vendor."""
    theirs = totals([priced({"Quantity": q, "UnitAmount": p}, "Exclusive", rate, 4) for q, p, rate in lines], "Exclusive")

    ours = add_up([(line_amount(quantity, price), rate) for quantity, price, rate in lines])

    assert (ours.net, ours.tax, ours.total) == (theirs["SubTotal"], theirs["TotalTax"], theirs["Total"])


@given(QUANTITIES, PRICES)
def test_what_has_four_decimals_can_be_said(quantity: Decimal, price: Decimal) -> None:
    assert is_expressible(quantity, price, line_amount(quantity, price))


def test_what_has_more_decimals_or_another_net_cannot_be_said() -> None:
    assert not is_expressible(Decimal(1000), Decimal("0.001234"), Decimal("1.23"))
    assert not is_expressible(Decimal(1), Decimal("1.00"), Decimal("1.01"))
