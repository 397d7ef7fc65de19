from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.accounting.xero.arithmetic import add_up
from adapters.accounting.xero.rounding import rounding_amount
from domain.errors import DomainError
from domain.invoicing.totals import total_lines
from tests.factories import an_invoice_line

TOLERANCE = Decimal("0.05")
NETS = st.lists(st.decimals("0.01", 500, places=2), min_size=1, max_size=9)


@given(NETS, st.sampled_from(["0.20", "0.05", "0.21", "0.125"]))
def test_with_its_line_the_total_is_ours_to_the_cent(nets: list[Decimal], rate: str) -> None:
    """Half a cent a line, so up to nine lines never come to more than the tolerance."""
    ours = total_lines([an_invoice_line(str(net), rate) for net in nets], "GBP")
    figures = [(net, Decimal(rate) * 100) for net in nets]

    amount = rounding_amount(ours, add_up(figures), TOLERANCE)

    assert add_up([*figures, (amount, Decimal(0))]).total == ours.total
    assert abs(amount) <= TOLERANCE


def test_equal_totals_need_no_line() -> None:
    ours = total_lines([an_invoice_line("12.50")], "GBP")

    assert rounding_amount(ours, add_up([(Decimal("12.50"), Decimal(20))]), Decimal(0)) == 0


def test_beyond_the_tolerance_both_totals_are_named() -> None:
    ours = total_lines([an_invoice_line("12.50")], "GBP")

    with pytest.raises(DomainError) as refused:
        rounding_amount(ours, add_up([(Decimal("12.60"), Decimal(20))]), TOLERANCE)

    assert refused.value.code == "totals_differ"
    assert "total 15.00" in refused.value.text
    assert "total 15.12" in refused.value.text


def test_differences_that_cancel_out_are_seen() -> None:
    """A net too high by as much as the tax is too low is no rounding."""
    ours = total_lines([an_invoice_line("10.00")], "GBP")

    with pytest.raises(DomainError):
        rounding_amount(ours, add_up([(Decimal("12.00"), Decimal(0))]), TOLERANCE)


def test_a_third_decimal_is_refused_before_it_is_sent() -> None:
    """Xero has two: a dinar's fils would be missing there however small the difference is."""
    ours = total_lines([an_invoice_line("1.234", "0")], "KWD")

    with pytest.raises(DomainError) as error:
        rounding_amount(ours, add_up([(Decimal("1.23"), Decimal(0))]), TOLERANCE)

    assert error.value.code == "totals_differ"
