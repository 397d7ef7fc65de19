"""Items, and the stock of those that are tracked."""

from decimal import Decimal
from typing import Any

import pytest

from tests.fakes.xero.client import Client, refusals
from tests.fakes.xero.samples import invoice, line
from tests.fakes.xero.wire import Body

TRACKED: Body = {
    "Code": "CAP",
    "Name": "Cap",
    "InventoryAssetAccountCode": "630",
    "SalesDetails": {"UnitPrice": 9.5, "AccountCode": "200", "TaxType": "OUTPUT2"},
    "PurchaseDetails": {"UnitPrice": 4, "COGSAccountCode": "310", "TaxType": "INPUT2"},
}


def caps(quantity: int, **fields: Any) -> Body:
    """A line that sells so many, at the item's price and account."""
    return {"ItemCode": "CAP", "Quantity": quantity, **fields}


def on_hand(client: Client) -> Decimal:
    quantity: Decimal = client.organisation.items[0]["QuantityOnHand"]
    return quantity


def test_an_item_with_an_inventory_account_is_tracked(client: Client) -> None:
    """It begins with nothing on hand, whatever is sent."""
    created = client.created("Items", TRACKED)

    assert (created["IsTrackedAsInventory"], created["QuantityOnHand"], created["TotalCostPool"]) == (True, 0, 0)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"PurchaseDetails": {"UnitPrice": 4, "AccountCode": "429"}},
            "A tracked item needs both InventoryAssetAccountCode and PurchaseDetails.COGSAccountCode.",
        ),
        (
            {"PurchaseDetails": {"AccountCode": "429", "COGSAccountCode": "310"}},
            "PurchaseDetails.AccountCode is not applicable to a tracked item.",
        ),
        ({"InventoryAssetAccountCode": "200"}, "Account code '200' must be of type INVENTORY."),
        ({"SalesDetails": {"AccountCode": "777"}}, "Account code '777' is not a valid code. Account must be valid."),
    ],
)
def test_a_wrong_item_is_refused_with_its_reason(client: Client, fields: Body, message: str) -> None:
    """And nothing is kept."""
    assert refusals(client.put("Items", TRACKED | fields)) == [message]
    assert client.organisation.items == []


def test_a_code_is_used_once(client: Client) -> None:
    """PUT creates only."""
    client.created("Items", {"Code": "CAP"})

    assert refusals(client.put("Items", {"Code": "CAP"})) == ["Price List Item with Code 'CAP' already exists"]


def test_approved_sales_take_from_the_stock_and_drafts_do_not(client: Client) -> None:
    """A draft takes its share when it is approved; voiding gives it back."""
    client.organisation.add_item("CAP", price="9.50", on_hand="10", unit_cost="4")

    draft = client.created("Invoices", invoice(client.organisation, Status="DRAFT", LineItems=[caps(3)]))
    before = on_hand(client)
    client.post(f"Invoices/{draft['InvoiceID']}", {"Status": "AUTHORISED"})
    approved = on_hand(client)
    client.post(f"Invoices/{draft['InvoiceID']}", {"Status": "VOIDED"})

    assert [before, approved, on_hand(client)] == [10, 7, 10]
    assert client.organisation.items[0]["TotalCostPool"] == 40


def test_the_item_fills_in_what_the_line_leaves_out(client: Client) -> None:
    """Text, price, account and tax."""
    client.organisation.add_item("CAP", price="9.50", on_hand="10")

    sold = client.created("Invoices", invoice(client.organisation, LineItems=[caps(2)]))["LineItems"][0]

    assert (sold["Description"], sold["LineAmount"], sold["AccountCode"], sold["TaxType"]) == ("CAP", 19.0, "200", "OUTPUT2")


def test_more_than_there_is_cannot_be_sold_unless_backorders_are_allowed(client: Client) -> None:
    """The second of two lines in one invoice counts too."""
    client.organisation.add_item("CAP", price="9.50", on_hand="3")
    document = invoice(client.organisation, LineItems=[caps(2), caps(2)])

    refused = client.put("Invoices", document)
    accepted = client.put("Invoices", document, allowBackorders="true")

    assert refusals(refused) == ["The quantity of item 'CAP' exceeds the quantity on hand (3)."]
    assert accepted.status_code == 200
    assert on_hand(client) == -1


def test_a_bill_adds_to_the_stock_at_its_cost(client: Client) -> None:
    """Coded to the inventory account by Xero itself."""
    client.organisation.add_item("CAP", on_hand="10", unit_cost="4")
    bought = {"ItemCode": "CAP", "Quantity": 10, "UnitAmount": 6, "TaxType": "INPUT2"}

    created = client.created("Invoices", invoice(client.organisation, "BILL-1", Type="ACCPAY", LineItems=[bought]))

    assert created["LineItems"][0]["AccountCode"] == "630"
    assert [on_hand(client), client.organisation.items[0]["TotalCostPool"]] == [20, 100]


def test_a_refused_batch_leaves_the_stock_as_it_was(client: Client) -> None:
    """The good invoice of the batch is undone with its stock."""
    client.organisation.add_item("CAP", price="9.50", on_hand="3")

    client.put(
        "Invoices",
        invoice(client.organisation, LineItems=[caps(2)]),
        invoice(client.organisation, "ACME-2", LineItems=[line(AccountCode="1")]),
    )

    assert on_hand(client) == 3
    assert client.organisation.invoices == []
