from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.invoicing.totals import total_lines
from domain.money import round_money
from domain.pricing.line_tax import Category
from domain.pricing.price_order import InvoiceLine
from tests.factories import an_invoice_line


def test_tax_is_taken_once_on_the_sum_of_each_rate() -> None:
    """Three nets of 0.33 bear 0.20 together; by line it would be 0.21 (BR-CO-17)."""
    totals = total_lines([an_invoice_line("0.33") for _ in range(3)], "GBP")

    assert (str(totals.net), str(totals.tax), str(totals.total)) == ("0.99", "0.20", "1.19")


def test_half_a_penny_of_tax_is_rounded_up() -> None:
    """Half-up, also where half-even would go down."""
    assert str(total_lines([an_invoice_line("0.125", rate="0.20")], "GBP").tax) == "0.03"
    assert str(total_lines([an_invoice_line("0.10", rate="0.05")], "GBP").tax) == "0.01"


@pytest.mark.parametrize(("currency", "net", "tax"), [("JPY", "105", "11"), ("KWD", "1.005", "0.101"), ("SEK", "1.05", "0.11")])
def test_tax_has_the_decimals_of_its_currency(currency: str, net: str, tax: str) -> None:
    """None in yen, three in dinars."""
    assert str(total_lines([an_invoice_line(net, rate="0.10")], currency).tax) == tax


def test_each_category_and_rate_has_a_row_with_the_highest_rate_first() -> None:
    """0.2 and 0.20 are one rate; exempt and zero-rated are two categories."""
    lines = [
        an_invoice_line("1.00", rate="0", category=Category.EXEMPT),
        an_invoice_line("2.00", rate="0.2"),
        an_invoice_line("3.00", rate="0"),
        an_invoice_line("4.00", rate="0.05"),
        an_invoice_line("5.00", rate="0.20"),
    ]

    totals = total_lines(lines, "GBP")

    assert [(row.category.value, Decimal(row.rate), str(row.net), str(row.tax)) for row in totals.subtotals] == [
        ("S", Decimal("0.2"), "7.00", "1.40"),
        ("S", Decimal("0.05"), "4.00", "0.20"),
        ("E", Decimal(0), "1.00", "0.00"),
        ("Z", Decimal(0), "3.00", "0.00"),
    ]


@pytest.mark.parametrize(("currency", "zero"), [("GBP", "0.00"), ("JPY", "0"), ("KWD", "0.000")])
def test_no_lines_come_to_a_zero_of_the_currency(currency: str, zero: str) -> None:
    """With its decimals."""
    totals = total_lines([], currency)

    assert (str(totals.net), str(totals.tax), str(totals.total), totals.subtotals) == (zero, zero, zero, ())


lines_of_gbp = st.lists(
    st.builds(
        an_invoice_line,
        net=st.decimals(min_value=0, max_value=Decimal("99999.99"), places=2).map(str),
        rate=st.sampled_from(["0", "0.05", "0.055", "0.19", "0.2", "0.20", "0.25"]),
    ),
    max_size=40,
)


@given(lines_of_gbp)
def test_the_sums_agree_and_the_tax_is_right_to_half_a_penny_per_rate(lines: list[InvoiceLine]) -> None:
    """The laws of EN 16931 for totals."""
    totals = total_lines(lines, "GBP")

    assert totals.net == sum(line.net for line in lines)
    assert totals.net == sum(row.net for row in totals.subtotals)
    assert totals.tax == sum(row.tax for row in totals.subtotals)
    assert totals.total == totals.net + totals.tax
    for row in totals.subtotals:
        exact = sum((line.net for line in lines if line.tax.rate == row.rate), Decimal(0)) * row.rate
        assert abs(row.tax - exact) <= Decimal("0.005")
        assert round_money(row.tax, "GBP") == row.tax


@given(lines_of_gbp.flatmap(lambda some: st.tuples(st.just(some), st.permutations(some))))
def test_the_sequence_of_the_lines_does_not_matter(pair: tuple[list[InvoiceLine], list[InvoiceLine]]) -> None:
    """To any amount."""
    assert total_lines(pair[0], "GBP") == total_lines(pair[1], "GBP")
