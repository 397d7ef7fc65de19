from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.orders.fingerprint import billing_fingerprint
from tests.factories import a_party, an_order, an_order_line

FINGERPRINT = billing_fingerprint(an_order())


@pytest.mark.parametrize(
    "changes",
    [
        {"status": 64, "status_name": "Dispatched (Retailer Notified)"},
        {"version": 4},
        {"has_error": True},
        {"payment_status": "open"},
        {"shipping": a_party(name="Neighbour")},
        {"shipping_price": Decimal("3.5")},
        {"shipping_price": Decimal("3.5000")},
        {"lines": (an_order_line(unit_cost_price=Decimal("6.250"), quantity=Decimal("2.0"), sale_vat_rate=Decimal("0.20")),)},
        {"lines": (an_order_line(description="Another text", ref="another", nominal_code="4001"),)},
    ],
)
def test_what_an_amount_does_not_depend_on_is_no_change(changes: dict[str, Any]) -> None:
    """6.5 and 6.50 are the same price, and an order may move on after its invoice."""
    assert billing_fingerprint(an_order(**changes)) == FINGERPRINT


@pytest.mark.parametrize(
    "changes",
    [
        {"status": 128, "status_name": "Cancelled"},
        {"status": None, "status_name": "Refunded"},
        {"status": None, "status_name": "Returned"},
        {"is_free_of_charge": True},
        {"currency": "EUR"},
        {"shipping_price": Decimal("3.51")},
        {"shipping_tax_rate": Decimal(0)},
        {"shipping_tax_rate": None},
        {"lines": ()},
        {"lines": (an_order_line(), an_order_line())},
        {"lines": (an_order_line(sku="TEE-WHT-M"),)},
        {"lines": (an_order_line(quantity=Decimal(3)),)},
        {"lines": (an_order_line(unit_cost_price=Decimal("6.26")),)},
        {"lines": (an_order_line(unit_cost_price=None),)},
        {"lines": (an_order_line(sale_vat_rate=None),)},
        {"lines": (an_order_line(tax_code="zero"),)},
    ],
)
def test_a_change_of_what_is_owed_is_seen(changes: dict[str, Any]) -> None:
    """Cancelled, refunded, other lines or prices (DESIGN section 2)."""
    assert billing_fingerprint(an_order(**changes)) != FINGERPRINT


lines = st.builds(
    an_order_line,
    sku=st.sampled_from(["A", "B", "A', 'B"]),
    quantity=st.decimals(min_value=1, max_value=9, places=1),
    unit_cost_price=st.none() | st.decimals(min_value=0, max_value=9, places=2),
    sale_vat_rate=st.none() | st.just(Decimal("0.2")),
)


@given(st.lists(lines, max_size=4).flatmap(lambda some: st.tuples(st.just(some), st.permutations(some))))
def test_lines_in_another_sequence_are_the_same_lines(pair: tuple[list[Any], list[Any]]) -> None:
    """A database need not return them in one sequence."""
    sent, sent_again = pair

    assert billing_fingerprint(an_order(lines=tuple(sent))) == billing_fingerprint(an_order(lines=tuple(sent_again)))
