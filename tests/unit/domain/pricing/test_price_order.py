from decimal import Decimal
from typing import Any

import pytest

from domain.orders.order import Order
from domain.pricing.price_list import PriceBreak, PriceList
from domain.pricing.price_order import SHIPPING_SKU, PricedOrder, price_order
from domain.pricing.tax_decision import decide_tax
from domain.pricing.tax_rates import TaxRates
from tests.factories import a_party_in, a_price, an_admin_company, an_order, an_order_line, tax_rates

DOMESTIC = decide_tax(an_admin_company(), a_party_in("GB"), "")


def priced(order: Order, *prices: PriceBreak, default_currency: str = "GBP") -> PricedOrder:
    """Price an order for a British company."""
    return price_order(order, default_currency, PriceList(prices), DOMESTIC, TaxRates(tax_rates()))


def one_line(**changes: Any) -> Order:
    """An order of one line, without shipping."""
    return an_order(lines=(an_order_line(**changes),), shipping_price=Decimal(0))


def test_an_order_becomes_its_lines_and_its_shipping() -> None:
    """Shipping is a line of its own, ex tax."""
    result = priced(an_order())

    assert [(line.sku, str(line.quantity), str(line.unit_price), str(line.net)) for line in result.lines] == [
        ("TEE-BLK-M", "2", "6.25", "12.50"),
        (SHIPPING_SKU, "1", "3.50", "3.50"),
    ]
    assert result.lines[1].description == "Shipping: Next Day"
    assert (result.missing_prices, result.missing_taxes, result.currency_problem) == ((), (), "")


@pytest.mark.parametrize("zero", ["0", "0.00"])
def test_shipping_of_zero_is_left_out(zero: str) -> None:
    """No line says that nothing is owed."""
    assert [line.sku for line in priced(an_order(shipping_price=Decimal(zero))).lines] == ["TEE-BLK-M"]


def test_the_price_on_the_order_wins_over_the_price_list() -> None:
    """Also where it is zero: somebody meant it."""
    assert str(priced(one_line(unit_cost_price=Decimal("1.00")), a_price()).lines[0].net) == "2.00"
    assert str(priced(one_line(unit_cost_price=Decimal(0)), a_price()).lines[0].net) == "0.00"


def test_without_a_price_on_the_order_the_price_list_has_it() -> None:
    """By the quantity of the line."""
    result = priced(one_line(unit_cost_price=None, quantity=Decimal(10)), a_price(), a_price(unit_price="5.755", from_quantity=Decimal(10)))

    assert str(result.lines[0].net) == "57.55"


def test_the_tax_code_of_the_price_list_serves_lines_that_have_none() -> None:
    """A line's own code or rate goes before it."""
    bare = one_line(unit_cost_price=None, tax_code="", sale_vat_rate=None)

    assert priced(bare, a_price(tax_code="zero")).lines[0].tax.rate == 0
    assert priced(one_line(unit_cost_price=None, tax_code="", sale_vat_rate=Decimal("0.05")), a_price(tax_code="zero")).lines[
        0
    ].tax.rate == Decimal("0.05")


@pytest.mark.parametrize(
    ("quantity", "unit_price", "currency", "net"),
    [
        ("3", "0.335", "GBP", "1.01"),
        ("1", "0.005", "GBP", "0.01"),
        ("1", "2.5", "JPY", "3"),
        ("1", "0.0005", "KWD", "0.001"),
        ("1.5", "6.25", "EUR", "9.38"),
    ],
)
def test_a_net_is_rounded_half_up_to_the_decimals_of_the_currency(quantity: str, unit_price: str, currency: str, net: str) -> None:
    """Quantity times unit price, rounded once (BR-CO-10 and following)."""
    order = an_order(currency=currency, lines=(an_order_line(quantity=Decimal(quantity), unit_cost_price=Decimal(unit_price)),))

    assert str(priced(order).lines[0].net) == net


def test_everything_that_is_missing_is_named() -> None:
    """A person has to add it, so a person has to read it."""
    order = an_order(
        lines=(
            an_order_line(sku="MUG", unit_cost_price=None),
            an_order_line(sku="CAP", tax_code="luxury"),
            an_order_line(sku="", ref="90001-3", unit_cost_price=None, tax_code="", sale_vat_rate=None),
        )
    )

    result = priced(order)

    assert result.missing_prices == ("MUG", "90001-3")
    assert result.missing_taxes == ("CAP (code 'luxury' in GB)", "90001-3")


def test_shipping_without_a_rate_takes_the_code_standard_of_the_seller() -> None:
    """And is missing a tax where that has no rate."""
    order = an_order(shipping_tax_rate=None)

    assert priced(order).lines[1].tax.rate == Decimal("0.20")
    assert price_order(order, "GBP", PriceList(), DOMESTIC, TaxRates()).missing_taxes[1] == "SHIPPING (code 'standard' in GB)"


def test_an_order_without_lines_is_missing_a_price() -> None:
    """Shipping alone is no order."""
    assert priced(an_order(lines=())).missing_prices == ("(the order has no lines)",)


@pytest.mark.parametrize(
    ("own", "default", "currency", "problem"),
    [("", "GBP", "GBP", ""), ("EUR", "GBP", "EUR", ""), ("", "", "", "none"), ("XXX", "GBP", "XXX", "XXX")],
)
def test_the_currency_is_the_order_s_else_the_company_s(own: str, default: str, currency: str, problem: str) -> None:
    """One that ISO 4217 does not know is a problem, and no reason to take another."""
    result = priced(an_order(currency=own), default_currency=default)

    assert (result.currency, result.currency_problem) == (currency, problem)
