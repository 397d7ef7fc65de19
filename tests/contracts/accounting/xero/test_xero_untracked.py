"""Untracked: an invoice for each document, whatever happens on the way."""

import time
from decimal import Decimal

import pytest

from domain.delivery.outcome import Delivered
from tests.contracts.accounting.xero.house import CONTACT, XeroHouse, all_delivered, an_invoice, an_invoice_of


def test_an_invoice_arrives_with_our_number_orders_dates_and_totals(house: XeroHouse) -> None:
    [outcome] = house.deliver(an_invoice())

    assert isinstance(outcome, Delivered)
    there = house.invoice()
    assert outcome.remote_id == there["InvoiceID"]
    assert there["InvoiceID"] in outcome.remote_url
    assert "total 19.20" in outcome.detail
    assert (there["Type"], there["Status"], there["Reference"], there["CurrencyCode"]) == ("ACCREC", "AUTHORISED", "90001", "GBP")
    assert (str(there["Date"]), str(there["DueDate"])) == ("2026-11-21", "2026-12-21")
    assert there["Contact"]["Name"] == CONTACT
    assert (there["SubTotal"], there["TotalTax"], there["Total"]) == (Decimal("16.00"), Decimal("3.20"), Decimal("19.20"))
    assert {line["AccountCode"] for line in there["LineItems"]} == {"200"}
    assert {line["TaxType"] for line in there["LineItems"]} == {"OUTPUT2"}


@pytest.mark.parametrize("status", ["draft", "submitted", "authorised"])
def test_the_status_is_the_one_that_is_set(house: XeroHouse, status: str) -> None:
    """Only what is authorised counts at once."""
    house.settings["invoice_status"] = status

    assert all_delivered(house.deliver(an_invoice()))

    assert house.invoice()["Status"] == status.upper()


def test_a_thousand_invoices_take_at_most_thirty_calls_and_two_milliseconds_each(house: XeroHouse) -> None:
    """The time is the processor's in this thread: the fake works in others."""
    documents = list(map(an_invoice, range(1, 1001)))
    began = time.thread_time()

    outcomes = [outcome for start in range(0, 1000, 50) for outcome in house.deliver(*documents[start : start + 50])]

    assert time.thread_time() - began < 2.0
    assert len(outcomes) == 1000
    assert all_delivered(outcomes)
    assert house.xero.calls.total <= 30
    assert set(house.effects().values()) == {1}
    assert house.xero.refused_calls == 0


def test_xero_comes_to_our_total_where_its_rounding_is_another(house: XeroHouse) -> None:
    """The vendor's own example: tax per line comes to 11.44, tax on the sum to 11.45 (at 15 %; here 20 % of three lines)."""
    document = an_invoice_of(1, "0.03", "0.03", "0.03")

    [outcome] = house.deliver(document)

    assert isinstance(outcome, Delivered)
    there = house.invoice()
    assert there["Total"] == document.draft.totals.total
    assert [line["AccountCode"] for line in there["LineItems"]] == ["200", "200", "200", "860"]
    assert "rounding line" in outcome.detail
