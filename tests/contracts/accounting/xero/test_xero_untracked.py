"""Untracked: an invoice for each document, whatever happens on the way."""

import json
import time
from decimal import Decimal

import pytest

from domain.delivery.outcome import Delivered
from tests.contracts.accounting.xero.house import CONTACT, XeroHouse, all_delivered, an_invoice, an_invoice_of
from tests.factories import an_order_line


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


def test_more_than_fifty_go_in_two_calls(house: XeroHouse) -> None:
    assert all_delivered(house.deliver(*map(an_invoice, range(1, 52))))

    assert [len(json.loads(call.body)["Invoices"]) for call in house.xero.calls.of("PUT", "/Invoices")] == [50, 1]
    assert {call.query["summarizeErrors"] for call in house.xero.calls.of("PUT", "/Invoices")} == {"false"}


def test_what_is_too_large_for_one_call_goes_in_several(house: XeroHouse) -> None:
    """By Xero's older pages 3.5 MB are the most."""
    lines = tuple(an_order_line(ref=str(number), description="x" * 4000) for number in range(200))
    documents = [an_invoice(number, lines=lines) for number in range(1, 6)]

    assert all_delivered(house.deliver(*documents))

    sizes = [len(call.body) for call in house.xero.calls.of("PUT", "/Invoices")]
    assert len(sizes) == 2
    assert max(sizes) <= 3_500_000


def test_a_key_belongs_to_one_organisation_request_and_sending(house: XeroHouse) -> None:
    """And is the same as long as these are."""
    keys = {key_of(house), key_of(house, operation="Items"), key_of(house, body=b"{ }"), key_of(house, token="dlv-1-1")}
    again = key_of(house)
    house.organisation = house.xero.add_organisation("Second Ltd")
    house.connect()

    assert again in keys
    assert len(keys | {key_of(house)}) == 5
    assert all(len(key) == 64 for key in keys)


def key_of(house: XeroHouse, operation: str = "Invoices", body: bytes = b"{}", token: str = "dlv-1-0") -> str:
    """On a visit of its own."""
    with house.open() as destination:
        return destination.posting.sending.keys.key(operation, ["INV-000001"], body, [token])
