"""Documents as they are written for Fortnox, without a Fortnox."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.accounting.fortnox.arithmetic import add_up, is_fine, row_amount
from adapters.accounting.fortnox.documents import DocumentWriter, Written
from adapters.accounting.fortnox.overrides import Overrides
from adapters.accounting.fortnox.registers import Register
from adapters.accounting.fortnox.sale import Sale, sale_of
from adapters.accounting.fortnox.settings import settings_of
from application.ports.destination import Consignment, LaneContext
from domain.companies.integration import Integration
from domain.errors import DomainError
from tests.factories import a_company_billed_per_customer, an_admin_company, an_issued, an_order, an_order_line, terms

REGISTER = Register(frozenset({"GBP"}), frozenset({"30"}), None)
PRICES = st.decimals(min_value="0.0001", max_value=500, places=4)
QUANTITIES = st.decimals(min_value="0.5", max_value=200, places=1)


def lane(**settings: Any) -> LaneContext:
    return LaneContext(Integration("501", "fortnox", settings=settings), a_company_billed_per_customer(), an_admin_company(), {})


def a_sale(*lines: Any, **settings: Any) -> Sale:
    order = an_order(lines=lines or (an_order_line(),), shipping_price=Decimal(0))
    document = an_issued(order, under=terms(a_company_billed_per_customer()))
    return sale_of(Consignment(1, "dlv-1-0", document), lane(**settings))


def written(sale: Sale, register: Register = REGISTER, **settings: Any) -> Written:
    return DocumentWriter(settings_of(lane(**settings)), register).write(sale, "77", {}, Overrides())


def line(quantity: Decimal, price: Decimal, number: int = 0) -> Any:
    return an_order_line(ref=str(number), sku=f"SKU-{number}", quantity=quantity, unit_cost_price=price, description="")


@given(st.lists(st.tuples(QUANTITIES, PRICES), min_size=1, max_size=30))
def test_fortnox_s_own_arithmetic_comes_to_our_total_whatever_the_lines_are(lines: list[tuple[Decimal, Decimal]]) -> None:
    sale = a_sale(*(line(quantity, price, number) for number, (quantity, price) in enumerate(lines)))

    result = written(sale, rounding_tolerance="1")

    rows = result.body["InvoiceRows"]
    assert all(is_fine(Decimal(row["DeliveredQuantity"])) and is_fine(row["Price"]) for row in rows)
    there = add_up((row_amount(Decimal(row["DeliveredQuantity"]), row["Price"]), row["VAT"]) for row in rows)
    assert there == result.sums
    assert there.total == sale.totals.total


@given(QUANTITIES, PRICES)
def test_a_credit_note_has_the_same_figures_below_zero(quantity: Decimal, price: Decimal) -> None:
    sale = a_sale(line(quantity, price))

    credit = written(replace(sale, sign=-1), rounding_tolerance="1")

    assert credit.sums.total == -written(sale, rounding_tolerance="1").sums.total


def test_the_same_document_has_the_same_body() -> None:
    assert written(a_sale()) == written(a_sale())


def test_a_body_has_neither_nulls_nor_empty_texts() -> None:
    """Fortnox takes neither for an empty value."""
    body = written(a_sale()).body

    assert not [name for name, value in body.items() if value in ("", None)]


def test_terms_that_fortnox_does_not_have_are_left_to_the_due_date() -> None:
    body = written(a_sale(), Register(frozenset({"GBP"}), frozenset({"K"}), None)).body

    assert "TermsOfPayment" not in body
    assert body["DueDate"] == date(2026, 12, 21)


def test_rates_are_whole_percents() -> None:
    sale = a_sale()
    odd = replace(sale.lines[0], tax=replace(sale.lines[0].tax, rate=Decimal("0.055")))

    with pytest.raises(DomainError) as refused:
        written(replace(sale, lines=(odd,)))

    assert refused.value.code == "vat_rate_not_whole"
    assert "5.5 %" in refused.value.text


def test_a_number_that_could_not_be_looked_up_is_refused() -> None:
    document = an_issued(an_order(), under=terms(a_company_billed_per_customer()))

    with pytest.raises(DomainError) as refused:
        sale_of(Consignment(1, "dlv-1-0", replace(document, display_number="INV 🎁 1")), lane())

    assert refused.value.code == "number_not_usable"
