from typing import Any

import pytest

from adapters.accounting.xero.remote_documents import INVOICE, PURCHASE_ORDER, by_number


def a_record(id_: str, **changes: Any) -> dict[str, Any]:
    """A sales invoice of our number that counts."""
    return {"InvoiceID": id_, "InvoiceNumber": "inv-1", "Type": "ACCREC", "Status": "AUTHORISED", **changes}


@pytest.mark.parametrize("gone", ["VOIDED", "DELETED"])
def test_of_several_with_one_number_the_one_that_counts_is_meant(gone: str) -> None:
    """A deleted draft gave its number back."""
    records = [a_record("1", Status=gone), a_record("2")]

    for answered in (records, records[::-1]):
        assert by_number(INVOICE, ["INV-1"], answered)["INV-1"]["InvoiceID"] == "2"


def test_a_bill_with_our_number_is_none_of_ours() -> None:
    """A supplier may number as we do."""
    assert by_number(INVOICE, ["INV-1"], [a_record("1", Type="ACCPAY")]) == {}


def test_what_names_no_type_and_other_numbers_are_told_apart_too() -> None:
    """Purchase orders have none."""
    orders = [{"PurchaseOrderID": id_, "PurchaseOrderNumber": number} for id_, number in (("1", "INV-1"), ("2", "INV-10"))]

    assert by_number(PURCHASE_ORDER, ["INV-1"], orders) == {"INV-1": orders[0]}
