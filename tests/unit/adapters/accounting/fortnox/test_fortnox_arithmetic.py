"""Fortnox's arithmetic."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.accounting.fortnox.arithmetic import add_up, is_expressible, row_amount
from adapters.accounting.fortnox.records import decimal_of, is_true, reference_of, text_of
from adapters.accounting.fortnox.sale import identity_of

CENTS = st.decimals(min_value=0, max_value=100_000, places=2)


@pytest.mark.parametrize(("price", "amount"), [("1.123", "1.12"), ("1.125", "1.13"), ("-1.125", "-1.13")])
def test_prices_are_rounded_half_up_without_a_word(price: str, amount: str) -> None:
    """As recorded (facts: accounting-apis, B2.8)."""
    assert row_amount(Decimal(1), Decimal(price)) == Decimal(amount)


def test_vat_is_rounded_for_each_row() -> None:
    sums = add_up([(Decimal("12.50"), 25), (Decimal("3.50"), 25)])

    assert (sums.net, sums.tax, sums.total) == (Decimal("16.00"), Decimal("4.01"), Decimal("20.01"))


@given(quantity=CENTS, price=CENTS, percent=st.sampled_from([0, 6, 12, 25]))
def test_a_credit_turns_round_exactly_what_was_invoiced(quantity: Decimal, price: Decimal, percent: int) -> None:
    invoiced = add_up([(row_amount(quantity, price), percent)])
    credited = add_up([(row_amount(-quantity, price), percent)])

    assert (credited.net, credited.tax, credited.total) == (-invoiced.net, -invoiced.tax, -invoiced.total)


def test_what_two_decimals_cannot_say_is_not_expressible() -> None:
    assert is_expressible(Decimal(3), Decimal("1.25"), Decimal("3.75"))
    assert not is_expressible(Decimal(100), Decimal("0.1234"), Decimal("12.34"))
    assert not is_expressible(Decimal("0.125"), Decimal(8), Decimal("1.00"))


def test_records_are_read_leniently() -> None:
    """Types drift, zero stands for none, and what may not be seen is text."""
    record = {"Total": "1.50", "Sent": "true", "Credit": "false", "Ref": 0, "Hidden": "API_NORIGHT", "Name": None}

    assert decimal_of(record, "Total") == Decimal("1.50")
    assert (is_true(record, "Sent"), is_true(record, "Credit"), is_true(record, "Missing")) == (True, False, False)
    assert (reference_of(record, "Ref"), text_of(record, "Hidden"), text_of(record, "Name")) == ("", "", "")
    assert decimal_of(record, "Hidden") is None


def test_an_identity_is_short_enough_and_never_another_s() -> None:
    long = [identity_of("a" * 64, "invoice", f"INV-{number:020d}") for number in range(2)]

    assert identity_of("acme", "invoice", "INV-1") == "billhook:invoice:acme:INV-1"
    assert long[0] != long[1]
    assert all(len(each) <= 80 for each in long)
