import pytest

from tests.fakes.fortnox import FakeFortnox
from tests.fakes.fortnox.caller import Caller, code_of

ROW = {"Description": "Mugg", "OrderedQuantity": "10", "DeliveredQuantity": "4", "Price": 100, "VAT": 25}


@pytest.fixture(autouse=True)
def customer(caller: Caller) -> dict[str, object]:
    """The customer of every order here."""
    return caller.customer(CustomerNumber="C1", Email="inkop@ake.example")


def test_an_order_becomes_one_invoice_of_what_was_delivered(caller: Caller) -> None:
    """The invoice comes back; both name each other; a second one is refused."""
    caller.order(
        CustomerNumber="C1", ExternalInvoiceReference1="key-1", YourOrderNumber="PO-7", Remarks="Tack", CopyRemarks=True, OrderRows=[ROW]
    )

    invoice = caller.put("orders/1/createinvoice").json()["Invoice"]
    again = caller.put("orders/1/createinvoice")

    assert (invoice["Net"], invoice["OrderReference"], invoice["ExternalInvoiceReference1"]) == (400, "1", "key-1")
    assert (invoice["YourOrderNumber"], invoice["Remarks"]) == ("PO-7", "Tack")
    assert caller.get("orders/1").json()["Order"]["InvoiceReference"] == invoice["DocumentNumber"]
    assert again.status_code == 400
    assert len(caller.get("invoices").json()["Invoices"]) == 1


def test_an_orders_total_is_of_what_was_ordered(caller: Caller) -> None:
    """Whatever is delivered of it."""
    order = caller.order(CustomerNumber="C1", OrderRows=[ROW])

    assert (order["Net"], order["Total"], order["DeliveryState"], order["InvoiceReference"]) == (1000, 1250, "delivery", "0")


def test_remarks_are_copied_only_where_the_order_says_so(caller: Caller) -> None:
    """They would be printed."""
    caller.order(CustomerNumber="C1", Remarks="Internt", OrderRows=[ROW])

    assert caller.put("orders/1/createinvoice").json()["Invoice"]["Remarks"] == ""


def test_a_cancelled_order_is_neither_changed_nor_invoiced(caller: Caller) -> None:
    """And an invoiced one is not cancelled."""
    caller.order(CustomerNumber="C1", OrderRows=[ROW])
    caller.order(CustomerNumber="C1", OrderRows=[ROW])
    caller.put("orders/1/cancel")
    caller.put("orders/2/createinvoice")

    assert caller.put("orders/1", {"Order": {"Remarks": "x"}}).status_code == 400
    assert caller.put("orders/1/createinvoice").status_code == 400
    assert caller.put("orders/2/cancel").status_code == 400


def test_orders_are_listed_by_whether_they_are_invoiced(caller: Caller) -> None:
    """The list itself does not name the invoice."""
    caller.order(CustomerNumber="C1", OrderRows=[ROW])
    caller.order(CustomerNumber="C1", OrderRows=[ROW])
    caller.put("orders/2/createinvoice")

    created = caller.get("orders", filter="invoicecreated").json()["Orders"]
    open_ones = caller.get("orders", filter="invoicenotcreated").json()["Orders"]

    assert [order["DocumentNumber"] for order in created] == ["2"]
    assert [order["DocumentNumber"] for order in open_ones] == ["1"]
    assert "InvoiceReference" not in created[0]


def test_orders_cannot_be_searched_by_the_customers_number_for_them(caller: Caller) -> None:
    """Invoices can."""
    assert code_of(caller.get("orders", yourordernumber="PO-7")) == (400, 2000588)
    assert caller.get("invoices", yourordernumber="PO-7").status_code == 200


def test_an_order_that_does_not_exist_is_not_found(caller: Caller) -> None:
    """As recorded."""
    assert code_of(caller.get("orders/99")) == (404, 2000439)


def test_reading_an_orders_mail_address_mails_it(caller: Caller, fake_fortnox: FakeFortnox) -> None:
    """To the customer."""
    caller.order(CustomerNumber="C1", OrderRows=[ROW])

    assert caller.get("orders/1/email").json()["Order"]["Sent"] is True
    assert [(mail.resource, mail.to) for mail in fake_fortnox.emails_sent] == [("orders", "inkop@ake.example")]
